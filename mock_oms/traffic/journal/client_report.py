"""How well a client behaves, as its requests show it; and whether requests stayed within a budget."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, pairwise
from statistics import median, quantiles
from typing import Literal, NamedTuple

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import TERMINAL
from mock_oms.text import counted
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation

Judgement = Literal["good", "warn", "bad", "unknown"]
_WORST_FIRST: tuple[Judgement, ...] = ("bad", "warn", "unknown", "good")
_OK, _MOVED, _TOO_MANY, _SERVER_ERROR = 200, 301, 429, 500

_SPANS_SHOWN, _NUMBERS_SHOWN = 5, 10
_SHORT, _LONG = 0.1, 100

#: Seconds between two polls below which they are a burden, and below which they are many.
_HAMMERING, _BUSY = 1.0, 10.0
_FEWEST_POLLS = 3
#: What a wait must have grown by, from the first to the last, to be called a back-off.
_GROWTH = 1.5
#: What a wait is of the one before, below which it is far shorter; one that jitter halves is not.
_FAR_SHORTER = 0.25
#: Seconds by which a sleep may end early: event loops round to the resolution of their clock.
_EARLY = 0.05
#: Plans read one by one in a poll, and their share of the list's bytes, from which they are most of its rows.
_MANY_PLANS, _MOST_ROWS = 3, 0.5
#: Seconds after which a client should have given up.
_PATIENCE = 30.0
_FEWEST_REQUESTS = 5
#: How often a client may ask for one plan that is done, for a warning.
_FEW_AGAIN = 2
#: Requests on a connection from which it is reused, and below which it is hardly.
_REUSED, _HARDLY_REUSED = 5.0, 1.5
_STALL = "connection stall"
_CUTS = ("connection reset", "connection empty", "connection truncate", _STALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFinding:
    """One check of one client: a sentence with figures, and the numbers of the requests that show it."""

    check: str
    verdict: Judgement
    sentence: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientReport:
    """One client: a user agent at an address, whatever its ports.

    `operations` says how many requests there were of each, `unmatched` where no route took them.
    """

    user_agent: str
    address: str
    requests: int
    operations: tuple[tuple[str, int], ...]
    findings: tuple[ClientFinding, ...]


#: What a check finds in the requests of a client: a verdict, a sentence, and the requests that show it.
_Found = tuple[Judgement, str, Iterable[JournalEntry]]


def client_report(entries: Sequence[JournalEntry], *, evicted: int = 0) -> tuple[ClientReport, ...]:
    """Every client of these entries (oldest first, `evicted` more before them), the busiest first.

    Of a journal that has lost requests nothing is found good: what was lost may show another.
    """
    clients: dict[tuple[str, str], list[JournalEntry]] = {}
    for entry in entries:
        clients.setdefault((entry.user_agent, entry.address), []).append(entry)
    reports = (
        ClientReport(
            user_agent=agent,
            address=address,
            requests=len(own),
            operations=tuple(sorted(Counter(str(entry.operation or "unmatched") for entry in own).items())),
            findings=tuple(
                ClientFinding(
                    check=name,
                    verdict="unknown" if evicted and verdict == "good" else verdict,
                    sentence=f"{sentence} {_evicted(evicted)}" if evicted and verdict == "good" else sentence,
                    numbers=_numbers(shown),
                )
                for name, check in _CHECKS.items()
                for verdict, sentence, shown in [check(own)]
            ),
        )
        for (agent, address), own in clients.items()
    )
    return tuple(sorted(reports, key=lambda report: -report.requests))


def _evicted(number: int) -> str:
    were = "were" if number > 1 else "was"
    return f"{counted(number, 'older request')} {were} evicted from the journal and not looked at."


def objections(
    entries: Sequence[JournalEntry],
    max_requests: int | None = None,
    max_per_second: float | None = None,
    *,
    allow: Collection[str] = (),
    evicted: int = 0,
    under_way: Sequence[JournalEntry] = (),
) -> tuple[str, ...]:
    """Why these requests (oldest first, `evicted` more before them) cannot be called polite: a sentence each.

    They are what is bad in the report on each client, but for the checks to `allow`; a budget that was not kept, of which
    those `under_way` use some; and that there is nothing to judge, or no longer everything.

    :raises ValueError: there is no such check, or a limit that no client can keep.
    """
    for name in allow:
        if name not in _CHECKS:
            raise ValueError(f"There is no check {name!r}; accepted: {', '.join(_CHECKS)}.")
    made = (*entries, *under_way)
    budget = polite(made, max_requests, max_per_second, evicted=evicted)
    found = []
    if budget.verdict != "good":
        shown = ", ".join(map(str, budget.numbers[:_NUMBERS_SHOWN]))
        found.append(f"{budget.sentence} Over it: {shown or 'those that were evicted'}.")
    for client in client_report(entries):
        for one in client.findings:
            if one.verdict == "bad" and one.check not in allow:
                shown = ", ".join(map(str, one.numbers[:_NUMBERS_SHOWN]))
                who = f"{client.user_agent or 'A client'} at {client.address}"
                found.append(f"{who}, {one.check}: {one.sentence} Requests: {shown}.")
    if evicted:
        found.append(f"{_evicted(evicted)} Clear the requests before what is judged.")
    if not made and not evicted and max_requests != 0:
        found.append("No request was made, so there is nothing to judge.")
    return tuple(found)


def polite(
    entries: Sequence[JournalEntry],
    max_requests: int | None = None,
    max_per_second: float | None = None,
    *,
    evicted: int = 0,
) -> ClientFinding:
    """Whether all these requests (oldest first, `evicted` more before them) stayed within a budget, by wall time.

    A rate below one a second is a request in as many seconds; of those evicted it is not known. None: there is no such
    limit.

    :raises ValueError: a limit that no client can keep: less than no request, or a rate of nothing.
    """
    over: list[JournalEntry] = []
    if max_requests is not None:
        if max_requests < 0:
            raise ValueError(f"A budget of {max_requests} requests cannot be kept; accepted: 0 or more.")
        over += entries[max(0, max_requests - evicted) :]
    if max_per_second is not None:
        if max_per_second <= 0:
            raise ValueError(f"A budget of {max_per_second:g} requests a second cannot be kept; accepted: more than 0.")
        # Too fast are requests before which a window of time already holds as many as are allowed.
        allowed = max(1, int(max_per_second))
        window = timedelta(seconds=allowed / max_per_second)
        ordered = sorted(entries, key=lambda entry: entry.wall)
        over += [
            later
            for earlier, later in zip(ordered, ordered[allowed:], strict=False)
            if later.wall - earlier.wall < window
        ]
    limits = {"in all": max_requests, "a second": max_per_second}
    allows = " and ".join(f"{limit} {noun}" for noun, limit in limits.items() if limit is not None)
    made = counted(len(entries) + evicted, "request")
    numbers = _numbers(over)
    gone = f" {evicted} of them were evicted, and nobody looked at their pace." if evicted else ""
    verdict: Judgement = "unknown" if evicted and max_per_second is not None else "good"
    return ClientFinding(
        check="budget",
        verdict="bad" if numbers or (max_requests is not None and evicted > max_requests) else verdict,
        sentence=f"Allowed: {allows or 'everything'}; made: {made}, {len(numbers)} of them over the budget.{gone}",
        numbers=numbers,
    )


def _numbers(entries: Iterable[JournalEntry]) -> tuple[int, ...]:
    """The numbers of requests, each once, in their order."""
    return tuple(dict.fromkeys(entry.number for entry in entries))


def _worst(verdicts: Iterable[Judgement]) -> Judgement:
    """The worst of these; of none it is not known."""
    return min(verdicts, key=_WORST_FIRST.index, default="unknown")


def _seconds(number: float) -> str:
    """Seconds in words, with as many digits as matter, and in milliseconds where they are few."""
    if 0 < number < _SHORT:
        return f"{1000 * number:.3g} ms"
    return f"{number:,.0f} s" if number >= _LONG else f"{number:.3g} s"


def _ready(entry: JournalEntry) -> datetime:
    """The wall time at which an answer was ready: before it the client cannot have known it."""
    return entry.wall + timedelta(seconds=entry.duration)


def _is_poll(entry: JournalEntry) -> bool:
    """Whether a request begins to read the list."""
    return entry.operation is Operation.LIST and entry.method == "GET" and entry.page in {None, 1}


def _poll_interval(entries: Sequence[JournalEntry]) -> _Found:
    """How long the client lets pass between two polls, and how evenly it polls."""
    polls = [entry for entry in entries if _is_poll(entry)]
    if len(polls) < _FEWEST_POLLS:
        few = f"It polled the list {counted(len(polls), 'time')}, fewer than the {_FEWEST_POLLS} that are needed."
        return "unknown", few, polls
    wall = [(later.wall - earlier.wall).total_seconds() for earlier, later in pairwise(polls)]
    world = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(polls)]
    interval = max(median(wall), median(world))
    verdict: Judgement = "bad" if interval < _HAMMERING else "warn" if interval < _BUSY else "good"
    return verdict, f"It polls the list every {_spread(wall)} of wall time, {_spread(world)} of world time.", polls


def _spread(intervals: Sequence[float]) -> str:
    """The median, and how far the middle 80 percent are spread: as a share of it, where that is no more than it is."""
    middle, tenths = median(intervals), quantiles(intervals, n=10, method="inclusive")
    low, high = tenths[0], tenths[-1]
    if high - low > middle:
        return f"{_seconds(middle)} (most of them after {_seconds(low)} to {_seconds(high)})"
    return _seconds(middle) + (f" (jitter {(high - low) / middle:.0%})" if middle else "")


class _Wait(NamedTuple):
    """From an answer that refused something to the client's next request; both spans in seconds."""

    refused: JournalEntry
    again: JournalEntry
    wall: float
    world: float

    @property
    def honours(self) -> Judgement:
        """Whether it is as long as `Retry-After` says, in wall time.

        Where a test has advanced the world's clock that far instead, nobody slept, and wall time shows nothing.
        """
        wanted = self.refused.retry_after
        if wanted is None:
            return "unknown"
        if self.wall >= wanted - _EARLY:
            return "good"
        return "unknown" if self.world >= wanted else "bad"


