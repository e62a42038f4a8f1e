"""How good our knowledge is: what was confirmed, when the contract was last checked, and whether that is too old."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mock_oms.scenario.fields import LONGEST, parse_duration, write_duration

if TYPE_CHECKING:
    from mock_oms.observed.document import Observed

_NEVER = "contract last checked against a real OMS: never"
_DAY = timedelta(days=1)


def last_checked(observed: "Observed | None", now: datetime) -> str:
    """`contract last checked against a real OMS: never | DATE (n days ago)`."""
    if observed is None:
        return _NEVER
    if not observed.is_real:
        return f"{_NEVER} (what was observed on {observed.date:%Y-%m-%d} was a mock)"
    return f"{_NEVER.removesuffix('never')}{observed.date:%Y-%m-%d} ({_ago(now - observed.date)})"


def _ago(span: timedelta) -> str:
    days = span // _DAY
    if span < timedelta():
        return "not come yet"
    if days < 1:
        return "today"
    return "1 day ago" if days == 1 else f"{days:,} days ago"


def confirmed(observed: "Observed | None") -> frozenset[str]:
    """The ids of the claims that a real OMS has borne out."""
    sightings = {} if observed is None else observed.sightings
    return frozenset(name for name, one in sightings.items() if one.confirms)


def objection(
    observed: "Observed | None", now: datetime, limit: timedelta, *, file: Path | str | None = None
) -> str | None:
    """Why our knowledge is not good enough for a `limit`, as a sentence with the way out; None where it is.

    `file` is where it was looked for, `now` the time outside.
    """
    way_out = "Run `mock-oms contract URL --observe FILE` against it, and name that file"
    if observed is None:
        where = "no file of an observation was named" if file is None else f"there is no {file}"
        return f"The contract was never checked against a real OMS: {where}. {way_out}."
    if not observed.is_real:
        return f"The contract was never checked against a real OMS: {file} is an observation of a mock. {way_out}."
    age = now - observed.date
    if age < timedelta():
        return f"{file} is dated {observed.date:%Y-%m-%dT%H:%M:%SZ}, a moment that has not come yet. {way_out}."
    if age <= limit:
        return None
    said = f"The contract was last checked against a real OMS on {observed.date:%Y-%m-%d}, {_ago(age)}"
    return f"{said}; accepted: {write_duration(limit)} at most. {way_out}."


def longest(limit: str) -> timedelta:
    """A longest age as people write it, such as `60d`.

    :raises ValueError: it is none.
    """
    span = parse_duration(limit)
    if span is None or span < timedelta():
        raise ValueError(
            f"The longest age {limit!r} is no duration; accepted: 12h, 60d, up to {write_duration(LONGEST)}."
        )
    return span


def objection_to(file: Path | None, now: datetime, limit: str) -> str | None:
    """As `objection`, for a file that may not be there, and a limit as people write it, such as `60d`.

    :raises mock_oms.scenario.problems.ScenarioError: the file is there and cannot be used.
    """
    from mock_oms.observed.file import read_observed  # noqa: PLC0415  a server at its start needs none of it

    try:
        span = longest(limit)
    except ValueError as error:
        return str(error)
    found = read_observed(file) if file is not None and file.exists() else None
    return objection(found, now, span, file=file)
