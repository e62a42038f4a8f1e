"""A world at an instant: opened from a setup, then folded over its timeline, its events and the passing of time."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import TypeVar

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import INSTANT, next_retry
from mock_oms.domain.contents import Contents
from mock_oms.domain.errors import ClockError, WorldError
from mock_oms.domain.event_effects import attempted, happen
from mock_oms.domain.events import Event, EventOccasion, word_of
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan, Step
from mock_oms.domain.plan_actions import ordered
from mock_oms.domain.setup import CapturedPlan, Setup, SimulatedPlan
from mock_oms.text import time_text

T = TypeVar("T")
#: Work that may take long, and its result; it yields often, so that whoever lets it be done may pause.
Work = Generator[None, None, T]


def done(work: Work[T]) -> T:
    """The result of work that is done without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedLine:
    """A line of the timeline that the world refused when its time came, because events had changed the world before."""

    at: datetime
    origin: str
    reason: str


class NeverComesError(WorldError):
    """A state that a plan does not come into within the time that was given; the clock is as it was.

    `last` is the plan with its order at the end of that time.
    """

    def __init__(self, state: State, now: datetime, limit: datetime, last: tuple[Plan, Order]) -> None:
        plan, self.last = last[0].id, last
        super().__init__(f"Plan {plan} does not become {state} between {time_text(now)} and {time_text(limit)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One world at `now`, every step taken that was due; `line` counts timeline lines, `events` what came on top."""

    setup: Setup
    contents: Contents
    now: datetime
    line: int = 0
    events: int = 0
    missed: tuple[MissedLine, ...] = ()

    @property
    def next_due(self) -> datetime | None:
        """When the next step comes, None if nothing will ever happen by itself; the backlog moves when it is read."""
        contents, setup = self.contents, self.setup
        times = [contents.soonest[0]] if contents.soonest else []
        if self.line < len(setup.timeline):
            times.append(setup.start + setup.timeline[self.line].at)
        if contents.pending:
            times.append(next_retry(setup.start, setup.planner.every, self.now))
        return min(times, default=None)

    def next_due_of(self, plan: Plan) -> datetime | None:
        """When the planner will try this plan next, as things stand."""
        if plan.is_retried:
            return next_retry(self.setup.start, self.setup.planner.every, self.now)
        return plan.due

    def advance(self, to: datetime) -> "World":
        """The world at a later time, every step taken in order."""
        return done(self.advancing(to))

    def advancing(self, to: datetime) -> Work["World"]:
        """As `advance`; it yields at each line of the timeline and each attempt."""
        if to < self.now:
            raise ClockError(self.now, to)
        world = self
        while (due := world.next_due) is not None and due <= to:
            world = yield from _step(world, due)
        return replace(world, now=to)

    def apply(self, event: Event, at: datetime | None = None) -> "World":
        """The world after an event at `at` (now, if not given); a `WorldError` leaves this one as it is."""
        world = self.advance(self.now if at is None else at)
        number = self.events + 1
        occasion = EventOccasion(at=world.now, since=world.now + INSTANT, cause=f"event {number}: {word_of(event)}")
        after = replace(world, contents=happen(world.contents, event, occasion), events=number)
        return done(_first_attempts(after, world.now))

    def __contains__(self, plan_id: int) -> bool:
        return plan_id in self.contents.plans or plan_id in self.contents.backlog

    def first_time(self, plan_id: int, state: State, limit: datetime) -> Work[datetime]:
        """The first moment, from now to `limit`, at which a plan is in this state.

        :raises NeverComesError: there is none.
        :raises UnknownNameError: there is no such plan, and none comes.
        """
        world = self
        if plan_id in self:
            # A plan of the backlog is made again at each look, with all its attempts, unless it is stored.
            world = replace(self, contents=self.contents.holding(plan_id, self.now))
        while True:
            found = world.find(plan_id)
            if found and found[0].state is state:
                return world.now
            due = world.next_due
            if due is None or due > limit:
                if not found:
                    raise world.contents.unknown(plan_id, hint=f"None comes up to {time_text(limit)}.")
                raise NeverComesError(state, self.now, limit, found)
            world = yield from world.advancing(due)

    def steps_since(self, earlier: "World") -> list[tuple[int, Step]]:
        """The steps of stored plans since an earlier state, oldest first, with their plans' ids; the backlog has none."""
        new = len(self.contents.chronicle) - len(earlier.contents.chronicle)
        return list(islice(self.contents.chronicle, new))[::-1]

    def find(self, plan_id: int) -> tuple[Plan, Order] | None:
        """A plan and its order as they are now, or None where the world has no such id."""
        return self.contents.found(plan_id, self.now) if plan_id in self else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldAdvance:
    """What a change led to: the world after it, and the steps of plans on the way, each with its plan, oldest first."""

    world: World
    steps: tuple[tuple[int, Step], ...]

    @classmethod
    def between(cls, before: World, after: World) -> "WorldAdvance":
        """The passage from one state of a world to a later one."""
        return cls(world=after, steps=tuple(after.steps_since(before)))


def _step(world: World, at: datetime) -> Work[World]:
    """Everything that is due at one instant: timeline, first attempts, retries, in this order."""
    setup, world = world.setup, replace(world, now=at)
    while world.line < len(setup.timeline) and setup.start + setup.timeline[world.line].at <= at:
        yield
        line = setup.timeline[world.line]
        world = replace(world, line=world.line + 1)
        occasion = EventOccasion(at=at, since=at, cause=f"{line.origin}: {word_of(line.event)}")
        try:
            world = replace(world, contents=happen(world.contents, line.event, occasion))
        except WorldError as error:
            missed = MissedLine(at=at, origin=line.origin, reason=str(error))
            world = replace(world, missed=(*world.missed, missed))
    world = yield from _first_attempts(world, at)
    contents = world.contents
    if next_retry(setup.start, setup.planner.every, at - INSTANT) == at:
        unseen, seeded = contents.retried_unseen(), contents.plans.seeded
        for plan_id in sorted(contents.pending):
            yield
            if plan_id in unseen:
                # What happened up to the start is in no stream and no count.
                contents = contents.with_step(plan_id, seeded.retry(plan_id, at)) if at > setup.start else contents
            elif (last := contents.plans[plan_id].last_attempt) and last.at < at:
                contents = _try(contents, plan_id, at)
        contents = contents.with_seeded_until(at)
    return replace(world, contents=contents)


def _first_attempts(world: World, at: datetime) -> Work[World]:
    contents = world.contents
    while (soonest := contents.soonest) and soonest[0] <= at:
        for plan_id in sorted(soonest[1]):
            yield
            contents = _try(contents, plan_id, at)
    return replace(world, contents=contents)


def _try(contents: Contents, plan_id: int, at: datetime) -> Contents:
    plan = contents.plans[plan_id]
    return contents.with_outcome(attempted(contents, plan, contents.orders[plan.order], at))


def open_world(setup: Setup) -> World:
    """The world at its start; what the scenario dates back has been lived through by then."""
    return done(opening(setup))


def opening(setup: Setup) -> Work[World]:
    """As `open_world`; it yields at each plan that it makes and at each attempt."""
    before = setup.start - INSTANT
    orders: list[tuple[Plan, Order]] = []
    for group, ids in setup.numbered():
        if isinstance(group, SimulatedPlan):
            created = setup.start + (group.order.created or timedelta())
            cause = "ordered by the scenario"
            for plan_id in ids:
                yield
                orders.append(ordered(setup, plan_id, group.order, created, cause))
    orders.sort(key=lambda pair: pair[0].created)
    first = min([before, *(plan.created - INSTANT for plan, _ in orders[:1])])
    world = World(setup=setup, contents=Contents.empty(setup), now=first)
    for created, pairs in groupby(orders, key=lambda pair: pair[0].created):
        world = yield from world.advancing(min(created, before))
        world = replace(world, contents=world.contents.with_many(pairs))
    world = yield from world.advancing(before)
    contents = world.contents.with_seeded().with_many(_captured(setup))
    return (yield from replace(world, contents=contents).advancing(setup.start))


def _captured(setup: Setup) -> Iterator[tuple[Plan, Order]]:
    """Plans of which the simulation knows no more than their state."""
    for group, ids in setup.numbered():
        if isinstance(group, CapturedPlan):
            plan_id, at = ids.start, setup.start
            order = Order(id=plan_id + ORDER_IDS, created=at, modified=at, city="", items=(), plans=(plan_id,))
            state = group.state or State.START
            yield Plan(id=plan_id, order=order.id, state=state, created=at, modified=at, items=(), raw=group.raw), order
