"""Headers and queries without the secrets in them: the same secret always becomes the same short keyed hash."""

import re
from collections.abc import Iterable
from hashlib import blake2b

from mock_oms.journal.entry import Headers
from mock_oms.journal.queries import decoded

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


def is_secret(name: str) -> bool:
    """Whether a header or a parameter of this name carries a secret."""
    lowered = name.strip().lower()
    return lowered in _SECRET_NAMES or _SECRET.search(lowered) is not None


class Redactor:
    """Takes secrets out under one key, 1 to 64 bytes: without it nobody can try guesses against a hash."""

    def __init__(self, key: bytes) -> None:
        if not 1 <= len(key) <= _MAX_KEY:
            raise ValueError(f"The key of a redactor has {len(key)} bytes; accepted: 1 to {_MAX_KEY}.")
        self._key = key

    def redacted(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """The headers as text, in their order; of a secret one remain its scheme, if it is a known one, and a hash."""
        return tuple(self._header(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)

    def redacted_query(self, text: str) -> str:
        """A query string as sent, with the values of parameters such as `token` and `password` replaced."""
        return "&".join(self._parameter(part) for part in text.split("&"))

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if is_secret(name):
            return name, self._credentials(value)
        address, mark, query = _USER.sub(lambda found: f"//{self._hash(found[1])}@", value).partition("?")
        return name, f"{address}{mark}{self.redacted_query(query)}"

    def _credentials(self, value: str) -> str:
        found = _SCHEME.match(value)
        scheme, secret = (found[1], value[found.end() :]) if found else ("", value)
        return " ".join(word for word in (scheme, self._hash(secret.strip())) if word)

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
