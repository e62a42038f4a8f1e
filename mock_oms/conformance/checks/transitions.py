"""Checks of a plan's state and commands, and of how a plan may move between two sights of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from mock_oms.conformance.checks.answers import PAGES, SINGLE, ParsedCrawl, PlanTwice, SeenPlan
from mock_oms.conformance.checks.check import Check, Violation
from mock_oms.conformance.checks.plan_fields import moment
from mock_oms.domain.lifecycle import TERMINAL, TRANSITIONS, State, commands_in
from mock_oms.switches import Switches

_PLANS = PAGES | SINGLE
_NO_PLAN = "no plan was met"

#: A command as it can be compared: its slug with its source and target, None where the form of the switch has neither.
Arrow = tuple[str, str | None, str | None]


def state_of(plan: Mapping[str, Any], answers: Switches) -> Any:
    """The name of a plan's state in the form of the switch, whether or not there is such a state."""
    return plan["state"]["enum_value"] if answers.state == "object" else plan["state"]


def commands_of(plan: Mapping[str, Any], answers: Switches) -> tuple[Arrow, ...]:
    """The commands of a plan in the form of the switch.

    :raises ValueError: they have another form; so do LookupError and TypeError say.
    """
    return _FORMS[answers.commands](plan["commands"])


def _objects(commands: Any) -> tuple[Arrow, ...]:
    if not isinstance(commands, list):
        raise TypeError("commands are a list")
    return tuple((one["slug"], one["source_state"], one["destination_state"]) for one in commands)


def _comma(commands: Any) -> tuple[Arrow, ...]:
    return tuple((slug, None, None) for slug in commands.split(",") if slug)


_FORMS: Mapping[str, Callable[[Any], tuple[Arrow, ...]]] = MappingProxyType(
    {
        "objects": _objects,
        "empty": lambda commands: tuple((str(one), None, None) for one in commands),
        "json": lambda commands: _objects(json.loads(commands)),
        "comma": _comma,
    }
)


