"""Where what happens to worlds is written down, before it is answered."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mock_oms.domain.clock import Clock
from mock_oms.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in the log of a world: its number from 1, and the world time at which it happened."""

    number: int
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a world was opened with: names and numbers only, so that another process can open it again."""

    name: str
    token: str = field(repr=False)
    scenario: str
    digest: str
    seed: int
    start: datetime
    ttl: float | None


class Store(Protocol):
    """What is told of every world, each time before the change is answered."""

    def opened(self, record: Record, clock: Clock, log: tuple[Entry, ...]) -> None:
        """A world was opened, perhaps from a snapshot with a log."""

    def appended(self, world: str, entry: Entry) -> None:
        """An event happened."""

    def turned(self, world: str, clock: Clock) -> None:
        """The clock was set."""

    def put(self, world: str, clock: Clock, log: tuple[Entry, ...]) -> None:
        """The world became another instant; nothing of what was written about it before holds any more."""

    def closed(self, world: str) -> None:
        """A world is gone."""


class MemoryStore:
    """Writes nothing down: worlds end with the process, and no other process sees them."""

    def opened(self, record: Record, clock: Clock, log: tuple[Entry, ...]) -> None:
        """Nothing to write down."""

    def appended(self, world: str, entry: Entry) -> None:
        """Nothing to write down."""

    def turned(self, world: str, clock: Clock) -> None:
        """Nothing to write down."""

    def put(self, world: str, clock: Clock, log: tuple[Entry, ...]) -> None:
        """Nothing to write down."""

    def closed(self, world: str) -> None:
        """Nothing to write down."""
