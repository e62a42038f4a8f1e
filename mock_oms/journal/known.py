"""Secrets that the server knows, found wherever somebody has put them: in a path, a user agent, a hint."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from mock_oms.tokens import BEGINNING, MADE, made_token

#: Letters that a secret has at least, to be looked for everywhere: shorter ones are a part of too many other words.
SHORTEST = 8
#: One letter, or a percent-encoded octet: as it is after one decoding, and, where it was encoded again, in the end.
_UNITS = (re.compile("%[0-9A-Fa-f]{2}|.", re.DOTALL), re.compile("%(?:25)*[0-9A-Fa-f]{2}|.", re.DOTALL))
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
        if "%" not in text and not any(mark in text for mark in self._marks):
            return text
        spans = self._found(text)
        if "%" in text:
            spans += [span for units in _UNITS for span in self._encoded(units.findall(text))]
        return "".join(_pieces(text, _joined(sorted(spans)), by)) if spans else text

    def _encoded(self, units: list[str]) -> list[tuple[int, int]]:
        """Where, in the text of these units, something stands that is a secret when they are decoded."""
        ends = [0, *accumulate(map(len, units))]
        plain = "".join(chr(int(one[-2:], 16)) if len(one) > 1 else one for one in units)
        return [(ends[start], ends[stop]) for start, stop in self._found(plain)]

    def _found(self, text: str) -> list[tuple[int, int]]:
        return [found.span(1) for found in self._any.finditer(text)]


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where secrets begin and end, in order, and none touching its neighbour."""
    start = end = -1
    for begin, stop in spans:
        if begin > end:
            if end > 0:
                yield start, end
            start = begin
        end = max(end, stop)
    if end > 0:
        yield start, end


def _pieces(text: str, spans: Iterable[tuple[int, int]], by: Callable[[str], str]) -> Iterator[str]:
    end = 0
    for start, stop in spans:
        yield text[end:start]
        yield by(_decoded(text[start:stop]))
        end = stop
    yield text[end:]


def _decoded(text: str) -> str:
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)


def _forms(secret: str) -> Iterator[str]:
    """How it stands in texts; what came over the wire is read as latin-1, and `%41` in it as `A`."""
    for form in {secret, secret.encode(errors="replace").decode("latin-1"), _decoded(secret)}:
        yield form
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]
