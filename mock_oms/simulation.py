"""The one door to the simulation: worlds by token."""

from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest
from threading import Lock

from mock_oms.domain.clock import Clock
from mock_oms.domain.events import Event
from mock_oms.domain.opening import open_world
from mock_oms.domain.world import World
from mock_oms.reading import Reading, Scribe
from mock_oms.scenario.building import Scenario
from mock_oms.store import Entry, MemoryStore

Wall = Callable[[], datetime]
DEFAULT = "default"


def wall_clock() -> datetime:
    """The time outside; nothing else reads it."""
    return datetime.now(UTC)


class LiveWorld:
    """A world that is in use: it keeps the latest instant that was read, because no earlier one is asked for again."""

    def __init__(self, name: str, scenario: Scenario, *, seed: int | None, store: MemoryStore, wall: Wall) -> None:
        self.name, self.scenario = name, scenario
        self._store, self._wall, self._lock = store, wall, Lock()
        opened = wall()
        setup = scenario.setup(seed=seed, opened=opened)
        self._clock = Clock(shown=setup.start, set_at=opened, rate=scenario.document.clock.rate)
        self._world = open_world(setup)
        self._scribe = Scribe(setup.seed, scenario.document.locale, scenario.answers)

    def reading(self) -> Reading:
        """The world as it is now."""
        with self._lock:
            self._world = self._at_now()
            return Reading(self._world, self._scribe)

    def apply(self, event: Event) -> World:
        """Let an event happen now, write it down, and answer with the world after it.

        :raises mock_oms.domain.errors.WorldError: the world refuses the event and is as it was.
        """
        with self._lock:
            after = self._at_now().apply(event)
            self._store.append(self.name, Entry(number=after.events, at=after.now, event=event))
            self._world = after
            return after

    def _at_now(self) -> World:
        return self._world.advance(max(self._world.now, self._clock.at(self._wall())))


class Simulation:
    """All worlds of this process, found by token."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        token: str = "mock-oms-token",  # noqa: S107  a public default, not a secret
        password: str = "mock-oms",  # noqa: S107
        wall: Wall = wall_clock,
    ) -> None:
        self.store = MemoryStore()
        self.default_world = LiveWorld(DEFAULT, scenario, seed=seed, store=self.store, wall=wall)
        self._worlds = {token: self.default_world}
        self._token, self._password = token, password

    def reading(self, token: str) -> Reading | None:
        """The world of this token as it is now, or None where no world has it."""
        world = self._worlds.get(token)
        return world.reading() if world else None

    def default(self) -> Reading:
        """The default world as it is now: for requests that name no world."""
        return self.default_world.reading()

    def login(self, username: str, password: str) -> str | None:  # noqa: ARG002  every name reads the default world
        """The token of the world that this user reads, or None where the credentials are wrong."""
        return self._token if compare_digest(password.encode(), self._password.encode()) else None


def replayed(scenario: Scenario, *, seed: int | None, log: tuple[Entry, ...], opened: datetime) -> World:
    """The world that a log makes of a scenario: the same in any process, on any day."""
    world = open_world(scenario.setup(seed=seed, opened=opened))
    for entry in log:
        world = world.apply(entry.event, entry.at)
    return world
