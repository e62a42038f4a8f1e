"""Checks of dates: that they are moments in UTC, or days, and that what was made did not change before."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from mock_oms.answers import Answers
from mock_oms.contract.checks.check import Check, Flaw
from mock_oms.contract.checks.schemas import written
from mock_oms.contract.checks.seen import PAGES, SINGLE, Seen, Sight

#: The fields of a plan, and of what is in it, that are dates.
_DATES = frozenset({"date", "date_placed", "created_date", "modified_date", "remote_modified_date"})
_PLANS = PAGES | SINGLE
_NO_PLAN = "no plan was met"

Path = tuple[str | int, ...]


def moment(text: str, answers: Answers) -> datetime:
    """A date in the form of the switch; a day is its first moment.

    :raises ValueError: it has another form, or no time zone.
    """
    if answers.dates == "date":
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found


def every_date(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each date in a plan, with its place; `attributes`, whose names are the merchant's own, are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _DATES:
                yield (*path, key), inner
            elif key != "attributes":
                yield from every_date(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from every_date(inner, (*path, place))


def _sights(seen: Seen) -> Iterator[Sight]:
    return iter(seen.sights)


def _undated(one: Sight, seen: Seen) -> Iterator[Flaw]:
    wanted = "a day" if seen.rules.answers.dates == "date" else "a moment in UTC"
    for path, text in every_date(one.plan):
        if not _is_date(text, seen.rules.answers):
            yield Flaw(message=f"this is not {wanted}", place=written(path), expected=wanted, found=text)


def _is_date(text: Any, answers: Answers) -> bool:
    try:
        return moment(text, answers).utcoffset() == timedelta(0)
    except (TypeError, ValueError):
        return False


def _unordered(one: Sight, seen: Seen) -> Iterator[Flaw]:
    for path, inner in _dated(one.plan):
        made, changed = inner["created_date"], inner["modified_date"]
        if moment(made, seen.rules.answers) > moment(changed, seen.rules.answers):
            message = "it changed before it was made"
            yield Flaw(message=message, place=written((*path, "modified_date")), expected=f"≥ {made}", found=changed)


def _dated(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each object that has both dates."""
    if isinstance(value, dict) and {"created_date", "modified_date"} <= value.keys():
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _dated(one, (*path, key))


CHECKS: tuple[Check[Sight], ...] = (
    Check(
        name="dates-are-dates",
        claim="Every date can be read: a moment in UTC, or a day under the switch dates.",
        over=_sights,
        flaws=_undated,
        lacking=_NO_PLAN,
        needs=_PLANS,
        source="OMS samples: every visible one",
    ),
    Check(
        name="made-before-changed",
        claim="Nothing in a plan has changed before it was made.",
        over=_sights,
        flaws=_unordered,
        lacking=_NO_PLAN,
        needs=_PLANS,
        source="plans page: the names of the fields",
    ),
)
