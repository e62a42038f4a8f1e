"""Dates as text, moved by an offset or replaced by others, and written in the form that they had."""

import re
from datetime import datetime, timedelta

from mock_oms.recording.permutation import permuted_within

_FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ](?P<clock>(?!24)\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


#: When an OMS may have written something. Any other year stands for "never", or is a birthday's.
_LIVED = range(1990, 2100)
_FIRST, _LAST = datetime.min, datetime.max  # noqa: DTZ901  the zone of a text stays as it is, and outside
#: What one step is of the last thing that a text shows, in microseconds, by the length of its time of day.
_STEPS = {0: 86_400_000_000, 5: 60_000_000, 8: 1_000_000, **{9 + digits: 10 ** (6 - digits) for digits in range(1, 7)}}


def moved(text: str, offset: timedelta) -> str | None:
    """The date `offset` later, cut to what the text shows: a day stays a day, milliseconds milliseconds.

    None: it is no date, or of a year in which nothing happened, such as 9999: moved, it would tell the offset.
    Where the offset is whole seconds all spans hold exactly, but for those from a day or a minute to something finer.
    """
    moment = _read(text)
    if moment is None or moment.year not in _LIVED:
        return None
    try:
        return _written(moment + offset, text)
    except OverflowError:
        return None


def other_date(text: str, key: bytes) -> str | None:
    """Another date of the same form, of any year, and for different ones different ones; None where this is none."""
    moment = _read(text)
    if moment is None:
        return None
    step = timedelta(microseconds=_STEPS[len(_clock(text))])
    size = (_LAST - _FIRST) // step + 1
    place = permuted_within(key, (moment - _FIRST) // step, (0, size))
    return _written(_FIRST + place * step, text)


def _read(text: str) -> datetime | None:
    if not _FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(f"{text[:10]}T{_clock(text) or '00:00'}")
    except ValueError:
        return None


def _clock(text: str) -> str:
    found = _FORM.fullmatch(text)
    return (found and found["clock"]) or ""


def _written(moment: datetime, text: str) -> str:
    clock = f"{moment:%H:%M:%S.%f}"[: len(_clock(text))]
    between, zone = text[10:11], text[11 + len(clock) :]
    return f"{moment.date().isoformat()}{between}{clock}{zone}"
