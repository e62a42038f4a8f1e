"""What each event does to the contents of a world: one function for each word, and one table of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mock_oms.domain import events, plan_actions
from mock_oms.domain.chance import pick
from mock_oms.domain.contents import Contents
from mock_oms.domain.errors import IllegalCommandError, IllegalEventError
from mock_oms.domain.events import HIGHEST_ID, UNSAID, EventOccasion
from mock_oms.domain.lifecycle import COMMANDS, State, Trigger, commands_in, find_command
from mock_oms.domain.plan import ORDER_IDS, Item, ItemState, Order, Plan
from mock_oms.domain.plan_actions import opened
from mock_oms.domain.planner import NOTHING, AttemptOutcome, NotFound, Replan, StockFigures, attempt, move
from mock_oms.domain.setup import Setup


def confirm(contents: Contents, event: events.Confirm, occasion: EventOccasion) -> Contents:
    """A held plan is let go; its first attempt comes as a new order's does."""
    contents = contents.holding(event.plan, occasion.at)
    plan, order = _simulated(contents, event.plan, occasion)
    if plan.state is not State.START or plan.due is not None:
        raise IllegalEventError(f"Plan {plan.id} is {plan.state} and not held: there is nothing to confirm.")
    confirmed = replace(plan, due=occasion.at + contents.setup.planner.first)
    return contents.with_plan(confirmed).with_order(replace(order, held=False, modified=occasion.at))


def command(contents: Contents, event: events.RunCommand, occasion: EventOccasion) -> Contents:
    """A command of the lifecycle's table; a captured plan only changes its state."""
    contents = contents.holding(event.plan, occasion.at)
    plan, order = contents.found(event.plan, occasion.at)
    row = find_command(plan.state, event.run)
    if row is None:
        legal = tuple(one.slug for one in commands_in(plan.state))
        raise IllegalCommandError(plan.id, plan.state, event.run, legal, tuple((one.id, one.slug) for one in COMMANDS))
    if plan.raw is not None:
        return contents.with_plan(move(plan, row.target, Trigger.COMMAND, occasion.at, occasion.cause))
    return contents.with_outcome(_RUN[row.slug](contents, plan, order, occasion))


def _reschedule(contents: Contents, plan: Plan, order: Order, occasion: EventOccasion) -> AttemptOutcome:
    return attempted(contents, plan, order, occasion.at, occasion.cause)


def _cancel(_: Contents, plan: Plan, order: Order, occasion: EventOccasion) -> AttemptOutcome:
    return plan_actions.cancel(plan, order, occasion.at, occasion.cause)


def _complete(contents: Contents, plan: Plan, order: Order, occasion: EventOccasion) -> AttemptOutcome:
    return plan_actions.complete(
        plan,
        order,
        stock=_stock_of(contents, order),
        locations=contents.locations,
        default_location=contents.setup.planner.default_location,
        at=occasion.at,
        cause=occasion.cause,
    )


_RUN: Mapping[str, Callable[[Contents, Plan, Order, EventOccasion], AttemptOutcome]] = {
    "plan-reschedule": _reschedule,
    "plan-cancel": _cancel,
    "plan-complete": _complete,
}


def attempted(contents: Contents, plan: Plan, order: Order, at: datetime, cause: str | None = None) -> AttemptOutcome:
    """One attempt of a stored plan, over the stock of the world or its own."""
    return attempt(
        plan,
        order,
        at=at,
        stock=_stock_of(contents, order) if contents.stock_service else None,
        locations=contents.locations,
        rules=contents.setup.planner.rules,
        cause=cause,
    )


def cancel_item(contents: Contents, event: events.CancelItem, occasion: EventOccasion) -> Contents:
    """One unit leaves a plan that is not at its end; it stays in the plan with a state of its own."""
    contents = contents.holding(event.plan, occasion.at)
    plan, order = _simulated(contents, event.plan, occasion)
    if not commands_in(plan.state):
        raise IllegalEventError(f"Plan {plan.id} is {plan.state}: its items can no longer be cancelled.")
    item = _item(plan, event.sku, (ItemState.WAITING, ItemState.OUT_OF_STOCK, ItemState.PLANNED), "be cancelled")
    return contents.with_outcome(plan_actions.cancel_item(plan, order, item, occasion.at, occasion.cause))


def assign(contents: Contents, event: events.Assign, occasion: EventOccasion) -> Contents:
    """An operator places a waiting unit where one is free."""
    contents = contents.holding(event.plan, occasion.at)
    plan, order = _simulated(contents, event.plan, occasion)
    if plan.state is not State.PENDING:
        raise IllegalEventError(f"Plan {plan.id} is {plan.state}: only the items of a pending plan are given by hand.")
    item = _item(plan, event.sku, (ItemState.OUT_OF_STOCK, ItemState.WAITING), "be assigned")
    location = contents.location(event.location)
    if _stock_of(contents, order).get((item.sku, location.code), NOTHING).quantity < 1:
        private = order.own_stock is not None
        way_out = ", whose stock is its own; plan-complete places it by hand" if private else "; restock it first"
        raise IllegalEventError(f"{location.code} has no unit of {item.sku} free for plan {plan.id}{way_out}.")
    return contents.with_outcome(plan_actions.assign(plan, order, item, location.code, occasion.at, occasion.cause))


def refuse(contents: Contents, event: events.Refuse, occasion: EventOccasion) -> Contents:
    """A location gives back all that it was to pack for a plan."""
    contents = contents.holding(event.plan, occasion.at)
    plan, order = _simulated(contents, event.plan, occasion)
    code = contents.location(event.location).code
    package = _package(plan, code)
    if not package:
        raise IllegalEventError(f"Plan {plan.id} has no item at {code}: there is nothing to refuse.")
    return _planned_again(contents, plan, order, package, None, occasion)


