"""Headers, paths and queries without the secrets in them: the same secret always becomes the same short keyed hash."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate

from mock_oms.tokens import BEGINNING, MADE_FORM, REAL_IN_TEXT, made_token
from mock_oms.traffic.journal.entry import HEADER, Headers, decoded
from mock_oms.traffic.journal.secret_names import CREDENTIALS, USER, hides_secret, is_public, is_secret

#: Letters that a secret has at least, to be looked for everywhere: shorter ones are a part of too many other words.
SHORTEST = 8
#: One letter; one, or a percent-encoded octet: as it is after one decoding, and, where it was encoded again, in the end.
_UNITS = [re.compile(units, re.DOTALL) for units in (".", "%[0-9A-Fa-f]{2}|.", "%(?:25)*[0-9A-Fa-f]{2}|.")]
_ENCODED_ONCE, _ENCODED = re.compile("%([0-9A-Fa-f]{2})"), re.compile("%(?:25)*([0-9A-Fa-f]{2})")
#: A signed JSON Web Token, and how it begins: base64 of `{"`.
_JWT, _JWT_BEGINNING = r"(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*+", "eyJ"


class KnownSecrets:
    """Tokens of the form that we make up, those of worlds that are gone too, those that look real, and these `secrets`.

    A secret is found as it is, percent-encoded, and as JSON writes it; in other dress, such as base64, it is not.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        chosen = {one for one in secrets if len(one) >= SHORTEST and not re.fullmatch(MADE_FORM, one)}
        forms = sorted({form for one in chosen for form in _forms(one)})
        self._marks = (BEGINNING, _JWT_BEGINNING, *(form for form in forms if BEGINNING not in form))
        #: It looks ahead only, so that it finds a secret that begins inside another, or inside what looks like one.
        longest_first = {re.escape(one): len(one) for one in forms} | {MADE_FORM: len(made_token())}
        words = sorted(longest_first, key=longest_first.__getitem__, reverse=True)
        self._any = re.compile(f"(?=({'|'.join((*words, REAL_IN_TEXT.pattern, _JWT))}))", re.DOTALL)

    def replaced(self, text: str, by: Callable[[str], str]) -> str:
        """The text with each secret replaced, and those that overlap as one.

        Most texts hold none, which takes a microsecond or two to see. What is no secret stays as it was sent.
        """
        if not any(REAL_IN_TEXT.search(plain) or any(mark in plain for mark in self._marks) for plain in _plain(text)):
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
        shown: list[str] = []
        end = 0
        for start, stop in whole:
            shown += text[end:start], by(_decoded(text[start:stop]))
            end = stop
        return "".join((*shown, text[end:]))


def _plain(text: str) -> Iterator[str]:
    """A text as it is, after one decoding, and decoded to the end, without the places of its letters."""
    yield text
    if "%" in text:
        yield _decoded(text, _ENCODED_ONCE)
        yield _decoded(text)


def _decoded(text: str, encoded: re.Pattern[str] = _ENCODED) -> str:
    return encoded.sub(lambda found: chr(int(found[1], 16)), text)


def _forms(secret: str) -> Iterator[str]:
    """How it stands in texts; what came over the wire is read as latin-1, and `%41` in it as `A`."""
    for form in {secret, secret.encode(errors="replace").decode("latin-1"), _decoded(secret)}:
        yield form
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]


_HASH_BYTES = 4

#: A name and its value in a parameter.
_PIECES = re.compile("(?<![^;?#])([^;?#=]*+)=([^;?#]*+)")
#: What is in a name or a path, and in a value, that may hide a secret; the vendor's own paths have no such long word.
_MAY_HIDE = re.compile("[=:%>@ +]|[0-9A-Za-z_-]{20}")
_VALUE_MAY_HIDE = re.compile("[=:%>@ +]|[0-9A-Za-z_-]{12}")
#: Schemes that may be shown; a word before the secret that is none of these may be a part of the secret.
_SCHEME = re.compile(r"\s*(token|bearer|basic|digest|jwt|apikey|negotiate)(?=[\s:=,]|$)[\s:=,]*", re.IGNORECASE)
#: Where a request shows its own token, as the server writes the names.
_SENT_IN = frozenset({b"authorization", b"proxy-authorization", b"x-api-key", b"x-auth-token"})
#: Parameters whose values tell of people, and values that are an address of theirs.
_PERSONAL = re.compile(r"user|e-?mail|phone|gsm|(first|last|full|sur)_?name|address|customer|login", re.IGNORECASE)
#: It begins where a word does: to look at each letter for a beginning would take quadratic time in a long word.
_MAILBOX = re.compile(r"(?<![^@\s])[^@\s]+@[^@\s]+")


#: Texts that are remembered with what may be shown of them, and how long they are at most.
_REMEMBERED, _LONGEST = 1_000, 300


