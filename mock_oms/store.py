"""What a world writes down: its log, which lives as long as the process."""

from dataclasses import dataclass
from datetime import datetime

from mock_oms.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in the log of a world: its number from 1, and the world time at which it happened."""

    number: int
    at: datetime
    event: Event
