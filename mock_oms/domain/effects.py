"""What each event does to the contents of a world: one function for each word, and one table of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mock_oms.domain import events, interventions
from mock_oms.domain.acts import opened
from mock_oms.domain.chance import pick
from mock_oms.domain.contents import Contents
from mock_oms.domain.errors import IllegalEventError
from mock_oms.domain.events import HIGHEST_ID, UNSAID, Occasion
from mock_oms.domain.plan import ORDER_IDS, Order, Plan
from mock_oms.domain.planner import NOTHING
from mock_oms.domain.setup import Setup


def happen(contents: Contents, event: events.Event, occasion: Occasion) -> Contents:
    """The contents after an event; refused with a `WorldError` when it contradicts them."""
    return _EFFECTS[type(event)](contents, event, occasion)


# Stock and locations


def _restock(contents: Contents, event: events.Restock, _: Occasion) -> Contents:
    return contents.with_figures(contents.key(event.sku, event.location), count=event.count)


def _sell(contents: Contents, event: events.Sell, _: Occasion) -> Contents:
    key = contents.key(event.sku, event.location)
    free = contents.stock.get(key, NOTHING).quantity
    if event.count > free:
        raise IllegalEventError(
            f"{event.location} has {max(0, free)} of {event.sku} free: {event.count} cannot be sold."
        )
    return contents.with_figures(key, count=-event.count)


def _block(contents: Contents, event: events.Block, occasion: Occasion) -> Contents:
    blocked = replace(contents.location(event.location), active=False)
    return contents.with_location(blocked).with_circumstances(occasion.since)


def _open(contents: Contents, event: events.Open, occasion: Occasion) -> Contents:
    opened_again = replace(contents.location(event.location), active=True)
    return contents.with_location(opened_again).with_circumstances(occasion.since)


def _quota(contents: Contents, event: events.SetQuota, occasion: Occasion) -> Contents:
    location = contents.location(event.location)
    said = {key: value for key in ("quota", "max_quota") if (value := getattr(event, key)) is not UNSAID}
    if not said:
        raise IllegalEventError(
            f"The event says nothing of the quota of {location.code}; "
            "give `quota`, `max_quota` (null: no limit) or both."
        )
    return contents.with_location(replace(location, **said)).with_circumstances(occasion.since)


def _stock_service(contents: Contents, event: events.StockService, occasion: Occasion) -> Contents:
    return replace(contents, stock_service=event.state == "up").with_circumstances(occasion.since)


# Orders


def _order(contents: Contents, event: events.PlaceOrder, occasion: Occasion) -> Contents:
    for sku in event.items:
        contents.known_sku(sku)
    plan, order = ordered(contents.setup, _free_id(contents, event.id), event, occasion)
    return contents.with_plan(plan).with_order(order)


def ordered(setup: Setup, plan_id: int, event: events.PlaceOrder, occasion: Occasion) -> tuple[Plan, Order]:
    """A new order and its plan, whose first attempt is to come unless it is held."""
    order = Order(
        id=plan_id + ORDER_IDS,
        created=occasion.at,
        modified=occasion.at,
        city=event.city or pick(setup.seed, "city", plan_id, among=setup.cities),
        channel=event.channel,
        payment_type=event.payment_type,
        delivery_type=event.delivery_type,
        held=event.hold,
        items=(),
        plans=(plan_id,),
    )
    due = None if event.hold else occasion.at + setup.planner.first
    return opened(plan_id, event.items, order, created=occasion.at, due=due, cause=occasion.cause)


def _free_id(contents: Contents, wanted: int | None) -> int:
    if wanted is None:
        return contents.new_id()
    if wanted in contents.plans or wanted in contents.backlog:
        free = f"the next free id is {contents.next_id}" if contents.next_id <= HIGHEST_ID else "choose another id"
        raise IllegalEventError(f"Plan {wanted} exists already; {free}.")
    return wanted


_EFFECTS: Mapping[type[events.Event], Callable[[Contents, Any, Occasion], Contents]] = {
    events.Restock: _restock,
    events.Sell: _sell,
    events.Block: _block,
    events.Open: _open,
    events.SetQuota: _quota,
    events.StockService: _stock_service,
    events.PlaceOrder: _order,
    events.Confirm: interventions.confirm,
    events.RunCommand: interventions.command,
    events.CancelItem: interventions.cancel_item,
    events.Assign: interventions.assign,
    events.Refuse: interventions.refuse,
    events.ReportNotFound: interventions.not_found,
}
