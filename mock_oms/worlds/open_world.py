"""A world that is in use: its clock, its log and its lock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import INSTANT, Clock
from mock_oms.domain.errors import ClockError, TooFarError, TooManyEventsError
from mock_oms.domain.events import Event, word_of
from mock_oms.domain.lifecycle import State
from mock_oms.domain.world import Work, World, WorldAdvance
from mock_oms.traffic.metrics import MetricName, Metrics
from mock_oms.worlds.host_clock import Wall, elapsed
from mock_oms.worlds.lifecycle_counts import Beginning, TakenSteps, counted_ways, lifecycle_of
from mock_oms.worlds.pacing import Pacer
from mock_oms.worlds.store import Log, LogChange, LogEntry, WorldOrigin
from mock_oms.worlds.view import CachedRenderer, WorldView
from mock_oms.worlds.world_header import WorldHeader

if TYPE_CHECKING:
    from mock_oms.contract.control_bodies import WorldLifecycle

#: Events that one world takes: a log that grows without end would only be replayed more and more slowly.
MAX_EVENTS = 10_000
#: Bytes of them, written as JSON: a snapshot must be small enough for the control API to read it again.
MAX_LOG = 900_000
#: How far a clock is advanced at once: a pending plan is tried 48 times a day, and nobody else changes it meanwhile.
MAX_TURN = timedelta(days=366)
#: Seconds for which the steps that are due are taken at once. A world with more, such as 100,000 plans that wait under a
#: clock that runs through a day in a second, falls behind its clock: else nobody could ever read it.
CATCH_UP = 5.0
#: How long after its start a world lives at most: every attempt of that time is made again when a snapshot is read.
LONGEST_LIFE = timedelta(days=3660)
#: No clock shows more than this.
LAST_TIME = datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)


def end_of_life(start: datetime) -> datetime:
    """The last time that the clock of a world with this start shows."""
    return max(start, min(LAST_TIME, start + LONGEST_LIFE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A world with its clock and its log, all of one moment; a snapshot is this, written down.

    `life` is how often the world was put to another instant before: what happened to it then is no longer its past.
    `taken` counts the steps of this life; it is None for an instant that is not yet that of an open world.
    """

    world: World
    clock: Clock
    log: tuple[LogEntry, ...] = ()
    life: int = 0
    taken: TakenSteps | None = None

    @property
    def changes(self) -> tuple[LogChange, ...]:
        """What is written down of it: its log, then its clock."""
        return (*self.log, self.clock)


