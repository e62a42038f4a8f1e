"""The world manager: opens, finds, restores, resets and closes worlds by token and by name."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hmac import compare_digest
from pathlib import Path
from threading import Lock

from mock_oms.domain.clock import Clock
from mock_oms.domain.errors import WorldError
from mock_oms.domain.setup import SEEDING
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.fields import write_duration
from mock_oms.settings import Settings, shipped
from mock_oms.text import nearest_clause, shortened
from mock_oms.tokens import made_token
from mock_oms.traffic.journal.journal import Journal, JournalSpace
from mock_oms.traffic.metrics import MetricName, Metrics
from mock_oms.worlds.host_clock import Wall, steady_clock
from mock_oms.worlds.leases import (
    MAX_WORLDS,
    TTL,
    DefaultWorldError,
    Lease,
    NameTakenError,
    TooManyWorldsError,
    UnknownWorldError,
    WorldExpiredError,
)
from mock_oms.worlds.open_world import Instant, OpenWorld
from mock_oms.worlds.pacing import Pacer
from mock_oms.worlds.snapshot import Snapshot
from mock_oms.worlds.store import (
    DEFAULT,
    CannotWriteError,
    Log,
    LogEntry,
    Store,
    StoredWorld,
    StoredWorldError,
    WorldOrigin,
)
from mock_oms.worlds.traffic import Traffic
from mock_oms.worlds.view import CachedRenderer, WorldView, beginning_of


def with_new_version(origin: WorldOrigin, scenario: Scenario) -> WorldOrigin:
    """The origin of the same world with this version of its scenario, as if it had been there when it was opened.

    Name, token and `ttl` stay. Seed, start and rate stay where they were chosen otherwise than the old version says;
    else they are those of the new one, and a world that starts when it is opened starts when it was.
    """
    old, new = origin.scenario.document, scenario.document
    by_scenario = origin.start in (old.clock.start, origin.opened)
    return replace(
        origin,
        scenario=scenario,
        seed=new.seed if origin.seed == old.seed else origin.seed,
        start=(new.clock.start or origin.start) if by_scenario else origin.start,
        rate=new.clock.rate if origin.rate == old.clock.rate else origin.rate,
        seeding=SEEDING,
    )


_AWAY = "move the file away to start without this world"
_ANEW = "move the file away to let it begin anew"


def checked_worlds(
    found: Iterable[StoredWorld], scenario: Scenario, *, seed: int | None, token: str
) -> tuple[StoredWorld, ...]:
    """The stored worlds, the default world first, the others in the order of their opening.

    The default world is that of the settings: of this scenario, this seed (None: any), and with this token.

    :raises StoredWorldError: it is not, or two worlds have the same token.
    """
    worlds = sorted(found, key=lambda one: (one.origin.name != DEFAULT, one.origin.opened, one.origin.name))
    owners = {token: "the default world, which is that of --token"}
    for place, one in enumerate(worlds):
        origin = one.origin
        if origin.name != DEFAULT:
            if origin.token in owners:
                owner = owners[origin.token]
                raise StoredWorldError(f"{one.file}: world {origin.name} has the token of {owner}; {_AWAY}.")
            owners[origin.token] = f"world {origin.name}"
            continue
        worlds[place] = replace(one, origin=replace(origin, token=token))
        own = Path(one.path)
        named = str(own) if own.is_file() and own.parent != shipped("scenarios") else origin.scenario.name
        for what, mine, wanted, say in (
            ("scenario", origin.scenario.name, scenario.name, named),
            ("seed", origin.seed, seed, origin.seed),
        ):
            if wanted not in {mine, None}:
                raise StoredWorldError(
                    f"{one.file}: the default world that is kept has the {what} {mine}, the settings ask for {wanted}; "
                    f"start with --{what} {say}, or {_ANEW}."
                )
        if not scenario.has_digest(origin.scenario.digest):
            changed = f"the scenario {scenario.name} has changed since; the default world goes on with what it was"
            logging.getLogger(__name__).warning("%s: %s; %s.", one.file, changed, _ANEW)
    return tuple(worlds)


def latest_instant(stored: StoredWorld, beginning: Instant) -> Instant:
    """The instant at which a stored world was left, made again from its beginning.

    :raises StoredWorldError: what was written down does not fit the scenario, or not what stands before it.
    """
    instant = beginning
    for line, change in enumerate(stored.changes, start=2):
        try:
            if isinstance(change, Clock):
                instant = replace(instant, world=instant.world.advance(change.shown), clock=change)
            elif isinstance(change, LogEntry):
                world = instant.world.apply(change.event, change.at)
                if change.number != world.events:
                    raise WorldError(f"its number is {change.number}, and {world.events} is next.")  # noqa: TRY301
                instant = replace(instant, world=world, log=(*instant.log, change))
        except WorldError as error:
            raise StoredWorldError(
                f"{stored.file}:{line}: this cannot have happened: {error} To go on, {_AWAY}."
            ) from error
    return instant


def _not_ahead(instant: Instant, wall: datetime) -> Instant:
    """An instant whose clock goes on from now where it was set later: else it would stand until the host's clock is there."""
    return replace(instant, clock=replace(instant.clock, set_at=min(instant.clock.set_at, wall)))


