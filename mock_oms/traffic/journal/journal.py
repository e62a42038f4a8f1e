"""The journal of one world: its newest requests, of which the oldest make room; and filters."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from threading import Lock

from mock_oms.dataclass import dataclass
from mock_oms.traffic.journal.entry import JournalEntry, RecordedRequest
from mock_oms.traffic.metrics import Metrics
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
        fault = entry.fault if isinstance(self.fault, str) else entry.fault is not None
        return (
            (self.since is None or entry.number > self.since)
            and self.operation in (None, entry.operation)
            and self.plan in (None, entry.plan)
            and self.status in (None, entry.status)
            and self.unmatched in (None, entry.operation is None)
            and self.fault in (None, fault)
            and self.state in (None, entry.state)
        )


JOURNAL_SIZE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    """Entries, oldest first. `matched` is how many there are of them in the journal, shown or not.

    `total` is how many requests there were since the journal was cleared, `evicted` how many of these are gone:
    none of them is of a world time after `evicted_until`. `under_way` are those that match and have no answer yet.
    """

    entries: tuple[JournalEntry, ...]
    total: int
    evicted: int
    matched: int
    evicted_until: datetime | None = None
    under_way: tuple[JournalEntry, ...] = ()


class Journal:
    """The newest `size` requests of one world. Every method may be called from any thread; `metrics` count evictions.

    `appended` is how many requests were ever appended: nothing lowers it, so that it is a place to go on from. `total` is
    how many there were since the journal was cleared.
    """

    def __init__(self, size: int = JOURNAL_SIZE, metrics: Metrics | None = None) -> None:
        self.size, self._metrics = size, metrics or Metrics()
        self._lock = Lock()
        self._stored: deque[RecordedRequest] = deque(maxlen=size)
        self._gave_up: dict[int, float] = {}
        self._evicted_until: datetime | None = None
        # By identity: numbers begin again where a world is reset.
        self._under_way: dict[int, RecordedRequest] = {}
        self.appended = self.total = self._number = 0

    @property
    def gone(self) -> int:
        """How many of the appended requests are no longer stored: evicted, or cleared."""
        with self._lock:
            return self.appended - len(self._stored)

    def next_number(self) -> int:
        """The number of the request that has just arrived; no two requests get the same one."""
        with self._lock:
            self._number += 1
            return self._number

    @contextmanager
    def under_way(self, recorded: RecordedRequest) -> Iterator[None]:
        """A request has arrived and has no answer yet: until it is appended, or the answer fails."""
        with self._lock:
            self._under_way[id(recorded)] = recorded
        try:
            yield
        finally:
            with self._lock:
                self._under_way.pop(id(recorded), None)

    def append(self, recorded: RecordedRequest) -> None:
        """Keep a request; where the journal is full, the one that was appended first goes."""
        with self._lock:
            if len(self._stored) == self.size:
                self._evict()
            if self._under_way:
                self._under_way.pop(id(recorded), None)
            self._stored.append(recorded)
            self.total += 1
            self.appended += 1

    def _evict(self) -> None:
        """Lose the request that was appended first; the lock is held."""
        self._metrics.evicted += 1
        gone = self._stored.popleft()
        if self._evicted_until is None or self._evicted_until < gone.at:
            self._evicted_until = gone.at
        if self._gave_up:
            self._gave_up.pop(gone.number, None)

    def amend(self, number: int, *, gave_up: float) -> None:
        """Say when the client of an entry gave up, in seconds; nothing happens to an entry that is gone."""
        with self._lock:
            if any(one.number == number for one in self._stored):
                self._gave_up[number] = gave_up

    def page(self, filter: Filter, limit: int) -> JournalPage:  # noqa: A002  the word that the control API uses
        """The newest `limit` entries that match."""
        with self._lock:
            recorded, gave_up, total = list(self._stored), dict(self._gave_up), self.total
            under_way, evicted_until = list(self._under_way.values()), self._evicted_until
        since = filter.since or 0
        # Requests are numbered when they arrive and appended when they are answered, so that some overtake others.
        newer = sorted((one for one in recorded if one.number > since), key=lambda one: one.number)
        matching = [entry for one in newer if filter.matches(entry := _entry(one, gave_up))]
        shown = tuple(matching[max(0, len(matching) - limit) :])
        return JournalPage(
            entries=shown,
            total=total,
            evicted=total - len(recorded),
            matched=len(matching),
            evicted_until=evicted_until,
            under_way=tuple(entry for one in under_way if filter.matches(entry := one.entry())),
        )

    def after(self, place: int, limit: int) -> tuple[int, tuple[JournalEntry, ...]]:
        """At most `limit` entries in the order in which they were appended, after the first `place` of all.

        Before them, how many there were after that place that are `gone`.
        """
        with self._lock:
            first = place - (self.appended - len(self._stored))
            recorded = list(islice(self._stored, max(0, first), max(0, first) + limit))
            gave_up = dict(self._gave_up)
        return max(0, -first), tuple(_entry(one, gave_up) for one in recorded)

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every entry that is stored, oldest first."""
        return self.page(Filter(), self.size).entries

    def clear(self) -> None:
        """Forget every request. Numbers go on, so that a reader who remembers one misses nothing."""
        with self._lock:
            self._stored.clear()
            self._gave_up.clear()
            self.total, self._evicted_until = 0, None

    def restart(self) -> None:
        """Begin again with number 1: for a world that is reset."""
        self.clear()
        with self._lock:
            self._number = 0


def _entry(recorded: RecordedRequest, gave_up: Mapping[int, float]) -> JournalEntry:
    seconds = gave_up.get(recorded.number)
    return recorded.entry() if seconds is None else replace(recorded.entry(), gave_up=seconds)
