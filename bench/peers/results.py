"""What was measured, by peer, workload and connections, round by round; and the figures that are read off it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import median

from bench.peers.table import OURS, Peer
from bench.peers.wrk import Load

#: Connections at which the goals are set.
GOAL = 16


class Workload(StrEnum):
    """What is asked for; the last two are asked of the mock alone."""

    DETAIL = "detail"
    PAGE = "page of 50"
    CHANGING = "detail in a world that changes every 10 ms"
    FLASK = "detail with a query too long to keep, which Flask answers"

    def path(self, peer: Peer) -> str:
        """The path of it at a peer."""
        if self is Workload.PAGE:
            return peer.page
        return f"{peer.detail}?x={'1' * 250}" if self is Workload.FLASK else peer.detail


@dataclass(frozen=True, slots=True)
class Point:
    """One cell of the tables."""

    peer: str
    workload: Workload
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes resident after the first answer and after all load, and seconds to that answer, of one peer."""

    first: int
    last: int
    seconds: float

    def after(self, resident: int) -> "Weight":
        """The same with the bytes that are resident at last."""
        return replace(self, last=resident)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    """A mock that answered very many requests: how many, how many failed, and bytes resident before and after."""

    answered: int
    failures: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """What one cached answer costs the mock: seconds of CPU, and the share of each part of the work."""

    seconds: float
    parts: dict[str, float]


@dataclass(slots=True, kw_only=True)
class Results:
    """All of a run, filled as it goes.

    `left_out` has a sentence for each peer that was not measured; `changes` are events a second, round by round.
    """

    loads: dict[Point, list[Load]] = field(default_factory=lambda: defaultdict(list))
    weights: dict[str, Weight] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    changes: list[float] = field(default_factory=list)
    endurance: Endurance | None = None
    cpu: Cpu | None = None

    def median(self, point: Point, figure: Callable[[Load], float]) -> float | None:
        """The median over the rounds, or None where nothing was measured."""
        loads = self.loads.get(point, [])
        return median(map(figure, loads)) if loads else None

    def rate(self, point: Point) -> float | None:
        """Answers per second."""
        return self.median(point, lambda load: load.rate)

    def failures(self, point: Point) -> int:
        """Requests that failed, in all rounds."""
        return sum(load.failures for load in self.loads.get(point, []))

    def ratio(self, workload: Workload, connections: int, peer: str) -> float | None:
        """How many times a peer's rate the mock's is: the median of the ratios of each round."""
        ours, theirs = Point(OURS.name, workload, connections), Point(peer, workload, connections)
        return self._over(ours, theirs)

    def kept(self, connections: int) -> float | None:
        """The part of the quiet rate of detail that the mock keeps while its world changes."""
        changing, quiet = (Point(OURS.name, workload, connections) for workload in (Workload.CHANGING, Workload.DETAIL))
        return self._over(changing, quiet)

    def _over(self, one: Point, other: Point) -> float | None:
        return _median_ratio(zip(self.loads.get(one, []), self.loads.get(other, []), strict=False))


def _median_ratio(pairs: Iterable[tuple[Load, Load]]) -> float | None:
    ratios = [one.rate / other.rate for one, other in pairs if other.rate]
    return median(ratios) if ratios else None
