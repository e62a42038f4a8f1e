"""What a world writes down as it lives, and where: a store keeps it, or forgets it with the process."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from mock_oms.domain.clock import Clock
from mock_oms.domain.events import Event
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.schema import write_event
from mock_oms.text import time_text
from mock_oms.traffic.faults.active import ActiveFaults
from mock_oms.traffic.faults.limits import Limits

#: The name of the world that is always there.
DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event in the log of a world: its number from 1, and the world time at which it happened."""

    number: int
    at: datetime
    event: Event

    @property
    def size(self) -> int:
        """How many bytes it takes in a snapshot, with what separates it from the next."""
        said = {"number": self.number, "at": time_text(self.at), **write_event(self.event)}
        return len(json.dumps(said, ensure_ascii=False).encode()) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultsAndLimits:
    """The faults and limits of a world, whole, as somebody has set them; how often a fault was met is not kept."""

    faults: ActiveFaults
    limits: Limits


#: What a world writes down: an event that happened to it, its clock or its surroundings, whenever these were set.
LogChange = LogEntry | Clock | FaultsAndLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOrigin:
    """What a world is made from: with its log and its clock, enough to make it again anywhere."""

    name: str
    scenario: Scenario
    seed: int
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOpening:
    """What a world was opened with: its origin, its first clock, its token, and how long it lives without use."""

    origin: WorldOrigin
    clock: Clock
    token: str = field(repr=False)
    ttl: timedelta | None


class CannotWriteError(Exception):
    """What was to happen to a world could not be written down, so it did not happen."""

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"World {name} could not be written: {error.strerror or error}; nothing has changed.")


class StoredWorldError(Exception):
    """What a store has kept cannot be used; the message says where, why, and the way out."""


class Log(Protocol):
    """What one world writes down; a method returns when it is safe. Nothing is written after `remove`."""

    def append(self, change: LogChange) -> None:
        """Write down what has just happened.

        :raises CannotWriteError: it is not written, and what was written before is as it was.
        """

    def rewrite(self, changes: Iterable[LogChange], *, anew: bool = False, opening: WorldOpening | None = None) -> None:
        """Write down this instead of all that was written since the opening; raises as `append`.

        The surroundings that were written last stay, unless the world begins `anew`. Where an `opening` is given, the
        world was opened so, and not as was written before.
        """

    def remove(self) -> None:
        """Forget the world, its opening too, without waiting until that is safe; raises as `append`."""

    def settle(self) -> None:
        """Wait until the removal is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorld:
    """A world that a store has kept: how it was opened, what was written since, oldest first, and where it goes on.

    Each change is a line of `file`, from `first_line` on.
    """

    opening: WorldOpening
    changes: tuple[LogChange, ...]
    log: Log
    file: str
    first_line: int

    @property
    def name(self) -> str:
        """The name of the world."""
        return self.opening.origin.name

    @property
    def surroundings(self) -> FaultsAndLimits | None:
        """Its faults and limits, where somebody has set them."""
        return next((one for one in reversed(self.changes) if isinstance(one, FaultsAndLimits)), None)


class Store(Protocol):
    """Where worlds are written down."""

    def kept(self) -> Iterable[StoredWorld]:
        """The worlds of an earlier process.

        :raises StoredWorldError: one of them cannot be read.
        """

    def create(self, opening: WorldOpening, changes: Iterable[LogChange] = ()) -> Log:
        """Write down that a world was opened, and what has happened to it already; no other world has its name.

        :raises CannotWriteError: nothing is written.
        """


class MemoryStore:
    """The store that writes nothing: its worlds end with the process."""

    def kept(self) -> tuple[StoredWorld, ...]:
        """No worlds: there was no earlier process."""
        return ()

    def create(self, opening: WorldOpening, changes: Iterable[LogChange] = ()) -> Log:  # noqa: ARG002  as every store
        """A log that forgets."""
        return MemoryLog()


class MemoryLog:
    """The log that writes nothing."""

    def append(self, change: LogChange) -> None:
        """Nothing is written."""

    def rewrite(self, changes: Iterable[LogChange], *, anew: bool = False, opening: WorldOpening | None = None) -> None:
        """Nothing is written."""

    def remove(self) -> None:
        """Nothing is written."""

    def settle(self) -> None:
        """Nothing is written."""
