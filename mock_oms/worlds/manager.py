"""The one door to the simulation: worlds by token and by name."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hmac import compare_digest

from mock_oms.domain.clock import Clock
from mock_oms.metrics import Metrics
from mock_oms.scenarios.building import Scenario
from mock_oms.settings import Settings
from mock_oms.tokens import made_token
from mock_oms.traffic.journal.journal import Journal
from mock_oms.worlds.errors import DefaultWorldError
from mock_oms.worlds.leases import Lease, Leases
from mock_oms.worlds.open_world import Instant, OpenWorld, Wall, wall_clock
from mock_oms.worlds.restore import matched, renewed, revived
from mock_oms.worlds.snapshot import Snapshot
from mock_oms.worlds.storage.store import DEFAULT, Log, MemoryStore, Opening, Origin, Store, StoredWorld
from mock_oms.worlds.traffic import Traffic
from mock_oms.worlds.view import CachedRenderer, WorldView, begun

TTL = timedelta(hours=1)

#: Beginnings that are kept for the next world that asks for the same one.
_KEPT_BEGINNINGS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOptions:
    """What a world is to be opened with; what is not said is the scenario's, or made up."""

    scenario: Scenario
    name: str | None = None
    seed: int | None = None
    ttl: timedelta | None = TTL
    start: datetime | None = None
    rate: float | None = None
    token: str | None = field(default=None, repr=False)


