"""What a world allows: waits in real seconds, tokens that die and live again, quotas that do not meet."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.faults.limits import Expiry, LimitCounter, Limits, Quota, retry_after
from tests.faults import START
from tests.profiles import examples

MINUTE = timedelta(minutes=1)


def meter(limits: Limits) -> LimitCounter:
    return LimitCounter(limits=limits, since=START)


def alive(one: LimitCounter, *seconds: float) -> list[bool]:
    """Whether the token is good at each of these times after the start, one after the other."""
    found = []
    for after in seconds:
        one, good = one.token_alive(START + timedelta(seconds=after))
        found.append(good)
    return found


def test_without_limits_everything_is_allowed_and_nothing_is_kept() -> None:
    one = meter(Limits())
    assert (one.wait(START), one.wait(START, login=True), one.token_alive(START)) == (
        (one, None),
        (one, None),
        (one, True),
    )


def test_the_quota_and_the_logins_are_counted_apart() -> None:
    one = meter(Limits(quota=Quota(limit=1, window=MINUTE), login=Quota(limit=1, window=2 * MINUTE)))
    one, _ = one.wait(START)
    one, wait = one.wait(START, login=True)
    assert wait is None
    assert (one.wait(START)[1], one.wait(START, login=True)[1]) == (MINUTE, 2 * MINUTE)


def test_what_is_refused_does_not_count() -> None:
    one, _ = meter(Limits(quota=Quota(limit=1, window=MINUTE))).wait(START)
    refused, _ = one.wait(START + MINUTE / 2)
    assert refused.wait(START + MINUTE)[1] is None


def test_a_token_dies_after_its_requests_or_its_time() -> None:
    assert alive(meter(Limits(token=Expiry(requests=2))), 0, 0, 0, 10**6) == [True, True, False, False]
    assert alive(meter(Limits(token=Expiry(after=MINUTE))), 0, 59, 60, 61) == [True, True, False, False]


@pytest.mark.parametrize("expiry", [Expiry(requests=1), Expiry(after=MINUTE)])
def test_a_login_renews_a_dead_token(expiry: Expiry) -> None:
    one, _ = meter(Limits(token=expiry)).token_alive(START)
    dead, good = one.token_alive(START + MINUTE)
    assert not good
    assert alive(dead.renewed(START + MINUTE), 60, 120) == [True, False]


@pytest.mark.parametrize(
    ("seconds", "rate", "wanted"),
    [
        *((17, 1, 17), (16.2, 1, 17), (60, 60, 1), (61, 60, 2), (0.1, 1, 1), (0, 1, 1), (17, 0, 17), (17, 0.5, 34)),
        *((1, 86_400, 1), (86_400, 1e-300, 2**31 - 1), (86_400, 5e-324, 2**31 - 1)),
    ],
)
def test_a_wait_is_told_in_whole_real_seconds(seconds: float, rate: float, wanted: int) -> None:
    assert retry_after(timedelta(seconds=seconds), rate) == wanted


@examples(100)
@given(st.integers(1, 10**6), st.integers(1, 86_400))
def test_after_the_wait_the_next_request_is_allowed(milliseconds: int, rate: int) -> None:
    wait = timedelta(milliseconds=milliseconds)
    assert timedelta(seconds=retry_after(wait, rate)) * rate >= wait
