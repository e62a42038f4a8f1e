"""The planner: distribution rules (the vendor's words, a), and one attempt to place a plan's items; pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from mock_oms.dataclass import dataclass
from mock_oms.domain.errors import IllegalEventError
from mock_oms.domain.lifecycle import State, Trigger, transition_of
from mock_oms.domain.plan import GIVEN_BACK, Attempt, Item, ItemState, Order, Plan, SeenFigures, Step
from mock_oms.domain.stock import NOTHING, Figures, Key, Location, Locations, LocationType, Stock
from mock_oms.text import words

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
        wanted = (self.channel, self.payment_type, self.delivery_type)
        found = (order.channel, order.payment_type, order.delivery_type)
        return all(one in {None, other} for one, other in zip(wanted, found, strict=True))


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

    first: timedelta
    every: timedelta
    default_location: str
    rules: tuple[Rule, ...]
    not_found: NotFound
    replan: Replan

    @property
    def counts_quotas(self) -> bool:
        """Whether a rule does."""
        return any(rule.select_by_quota for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan and its order after something happened to the plan, and what that adds to the figures of the world."""

    plan: Plan
    order: Order
    changes: tuple[tuple[Key, Figures], ...] = ()


def attempt(
    plan: Plan, order: Order, stock: Stock | None, locations: Locations, planner: Planner, *, at: datetime, cause: str
) -> Outcome:
    """Plan what is unplaced; without stock figures (the stock service is down) nothing is seen and nothing placed.

    `cause` is empty, or says which command asks for the attempt.
    """
    last = plan.last_attempt
    number = last.number + 1 if last else 1
    seen, unplaced = tuple[SeenFigures, ...](), plan.unplaced
    if stock is not None:
        # Before any rule places an item; a blocked location does not appear.
        seen = tuple(
            SeenFigures(
                location=code, order_item=item.order_item, sku=item.sku, figures=stock.get((item.sku, code), NOTHING)
            )
            for code, location in locations.items()
            if location.active
            for item in unplaced
        )
    if last and last.seen == seen:
        # The same object, so that a plan which waits long holds it once and is rendered faster.
        seen = last.seen
    attempts = plan.attempts_newest_first.push_front(Attempt(number=number, at=at, seen=seen))
    tried = replace(plan, attempts_newest_first=attempts)
    # The command leads back to `pending` and no further: what completes the plan is the attempt.
    in_vain = Trigger.COMMAND if cause else Trigger.ATTEMPT
    cause = cause or f"attempt {number}"
    if last and last.seen is seen and _was_in_vain(plan, last) and not planner.counts_quotas:
        return Outcome(plan=move(tried, State.PENDING, in_vain, at, cause), order=order)
    draft = _Draft(plan=plan, city=order.city, at=at, stock=stock or {})
    for rule in planner.rules if stock is not None else ():
        if rule.when.accept(order):
            draft.place(rule, locations.values())
    placed = draft.placed.values()
    short = [
        replace(item, state=ItemState.OUT_OF_STOCK, modified=at)
        for item in unplaced
        if item.state is ItemState.WAITING and item.id not in draft.placed
    ]
    trigger = in_vain if len(draft.placed) < len(unplaced) else Trigger.ATTEMPT
    return settle(tried, order, [*placed, *short], trigger, at, cause, changes=reservations(placed))


def _was_in_vain(plan: Plan, last: Attempt) -> bool:
    """Whether the plan is as its last attempt has left it, which was a retry that placed nothing.

    The next one that sees the same figures places nothing either: only quotas of locations are not among these.
    """
    step = next(iter(plan.history_newest_first))
    return plan.state is State.PENDING is step.source and (step.at, step.cause) == (last.at, f"attempt {last.number}")


