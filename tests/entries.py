"""Entries of a journal, and clients that make them: each a script of what is asked, answered and waited for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation

START = datetime(2024, 3, 5, 9, tzinfo=UTC)
LIST = "/api/v1/oms/orderexecutionplans/"

_NONE = ("plan", "page", "state", "fault", "fault_id", "retry_after", "location", "hint", "gave_up")
_BLANK: dict[str, Any] = {
    **dict.fromkeys(_NONE),
    "request_id": "0a1b2c3d-1",
    "world": "default",
    "at": START,
    "wall": START,
    "method": "GET",
    "path": LIST,
    "query": "",
    "operation": Operation.LIST,
    "status": 200,
    "duration": 0.0,
    "size": 10_000,
    "client": "127.0.0.1:52114",
    "user_agent": "poller/1.0",
    "headers": (),
    "answer_headers": (),
}


def entry(number: int = 1, **changes: Any) -> JournalEntry:
    """An answered read of the list, but for what is said."""
    return JournalEntry(number=number, **{**_BLANK, **changes})


class Kept:
    """A request as a front writes it down, which keeps the whole entry at once."""

    def __init__(self, whole: JournalEntry, weight: int = 1) -> None:
        self.whole, self.weight = whole, weight

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    @property
    def at(self) -> datetime:
        return self.whole.at

    def entry(self) -> JournalEntry:
        return self.whole


class Client:
    """Writes down what a client does. `frozen`: the world's clock stands still while the client waits."""

    def __init__(self, *, frozen: bool = False) -> None:
        self.entries: list[JournalEntry] = []
        self._wall = self._world = START
        self._frozen = frozen

    def waits(self, seconds: float) -> None:
        """Let wall time pass, and world time where its clock runs."""
        self._wall += timedelta(seconds=seconds)
        self.turns(0 if self._frozen else seconds)

    def turns(self, seconds: float) -> None:
        """Turn the world's clock alone."""
        self._world += timedelta(seconds=seconds)

    def polls(self, **answer: Any) -> None:
        """Read the first page of the list."""
        made = {"at": self._world, "wall": self._wall, **answer}
        self.entries.append(entry(len(self.entries) + 1, **made))

    def reads(self, plan: int, state: str = "pending", **answer: Any) -> None:
        detail = {"operation": Operation.DETAIL, "plan": plan, "state": state, "path": f"{LIST}{plan}/", "size": 1_000}
        self.polls(**{**detail, **answer})


def ports() -> Iterator[str]:
    """A new connection each time."""
    return (f"127.0.0.1:{port}" for port in range(40_000, 60_000))
