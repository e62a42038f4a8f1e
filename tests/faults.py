"""ActiveFaults for tests: in the words of a file, and whole families of them for Hypothesis."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.schema import FAULT_SCHEMA
from mock_oms.traffic.faults.active import ActiveFaults, FaultOccasion, MetFault
from mock_oms.traffic.faults.fault import (
    LIST_SHAPES,
    STATUSES,
    BrokenBody,
    Connection,
    Delay,
    DelayPlace,
    Effect,
    Fault,
    FaultTarget,
    Lognormal,
    Normal,
    Shape,
    When,
)
from mock_oms.traffic.faults.limits import Expiry, Limits, Quota
from mock_oms.urls import Operation

START = datetime(2024, 3, 5, 9, tzinfo=UTC)


def fault(**written: Any) -> Fault:
    """A fault in the words of a file; `on: any`, if nothing else is said, and a 503."""
    loaded: Fault = FAULT_SCHEMA().load({"on": "any", "effect": {"status": 503}, **written})
    return loaded


def active(*faults: Fault) -> ActiveFaults:
    """These faults, added at the start."""
    found = ActiveFaults()
    for one in faults:
        found = found.added(one, START, "scenario")
    return found


def request(
    number: int = 1,
    operation: Operation | None = Operation.LIST,
    *,
    plan: int | None = None,
    page: int | None = None,
    state: State | None = None,
    after: float = 0,
) -> FaultOccasion:
    """A request, so many seconds of world time after the start."""
    return FaultOccasion(
        operation=operation,
        plan=plan,
        page=page,
        number=number,
        now=START + timedelta(seconds=after),
        state=lambda: state,
    )


def met(faults: ActiveFaults, *occasions: FaultOccasion, seed: int = 1) -> list[MetFault | None]:
    """What these requests meet, one after the other."""
    found = []
    for occasion in occasions:
        faults, one = faults.decided(seed, occasion)
        found.append(one)
    return found


def ids(found: list[MetFault | None]) -> list[int | None]:
    """The faults that were met, by id."""
    return [one.id if one else None for one in found]


def _spans(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda count: timedelta(milliseconds=count))


WORLD_TIMES = _spans(1, 366 * 86_400_000)
_PAUSES = _spans(1, 60_000)
_DISTRIBUTIONS = st.one_of(
    st.fixed_dictionaries({"fixed": _PAUSES}),
    st.tuples(_spans(0, 60_000), _spans(0, 60_000)).map(lambda pair: {"uniform": tuple(sorted(pair))}),
    st.builds(Normal, mean=_PAUSES, deviation=_spans(0, 60_000)).map(lambda one: {"normal": one}),
    st.builds(Lognormal, median=_PAUSES, sigma=st.floats(0, 5, exclude_min=True)).map(lambda one: {"lognormal": one}),
)
DELAYS = st.builds(
    lambda kind, most, place: Delay(**kind, max=most, place=place),
    _DISTRIBUTIONS,
    _spans(60_000, 600_000),
    st.sampled_from(DelayPlace),
)
_KINDS = st.one_of(
    st.fixed_dictionaries({"status": st.sampled_from(STATUSES)}),
    st.fixed_dictionaries({"status": st.sampled_from((429, 503)), "retry_after": st.integers(0, 86_400)}),
    st.fixed_dictionaries({"connection": st.sampled_from(Connection)}),
    st.fixed_dictionaries({"connection": st.just(Connection.TRUNCATE), "fraction": st.floats(0.01, 0.99)}),
    st.fixed_dictionaries({"connection": st.just(Connection.STALL), "max": _PAUSES}),
    st.fixed_dictionaries({"connection": st.just(Connection.DRIBBLE), "bytes_per_second": st.integers(1, 1_000_000)}),
    st.fixed_dictionaries({"body": st.sampled_from(BrokenBody)}),
    st.fixed_dictionaries({"shape": st.sampled_from(Shape)}),
)
EFFECTS = st.one_of(
    _KINDS.map(lambda kind: Effect(**kind)),
    st.builds(lambda kind, delay: Effect(**kind, delay=delay), _KINDS, DELAYS),
    st.builds(Effect, delay=DELAYS),
)


@st.composite
def faults(draw: Any) -> Fault:
    """ActiveFaults of every kind that do not contradict themselves."""
    effect = draw(EFFECTS)
    of_list = [FaultTarget.LIST, FaultTarget.ANY]
    on = draw(st.sampled_from(of_list if effect.shape in LIST_SHAPES else [*of_list, FaultTarget.DETAIL]))
    count = st.none() | st.integers(1, 1_000_000)
    return Fault(
        on=on,
        effect=effect,
        plan=draw(st.none() | st.integers(1, 2**31 - 1)) if on is FaultTarget.DETAIL else None,
        when=When(
            page=draw(count) if on is FaultTarget.LIST else None,
            state=draw(st.none() | st.sampled_from(State)) if on is FaultTarget.DETAIL else None,
        ),
        times=draw(count),
        skip=draw(st.integers(0, 1_000_000)),
        probability=draw(st.floats(0, 1, exclude_min=True)),
        ttl=draw(st.none() | WORLD_TIMES),
        ramp=draw(st.none() | WORLD_TIMES),
    )


QUOTAS = st.builds(Quota, limit=st.integers(1, 10_000), window=_spans(1000, 366 * 86_400_000))
EXPIRIES = st.one_of(
    st.builds(Expiry, requests=st.integers(1, 1_000_000)),
    st.builds(Expiry, after=_spans(1000, 366 * 86_400_000)),
)
LIMITS = st.builds(Limits, quota=st.none() | QUOTAS, token=st.none() | EXPIRIES, login=st.none() | QUOTAS)
