"""The one door to the simulation: worlds by token and by name."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from threading import Lock

from mock_oms.domain.clock import Clock
from mock_oms.live import Instant, LiveWorld, Origin, Wall, wall_clock
from mock_oms.reading import Reading, begun
from mock_oms.refusals import (
    DefaultWorldError,
    NameTakenError,
    TooManyWorldsError,
    UnknownWorldError,
    WorldExpiredError,
)
from mock_oms.scenario.building import Scenario
from mock_oms.snapshot import Snapshot

DEFAULT = "default"
MAX_WORLDS = 1_000
TTL = timedelta(hours=1)

#: Beginnings that are kept for the next world that asks for the same one.
_KEPT_BEGINNINGS = 32
#: Names of expired worlds that are remembered, so that whoever asks for one is told why it is gone.
_REMEMBERED = 1_000


@dataclass(slots=True, kw_only=True)
class Lease:
    """A world in use, its token, and how long it lives without use (`ttl` None: for ever). Changes with each use."""

    world: LiveWorld
    token: str = field(repr=False)
    ttl: timedelta | None
    used: datetime

    def has_expired(self, now: datetime) -> bool:
        """Whether nobody has used the world for as long as its `ttl`."""
        return self.ttl is not None and now - self.used > self.ttl


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a world is to be opened with; what is not said is the scenario's, or made up."""

    scenario: Scenario
    name: str | None = None
    seed: int | None = None
    ttl: timedelta | None = TTL
    start: datetime | None = None
    rate: float | None = None
    token: str | None = field(default=None, repr=False)


class Simulation:
    """All worlds of this process. `default` is always there, under the token of the settings."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        token: str = "mock-oms-token",  # noqa: S107  a public default, not a secret
        password: str = "mock-oms",  # noqa: S107
        wall: Wall = wall_clock,
    ) -> None:
        self._wall, self._password = wall, password
        self._beginning = lru_cache(_KEPT_BEGINNINGS)(begun)
        self._lock = Lock()
        self._by_name: dict[str, Lease] = {}
        self._by_token: dict[str, Lease] = {}
        self._expired: OrderedDict[str, str] = OrderedDict()
        self.open(Wish(scenario=scenario, name=DEFAULT, seed=seed, ttl=None, token=token))

    def reading(self, token: str) -> Reading | None:
        """The world of this token as it is now, or None where no world has it."""
        now = self._wall()
        with self._lock:
            lease = self._by_token.get(token)
            if lease is None or lease.has_expired(now):
                return None
            lease.used = now
        return lease.world.reading()

    def default(self) -> Reading:
        """The default world as it is now: for requests that name no world."""
        return self.lease(DEFAULT).world.reading()

    def login(self, username: str, password: str) -> str | None:
        """The token of the world that this user reads, or None where the password is wrong.

        A world's name is a user of that world; every other name reads the default world.
        """
        if not compare_digest(password.encode(), self._password.encode()):
            return None
        with self._lock:
            self._sweep()
            return self._by_name.get(username, self._by_name[DEFAULT]).token

    def open(self, wish: Wish) -> Lease:
        """Open a world.

        :raises NameTakenError: another world has the name.
        :raises TooManyWorldsError: there are `MAX_WORLDS` already.
        """
        name = wish.name or f"world-{secrets.token_hex(4)}"
        # Without the lock: a scenario with many plans takes seconds to open, and other worlds are read meanwhile.
        lease = self._leased(name, wish, wish.token or f"mock-{secrets.token_urlsafe(20)}")
        with self._lock:
            self._sweep()
            self._refuse(name)
            self._expired.pop(name, None)
            self._by_name[name] = self._by_token[lease.token] = lease
        return lease

    def restore(self, snapshot: Snapshot, *, name: str | None = None, ttl: timedelta | None = TTL) -> Lease:
        """Open a world that is where a snapshot was taken; a reset leads it to the beginning of its scenario.

        :raises mock_oms.domain.errors.WorldError: the snapshot's log does not fit its scenario.
        :raises RegistryError: as `open`.
        """
        instant = self.replayed(snapshot)
        wish = Wish(scenario=snapshot.scenario, name=name, seed=snapshot.seed, ttl=ttl, start=snapshot.start)
        lease = self.open(wish)
        lease.world.put(instant)
        return lease

    def replayed(self, snapshot: Snapshot) -> Instant:
        """The instant that a snapshot describes; no world is held up while its log is replayed.

        :raises mock_oms.domain.errors.WorldError: the log does not fit the scenario.
        """
        beginning, _ = self._beginning(snapshot.scenario, snapshot.seed, snapshot.start)
        clock = Clock(shown=snapshot.now, set_at=self._wall(), rate=snapshot.rate)
        return Instant(world=snapshot.replayed(beginning), clock=clock, log=snapshot.log)

    def lease(self, name: str) -> Lease:
        """A world by its name, and what it lives under.

        :raises UnknownWorldError: there never was such a world.
        :raises WorldExpiredError: there was, and nobody used it for too long.
        """
        with self._lock:
            lease = self._found(name)
            lease.used = self._wall()
            return lease

    def leases(self) -> tuple[Lease, ...]:
        """Every world, the default one first, in the order of their opening."""
        with self._lock:
            self._sweep()
            return tuple(self._by_name.values())

    def close(self, name: str) -> None:
        """Close a world; its token is unknown from now on. The default world stays (`DefaultWorldError`)."""
        if name == DEFAULT:
            raise DefaultWorldError
        with self._lock:
            self._forget(self._found(name))

    def _found(self, name: str) -> Lease:
        self._sweep()
        if name in self._expired:
            raise WorldExpiredError(self._expired[name])
        if name not in self._by_name:
            raise UnknownWorldError(name, self._by_name)
        return self._by_name[name]

    def _refuse(self, name: str) -> None:
        if name in self._by_name:
            raise NameTakenError(name)
        if len(self._by_name) >= MAX_WORLDS:
            raise TooManyWorldsError(MAX_WORLDS)

    def _leased(self, name: str, wish: Wish, token: str) -> Lease:
        seed = wish.scenario.document.seed if wish.seed is None else wish.seed
        opened = self._wall()
        world, scribe = self._beginning(wish.scenario, seed, wish.start or wish.scenario.starts(opened))
        rate = wish.scenario.document.clock.rate if wish.rate is None else wish.rate
        beginning = Instant(world=world, clock=Clock(shown=world.now, set_at=opened, rate=rate))
        origin = Origin(name=name, scenario=wish.scenario, seed=seed, start=world.now)
        live = LiveWorld(origin, beginning, scribe, wall=self._wall)
        return Lease(world=live, token=token, ttl=wish.ttl, used=opened)

    def _sweep(self) -> None:
        """Let go of what nobody uses. There is no timer: whoever asks for any world sweeps first."""
        now = self._wall()
        for lease in [one for one in self._by_name.values() if one.has_expired(now)]:
            self._forget(lease)
            name = lease.world.origin.name
            self._expired[name] = f"World {name} expired: nobody used it for {lease.ttl}. Open it again."
            if len(self._expired) > _REMEMBERED:
                self._expired.popitem(last=False)

    def _forget(self, lease: Lease) -> None:
        name = lease.world.origin.name
        del self._by_name[name], self._by_token[lease.token]
