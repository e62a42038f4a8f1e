"""How fast a client asks: its polls of the list, and how long it waits after an answer that refused it."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median, quantiles
from typing import Literal

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation

Judgement = Literal["good", "warn", "bad", "unknown"]

_WORST_FIRST: tuple[Judgement, ...] = ("bad", "warn", "unknown", "good")
_SHOWN = 5
_SHORT, _LONG = 0.1, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFinding:
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


def ready(entry: JournalEntry) -> datetime:
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


def numbers(entries: Iterable[JournalEntry]) -> tuple[int, ...]:
    """The numbers of requests, each once, in their order."""
    return tuple(dict.fromkeys(entry.number for entry in entries))


_TOO_MANY, _SERVER_ERROR = 429, 500
#: Seconds between two polls below which they are a burden, and below which they are many.
_HAMMERING, _BUSY = 1.0, 10.0
_FEWEST_POLLS = 3
#: What a wait must have grown by, from the first to the last, to be called a back-off.
_GROWTH = 1.5
#: What a wait is of the one before, below which it is far shorter; one that jitter halves is not.
_FAR_SHORTER = 0.25
#: Seconds by which a sleep may end early: event loops round to the resolution of their clock.
_EARLY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientWait:
    """From an answer that refused something to the client's next request; both spans in seconds."""

    refused: JournalEntry
    again: JournalEntry
    wall: float
    world: float


def is_poll(entry: JournalEntry) -> bool:
    """Whether a request begins to read the list."""
    return entry.operation is Operation.LIST and entry.method == "GET" and entry.page in {None, 1}


def is_refused(entry: JournalEntry) -> bool:
    """Whether the answer asks the client to slow down, or says that the server is in trouble."""
    return entry.status is not None and (entry.status == _TOO_MANY or entry.status >= _SERVER_ERROR)


def poll_interval(entries: Sequence[JournalEntry]) -> ClientFinding:
    """How long the client lets pass between two polls, and how evenly it polls."""
    polls = [entry for entry in entries if is_poll(entry)]
    if len(polls) < _FEWEST_POLLS:
        return ClientFinding(
            check="poll interval",
            verdict="unknown",
            sentence=f"It polled the list {times(len(polls), 'time')}, fewer than the {_FEWEST_POLLS} that are needed.",
            numbers=numbers(polls),
        )
    wall = [seconds(later.wall - earlier.wall) for earlier, later in pairwise(polls)]
    world = [seconds(later.at - earlier.at) for earlier, later in pairwise(polls)]
    return ClientFinding(
        check="poll interval",
        verdict=_pace(max(median(wall), median(world))),
        sentence=f"It polls the list every {_spread(wall)} of wall time, {_spread(world)} of world time.",
        numbers=numbers(polls),
    )


def _pace(interval: float) -> Judgement:
    if interval < _HAMMERING:
        return "bad"
    return "warn" if interval < _BUSY else "good"


def _spread(intervals: Sequence[float]) -> str:
    """The median, and how far the middle 80 percent are spread: as a share of it, where that is no more than it is."""
    middle, tenths = median(intervals), quantiles(intervals, n=10, method="inclusive")
    low, high = tenths[0], tenths[-1]
    if high - low > middle:
        return f"{in_seconds(middle)} (most of them after {in_seconds(low)} to {in_seconds(high)})"
    return in_seconds(middle) + (f" (jitter {(high - low) / middle:.0%})" if middle else "")


def waits(entries: Sequence[JournalEntry], concerns: Callable[[JournalEntry], bool] = is_refused) -> list[ClientWait]:
    """The wait after every such answer that a request came after; what was under way already is no impatience."""
    arrivals = [entry.wall for entry in entries]
    found = []
    for at, entry in enumerate(entries):
        then = bisect_left(arrivals, ready(entry), lo=at + 1) if concerns(entry) else len(entries)
        for again in entries[then : then + 1]:
            wall = seconds(again.wall - ready(entry))
            found.append(ClientWait(refused=entry, again=again, wall=wall, world=seconds(again.at - entry.at)))
    return found


