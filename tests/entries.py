"""Entries of a journal, and clients that make them: each a script of what is asked, answered and waited for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation

START = datetime(2024, 3, 5, 9, tzinfo=UTC)
LIST = "/api/v1/oms/orderexecutionplans/"

_BLANK = JournalEntry(
    number=1,
    request_id="0a1b2c3d-1",
    world="default",
    at=START,
    wall=START,
    method="GET",
    path=LIST,
    query="",
    operation=Operation.LIST,
    plan=None,
    page=None,
    state=None,
    status=200,
    fault=None,
    fault_id=None,
    duration=0.0,
    size=10_000,
    client="127.0.0.1:52114",
    user_agent="poller/1.0",
    headers=(),
    answer_headers=(),
    retry_after=None,
    location=None,
    hint=None,
    gave_up=None,
)


def entry(number: int = 1, **changes: Any) -> JournalEntry:
    """An answered read of the list, but for what is said."""
    return replace(_BLANK, number=number, **changes)


@dataclass(frozen=True, slots=True)
class Kept:
    """A request as a front writes it down, which keeps the whole entry at once."""

    whole: JournalEntry

    @property
    def number(self) -> int:
        return self.whole.number

    def entry(self) -> JournalEntry:
        return self.whole


class Client:
    """Writes down what a client does. `frozen`: the world's clock stands still while the client waits."""

    def __init__(self, *, frozen: bool = False, **same: Any) -> None:
        self.entries: list[JournalEntry] = []
        self._wall = self._world = START
        self._frozen, self._same = frozen, same

    def waits(self, seconds: float) -> None:
        """Let wall time pass, and world time where its clock runs."""
        self._wall += timedelta(seconds=seconds)
        self.turns(0 if self._frozen else seconds)

    def turns(self, seconds: float) -> None:
        """Turn the world's clock alone."""
        self._world += timedelta(seconds=seconds)

    def polls(self, **answer: Any) -> None:
        """Read the first page of the list."""
        self._asks(answer)

    def reads(self, plan: int, state: str = "pending", **answer: Any) -> None:
        """Read one plan."""
        detail = {"operation": Operation.DETAIL, "plan": plan, "state": state, "path": f"{LIST}{plan}/", "size": 1_000}
        self._asks({**detail, **answer})

    def _asks(self, answer: dict[str, Any]) -> None:
        made = {"at": self._world, "wall": self._wall, **self._same, **answer}
        self.entries.append(entry(len(self.entries) + 1, **made))


def ports() -> Iterator[str]:
    """A new connection each time."""
    return (f"127.0.0.1:{port}" for port in range(40_000, 60_000))
