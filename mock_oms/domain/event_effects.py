"""What each event does to the contents of a world: one function for each word, and one table of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mock_oms.domain import events, plan_actions
from mock_oms.domain.contents import Contents
from mock_oms.domain.errors import IllegalCommandError, IllegalEventError
from mock_oms.domain.events import HIGHEST_ID, UNSAID, EventOccasion
from mock_oms.domain.lifecycle import State, Trigger, commands_in, find_command
from mock_oms.domain.plan import Item, ItemState, Order, Plan
from mock_oms.domain.planner import NotFound, Outcome, Replan, attempt, move
from mock_oms.domain.stock import NOTHING, Figures, Stock


def happen(contents: Contents, event: events.Event, occasion: EventOccasion) -> Contents:
    """The contents after an event; refused with a `WorldError` when it contradicts them."""
    return _EFFECTS[type(event)](contents, event, occasion)


def _change_stock(contents: Contents, event: events.Restock | events.Sell, _: EventOccasion) -> Contents:
    key = contents.known_sku(event.sku), contents.location(event.location).code
    if isinstance(event, events.Restock):
        return contents.with_figures(key, Figures(count=event.count))
    free = contents.stock.get(key, NOTHING).quantity
    if event.count > free:
        raise IllegalEventError(
            f"{event.location} has {max(0, free)} of {event.sku} free: {event.count} cannot be sold."
        )
    return contents.with_figures(key, Figures(count=-event.count))


def _change_location(
    contents: Contents, event: events.Block | events.Open | events.SetQuota, occasion: EventOccasion
) -> Contents:
    location = contents.location(event.location)
    if isinstance(event, events.SetQuota):
        given = {key: value for key in ("quota", "max_quota") if (value := getattr(event, key)) is not UNSAID}
        if not given:
            raise IllegalEventError(
                f"The event says nothing of the quota of {location.code}; "
                "give `quota`, `max_quota` (null: no limit) or both."
            )
        location = replace(location, **given)
    else:
        location = replace(location, active=isinstance(event, events.Open))
    return contents.with_location(location).with_circumstances(occasion.since)


def _stock_service(contents: Contents, event: events.StockService, occasion: EventOccasion) -> Contents:
    return replace(contents, stock_service=event.state == "up").with_circumstances(occasion.since)


def _place_order(contents: Contents, event: events.PlaceOrder, occasion: EventOccasion) -> Contents:
    for sku in event.items:
        contents.known_sku(sku)
    plan_id = contents.new_id() if event.id is None else event.id
    if plan_id in contents.plans or plan_id in contents.backlog:
        free = f"the next free id is {contents.next_id}" if contents.next_id <= HIGHEST_ID else "choose another id"
        raise IllegalEventError(f"Plan {plan_id} exists already; {free}.")
    plan, order = plan_actions.ordered(contents.setup, plan_id, event, occasion.at, occasion.cause)
    return contents.with_plan(plan).with_order(order)


def _stored(contents: Contents, plan_id: int, at: datetime) -> tuple[Contents, Plan, Order]:
    """The contents with this plan stored, the plan and its order; a captured plan is refused."""
    contents = contents.holding(plan_id, at)
    plan, order = contents.found(plan_id, at)
    if plan.raw is not None:
        raise IllegalEventError(f"Plan {plan.id} was captured, not simulated: only commands move it.")
    return contents, plan, order


def _stock_of(contents: Contents, order: Order) -> Stock:
    return contents.stock if order.own_stock is None else order.own_stock


def attempted(contents: Contents, plan: Plan, order: Order, at: datetime, cause: str = "") -> Outcome:
    """One attempt of a stored plan, over the stock of the world or its own."""
    stock = _stock_of(contents, order) if contents.stock_service else None
    return attempt(plan, order, stock, contents.locations, contents.setup.planner, at=at, cause=cause)


def _confirm(contents: Contents, event: events.Confirm, occasion: EventOccasion) -> Contents:
    """A held plan is let go; its first attempt comes as a new order's does."""
    contents, plan, order = _stored(contents, event.plan, occasion.at)
    if plan.state is not State.START or plan.due is not None:
        raise IllegalEventError(f"Plan {plan.id} is {plan.state} and not held: there is nothing to confirm.")
    confirmed = replace(plan, due=occasion.at + contents.setup.planner.first)
    return contents.with_plan(confirmed).with_order(replace(order, held=False, modified=occasion.at))