def _sights(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    return iter(seen.sights)


def _stateless(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    found = state_or_none(one, seen)
    if found not in [*State]:
        wanted = ", ".join(State)
        yield Violation(message="there is no such state", place="state", expected=wanted, found=one.plan.get("state"))


def state_or_none(one: SeenPlan, seen: ParsedCrawl) -> Any:
    """The name of a plan's state, None where it has another form than that of the switch."""
    try:
        return state_of(one.plan, seen.rules.answers)
    except (LookupError, TypeError):
        return None


def _in(*states: State) -> Callable[[ParsedCrawl], Iterator[SeenPlan]]:
    """The plans in some of the states."""
    return lambda seen: (one for one in seen.sights if state_or_none(one, seen) in states)


def _unlawful(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    answers = seen.rules.answers
    state = State(state_of(one.plan, answers))
    rows = commands_in(state) if answers.commands != "empty" else ()
    legal = [_as_told(row.slug, row.source, row.target, answers) for row in rows]
    for place, command in enumerate(commands_of(one.plan, answers)):
        if command not in legal:
            yield Violation(
                message=f"a plan in the state {state} does not have this command",
                place=_place(place, answers),
                expected=", ".join(row.slug for row in rows) or "no command",
                found=[word for word in command if word],
            )


def _as_told(slug: str, source: State, target: State, answers: Switches) -> Arrow:
    return (slug, source, target) if answers.commands in {"objects", "json"} else (slug, None, None)


def _place(number: int, answers: Switches) -> str:
    return f"commands[{number}]" if answers.commands in {"objects", "empty"} else "commands"


def _offered(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    if commands_of(one.plan, seen.rules.answers):
        found = one.plan["commands"]
        yield Violation(message="a plan that has ended has commands", place="commands", expected="none", found=found)


STATE_CHECKS: tuple[Check[SeenPlan], ...] = (
    Check(
        name="state-known",
        claim="Every plan is in one of the four documented states, in the form of the switch state.",
        over=_sights,
        flaws=_stateless,
        lacking=_NO_PLAN,
        needs=_PLANS,
        provenance="documented",
        source="plans page",
    ),
    Check(
        name="commands-fit-the-state",
        claim="A plan has no command but those that the table has for its state.",
        over=_in(*State),
        flaws=_unlawful,
        lacking="no plan in one of the four states was met",
        needs=_PLANS,
        provenance="assumed",
        source="ours: the table of the lifecycle",
    ),
    Check(
        name="ended-has-no-commands",
        claim="Nothing can be done with a plan that is cancelled or completed.",
        over=_in(*TERMINAL),
        flaws=_offered,
        lacking="no cancelled and no completed plan was met",
        needs=_PLANS,
        provenance="assumed",
        source="ours: two of the four states are read as terminal",
    ),
)


_SET = "orderexecutionplanitem_set"


def fixed(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What never moves: ids, when it was made, and who ordered what."""
    order = plan["order"]
    return {
        "id": plan["id"],
        "created_date": plan["created_date"],
        "order.id": order["id"],
        "order.number": order["number"],
        "order.created_date": order["created_date"],
        _SET: [(item["id"], item["order_item"]["id"]) for item in plan[_SET]],
    }


def own(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What moves only together with the plan's `modified_date`: an order may have other plans, a place other orders."""
    return {
        "state": plan["state"],
        "commands": plan["commands"],
        "context": plan["context"],
        _SET: [(item["id"], item["state"], _sameness_place(item)) for item in plan[_SET]],
    }


def steady(plan: Mapping[str, Any], *, ordered: bool) -> dict[str, Any]:
    """A plan without the figures of its places; without its order, unless that is to be compared (`ordered`)."""
    items = [
        {
            **item,
            "stock_location": _sameness_place(item),
            **({} if ordered else {"order_item": item["order_item"]["id"]}),
        }
        for item in plan[_SET]
    ]
    return {**plan, _SET: items, "order": plan["order"] if ordered else plan["order"]["id"]}


def _sameness_place(item: Mapping[str, Any]) -> Any:
    place = item["stock_location"]
    return place and (place["id"], place["erp_code"])


def moved(earlier: Mapping[str, Any], later: Mapping[str, Any], answers: Switches) -> bool:
    """Whether a plan may have changed in between: under days alone nobody can tell, unless it is the same anyway."""
    return answers.dates == "date" or bool(earlier.get("modified_date") != later.get("modified_date"))


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The members that two objects do not share or have different values of: name, earlier and later value."""
    for name in sorted(earlier.keys() | later.keys()):
        before, after = earlier.get(name), later.get(name)
        if before != after:
            yield name, before, after


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


def _pairs(seen: ParsedCrawl) -> Iterator[PlanTwice]:
    return seen.pairs()


def _ended(seen: ParsedCrawl) -> Iterator[PlanTwice]:
    return (pair for pair in seen.pairs() if state_or_none(pair.earlier, seen) in [*TERMINAL])


def _under_way(seen: ParsedCrawl) -> Iterator[PlanTwice]:
    return (pair for pair in seen.pairs() if state_or_none(pair.earlier, seen) not in [None, *TERMINAL])


def _jumped(pair: PlanTwice, seen: ParsedCrawl) -> Iterator[Violation]:
    before, after = (State(state_of(one.plan, seen.rules.answers)) for one in (pair.earlier, pair.later))
    if after not in _reach()[before]:
        message = f"nothing leads there from {before}, which it was in {pair.earlier.request}"
        yield Violation(message=message, place="state", expected=", ".join(sorted(_reach()[before])), found=after.value)


def _shrunk(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    before, after = pair.earlier.plan["context"], pair.later.plan["context"]
    for number, attempt in before.items():
        if number not in after:
            message = f"the attempt was there in {pair.earlier.request}"
            yield Violation(message=message, place=f"context.{number}", expected="it is still there")
        elif after[number] != attempt:
            message = f"the attempt was rewritten since {pair.earlier.request}"
            yield Violation(message=message, place=f"context.{number}", elsewhere=attempt, found=after[number])


def _attempted(seen: ParsedCrawl) -> Iterator[PlanTwice]:
    return (pair for pair in seen.pairs() if pair.earlier.plan.get("context"))


def _backwards(pair: PlanTwice, seen: ParsedCrawl) -> Iterator[Violation]:
    before, after = pair.earlier.plan["modified_date"], pair.later.plan["modified_date"]
    if moment(before, seen.rules.answers) > moment(after, seen.rules.answers):
        message = f"it was later in {pair.earlier.request}"
        yield Violation(message=message, place="modified_date", expected=f"≥ {before}", found=after)


def _stale(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    before, after = pair.earlier.plan, pair.later.plan
    if before["modified_date"] == after["modified_date"]:
        names = [name for name, _, _ in differences(own(before), own(after))]
        if names:
            yield Violation(
                message=f"the plan moved since {pair.earlier.request} ({', '.join(names)}), and this did not",
                place="modified_date",
                expected=f"later than {before['modified_date']}",
                found=after["modified_date"],
            )


def _days(seen: ParsedCrawl) -> str | None:
    return "the switch dates is date: a move within a day does not show" if _is_daily(seen) else None


def _is_daily(seen: ParsedCrawl) -> bool:
    return seen.rules.answers.dates == "date"


def _check(name: str, claim: str, **more: Any) -> Check[PlanTwice]:
    """A check of pairs, of which those that are given replace what most have."""
    usual = {"over": _pairs, "lacking": _TWICE, "needs": _PLANS, "provenance": "inferred", "source": "plans page"}
    return Check(name=name, claim=claim, **{**usual, **more})


MOVE_CHECKS: tuple[Check[PlanTwice], ...] = (
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
