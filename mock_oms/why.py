"""Why a plan is where it is: its history with causes, and what would have to happen for its next step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mock_oms.domain.lifecycle import State, Transition, commands_in
from mock_oms.domain.plan import Item, Order, Plan, Step
from mock_oms.domain.planner import NOTHING, Shelf
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


def explained(world: World, plan_id: int) -> Explanation | None:
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
    shelf = world.contents.stock if order.own_stock is None else order.own_stock
    for item in plan.unplaced:
        places = [_place(shelf, plan, item, one) for one in world.contents.locations.values()]
        yield f"{item.sku} has no place: {', '.join(places)}"


def _place(shelf: Shelf, plan: Plan, item: Item, location: Location) -> str:
    figures = shelf.get((item.sku, location.code), NOTHING)
    notes = [note for note in (_closed(location), _avoided(plan, location)) if note]
    return f"{location.code} has {_stock(figures)}" + (f" ({', '.join(notes)})" if notes else "")


def _stock(figures: Figures) -> str:
    return f"{figures.count} of which {figures.reserved} are reserved" if figures.reserved else str(figures.count)


def _closed(location: Location) -> str:
    return "" if location.active else "blocked"


def _avoided(plan: Plan, location: Location) -> str:
    return "gave an item of this plan back" if location.code in plan.avoid else ""
