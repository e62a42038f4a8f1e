"""The limits of a world: its quota, the life of its token, its logins; counted as Django REST framework counts."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import dropwhile
from typing import Annotated

from mock_oms.dataclass import dataclass

_Window = Annotated[timedelta, (timedelta(seconds=1), timedelta(days=366))]

#: What `Retry-After` says at most, in seconds: some 68 years, of which even a clock that hardly moves says no more.
LONGEST_WAIT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So many requests in any `window` of world time, whose end slides along with the clock."""

    limit: Annotated[int, (1, 10_000)]
    window: _Window


#: Of these an expiry has exactly one.
EXPIRIES = ("requests", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """A token expires after so many `requests`, or so much world time; a login renews it."""

    requests: Annotated[int, (1, 1_000_000)] | None = None
    after: _Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a world allows: requests (`quota`), the life of its `token`, attempts to log in (`login`)."""

    quota: Quota | None = None
    token: Expiry | None = None
    login: Quota | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCounter:
    """What has been used of the limits of a world whose token is good since `since`; times are world time.

    `requests` and `logins` are those that were allowed, oldest first.
    """

    limits: Limits
    since: datetime
    requests: tuple[datetime, ...] = ()
    logins: tuple[datetime, ...] = ()
    used: int = 0

    def wait(self, now: datetime, *, login: bool = False) -> tuple["LimitCounter", timedelta | None]:
        """Count one request, or login: None, if it is allowed, and else the world time until one is.

        As Django REST framework's `SimpleRateThrottle`: what is refused does not count.
        """
        quota, allowed = (self.limits.login, self.logins) if login else (self.limits.quota, self.requests)
        if quota is None:
            return self, None
        recent = tuple(dropwhile(lambda at: now - at >= quota.window, allowed))
        wait = quota.window - (now - recent[0]) if len(recent) >= quota.limit else None
        recent = recent if wait else (*recent, now)
        return replace(self, logins=recent) if login else replace(self, requests=recent), wait

    def token_alive(self, now: datetime) -> tuple["LimitCounter", bool]:
        """Use the token for one request: whether it is still good."""
        expiry = self.limits.token
        if expiry is None:
            return self, True
        if expiry.after is not None:
            return self, now - self.since < expiry.after
        alive = expiry.requests is None or self.used < expiry.requests
        return (replace(self, used=self.used + 1) if alive else self), alive

    def renewed(self, now: datetime) -> "LimitCounter":
        """The token's life begins again, as after a login."""
        return replace(self, since=now, used=0)


def retry_after(wait: timedelta, rate: float) -> int:
    """A wait in world time as whole real seconds, rounded up, at least 1.

    `rate` is the seconds of world time in a real one. A frozen clock (0) has no real seconds: it says world seconds.
    """
    seconds = wait.total_seconds() / (rate or 1.0)
    return max(1, math.ceil(min(seconds, LONGEST_WAIT)))