class Redactor:
    """Takes secrets out under one key, 1 to 64 bytes: without it nobody can try guesses against a hash.

    `known` are secrets that are taken out wherever they stand, and not only where secrets belong.
    """

    def __init__(self, key: bytes, known: Iterable[str] = ()) -> None:
        self._key, self._known = key, KnownSecrets(known)
        # A client asks for few addresses many times: what was found in them is remembered, with the newest of others.
        self._redacted, self._logged_path = (lru_cache(_REMEMBERED)(act) for act in (self._searched, self._path))

    def redacted(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """The headers as text, in their order; of a secret one remain its scheme, if it is a known one, and a hash."""
        sent, found = list(headers), []
        for key, content in sent:
            name, value = key.decode("latin-1"), content.decode("latin-1")
            shown = self.redacted_id(value, sent) if key == HEADER else self._value(name, value)
            found.append((self.without_known(name), self.without_known(shown)))
        return tuple(found)

    def redacted_id(self, text: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The id of a request that came with these headers; a hash, where there is a secret in it.

        That is what any text shows none of, or what the request itself shows where tokens belong.
        """
        own = [_parted(value.decode("latin-1"))[1] for name, value in headers if name in _SENT_IN]
        shows = any(one in text for one in own if one) or self.redacted_text(text) != text
        return self._hash(text) if shows else text

    def logged_query(self, text: str) -> str:
        """A query as logs show it: redacted, and without values that tell of people, because a log goes further than a journal."""

        def impersonal(part: str) -> str:
            name, equals, value = part.partition("=")
            personal = _PERSONAL.search(decoded(name)) or _MAILBOX.search(decoded(part))
            return f"{name if equals else ''}{equals}{self._hash(value or name)}" if personal else part

        return "&".join(map(impersonal, self.redacted_text(text).split("&")))

    def without_mailboxes(self, text: str) -> str:
        """A sentence with a hash for each address of somebody's mail that it repeats."""
        return _MAILBOX.sub(lambda found: self._hash(found[0]), text) if "@" in text else text

    def logged_path(self, text: str) -> str:
        """A path as logs show it: redacted, and without the addresses of somebody's mail."""
        return self._logged_path(text) if len(text) <= _LONGEST else self._path(text)

    def _path(self, text: str) -> str:
        shown = self.redacted_text(text)
        if "@" not in decoded(shown):
            return shown
        return "/".join(self._hash(one) if _MAILBOX.search(decoded(one)) else one for one in shown.split("/"))

    def redacted_text(self, text: str) -> str:
        """A path, a query or a value as sent, without users, passwords, and the values of parameters such as `token`."""
        return self._redacted(text) if len(text) <= _LONGEST else self._searched(text)

    def _searched(self, text: str) -> str:
        return self.without_known("&".join(map(self._parameter, self._without_user(text).split("&"))))

    def without_known(self, text: str) -> str:
        """Any text with the secrets replaced that are recognised wherever they stand."""
        return self._known.replaced(text, self._hash)

    def _value(self, name: str, value: str) -> str:
        """What may be shown of the value of a header."""
        if is_public(name, value):
            return value
        if is_secret(decoded(name), value) or CREDENTIALS.match(value):
            scheme, secret = _parted(value)
            return " ".join(filter(None, (scheme, self._hash(secret))))
        # In JSON `&` separates nothing, and a secret goes on behind it.
        return (
            self.without_known(self._parameter(self._without_user(value)))
            if '"' in value
            else self.redacted_text(value)
        )

    def _without_user(self, text: str) -> str:
        return USER.sub(lambda found: f"//{self._hash(found[1])}@", text)

    def _parameter(self, part: str) -> str:
        """What stands between two `&`; a secret reaches to its end, for nobody knows what signs are in it."""
        name, equals, value = part.partition("=")
        hides = bool(_MAY_HIDE.search(name) or _VALUE_MAY_HIDE.search(value)) and hides_secret(part)
        # `;` separates nothing for Django, but it does for whoever wrote `a=1;token=x`; an address has `?` and `#` in it.
        for found in _PIECES.finditer(part):
            own, said = decoded(found[1].replace("+", " ")), decoded(found[2])
            if is_secret(own, said) or CREDENTIALS.match(said):
                hides, name, value = True, part[: found.end(1)], part[found.start(2) :]
                break
        if not hides:
            return part
        return f"{name}={self._hash(value)}" if equals and not hides_secret(name) else self._hash(part)

    def _hash(self, secret: str) -> str:
        if not secret:
            return ""
        return blake2b(secret.encode("latin-1", "replace"), key=self._key, digest_size=_HASH_BYTES).hexdigest()


def _parted(value: str) -> tuple[str, str]:
    """The scheme that may be shown, and the secret after it."""
    found = _SCHEME.match(value)
    return (found[1], value[found.end() :].strip()) if found else ("", value.strip())
