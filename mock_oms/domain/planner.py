"""The planner: distribution rules (the vendor's words, a), and one attempt to place a plan's items; pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self

from mock_oms.domain.errors import IllegalEventError
from mock_oms.domain.lifecycle import TRANSITIONS, State, Trigger
from mock_oms.domain.plan import GIVEN_BACK, Attempt, Item, ItemState, Order, OrderItem, Plan, SeenFigures, Step
from mock_oms.domain.stock import Figures, Location, LocationType

#: How long after its creation an order is first planned (c), and how often it is planned again (a).
FIRST_ATTEMPT = timedelta(minutes=1)
RETRY_EVERY = timedelta(minutes=30)


class SortKey(StrEnum):
    """What locations are sorted by, first key first; the location that was declared first wins a tie."""

    PRIORITY = "priority"
    STOCK = "stock"
    DENSITY = "density"
    SAME_CITY = "same_city"


class NotFound(StrEnum):
    """What is planned again when a product is reported missing (a): the whole package, or the missing item only."""

    BASIC = "basic"
    ADVANCED = "advanced"


class Replan(StrEnum):
    """What a refusal or a missing product leads to (c): a new plan row for these items, or the same plan again."""

    NEW = "new"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What an order must be for a rule to apply; None accepts everything."""

    channel: str | None = None
    payment_type: str | None = None
    delivery_type: str | None = None

    def accept(self, order: Order) -> bool:
        """Whether the order meets every condition that is set."""
        pairs = (
            (self.channel, order.channel),
            (self.payment_type, order.payment_type),
            (self.delivery_type, order.delivery_type),
        )
        return all(wanted in {None, found} for wanted, found in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Rules are tried in order, each for the items that those before it could not place."""

    when: Conditions = Conditions()
    type: LocationType | None = None
    allow: frozenset[str] | None = None
    exclude: frozenset[str] = field(default=frozenset(), metadata={"key": "except"})
    same_city: bool = False
    sort: tuple[SortKey, ...] = (SortKey.PRIORITY, SortKey.STOCK)
    select_by_quota: bool = False
    transfer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """How the planner of a world works.

    A new order's first attempt comes `first` after its creation (c); what could not be placed is parked on
    `default_location` as out of stock and planned again `every` 30 minutes (a). The retries of all plans run together,
    on a grid that is anchored at the start of the world (c: one periodic job).
    """

    first: timedelta = FIRST_ATTEMPT
    every: timedelta = RETRY_EVERY
    default_location: str
    rules: tuple[Rule, ...] = (Rule(),)
    not_found: NotFound = NotFound.ADVANCED
    replan: Replan = Replan.NEW


Key = tuple[str, str]
NOTHING = Figures()


class StockFigures(Protocol):
    """Stock by (SKU, location code): a world's or a plan's own."""

    def get(self, key: Key, default: Figures, /) -> Figures:
        """The figures there, or the default."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one item is packed (`location`) and where its unit is reserved (`source`; elsewhere only in a transfer)."""

    item: int
    sku: str
    location: str
    source: str


def look(items: Iterable[Item], stock: StockFigures, locations: Iterable[Location]) -> tuple[SeenFigures, ...]:
    """What an attempt sees: every active location's figures for every item; a blocked location does not appear."""
    items = tuple(items)
    return tuple(
        SeenFigures(
            location=one.code,
            order_item=item.order_item,
            sku=item.sku,
            figures=stock.get((item.sku, one.code), NOTHING),
        )
        for one in locations
        if one.active
        for item in items
    )


def place(
    plan: Plan, order: Order, *, stock: StockFigures, locations: Mapping[str, Location], rules: Sequence[Rule]
) -> tuple[Placement, ...]:
    """The placements that the matching rules find for the plan's unplaced items, without touching the stock."""
    draft = _Draft(plan=plan, city=order.city, stock=stock)
    for rule in rules:
        waiting = [item for item in plan.unplaced if item.id not in draft.placements]
        if waiting and rule.when.accept(order):
            candidates = [one for one in locations.values() if _considers(rule, one, draft)]
            (_gather if rule.transfer else _spread)(rule, waiting, candidates, draft)
    return tuple(draft.placements.values())


@dataclass(slots=True, kw_only=True)
class _Draft:
    """One attempt in the making: what it has taken so far is no longer there for its next item.

    Mutable on purpose, because it is what the rules of one attempt work on in turn; it never leaves `place`.
    """

    plan: Plan
    city: str
    stock: StockFigures
    taken: Counter[Key] = field(default_factory=Counter)
    placements: dict[int, Placement] = field(default_factory=dict)

    def free(self, sku: str, location: Location) -> int:
        return self.stock.get((sku, location.code), NOTHING).quantity - self.taken[sku, location.code]

    def take(self, item: Item, *, location: Location, source: Location) -> None:
        self.taken[item.sku, source.code] += 1
        self.placements[item.id] = Placement(item=item.id, sku=item.sku, location=location.code, source=source.code)

    def packs_at(self, location: Location) -> bool:
        """Whether the plan has a package there already, for which no more quota is needed."""
        code = location.code
        return any(item.location == code for item in self.plan.live) or any(
            one.location == code for one in self.placements.values()
        )


def passed_over(rule: Rule, location: Location, *, plan: Plan, order: Order) -> tuple[str, ...]:
    """Every reason for which a rule passes a location over for a plan; none where it considers it."""
    draft = _Draft(plan=plan, city=order.city, stock={})
    return tuple(
        reason.format(rule=rule, location=location, city=order.city)
        for holds, reason in _REASONS
        if holds(rule, location, draft)
    )


def _considers(rule: Rule, location: Location, draft: _Draft) -> bool:
    return not any(holds(rule, location, draft) for holds, _ in _REASONS)


def _has_quota(location: Location, draft: _Draft) -> bool:
    quota = location.available_quota
    return quota is None or quota > 0 or draft.packs_at(location)


#: When a rule passes a location over, and how people are told so.
_REASONS: tuple[tuple[Callable[[Rule, Location, _Draft], bool], str], ...] = (
    (lambda _, one, __: not one.active, "blocked"),
    (
        lambda rule, one, _: rule.type not in {None, one.type},
        "is a {location.type}, and the rule takes a {rule.type}",
    ),
    (
        lambda rule, one, _: rule.allow is not None and one.code not in rule.allow,
        "is not among those that the rule allows",
    ),
    (lambda rule, one, _: one.code in rule.exclude, "is one that the rule excepts"),
    (lambda _, one, draft: one.code in draft.plan.avoid, "gave an item of this plan back"),
    (
        lambda rule, one, draft: rule.same_city and one.city != draft.city,
        "is in {location.city}, and the rule wants the order's city, {city}",
    ),
    (
        lambda rule, one, draft: rule.select_by_quota and not _has_quota(one, draft),
        "its quota is used up: {location.quota} of {location.max_quota}",
    ),
)


def _spread(rule: Rule, items: Sequence[Item], candidates: Sequence[Location], draft: _Draft) -> None:
    """Each item goes to the best location that has a unit of it."""
    for item in items:
        ranked = _ranked(rule, (item,), items, candidates, draft)
        best = next((one for one in ranked if draft.free(item.sku, one) > 0), None)
        if best:
            draft.take(item, location=best, source=best)


def _gather(rule: Rule, items: Sequence[Item], candidates: Sequence[Location], draft: _Draft) -> None:
    """A transferable rule: all items are packed at the best location that has one, the rest is brought there."""
    ranked = _ranked(rule, items, items, candidates, draft)
    packing = next((one for one in ranked if any(draft.free(item.sku, one) > 0 for item in items)), None)
    if not packing:
        return
    sources = [packing, *(one for one in ranked if one is not packing)]
    for item in items:
        source = next((one for one in sources if draft.free(item.sku, one) > 0), None)
        if source:
            draft.take(item, location=packing, source=source)


def _ranked(
    rule: Rule, items: Sequence[Item], package: Sequence[Item], candidates: Sequence[Location], draft: _Draft
) -> list[Location]:
    """The candidates, best first: for these items, which are part of this package."""
    keys: dict[SortKey, Callable[[Location], int]] = {
        SortKey.PRIORITY: lambda one: one.priority,
        SortKey.STOCK: lambda one: -sum(draft.free(item.sku, one) for item in items),
        SortKey.DENSITY: lambda one: -sum(draft.free(item.sku, one) > 0 for item in package),
        SortKey.SAME_CITY: lambda one: one.city != draft.city,
    }
    return sorted(candidates, key=lambda one: tuple(keys[key](one) for key in rule.sort))


_ARROWS = frozenset((row.trigger, row.source, row.target) for row in TRANSITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """Units and reservations that come (positive) or go at one SKU and location."""

    key: Key
    count: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """A plan and its order after something happened to the plan, and what that changes in the stock it lives on."""

    plan: Plan
    order: Order
    changes: tuple[StockChange, ...] = ()

    def on_own_stock(self) -> Self:
        """The outcome with its changes booked on the order's own stock, if it has any."""
        if not self.changes or self.order.own_stock is None:
            return self
        stock = dict(self.order.own_stock)
        for one in self.changes:
            stock[one.key] = stock.get(one.key, NOTHING).changed(count=one.count, reserved=one.reserved)
        return replace(self, order=replace(self.order, own_stock=stock), changes=())


def reservations(placements: Iterable[Placement]) -> tuple[StockChange, ...]:
    """What placements reserve."""
    return tuple(StockChange(key=(one.sku, one.source), reserved=1) for one in placements)


def attempt(
    plan: Plan,
    order: Order,
    *,
    at: datetime,
    stock: StockFigures | None,
    locations: Mapping[str, Location],
    rules: tuple[Rule, ...],
    cause: str | None = None,
) -> AttemptOutcome:
    """Plan what is unplaced; without stock figures (the stock service is down) nothing is seen and nothing placed."""
    number = len(plan.attempts) + 1
    seen = look(plan.unplaced, stock, locations.values()) if stock is not None else ()
    if plan.attempts and plan.attempts[-1].seen == seen:
        seen = plan.attempts[-1].seen
    placements = place(plan, order, stock=stock, locations=locations, rules=rules) if stock is not None else ()
    tried = replace(plan, attempts=(*plan.attempts, Attempt(number=number, at=at, seen=seen)))
    items = placed(tried.items, placements, at, otherwise=ItemState.OUT_OF_STOCK)
    moved = settle(tried, items, Trigger.ATTEMPT, at, cause or f"attempt {number}")
    return AttemptOutcome(plan=moved, order=followed(order, moved, at), changes=reservations(placements))


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
