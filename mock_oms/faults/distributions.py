"""The distributions of delays, and what the parts of a delay have against each other."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist
from types import MappingProxyType
from typing import Annotated, Any

from mock_oms.faults.objections import Objection, exactly_one

LONGEST_DELAY = timedelta(minutes=10)
#: Where a delay ends that says no `max`.
MOST = timedelta(seconds=60)

#: Real time, from a millisecond on, or from nothing on.
Pause = Annotated[timedelta, (timedelta(milliseconds=1), LONGEST_DELAY)]
PauseOrNone = Annotated[timedelta, (timedelta(), LONGEST_DELAY)]
Sigma = Annotated[float, (0, 5)]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A normal distribution; what falls below zero is zero."""

    mean: Pause
    deviation: PauseOrNone


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """A lognormal distribution, as latencies have it; half of the delays are below the median."""

    median: Pause
    sigma: Sigma


#: Of these a delay has exactly one.
DISTRIBUTIONS = ("fixed", "uniform", "normal", "lognormal")


def against_delay(said: Mapping[str, Any]) -> Iterator[Objection]:
    """What the parts of a delay have against each other."""
    yield from exactly_one(said, DISTRIBUTIONS)
    span = said.get("uniform")
    if isinstance(span, tuple) and span[0] > span[1]:
        yield ("uniform",), "its first duration is the longer one; accepted: the shortest delay, then the longest."
    most = said.get("max", MOST)
    for key, typical in _typical(said):
        if isinstance(most, timedelta) and typical > most:
            yield (key,), f"is above `max`, which is {most / _SECOND:g}s; accepted: a `max` of up to 10m beside it."


def _typical(said: Mapping[str, Any]) -> Iterator[tuple[str, timedelta]]:
    """What a distribution must be able to give, as far as it could be read."""
    readings: tuple[tuple[str, type[Any], Callable[[Any], timedelta]], ...] = (
        ("fixed", timedelta, lambda span: span),
        ("uniform", tuple, lambda span: span[1]),
        ("normal", Normal, lambda normal: normal.mean),
        ("lognormal", Lognormal, lambda lognormal: lognormal.median),
    )
    for key, kind, read in readings:
        if isinstance(said.get(key), kind):
            yield key, read(said[key])


def seconds_at(kind: str, value: Any, share: float) -> float:  # noqa: ANN401  one of a distribution's own
    """Seconds of a distribution at a share (0 to 1, both excluded) of all its delays; they may be below zero."""
    return _DRAWS[kind](value, share)


def _uniform(span: tuple[timedelta, timedelta], share: float) -> float:
    low, high = (one / _SECOND for one in span)
    return low + share * (high - low)


def _normal(normal: Normal, share: float) -> float:
    return normal.mean / _SECOND + normal.deviation / _SECOND * NormalDist().inv_cdf(share)


def _lognormal(lognormal: Lognormal, share: float) -> float:
    return lognormal.median / _SECOND * math.exp(lognormal.sigma * NormalDist().inv_cdf(share))


_DRAWS: Mapping[str, Callable[[Any, float], float]] = MappingProxyType(
    {
        "fixed": lambda fixed, _: fixed / _SECOND,
        "uniform": _uniform,
        "normal": _normal,
        "lognormal": _lognormal,
    }
)
