"""A world's own clock: frozen, or running at a rate."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """World time `shown` at the moment `set_at` of the wall clock, and `rate` seconds of it for each second after."""

    shown: datetime
    set_at: datetime
    rate: float = 0.0

    def at(self, wall: datetime) -> datetime:
        """World time at a moment of the wall clock; a wall clock that is turned back does not turn it back."""
        return self.shown + max(wall - self.set_at, wall - wall) * self.rate
