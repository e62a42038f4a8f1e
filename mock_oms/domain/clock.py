"""Time in a world: its clock, frozen or running at a rate, and the grid of its retries."""

from datetime import UTC, datetime, timedelta

from mock_oms.dataclass import dataclass

#: The smallest step of time.
INSTANT = timedelta(microseconds=1)

#: Where every clock stops. Python's dates end two years later: an order placed then is due up to 366 days ahead, and
#: its retries are counted up to 7 days further.
END = datetime(9997, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """World time `shown` at the moment `set_at` of the wall clock, and `rate` seconds of it for each second after."""

    shown: datetime
    set_at: datetime
    rate: float = 0.0

    def at(self, wall: datetime) -> datetime:
        """World time at a moment of the wall clock; a wall clock that is turned back does not turn it back."""
        try:
            return min(END, self.shown + max(wall - self.set_at, timedelta()) * self.rate)
        except OverflowError:
            return END


def next_retry(start: datetime, every: timedelta, after: datetime) -> datetime:
    """The first retry later than `after`; retries come `every` so often, counted from the world's start."""
    return start + every * ((after - start) // every + 1)
