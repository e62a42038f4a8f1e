"""Which entries of a journal somebody wants to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.journal.entry import Entry
from mock_oms.operations import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Everything that is said must hold; nothing said lets every entry through.

    `since`: numbers greater than this one. `unmatched`: whether no route took the request. `fault`: whether any fault
    was met, or the name of the one that was.
    """

    since: int | None = None
    operation: Operation | None = None
    plan: int | None = None
    status: int | None = None
    unmatched: bool | None = None
    fault: bool | str | None = None
    state: str | None = None

    def matches(self, entry: Entry) -> bool:
        """Whether this entry is wanted."""
        wanted = ((holds, getattr(self, name)) for name, holds in _CRITERIA.items())
        return all(value is None or holds(entry, value) for holds, value in wanted)


def _met(entry: Entry, wanted: object) -> bool:
    return entry.fault == wanted if isinstance(wanted, str) else (entry.fault is not None) is wanted


_CRITERIA: Mapping[str, Callable[[Entry, Any], bool]] = {
    "since": lambda entry, number: entry.number > number,
    "operation": lambda entry, operation: entry.operation == operation,
    "plan": lambda entry, plan: entry.plan == plan,
    "status": lambda entry, status: entry.status == status,
    "unmatched": lambda entry, unmatched: (entry.operation is None) is unmatched,
    "fault": _met,
    "state": lambda entry, state: entry.state == state,
}
