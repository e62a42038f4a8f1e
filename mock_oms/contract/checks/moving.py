"""Checks of a plan that was seen more than once: how it may move, and that `modified_date` tells of it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mock_oms.contract.checks.check import Check, Flaw
from mock_oms.contract.checks.dates import moment
from mock_oms.contract.checks.sameness import differences, own
from mock_oms.contract.checks.seen import PAGES, SINGLE, Pair, Seen
from mock_oms.contract.checks.states import state_of, state_or_none
from mock_oms.domain.lifecycle import TERMINAL, TRANSITIONS, State

_PLANS = PAGES | SINGLE
_TWICE = "no plan was seen twice"


@cache
def _reach() -> Mapping[State, frozenset[State]]:
    """The states that a plan can be in later, by the table: between two sights it may go several ways."""
    reach = {state: {state} for state in State}
    for _ in State:
        for row in TRANSITIONS:
            for reached in reach.values():
                if row.source in reached:
                    reached.add(row.target)
    return {state: frozenset(reached) for state, reached in reach.items()}


def _pairs(seen: Seen) -> Iterator[Pair]:
    return seen.pairs()


def _ended(seen: Seen) -> Iterator[Pair]:
    return (pair for pair in seen.pairs() if state_or_none(pair.earlier, seen) in [*TERMINAL])


def _under_way(seen: Seen) -> Iterator[Pair]:
    return (pair for pair in seen.pairs() if state_or_none(pair.earlier, seen) not in [None, *TERMINAL])


def _jumped(pair: Pair, seen: Seen) -> Iterator[Flaw]:
    before, after = (State(state_of(one.plan, seen.rules.answers)) for one in (pair.earlier, pair.later))
    if after not in _reach()[before]:
        message = f"nothing leads there from {before}, which it was in {pair.earlier.request}"
        yield Flaw(message=message, place="state", expected=", ".join(sorted(_reach()[before])), found=after.value)


def _shrunk(pair: Pair, _: Seen) -> Iterator[Flaw]:
    before, after = pair.earlier.plan["context"], pair.later.plan["context"]
    for number, attempt in before.items():
        if number not in after:
            message = f"the attempt was there in {pair.earlier.request}"
            yield Flaw(message=message, place=f"context.{number}", expected="it is still there")
        elif after[number] != attempt:
            message = f"the attempt was rewritten since {pair.earlier.request}"
            yield Flaw(message=message, place=f"context.{number}", elsewhere=attempt, found=after[number])


def _attempted(seen: Seen) -> Iterator[Pair]:
    return (pair for pair in seen.pairs() if pair.earlier.plan.get("context"))


def _backwards(pair: Pair, seen: Seen) -> Iterator[Flaw]:
    before, after = pair.earlier.plan["modified_date"], pair.later.plan["modified_date"]
    if moment(before, seen.rules.answers) > moment(after, seen.rules.answers):
        message = f"it was later in {pair.earlier.request}"
        yield Flaw(message=message, place="modified_date", expected=f"≥ {before}", found=after)


def _stale(pair: Pair, _: Seen) -> Iterator[Flaw]:
    before, after = pair.earlier.plan, pair.later.plan
    if before["modified_date"] == after["modified_date"]:
        names = [name for name, _, _ in differences(own(before), own(after))]
        if names:
            yield Flaw(
                message=f"the plan moved since {pair.earlier.request} ({', '.join(names)}), and this did not",
                place="modified_date",
                expected=f"later than {before['modified_date']}",
                found=after["modified_date"],
            )


def _days(seen: Seen) -> str | None:
    return "the switch dates is date: a move within a day does not show" if _is_daily(seen) else None


def _is_daily(seen: Seen) -> bool:
    return seen.rules.answers.dates == "date"


def _check(name: str, claim: str, **more: Any) -> Check[Pair]:
    """A check of pairs, of which those that are given replace what most have."""
    usual = {"over": _pairs, "lacking": _TWICE, "needs": _PLANS, "provenance": "inferred", "source": "plans page"}
    return Check(name=name, claim=claim, **{**usual, **more})


CHECKS: tuple[Check[Pair], ...] = (
    _check(
        "moves-along-the-table",
        "A plan that has not ended moves only as the table of the lifecycle allows.",
        over=_under_way,
        flaws=_jumped,
        lacking="no plan that had not ended was seen twice",
        provenance="assumed",
        source="ours: the table of the lifecycle",
    ),
    _check(
        "ended-stays",
        "A plan that has ended stays so; a completed one is reopened only when an item comes back.",
        over=_ended,
        flaws=_jumped,
        lacking="no plan that had ended was seen twice",
        provenance="assumed",
        source="ours: two of the four states are read as terminal",
    ),
    _check(
        "context-only-grows",
        "An attempt stays in `context` as it was.",
        over=_attempted,
        flaws=_shrunk,
        lacking="no plan that was attempted was seen twice",
        provenance="assumed",
        source="plans page: the field; that nothing leaves it is ours",
    ),
    _check(
        "modified-never-goes-back",
        "`modified_date` never goes back.",
        flaws=_backwards,
        source="plans page: the name of the field",
    ),
    _check(
        "modified-tells-of-moves",
        "When state, commands, context or items of a plan move, its `modified_date` does too.",
        flaws=_stale,
        source="plans page: the name; what moves it is inferred",
        unless=_days,
    ),
)
