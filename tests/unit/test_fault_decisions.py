"""Which request meets which fault: the first that applies, always the same for the same seed and number."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.lifecycle import State
from mock_oms.traffic.faults.active import ActiveFault, ActiveFaults, FaultOccasion, UnknownFaultError
from mock_oms.traffic.faults.fault import Fault
from mock_oms.urls import Operation
from tests.faults import START, active, fault, faults, ids, met, request
from tests.profiles import examples

OCCASIONS = st.builds(
    request,
    st.integers(1, 10**9),
    st.none() | st.sampled_from(Operation),
    plan=st.none() | st.integers(1, 3),
    page=st.none() | st.integers(1, 3),
    state=st.none() | st.sampled_from(State),
    after=st.floats(0, 10**6),
)


def requests(count: int, **more: float) -> list[FaultOccasion]:
    return [request(number, **more) for number in range(1, count + 1)]  # type: ignore[arg-type]


def test_the_first_fault_that_applies_is_met() -> None:
    both = active(fault(on="detail"), fault(on="list", times=1), fault())
    assert ids(met(both, *requests(3))) == [2, 3, 3]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ({"on": "list"}, "list"),
        ({"on": "detail"}, "detail"),
        ({"on": "login"}, "login"),
        ({"on": "any"}, "list detail login None"),
        ({"effect": {"shape": "shuffle"}}, "list"),
        ({"effect": {"shape": "null-field"}}, "list detail"),
    ],
)
def test_a_fault_is_for_its_operation_and_for_what_can_have_its_shape(written: dict[str, object], wanted: str) -> None:
    one = active(fault(**written))
    assert [str(each) for each in (*Operation, None) if one.decided(1, request(1, each))[1]] == wanted.split()


OF_PAGE_2 = {"on": "list", "when": {"page": 2}}
OF_PENDING = {"on": "detail", "when": {"state": "pending"}}


@pytest.mark.parametrize(
    ("written", "operation", "right", "wrong"),
    [
        (OF_PAGE_2, Operation.LIST, {"page": 2}, {"page": 1}),
        (OF_PAGE_2, Operation.LIST, {"page": 2}, {"page": None}),
        ({"on": "detail", "plan": 7}, Operation.DETAIL, {"plan": 7}, {"plan": 8}),
        (OF_PENDING, Operation.DETAIL, {"plan": 7, "state": State.PENDING}, {"plan": 7, "state": State.START}),
        (OF_PENDING, Operation.DETAIL, {"plan": 7, "state": State.PENDING}, {"plan": 7, "state": None}),
    ],
)
def test_a_condition_chooses_among_an_operations_requests(
    written: dict[str, object], operation: Operation, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    occasions = [request(1, operation, **more) for more in (wrong, right)]
    assert ids(met(active(fault(**written)), *occasions)) == [None, 1]


def test_the_state_is_asked_for_only_by_a_fault_that_wants_it() -> None:
    def asked() -> State:
        raise AssertionError("nobody wants to know")

    occasion = FaultOccasion(operation=Operation.DETAIL, plan=7, page=None, number=1, now=START, state=asked)
    assert active(fault(on="detail"), fault(on="list")).decided(1, occasion)[1] is not None
    with pytest.raises(AssertionError, match="nobody"):
        active(fault(on="detail", when={"state": "start"})).decided(1, occasion)


def test_a_fault_is_met_as_many_times_as_it_says_and_skips_requests_that_it_is_for() -> None:
    assert ids(met(active(fault(times=2)), *requests(4))) == [1, 1, None, None]
    occasions = [request(1), request(2, Operation.DETAIL), request(3), request(4), request(5)]
    assert ids(met(active(fault(on="list", skip=2, times=1)), *occasions)) == [None, None, None, 1, None]


def test_a_request_that_meets_another_fault_is_skipped_too() -> None:
    assert ids(met(active(fault(times=2), fault(skip=2)), *requests(3))) == [1, 1, 2]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("probability", [0.01, 0.3, 0.5, 0.99])
def test_a_fault_is_met_with_its_probability(seed: int, probability: float) -> None:
    count = 4000
    found = met(active(fault(probability=probability)), *requests(count), seed=seed)
    assert abs(sum(one is not None for one in found) / count - probability) < 0.025


def test_chances_of_two_faults_have_nothing_to_do_with_each_other() -> None:
    """If they had, the second of these would always be met, or never, where the first is not."""
    found = ids(met(active(fault(probability=0.5), fault(probability=0.5)), *requests(2000)))
    assert 0.2 < found.count(2) / 2000 < 0.3


def test_a_fault_ends_so_long_after_it_was_added_and_is_dropped_then_whatever_is_asked() -> None:
    later = ActiveFaults().added(fault(on="list", ttl="1m"), START + timedelta(seconds=30), "control API")
    assert ids(met(later, request(1, after=89.999), request(2, after=90))) == [1, None]
    after, _ = later.decided(1, request(1, Operation.LOGIN, after=90))
    assert after.active == ()


def test_a_ramp_begins_with_nothing_and_ends_with_everything_and_lets_a_delay_grow() -> None:
    ramped = active(fault(ramp="100s"))
    shares = [
        sum(ramped.decided(1, request(number, after=after))[1] is not None for number in range(1000)) / 1000
        for after in (0, 100, 1000, 25, 75)
    ]
    assert shares == [0, 1, 1, pytest.approx(0.25, abs=0.05), pytest.approx(0.75, abs=0.05)]
    slow = active(fault(ramp="100s", effect={"delay": "10s"}))
    found = [slow.decided(1, request(number, after=50))[1] for number in range(20)]
    assert {one.delay for one in found if one} == {5.0}


@examples(40)
@given(st.integers(0, 2**63 - 1), st.lists(faults(), max_size=4), st.lists(OCCASIONS, max_size=6))
def test_the_same_requests_meet_the_same_faults(seed: int, given_: list[Fault], occasions: list[FaultOccasion]) -> None:
    assert met(active(*given_), *occasions, seed=seed) == met(active(*given_), *occasions, seed=seed)


@examples(30)
@given(st.integers(0, 2**63 - 1), faults(), st.randoms(use_true_random=False))
def test_chance_depends_on_the_number_of_a_request_and_not_on_the_order(seed: int, one: Fault, random: Random) -> None:
    always = Fault(on=one.on, effect=one.effect, probability=one.probability, ramp=one.ramp)
    occasions = [request(number, after=number) for number in range(1, 30)]
    mixed = random.sample(occasions, len(occasions))
    in_order = {a.number: b for a, b in zip(occasions, met(active(always), *occasions, seed=seed), strict=True)}
    assert in_order == {a.number: b for a, b in zip(mixed, met(active(always), *mixed, seed=seed), strict=True)}


@examples(30)
@given(st.lists(faults(), max_size=4), st.lists(OCCASIONS, max_size=8))
def test_no_fault_is_met_more_often_than_seen_or_allowed(one: list[Fault], occasions: list[FaultOccasion]) -> None:
    now = active(*one)
    for occasion in occasions:
        now, _ = now.decided(1, occasion)
    assert all(one.met <= min(one.seen, one.fault.times or one.seen) for one in now.active)


def test_ids_are_never_given_twice() -> None:
    one = active(fault(), fault()).removed(2).added(fault(), START, "control API")
    assert [found.id for found in one.active] == [1, 3]
    assert one.cleared().added(fault(), START, "control API").active[0].id == 4


def test_a_fault_says_whose_it_is_and_since_when() -> None:
    (one,) = ActiveFaults().added(fault(), START, "profile flaky").active
    assert one == ActiveFault(id=1, fault=fault(), since=START, origin="profile flaky")


@pytest.mark.parametrize("known", [(), (1, 2)])
def test_an_unknown_fault_cannot_be_removed(known: tuple[int, ...]) -> None:
    with pytest.raises(UnknownFaultError) as refused:
        active(*(fault() for _ in known)).removed(7)
    says = "There is no fault 7 in this world; " + ("known: 1, 2." if known else "none stands.")
    assert (str(refused.value), refused.value.known) == (says, known)


def test_a_fault_that_is_returned_can_be_met_once_more_and_nothing_else_is_returned() -> None:
    after, found = active(fault(times=1)).decided(1, request(1))
    assert found
    assert ids(met(after, request(2))) == [None]
    assert ids(met(after.returned(found.id), request(2), request(3))) == [1, None]
    one = active(fault())
    assert one.returned(7) == one.returned(1) == one
