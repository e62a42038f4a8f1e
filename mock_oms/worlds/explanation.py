"""Why a plan is where it is: its history with causes, and what would have to happen for its next step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from mock_oms.domain.lifecycle import State, Transition, commands_in
from mock_oms.domain.plan import Order, Plan, Step
from mock_oms.domain.planner import NOTHING, Conditions, Rule, passed_over
from mock_oms.domain.stock import Figures, Location
from mock_oms.domain.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the mock knows of a plan beyond what the vendor's API shows; `missing` are sentences, one for each item."""

    plan: Plan
    legal: tuple[Transition, ...]
    history: tuple[Step, ...]
    next_attempt: datetime | None
    missing: tuple[str, ...]


def explanation_of(world: World, plan_id: int) -> Explanation | None:
    """The explanation of a plan as it is now, or None where the world has no such id."""
    found = world.find(plan_id)
    if found is None:
        return None
    plan, order = found
    missing = (_held(),) if order.held else tuple(_missing(world, plan, order))
    return Explanation(
        plan=plan,
        legal=commands_in(plan.state),
        history=plan.history,
        next_attempt=world.next_due_of(plan),
        missing=missing if plan.state in {State.START, State.PENDING} else (),
    )


def _held() -> str:
    return "it is held until it is confirmed"


def _missing(world: World, plan: Plan, order: Order) -> Iterator[str]:
    contents = world.contents
    shelf = contents.stock if order.own_stock is None else order.own_stock
    down = "" if contents.stock_service else "the stock service is down, so attempts see nothing; "
    rules = {number: rule for number, rule in enumerate(world.setup.planner.rules) if rule.when.accept(order)}
    notes = {one.code: _note(rules, one, plan, order) for one in contents.locations.values()}
    for item in plan.unplaced:
        places = [f"{code} has {_stock(shelf.get((item.sku, code), NOTHING))}{note}" for code, note in notes.items()]
        yield f"{item.sku} has no place: {down}{', '.join(places) if rules else _no_rule(order)}"


def _stock(figures: Figures) -> str:
    return f"{figures.count} of which {figures.reserved} are reserved" if figures.reserved else str(figures.count)


def _no_rule(order: Order) -> str:
    facts = ", ".join(f"{one.name} {getattr(order, one.name)}" for one in fields(Conditions))
    return f"no rule is for an order of {facts}"


def _note(rules: Mapping[int, Rule], location: Location, plan: Plan, order: Order) -> str:
    """Why every rule that is for the order passes a location over; nothing where one of them considers it."""
    reasons = {number: passed_over(rule, location, plan=plan, order=order) for number, rule in rules.items()}
    if not all(reasons.values()):
        return ""
    shared = [one for one in next(iter(reasons.values()), ()) if all(one in found for found in reasons.values())]
    own = [f"rules[{number}]: {one}" for number, found in reasons.items() for one in found if one not in shared]
    return f" ({', '.join([*shared, *own])})"
