"""What a world writes down as it lives, and where: a store keeps it, or forgets it with the process."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Self

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import Clock
from mock_oms.domain.events import HIGHEST_ID, Event
from mock_oms.domain.setup import SEEDING
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.fields import Whole
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.scenarios.times import FixedTime
from mock_oms.text import time_text
from mock_oms.traffic.faults.active import ActiveFaults
from mock_oms.traffic.faults.limits import Limits

#: The name of the world that is always there.
DEFAULT = "default"


_TIME, _NUMBER = FixedTime(), Whole(1, HIGHEST_ID)


def read_time(text: object) -> datetime:
    """A time as it was written down, in UTC; `marshmallow.ValidationError` where it is none that a clock shows."""
    return _TIME.deserialize(text)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event in the log of a world: its number from 1, and the world time at which it happened."""

    number: int
    at: datetime
    event: Event

    def to_json(self) -> dict[str, Any]:
        """The entry in a snapshot or a file: `{number, at, WORD: {…}}`."""
        return {"number": self.number, "at": time_text(self.at), **write_event(self.event)}

    @classmethod
    def read(cls, written: Mapping[str, Any], left_out: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> Self:
        """Read what `to_json` wrote; `left_out` are keys that an earlier version left out of an event, by its word."""
        ((word, given),) = ((key, value) for key, value in written.items() if key not in {"number", "at"})
        event = {word: {**left_out[word], **given} if word in left_out else given}
        return cls(number=_NUMBER.deserialize(written["number"]), at=read_time(written["at"]), event=read_event(event))

    @property
    def size(self) -> int:
        """How many bytes it takes in a snapshot, with what separates it from the next."""
        return len(json.dumps(self.to_json(), ensure_ascii=False).encode()) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultsAndLimits:
    """The faults and limits of a world, whole, as they were set; how many requests met a fault is not stored."""

    faults: ActiveFaults
    limits: Limits


#: What a world writes down: an event that happened to it, its clock, or its faults and limits, whenever these were set.
LogChange = LogEntry | Clock | FaultsAndLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOrigin:
    """How a world was opened: with its log and its clock, enough to make it again anywhere.

    `start` is world time, `opened` the time outside; its clock ran at `rate`. It lives for `ttl` without use. `seeding`
    says by which rules its seeded plans are made.
    """

    name: str
    scenario: Scenario
    seed: int
    start: datetime
    opened: datetime
    rate: float
    token: str = field(repr=False)
    ttl: timedelta | None
    seeding: int = SEEDING

    @property
    def clock(self) -> Clock:
        """Its first clock."""
        return Clock(shown=self.start, set_at=self.opened, rate=self.rate)


class CannotWriteError(Exception):
    """What was to happen to a world could not be written down, so it did not happen."""


class StoredWorldError(Exception):
    """A stored world cannot be used; the message says where, why, and the way out."""


class Log:
    """What one world writes down; a method returns when it is safe. This one forgets it with the process."""

    def append(self, change: LogChange) -> None:
        """Write down what has just happened.

        :raises CannotWriteError: it is not written, and what was written before is as it was.
        """

    def rewrite(self, changes: Iterable[LogChange], *, anew: bool = False, origin: WorldOrigin | None = None) -> None:
        """Write down this instead of all that was written since the opening; raises as `append`.

        The faults and limits that were written last stay, unless the world begins `anew`. Where an `origin` is given, it
        replaces the one that was written before.
        """

    def remove(self) -> None:
        """Forget the world, its opening too, without waiting until that is safe; raises as `append`."""

    def settle(self) -> None:
        """Wait until the removal is safe."""

    def end(self) -> None:
        """Write no more: another process may own the log from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorld:
    """A world of an earlier process: how it was opened, the changes since, oldest first, and the log that goes on.

    Each change is a line of `file`, from the second on. `faults_and_limits` are the last that were set. `release` is
    the version of mock-oms that opened it, `path` where the file of its scenario was then, if that is known.
    """

    origin: WorldOrigin
    changes: tuple[LogChange, ...]
    faults_and_limits: FaultsAndLimits | None
    log: Log
    file: str
    release: str
    path: str = ""


class Store:
    """Where worlds are written down. This one writes nothing: its worlds end with the process."""

    def worlds(self) -> tuple[StoredWorld, ...]:
        """The worlds of an earlier process.

        :raises StoredWorldError: one of them cannot be read.
        """
        return ()

    def create(self, origin: WorldOrigin, changes: Iterable[LogChange] = ()) -> Log:  # noqa: ARG002  as every store
        """Write down that a world was opened, and what has happened to it already; no other world has its name.

        :raises CannotWriteError: nothing is written.
        """
        return Log()

    def mend(self) -> None:
        """Mend what a crash has left, once all worlds have come back; a `StoredWorldError` where that cannot be done."""
