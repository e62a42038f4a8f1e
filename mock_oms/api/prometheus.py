"""What the meters say, in the format of Prometheus; imported at the first scrape, for the library takes its time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from itertools import accumulate
from platform import python_version

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mock_oms.api.state import Load
from mock_oms.metrics import BOUNDS, OPERATIONS, Durations, MetricName, Metrics, RequestKind
from mock_oms.worlds.manager import WorldManager

_PREFIX = "mock_oms_"
#: Name, text and labels of what is counted with labels.
_TALLIES: Mapping[MetricName, tuple[str, str, tuple[str, ...]]] = {
    MetricName.WORLDS: ("worlds", "Worlds by what became of them: opened, closed, expired.", ("event",)),
    MetricName.EVENTS: ("events", "Events that somebody let happen, by their word.", ("event",)),
    MetricName.TRANSITIONS: ("transitions", "Steps of stored plans, by the states from and to.", ("from", "to")),
    MetricName.CACHE: ("cache_lookups", "Looks for kept bytes of answers (lane) and of plans.", ("cache", "result")),
}
_NONE = "none"
_NO_VERSION = re.compile(r"version\s*=(?![0-9]{1,3}([.][0-9]{1,3}){0,3}\s*(;|$))")


def exposition(simulation: WorldManager, load: Load, accept: str) -> tuple[bytes, str]:
    """The metrics in the format that `accept` asks for, and its content type."""
    registry = CollectorRegistry()
    registry.register(_Collector(simulation, load))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(_readable(accept))
    return encode(registry), content_type


def _readable(accept: str) -> str:
    """What is asked for, without formats of versions that are none: the library would break at them."""
    return ",".join(one for one in accept.split(",") if not _NO_VERSION.search(one))


class _Collector(Collector):
    """Makes families of the library from the meters, anew at each scrape."""

    def __init__(self, simulation: WorldManager, load: Load) -> None:
        self._simulation, self._meters, self._load = simulation, simulation.meters, load

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        yield _requests(self._meters)
        yield _durations(self._meters)
        for tally, (name, text, labels) in _TALLIES.items():
            yield _counter(name, text, labels, _counted(self._meters, tally).items())
        yield from self._plain_counters()
        yield from self._turned_away()
        yield from self._gauges()

    def _plain_counters(self) -> Iterator[Metric]:
        rendered = self._meters.counted(MetricName.CACHE).get(("plans", "miss"), 0)
        made = self._meters.counted(MetricName.MADE).get((), 0)
        yield _counter("journal_evictions", "Requests that had to leave a journal.", (), [((), self._meters.evicted)])
        yield _counter("plans_rendered", "Plans that were written as JSON.", (), [((), rendered)])
        yield _counter("plans_generated", "Plans of a backlog that were made up to be looked at.", (), [((), made)])

    def _turned_away(self) -> Iterator[Metric]:
        refused = [((str(status),), count) for status, count in self._load.refused.items()]
        yield _counter("refused", "Requests that were refused before they were read, by status.", ("status",), refused)
        closed = [((reason,), count) for reason, count in self._load.closed.items()]
        text = "Connections that were closed to make room (idle), or because their client read nothing (unread)."
        yield _counter("connections_closed", text, ("reason",), closed)

    def _gauges(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(f"{_PREFIX}build_info", "Always 1.", labels=("version", "python"))
        build.add_metric((version("mock-oms"), python_version()), 1)
        yield build
        worlds = len(self._simulation.leases())
        yield GaugeMetricFamily(f"{_PREFIX}worlds_open", "Worlds that are open.", value=worlds)
        yield GaugeMetricFamily(f"{_PREFIX}streams_open", "Streams that are open.", value=self._load.streams)
        connections = self._load.connections
        yield GaugeMetricFamily(
            f"{_PREFIX}connections_open", "Connections of clients that are open.", value=connections
        )


def _requests(meters: Metrics) -> Metric:
    text = "Requests by operation, status and kind of fault; none where no status line was sent, or no fault was met."
    labels = ("operation", "status", "fault")
    found = [(tuple(str(one or _NONE) for one in kind), sum(timing.classes)) for kind, timing in _timings(meters)]
    return _counter("requests", text, labels, found)


def _durations(meters: Metrics) -> Metric:
    text = "Seconds from the arrival of a request until its answer was ready, delays by faults included."
    family = HistogramMetricFamily(f"{_PREFIX}request_duration_seconds", text, labels=("operation",))
    for operation in OPERATIONS:
        found = [timing for (one, _, _), timing in _timings(meters) if one == operation]
        classes = map(sum, zip([0] * (len(BOUNDS) + 1), *(one.classes for one in found), strict=True))
        buckets = list(zip((*map(str, BOUNDS), "+Inf"), accumulate(classes), strict=True))
        family.add_metric((operation,), buckets, sum(one.seconds for one in found))
    return family


def _timings(meters: Metrics) -> list[tuple[RequestKind, Durations]]:
    """All of them, while more may come."""
    return list(meters.timings.copy().items())


def _counted(meters: Metrics, tally: MetricName) -> dict[tuple[str, ...], int]:
    """The counts of a tally; hits at once are counted apart, and known labels are there before they are needed."""
    found = meters.counted(tally)
    if tally is MetricName.CACHE:
        found["lane", "hit"] = found.get(("lane", "hit"), 0) + meters.hits
    return {**dict.fromkeys(_KNOWN.get(tally, ()), 0), **found}


#: Labels that are there before anything is counted, so that a rate over them has a beginning.
_KNOWN: Mapping[MetricName, tuple[tuple[str, ...], ...]] = {
    MetricName.WORLDS: (("opened",), ("closed",), ("expired",)),
    MetricName.CACHE: (("lane", "hit"), ("lane", "miss"), ("plans", "hit"), ("plans", "miss")),
}


def _counter(name: str, text: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    family = CounterMetricFamily(f"{_PREFIX}{name}", text, labels=labels)
    for said, count in counts:
        family.add_metric(said, count)
    return family