class WorldManager:
    """All worlds of this process. `default` is always there, under the token of the settings.

    `strangers` is the journal of requests that are no world's affair, `meters` is what is counted.
    `latest` is asked at each reset for the version of a scenario that its world begins anew with (None: that it has).

    Worlds are written down in `store`, and those that it has kept are there again.

    :raises mock_oms.worlds.storage.store.StoredWorldError: one of them cannot be made again, or `default` is not what is asked for here.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        token: str = "mock-oms-token",  # noqa: S107  a public default, not a secret
        password: str = "mock-oms",  # noqa: S107  another one
        wall: Wall = wall_clock,
        store: Store | None = None,
        latest: Callable[[Scenario], Scenario | None] = lambda _: None,
    ) -> None:
        self._wall, self._password, self._store = wall, password, store or MemoryStore()
        self._scenario, self._latest = scenario, latest
        self.meters = Metrics()
        self._beginning = lru_cache(_KEPT_BEGINNINGS)(partial(begun, meters=self.meters))
        self._worlds = Leases(wall, self.meters)
        self.strangers = Journal(meters=self.meters)
        for kept in matched(self._store.kept(), scenario, seed=seed, token=token):
            self._worlds.add(self._revived(kept))
        if self._worlds.known(DEFAULT) is None:
            self.open(WorldOptions(scenario=scenario, name=DEFAULT, seed=seed, ttl=None, token=token))

    def reading(self, token: str) -> WorldView | None:
        """The world of this token as it is now, or None where no world has it."""
        lease = self.visit(token, self.time())
        return None if lease is None else lease.world.reading()

    def time(self) -> datetime:
        """The time outside."""
        return self._wall()

    def visit(self, token: str, now: datetime) -> Lease | None:
        """The lease of this token, which is used now; None where no world has it."""
        return self._worlds.of_token(token, now)

    def confidential(self) -> tuple[str, ...]:
        """What nobody must read who was not told: the tokens of its worlds, and the password if it is not public."""
        password = () if self._password == Settings().password else (self._password,)
        return (*password, *(lease.token for lease in self.leases()))

    def wait(self) -> None:
        """Nobody waits here: limits are the front's affair."""

    def login_wait(self) -> None:
        """As `wait`."""

    def default(self) -> WorldView:
        """The default world as it is now: for requests that name no world."""
        return self.lease(DEFAULT).world.reading()

    def login(self, username: str, password: str) -> str | None:
        """The token of the world that this user reads, or None where the password is wrong.

        A world's name is a user of that world; every other name reads the default world.
        """
        if not compare_digest(password.encode(), self._password.encode()):
            return None
        return self.lease_of_user(username).token

    def lease_of_user(self, username: str) -> Lease:
        """The lease of the world that this user reads: its name is his, or else it is the default one."""
        return self._worlds.known(username) or self.lease(DEFAULT)

    def open(self, wish: WorldOptions) -> Lease:
        """Open a world.

        :raises NameTakenError: another world has the name.
        :raises TooManyWorldsError: there are as many as this process holds.
        :raises mock_oms.worlds.storage.store.CannotWriteError: it could not be written down.
        """
        return self._opened(wish, None)

    def restore(self, snapshot: Snapshot, *, name: str | None = None, ttl: timedelta | None = TTL) -> Lease:
        """Open a world that is where a snapshot was taken; a reset leads it to the beginning of its scenario.

        :raises mock_oms.domain.errors.WorldError: the snapshot's log does not fit its scenario.
        :raises RegistryError, mock_oms.worlds.storage.store.CannotWriteError: as `open`.
        """
        wish = WorldOptions(scenario=snapshot.scenario, name=name, seed=snapshot.seed, ttl=ttl, start=snapshot.start)
        return self._opened(wish, self.replayed(snapshot))

    def replayed(self, snapshot: Snapshot) -> Instant:
        """The instant that a snapshot describes; no world is held up while its log is replayed.

        :raises mock_oms.domain.errors.WorldError: the log does not fit the scenario.
        """
        beginning, _ = self._beginning(snapshot.scenario, snapshot.seed, snapshot.start)
        clock = Clock(shown=snapshot.now, set_at=self._wall(), rate=snapshot.rate)
        return Instant(world=snapshot.replayed(beginning), clock=clock, log=snapshot.log)

    def reset(self, lease: Lease) -> bool:
        """Return a world to its beginning; whether that is another one, because its scenario has another version now.

        :raises mock_oms.worlds.storage.store.CannotWriteError: it could not be written down, and the world is as it was.
        """
        live = lease.world
        before = Opening(origin=live.origin, clock=live.first_clock, token=lease.token, ttl=lease.ttl)
        scenario = self._next_version(before.origin)
        if scenario == before.origin.scenario:
            lease.traffic.restart(live.reset)
            return False
        opening = renewed(before, scenario)
        beginning, scribe = self._beginning_of(opening)
        lease.traffic.restart(lambda: live.renew(opening, beginning, scribe), opening.origin)
        return True

    def lease(self, name: str) -> Lease:
        """A world by its name, and what it lives under.

        :raises UnknownWorldError: there never was such a world.
        :raises WorldExpiredError: there was, and nobody used it for too long.
        """
        return self._worlds.find(name)

    def holds(self, lease: Lease) -> bool:
        """Whether a world is still open; to ask does not use it."""
        return self._worlds.known(lease.world.origin.name) is lease

    def leases(self) -> tuple[Lease, ...]:
        """Every world, the default one first, in the order of their opening."""
        return self._worlds.all()

    def close(self, name: str) -> None:
        """Close a world; its token is unknown from now on. The default world stays (`DefaultWorldError`).

        :raises mock_oms.worlds.storage.store.CannotWriteError: what is kept of it could not be removed, and it stays.
        """
        if name == DEFAULT:
            raise DefaultWorldError
        self._worlds.close(name)

    def _opened(self, wish: WorldOptions, latest: Instant | None) -> Lease:
        """Open a world that begins as is wished, and is at `latest` already where that is given."""
        opening = self._opening(wish)
        # Before the name is taken: a scenario with many plans takes seconds to open.
        beginning, scribe = self._beginning_of(opening)
        with self._worlds.reserved(opening.origin.name):
            log = self._store.create(opening, latest.changes if latest else ())
            lease = self._leased(self._alive(opening, beginning, scribe, log, latest), opening, log)
            self._worlds.add(lease)
        return lease

    def _opening(self, wish: WorldOptions) -> Opening:
        scenario, opened = wish.scenario, self._wall()
        origin = Origin(
            name=wish.name or f"world-{secrets.token_hex(4)}",
            scenario=scenario,
            seed=scenario.document.seed if wish.seed is None else wish.seed,
            start=wish.start or scenario.starts(opened),
        )
        rate = scenario.document.clock.rate if wish.rate is None else wish.rate
        clock = Clock(shown=origin.start, set_at=opened, rate=rate)
        token = wish.token or made_token()
        return Opening(origin=origin, clock=clock, token=token, ttl=wish.ttl)

    def _beginning_of(self, opening: Opening) -> tuple[Instant, CachedRenderer]:
        origin = opening.origin
        world, scribe = self._beginning(origin.scenario, origin.seed, origin.start)
        return Instant(world=world, clock=opening.clock), scribe

    def _revived(self, kept: StoredWorld) -> Lease:
        beginning, scribe = self._beginning_of(kept.opening)
        latest = revived(kept, beginning)
        live = self._alive(kept.opening, beginning, scribe, kept.log, latest)
        lease = self._leased(live, kept.opening, kept.log)
        lease.traffic.go_on(kept.surroundings, latest.world.now)
        return lease

    def _next_version(self, origin: Origin) -> Scenario:
        # The default world may be one that was kept: its scenario is the one that the settings name.
        return self._latest(self._scenario if origin.name == DEFAULT else origin.scenario) or origin.scenario

    def _alive(
        self, opening: Opening, beginning: Instant, scribe: CachedRenderer, log: Log, latest: Instant | None
    ) -> OpenWorld:
        return OpenWorld(opening.origin, beginning, scribe, wall=self._wall, log=log, latest=latest, meters=self.meters)

    def _leased(self, live: OpenWorld, opening: Opening, log: Log) -> Lease:
        traffic = Traffic(opening.origin, log, self.meters)
        return Lease(world=live, log=log, token=opening.token, ttl=opening.ttl, used=self._wall(), traffic=traffic)
