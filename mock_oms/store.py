"""Where the logs of worlds live: in the memory of one process."""

from dataclasses import dataclass
from datetime import datetime

from mock_oms.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in the log of a world: its number from 1, and the world time at which it happened."""

    number: int
    at: datetime
    event: Event


class MemoryStore:
    """Logs by the name of their world; they end with the process, and no other process sees them."""

    def __init__(self) -> None:
        self._logs: dict[str, list[Entry]] = {}

    def append(self, world: str, entry: Entry) -> None:
        """Write an event down."""
        self._logs.setdefault(world, []).append(entry)

    def log(self, world: str) -> tuple[Entry, ...]:
        """Every event of a world, in order."""
        return tuple(self._logs.get(world, ()))