@dataclass(slots=True, kw_only=True)
class _Draft:
    """One attempt in the making, changed by its rules in turn: a unit that one item has taken is gone for the next."""

    plan: Plan
    city: str
    at: datetime
    stock: Stock
    taken: Counter[Key] = field(default_factory=Counter)
    placed: dict[int, Item] = field(default_factory=dict)

    def place(self, rule: Rule, locations: Iterable[Location]) -> None:
        """Place what the rule can place of the items that those before it could not."""
        waiting = [item for item in self.plan.unplaced if item.id not in self.placed]
        candidates = [one for one in locations if next(self.reasons_against(rule, one), None) is None]
        if not rule.transfer:
            for item in waiting:
                self.take(item, self.ranked(rule, (item,), waiting, candidates))
            return
        # All items are packed at the best location that has one; the rest is brought there.
        ranked = self.ranked(rule, waiting, waiting, candidates)
        packing = next((one for one in ranked if any(self.free(item.sku, one) > 0 for item in waiting)), None)
        if packing:
            sources = [packing, *(one for one in ranked if one is not packing)]
            for item in waiting:
                self.take(item, sources, packing)

    def free(self, sku: str, location: Location) -> int:
        return self.stock.get((sku, location.code), NOTHING).quantity - self.taken[sku, location.code]

    def take(self, item: Item, sources: Iterable[Location], packing: Location | None = None) -> None:
        """Reserve the item at the first of these locations that has a unit; it is packed there or elsewhere."""
        source = next((one for one in sources if self.free(item.sku, one) > 0), None)
        if source:
            self.taken[item.sku, source.code] += 1
            self.placed[item.id] = placed_at(item, (packing or source).code, source.code, self.at)

    def ranked(
        self, rule: Rule, items: Sequence[Item], package: Sequence[Item], candidates: Iterable[Location]
    ) -> list[Location]:
        """The candidates, best first: for these items, which are part of this package."""
        keys: dict[SortKey, Callable[[Location], int]] = {
            SortKey.PRIORITY: lambda one: one.priority,
            SortKey.STOCK: lambda one: -sum(self.free(item.sku, one) for item in items),
            SortKey.DENSITY: lambda one: -sum(self.free(item.sku, one) > 0 for item in package),
            SortKey.SAME_CITY: lambda one: not _is_same_city(one.city, self.city),
        }
        return sorted(candidates, key=lambda one: tuple(keys[key](one) for key in rule.sort))

    def reasons_against(self, rule: Rule, one: Location) -> Iterator[str]:
        """Every reason for which the rule passes the location over."""
        if not one.active:
            yield "blocked"
        if rule.type not in {None, one.type}:
            yield f"is a {one.type}, and the rule takes a {rule.type}"
        if rule.allow is not None and one.code not in rule.allow:
            yield "is not among those that the rule allows"
        if one.code in rule.exclude:
            yield "is one that the rule excepts"
        if one.code in self.plan.avoid:
            yield "gave an item of this plan back"
        if rule.same_city and not _is_same_city(one.city, self.city):
            yield f"is in {one.city}, and the rule wants the order's city, {self.city}"
        quota = one.available_quota if rule.select_by_quota else None
        # A package that is there already needs no more quota.
        here = (item for item in (*self.plan.live, *self.placed.values()) if item.location == one.code)
        if quota is not None and quota <= 0 and next(here, None) is None:
            yield f"its quota is used up: {one.quota} of {one.max_quota}"


@lru_cache(4096)
def _is_same_city(one: str, other: str) -> bool:
    """Whether two names are of one city: capitals and accents do not matter."""
    return one == other or words(one) == words(other)


def passed_over(rule: Rule, location: Location, *, plan: Plan, order: Order) -> tuple[str, ...]:
    """Every reason for which a rule passes a location over for a plan; none where it considers it."""
    draft = _Draft(plan=plan, city=order.city, at=plan.modified, stock={})
    return tuple(draft.reasons_against(rule, location))


def placed_at(item: Item, location: str, source: str, at: datetime) -> Item:
    """The item, packed at `location` from a unit that is reserved at `source`."""
    return replace(item, state=ItemState.PLANNED, location=location, source=source, placed_at=at, modified=at)


def reservations(items: Iterable[Item], reserved: int = 1) -> tuple[tuple[Key, Figures], ...]:
    """What placed items reserve, as changes of stock; -1 frees it."""
    return tuple(((item.sku, item.source), Figures(reserved=reserved)) for item in items if item.source)


def move(plan: Plan, target: State, trigger: Trigger | None, at: datetime, cause: str) -> Plan:
    """The plan in its new state, with the step in its history; the arrow must be in the lifecycle's table.

    A plan may stay in its state without one; `trigger` None: what happened is none of the table's.
    """
    row = transition_of(trigger, plan.state, target)
    if row is None and plan.state is not target:
        raise IllegalEventError(f"Plan {plan.id} is {plan.state}: {trigger} does not lead from there to {target}.")
    step = Step(at=at, source=plan.state, target=target, cause=cause, row=row.id if row else None)
    due, history = plan.due if target is State.START else None, plan.history_newest_first.push_front(step)
    return replace(plan, state=target, modified=at, due=due, history_newest_first=history)


def settle(
    plan: Plan,
    order: Order,
    changed: Iterable[Item],
    trigger: Trigger | None,
    at: datetime,
    cause: str,
    *,
    changes: Iterable[tuple[Key, Figures]] = (),
    target: State | None = None,
) -> Outcome:
    """The plan with these items changed and the state that follows (or `target`), and its order likewise.

    An order with stock of its own books the changes on that; otherwise they are the world's.
    """
    by_id = {item.id: item for item in changed}
    plan = replace(plan, items=tuple(by_id.get(item.id, item) for item in plan.items))
    if target is None:
        cancelled = bool(plan.items) and all(item.state is ItemState.CANCELLED for item in plan.items)
        target = State.CANCELLED if cancelled else State.COMPLETED
        if plan.unplaced:
            target = State.PENDING if plan.last_attempt else State.START
    plan, order, changes = move(plan, target, trigger, at, cause), followed(order, plan.items, at), tuple(changes)
    if changes and order.own_stock is not None:
        stock = dict(order.own_stock)
        for key, change in changes:
            stock[key] = stock.get(key, NOTHING) + change
        order, changes = replace(order, own_stock=stock), ()
    return Outcome(plan=plan, order=order, changes=changes)


def followed(order: Order, items: Iterable[Item], at: datetime) -> Order:
    """The order after its plan's items changed: its own take over their states, but of those that left the plan."""
    states = {item.order_item: item.state for item in items if item.state not in GIVEN_BACK}
    rows = tuple(
        row if row.state is (state := states.get(row.id, row.state)) else replace(row, state=state)
        for row in order.items
    )
    return order if rows == order.items else replace(order, items=rows, modified=at)
