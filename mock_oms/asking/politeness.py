"""How an OMS is asked: how fast, how often, how patiently, and by which clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mock_oms.asking.errors import TargetError
from mock_oms.live import wall_clock

#: Requests per second to a host that is not this machine.
RATE = 2.0
#: The same on this machine, where a mock is asked.
RATE_HERE = 50.0
MAX_REQUESTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """`rate` is in requests per second, `max_requests` what one run may make, `patience` seconds for one whole answer.

    :raises TargetError: one of them is not above zero.
    """

    rate: float = RATE
    max_requests: int = MAX_REQUESTS
    patience: float = 30.0

    def __post_init__(self) -> None:
        for name in ("rate", "max_requests", "patience"):
            if not 0 < getattr(self, name) < float("inf"):
                raise TargetError(f"{name}: found {getattr(self, name)}; accepted: a number above zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The clocks: `now` is the wall's, `counter` counts seconds and never goes back, `sleep` lets some of them pass."""

    now: Callable[[], datetime] = wall_clock
    counter: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