def _before_first_attempt(plan: Plan, at: datetime) -> str:
    """What to do first, of a plan that takes what is wanted only after its first attempt; else nothing."""
    if plan.state is not State.START or plan.raw is not None:
        return ""
    if plan.due is None:
        return f" Not before the first attempt: confirm plan {plan.id} first."
    seconds = -((at - plan.due) // timedelta(seconds=1))  # a clock is advanced by whole ones
    if not seconds:
        return " Not before the first attempt, which comes after this at the same time: let it happen later."
    return f" Not before the first attempt: advance the clock by {seconds}s first."


def _command(contents: Contents, event: events.RunCommand, occasion: EventOccasion) -> Contents:
    """A command of the lifecycle's table; a captured plan only changes its state."""
    at, cause = occasion.at, occasion.cause
    contents = contents.holding(event.plan, at)
    plan, order = contents.found(event.plan, at)
    row = find_command(plan.state, event.run)
    if row is None:
        way_out = _before_first_attempt(plan, at) if find_command(State.PENDING, event.run) else ""
        raise IllegalCommandError(plan.id, plan.state, event.run, way_out)
    if plan.raw is not None:
        return contents.with_plan(move(plan, row.target, Trigger.COMMAND, at, cause))
    if row.target is State.PENDING:
        outcome = attempted(contents, plan, order, at, cause)
    elif row.target is State.CANCELLED:
        outcome = plan_actions.cancel(plan, order, at, cause)
    else:
        stock, planner = _stock_of(contents, order), contents.setup.planner
        outcome = plan_actions.complete(plan, order, stock, contents.locations, planner, at=at, cause=cause)
    return contents.with_outcome(outcome)


def _cancel_item(contents: Contents, event: events.CancelItem, occasion: EventOccasion) -> Contents:
    """One unit leaves a plan that is not at its end; it stays in the plan with a state of its own."""
    contents, plan, order = _stored(contents, event.plan, occasion.at)
    if not commands_in(plan.state):
        raise IllegalEventError(f"Plan {plan.id} is {plan.state}: its items can no longer be cancelled.")
    item = _item(plan, event.sku, (ItemState.WAITING, ItemState.OUT_OF_STOCK, ItemState.PLANNED), "be cancelled")
    return contents.with_outcome(plan_actions.cancel(plan, order, occasion.at, occasion.cause, item=item))


def _assign(contents: Contents, event: events.Assign, occasion: EventOccasion) -> Contents:
    """An operator places a waiting unit where one is free."""
    contents, plan, order = _stored(contents, event.plan, occasion.at)
    if plan.state is not State.PENDING:
        sentence = f"Plan {plan.id} is {plan.state}: only the items of a pending plan are given by hand."
        raise IllegalEventError(sentence + _before_first_attempt(plan, occasion.at))
    item = _item(plan, event.sku, (ItemState.OUT_OF_STOCK, ItemState.WAITING), "be assigned")
    code = contents.location(event.location).code
    if _stock_of(contents, order).get((item.sku, code), NOTHING).quantity < 1:
        private = order.own_stock is not None
        way_out = ", whose stock is its own; plan-complete places it by hand" if private else "; restock it first"
        raise IllegalEventError(f"{code} has no unit of {item.sku} free for plan {plan.id}{way_out}.")
    return contents.with_outcome(plan_actions.assign(plan, order, item, code, occasion.at, occasion.cause))


def _refuse(contents: Contents, event: events.Refuse, occasion: EventOccasion) -> Contents:
    """A location gives back all that it was to pack for a plan."""
    contents, plan, order = _stored(contents, event.plan, occasion.at)
    code = contents.location(event.location).code
    package = _package(plan, code)
    if not package:
        raise IllegalEventError(f"Plan {plan.id} has no item at {code}: there is nothing to refuse.")
    return _planned_again(contents, plan, order, package, None, occasion)


def _not_found(contents: Contents, event: events.ReportNotFound, occasion: EventOccasion) -> Contents:
    """A unit is missing at its location; it, or its whole package, is planned again."""
    contents, plan, order = _stored(contents, event.plan, occasion.at)
    missing = _item(plan, event.sku, (ItemState.PLANNED,), "be missing at a location")
    basic = contents.setup.planner.not_found is NotFound.BASIC
    package = _package(plan, missing.location) if basic else (missing,)
    return _planned_again(contents, plan, order, package, missing, occasion)


def _planned_again(
    contents: Contents, plan: Plan, order: Order, items: tuple[Item, ...], missing: Item | None, occasion: EventOccasion
) -> Contents:
    planner, at, cause = contents.setup.planner, occasion.at, occasion.cause
    outcome = plan_actions.give_back(plan, order, items, missing, replan=planner.replan, at=at, cause=cause)
    if planner.replan is Replan.REOPEN:
        return contents.with_outcome(outcome)
    plan_id = contents.new_id()
    rows = [(item.order_item, item.sku) for item in items]
    row = plan_actions.new_plan(plan_id, order.id, rows, at=at, due=at + planner.first, cause=cause)
    several = replace(outcome.order, plans=(*outcome.order.plans, plan_id), modified=at)
    return contents.with_outcome(replace(outcome, order=several)).with_plan(replace(row, avoid=outcome.plan.avoid))


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


_EFFECTS: Mapping[type[events.Event], Callable[[Contents, Any, EventOccasion], Contents]] = {
    events.Restock: _change_stock,
    events.Sell: _change_stock,
    events.Block: _change_location,
    events.Open: _change_location,
    events.SetQuota: _change_location,
    events.StockService: _stock_service,
    events.PlaceOrder: _place_order,
    events.Confirm: _confirm,
    events.RunCommand: _command,
    events.CancelItem: _cancel_item,
    events.Assign: _assign,
    events.Refuse: _refuse,
    events.ReportNotFound: _not_found,
}
