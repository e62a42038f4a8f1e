"""What an OMS was seen to answer, as shapes and counts: no value of any plan is in it, so it can be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A place in the bodies of one situation: how often it was seen, as which types, in which formats.

    `values` are kept only of members that the contract enumerates, such as `state`: its own words,
    and the shape of others.
    """

    seen: int
    types: Mapping[str, int]
    formats: Mapping[str, int] = field(default_factory=dict)
    values: frozenset[str] = frozenset()

    @property
    def always(self) -> frozenset[str]:
        """Its types but null, which says no more than that there was nothing."""
        return frozenset(self.types) - {"null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The answers to one kind of question. `request` is how it is asked again, ids and page numbers left out.

    `asked` is 0 for bodies that somebody captured: then there is no status and no header to compare.
    """

    request: str
    asked: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    headers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    wording: frozenset[str] = frozenset()

    def objects(self, place: str) -> int:
        """How many objects stood at a place: as often could each of its members have been there."""
        return self.fields[place].types.get("object", 0) if place in self.fields else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One side. `shown` are the switches (`mock_oms.answers`) whose value could be told from what was seen.

    `target` is what the user has called it, `host` what kind of one it is: all that is kept of it in a file. `notes`
    are what kept the picture from being whole, `cut_short` among them: why its visit ended early, if no budget did.
    """

    target: str
    host: str = "captured"
    situations: Mapping[str, Situation]
    shown: Mapping[str, str | int]
    notes: tuple[str, ...] = ()
    cut_short: str | None = None
