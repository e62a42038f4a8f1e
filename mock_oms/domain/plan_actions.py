"""What people do to one plan: cancel, plan by hand, give back; pure, like an attempt, and leading to an outcome."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from mock_oms.domain.lifecycle import State, Trigger
from mock_oms.domain.plan import ITEM_IDS, Item, ItemState, Order, OrderItem, Plan, Step
from mock_oms.domain.planner import (
    NOTHING,
    AttemptOutcome,
    Placement,
    Replan,
    StockChange,
    StockFigures,
    followed,
    move,
    placed,
    reservations,
    settle,
)
from mock_oms.domain.stock import Location


def cancel(plan: Plan, order: Order, at: datetime, cause: str) -> AttemptOutcome:
    """Every live item is cancelled, and with them the plan."""
    cancelled = replace(plan, items=_without(plan, plan.live, at))
    moved = move(cancelled, State.CANCELLED, Trigger.COMMAND, at, cause)
    return AttemptOutcome(plan=moved, order=followed(order, moved, at), changes=_released(plan.live))


def cancel_item(plan: Plan, order: Order, item: Item, at: datetime, cause: str) -> AttemptOutcome:
    """One item is cancelled and what it reserved is free again; the plan's state follows from the rest."""
    moved = settle(plan, _without(plan, (item,), at), Trigger.ITEM_CANCELLED, at, cause)
    return AttemptOutcome(plan=moved, order=followed(order, moved, at), changes=_released((item,)))


def _without(plan: Plan, items: Collection[Item], at: datetime) -> tuple[Item, ...]:
    cancelled = {
        item.id: replace(item, state=ItemState.CANCELLED, location=None, source=None, modified=at) for item in items
    }
    return tuple(cancelled.get(item.id, item) for item in plan.items)


def _released(items: Collection[Item]) -> tuple[StockChange, ...]:
    return tuple(StockChange(key=(item.sku, item.source), reserved=-1) for item in items if item.source)


def assign(plan: Plan, order: Order, item: Item, location: str, at: datetime, cause: str) -> AttemptOutcome:
    """One waiting item is given to a location by hand; whether a unit is there is the caller's to know."""
    by_hand = Placement(item=item.id, sku=item.sku, location=location, source=location)
    return _assigned(plan, order, (by_hand,), at, cause)


def complete(
    plan: Plan,
    order: Order,
    *,
    stock: StockFigures,
    locations: Mapping[str, Location],
    default_location: str,
    at: datetime,
    cause: str,
) -> AttemptOutcome:
    """Manual planning (c): each unplaced item goes to an open location that has a unit, whatever the rules say.

    Where none has one, the operator is taken to have found a unit at the default location: its count rises by one.
    """
    by_hand: list[Placement] = []
    for item in plan.unplaced:
        taken = reservations(by_hand)
        free = (
            one.code
            for one in sorted(locations.values(), key=lambda one: one.priority)
            if one.active and _quantity(stock, taken, item.sku, one.code) > 0
        )
        code = next(free, default_location)
        by_hand.append(Placement(item=item.id, sku=item.sku, location=code, source=code))
    outcome = _assigned(plan, order, tuple(by_hand), at, cause)
    return replace(outcome, changes=(*_found_units(stock, outcome.changes), *outcome.changes))


def _quantity(stock: StockFigures, taken: Collection[StockChange], sku: str, code: str) -> int:
    return stock.get((sku, code), NOTHING).quantity - sum(one.reserved for one in taken if one.key == (sku, code))


def _found_units(stock: StockFigures, taken: Collection[StockChange]) -> tuple[StockChange, ...]:
    """So many units as the reservations exceed what was free."""
    keys = dict.fromkeys(one.key for one in taken)
    missing = {key: -_quantity(stock, taken, *key) - max(0, -stock.get(key, NOTHING).quantity) for key in keys}
    return tuple(StockChange(key=key, count=count) for key, count in missing.items() if count > 0)


def _assigned(plan: Plan, order: Order, by_hand: tuple[Placement, ...], at: datetime, cause: str) -> AttemptOutcome:
    moved = settle(plan, placed(plan.items, by_hand, at), Trigger.COMMAND, at, cause)
    return AttemptOutcome(plan=moved, order=followed(order, moved, at), changes=reservations(by_hand))


def give_back(
    plan: Plan,
    order: Order,
    items: Collection[Item],
    missing: Item | None,
    *,
    replan: Replan,
    at: datetime,
    cause: str,
) -> AttemptOutcome:
    """These placed items come back from their location; `missing` was not there, so its unit leaves the count.

    With `replan: reopen` they wait for a place in the same plan again, otherwise they leave it (see `successor`). In
    both cases the plan avoids that location from now on, for its other items too.
    """
    gone = {item.id for item in items}
    waiting = tuple(_waiting(item, at) if item.id in gone else item for item in plan.items)
    left = tuple(_given_back(item, missing, at) if item.id in gone else item for item in plan.items)
    avoiding = replace(plan, avoid=plan.avoid | _locations(items))
    moved = settle(avoiding, waiting if replan is Replan.REOPEN else left, Trigger.ITEM_RETURNED, at, cause)
    lost = (StockChange(key=(missing.sku, missing.source), count=-1),) if missing and missing.source else ()
    return AttemptOutcome(
        plan=moved,
        order=followed(order, replace(plan, items=waiting), at),
        changes=(*_released(items), *lost),
    )


def _locations(items: Collection[Item]) -> frozenset[str]:
    return frozenset(item.location for item in items if item.location)


def _waiting(item: Item, at: datetime) -> Item:
    return replace(item, state=ItemState.WAITING, location=None, source=None, modified=at)


def _given_back(item: Item, missing: Item | None, at: datetime) -> Item:
    state = ItemState.NOT_FOUND if item is missing else ItemState.REFUSED
    return replace(item, state=state, source=None, modified=at)


def successor(plan: Plan, items: Collection[Item], plan_id: int, *, due: datetime, at: datetime, cause: str) -> Plan:
    """The new plan row for the items that this plan gave back; it avoids what the plan avoids."""
    return Plan(
        id=plan_id,
        order=plan.order,
        state=State.START,
        created=at,
        modified=at,
        items=tuple(
            Item(id=plan_id * ITEM_IDS + number, order_item=item.order_item, sku=item.sku, modified=at)
            for number, item in enumerate(items, start=1)
        ),
        history=(Step(at=at, source=None, target=State.START, cause=cause),),
        due=due,
        avoid=plan.avoid,
    )


def opened(
    plan_id: int, skus: Collection[str], order: Order, *, created: datetime, due: datetime | None, cause: str
) -> tuple[Plan, Order]:
    """The first plan row of a new order, one item for each SKU, and the order with its items."""
    rows = tuple(OrderItem(id=order.id * ITEM_IDS + number, sku=sku) for number, sku in enumerate(skus, start=1))
    items = tuple(
        Item(id=plan_id * ITEM_IDS + number, order_item=row.id, sku=row.sku, modified=created)
        for number, row in enumerate(rows, start=1)
    )
    plan = Plan(
        id=plan_id,
        order=order.id,
        state=State.START,
        created=created,
        modified=created,
        items=items,
        history=(Step(at=created, source=None, target=State.START, cause=cause),),
        due=due,
    )
    return plan, replace(order, items=rows)
