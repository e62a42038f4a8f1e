"""A run as a page of Markdown."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bench.peers.goals import GOALS, MB, significant
from bench.peers.results import GOAL, Point, Results, Workload
from bench.peers.rounds import CONNECTIONS, Extent
from bench.peers.sample import Sample
from bench.peers.table import OURS, PEERS, Peer

_TABLES = (Workload.DETAIL, Workload.PAGE)


def page(
    results: Results, sample: Sample, extent: Extent, *, day: date, machine: str, versions: Iterable[tuple[str, str]]
) -> str:
    """The whole page."""
    parts = (
        _head(sample, extent, day, machine),
        _goals(results),
        *(_load(results, workload) for workload in _TABLES),
        _cpu(results),
        _weights(results),
        _setting_up(results),
        _versions(versions),
    )
    return "\n".join(line for part in parts for line in part)


def _head(sample: Sample, extent: Extent, day: date, machine: str) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield f"Written by `make bench` on {day:%d %B %Y}; measured on {machine}."
    yield ""
    yield f"One core serves, another runs `wrk`. All servers are up at once and are asked in turn, {_extent(extent)}."
    yield "Figures are medians over the rounds, ratios are taken within a round; every server is sent the same headers."
    yield f"A detail is {_kb(sample.detail)}, a page of 50 {_kb(sample.page)}, as the mock writes them."
    journal = "on" if sample.journal else "not there yet: this version keeps none"
    yield f'The mock\'s journal is {journal}. "ours" is how many times as much mock-oms answers.'
    yield ""


def _extent(extent: Extent) -> str:
    rounds = "1 round" if extent.rounds == 1 else f"{extent.rounds} rounds"
    return f"{extent.seconds} s each, {rounds}, after {extent.warm} s each of warming up"


def _kb(body: bytes) -> str:
    return f"{significant(len(body) / 1e3)} kB"


def _goals(results: Results) -> Iterator[str]:
    yield f"## Goals, at {GOAL} connections"
    yield ""
    yield from _table(("", "goal", "measured", ""), (goal.row(results) for goal in GOALS))
    yield ""
    if results.endurance:
        one = results.endurance
        weights = f"{one.before / MB:.1f} MB before, {one.after / MB:.1f} MB after"
        yield f"Memory: {one.answered:,} requests for a detail were answered, {one.failures:,} failed; {weights}."
    if results.changes:
        changes = sum(results.changes) / len(results.changes)
        yield f"Changes: of 100 events a second, {changes:.0f} happened."
    yield ""


def _load(results: Results, workload: Workload) -> Iterator[str]:
    """One table: answers a second and our ratio for each number of connections, then how long one takes under the goal's."""
    yield f"## {workload.capitalize()}, by the number of connections"
    yield ""
    rates = (f"answers/s, {number}" for number in CONNECTIONS)
    ratios = (f"ours, {number}" for number in CONNECTIONS)
    head = ("", *rates, *ratios, f"p50 ms, {GOAL}", f"p99 ms, {GOAL}")
    yield from _table(head, (_load_row(results, peer, workload) for peer in PEERS))
    yield ""


def _load_row(results: Results, peer: Peer, workload: Workload) -> Sequence[str]:
    points = [Point(peer.name, workload, number) for number in CONNECTIONS]
    goal = Point(peer.name, workload, GOAL)
    return (
        peer.name,
        *(_rate(results, point) for point in points),
        *("–" if peer is OURS else f"{_figure(results.ratio(workload, n, peer.name))} ×" for n in CONNECTIONS),
        _figure(results.median(goal, lambda load: load.p50)),
        _figure(results.median(goal, lambda load: load.p99)),
    )


def _rate(results: Results, point: Point) -> str:
    rate, failed = results.rate(point), results.failures(point)
    if rate is None:
        return "left out"
    return f"{rate:,.0f}" + (f" ({failed:,} failed)" if failed else "")


def _figure(figure: float | None) -> str:
    return "–" if figure is None else significant(figure)


def _cpu(results: Results) -> Iterator[str]:
    if results.cpu is None:
        return
    whole = 1e6 * results.cpu.seconds
    yield "## CPU for one cached answer"
    yield ""
    yield f"A detail at {GOAL} connections, journal and log on. The parts are of samples of the running server."
    yield ""
    rows = [("all", significant(whole), "100 %")]
    for part, share in sorted(results.cpu.parts.items(), key=lambda one: -one[1]):
        rows.append((part, significant(whole * share), f"{share:.0%}".replace("%", " %")))
    yield from _table(("", "µs", "share"), rows)
    yield ""


def _weights(results: Results) -> Iterator[str]:
    yield "## Memory and start"
    yield ""
    head = (
        "",
        "MB after the first answer",
        "MB after all load",
        "mock-oms weighs then",
        "s to the first answer",
        "mock-oms takes",
    )
    yield from _table(head, (_weight_row(results, peer) for peer in PEERS))
    yield ""


def _weight_row(results: Results, peer: Peer) -> Sequence[str]:
    weight, ours = results.weights.get(peer.name), results.weights[OURS.name]
    if weight is None or peer.name in results.left_out:
        return peer.name, "left out", "–", "–", "–", "–"
    return (
        peer.name,
        significant(weight.first / MB),
        significant(weight.last / MB),
        "–" if peer is OURS else f"{significant(ours.last / weight.last)} ×",
        significant(weight.seconds),
        "–" if peer is OURS else f"{significant(ours.seconds / weight.seconds)} ×",
    )


def _setting_up(results: Results) -> Iterator[str]:
    yield "## How each is set up"
    yield ""
    for peer in PEERS:
        yield f"- **{peer.name}**: {_how(results, peer)}"
    yield ""


def _how(results: Results, peer: Peer) -> str:
    left_out = results.left_out.get(peer.name)
    if left_out:
        return f"left out: {left_out}"
    return f"{peer.note}." if peer is OURS else f"{peer.likeness}; {peer.note}."


def _versions(versions: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "## Versions"
    yield ""
    yield ", ".join(f"{name} {version}" for name, version in versions) + "."
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
