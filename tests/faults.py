"""ActiveFaults for tests: in the words of a file, and whole families of them for Hypothesis."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import strategies as st

from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.schema import FaultSchema
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
    loaded: Fault = FaultSchema().load({"on": "any", "effect": {"status": 503}, **written})
    return loaded


def active(*faults: Fault) -> ActiveFaults:
    """These faults, added at the start."""
    return reduce(lambda found, one: found.added(one, START, "scenario"), faults, ActiveFaults())


def request(
    number: int = 1, operation: Operation | None = Operation.LIST, *, after: float = 0, state: Any = None, **more: Any
) -> FaultOccasion:
    """A request, so many seconds of world time after the start."""
    said = {"plan": None, "page": None, "number": number, "now": START + timedelta(seconds=after), **more}
    return FaultOccasion(operation=operation, state=lambda: state, **said)


def met(faults: ActiveFaults, *occasions: FaultOccasion, seed: int = 1) -> list[MetFault | None]:
    """What these requests meet, one after the other."""
    found = []
    for occasion in occasions:
        faults, one = faults.decided(seed, occasion)
        found.append(one)
    return found


def ids(found: list[MetFault | None]) -> list[int | None]:
    return [one.id if one else None for one in found]


def _spans(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda count: timedelta(milliseconds=count))


_YEAR = 366 * 86_400_000
WORLD_TIMES, _PAUSES, _MINUTE = _spans(1, _YEAR), _spans(1, 60_000), _spans(0, 60_000)
_DISTRIBUTIONS = st.one_of(
    _PAUSES.map(lambda one: {"fixed": one}),
    st.tuples(_MINUTE, _MINUTE).map(lambda pair: {"uniform": tuple(sorted(pair))}),
    st.builds(Normal, mean=_PAUSES, deviation=_MINUTE).map(lambda one: {"normal": one}),
    st.builds(Lognormal, median=_PAUSES, sigma=st.floats(0, 5, exclude_min=True)).map(lambda one: {"lognormal": one}),
)
_PLACES, _MOST = st.sampled_from(DelayPlace), _spans(60_000, 600_000)
DELAYS = st.builds(lambda kind, most, place: Delay(**kind, max=most, place=place), _DISTRIBUTIONS, _MOST, _PLACES)


def _kind(**values: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {key: one if isinstance(one, st.SearchStrategy) else st.sampled_from(one) for key, one in values.items()}
    )


_KINDS = st.one_of(
    _kind(status=STATUSES),
    _kind(status=(429, 503), retry_after=st.integers(0, 86_400)),
    _kind(connection=Connection),
    _kind(connection=[Connection.TRUNCATE], fraction=st.floats(0.01, 0.99)),
    _kind(connection=[Connection.STALL], max=_PAUSES),
    _kind(connection=[Connection.DRIBBLE], bytes_per_second=st.integers(1, 1_000_000)),
    _kind(body=BrokenBody),
    _kind(shape=Shape),
)
EFFECTS = st.builds(lambda kind, delay: Effect(**kind, delay=delay), _KINDS, st.none() | DELAYS) | st.builds(
    Effect, delay=DELAYS
)


@st.composite
def faults(draw: Any) -> Fault:
    """ActiveFaults of every kind that do not contradict themselves."""
    effect = draw(EFFECTS)
    of_list = [FaultTarget.LIST, FaultTarget.ANY]
    on = draw(st.sampled_from(of_list if effect.shape in LIST_SHAPES else [*of_list, FaultTarget.DETAIL]))
    count = st.none() | st.integers(1, 1_000_000)
    of_detail, times = on is FaultTarget.DETAIL, st.none() | WORLD_TIMES
    when = When(
        page=draw(count) if on is FaultTarget.LIST else None,
        state=draw(st.none() | st.sampled_from(State)) if of_detail else None,
    )
    plan = draw(st.none() | st.integers(1, 2**31 - 1)) if of_detail else None
    chances = {"skip": draw(st.integers(0, 1_000_000)), "probability": draw(st.floats(0, 1, exclude_min=True))}
    return Fault(
        on=on, effect=effect, plan=plan, when=when, times=draw(count), ttl=draw(times), ramp=draw(times), **chances
    )


_WINDOWS = _spans(1000, _YEAR)
QUOTAS = st.builds(Quota, limit=st.integers(1, 10_000), window=_WINDOWS)
EXPIRIES = st.builds(Expiry, requests=st.integers(1, 1_000_000)) | st.builds(Expiry, after=_WINDOWS)
LIMITS = st.builds(Limits, quota=st.none() | QUOTAS, token=st.none() | EXPIRIES, login=st.none() | QUOTAS)
