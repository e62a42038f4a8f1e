"""When seeded plans were created and first tried, and in which state a plan of the backlog is, as a function of (setup, id)."""

from datetime import datetime, timedelta

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import INSTANT
from mock_oms.domain.lifecycle import State
from mock_oms.domain.setup import Setup, draw, pick_weighted

#: What waits has waited for two days at most, and for so many retries at most: each of them is in its context.
LONGEST_WAIT, MOST_RETRIES = timedelta(days=2), 96
#: How far apart orders are at most, and how far back those go that have come to rest.
_BACKLOG_SPACING, _BACKLOG_SPAN = timedelta(minutes=5), timedelta(days=365)
_SEEDED_SPACING, _SEEDED_SPAN, _SEEDED_WAIT = timedelta(hours=3), timedelta(days=3), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The state of a plan when the world begins, its creation, and its first attempt (None: held until confirmed)."""

    state: State
    created: datetime
    first: datetime | None


def part_of(setup: Setup, span: timedelta, *key: str | int) -> timedelta:
    """A part of the span, drawn to the microsecond."""
    return draw(setup.seed, *key, below=max(1, span // INSTANT)) * INSTANT


def begun_in_backlog(setup: Setup, plan_id: int) -> Begun:
    """The larger its id, the younger a plan of the backlog is.

    The youngest are those in `start`, created less than `planner.first` before the world. Those that are `pending` are
    among the next ones, the fewer the older these are, and all others have come to rest. Where the weights ask for more
    of them than orders come in a few days, the youngest orders came faster.
    """
    if setup.seeding == 1:
        return _backlog_of_0_1(setup, plan_id)
    total, weights = len(setup.backlog_ids), setup.backlog.states if setup.backlog else {}
    whole = sum(weights.values())
    started, pending = (
        (2 * total * weights.get(one, 0) + whole) // (2 * whole) for one in (State.START, State.PENDING)
    )
    pending = min(pending, total - started)
    young = min(3 * pending, total - started)
    place = total - plan_id
    if place < started:
        return _started(setup, plan_id, place, started, _BACKLOG_SPACING)
    place -= started
    spacing = min(_BACKLOG_SPACING, _BACKLOG_SPAN / total)
    waiting = min(_longest_wait(setup), young * spacing)
    if place >= young:
        old = place - young
        age = waiting + spacing * old + INSTANT + part_of(setup, spacing, "created", plan_id)
    else:
        age = _age(setup, waiting, place, young, plan_id)
    if place < young and _waits(setup, plan_id, place, young, pending):
        return _tried(setup, State.PENDING, age)
    settled = {state: weights.get(state, 0) for state in (State.COMPLETED, State.CANCELLED)}
    return _tried(setup, pick_weighted(setup.seed, "backlog", plan_id, weights=settled), age)


def begun_as_seeded(setup: Setup, plan_id: int, state: State, place: int, total: int, first_id: int) -> Begun:
    """A seeded plan, of whose state there are `total`; those before it, `place` in number, are older."""
    if setup.seeding == 1:
        return _seeded_of_0_1(setup, plan_id, state, place, total, first_id)
    younger = total - 1 - place
    if state is State.START:
        return _started(setup, plan_id, younger, total, _SEEDED_SPACING)
    waits = state is State.PENDING  # most for an hour or two: once somebody has looked, all their attempts are kept
    span = min(_SEEDED_WAIT, _longest_wait(setup)) if waits else _SEEDED_SPAN
    age = _age(setup, min(span, total * _SEEDED_SPACING), younger, total, plan_id, power=4 if waits else 1)
    return _tried(setup, state, age)


def _longest_wait(setup: Setup) -> timedelta:
    return min(LONGEST_WAIT, MOST_RETRIES * setup.planner.every)


def _age(setup: Setup, span: timedelta, younger: int, total: int, plan_id: int, *, power: int = 1) -> timedelta:
    """An age above 0 and up to the span of one that so many of the total are younger than; more are young with a power."""
    low, high = (span // INSTANT * int(one**power) // int(total**power) for one in (younger, younger + 1))
    return low * INSTANT + INSTANT + part_of(setup, (high - low) * INSTANT, "created", plan_id)


def _tried(setup: Setup, state: State, age: timedelta) -> Begun:
    """It was first tried so long before the world begins."""
    first = setup.start - age
    return Begun(state=state, created=first - setup.planner.first, first=first)


def _started(setup: Setup, plan_id: int, younger: int, total: int, spacing: timedelta) -> Begun:
    """It waits for its first attempt for half the usual time at least; where a new plan never waits, it is held."""
    half = setup.planner.first // 2
    age = _age(setup, half or total * spacing, younger, total, plan_id)
    created = setup.start - age
    return Begun(state=State.START, created=created, first=created + setup.planner.first if half else None)


def _waits(setup: Setup, plan_id: int, place: int, young: int, pending: int) -> bool:
    """Whether a plan at this place of the `young` ones is pending, as `pending` of them are.

    All are at the first place, none at the last, and in between it goes down with the square; as far as these are too
    few, all alike are besides. In whole numbers, which are the same on every machine.
    """
    left = 2 * (young - place) - 1
    weight = 4 * (3 * pending - young) * young**2 + 3 * (young - pending) * left**2
    return draw(setup.seed, "backlog", plan_id, "waits", below=2**32) * 8 * young**3 < weight * 2**32


# The rules of mock-oms 0.1, by which the worlds that it wrote down are made again: what happened to one refers to its plans.


def _backlog_of_0_1(setup: Setup, plan_id: int) -> Begun:
    total = len(setup.backlog_ids)
    spacing = min(timedelta(minutes=5), timedelta(days=365) / total)
    age = spacing * (total - plan_id + 1) - part_of(setup, spacing, "created", plan_id)
    state = pick_weighted(setup.seed, "backlog", plan_id, weights=setup.backlog.states if setup.backlog else {})
    return _begun_in_0_1(setup, plan_id, state, setup.start - age)


def _seeded_of_0_1(setup: Setup, plan_id: int, state: State, place: int, total: int, first_id: int) -> Begun:
    spacing = min(timedelta(hours=3), timedelta(days=3) / total)
    created = setup.start - spacing * (total - place) + part_of(setup, spacing, "created", first_id + place)
    return _begun_in_0_1(setup, plan_id, state, created)


def _begun_in_0_1(setup: Setup, plan_id: int, state: State, created: datetime) -> Begun:
    start, planner, before = setup.start, setup.planner, setup.start - INSTANT
    created = created if state is State.START else min(created, before - planner.first)
    first = created + planner.first
    if state is State.START:  # shortly after the world's start
        first = max(first, start + timedelta(seconds=1) + part_of(setup, timedelta(minutes=10), "told", plan_id, "due"))
    elif state is State.PENDING:  # a few retries before it
        attempts = pick_weighted(setup.seed, "told", plan_id, "attempts", weights={1: 2, 2: 3, 3: 2, 5: 1})
        held = part_of(setup, planner.every, "told", plan_id, "held")
        first = min(max(first, start - planner.every * (attempts - 1) - held), before)
    return Begun(state=state, created=created, first=first)
