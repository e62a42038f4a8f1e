"""Hints about single plans: ids that nobody has here, and what else may have been meant by them."""

import re
from collections.abc import Collection

from mock_oms.journal.hints.facts import Facts, shown
from mock_oms.journal.hints.lists import ignored, listed, number
from mock_oms.journal.hints.rules import Rules, always, met, reads, where
from mock_oms.operations import Operation

_PLACEHOLDER = re.compile(r"[<{$%:\[(].*|none|null|nil|undefined|nan|true|false|id|pk", re.IGNORECASE)
_WORLDS_SHOWN = 3


def _number(facts: Facts) -> int | None:
    return number(facts.id) if facts.plan is None else facts.plan


def _elsewhere(facts: Facts) -> Collection[str]:
    plan = _number(facts)
    return () if plan is None else facts.worlds_with(plan)


def _other_worlds(facts: Facts) -> str:
    names = sorted(_elsewhere(facts))
    more = len(names) - _WORLDS_SHOWN
    others = ", ".join(names[:_WORLDS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (
        f"Plan {_number(facts)} is none of this world; it exists in {others}: probably this is another world's token."
    )


_MISSING: Rules = (
    (
        lambda facts: _PLACEHOLDER.fullmatch(facts.id),
        lambda facts: f"{shown(facts.id)} stands where the id belongs: probably a variable was never filled in.",
    ),
    (
        lambda facts: facts.plan_of_order(facts.id) is not None,
        lambda facts: (
            f"{shown(facts.id)} is an order, not a plan: the plan of this order is {facts.plan_of_order(facts.id)}."
        ),
    ),
    (_elsewhere, _other_worlds),
    (
        lambda facts: _number(facts) is None,
        lambda facts: f"{shown(facts.id)} is no plan's id: ids are whole numbers, as the list shows them.",
    ),
    (always, lambda facts: f"No plan of this world has the id {shown(facts.id)}; the list shows those that are there."),
)

_READ: Rules = (
    (
        lambda facts: ignored(facts, ()),
        lambda facts: f"A single plan has no parameters: {listed(ignored(facts, ()))} did nothing.",
    ),
)

PLANS: Rules = where(
    lambda facts: facts.operation is Operation.DETAIL,
    (
        *where(met(404), _MISSING),
        *where(met(200), where(reads, _READ)),
    ),
)
