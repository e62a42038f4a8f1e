"""Places in JSON: the same member of all plans is one, such as `plan.order.customer.email` or `plan.context{}.date`.

`[]` stands for every row of an array, `{}` for every member of an object whose keys are data: ids, dates, codes.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

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


def walked(value: Any, place: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  where JSON enters
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