#: Names of expired worlds that are remembered, so that whoever needs one learns why it is gone.
_REMEMBERED = 1_000
#: Beginnings that are cached for the next world that begins alike.
_CACHED_BEGINNINGS = 32


class WorldManager:
    """All worlds of this process. `default` is always there, under the token of the settings.

    `time` is the time outside, by a clock that makes no steps unless `wall` is another; `unknown_tokens` is the journal
    of requests that name no world, `metrics` what is counted. `latest` gives, at each reset, the version of a scenario
    that its world begins anew with (None: that it has).

    Worlds are written down in `store`, and those that it holds from an earlier process are there again. The lock is
    never held while a world is opened or changed.

    :raises mock_oms.worlds.store.StoredWorldError: one of them cannot be made again, or `default` is another one there.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        token: str = "mock-oms-token",  # noqa: S107  a public default, not a secret
        password: str = "mock-oms",  # noqa: S107  another one
        wall: Wall | None = None,
        store: Store | None = None,
        latest: Callable[[Scenario], Scenario | None] = lambda _: None,
    ) -> None:
        self.metrics = Metrics()
        self.time, self._lock, self._pacer = wall or steady_clock(), Lock(), Pacer()
        self._by_name: dict[str, Lease] = {}
        self._by_token: dict[str, Lease] = {}
        self._reserved: set[str] = set()
        self._expired: OrderedDict[str, str] = OrderedDict()
        self._password, self._store = password, store or Store()
        self._scenario, self._latest = scenario, latest
        self._beginning = lru_cache(_CACHED_BEGINNINGS)(partial(beginning_of, metrics=self.metrics, pacer=self._pacer))
        self._journals = JournalSpace(self.metrics)
        self.unknown_tokens = Journal(space=self._journals)
        for stored in checked_worlds(self._store.worlds(), scenario, seed=seed, token=token):
            beginning, cached = self._beginning_of(stored.origin)
            now = _not_ahead(latest_instant(stored, beginning), self.time())
            lease = self._add(stored.origin, beginning, cached, stored.log, now)
            lease.traffic.go_on(stored.faults_and_limits, now.world.now)
        self._store.mend()
        if self.known(DEFAULT) is None:
            self.open(scenario, name=DEFAULT, seed=seed, ttl=None, token=token)

    def reading(self, token: str) -> WorldView | None:
        """The world of this token as it is now, or None where no world has it."""
        lease = self.lease_of_token(token, self.time())
        return None if lease is None else lease.world.reading()

    def default(self) -> WorldView:
        """The default world as it is now: for requests that name no world."""
        return self.lease(DEFAULT).world.reading()

    def wait(self) -> None:
        """No wait: limits are applied by the server."""

    def login_wait(self) -> None:
        """No wait: limits on logins are applied by the server."""

    def login(self, username: str, password: str) -> str | None:
        """The token of the world that this user reads, or None where the password is wrong.

        A world's name is a user of that world; every other name reads the default world.
        """
        if not compare_digest(password.encode(), self._password.encode()):
            return None
        return self.lease_of_user(username).token

    def confidential(self) -> tuple[str, ...]:
        """What must not be shown to others: the tokens of its worlds, and the password if it is not public."""
        password = () if self._password == Settings().password else (self._password,)
        return (*password, *(lease.token for lease in self.leases()))

    def lease_of_token(self, token: str, now: datetime) -> Lease | None:
        """The lease of this token, which is used now; None where no world has it."""
        with self._lock:
            lease = self._by_token.get(token)
            if lease is None or lease.has_expired(now):
                return None
            lease.used = now
            return lease

    def lease(self, name: str) -> Lease:
        """The lease of the world of this name, which is used now.

        :raises UnknownWorldError: there never was such a world.
        :raises WorldExpiredError: there was, and nobody used it for too long.
        """
        with self._lock:
            lease = self._found(name)
            if lease is not None:
                lease.used = self.time()
                return lease
        raise self._unknown(name)

    def lease_of_user(self, username: str) -> Lease:
        """The lease of the world that this user reads: its name is his, or else it is the default one."""
        return self.known(username) or self.lease(DEFAULT)

    def leases(self) -> tuple[Lease, ...]:
        """Every world, the default one first, in the order of their opening."""
        with self._lock:
            self._sweep()
            return tuple(self._by_name.values())

    def holds(self, lease: Lease) -> bool:
        """Whether a world is still open; this does not use it."""
        return self.known(lease.world.origin.name) is lease

    def close(self, name: str) -> None:
        """Close a world; its token is unknown from now on. The default world stays (`DefaultWorldError`).

        :raises UnknownWorldError, WorldExpiredError: as `lease`.
        :raises mock_oms.worlds.store.CannotWriteError: its stored log could not be removed, and it stays.
        """
        if name == DEFAULT:
            raise DefaultWorldError("The default world is always there: reset it instead.")
        with self._lock:
            lease = self._found(name)
            if lease is not None:  # removed under the lock, or it might be the file of the next world of this name
                self._remove(lease, "closed")
        if lease is None:
            raise self._unknown(name)
        lease.log.settle()

    def open(
        self,
        scenario: Scenario,
        *,
        name: str | None = None,
        seed: int | None = None,
        ttl: timedelta | None = TTL,
        start: datetime | None = None,
        rate: float | None = None,
        token: str | None = None,
        latest: Instant | None = None,
        seeding: int = SEEDING,
    ) -> Lease:
        """Open a world. What is None is the scenario's, or made up; with a `ttl` of None it lives for ever.

        It begins at its `start`, and is at the instant `latest` already, where one is given.

        :raises NameTakenError: another world has the name.
        :raises TooManyWorldsError: there are as many as this process holds.
        :raises mock_oms.worlds.store.CannotWriteError: it could not be written down.
        """
        opened = self.time()
        origin = WorldOrigin(
            name=name or f"world-{secrets.token_hex(4)}",
            scenario=scenario,
            seed=scenario.document.seed if seed is None else seed,
            start=start or scenario.starts(opened),
            opened=opened,
            rate=scenario.document.clock.rate if rate is None else rate,
            token=token or made_token(),
            ttl=ttl,
            seeding=seeding,
        )
        # Before the name is taken: a scenario with many plans takes seconds to open.
        beginning, cached = self._beginning_of(origin)
        with self._name_reserved(origin.name):
            log = self._store.create(origin, latest.changes if latest else ())
            return self._add(origin, beginning, cached, log, latest)

    def restore(self, snapshot: Snapshot, *, name: str | None = None, ttl: timedelta | None = TTL) -> Lease:
        """Open a world that is where a snapshot was taken; a reset leads it to the beginning of its scenario.

        :raises mock_oms.domain.errors.WorldError: the snapshot's log does not fit its scenario.
        :raises WorldManagerError, mock_oms.worlds.store.CannotWriteError: as `open`.
        """
        latest, seed, start, seeding = self.replayed(snapshot), snapshot.seed, snapshot.start, snapshot.seeding
        return self.open(snapshot.scenario, name=name, seed=seed, ttl=ttl, start=start, latest=latest, seeding=seeding)

    def replayed(self, snapshot: Snapshot) -> Instant:
        """The instant that a snapshot describes; no world is held up while its log is replayed.

        :raises mock_oms.domain.errors.WorldError: the log does not fit the scenario.
        """
        beginning, _ = self._beginning(snapshot.scenario, snapshot.seed, snapshot.start, snapshot.seeding)
        clock = Clock(shown=snapshot.now, set_at=self.time(), rate=snapshot.rate)
        world = self._pacer.done(snapshot.replaying(beginning))
        return Instant(world=world, clock=clock, log=snapshot.log)

    def reset(self, lease: Lease) -> bool:
        """Return a world to its beginning; whether that is another one, because its scenario has another version now.

        :raises mock_oms.worlds.store.CannotWriteError: it could not be written down, and the world is as it was.
        """
        world, origin = lease.world, lease.world.origin
        # The default world may be a stored one: its scenario is the one that the settings name.
        own = self._scenario if origin.name == DEFAULT else origin.scenario
        scenario = self._latest(own) or origin.scenario
        if scenario == origin.scenario:
            lease.traffic.restart(world.reset)
            return False
        new = with_new_version(origin, scenario)
        beginning, cached = self._beginning_of(new)
        lease.traffic.restart(lambda: world.renew(new, beginning, cached), new)
        return True

    def _beginning_of(self, origin: WorldOrigin) -> tuple[Instant, CachedRenderer]:
        world, cached = self._beginning(origin.scenario, origin.seed, origin.start, origin.seeding)
        return Instant(world=world, clock=origin.clock), cached

    @contextmanager
    def _name_reserved(self, name: str) -> Iterator[None]:
        """Take a name for a world that is being opened, until it is added or cannot be opened.

        :raises NameTakenError: another world has it.
        :raises TooManyWorldsError: there are `MAX_WORLDS` already, counting those that are being opened.
        """
        with self._lock:
            self._sweep()
            taken = self._by_name.keys() | self._reserved
            if name in taken:
                raise NameTakenError(f"There is a world {name} already: choose another name, or close that one first.")
            if len(taken) >= MAX_WORLDS:
                raise TooManyWorldsError(
                    f"There are {MAX_WORLDS} worlds, which is all that this server holds: close some, or let them expire."
                )
            self._reserved.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._reserved.remove(name)

    def _add(
        self, origin: WorldOrigin, beginning: Instant, cached: CachedRenderer, log: Log, latest: Instant | None
    ) -> Lease:
        """Let a world be found from now on, under a name that is its own."""
        world = OpenWorld(
            origin, beginning, cached, wall=self.time, log=log, latest=latest, metrics=self.metrics, pacer=self._pacer
        )
        traffic = Traffic(origin, log, self._journals)
        lease = Lease(world=world, log=log, token=origin.token, ttl=origin.ttl, used=self.time(), traffic=traffic)
        with self._lock:
            self._expired.pop(origin.name, None)
            self._by_name[origin.name] = self._by_token[lease.token] = lease
            self.metrics.count(MetricName.WORLDS, "opened")
        return lease

    def known(self, name: str) -> Lease | None:
        """The lease of the world of this name, if there is one; this does not use it."""
        with self._lock:
            self._sweep()
            return self._by_name.get(name)

    def _found(self, name: str) -> Lease | None:
        self._sweep()
        if name in self._expired:
            raise WorldExpiredError(self._expired[name])
        return self._by_name.get(name)

    def _unknown(self, name: str) -> UnknownWorldError:
        """There is no such world. To find the nearest takes long: every request waits for the lock, which is not held."""
        near = nearest_clause(name, tuple(self._by_name))
        return UnknownWorldError(f"There is no world {shortened(name)}{near}. POST /_mock/worlds opens one.")

    def _sweep(self) -> None:
        """Let go of what nobody uses. There is no timer: whoever looks for any world sweeps first."""
        now = self.time()
        for name, lease in list(self._by_name.items()):
            if lease.ttl is not None and lease.has_expired(now):
                with suppress(CannotWriteError):  # it stays for as long as its stored log cannot be removed
                    self._remove(lease, "expired")
                    unused = write_duration(lease.ttl)
                    self._expired[name] = f"World {name} expired: nobody used it for {unused}. Open it again."
                    if len(self._expired) > _REMEMBERED:
                        self._expired.popitem(last=False)

    def _remove(self, lease: Lease, why: str) -> None:
        lease.log.remove()
        del self._by_name[lease.world.origin.name], self._by_token[lease.token]
        self.metrics.count(MetricName.WORLDS, why)
