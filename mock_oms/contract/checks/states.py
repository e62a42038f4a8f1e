"""Checks of a plan's state and of its commands, by the table of the lifecycle."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mock_oms.answers import Answers
from mock_oms.contract.checks.check import Check, Flaw
from mock_oms.contract.checks.seen import PAGES, SINGLE, Seen, Sight
from mock_oms.domain.lifecycle import TERMINAL, State, commands_in

_PLANS = PAGES | SINGLE
_NO_PLAN = "no plan was met"

#: A command as it can be compared: its slug with its source and target, None where the form of the switch has neither.
Arrow = tuple[str, str | None, str | None]


def state_of(plan: Mapping[str, Any], answers: Answers) -> Any:
    """The name of a plan's state in the form of the switch, whether or not there is such a state."""
    return plan["state"]["enum_value"] if answers.state == "object" else plan["state"]


def commands_of(plan: Mapping[str, Any], answers: Answers) -> tuple[Arrow, ...]:
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


def _sights(seen: Seen) -> Iterator[Sight]:
    return iter(seen.sights)


def _stateless(one: Sight, seen: Seen) -> Iterator[Flaw]:
    found = state_or_none(one, seen)
    if found not in [*State]:
        wanted = ", ".join(State)
        yield Flaw(message="there is no such state", place="state", expected=wanted, found=one.plan.get("state"))


def state_or_none(one: Sight, seen: Seen) -> Any:
    """The name of a plan's state, None where it has another form than that of the switch."""
    try:
        return state_of(one.plan, seen.rules.answers)
    except (LookupError, TypeError):
        return None


def _in(*states: State) -> Callable[[Seen], Iterator[Sight]]:
    """The plans in some of the states."""
    return lambda seen: (one for one in seen.sights if state_or_none(one, seen) in states)


def _unlawful(one: Sight, seen: Seen) -> Iterator[Flaw]:
    answers = seen.rules.answers
    state = State(state_of(one.plan, answers))
    rows = commands_in(state) if answers.commands != "empty" else ()
    legal = [_as_told(row.slug, row.source, row.target, answers) for row in rows]
    for place, command in enumerate(commands_of(one.plan, answers)):
        if command not in legal:
            yield Flaw(
                message=f"a plan in the state {state} does not have this command",
                place=_place(place, answers),
                expected=", ".join(row.slug for row in rows) or "no command",
                found=[word for word in command if word],
            )


def _as_told(slug: str, source: State, target: State, answers: Answers) -> Arrow:
    return (slug, source, target) if answers.commands in {"objects", "json"} else (slug, None, None)


def _place(number: int, answers: Answers) -> str:
    return f"commands[{number}]" if answers.commands in {"objects", "empty"} else "commands"


def _offered(one: Sight, seen: Seen) -> Iterator[Flaw]:
    if commands_of(one.plan, seen.rules.answers):
        found = one.plan["commands"]
        yield Flaw(message="a plan that has ended has commands", place="commands", expected="none", found=found)


CHECKS: tuple[Check[Sight], ...] = (
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
