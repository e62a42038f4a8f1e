"""The lease of a world: how long it stays open unused; and what is raised where a world cannot be opened, found or closed."""

from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

from mock_oms.dataclass import dataclass
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.store import Log
from mock_oms.worlds.traffic import Traffic

#: How long a world lives without use, where nothing else is said.
TTL = timedelta(hours=1)
MAX_WORLDS = 1_000


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
