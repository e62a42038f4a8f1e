"""What we claim, as a table: each claim with its bound and the figure it is held against."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.peers.results import GOAL, Endurance, Point, Results, Workload
from bench.peers.table import JSON_SERVER, MOCKOON, NGINX, OURS, PRISM, TUNED, Peer

MB = 1e6
#: Requests after which the memory is claimed.
MANY = 1_000_000
Figure = Callable[[Results], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A claim; `figure` is None where it was not measured, and `bound` the least it may be (or the most)."""

    claim: str
    figure: Figure
    bound: float
    unit: str
    at_least: bool = True

    def row(self, results: Results) -> tuple[str, str, str, str]:
        """The claim, its bound, what was measured, and whether it is met."""
        bound = f"{'≥' if self.at_least else '≤'} {self.bound:,g} {self.unit}"
        found = self.figure(results)
        if found is None:
            return self.claim, bound, "–", "not measured"
        met = found >= self.bound if self.at_least else found <= self.bound
        return self.claim, bound, f"{significant(found)} {self.unit}", "met" if met else "**missed**"


def significant(figure: float) -> str:
    """A figure with as many digits as one can believe."""
    places = 0 if abs(figure) >= 100 else 1 if abs(figure) >= 10 else 2  # noqa: PLR2004  three digits
    return f"{figure:,.{places}f}"


def _times(workload: Workload, peer: Peer, bound: float) -> Goal:
    return Goal(
        claim=f"{workload}, beside {peer.name}",
        figure=lambda results: results.ratio(workload, GOAL, peer.name),
        bound=bound,
        unit="×",
    )


def _detail_p99(results: Results) -> float | None:
    return results.median(Point(OURS.name, Workload.DETAIL, GOAL), lambda load: load.p99)


def _flask(results: Results) -> float | None:
    return results.rate(Point(OURS.name, Workload.FLASK, GOAL))


def _weight(results: Results) -> float | None:
    one = _complete(results)
    return one.after / MB if one else None


def _growth(results: Results) -> float | None:
    """Either way, as the claim says `as at the start`."""
    one = _complete(results)
    return abs(one.after - one.before) / MB if one else None


def _complete(results: Results) -> Endurance | None:
    """The endurance, unless it answered fewer requests than the claim says."""
    one = results.endurance
    return one if one and one.answered - one.failures >= MANY else None


GOALS = (
    _times(Workload.DETAIL, TUNED, 4),
    _times(Workload.DETAIL, PRISM, 12),
    _times(Workload.DETAIL, JSON_SERVER, 3),
    _times(Workload.DETAIL, MOCKOON, 20),
    _times(Workload.DETAIL, NGINX, 0.5),
    _times(Workload.PAGE, TUNED, 4),
    _times(Workload.PAGE, PRISM, 60),
    _times(Workload.PAGE, NGINX, 0.75),
    Goal(claim="detail, 99th percentile", figure=_detail_p99, bound=2, unit="ms", at_least=False),
    Goal(
        claim=f"{Workload.CHANGING}, beside the quiet one",
        figure=lambda results: results.kept(GOAL),
        bound=0.5,
        unit="×",
    ),
    Goal(claim=Workload.FLASK, figure=_flask, bound=3000, unit="/s"),
    Goal(claim="memory after a million requests", figure=_weight, bound=100, unit="MB", at_least=False),
    Goal(
        claim="memory after them, beside that at the start: difference",
        figure=_growth,
        bound=10,
        unit="MB",
        at_least=False,
    ),
)