def back_off(entries: Sequence[JournalEntry]) -> ClientFinding:
    """Whether the client waits longer and longer while it is refused."""
    runs = _runs(waits(entries))
    if not runs:
        return ClientFinding(
            check="back-off",
            verdict="unknown",
            sentence="It never asked again after a 429 or 5xx.",
            numbers=numbers(entry for entry in entries if is_refused(entry)),
        )
    manners = [_manner(run) for run in runs]
    verdict = worst(_VERDICTS[manner] for manner in manners)
    worst_runs = [one for one in zip(runs, manners, strict=True) if _VERDICTS[one[1]] == verdict]
    shown, manner = max(worst_runs, key=lambda one: len(one[0]))
    clock, spans = _spans(shown)
    return ClientFinding(
        check="back-off",
        verdict=verdict,
        sentence=f"After 429 or 5xx it asked again after {listed(spans)} of {clock} time: {manner}.",
        numbers=numbers(entry for wait in shown for entry in (wait.refused, wait.again)),
    )


class _Manner(StrEnum):
    """How a client comes back after refusals in a row, in the words of its report."""

    HASTY = "sooner than Retry-After says"
    FALLING = "one wait is far shorter than the one before"
    PATIENT = "it takes its time"
    STEADY = "the waits do not grow, or it asked again at once"
    STORMING = "the waits do not grow and are shorter than a second"


_VERDICTS: Mapping[_Manner, Judgement] = {
    _Manner.HASTY: "bad",
    _Manner.FALLING: "warn",
    _Manner.PATIENT: "good",
    _Manner.STEADY: "warn",
    _Manner.STORMING: "bad",
}


def _runs(found: Sequence[ClientWait]) -> list[list[ClientWait]]:
    """Waits that follow each other directly, each after the refusal of the request that ended the one before."""
    runs: list[list[ClientWait]] = []
    for wait in found:
        if runs and runs[-1][-1].again is wait.refused:
            runs[-1].append(wait)
        else:
            runs.append([wait])
    return runs


def _manner(run: Sequence[ClientWait]) -> _Manner:
    honoured = {_honours(wait) for wait in run}
    if "bad" in honoured:
        return _Manner.HASTY
    _, spans = _spans(run)
    if honoured == {"good"}:
        return _Manner.PATIENT
    if any(_is_hurried(*pair) for pair in pairwise(zip(run, spans, strict=True))):
        return _Manner.FALLING
    return _growth(spans)


def _growth(spans: Sequence[float]) -> _Manner:
    if len(spans) == 1:
        return _Manner.PATIENT if spans[0] >= _HAMMERING else _Manner.STEADY
    if spans[-1] >= _GROWTH * max(spans[0], _EARLY):
        return _Manner.PATIENT
    return _Manner.STEADY if median(spans) >= _HAMMERING else _Manner.STORMING


def _is_hurried(before: tuple[ClientWait, float], after: tuple[ClientWait, float]) -> bool:
    """Whether a wait is far shorter than the one before, and nobody said that it may be."""
    return after[1] < _FAR_SHORTER * before[1] and _honours(after[0]) != "good"


def _spans(run: Sequence[ClientWait]) -> tuple[str, list[float]]:
    """All waits by the clock on which more time passed: a test turns the world's, and does not sleep.

    Where both pass alike it is the wall's, on which the time of the answer itself is no wait.
    """
    passed = sum(seconds(wait.again.wall - wait.refused.wall) for wait in run)
    wall, world = [wait.wall for wait in run], [wait.world for wait in run]
    return ("world", world) if sum(world) > passed + _EARLY else ("wall", wall)


def retry_after(entries: Sequence[JournalEntry]) -> ClientFinding:
    """Whether the client waits, in wall time, as long as `Retry-After` says.

    In a world whose clock stands still or is turned by hand nobody sleeps, so that an early request shows nothing.
    """
    told = waits(entries, lambda entry: entry.retry_after is not None)
    verdict = worst(_honours(wait) for wait in told)
    return ClientFinding(
        check="retry-after",
        verdict=verdict,
        sentence=_HONOURED[verdict] if told else "It never asked again after an answer with Retry-After.",
        numbers=numbers(entry for wait in told if _honours(wait) == verdict for entry in (wait.refused, wait.again)),
    )


_HONOURED: dict[Judgement, str] = {
    "good": "It waits as long as Retry-After says.",
    "bad": "It asks again before the time that Retry-After says.",
    "unknown": "It asked again before Retry-After in wall time, but the world's clock stood still or was turned.",
}


def _honours(wait: ClientWait) -> Judgement:
    told = wait.refused.retry_after
    if told is None:
        return "unknown"
    if wait.wall >= told - _EARLY:
        return "good"
    return "unknown" if wait.world == 0 or wait.world >= told else "bad"
