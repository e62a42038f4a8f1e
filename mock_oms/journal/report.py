"""How well a client behaves, as its requests show it; and whether requests stayed within a budget."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mock_oms.journal import pace, waste
from mock_oms.journal.entry import Entry
from mock_oms.journal.findings import Finding, numbers, times

_UNMATCHED = "unmatched"

#: What is looked at in every client, in the order of the report.
_CHECKS: tuple[Callable[[Sequence[Entry], Collection[str]], Finding], ...] = (
    lambda entries, _: pace.poll_interval(entries),
    lambda entries, _: pace.back_off(entries),
    lambda entries, _: pace.retry_after(entries),
    lambda entries, _: waste.redirects(entries),
    lambda entries, _: waste.details_per_plan(entries),
    waste.finished_plans,
    lambda entries, _: waste.connections(entries),
    lambda entries, _: waste.time_outs(entries),
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
    findings: tuple[Finding, ...]


def client_report(entries: Sequence[Entry], terminal: Collection[str]) -> tuple[ClientReport, ...]:
    """Every client of these entries (oldest first), the busiest first; `terminal` are the states that end a plan."""
    clients: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        clients.setdefault((entry.user_agent, entry.address), []).append(entry)
    reports = (_report(agent, address, own, terminal) for (agent, address), own in clients.items())
    return tuple(sorted(reports, key=lambda report: -report.requests))


def _report(agent: str, address: str, entries: Sequence[Entry], terminal: Collection[str]) -> ClientReport:
    operations = Counter(str(entry.operation or _UNMATCHED) for entry in entries)
    return ClientReport(
        user_agent=agent,
        address=address,
        requests=len(entries),
        operations=tuple(sorted(operations.items())),
        findings=tuple(check(entries, terminal) for check in _CHECKS),
    )


def polite(
    entries: Sequence[Entry],
    max_requests: int | None = None,
    max_per_second: float | None = None,
    *,
    evicted: int = 0,
) -> Finding:
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
    return Finding(
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


def _too_many(entries: Sequence[Entry], most: int | None, evicted: int) -> Sequence[Entry]:
    return () if most is None else entries[max(0, most - evicted) :]


def _too_fast(entries: Sequence[Entry], most: float | None) -> list[Entry]:
    """Requests in front of which a window of time already holds as many as are allowed."""
    if most is None:
        return []
    allowed = max(1, int(most))
    window = timedelta(seconds=allowed / most)
    ordered = sorted(entries, key=lambda entry: entry.wall)
    return [
        entry for at, entry in enumerate(ordered) if at >= allowed and entry.wall - ordered[at - allowed].wall < window
    ]
