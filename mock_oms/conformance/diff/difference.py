"""A difference between two sides: of which aspect, where, how bad, and the finding that it becomes."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from mock_oms.conformance.finding import Finding, Severity

_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.(?P<digits>\d+))?"
#: Formats that a client parses; any other text is `text`. A number after the slash counts digits.
_FORMATS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("date-time in UTC", f"{_TIME}Z"),
        ("date-time with an offset", rf"{_TIME}[+-]\d{{2}}:?\d{{2}}"),
        ("date-time without a zone", _TIME),
        ("date", r"\d{4}-\d{2}-\d{2}"),
        ("decimal", r"-?\d+\.(?P<digits>\d+)"),
        ("absolute address", r"https?://\S+"),
    )
)
_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


def type_of(value: Any) -> str:
    """The type as JSON Schema names it."""
    return _TYPES[type(value)]


def format_of(value: Any) -> str | None:
    """The format of a text, such as `decimal/2`; None where there is none to tell."""
    if not isinstance(value, str) or not value:
        return None
    for name, pattern in _FORMATS:
        if found := pattern.fullmatch(value):
            digits = found.groupdict().get("digits")
            return f"{name}/{len(digits)}" if digits else name
    return "text"


def family(name: str) -> str:
    """A format without its number of digits."""
    return name.partition("/")[0]


def is_dated(name: str) -> bool:
    """Whether it is one of a date or a time."""
    return name.startswith("date")


#: Roots of places: the envelope of a list without its rows, a plan in a list or alone, the body of a refusal.
PAGE, PLAN, ERROR = "page", "plan", "error"
ROWS, MEMBERS = "[]", "{}"

#: What a shop fills as it likes: that two shops differ there says nothing about their OMS.
_OPEN = {"attributes", "attributes_kwargs", "extra_attributes", "extra_field", "conf", "config"}
#: The members of a context that the contract names; every other key there may be the code of a shop or an item.
_IN_CONTEXT = frozenset({"date", "stock_locations", "sku", "quantity", "unit_type", "stock_count", "reservation_count"})
#: Characters of a place below which nothing is looked at: no OMS nests so deeply, and Python could not follow.
_LONGEST = 500
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,63}|[a-z_]+[0-9]?")


def walked(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every value in a document with its place, the document itself first; absurd depths are not looked into."""
    yield place, value
    if len(place) > _LONGEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from walked(one, f"{place}{ROWS}")
    elif isinstance(value, dict) and place.rpartition(".")[2] not in _OPEN:
        names = _names(value, place)
        for name, one in value.items():
            yield from walked(one, f"{place}.{name}" if name in names else f"{place}{MEMBERS}")


def parts(place: str) -> tuple[str, ...]:
    """The steps from the root of a place on, the root first."""
    return tuple(re.findall(r"\[\]|\{\}|[^.\[\]{}]+", place))


def above(place: str) -> Iterator[str]:
    """The places that hold this one, the nearest first."""
    while re.search(r"[.\[{]", place):
        place = parent(place)
        yield place


def parent(place: str) -> str:
    """The place that holds this one; empty for a root."""
    return place[: max(place.rfind(mark) for mark in ".[{")] if is_below(place) else ""


def is_below(place: str) -> bool:
    """Whether it is no root."""
    return any(mark in place for mark in ".[{")


def is_member(place: str) -> bool:
    """Whether its last step is the name of a member, which can be there or not."""
    return is_below(place) and not place.endswith((ROWS, MEMBERS))


def _names(found: dict[str, Any], place: str) -> Collection[str]:
    """The keys that name members: all or none, but in a context, where every layout is possible, those we know."""
    if f"{place}.".startswith((f"{PLAN}.context.", f"{PLAN}.context{MEMBERS}")):
        return _IN_CONTEXT
    return found if all(map(_NAME.fullmatch, found)) else ()


class Aspect(StrEnum):
    """What two answers can differ in; a check is named after each."""

    SWITCHES = "same-switches"
    STATUSES = "same-statuses"
    HEADERS = "same-headers"
    FIELDS = "same-fields"
    TYPES = "same-types"
    NULLS = "same-nulls"
    VALUES = "same-values"
    FORMATS = "same-formats"
    WORDING = "same-wording"


#: What each aspect claims, in the order in which it is told.
CLAIMS: Mapping[Aspect, str] = MappingProxyType(
    {
        Aspect.SWITCHES: "Both answer alike where the vendor's documents leave it open.",
        Aspect.STATUSES: "The same question is answered with the same status.",
        Aspect.HEADERS: "The same headers come, and say the same.",
        Aspect.FIELDS: "The same members are there, as regularly.",
        Aspect.TYPES: "A member has the same type.",
        Aspect.NULLS: "What is never null in A is never null in B.",
        Aspect.VALUES: "Members that the contract enumerates have values that the other knows.",
        Aspect.FORMATS: "Dates, decimals and addresses are written in the same format.",
        Aspect.WORDING: "Refusals are worded alike.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference; `a` and `b` are what each side shows.

    `added` are the types or values that only B has, from which a patch to the contract is made.
    """

    aspect: Aspect
    severity: Severity
    message: str
    place: str
    a: str
    b: str
    added: tuple[str, ...] = field(default=())

    def finding(self, request: str, *, provenance: str, source: str) -> Finding:
        """It as a finding; `request` is how to see it."""
        return Finding(
            check=self.aspect,
            severity=self.severity,
            message=self.message,
            request=request,
            place=self.place,
            expected=self.a,
            found=self.b,
            provenance=provenance,
            source=source,
        )
