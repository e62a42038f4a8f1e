"""The journal of one world: its newest requests, of which the oldest make room; what all hold together; and filters."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from threading import Lock
from weakref import WeakSet

from mock_oms.dataclass import dataclass
from mock_oms.traffic.journal.entry import JournalEntry, RecordedRequest
from mock_oms.traffic.metrics import Metrics
from mock_oms.urls import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Everything that is said must hold; nothing said lets every entry through.

    `since`: numbers greater than this one; `before`: smaller ones. `unmatched`: whether no route took the request.
    `fault`: whether any fault was met, or the name of the one that was.
    """

    number: int | None = None
    since: int | None = None
    before: int | None = None
    operation: Operation | None = None
    plan: int | None = None
    page: int | None = None
    status: int | None = None
    unmatched: bool | None = None
    fault: bool | str | None = None
    state: str | None = None

    def matches(self, entry: RecordedRequest) -> bool:
        """Whether this request is wanted."""
        fault = entry.fault if isinstance(self.fault, str) else entry.fault is not None
        return (
            (self.since is None or entry.number > self.since)
            and (self.before is None or entry.number < self.before)
            and self.number in (None, entry.number)
            and self.operation in (None, entry.operation)
            and self.plan in (None, entry.plan)
            and self.page in (None, entry.page)
            and self.status in (None, entry.status)
            and self.unmatched in (None, entry.operation is None)
            and self.fault in (None, fault)
            and self.state in (None, entry.state)
        )


JOURNAL_SIZE = 1_000
#: Bytes that the requests of one journal hold on to, and those of all journals of a mock. A full one of ordinary requests
#: has 2 MB.
JOURNAL_BYTES, ALL_BYTES = 8_388_608, 67_108_864


class JournalSpace:
    """What the journals of one mock hold together: `most` bytes. Any thread may call it; `metrics` count evictions."""

    def __init__(self, metrics: Metrics | None = None, most: int = ALL_BYTES) -> None:
        self.metrics, self._most, self._held = metrics or Metrics(), most, 0
        self._lock, self._journals = Lock(), WeakSet["Journal"]()

    def add(self, journal: "Journal") -> None:
        """Let a journal share the space, as long as it is there."""
        with self._lock:
            self._journals.add(journal)

    def take(self, size: int) -> None:
        """Take so many more bytes. Where they are too many, no journal keeps more than its share, and small ones keep all."""
        self._held += size  # without the lock, which costs: what is missed here is found at the next look
        if self._held <= self._most:
            return
        with self._lock:
            # What has left a journal, or left with one, is only counted here; the rest that stays free makes this rare.
            journals = sorted(self._journals, key=lambda one: one.held)
            left = self._most - self._most // 16
            for others, journal in zip(range(len(journals), 0, -1), journals, strict=True):
                journal.shrink(left // others)
                left -= journal.held
            self._held = sum(one.held for one in journals)


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
    """The newest `size` requests of one world. Every method may be called from any thread.

    It shares its `space` with others; `held` is how many bytes it has of it. `appended` is how many requests were ever
    appended: nothing lowers it, so that it is a place to go on from. `total` is how many there were since the journal
    was cleared.
    """

    def __init__(self, size: int = JOURNAL_SIZE, space: JournalSpace | None = None) -> None:
        self.size, self._space = size, space or JournalSpace()
        self._lock = Lock()
        self._stored: deque[RecordedRequest] = deque()
        self._gave_up: dict[int, float] = {}
        self._evicted_until: datetime | None = None
        # By identity: numbers begin again where a world is reset.
        self._under_way: dict[int, RecordedRequest] = {}
        self.appended = self.total = self._number = self.held = 0
        self._space.add(self)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the requests that are stored, in their order."""
        with self._lock:
            return sorted(one.number for one in self._stored)

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
        """Keep a request; where the journal is full, those that were appended first go."""
        with self._lock:
            if self._under_way:
                self._under_way.pop(id(recorded), None)
            self._stored.append(recorded)
            weight = recorded.weight
            self.held += weight
            self.total += 1
            self.appended += 1
            self._evict(JOURNAL_BYTES)
        self._space.take(weight)

    def shrink(self, most: int) -> None:
        """Hold no more than so many bytes."""
        with self._lock:
            self._evict(most)

    def _evict(self, most: int) -> None:
        while len(self._stored) > self.size or (self.held > most and self._stored):
            gone = self._stored.popleft()
            self.held -= gone.weight
            self._space.metrics.evicted += 1
            if self._evicted_until is None or self._evicted_until < gone.at:
                self._evicted_until = gone.at
            if self._gave_up:
                self._gave_up.pop(gone.number, None)

    def amend(self, number: int, *, gave_up: float) -> None:
        """Say when the client of an entry gave up, in seconds; nothing happens to an entry that is gone."""
        with self._lock:
            if any(one.number == number for one in self._stored):
                self._gave_up[number] = gave_up

    def page(self, wanted: Filter, limit: int) -> JournalPage:
        """The newest `limit` entries that match."""
        with self._lock:
            recorded, gave_up, total = list(self._stored), dict(self._gave_up), self.total
            under_way, evicted_until = list(self._under_way.values()), self._evicted_until
        # Requests are numbered when they arrive and appended when they are answered, so that some overtake others.
        matching = sorted(filter(wanted.matches, recorded), key=lambda one: one.number)
        return JournalPage(
            entries=tuple(_entry(one, gave_up) for one in matching[max(0, len(matching) - limit) :]),
            total=total,
            evicted=total - len(recorded),
            matched=len(matching),
            evicted_until=evicted_until,
            under_way=tuple(one.entry() for one in under_way if wanted.matches(one)),
        )

    def after(self, place: int, limit: int) -> tuple[int, tuple[JournalEntry, ...]]:
        """At most `limit` entries in the order in which they were appended, after the first `place` of all.

        Before them, how many there were after that place that are `gone`.
        """
        first, recorded = self._recorded(place, limit)
        with self._lock:
            gave_up = dict(self._gave_up)
        return max(0, -first), tuple(_entry(one, gave_up) for one in recorded)

    def weight_after(self, place: int, limit: int) -> int:
        """How much the requests hold on to of which `after` makes entries."""
        return sum(one.weight for one in self._recorded(place, limit)[1])

    def _recorded(self, place: int, limit: int) -> tuple[int, list[RecordedRequest]]:
        with self._lock:
            first = place - (self.appended - len(self._stored))
            return first, list(islice(self._stored, max(0, first), max(0, first) + limit))

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every entry that is stored, oldest first."""
        return self.page(Filter(), self.size).entries

    def clear(self) -> None:
        """Forget every request. Numbers go on, so that a reader who remembers one misses nothing."""
        with self._lock:
            self._stored.clear()
            self._gave_up.clear()
            self.total = self.held = 0
            self._evicted_until = None

    def restart(self) -> None:
        """Begin again with number 1: for a world that is reset."""
        self.clear()
        with self._lock:
            self._number = 0


def _entry(recorded: RecordedRequest, gave_up: Mapping[int, float]) -> JournalEntry:
    seconds = gave_up.get(recorded.number)
    return recorded.entry() if seconds is None else replace(recorded.entry(), gave_up=seconds)
