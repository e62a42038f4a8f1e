"""Headers and queries without the secrets in them: the same secret always becomes the same short keyed hash."""

import re
from collections.abc import Iterable
from hashlib import blake2b

from mock_oms.journal.entry import Headers
from mock_oms.journal.identity import HEADER
from mock_oms.journal.known import Known
from mock_oms.journal.queries import decoded
from mock_oms.tokens import real_looking

_MAX_KEY = 64
_HASH_BYTES = 4

#: Names of headers and of query parameters whose values nobody must read.
_SECRET = re.compile(
    r"authori[sz]ation|authentication|cookie|token|passw|passwd|pwd|secret|api[-_]?key|credential|session|signature"
)
_SECRET_NAMES = frozenset({"auth", "key", "pass", "sig"})
#: A user and his password in an address.
_USER = re.compile(r"//([^/?#@\s]+)@")
#: The value of a parameter of any name that is what `Authorization` should have held.
_CREDENTIALS = re.compile(r"\s*(token|bearer|basic)\s+\S", re.IGNORECASE)
#: Schemes that may be shown; a word before the secret that is none of these may be a part of the secret.
_SCHEME = re.compile(r"\s*(token|bearer|basic|digest|jwt|apikey|negotiate)(?=[\s:=,]|$)[\s:=,]*", re.IGNORECASE)
#: Where a request shows its own token, as the server writes the names.
_SHOWN = frozenset({b"authorization", b"proxy-authorization", b"x-api-key", b"x-auth-token"})
#: Parameters whose values tell of people, and values that are an address of theirs.
_PERSONAL = re.compile(r"user|e-?mail|phone|gsm|(first|last|full|sur)_?name|address|customer|login", re.IGNORECASE)
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")


def is_secret(name: str) -> bool:
    """Whether a header or a parameter of this name carries a secret."""
    lowered = name.strip().lower()
    return lowered in _SECRET_NAMES or _SECRET.search(lowered) is not None


class Redactor:
    """Takes secrets out under one key, 1 to 64 bytes: without it nobody can try guesses against a hash.

    `known` are secrets that are taken out wherever they stand, and not only where secrets belong.
    """

    def __init__(self, key: bytes, known: Iterable[str] = ()) -> None:
        if not 1 <= len(key) <= _MAX_KEY:
            raise ValueError(f"The key of a redactor has {len(key)} bytes; accepted: 1 to {_MAX_KEY}.")
        self._key, self._known = key, Known(known)

    def redacted(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """The headers as text, in their order; of a secret one remain its scheme, if it is a known one, and a hash."""
        sent = list(headers)
        told = (self._sent(name, value, sent) for name, value in sent)
        return tuple((self.without_known(name), self.without_known(value)) for name, value in told)

    def redacted_id(self, text: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The id of a request that came with these headers; a hash, where there is a token in it.

        That is a known one, one that looks like a real customer's, or what the request itself shows.
        """
        own = [_parted(value.decode("latin-1"))[1] for name, value in headers if name in _SHOWN]
        shows = next(real_looking(text), None) or any(one in text for one in filter(None, own))
        known = self.without_known(text) != text
        return self._hash(text) if shows or known or self._says_secret(text) else text

    def _says_secret(self, text: str) -> bool:
        """Whether it would be redacted as a header or as a query."""
        names = "=" in text or "//" in text
        return names and not text == self.redacted_query(text) == self._header("", text)[1]

    def logged_query(self, text: str) -> str:
        """As `redacted_query`, and without what tells of people: a log goes further than a journal."""
        return "&".join(map(self._impersonal, self.redacted_query(text).split("&")))

    def without_mailboxes(self, text: str) -> str:
        """A sentence with a hash for each address of somebody's mail that it repeats."""
        return _MAILBOX.sub(lambda found: self._hash(found[0]), text) if "@" in text else text

    def redacted_query(self, text: str) -> str:
        """A query string as sent, with the values of parameters such as `token` and `password` replaced."""
        return self.without_known("&".join(self._parameter(part) for part in text.split("&")))

    def without_known(self, text: str) -> str:
        """Any text with the secrets replaced that the server knows."""
        return self._known.replaced(text, self._hash)

    def _sent(self, name: bytes, value: bytes, headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str]:
        if name == HEADER:
            return name.decode(), self.redacted_id(value.decode("latin-1"), headers)
        return self._header(name.decode("latin-1"), value.decode("latin-1"))

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if is_secret(name):
            return name, self._credentials(value)
        address, mark, query = _USER.sub(lambda found: f"//{self._hash(found[1])}@", value).partition("?")
        return name, f"{address}{mark}{self.redacted_query(query)}"

    def _credentials(self, value: str) -> str:
        scheme, secret = _parted(value)
        return " ".join(word for word in (scheme, self._hash(secret)) if word)

    def _impersonal(self, part: str) -> str:
        name, equals, value = part.partition("=")
        personal = _PERSONAL.search(decoded(name)) or _MAILBOX.search(decoded(part))
        return f"{name if equals else ''}{equals}{self._hash(value or name)}" if personal else part

    def _parameter(self, part: str) -> str:
        # `;` separates nothing for Django, but it does for whoever wrote `a=1;token=x`.
        pieces = part.split(";")
        for at, piece in enumerate(pieces):
            name, equals, value = (text.replace("+", " ") for text in piece.partition("="))
            if equals and (is_secret(decoded(name)) or _CREDENTIALS.match(decoded(value))):
                secret = ";".join(pieces[at:]).partition("=")[2]
                return ";".join((*pieces[:at], f"{piece.partition('=')[0]}={self._hash(secret)}"))
        return part

    def _hash(self, secret: str) -> str:
        if not secret:
            return ""
        return blake2b(secret.encode("latin-1", "replace"), key=self._key, digest_size=_HASH_BYTES).hexdigest()


def _parted(value: str) -> tuple[str, str]:
    """The scheme that may be shown, and the secret after it."""
    found = _SCHEME.match(value)
    return (found[1], value[found.end() :].strip()) if found else ("", value.strip())
