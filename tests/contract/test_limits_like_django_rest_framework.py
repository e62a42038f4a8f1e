"""A world's quota is the framework's own throttle, asked at the same times."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_oms.traffic.faults.limits import LimitCounter, Limits, Quota
from tests.drf.project import rate_throttle
from tests.faults import START

PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

#: Seconds between requests, in quarters: floats are exact then, as our spans are.
GAPS = st.lists(st.integers(0, 400).map(lambda quarters: quarters / 4), max_size=60)


@settings(deadline=None, max_examples=200)
@given(limit=st.integers(1, 6), period=st.sampled_from(sorted(PERIODS)), gaps=GAPS)
def test_a_quota_allows_and_refuses_what_the_framework_does_with_the_same_wait(
    limit: int, period: str, gaps: list[float]
) -> None:
    times = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    at = [0.0]
    throttle = rate_throttle(f"{limit}/{period}", lambda: at[0])
    quota = Quota(limit=limit, window=timedelta(seconds=PERIODS[period]))
    meter = LimitCounter(limits=Limits(quota=quota, login=quota), since=START)
    for seconds in times:
        at[0], now = seconds, START + timedelta(seconds=seconds)
        real = throttle()
        wanted = None if real.allow_request(None, None) else timedelta(seconds=real.wait())
        meter, wait = meter.quota_wait(now)
        meter, login_wait = meter.login_wait(now)
        assert wait == login_wait == wanted
