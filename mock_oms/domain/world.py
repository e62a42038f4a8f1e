"""The fold: a world is what a setup becomes when time passes and events happen, always the same for the same log."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from mock_oms.domain.contents import Contents
from mock_oms.domain.effects import happen
from mock_oms.domain.errors import ClockError, WorldError, written
from mock_oms.domain.events import Event, Occasion, word_of
from mock_oms.domain.interventions import attempted
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Order, Plan, Step
from mock_oms.domain.private import INSTANT, next_tick
from mock_oms.domain.setup import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A line of the timeline that the world refused when its time came, because events had changed the world before."""

    at: datetime
    origin: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One world at `now`, every step taken that was due; `line` counts timeline lines, `events` what came on top."""

    setup: Setup
    contents: Contents
    now: datetime
    line: int = 0
    events: int = 0
    missed: tuple[Missed, ...] = ()

    @property
    def next_due(self) -> datetime | None:
        """When the next step comes, or None if nothing will ever happen by itself.

        The backlog is left out: its plans move when they are looked at (see `next_due_of`).
        """
        contents, setup = self.contents, self.setup
        times = [contents.queue[0][0]] if contents.queue else []
        if self.line < len(setup.timeline):
            times.append(setup.start + setup.timeline[self.line].at)
        if contents.pending:
            times.append(next_tick(setup.start, setup.planner.every, self.now))
        return min(times, default=None)

    def next_due_of(self, plan: Plan) -> datetime | None:
        """When the planner will try this plan next, as things stand."""
        if plan.state is State.PENDING and plan.raw is None:
            return next_tick(self.setup.start, self.setup.planner.every, self.now)
        return plan.due

    def advance(self, to: datetime) -> "World":
        """The world at a later time, every step taken in order."""
        if to < self.now:
            raise ClockError(self.now, to)
        world = self
        while (due := world.next_due) is not None and due <= to:
            world = _step(world, due)
        return replace(world, now=to)

    def apply(self, event: Event, at: datetime | None = None) -> "World":
        """The world after an event at `at` (now, if not given); a `WorldError` leaves this one as it is."""
        world = self.advance(self.now if at is None else at)
        number = self.events + 1
        occasion = Occasion(at=world.now, since=world.now + INSTANT, cause=f"event {number}: {word_of(event)}")
        after = replace(world, contents=happen(world.contents, event, occasion), events=number)
        return _first_attempts(after, world.now)

    def __contains__(self, plan_id: int) -> bool:
        return plan_id in self.contents.plans or plan_id in self.contents.backlog

    def first_time(self, plan_id: int, state: State, limit: datetime) -> datetime | None:
        """The first moment, from now to `limit`, at which a plan is in this state; None if there is none.

        :raises UnknownNameError: there is no such plan, and none comes.
        """
        world = self
        while True:
            found = world.find(plan_id)
            if found and found[0].state is state:
                return world.now
            own = world.next_due_of(found[0]) if found else None
            due = min((one for one in (world.next_due, own) if one is not None), default=None)
            if due is None or due > limit:
                if not found:
                    raise world.contents.unknown(plan_id, hint=f"None comes up to {written(limit)}.")
                return None
            world = world.advance(due)

    def steps_since(self, earlier: "World") -> list[tuple[int, Step]]:
        """The steps of stored plans since an earlier state of this world, oldest first, each with its plan's id.

        Plans of the backlog move unseen until an event touches them.
        """
        new = len(self.contents.chronicle) - len(earlier.contents.chronicle)
        return list(islice(self.contents.chronicle, new))[::-1]

    def find(self, plan_id: int) -> tuple[Plan, Order] | None:
        """A plan and its order as they are now, or None where the world has no such id."""
        return self.contents.found(plan_id, self.now) if plan_id in self else None


def _step(world: World, at: datetime) -> World:
    """Everything that is due at one instant: timeline, first attempts, retries, in this order."""
    setup, world = world.setup, replace(world, now=at)
    while world.line < len(setup.timeline) and setup.start + setup.timeline[world.line].at <= at:
        world = _read_line(world, at)
    world = _first_attempts(world, at)
    on_grid = next_tick(setup.start, setup.planner.every, at - INSTANT) == at
    return _retries(world, at) if on_grid else world


def _read_line(world: World, at: datetime) -> World:
    line = world.setup.timeline[world.line]
    occasion = Occasion(at=at, since=at, cause=f"{line.origin}: {word_of(line.event)}")
    after = replace(world, line=world.line + 1)
    try:
        return replace(after, contents=happen(world.contents, line.event, occasion))
    except WorldError as error:
        missed = Missed(at=at, origin=line.origin, reason=str(error))
        return replace(after, missed=(*world.missed, missed))


def _first_attempts(world: World, at: datetime) -> World:
    contents = world.contents
    while contents.queue and contents.queue[0][0] <= at:
        for plan_id in sorted(contents.queue[0][1]):
            contents = _try(contents, plan_id, at)
    return replace(world, contents=contents)


def _retries(world: World, at: datetime) -> World:
    contents = world.contents
    for plan_id in sorted(contents.pending):
        if contents.plans[plan_id].attempts[-1].at < at:
            contents = _try(contents, plan_id, at)
    return replace(world, contents=contents)


def _try(contents: Contents, plan_id: int, at: datetime) -> Contents:
    plan = contents.plans[plan_id]
    return contents.with_outcome(attempted(contents, plan, contents.orders[plan.order], at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What a change led to: the world after it, and the steps of plans on the way, each with its plan, oldest first."""

    world: World
    steps: tuple[tuple[int, Step], ...]

    @classmethod
    def between(cls, before: World, after: World) -> "Passage":
        """The passage from one state of a world to a later one."""
        return cls(world=after, steps=tuple(after.steps_since(before)))
