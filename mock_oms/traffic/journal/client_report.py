"""How well a client behaves, as its requests show it; and whether requests stayed within a budget."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from mock_oms.traffic.journal import pace
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.pace import ClientFinding, Judgement, in_seconds, is_poll, numbers, ready, times, worst
from mock_oms.urls import Operation

_OK, _MOVED = 200, 301
#: Plans asked one by one in a poll, and their share of the list's bytes, from which they are most of its rows.
_MANY_PLANS, _MOST_ROWS = 3, 0.5
_PATIENCE = 30.0
_FEWEST_REQUESTS = 5
_REUSED, _HARDLY_REUSED = 5.0, 1.5
_STALL = "connection stall"
_CUTS = ("connection reset", "connection empty", "connection truncate", "connection stall")


def _number_of(found: int, few: int) -> Judgement:
    """Good where nothing was found, a warning up to a few."""
    if not found:
        return "good"
    return "warn" if found <= few else "bad"


def redirects(entries: Sequence[JournalEntry]) -> ClientFinding:
    """Whether the client learns from a redirect, or pays for one with a second request each time."""
    taken = [entry for entry in entries if entry.status == _MOVED]
    again = [entry for entry in taken if any(_follows(other, entry) for other in entries)]
    return ClientFinding(
        check="redirects",
        verdict=_number_of(len(taken), 1),
        sentence=(
            f"It left out the final slash {times(len(taken), 'time')} and followed the redirect "
            f"{times(len(again), 'time')}: each cost a request."
            if taken
            else "It met no redirect."
        ),
        numbers=numbers(taken),
    )


def _follows(entry: JournalEntry, redirect: JournalEntry) -> bool:
    return entry.path == f"{redirect.path}/" and entry.wall >= ready(redirect)


def details_per_plan(entries: Sequence[JournalEntry]) -> ClientFinding:
    """Whether the client reads the list and then most of its rows again, one by one (N+1).

    A row of the list holds the same bytes as the detail, so that the sizes of the answers show how many it read twice.
    """
    polls = list(_polls(entries))
    twice = [details for lists, details in polls if _most_rows(lists, details)]
    share = len(twice) / len(polls) if polls else 0.0
    return ClientFinding(
        check="details per plan",
        verdict=("bad" if share >= _MOST_ROWS else "warn" if twice else "good") if polls else "unknown",
        sentence=(
            f"In {len(twice)} of {times(len(polls), 'poll')} it read the list and then most of its plans one by one, "
            "which the list had told already."
            if polls
            else "It never read the list."
        ),
        numbers=numbers(entry for details in twice for entry in details),
    )


def _polls(entries: Sequence[JournalEntry]) -> Iterator[tuple[list[JournalEntry], list[JournalEntry]]]:
    """The pages and the details of each poll, as far as they were answered."""
    starts = [at for at, entry in enumerate(entries) if is_poll(entry)]
    for start, end in pairwise([*starts, len(entries)]):
        answered = [entry for entry in entries[start:end] if entry.status == _OK and entry.method == "GET"]
        yield (
            [entry for entry in answered if entry.operation is Operation.LIST],
            [entry for entry in answered if entry.operation is Operation.DETAIL],
        )


def _most_rows(lists: Sequence[JournalEntry], details: Sequence[JournalEntry]) -> bool:
    sizes = {entry.plan: entry.size for entry in details}
    whole = sum(entry.size for entry in lists)
    return len(sizes) >= _MANY_PLANS and whole > 0 and sum(sizes.values()) / whole >= _MOST_ROWS


def finished_plans(entries: Sequence[JournalEntry], terminal: Collection[str]) -> ClientFinding:
    """Whether the client goes on asking for a plan after it was told that the plan is done."""
    done: dict[int, JournalEntry] = {}
    again: list[JournalEntry] = []
    served = [entry for entry in entries if entry.plan is not None and entry.state is not None]
    for entry in served:
        plan = entry.plan or 0
        if plan in done and entry.wall >= ready(done[plan]):
            again.append(entry)
        if entry.state in terminal:
            done.setdefault(plan, entry)
        else:
            done.pop(plan, None)
    most = max(Counter(entry.plan for entry in again).values(), default=0)
    return ClientFinding(
        check="finished plans",
        verdict=_number_of(most, 2) if done or again else "unknown",
        sentence=(
            f"It asked {times(len(again), 'time')} for a plan that it had been told is done."
            if done or again
            else "It never asked for a plan that is done."
        ),
        numbers=numbers(again),
    )


def connections(entries: Sequence[JournalEntry]) -> ClientFinding:
    """Whether the client keeps its connections; those that a fault of ours cut do not count against it."""
    cut = sum(1 for entry in entries if entry.fault is not None and entry.fault.startswith(_CUTS))
    first = {entry.client: entry for entry in reversed(entries)}
    reuse = len(entries) / max(1, len(first) - cut)
    return ClientFinding(
        check="connections",
        verdict=_reuse(reuse) if len(entries) >= _FEWEST_REQUESTS else "unknown",
        sentence=f"It made {times(len(entries), 'request')} over {times(len(first), 'connection')} ({reuse:.3g} each).",
        numbers=numbers(reversed(first.values())),
    )


def _reuse(requests: float) -> Judgement:
    if requests < _HARDLY_REUSED:
        return "bad"
    return "good" if requests >= _REUSED else "warn"


def time_outs(entries: Sequence[JournalEntry]) -> ClientFinding:
    """Whether the client gives up on an answer that never comes."""
    stalls = [entry for entry in entries if entry.fault is not None and entry.fault.startswith(_STALL)]
    endless = [entry for entry in stalls if entry.gave_up is None or entry.gave_up > _PATIENCE]
    verdict = worst(["bad" if endless else "good"] if stalls else [])
    longest = max((entry.gave_up for entry in stalls if entry.gave_up is not None), default=0.0)
    sentences: dict[Judgement, str] = {
        "good": f"It gave up on every answer that stalled, after {in_seconds(longest)} at most.",
        "bad": f"On {len(endless)} of {times(len(stalls), 'stalled answer')} it waited to the end, or above 30 s.",
        "unknown": "It met no answer that stalled.",
    }
    return ClientFinding(
        check="time-outs", verdict=verdict, sentence=sentences[verdict], numbers=numbers(endless or stalls)
    )


_UNMATCHED = "unmatched"

#: What is looked at in every client, in the order of the report.
_CHECKS: tuple[Callable[[Sequence[JournalEntry], Collection[str]], ClientFinding], ...] = (
    lambda entries, _: pace.poll_interval(entries),
    lambda entries, _: pace.back_off(entries),
    lambda entries, _: pace.retry_after(entries),
    lambda entries, _: redirects(entries),
    lambda entries, _: details_per_plan(entries),
    finished_plans,
    lambda entries, _: connections(entries),
    lambda entries, _: time_outs(entries),
)


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


def client_report(entries: Sequence[JournalEntry], terminal: Collection[str]) -> tuple[ClientReport, ...]:
    """Every client of these entries (oldest first), the busiest first; `terminal` are the states that end a plan."""
    clients: dict[tuple[str, str], list[JournalEntry]] = {}
    for entry in entries:
        clients.setdefault((entry.user_agent, entry.address), []).append(entry)
    reports = (_report(agent, address, own, terminal) for (agent, address), own in clients.items())
    return tuple(sorted(reports, key=lambda report: -report.requests))


def _report(agent: str, address: str, entries: Sequence[JournalEntry], terminal: Collection[str]) -> ClientReport:
    operations = Counter(str(entry.operation or _UNMATCHED) for entry in entries)
    return ClientReport(
        user_agent=agent,
        address=address,
        requests=len(entries),
        operations=tuple(sorted(operations.items())),
        findings=tuple(check(entries, terminal) for check in _CHECKS),
    )


def polite(
    entries: Sequence[JournalEntry],
    max_requests: int | None = None,
    max_per_second: float | None = None,
    *,
    evicted: int = 0,
) -> ClientFinding:
    """Whether all these requests (oldest first, `evicted` more before them) stayed within a budget, by wall time.

    A rate below one a second is a request in as many seconds. None: there is no such limit.

    :raises ValueError: a limit that no client can keep: less than no request, or a rate of nothing.
    """
    _check_budget(max_requests, max_per_second)
    over = [*_too_many(entries, max_requests, evicted), *_too_fast(entries, max_per_second)]
    said = {"in all": max_requests, "a second": max_per_second}
    allowed = " and ".join(f"{limit} {noun}" for noun, limit in said.items() if limit is not None)
    made = times(len(entries) + evicted, "request")
    found = numbers(over)
    lost = f" {evicted} of them were evicted, and nobody looked at their pace." if evicted else ""
    return ClientFinding(
        check="budget",
        verdict="bad" if found or evicted > (evicted if max_requests is None else max_requests) else "good",
        sentence=f"Allowed: {allowed or 'everything'}; made: {made}, {len(found)} of them over the budget.{lost}",
        numbers=found,
    )


def _check_budget(max_requests: int | None, max_per_second: float | None) -> None:
    if max_requests is not None and max_requests < 0:
        raise ValueError(f"A budget of {max_requests} requests cannot be kept; accepted: 0 or more.")
    if max_per_second is not None and max_per_second <= 0:
        raise ValueError(f"A budget of {max_per_second:g} requests a second cannot be kept; accepted: more than 0.")


def _too_many(entries: Sequence[JournalEntry], most: int | None, evicted: int) -> Sequence[JournalEntry]:
    return () if most is None else entries[max(0, most - evicted) :]


def _too_fast(entries: Sequence[JournalEntry], most: float | None) -> list[JournalEntry]:
    """Requests in front of which a window of time already holds as many as are allowed."""
    if most is None:
        return []
    allowed = max(1, int(most))
    window = timedelta(seconds=allowed / most)
    ordered = sorted(entries, key=lambda entry: entry.wall)
    return [
        entry for at, entry in enumerate(ordered) if at >= allowed and entry.wall - ordered[at - allowed].wall < window
    ]
