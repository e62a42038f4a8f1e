"""One run of the planner over one plan: its items, context, state and order move together, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from mock_oms.domain.errors import IllegalEventError
from mock_oms.domain.lifecycle import TRANSITIONS, State, Trigger
from mock_oms.domain.plan import GIVEN_BACK, Attempt, Item, ItemState, Order, OrderItem, Plan, Step
from mock_oms.domain.planner import NOTHING, Key, Placement, Rule, Shelf, look, place
from mock_oms.domain.stock import Location

_ARROWS = frozenset((row.trigger, row.source, row.target) for row in TRANSITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """Units and reservations that come (positive) or go at one SKU and location."""

    key: Key
    count: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan and its order after something happened to the plan, and what that changes in the stock it lives on."""

    plan: Plan
    order: Order
    changes: tuple[StockChange, ...] = ()

    def kept_private(self) -> Self:
        """The outcome with its changes booked on the order's own stock, if it has any."""
        if not self.changes or self.order.own_stock is None:
            return self
        shelf = dict(self.order.own_stock)
        for one in self.changes:
            shelf[one.key] = shelf.get(one.key, NOTHING).changed(count=one.count, reserved=one.reserved)
        return replace(self, order=replace(self.order, own_stock=shelf), changes=())


def reservations(placements: Iterable[Placement]) -> tuple[StockChange, ...]:
    """What placements reserve."""
    return tuple(StockChange(key=(one.sku, one.source), reserved=1) for one in placements)


def attempt(
    plan: Plan,
    order: Order,
    *,
    at: datetime,
    shelf: Shelf | None,
    locations: Mapping[str, Location],
    rules: tuple[Rule, ...],
    cause: str | None = None,
) -> Outcome:
    """Plan what is unplaced; without a shelf (the stock service is down) nothing is seen and nothing placed."""
    number = len(plan.attempts) + 1
    seen = look(plan.unplaced, shelf, locations.values()) if shelf is not None else ()
    if plan.attempts and plan.attempts[-1].seen == seen:
        seen = plan.attempts[-1].seen
    placements = place(plan, order, shelf=shelf, locations=locations, rules=rules) if shelf is not None else ()
    tried = replace(plan, attempts=(*plan.attempts, Attempt(number=number, at=at, seen=seen)))
    items = placed(tried.items, placements, at, otherwise=ItemState.OUT_OF_STOCK)
    moved = settle(tried, items, Trigger.ATTEMPT, at, cause or f"attempt {number}")
    return Outcome(plan=moved, order=followed(order, moved, at), changes=reservations(placements))


def placed(
    items: Iterable[Item], placements: Iterable[Placement], at: datetime, *, otherwise: ItemState | None = None
) -> tuple[Item, ...]:
    """The items after the placements; unplaced ones left over are parked in the state `otherwise`, if one is given."""
    found = {one.item: one for one in placements}
    return tuple(_item_after(item, found.get(item.id), at, otherwise) for item in items)


def _item_after(item: Item, placement: Placement | None, at: datetime, otherwise: ItemState | None) -> Item:
    if placement:
        return replace(item, state=ItemState.PLANNED, location=placement.location, source=placement.source, modified=at)
    if item.state is ItemState.WAITING and otherwise:
        return replace(item, state=otherwise, modified=at)
    return item


def settle(plan: Plan, items: tuple[Item, ...], trigger: Trigger, at: datetime, cause: str) -> Plan:
    """The plan with these items and the state that follows from them; the arrow must be in the lifecycle's table."""
    changed = replace(plan, items=items)
    return move(changed, _state_of(changed), trigger, at, cause)


def move(plan: Plan, target: State, trigger: Trigger, at: datetime, cause: str) -> Plan:
    """The plan in its new state, with the step in its history."""
    if plan.state is not target and (trigger, plan.state, target) not in _ARROWS:
        raise IllegalEventError(f"Plan {plan.id} is {plan.state}: {trigger} does not lead from there to {target}.")
    step = Step(at=at, source=plan.state, target=target, cause=cause)
    due = plan.due if target is State.START else None
    return replace(plan, state=target, modified=at, due=due, history=(*plan.history, step))


def _state_of(plan: Plan) -> State:
    if plan.unplaced:
        return State.PENDING if plan.attempts else State.START
    cancelled = bool(plan.items) and all(item.state is ItemState.CANCELLED for item in plan.items)
    return State.CANCELLED if cancelled else State.COMPLETED


def followed(order: Order, plan: Plan, at: datetime) -> Order:
    """The order after its plan moved: its items take over the states of the plan's items, but of those that left it."""
    states = {item.order_item: item.state for item in plan.items if item.state not in GIVEN_BACK}
    items = tuple(_with_state(item, states.get(item.id, item.state)) for item in order.items)
    return order if items == order.items else replace(order, items=items, modified=at)


def _with_state(item: OrderItem, state: ItemState) -> OrderItem:
    return item if item.state is state else replace(item, state=state)
