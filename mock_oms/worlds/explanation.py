"""Why a plan is where it is: its history with causes, and what would have to happen for its next step."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State, Transition, commands_in
from mock_oms.domain.plan import Order, Plan, Step
from mock_oms.domain.planner import Conditions, passed_over
from mock_oms.domain.stock import NOTHING
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
    missing: tuple[str, ...] = ()
    if plan.state in {State.START, State.PENDING}:
        missing = ("it is held until it is confirmed",) if order.held else tuple(_missing(world, plan, order))
    return Explanation(
        plan=plan,
        legal=commands_in(plan.state),
        history=plan.history,
        next_attempt=world.next_due_of(plan),
        missing=missing,
    )


def _missing(world: World, plan: Plan, order: Order) -> Iterator[str]:
    """A sentence for each item without a place: what every location has of it, and why rules pass it over."""
    contents = world.contents
    shelf = contents.stock if order.own_stock is None else order.own_stock
    down = "" if contents.stock_service else "the stock service is down, so attempts see nothing; "
    rules = {number: rule for number, rule in enumerate(world.setup.planner.rules) if rule.when.accept(order)}
    notes: dict[str, str] = {}
    for location in contents.locations.values():
        reasons = {number: passed_over(rule, location, plan=plan, order=order) for number, rule in rules.items()}
        notes[location.code] = ""
        if reasons and all(reasons.values()):  # no rule that is for the order considers the location
            first = next(iter(reasons.values()))
            shared = [one for one in first if all(one in found for found in reasons.values())]
            own = [f"rules[{number}]: {one}" for number, found in reasons.items() for one in found if one not in shared]
            notes[location.code] = f" ({', '.join([*shared, *own])})"
    facts = ", ".join(f"{one.name} {getattr(order, one.name)}" for one in fields(Conditions))
    for item in plan.unplaced:
        places = []
        for code, note in notes.items():
            figures = shelf.get((item.sku, code), NOTHING)
            reserved = f" of which {figures.reserved} are reserved" if figures.reserved else ""
            places.append(f"{code} has {figures.count}{reserved}{note}")
        where = ", ".join(places) if rules else f"no rule is for an order of {facts}"
        yield f"{item.sku} has no place: {down}{where}"
