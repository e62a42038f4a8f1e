"""How long answers took, as the delays of a scenario."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import fmean, median, pstdev
from typing import Any

from mock_oms.faults.distributions import MOST
from mock_oms.operations import Operation
from mock_oms.scenario.fields import write_duration

#: Fewer answers than these tell no distribution.
FEWEST = 5
_SHORTEST, _LONGEST = timedelta(milliseconds=1), timedelta(minutes=10)
_WIDEST = 5.0


def delays(took: Mapping[Operation, Sequence[float]]) -> list[dict[str, Any]]:
    """The `faults:` of a scenario that is as slow as what was seen; none for an operation that was hardly asked."""
    return [
        {"on": str(operation), "effect": {"delay": _delay(seconds)}}
        for operation, seconds in took.items()
        if len(seconds) >= FEWEST and median(seconds) * 1000 >= 1
    ]


def _delay(seconds: Sequence[float]) -> Any:
    """A lognormal distribution, as latencies have it, by the median and the spread of the logarithms.

    It never exceeds the slowest answer that was seen: one that hung must not make a longer one likely.
    """
    logarithms = [math.log(max(one, 1e-6)) for one in seconds]
    middle, spread = _span(median(seconds)), pstdev(logarithms, fmean(logarithms))
    if round(spread, 3) == 0:
        bound = {"max": write_duration(middle)} if middle > MOST else {}
        return {"fixed": write_duration(middle), **bound}
    longest = max(middle, _span(max(seconds)))
    said = {"median": write_duration(middle), "sigma": min(round(spread, 3), _WIDEST)}
    return {"lognormal": said, "max": write_duration(longest)}


def _span(seconds: float) -> timedelta:
    """Whole milliseconds within what a delay may be."""
    return min(_LONGEST, max(_SHORTEST, timedelta(milliseconds=math.ceil(seconds * 1000))))
