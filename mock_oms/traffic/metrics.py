"""What one mock and its server have done so far, as numbers that never fall."""

from bisect import bisect_left
from collections import Counter
from dataclasses import field
from enum import StrEnum
from threading import Lock

from mock_oms.dataclass import dataclass

#: What requests are counted by; `other` leads nowhere.
OPERATIONS = ("list", "detail", "login", "other", "control")
#: Upper bounds of the classes of durations, in seconds.
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

#: Operation, status and kind of fault.
RequestKind = tuple[str, int | None, str | None]


class MetricName(StrEnum):
    """What is counted beside requests; each has labels from a fixed set, in this order."""

    WORLDS = "worlds"
    """What became of a world: `opened`, `closed` or `expired`."""
    EVENTS = "events"
    """An event from outside; its word."""
    TRANSITIONS = "transitions"
    """A step of a stored plan; the states from and to, `new` for a plan that was in none."""
    MADE = "made"
    """A plan of the backlog that was made up, because somebody looked at it."""
    CACHE = "cache"
    """A look for cached bytes: `lane` (whole answers) or `plans`, then `hit` or `miss`."""


@dataclass(slots=True)
class Durations:
    """How long requests took: how many fell into each class, the last one beyond all bounds; and `seconds` together."""

    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


class Metrics:
    """The counts of one mock; several of them in a process share nothing.

    `timings` are of requests by operation, status (None: no status line was sent) and kind of fault. `evicted` requests
    left a full journal, and `hits` were answered from cached bytes. Only the thread that answers requests changes these,
    without a lock, since there are thousands each second; any thread may call `count`.
    """

    __slots__ = ("_counts", "_lock", "evicted", "hits", "timings")

    def __init__(self) -> None:
        self.timings: dict[RequestKind, Durations] = {}
        self.evicted = self.hits = 0
        self._counts: Counter[tuple[MetricName, tuple[str, ...]]] = Counter()
        self._lock = Lock()

    def answered(self, operation: str, status: int | None, fault: str | None, seconds: float) -> None:
        """Count a request of one of the `OPERATIONS`, and how long its answer took."""
        kind = (operation, status, fault)
        timing = self.timings.get(kind) or self.timings.setdefault(kind, Durations())
        timing.classes[bisect_left(BOUNDS, seconds)] += 1
        timing.seconds += seconds

    def count(self, tally: MetricName, *labels: str, by: int = 1) -> None:
        """Count something else, under its labels."""
        with self._lock:
            self._counts[tally, labels] += by

    def counted(self, tally: MetricName) -> dict[tuple[str, ...], int]:
        """What has been counted of one thing, by its labels."""
        with self._lock:
            return {labels: count for (one, labels), count in self._counts.items() if one is tally}
