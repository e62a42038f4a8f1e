"""What a client costs without need: redirects, details that it has already, finished plans, connections, patience."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from mock_oms.journal.entry import Entry
from mock_oms.journal.findings import Finding, Judgement, in_seconds, numbers, ready, times, worst
from mock_oms.journal.pace import is_poll
from mock_oms.operations import Operation

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


def redirects(entries: Sequence[Entry]) -> Finding:
    """Whether the client learns from a redirect, or pays for one with a second request each time."""
    taken = [entry for entry in entries if entry.status == _MOVED]
    again = [entry for entry in taken if any(_follows(other, entry) for other in entries)]
    return Finding(
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


def _follows(entry: Entry, redirect: Entry) -> bool:
    return entry.path == f"{redirect.path}/" and entry.wall >= ready(redirect)


def details_per_plan(entries: Sequence[Entry]) -> Finding:
    """Whether the client reads the list and then most of its rows again, one by one (N+1).

    A row of the list holds the same bytes as the detail, so that the sizes of the answers show how many it read twice.
    """
    polls = list(_polls(entries))
    twice = [details for lists, details in polls if _most_rows(lists, details)]
    share = len(twice) / len(polls) if polls else 0.0
    return Finding(
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


def _polls(entries: Sequence[Entry]) -> Iterator[tuple[list[Entry], list[Entry]]]:
    """The pages and the details of each poll, as far as they were answered."""
    starts = [at for at, entry in enumerate(entries) if is_poll(entry)]
    for start, end in pairwise([*starts, len(entries)]):
        answered = [entry for entry in entries[start:end] if entry.status == _OK and entry.method == "GET"]
        yield (
            [entry for entry in answered if entry.operation is Operation.LIST],
            [entry for entry in answered if entry.operation is Operation.DETAIL],
        )


def _most_rows(lists: Sequence[Entry], details: Sequence[Entry]) -> bool:
    sizes = {entry.plan: entry.size for entry in details}
    whole = sum(entry.size for entry in lists)
    return len(sizes) >= _MANY_PLANS and whole > 0 and sum(sizes.values()) / whole >= _MOST_ROWS


def finished_plans(entries: Sequence[Entry], terminal: Collection[str]) -> Finding:
    """Whether the client goes on asking for a plan after it was told that the plan is done."""
    done: dict[int, Entry] = {}
    again: list[Entry] = []
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
    return Finding(
        check="finished plans",
        verdict=_number_of(most, 2) if done or again else "unknown",
        sentence=(
            f"It asked {times(len(again), 'time')} for a plan that it had been told is done."
            if done or again
            else "It never asked for a plan that is done."
        ),
        numbers=numbers(again),
    )


def connections(entries: Sequence[Entry]) -> Finding:
    """Whether the client keeps its connections; those that a fault of ours cut do not count against it."""
    cut = sum(1 for entry in entries if entry.fault is not None and entry.fault.startswith(_CUTS))
    first = {entry.client: entry for entry in reversed(entries)}
    reuse = len(entries) / max(1, len(first) - cut)
    return Finding(
        check="connections",
        verdict=_reuse(reuse) if len(entries) >= _FEWEST_REQUESTS else "unknown",
        sentence=f"It made {times(len(entries), 'request')} over {times(len(first), 'connection')} ({reuse:.3g} each).",
        numbers=numbers(reversed(first.values())),
    )


def _reuse(requests: float) -> Judgement:
    if requests < _HARDLY_REUSED:
        return "bad"
    return "good" if requests >= _REUSED else "warn"


def time_outs(entries: Sequence[Entry]) -> Finding:
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
    return Finding(check="time-outs", verdict=verdict, sentence=sentences[verdict], numbers=numbers(endless or stalls))
