"""Checks of how a plan moves between two times at which it was seen."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mock_oms.conformance.checks.answers import ParsedCrawl, PlanTwice
from mock_oms.conformance.checks.check import Checks, Subjects, Violation
from mock_oms.conformance.checks.plan_fields import ITEMS, moment, state_of
from mock_oms.conformance.checks.rows import PAIRS, differences, location_of
from mock_oms.domain.lifecycle import TERMINAL, TRANSITIONS, State

CHECKS = Checks()


@cache
def _reach() -> Mapping[State, frozenset[State]]:
    """The states that a plan can be in later, by the table: in between it may take several steps."""
    reach = {state: {state} for state in State}
    for _ in State:
        for row in TRANSITIONS:
            for reached in reach.values():
                if row.source in reached:
                    reached.add(row.target)
    return {state: frozenset(reached) for state, reached in reach.items()}


def _first_states(crawl: ParsedCrawl) -> Iterator[tuple[PlanTwice, Any]]:
    return ((pair, state_of(pair.earlier.plan, crawl.rules.switches)) for pair in crawl.pairs())


_ENDED = Subjects(
    lambda crawl: (pair for pair, state in _first_states(crawl) if state in [*TERMINAL]),
    "no plan that had ended was seen twice",
)
_NOT_ENDED = Subjects(
    lambda crawl: (pair for pair, state in _first_states(crawl) if state not in [None, *TERMINAL]),
    "no plan that had not ended was seen twice",
)
_ATTEMPTED = Subjects(
    lambda crawl: (pair for pair in crawl.pairs() if pair.earlier.plan.get("context")),
    "no plan that was attempted was seen twice",
)


def _days_only(crawl: ParsedCrawl) -> str | None:
    daily = crawl.rules.switches.dates == "date"
    return "the switch dates is date: a move within a day does not show" if daily else None


@CHECKS.add(_NOT_ENDED, "ours: the table of the lifecycle", provenance="assumed")
def moves_along_the_table(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A plan that has not ended moves only as the table of the lifecycle allows."""
    before, after = (State(state_of(one.plan, crawl.rules.switches)) for one in (pair.earlier, pair.later))
    if after not in _reach()[before]:
        message = f"nothing leads there from {before}, which it was in {pair.earlier.request}"
        yield Violation(message, "state", ", ".join(sorted(_reach()[before])), after.value)


@CHECKS.add(_ENDED, "ours: two of the four states are read as terminal", provenance="assumed")
def ended_stays(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A plan that has ended stays so; a completed one is reopened only when an item comes back."""
    return moves_along_the_table(pair, crawl)


@CHECKS.add(_ATTEMPTED, "plans page: the field; that nothing leaves it is ours", provenance="assumed")
def context_only_grows(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """An attempt stays in `context` as it was."""
    after = pair.later.plan["context"]
    for number, attempt in pair.earlier.plan["context"].items():
        place = f"context.{number}"
        if number not in after:
            yield Violation(f"the attempt was there in {pair.earlier.request}", place, "it is still there")
        elif after[number] != attempt:
            message = f"the attempt was rewritten since {pair.earlier.request}"
            yield Violation(message, place, elsewhere=attempt, found=after[number])


@CHECKS.add(PAIRS, "plans page: the name of the field")
def modified_never_goes_back(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """`modified_date` never goes back."""
    before, after = pair.earlier.plan["modified_date"], pair.later.plan["modified_date"]
    if moment(before, crawl.rules.switches) > moment(after, crawl.rules.switches):
        yield Violation(f"it was later in {pair.earlier.request}", "modified_date", f"≥ {before}", after)


def _moving(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """What moves only with the plan's `modified_date`: an order may have other plans, a location other orders."""
    items = [(item["id"], item["state"], location_of(item)) for item in plan[ITEMS]]
    return {**{name: plan[name] for name in ("state", "commands", "context")}, ITEMS: items}


@CHECKS.add(PAIRS, "plans page: the name; what moves it is inferred", unless=(_days_only,))
def modified_tells_of_moves(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """When state, commands, context or items of a plan move, its `modified_date` does too."""
    before, after = pair.earlier.plan, pair.later.plan
    if before["modified_date"] == after["modified_date"]:
        names = ", ".join(name for name, _, _ in differences(_moving(before), _moving(after)))
        if names:
            message = f"the plan moved since {pair.earlier.request} ({names}), and this did not"
            yield Violation(message, "modified_date", f"later than {before['modified_date']}", after["modified_date"])
