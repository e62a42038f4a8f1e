"""Rules for words: known ones stay, any other becomes a pseudonym."""

import re
from dataclasses import dataclass
from typing import Any

from mock_oms.recording.rules import DROPPED, Walk


@dataclass(frozen=True, slots=True)
class Known:
    """A word that stays if it is one of these in small letters, or a short number; any other becomes a pseudonym.

    A form would not do: `ayse_yilmaz` has that of a slug.
    """

    words: frozenset[str]
    number: re.Pattern[str] = re.compile(r"\d{1,3}", re.ASCII)

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The word, or another one."""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return walk.unknown_at(path, value)
        text = str(value)
        if {text, text.lower()} & self.words or self.number.fullmatch(text):
            return value
        return walk.scalar(value)


@dataclass(frozen=True, slots=True)
class Several:
    """Such words in one text, with commas between them."""

    rule: Known

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The text with what is left of each word."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        pieces = re.split(r"(\s*,\s*)", value)
        return "".join(
            "," if place % 2 and not one.isascii() else one if place % 2 else self.rule.apply(one, walk, path)
            for place, one in enumerate(pieces)
        )


@dataclass(frozen=True, slots=True)
class Gone:
    """What is left out, and is known."""

    def apply(self, value: Any, walk: Walk, path: str) -> Any:  # noqa: ARG002  the signature of all rules
        """Nothing."""
        return DROPPED
