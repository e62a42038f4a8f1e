"""The journal of one world: its newest requests, of which the oldest make room; filters, and how many there were."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import islice
from threading import Lock
from typing import Any

from mock_oms.metrics import Metrics
from mock_oms.traffic.journal.entry import JournalEntry, RecordedRequest
from mock_oms.urls import Operation


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

    def matches(self, entry: JournalEntry) -> bool:
        """Whether this entry is wanted."""
        wanted = ((holds, getattr(self, name)) for name, holds in _CRITERIA.items())
        return all(value is None or holds(entry, value) for holds, value in wanted)


def _met(entry: JournalEntry, wanted: object) -> bool:
    return entry.fault == wanted if isinstance(wanted, str) else (entry.fault is not None) is wanted


_CRITERIA: Mapping[str, Callable[[JournalEntry, Any], bool]] = {
    "since": lambda entry, number: entry.number > number,
    "operation": lambda entry, operation: entry.operation == operation,
    "plan": lambda entry, plan: entry.plan == plan,
    "status": lambda entry, status: entry.status == status,
    "unmatched": lambda entry, unmatched: (entry.operation is None) is unmatched,
    "fault": _met,
    "state": lambda entry, state: entry.state == state,
}


JOURNAL_SIZE = 1_000

#: Operation, status and fault of a request: what requests are counted by.
Kind = tuple[Operation | None, int | None, str | None]

_FIELDS = tuple(one.name for one in fields(JournalEntry))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    """Entries, oldest first. `matched` is how many there are of them in the journal, shown or not.

    `total` is how many requests there were since the journal was cleared, `evicted` how many of these are gone.
    """

    entries: tuple[JournalEntry, ...]
    total: int
    evicted: int
    matched: int


class Journal:
    """The newest `size` requests of one world. Every method may be called from any thread; `meters` count evictions."""

    def __init__(self, size: int = JOURNAL_SIZE, meters: Metrics | None = None) -> None:
        if size < 1:
            raise ValueError(f"A journal cannot keep {size} requests; accepted: 1 or more.")
        self.size, self._meters = size, meters or Metrics()
        self._lock = Lock()
        self._kept: deque[RecordedRequest] = deque(maxlen=size)
        self._amended: dict[int, dict[str, Any]] = {}
        self._counts: Counter[Kind] = Counter()
        self._number = self._total = self._appended = 0

    @property
    def appended(self) -> int:
        """How many requests were ever appended; nothing lowers it, so that it is a place to go on from."""
        return self._appended

    @property
    def gone(self) -> int:
        """How many of these are kept no longer: evicted, or cleared."""
        with self._lock:
            return self._appended - len(self._kept)

    @property
    def total(self) -> int:
        """How many requests there were since the journal was cleared."""
        with self._lock:
            return self._total

    @property
    def evicted(self) -> int:
        """How many of these are kept no longer."""
        with self._lock:
            return self._total - len(self._kept)

    @property
    def counts(self) -> dict[Kind, int]:
        """Requests by operation, status and fault as they were appended; clearing the journal lowers no count."""
        with self._lock:
            return dict(self._counts)

    def next_number(self) -> int:
        """The number of the request that has just arrived; no two requests get the same one."""
        with self._lock:
            self._number += 1
            return self._number

    def append(self, recorded: RecordedRequest) -> None:
        """Keep a request; where the journal is full, the one that was appended first goes."""
        kind = (recorded.operation, recorded.status, recorded.fault)
        with self._lock:
            if len(self._kept) == self.size:
                self._meters.evicted += 1
                if self._amended:
                    self._amended.pop(self._kept[0].number, None)
            self._kept.append(recorded)
            self._counts[kind] += 1
            self._total += 1
            self._appended += 1

    def amend(self, number: int, **changes: Any) -> None:  # noqa: ANN401  fields of an entry, each of its own type
        """Change fields of an entry that is in the journal already; nothing happens to one that is gone.

        :raises ValueError: an entry has no such field.
        """
        unknown = changes.keys() - set(_FIELDS)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} cannot be amended; accepted: {', '.join(_FIELDS)}.")
        with self._lock:
            if any(one.number == number for one in self._kept):
                self._amended[number] = {**self._amended.get(number, {}), **changes}

    def page(self, filter: Filter, limit: int) -> JournalPage:  # noqa: A002  the word that the control API uses
        """The newest `limit` entries that match."""
        with self._lock:
            kept, amended, total = list(self._kept), dict(self._amended), self._total
        since = filter.since or 0
        # Requests are numbered when they arrive and appended when they are answered, so that some overtake others.
        newer = sorted((one for one in kept if one.number > since), key=lambda one: one.number)
        entries = (replace(one.entry(), **amended.get(one.number, {})) for one in newer)
        matching = [entry for entry in entries if filter.matches(entry)]
        shown = tuple(matching[max(0, len(matching) - limit) :])
        return JournalPage(entries=shown, total=total, evicted=total - len(kept), matched=len(matching))

    def after(self, place: int, limit: int) -> tuple[int, tuple[JournalEntry, ...]]:
        """At most `limit` entries in the order in which they were appended, after the first `place` of all.

        Before them, how many there were after that place that are `gone`.
        """
        with self._lock:
            first = place - (self._appended - len(self._kept))
            kept = list(islice(self._kept, max(0, first), max(0, first) + limit))
            amended = dict(self._amended)
        return max(0, -first), tuple(replace(one.entry(), **amended.get(one.number, {})) for one in kept)

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every entry that is kept, oldest first."""
        return self.page(Filter(), self.size).entries

    def clear(self) -> None:
        """Forget every request. Numbers go on, so that a reader who remembers one misses nothing."""
        with self._lock:
            self._forget()

    def restart(self) -> None:
        """Begin anew, with number 1 and every count at nothing: for a world that is reset."""
        with self._lock:
            self._forget()
            self._counts.clear()
            self._number = 0

    def _forget(self) -> None:
        self._kept.clear()
        self._amended.clear()
        self._total = 0
