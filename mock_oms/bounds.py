"""How many events one world takes and how large they may be together, and how far its time goes."""

from datetime import UTC, datetime, timedelta

from mock_oms.domain.errors import TooManyEventsError

#: Events that one world takes: a log that grows without end would only be replayed more and more slowly.
MAX_EVENTS = 10_000
#: Bytes of them, written as JSON: what a snapshot tells must be small enough for the control API to read it again.
MAX_LOG = 900_000
#: How far a clock is turned at once: a pending plan is tried 48 times a day, and the world's lock is held meanwhile.
MAX_TURN = timedelta(days=366)
#: How long after its start a world lives at most: every attempt of that time is made again when a snapshot is read.
LONGEST = timedelta(days=3660)
#: No clock shows more than this.
END = datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)


def refuse_excess(events: int, size: int) -> None:
    """Refuse what goes beyond.

    :raises mock_oms.domain.errors.TooManyEventsError: there would be too many events, or too many bytes of them.
    """
    if events > MAX_EVENTS:
        raise TooManyEventsError(f"This world has taken {MAX_EVENTS} events; reset it, or open another.")
    if size > MAX_LOG:
        raise TooManyEventsError(f"This world's events fill {MAX_LOG} bytes; reset it, or open another.")
