"""What people do to one plan: cancel, plan by hand, give back; pure, like an attempt, and leading to an outcome."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from rpds import List

from mock_oms.domain.events import PlaceOrder
from mock_oms.domain.lifecycle import State, Trigger
from mock_oms.domain.plan import ITEM_IDS, ORDER_IDS, Item, ItemState, Order, OrderItem, Plan, Step
from mock_oms.domain.planner import Outcome, Planner, Replan, followed, placed_at, reservations, settle
from mock_oms.domain.setup import Setup, pick
from mock_oms.domain.stock import NOTHING, Figures, Key, Locations, Stock


def cancel(plan: Plan, order: Order, at: datetime, cause: str, *, item: Item | None = None) -> Outcome:
    """Cancel the plan and its live items, or one item, after which the state follows; free what they reserved."""
    gone = plan.live if item is None else (item,)
    cancelled = [replace(one, state=ItemState.CANCELLED, location=None, source=None, modified=at) for one in gone]
    trigger, target = (Trigger.COMMAND, State.CANCELLED) if item is None else (Trigger.ITEM_CANCELLED, None)
    return settle(plan, order, cancelled, trigger, at, cause, changes=reservations(gone, -1), target=target)


def assign(plan: Plan, order: Order, item: Item, location: str, at: datetime, cause: str) -> Outcome:
    """One waiting item is given to a location by hand; whether a unit is there is the caller's to know."""
    by_hand = placed_at(item, location, location, at)
    # While other items wait, this is no step of the table; the last one completes the plan as its command does.
    trigger = Trigger.COMMAND if len(plan.unplaced) == 1 else None
    return settle(plan, order, [by_hand], trigger, at, cause, changes=reservations([by_hand]))


def complete(
    plan: Plan, order: Order, stock: Stock, locations: Locations, planner: Planner, *, at: datetime, cause: str
) -> Outcome:
    """Manual planning (c): each unplaced item goes to an open location that has a unit, whatever the rules say.

    Where none has one, the operator is taken to have found a unit at the default location: its count rises by one.
    """
    open_codes = [one.code for one in sorted(locations.values(), key=lambda one: one.priority) if one.active]
    taken: Counter[Key] = Counter()
    by_hand: list[Item] = []
    for item in plan.unplaced:
        free = (code for code in open_codes if stock.get((item.sku, code), NOTHING).quantity > taken[item.sku, code])
        code = next(free, planner.default_location)
        taken[item.sku, code] += 1
        by_hand.append(placed_at(item, code, code, at))
    found = [
        (key, Figures(count=missing))
        for key, units in taken.items()
        if (missing := units - max(0, stock.get(key, NOTHING).quantity)) > 0
    ]
    return settle(plan, order, by_hand, Trigger.COMMAND, at, cause, changes=(*found, *reservations(by_hand)))


def give_back(
    plan: Plan, order: Order, items: Collection[Item], missing: Item | None, *, replan: Replan, at: datetime, cause: str
) -> Outcome:
    """These placed items come back from their location; `missing` was not there, so its unit leaves the count.

    With `replan: reopen` they wait for a place in the same plan again, otherwise they leave it for a new one. In both
    cases the plan avoids that location from now on, for its other items too.
    """
    waiting = [replace(item, state=ItemState.WAITING, location=None, source=None, modified=at) for item in items]
    left = [
        replace(item, state=ItemState.NOT_FOUND if item is missing else ItemState.REFUSED, source=None, modified=at)
        for item in items
    ]
    lost = [((missing.sku, missing.source), Figures(count=-1))] if missing and missing.source else []
    outcome = settle(
        replace(plan, avoid=plan.avoid | {item.location for item in items if item.location}),
        order,
        waiting if replan is Replan.REOPEN else left,
        Trigger.ITEM_RETURNED,
        at,
        cause,
        changes=(*reservations(items, -1), *lost),
    )
    return replace(outcome, order=replace(followed(outcome.order, waiting, at), given_back=True))


def new_plan(
    plan_id: int, order: int, rows: Iterable[tuple[int, str]], *, at: datetime, due: datetime | None, cause: str
) -> Plan:
    """A plan that begins `at`, with an item for each row: the id of an order item, and its SKU."""
    return Plan(
        id=plan_id,
        order=order,
        state=State.START,
        created=at,
        modified=at,
        items=tuple(
            Item(id=plan_id * ITEM_IDS + number, order_item=order_item, sku=sku, modified=at)
            for number, (order_item, sku) in enumerate(rows, start=1)
        ),
        history_newest_first=List([Step(at=at, source=None, target=State.START, cause=cause)]),
        due=due,
    )


def payment_type(event: PlaceOrder) -> str:
    """What the order says; else a credit card, except where the marketplace takes the money itself (c)."""
    usual = "marketplace" if event.channel == "marketplace" else "credit_card"
    return usual if event.payment_type is None else event.payment_type


def ordered(setup: Setup, plan_id: int, event: PlaceOrder, at: datetime, cause: str) -> tuple[Plan, Order]:
    """A new order and its plan, whose first attempt is to come unless it is held."""
    order_id = plan_id + ORDER_IDS
    rows = [(order_id * ITEM_IDS + number, sku) for number, sku in enumerate(event.items, start=1)]
    order = Order(
        id=order_id,
        created=at,
        modified=at,
        city=event.city or pick(setup.seed, "city", plan_id, among=setup.cities),
        channel=event.channel,
        payment_type=payment_type(event),
        delivery_type=event.delivery_type,
        held=event.hold,
        items=tuple(OrderItem(id=row, sku=sku) for row, sku in rows),
        plans=(plan_id,),
    )
    due = None if event.hold else at + setup.planner.first
    return new_plan(plan_id, order_id, rows, at=at, due=due, cause=cause), order
