"""The metrics in the format of Prometheus. Imported at the first scrape: the library takes its time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from platform import python_version

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mock_oms import __version__
from mock_oms.api.state import Load
from mock_oms.dataclass import dataclass
from mock_oms.traffic.metrics import BOUNDS, OPERATIONS, Durations, MetricName, RequestKind
from mock_oms.worlds.manager import WorldManager

_PREFIX = "mock_oms_"
#: Name, text and labels of what is counted.
_TALLIES: Mapping[MetricName, tuple[str, str, tuple[str, ...]]] = {
    MetricName.WORLDS: ("worlds", "Worlds by what became of them: opened, closed, expired.", ("event",)),
    MetricName.EVENTS: ("events", "Events that somebody let happen, by their word.", ("event",)),
    MetricName.TRANSITIONS: ("transitions", "Steps of stored plans, by the states from and to.", ("from", "to")),
    MetricName.CACHE: ("cache_lookups", "Looks for cached bytes of answers (lane) and of plans.", ("cache", "result")),
    MetricName.MADE: ("plans_generated", "Plans of a backlog that were made up to be looked at.", ()),
}
#: Labels that are there before anything is counted, so that a rate over them has a beginning.
_KNOWN: Mapping[MetricName, tuple[tuple[str, ...], ...]] = {
    MetricName.WORLDS: (("opened",), ("closed",), ("expired",)),
    MetricName.CACHE: (("lane", "hit"), ("lane", "miss"), ("plans", "hit"), ("plans", "miss")),
    MetricName.MADE: ((),),
}
_NONE = "none"
_NO_VERSION = re.compile(r"version\s*=(?![0-9]{1,3}([.][0-9]{1,3}){0,3}\s*(;|$))")


def exposition(simulation: WorldManager, load: Load, accept: str) -> tuple[bytes, str]:
    """The metrics in the format that `accept` names, and its content type."""
    registry = CollectorRegistry()
    registry.register(_Collector(simulation, load))
    ProcessCollector(registry=registry)
    # Without formats of versions that are none: the library would break at them.
    encode, content_type = choose_encoder(",".join(one for one in accept.split(",") if not _NO_VERSION.search(one)))
    return encode(registry), content_type


@dataclass(eq=False)
class _Collector(Collector):
    """Makes families of the library from our metrics, at each scrape."""

    simulation: WorldManager
    load: Load

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        metrics, load = self.simulation.metrics, self.load
        timings = list(metrics.timings.copy().items())  # more may come meanwhile
        yield _counter(
            "requests",
            "Requests by operation, status and kind of fault; none where no status line was sent, or no fault was met.",
            ("operation", "status", "fault"),
            [(tuple(str(one or _NONE) for one in kind), sum(timing.classes)) for kind, timing in timings],
        )
        yield _durations(timings)
        for tally, (name, text, labels) in _TALLIES.items():
            counts = {**dict.fromkeys(_KNOWN.get(tally, ()), 0), **metrics.counted(tally)}
            if tally is MetricName.CACHE:
                counts["lane", "hit"] += metrics.hits  # these are counted apart, to be quick
            yield _counter(name, text, labels, counts.items())
        rendered = metrics.counted(MetricName.CACHE).get(("plans", "miss"), 0)
        yield _counter("journal_evictions", "Requests that had to leave a journal.", (), [((), metrics.evicted)])
        yield _counter("plans_rendered", "Plans that were written as JSON.", (), [((), rendered)])
        refused = [((str(status),), count) for status, count in load.refused.items()]
        yield _counter("refused", "Requests that were refused before they were read, by status.", ("status",), refused)
        closed = [((reason,), count) for reason, count in load.closed.items()]
        text = "Connections that were closed to make room (idle), or because their client read nothing (unread)."
        yield _counter("connections_closed", text, ("reason",), closed)
        build = GaugeMetricFamily(f"{_PREFIX}build_info", "Always 1.", labels=("version", "python"))
        build.add_metric((__version__, python_version()), 1)
        yield build
        for name, text, value in (
            ("worlds_open", "Worlds that are open.", len(self.simulation.leases())),
            ("streams_open", "Streams that are open.", load.streams),
            ("connections_open", "Connections of clients that are open.", load.connections),
        ):
            yield GaugeMetricFamily(f"{_PREFIX}{name}", text, value=value)


def _durations(timings: list[tuple[RequestKind, Durations]]) -> Metric:
    text = "Seconds from the arrival of a request until its answer was ready, delays by faults included."
    family = HistogramMetricFamily(f"{_PREFIX}request_duration_seconds", text, labels=("operation",))
    for operation in OPERATIONS:
        found = [timing for (one, _, _), timing in timings if one == operation]
        classes = map(sum, zip([0] * (len(BOUNDS) + 1), *(one.classes for one in found), strict=True))
        buckets = list(zip((*map(str, BOUNDS), "+Inf"), accumulate(classes), strict=True))
        family.add_metric((operation,), buckets, sum(one.seconds for one in found))
    return family


def _counter(name: str, text: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    family = CounterMetricFamily(f"{_PREFIX}{name}", text, labels=labels)
    for values, count in counts:
        family.add_metric(values, count)
    return family