def not_found(contents: Contents, event: events.ReportNotFound, occasion: EventOccasion) -> Contents:
    """A unit is missing at its location; it, or its whole package, is planned again."""
    contents = contents.holding(event.plan, occasion.at)
    plan, order = _simulated(contents, event.plan, occasion)
    missing = _item(plan, event.sku, (ItemState.PLANNED,), "be missing at a location")
    basic = contents.setup.planner.not_found is NotFound.BASIC
    package = _package(plan, missing.location) if basic else (missing,)
    return _planned_again(contents, plan, order, package, missing, occasion)


def _planned_again(
    contents: Contents, plan: Plan, order: Order, items: tuple[Item, ...], missing: Item | None, occasion: EventOccasion
) -> Contents:
    planner, at = contents.setup.planner, occasion.at
    outcome = plan_actions.give_back(plan, order, items, missing, replan=planner.replan, at=at, cause=occasion.cause)
    if planner.replan is Replan.REOPEN:
        return contents.with_outcome(outcome)
    plan_id = contents.new_id()
    row = plan_actions.successor(outcome.plan, items, plan_id, due=at + planner.first, at=at, cause=occasion.cause)
    several = replace(outcome.order, plans=(*outcome.order.plans, plan_id), modified=at)
    return contents.with_outcome(replace(outcome, order=several)).with_plan(row)


def _simulated(contents: Contents, plan_id: int, occasion: EventOccasion) -> tuple[Plan, Order]:
    plan, order = contents.found(plan_id, occasion.at)
    if plan.raw is not None:
        raise IllegalEventError(f"Plan {plan.id} was captured, not simulated: only commands move it.")
    return plan, order


def _stock_of(contents: Contents, order: Order) -> StockFigures:
    return contents.stock if order.own_stock is None else order.own_stock


def _package(plan: Plan, code: str | None) -> tuple[Item, ...]:
    return tuple(item for item in plan.items if item.state is ItemState.PLANNED and item.location == code)


def _item(plan: Plan, sku: str, states: tuple[ItemState, ...], what: str) -> Item:
    """The plan's first item of this SKU in one of the states, the state named first preferred."""
    items = [item for state in states for item in plan.items if item.state is state]
    found = next((item for item in items if item.sku == sku), None)
    if found is None:
        choice = ", ".join(dict.fromkeys(item.sku for item in items)) or "none"
        raise IllegalEventError(f"Plan {plan.id} has no item {sku} that could {what}; its items that could: {choice}.")
    return found


def happen(contents: Contents, event: events.Event, occasion: EventOccasion) -> Contents:
    """The contents after an event; refused with a `WorldError` when it contradicts them."""
    return _EFFECTS[type(event)](contents, event, occasion)


# Stock and locations


def _restock(contents: Contents, event: events.Restock, _: EventOccasion) -> Contents:
    return contents.with_figures(contents.key(event.sku, event.location), count=event.count)


def _sell(contents: Contents, event: events.Sell, _: EventOccasion) -> Contents:
    key = contents.key(event.sku, event.location)
    free = contents.stock.get(key, NOTHING).quantity
    if event.count > free:
        raise IllegalEventError(
            f"{event.location} has {max(0, free)} of {event.sku} free: {event.count} cannot be sold."
        )
    return contents.with_figures(key, count=-event.count)


def _block(contents: Contents, event: events.Block, occasion: EventOccasion) -> Contents:
    blocked = replace(contents.location(event.location), active=False)
    return contents.with_location(blocked).with_circumstances(occasion.since)


def _open(contents: Contents, event: events.Open, occasion: EventOccasion) -> Contents:
    opened_again = replace(contents.location(event.location), active=True)
    return contents.with_location(opened_again).with_circumstances(occasion.since)


def _quota(contents: Contents, event: events.SetQuota, occasion: EventOccasion) -> Contents:
    location = contents.location(event.location)
    said = {key: value for key in ("quota", "max_quota") if (value := getattr(event, key)) is not UNSAID}
    if not said:
        raise IllegalEventError(
            f"The event says nothing of the quota of {location.code}; "
            "give `quota`, `max_quota` (null: no limit) or both."
        )
    return contents.with_location(replace(location, **said)).with_circumstances(occasion.since)


def _stock_service(contents: Contents, event: events.StockService, occasion: EventOccasion) -> Contents:
    return replace(contents, stock_service=event.state == "up").with_circumstances(occasion.since)


# Orders


def _order(contents: Contents, event: events.PlaceOrder, occasion: EventOccasion) -> Contents:
    for sku in event.items:
        contents.known_sku(sku)
    plan, order = ordered(contents.setup, _free_id(contents, event.id), event, occasion)
    return contents.with_plan(plan).with_order(order)


def ordered(setup: Setup, plan_id: int, event: events.PlaceOrder, occasion: EventOccasion) -> tuple[Plan, Order]:
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


_EFFECTS: Mapping[type[events.Event], Callable[[Contents, Any, EventOccasion], Contents]] = {
    events.Restock: _restock,
    events.Sell: _sell,
    events.Block: _block,
    events.Open: _open,
    events.SetQuota: _quota,
    events.StockService: _stock_service,
    events.PlaceOrder: _order,
    events.Confirm: confirm,
    events.RunCommand: command,
    events.CancelItem: cancel_item,
    events.Assign: assign,
    events.Refuse: refuse,
    events.ReportNotFound: not_found,
}