def _waits(entries: Sequence[JournalEntry], concerns: Callable[[JournalEntry], bool]) -> list[_Wait]:
    """The wait after every such answer that a request came after; what was under way already is no impatience."""
    arrivals = [entry.wall for entry in entries]
    found = []
    for at, entry in enumerate(entries):
        then = bisect_left(arrivals, _ready(entry), lo=at + 1) if concerns(entry) else len(entries)
        for again in entries[then : then + 1]:
            wall, world = again.wall - _ready(entry), again.at - entry.at
            found.append(_Wait(entry, again, wall.total_seconds(), world.total_seconds()))
    return found


def _both_ends(waits: Iterable[_Wait]) -> Iterable[JournalEntry]:
    return chain.from_iterable((wait.refused, wait.again) for wait in waits)


def _is_refused(entry: JournalEntry) -> bool:
    """Whether the answer asks the client to slow down, or says that the server is in trouble."""
    return entry.status is not None and (entry.status == _TOO_MANY or entry.status >= _SERVER_ERROR)


def _back_off(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client waits longer and longer while it is refused."""
    runs: list[list[_Wait]] = []
    for wait in _waits(entries, _is_refused):
        if runs and runs[-1][-1].again is wait.refused:
            runs[-1].append(wait)
        else:
            runs.append([wait])
    if not runs:
        return "unknown", "It never asked again after a 429 or 5xx.", filter(_is_refused, entries)
    judged = [(run, *_manner(run)) for run in runs]
    verdict = _worst(one for _, one, _ in judged)
    run, _, manner = max((one for one in judged if one[1] == verdict), key=lambda one: len(one[0]))
    clock, spans = _spans(run)
    more = len(spans) - _SPANS_SHOWN
    listed = ", ".join(map(_seconds, spans[:_SPANS_SHOWN])) + (f" and {more} more" if more > 0 else "")
    return verdict, f"After 429 or 5xx it asked again after {listed} of {clock} time: {manner}.", _both_ends(run)


def _manner(run: Sequence[_Wait]) -> tuple[Judgement, str]:
    """How a client comes back after refusals in a row, and how that is called."""
    patient: tuple[Judgement, str] = "good", "it takes its time"
    steady: tuple[Judgement, str] = "warn", "the waits do not grow, or it asked again at once"
    honoured = {wait.honours for wait in run}
    _, spans = _spans(run)
    if "bad" in honoured:
        return "bad", "sooner than Retry-After says"
    if honoured == {"good"}:
        return patient
    if len(spans) > 1 and max(spans) < _SHORT:
        return "bad", "it hardly waits"
    if any(
        after < _FAR_SHORTER * before and wait.honours != "good"
        for wait, (before, after) in zip(run[1:], pairwise(spans), strict=True)
    ):
        return "warn", "one wait is far shorter than the one before"
    if len(spans) == 1:
        return patient if spans[0] >= _HAMMERING else steady
    if spans[-1] >= _GROWTH * max(spans[0], _EARLY):
        return patient
    return steady if median(spans) >= _HAMMERING else ("bad", "the waits do not grow and are shorter than a second")


def _spans(run: Sequence[_Wait]) -> tuple[str, list[float]]:
    """All waits by the clock on which more time passed: a test advances the world's, and does not sleep.

    Where both pass alike it is the wall's, on which the time of the answer itself is no wait.
    """
    passed = sum((wait.again.wall - wait.refused.wall).total_seconds() for wait in run)
    wall, world = [wait.wall for wait in run], [wait.world for wait in run]
    return ("world", world) if sum(world) > passed + _EARLY else ("wall", wall)


_HONOURED: Mapping[Judgement, str] = {
    "good": "It waits as long as Retry-After says.",
    "bad": "It asks again before the time that Retry-After says, by the wall's clock and by the world's.",
    "unknown": "It asked again before Retry-After in wall time, but the world's clock was advanced that far.",
}


def _retry_after(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client waits, in wall time, as long as `Retry-After` says."""
    waits = _waits(entries, lambda entry: entry.retry_after is not None)
    verdict = _worst(wait.honours for wait in waits)
    sentence = _HONOURED[verdict] if waits else "It never asked again after an answer with Retry-After."
    return verdict, sentence, _both_ends(wait for wait in waits if wait.honours == verdict)


def _redirects(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client learns from a redirect, or pays for one with a second request each time."""
    taken = [entry for entry in entries if entry.status == _MOVED]
    again = sum(any(one.path == f"{entry.path}/" and one.wall >= _ready(entry) for one in entries) for entry in taken)
    sentence = (
        f"It left out the final slash {counted(len(taken), 'time')} and followed the redirect "
        f"{counted(again, 'time')}: each cost a request."
    )
    if not taken:
        return "good", "It met no redirect.", ()
    return "warn" if len(taken) == 1 else "bad", sentence, taken


def _details_per_plan(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client reads the list and then most of its rows again, one by one (N+1).

    A row of the list holds the same bytes as the detail, so that the sizes of the answers show how many it read twice.
    """
    starts = [at for at, entry in enumerate(entries) if _is_poll(entry)]
    twice: list[list[JournalEntry]] = []
    for start, end in pairwise([*starts, len(entries)]):
        answered = [entry for entry in entries[start:end] if entry.status == _OK and entry.method == "GET"]
        whole = sum(entry.size for entry in answered if entry.operation is Operation.LIST)
        details = [entry for entry in answered if entry.operation is Operation.DETAIL]
        sizes = {entry.plan: entry.size for entry in details}
        if len(sizes) >= _MANY_PLANS and whole > 0 and sum(sizes.values()) / whole >= _MOST_ROWS:
            twice.append(details)
    if not starts:
        return "unknown", "It never read the list.", ()
    sentence = (
        f"In {len(twice)} of {counted(len(starts), 'poll')} it read the list and then most of its plans one by one, "
        "which the list had told already."
    )
    verdict: Judgement = "bad" if len(twice) / len(starts) >= _MOST_ROWS else "warn" if twice else "good"
    return verdict, sentence, chain.from_iterable(twice)


def _finished_plans(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client goes on asking for a plan after it was answered that the plan is done."""
    done: dict[int, JournalEntry] = {}
    again: list[JournalEntry] = []
    for entry in entries:
        if entry.plan is None or entry.state is None:
            continue
        if entry.plan in done and entry.wall >= _ready(done[entry.plan]):
            again.append(entry)
        if entry.state in TERMINAL:
            done.setdefault(entry.plan, entry)
        else:
            done.pop(entry.plan, None)
    if not done and not again:
        return "unknown", "It never asked for a plan that is done.", ()
    most = max(Counter(entry.plan for entry in again).values(), default=0)
    verdict: Judgement = "good" if not again else "warn" if most <= _FEW_AGAIN else "bad"
    return verdict, f"It asked {counted(len(again), 'time')} for a plan that it had been told is done.", again


def _connections(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client keeps its connections; those that a fault of ours cut do not count against it."""
    cut = sum(entry.fault is not None and entry.fault.startswith(_CUTS) for entry in entries)
    first = {entry.client: entry for entry in reversed(entries)}
    reuse = len(entries) / max(1, len(first) - cut)
    verdict: Judgement = "bad" if reuse < _HARDLY_REUSED else "good" if reuse >= _REUSED else "warn"
    made = f"{counted(len(entries), 'request')} over {counted(len(first), 'connection')}"
    few = len(entries) < _FEWEST_REQUESTS
    return "unknown" if few else verdict, f"It made {made} ({reuse:.3g} each).", reversed(first.values())


def _time_outs(entries: Sequence[JournalEntry]) -> _Found:
    """Whether the client gives up on an answer that never comes."""
    stalls = [entry for entry in entries if entry.fault is not None and entry.fault.startswith(_STALL)]
    if not stalls:
        return "unknown", "It met no answer that stalled.", ()
    endless = [entry for entry in stalls if entry.gave_up is None or entry.gave_up > _PATIENCE]
    if endless:
        stalled = f"{len(endless)} of {counted(len(stalls), 'stalled answer')}"
        return "bad", f"On {stalled} it waited to the end, or above 30 s.", endless
    longest = max(entry.gave_up or 0.0 for entry in stalls)
    return "good", f"It gave up on every answer that stalled, after {_seconds(longest)} at most.", stalls


#: What is looked at in every client, in the order of the report.
_CHECKS: Mapping[str, Callable[[Sequence[JournalEntry]], _Found]] = {
    "poll interval": _poll_interval,
    "back-off": _back_off,
    "retry-after": _retry_after,
    "redirects": _redirects,
    "details per plan": _details_per_plan,
    "finished plans": _finished_plans,
    "connections": _connections,
    "time-outs": _time_outs,
}
