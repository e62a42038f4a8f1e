"""Headers and queries without the secrets in them: the same secret always becomes the same short keyed hash."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import accumulate

from mock_oms.tokens import BEGINNING, MADE_FORM, lines_with_real_tokens, made_token
from mock_oms.traffic.journal.entry import HEADER, Headers, decoded

#: Letters that a secret has at least, to be looked for everywhere: shorter ones are a part of too many other words.
SHORTEST = 8
#: One letter; one, or a percent-encoded octet: as it is after one decoding, and, where it was encoded again, in the end.
_UNITS = [re.compile(units, re.DOTALL) for units in (".", "%[0-9A-Fa-f]{2}|.", "%(?:25)*[0-9A-Fa-f]{2}|.")]
_ENCODED = re.compile("%(?:25)*([0-9A-Fa-f]{2})")


class KnownSecrets:
    """Tokens of the form that we make up, those of worlds that are gone too, and these `secrets`.

    A secret is found as it is, percent-encoded, and as JSON writes it; in other dress, such as base64, it is not.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        chosen = {one for one in secrets if len(one) >= SHORTEST and not re.fullmatch(MADE_FORM, one)}
        forms = sorted({form for one in chosen for form in _forms(one)})
        self._marks = (BEGINNING, *(form for form in forms if BEGINNING not in form))
        #: It looks ahead only, so that it finds a secret that begins inside another, or inside what looks like one.
        longest_first = {re.escape(one): len(one) for one in forms} | {MADE_FORM: len(made_token())}
        words = sorted(longest_first, key=longest_first.__getitem__, reverse=True)
        self._any = re.compile(f"(?=({'|'.join(words)}))", re.DOTALL)

    def replaced(self, text: str, by: Callable[[str], str]) -> str:
        """The text with each secret replaced, and those that overlap as one.

        Most texts hold none, which takes well below a microsecond to see. What is no secret stays as it was sent.
        """
        if "%" not in text and not any(mark in text for mark in self._marks):
            return text
        spans: list[tuple[int, int]] = []
        for units in _UNITS if "%" in text else _UNITS[:1]:
            parts = units.findall(text)
            ends = [0, *accumulate(map(len, parts))]
            plain = "".join(chr(int(one[-2:], 16)) if len(one) > 1 else one for one in parts)
            spans += [(ends[found.start(1)], ends[found.end(1)]) for found in self._any.finditer(plain)]
        whole: list[tuple[int, int]] = []
        for start, stop in sorted(spans):
            if whole and start <= whole[-1][1]:
                start, stop = whole[-1][0], max(whole.pop()[1], stop)  # noqa: PLW2901  joined with the one before
            whole.append((start, stop))
        for start, stop in reversed(whole):
            text = text[:start] + by(_decoded(text[start:stop])) + text[stop:]
        return text


def _decoded(text: str) -> str:
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)


def _forms(secret: str) -> Iterator[str]:
    """How it stands in texts; what came over the wire is read as latin-1, and `%41` in it as `A`."""
    for form in {secret, secret.encode(errors="replace").decode("latin-1"), _decoded(secret)}:
        yield form
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]


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
#: It begins where a word does: to look at each letter for a beginning would take quadratic time in a long word.
_MAILBOX = re.compile(r"(?<![^@\s])[^@\s]+@[^@\s]+")


def is_secret(name: str) -> bool:
    """Whether a header or a parameter of this name carries a secret."""
    lowered = name.strip().lower()
    return lowered in _SECRET_NAMES or _SECRET.search(lowered) is not None


class Redactor:
    """Takes secrets out under one key, 1 to 64 bytes: without it nobody can try guesses against a hash.

    `known` are secrets that are taken out wherever they stand, and not only where secrets belong.
    """

    def __init__(self, key: bytes, known: Iterable[str] = ()) -> None:
        self._key, self._known = key, KnownSecrets(known)

    def redacted(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """The headers as text, in their order; of a secret one remain its scheme, if it is a known one, and a hash."""
        sent, found = list(headers), []
        for key, content in sent:
            name, value = key.decode("latin-1"), content.decode("latin-1")
            shown = self.redacted_id(value, sent) if key == HEADER else self._value(name, value)
            found.append((self.without_known(name), self.without_known(shown)))
        return tuple(found)

    def redacted_id(self, text: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The id of a request that came with these headers; a hash, where there is a token in it.

        That is a known one, one that looks like a real customer's, or what the request itself shows; or it would be
        redacted as a header or as a query.
        """
        own = [_parted(value.decode("latin-1"))[1] for name, value in headers if name in _SHOWN]
        shows = next(lines_with_real_tokens(text), None) or any(one in text for one in own if one)
        names = ("=" in text or "//" in text) and not text == self.redacted_query(text) == self._value("", text)
        return self._hash(text) if shows or names or self.without_known(text) != text else text

    def logged_query(self, text: str) -> str:
        """A query as logs show it: redacted, and without values that tell of people, because a log goes further than a journal."""

        def impersonal(part: str) -> str:
            name, equals, value = part.partition("=")
            personal = _PERSONAL.search(decoded(name)) or _MAILBOX.search(decoded(part))
            return f"{name if equals else ''}{equals}{self._hash(value or name)}" if personal else part

        return "&".join(map(impersonal, self.redacted_query(text).split("&")))

    def without_mailboxes(self, text: str) -> str:
        """A sentence with a hash for each address of somebody's mail that it repeats."""
        return _MAILBOX.sub(lambda found: self._hash(found[0]), text) if "@" in text else text

    def redacted_query(self, text: str) -> str:
        """A query string as sent, with the values of parameters such as `token` and `password` replaced."""
        return self.without_known("&".join(map(self._parameter, text.split("&"))))

    def without_known(self, text: str) -> str:
        """Any text with the secrets replaced that the server knows."""
        return self._known.replaced(text, self._hash)

    def _value(self, name: str, value: str) -> str:
        """What may be shown of the value of a header."""
        if is_secret(name):
            scheme, secret = _parted(value)
            return " ".join(filter(None, (scheme, self._hash(secret))))
        address, mark, query = _USER.sub(lambda found: f"//{self._hash(found[1])}@", value).partition("?")
        return f"{address}{mark}{self.redacted_query(query)}"

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
