"""Why a plan is where it is: its history with causes, its items, and what would have to happen for its next step."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Literal

from mock_oms.contract.control_bodies import ItemFacts, PlaceFacts
from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import TERMINAL, State, Transition, commands_in
from mock_oms.domain.plan import GIVEN_BACK, UNPLACED, Item, Order, Plan, Step
from mock_oms.domain.planner import Conditions, Replan, passed_over
from mock_oms.domain.stock import vendor_figures
from mock_oms.domain.world import NeverComesError, World
from mock_oms.text import counted, time_text
from mock_oms.worlds.captured_json import captured_items

Kind = Literal["simulated", "seeded", "captured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the mock knows of a plan beyond what the vendor's API shows.

    `summary` says in a sentence what comes next; `missing` are sentences, one for each item that waits for a place.
    """

    plan: Plan
    order: Order
    kind: Kind
    summary: str
    legal: tuple[Transition, ...]
    history: tuple[Step, ...]
    next_attempt: datetime | None
    items: tuple[ItemFacts, ...]
    missing: tuple[str, ...]


def explanation_of(world: World, plan_id: int) -> Explanation | None:
    """The explanation of a plan as it is now, or None where the world has no such id."""
    found = world.find(plan_id)
    if found is None:
        return None
    plan, order = found
    waits = plan.state not in TERMINAL and plan.raw is None
    notes = _notes(world, plan, order) if waits else {}
    items = (
        tuple(_item(world, order, one, notes) for one in plan.items) if plan.raw is None else captured_items(plan.raw)
    )
    missing = tuple(_missing(world, plan, order, items)) if waits and not order.held else ()
    return Explanation(
        plan=plan,
        order=order,
        kind="captured" if plan.raw is not None else "simulated" if order.own_stock is None else "seeded",
        summary=_summary(world, plan, order),
        legal=commands_in(plan.state),
        history=plan.history,
        next_attempt=world.next_due_of(plan),
        items=items,
        missing=(_HELD,) if waits and order.held else missing,
    )


_HELD = "it is held until it is confirmed"


def _summary(world: World, plan: Plan, order: Order) -> str:
    if plan.raw is not None:
        moves = "only commands move it" if commands_in(plan.state) else "nothing moves it any more"
        kept = "only its state has changed" if len(plan.history) > 1 else "it is served as it was captured"
        return f"{kept}, and {moves}"
    due, reopens = world.next_due_of(plan), world.setup.planner.replan is Replan.REOPEN
    attempt = "" if due is None else f"attempt is at {time_text(due)}"
    if plan.state is State.START:
        return f"not tried yet; {f'the first {attempt}' if attempt else _HELD}"
    if plan.state is State.PENDING:
        waiting = len(plan.unplaced)
        wait = f"{waiting} of {counted(len(plan.live), 'item')} {'waits' if waiting == 1 else 'wait'}"
        return f"{wait} for a place; the next {attempt}"
    if plan.state is State.COMPLETED and reopens:
        return "every item that is left in it has a place; only one that comes back (refuse, not_found) opens it again"
    gone = any(item.state in GIVEN_BACK for item in plan.items)
    later = ", ".join(str(one) for one in order.plans if one > plan.id) if gone else ""
    went = f"; what came back from it is in plan {later}" if later else ""
    done = "it was cancelled" if plan.state is State.CANCELLED else "every item that is left in it has a place"
    return f"{done}{went}; it stays {plan.state}"


def never_reason(world: World, error: NeverComesError, wanted: State, within: str) -> str:
    """Why a plan does not come into a state within a duration, and what would bring it there."""
    plan, order = error.last
    before = world.find(plan.id)
    now = f"It is {before[0].state} now" if before else "It is not there yet"
    if before is None or before[0].state is not plan.state:
        now = f"{now} and {plan.state} by then"
    slugs = [row.slug for row in commands_in(plan.state) if row.target is wanted]
    command = f"the command {slugs[0]} makes it {wanted}" if slugs else f"no command makes it {wanted}"
    if wanted is State.START:
        return f"{now}, and no plan goes back to start."
    if plan.raw is not None:
        return f"{now} and was captured, so it does not change by itself: {command}."
    if plan.state in TERMINAL:
        reopens = world.setup.planner.replan is Replan.REOPEN and plan.state is State.COMPLETED
        way_out = (
            "only an item that comes back (refuse, not_found) opens it again" if reopens else "no command moves it"
        )
        return f"{now}, and a {plan.state} plan does not change by itself: {way_out}."
    if wanted is State.CANCELLED:
        return f"{now}, and no attempt cancels a plan: {command}."
    if order.held:
        return f"{now}, and held: confirm plan {plan.id} first."
    return f"{now}, and `within` was {within}: wait longer, or let something happen first."


def _notes(world: World, plan: Plan, order: Order) -> Mapping[str, tuple[str, ...]]:
    """By location, why every rule that is for the order passes it over for this plan; nothing where one considers it."""
    rules = {number: rule for number, rule in enumerate(world.setup.planner.rules) if rule.when.accept(order)}
    notes: dict[str, tuple[str, ...]] = {}
    for location in world.contents.locations.values():
        reasons = {number: passed_over(rule, location, plan=plan, order=order) for number, rule in rules.items()}
        notes[location.code] = () if rules else (_no_rule_for(order),)
        if reasons and all(reasons.values()):  # no rule that is for the order considers the location
            first = next(iter(reasons.values()))
            shared = [one for one in first if all(one in found for found in reasons.values())]
            own = [f"rules[{number}]: {one}" for number, found in reasons.items() for one in found if one not in shared]
            notes[location.code] = (*shared, *own)
    return notes


def _no_rule_for(order: Order) -> str:
    facts = ", ".join(f"{one.name} {getattr(order, one.name)}" for one in fields(Conditions))
    return f"no rule is for an order of {facts}"


def _item(world: World, order: Order, item: Item, notes: Mapping[str, tuple[str, ...]]) -> ItemFacts:
    shelf = world.contents.stock if order.own_stock is None else order.own_stock
    places = []
    for code, reasons in notes.items() if item.state in UNPLACED else ():
        places.append(PlaceFacts(location=code, **vendor_figures(shelf, (item.sku, code)), reasons=reasons))
    return ItemFacts(
        order_item=item.order_item,
        sku=item.sku,
        state=item.state,
        location=item.location,
        since=item.modified,
        placed_at=item.placed_at,
        places=tuple(places),
    )


def _missing(world: World, plan: Plan, order: Order, items: tuple[ItemFacts, ...]) -> Iterator[str]:
    """A sentence for each item without a place: what every location has of it, and why rules pass it over."""
    down = "" if world.contents.stock_service else "the stock service is down, so attempts see nothing; "
    is_tried = plan.state is not State.START
    no_rule = not any(rule.when.accept(order) for rule in world.setup.planner.rules)
    for item in items:
        if item.places:
            where = _no_rule_for(order) if no_rule else ", ".join(map(str, item.places))
            yield f"{item.sku} {'has no place' if is_tried else 'is not tried yet'}: {down}{where}"
