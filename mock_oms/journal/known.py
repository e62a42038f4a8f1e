"""Secrets that the server knows, found wherever somebody has put them: in a path, a user agent, a hint."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from mock_oms.tokens import BEGINNING, MADE, made_token

#: Letters that a secret has at least, to be looked for everywhere: shorter ones are a part of too many other words.
SHORTEST = 8
#: One letter, or a percent-encoded octet; one that was encoded again counts as what it will be in the end.
_UNIT = re.compile("%(?:25)*[0-9A-Fa-f]{2}|.", re.DOTALL)
_ENCODED = re.compile("%(?:25)*([0-9A-Fa-f]{2})")


class Known:
    """Tokens of the form that we make up, those of worlds that are gone too, and these `secrets`.

    A secret is found as it is, percent-encoded, and as JSON writes it; in other dress, such as base64, it is not.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        chosen = {one for one in secrets if len(one) >= SHORTEST and not re.fullmatch(MADE, one)}
        forms = sorted({form for one in chosen for form in _forms(one)})
        self._marks = (BEGINNING, *(form for form in forms if BEGINNING not in form))
        #: It looks ahead only, so that it finds a secret that begins inside another, or inside what looks like one.
        longest_first = {re.escape(one): len(one) for one in forms} | {MADE: len(made_token())}
        words = sorted(longest_first, key=longest_first.__getitem__, reverse=True)
        self._any = re.compile(f"(?=({'|'.join(words)}))", re.DOTALL)

    def replaced(self, text: str, by: Callable[[str], str]) -> str:
        """The text with each secret replaced, and those that overlap as one.

        Most texts hold none, which takes well below a microsecond to see. What is no secret stays as it was sent.
        """
        if "%" in text:
            plain = _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)
            return "".join(self._pieces(_UNIT.findall(text), plain, by)) if self._any.search(plain) else text
        for mark in self._marks:
            if mark in text:
                return "".join(self._pieces(text, text, by))
        return text

    def _pieces(self, units: Sequence[str], plain: str, by: Callable[[str], str]) -> Iterator[str]:
        end = 0
        for start, stop in self._spans(plain):
            yield from units[end:start]
            yield by(plain[start:stop])
            end = stop
        yield from units[end:]

    def _spans(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where secrets begin and end, in order, and none touching its neighbour."""
        start = end = -1
        for found in self._any.finditer(plain):
            if found.start() > end:
                if end > 0:
                    yield start, end
                start = found.start()
            end = max(end, found.end(1))
        if end > 0:
            yield start, end


def _forms(secret: str) -> Iterator[str]:
    """How it stands in texts; what came over the wire is read as latin-1."""
    for form in (secret, secret.encode(errors="replace").decode("latin-1")):
        yield form
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]
