"""Faults that contradict themselves are no faults; delays are drawn as their distributions say."""

from datetime import timedelta
from statistics import fmean, median, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.faults.fault import KINDS, BrokenBody, Connection, Delay, Effect, Lognormal, Normal, Shape
from tests.faults import DELAYS
from tests.profiles import examples

SECOND = timedelta(seconds=1)
HALF = timedelta(milliseconds=500)


def test_an_effect_has_a_name_whose_first_word_is_its_kind() -> None:
    slow = Delay(fixed=SECOND)
    effects = {
        "status 503": Effect(status=503),
        "delay": Effect(delay=slow),
        "connection reset": Effect(connection=Connection.RESET, delay=slow),
        "body html": Effect(body=BrokenBody.HTML),
        "shape missing-next": Effect(shape=Shape.MISSING_NEXT),
    }
    assert [(effect.name, effect.kind) for effect in effects.values()] == [(name, name.split()[0]) for name in effects]
    assert {effect.kind for effect in effects.values()} == KINDS


def drawn(delay: Delay, seed: int = 1) -> list[float]:
    return [delay.seconds(seed, number) for number in range(4000)]


@examples(100)
@given(DELAYS, st.integers(0, 2**63 - 1), st.integers(1, 10**9))
def test_a_delay_is_within_its_maximum_and_always_the_same(delay: Delay, seed: int, number: int) -> None:
    seconds = delay.seconds(seed, number)
    assert 0 <= seconds <= delay.max.total_seconds()
    assert seconds == delay.seconds(seed, number)


def test_fixed_and_uniform_delays_are_within_their_bounds() -> None:
    assert set(drawn(Delay(fixed=HALF))) == {0.5}
    found = drawn(Delay(uniform=(HALF, SECOND)))
    assert (min(found) >= 0.5, max(found) <= 1) == (True, True)
    assert [fmean(found), stdev(found)] == pytest.approx([0.75, 0.1443], abs=0.01)


def test_normal_delays_have_their_mean_and_deviation_and_are_never_below_zero() -> None:
    found = drawn(Delay(normal=Normal(mean=timedelta(seconds=10), deviation=SECOND)))
    assert [fmean(found), stdev(found)] == pytest.approx([10, 1], abs=0.05)
    assert min(drawn(Delay(normal=Normal(mean=HALF, deviation=SECOND)))) == 0


def test_lognormal_delays_have_their_median_and_a_long_tail_that_a_maximum_cuts_off() -> None:
    found = drawn(Delay(lognormal=Lognormal(median=SECOND, sigma=0.6), max=timedelta(minutes=10)))
    assert median(found) == pytest.approx(1, abs=0.04)
    assert fmean(found) == pytest.approx(2.718281828 ** (0.6**2 / 2), abs=0.05)
    assert max(drawn(Delay(lognormal=Lognormal(median=SECOND, sigma=2), max=timedelta(seconds=3)))) == 3


def test_delays_are_the_same_on_every_machine() -> None:
    # These were drawn once; whatever changes them changes what is met with every seed that somebody wrote down.
    delay = Delay(lognormal=Lognormal(median=timedelta(milliseconds=800), sigma=0.6))
    assert [delay.seconds(7, 1, number) for number in (1, 2, 3)] == [0.665724, 0.637724, 1.070116]
