"""The registry of worlds: found by token and by name, each in use until nobody uses it for too long; and its errors."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from threading import Lock

from mock_oms.metrics import MetricName, Metrics
from mock_oms.scenarios.fields import write_duration
from mock_oms.text import nearest_clause, shortened
from mock_oms.worlds.open_world import OpenWorld, Wall
from mock_oms.worlds.store import DEFAULT, CannotWriteError, Log
from mock_oms.worlds.traffic import Traffic

#: How long a world lives without use, where nothing else is said.
TTL = timedelta(hours=1)


class WorldManagerError(Exception):
    """A world that cannot be opened, found or closed."""


class UnknownWorldError(WorldManagerError):
    """There is no world of this name."""


class WorldExpiredError(WorldManagerError):
    """A world that nobody used for as long as its `ttl`."""


class NameTakenError(WorldManagerError):
    """Another world has the name."""


class TooManyWorldsError(WorldManagerError):
    """No further world can be opened."""


class TooManyStreamsError(Exception):
    """No further stream can be open."""


class DefaultWorldError(WorldManagerError):
    """The default world cannot be closed."""


MAX_WORLDS = 1_000

#: Names of expired worlds that are remembered, so that whoever asks for one is told why it is gone.
_REMEMBERED = 1_000


@dataclass(slots=True, kw_only=True)
class Lease:
    """A world in use, its token, and how long it lives without use (`ttl` None: for ever). Changes with each use.

    `mark` tells it from every other lease, also from an earlier one of the same name.
    """

    world: OpenWorld
    log: Log
    token: str = field(repr=False)
    ttl: timedelta | None
    used: datetime
    traffic: Traffic = field(repr=False)
    mark: str = field(default_factory=partial(token_hex, 4))

    def has_expired(self, now: datetime) -> bool:
        """Whether nobody has used the world for as long as its `ttl`."""
        return self.ttl is not None and now - self.used > self.ttl


class WorldRegistry:
    """All worlds that are open. Its lock is never held while a world is opened or changed.

    `metrics` count what became of them: those that are open were opened, and neither closed nor expired.
    """

    def __init__(self, wall: Wall) -> None:
        self.metrics = Metrics()
        self._wall, self._lock = wall, Lock()
        self._by_name: dict[str, Lease] = {}
        self._by_token: dict[str, Lease] = {}
        self._reserved: set[str] = set()
        self._expired: OrderedDict[str, str] = OrderedDict()

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
            lease.used = self._wall()
            return lease

    def lease_of_user(self, username: str) -> Lease:
        """The lease of the world that this user reads: its name is his, or else it is the default one."""
        return self._known(username) or self.lease(DEFAULT)

    def leases(self) -> tuple[Lease, ...]:
        """Every world, the default one first, in the order of their opening."""
        with self._lock:
            self._sweep()
            return tuple(self._by_name.values())

    def holds(self, lease: Lease) -> bool:
        """Whether a world is still open; this does not use it."""
        return self._known(lease.world.origin.name) is lease

    def close(self, name: str) -> None:
        """Close a world; its token is unknown from now on. The default world stays (`DefaultWorldError`).

        :raises UnknownWorldError, WorldExpiredError: as `lease`.
        :raises mock_oms.worlds.store.CannotWriteError: its stored log could not be removed, and it stays.
        """
        if name == DEFAULT:
            raise DefaultWorldError("The default world is always there: reset it instead.")
        with self._lock:
            lease = self._found(name)
            # Under the lock, or it might be the file of the next world of this name.
            self._remove(lease, "closed")
        lease.log.settle()

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

    def _add(self, lease: Lease) -> None:
        """Let a world be found from now on, under a name that is its own."""
        name = lease.world.origin.name
        with self._lock:
            self._expired.pop(name, None)
            self._by_name[name] = self._by_token[lease.token] = lease
            self.metrics.count(MetricName.WORLDS, "opened")

    def _known(self, name: str) -> Lease | None:
        with self._lock:
            self._sweep()
            return self._by_name.get(name)

    def _found(self, name: str) -> Lease:
        self._sweep()
        if name in self._expired:
            raise WorldExpiredError(self._expired[name])
        if name not in self._by_name:
            near = nearest_clause(name, self._by_name)
            raise UnknownWorldError(f"There is no world {shortened(name)}{near}. POST /_mock/worlds opens one.")
        return self._by_name[name]

    def _sweep(self) -> None:
        """Let go of what nobody uses. There is no timer: whoever asks for any world sweeps first."""
        now = self._wall()
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
