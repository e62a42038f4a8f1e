"""What a check of a client's manners finds, and the words in which it says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mock_oms.journal.entry import Entry

Judgement = Literal["good", "warn", "bad", "unknown"]

_WORST_FIRST: tuple[Judgement, ...] = ("bad", "warn", "unknown", "good")
_SHOWN = 5
_SHORT, _LONG = 0.1, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check of one client: a sentence with figures, and the numbers of the requests that show it."""

    check: str
    verdict: Judgement
    sentence: str
    numbers: tuple[int, ...] = ()


def worst(verdicts: Iterable[Judgement]) -> Judgement:
    """The worst of these; that of none is not known."""
    found = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in found), "unknown")


def seconds(span: timedelta) -> float:
    """A time span in seconds."""
    return span.total_seconds()


def ready(entry: Entry) -> datetime:
    """The wall time at which an answer was ready: before it the client cannot have known it."""
    return entry.wall + timedelta(seconds=entry.duration)


def in_seconds(number: float) -> str:
    """Seconds in words, with as many digits as matter, and in milliseconds where they are few."""
    if 0 < number < _SHORT:
        return f"{1000 * number:.3g} ms"
    return f"{number:,.0f} s" if number >= _LONG else f"{number:.3g} s"


def listed(spans: Sequence[float]) -> str:
    """The first few of these spans in words."""
    more = len(spans) - _SHOWN
    return ", ".join(in_seconds(one) for one in spans[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def times(number: int, noun: str) -> str:
    """So many of a noun that takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def numbers(entries: Iterable[Entry]) -> tuple[int, ...]:
    """The numbers of requests, each once, in their order."""
    return tuple(dict.fromkeys(entry.number for entry in entries))
