"""Secrets that the server knows, found wherever somebody has put them: in a path, a user agent, a hint."""

import json
import re
from collections.abc import Callable, Iterable, Iterator

from mock_oms.tokens import BEGINNING, MADE

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
        forms = sorted({form for one in chosen for form in _forms(one)}, key=len, reverse=True)
        self._marks = (BEGINNING, *(form for form in forms if BEGINNING not in form))
        self._any = re.compile("|".join([MADE, *map(re.escape, forms)]))

    def replaced(self, text: str, by: Callable[[str], str]) -> str:
        """The text with each secret replaced; most hold none, which takes well below a microsecond to see."""
        if "%" in text:
            plain = _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)
            return "".join(self._pieces(text, by)) if self._any.search(plain) else text
        for mark in self._marks:
            if mark in text:
                return self._any.sub(lambda found: by(found[0]), text)
        return text

    def _pieces(self, text: str, by: Callable[[str], str]) -> Iterator[str]:
        """As `replaced`; what is no secret stays encoded as it was sent."""
        units = _UNIT.findall(text)
        plain = "".join(chr(int(one[-2:], 16)) if len(one) > 1 else one for one in units)
        end = 0
        for found in self._any.finditer(plain):
            yield from units[end : found.start()]
            yield by(found[0])
            end = found.end()
        yield from units[end:]


def _forms(secret: str) -> Iterator[str]:
    """How it stands in texts; what came over the wire is read as latin-1."""
    for form in (secret, secret.encode(errors="replace").decode("latin-1")):
        yield form
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]