class OpenWorld:
    """One world. It is changed by one thread at a time, and by none that changes another world.

    `beginning` is where a reset returns to, `latest` the latest instant that was read: no earlier one is read again. Who
    looks at it neither waits nor takes a step. While the world is changed, its time stands still, and it is read as it
    was before. A change is in `log` before anybody sees it; where it cannot be written
    (`mock_oms.worlds.store.CannotWriteError`), the world is as it was. `line` is the part of its world header that
    stays the same. `lags`: its steps take longer than its clock allows, and not all that are due were taken.

    `metrics` count the events that it takes and the steps of its stored plans, but not those that a snapshot brings
    along. `pacer` is for what may take long.
    """

    def __init__(
        self,
        origin: WorldOrigin,
        beginning: Instant,
        cached: CachedRenderer,
        *,
        wall: Wall,
        log: Log,
        latest: Instant | None,
        metrics: Metrics,
        pacer: Pacer,
    ) -> None:
        self._wall, self._log, self._metrics, self._pacer = wall, log, metrics, pacer
        # The first is held for as long as a change takes, or the steps that are due; the second never for long.
        self._changing, self._lock = Lock(), Lock()
        self._stands_still = self.lags = False
        self._set_beginning(origin, beginning, cached)
        self.latest = self._counted(latest or beginning)
        self.line = self._header(self.beginning).origin
        self._size = sum(one.size for one in self.latest.log)
        self._listeners: tuple[Callable[[], None], ...] = ()

    def _set_beginning(self, origin: WorldOrigin, beginning: Instant, cached: CachedRenderer) -> None:
        self.origin, self._beginning, self._cached = origin, beginning, cached
        self._end = end_of_life(origin.start)
        self._begun = Beginning(beginning.world)

    def _header(self, world: World) -> WorldHeader:
        return WorldHeader.of(self.origin.name, self.origin.scenario, world)

    @property
    def beginning(self) -> World:
        """Where a reset returns to."""
        return self._beginning.world

    # Reading

    @property
    def rate(self) -> float:
        """How fast its clock runs."""
        return self.latest.clock.rate

    def glance(self, wall: datetime) -> tuple[World, datetime]:
        """The latest world that was read, and what its clock shows by now; nobody waits.

        Steps that have been due since are not taken: a caller who needs them reads an `instant`.
        """
        latest = self.latest
        now = latest.world.now
        return latest.world, max(now, min(self._end, latest.clock.at(wall))) if latest.clock.rate else now

    def is_due(self) -> bool:
        """Whether steps are due that nobody has taken yet."""
        latest = self.latest
        due = latest.world.next_due if latest.clock.rate and not self._stands_still else None
        return due is not None and due <= self._shown(latest)

    def instant(self) -> Instant:
        """World, clock and log as they are now; nobody waits for more than the steps that are due (see `CATCH_UP`)."""
        if self.is_due():
            with self._changing:
                self._take_steps()
        return self.seen()

    def seen(self) -> Instant:
        """The same without the steps that are due: up to the first of them. Nobody waits for anything."""
        with self._lock:
            if not self._stands_still:
                latest = self.latest
                now, due = self._shown(latest), latest.world.next_due
                until = now if due is None else max(latest.world.now, min(now, due - INSTANT))
                if until > latest.world.now:
                    self.latest = replace(latest, world=latest.world.advance(until))
            return self.latest

    def reading(self) -> WorldView:
        """The world as it is now, for the vendor's API."""
        return self._view_of(self.instant())

    def lifecycle(self) -> "WorldLifecycle":
        """The lifecycle with the numbers of this world: its plans by state, and the steps of this life."""
        instant = self.instant()
        return lifecycle_of(instant.world, instant.taken or TakenSteps.since(self._begun, instant.world))

    def seen_reading(self) -> WorldView:
        """The same of what is `seen`."""
        return self._view_of(self.seen())

    def _view_of(self, instant: Instant) -> WorldView:
        return WorldView(instant.world, self._cached, self._header(instant.world))

    def listen(self, listener: Callable[[], None]) -> None:
        """Have this called whenever a plan may have moved: in whose thread it happens, while nobody else moves one.

        One thread at a time may begin to listen, or stop to.
        """
        self._listeners = (*self._listeners, listener)

    def ignore(self, listener: Callable[[], None]) -> None:
        """No longer call it."""
        self._listeners = tuple(one for one in self._listeners if one != listener)

    # Changing

    def apply(self, event: Event) -> WorldAdvance:
        """Let an event happen now.

        :raises mock_oms.domain.errors.TooManyEventsError: there would be too many events, or too many bytes of them.
        :raises mock_oms.domain.errors.WorldError: the world refuses the event and is as it was.
        """
        with self._change() as before:
            entry = LogEntry(number=before.world.events + 1, at=before.world.now, event=event)
            size = self._size + entry.size
            if entry.number > MAX_EVENTS:
                raise TooManyEventsError(f"This world has taken {MAX_EVENTS} events; reset it, or open another.")
            if size > MAX_LOG:
                raise TooManyEventsError(f"This world's events fill {MAX_LOG} bytes; reset it, or open another.")
            after = before.world.apply(event)
            self._log.append(entry)
            self._size = size
            self._show(replace(before, world=after, log=(*before.log, entry)))
            self._metrics.count(MetricName.EVENTS, word_of(event))
            return WorldAdvance.between(before.world, after)

    def advance(self, by: timedelta) -> WorldAdvance:
        """Advance the clock; it keeps its rate.

        :raises TooFarError: by more than `MAX_TURN`, or past the end of its life.
        """
        with self._change() as before:
            return self._advance(before, by)

    def advance_until(self, plan: int, state: State, within: timedelta) -> WorldAdvance:
        """Advance the clock to the first moment at which a plan is in this state.

        :raises mock_oms.domain.world.NeverComesError: the plan does not come into it within that time; the clock is as it was.
        """
        with self._change() as before:
            now = before.world.now
            moment = self._pacer.done(before.world.first_time(plan, state, now + within))
            return self._advance(before, moment - now)

    def set_clock(self, *, now: datetime | None = None, rate: float | None = None) -> WorldAdvance:
        """Advance the clock to a time, or let it run at another rate from now on (0 freezes it), or both.

        :raises ClockError: that time is past.
        :raises TooFarError: it is more than `MAX_TURN` ahead, or past the end of its life.
        """
        with self._change() as before:
            to = before.world.now if now is None else now
            if to < before.world.now:
                raise ClockError(before.world.now, to)
            clock = before.clock if rate is None else replace(before.clock, rate=rate)
            return self._advance(replace(before, clock=clock), to - before.world.now)

    def reset(self) -> None:
        """Return to the beginning: no event has happened, and the clock shows the start."""
        with self._change(catch_up=False):
            self._show(self._rewrite(self._beginning, anew=True))

    def renew(self, origin: WorldOrigin, beginning: Instant, cached: CachedRenderer) -> None:
        """Begin anew as if the world had been opened so: with another version of its scenario, under the same name."""
        with self._change(catch_up=False):
            after = self._rewrite(beginning, anew=True, origin=origin)
            self._set_beginning(origin, beginning, cached)
            self._show(after)
            # After the latest instant: who reads the line and then the instant never has the later line of the two.
            self.line = self._header(self.beginning).origin

    def put(self, instant: Instant) -> None:
        """Become another instant of the same scenario, as read from a snapshot."""
        with self._change(catch_up=False):
            self._show(self._rewrite(instant))

    # The steps of the above

    @contextmanager
    def _change(self, *, catch_up: bool = True) -> Iterator[Instant]:
        """Change the world alone: from this instant on, at which time stands still until the end of the change.

        Who leads the world elsewhere need not `catch_up` with the steps that are due.
        """
        with self._changing:
            if catch_up:
                self._take_steps()
            self.seen()
            with self._lock:
                before, self._stands_still = self.latest, True
            try:
                yield before
            finally:
                self._stands_still = False

    def _take_steps(self) -> None:
        """Take the steps that are due; until then the world is seen as it was before the first of them."""
        if self.is_due():
            latest, until = self.latest, elapsed() + CATCH_UP
            shown = self._shown(latest)

            def steps() -> Work[World]:
                world = latest.world
                while (due := world.next_due) is not None and due <= shown:
                    world = yield from world.advancing(due)
                    if elapsed() > until:
                        break
                return world

            world = self._pacer.done(steps())
            self.lags = world.next_due is not None and world.next_due <= shown
            self._show(replace(latest, world=world))

    def _shown(self, instant: Instant) -> datetime:
        """What the clock of this instant shows by now."""
        return max(instant.world.now, min(self._end, instant.clock.at(self._wall())))

    def _advance(self, before: Instant, by: timedelta) -> WorldAdvance:
        now = before.world.now
        furthest = max(now, min(now + MAX_TURN, self._end))
        if now + by > furthest:
            raise TooFarError(now + by, furthest)
        after = self._pacer.done(before.world.advancing(now + by))
        clock = replace(before.clock, shown=after.now, set_at=self._wall())
        self._log.append(clock)
        self._show(replace(before, world=after, clock=clock))
        return WorldAdvance.between(before.world, after)

    def _rewrite(self, instant: Instant, *, anew: bool = False, origin: WorldOrigin | None = None) -> Instant:
        """Write this instant down instead of all before; it is of another life from now on."""
        clock = replace(instant.clock, shown=instant.world.now, set_at=self._wall())
        after = replace(instant, clock=clock, life=self.latest.life + 1)
        self._log.rewrite(after.changes, anew=anew, origin=origin)
        self._size = sum(one.size for one in after.log)
        return after

    def _show(self, after: Instant) -> Instant:
        """Let everybody see this instant; count the steps since the one before, and wake those who listen."""
        before = self.latest  # nobody but who changes the world shows another one with other contents
        if after.life != before.life:
            after = self._counted(after)
        elif after.world.contents is not before.world.contents and before.taken is not None:
            ways = counted_ways(after.world, after.world.steps_since(before.world))
            after = replace(after, taken=before.taken.and_more(ways))
            for way, count in ways.items():
                self._metrics.count(MetricName.TRANSITIONS, way.source or "new", way.target, by=count)
        with self._lock:
            self.latest = after
        if after.world.contents is not before.world.contents:
            for listener in self._listeners:
                listener()
        return after

    def _counted(self, instant: Instant) -> Instant:
        """The instant with the steps of its life, which began where a reset returns to."""
        return replace(instant, taken=TakenSteps.since(self._begun, instant.world))
