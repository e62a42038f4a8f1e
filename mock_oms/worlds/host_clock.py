"""The time of the host: what day it is, and what has passed, whatever is pretended inside this process.

A server in a test's process meets freezegun and time-machine, which turn `time` and `datetime` for everybody; every
server meets a step of the host's clock, by an operator or by NTP. Neither may end a world, or let its clock jump:

- Leases (`ttl`), running clocks, the journal and a recording (`record --watch`) go by a `steady_clock`: it shows what the
  host's clock did when the process began with it, and what has passed since. A step of the host's clock does not show.
- Durations, waits and turns go by `elapsed`.
- Between two processes with one state folder there is only the host's clock: a running world has run on by what that went
  ahead, and goes on from where it was if that was set back. A lease begins anew.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

Wall = Callable[[], datetime]

#: Linux's CLOCK_REALTIME_COARSE, which Python does not name: tools that turn the clock know the fine one alone.
_REAL = 5 if sys.platform == "linux" else time.CLOCK_REALTIME
#: With the time for which a laptop slept, where the system can tell it.
_STEADY: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
#: Bound before anybody puts another class in the place of `datetime`.
_at = datetime.fromtimestamp

#: Seconds since some moment. They go on alike whatever is done to the host's clock, or to Python's functions for time.
elapsed: Callable[[], float] = partial(time.clock_gettime, _STEADY)


def wall_clock() -> datetime:
    """The time outside, as the host's clock shows it; nothing else reads that."""
    return _at(time.clock_gettime(_REAL), UTC)


def steady_clock() -> Wall:
    """A clock that shows the time outside now, and what has passed since, however the host's clock is set meanwhile."""
    offset = wall_clock().timestamp() - elapsed()
    return lambda: _at(offset + elapsed(), UTC)
