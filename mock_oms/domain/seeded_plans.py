"""Seeded plans: plans that a scenario gives a state, made as a pure function of (setup, id), with stock of their own."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from mock_oms.domain.chance import draw, pick, pick_weighted
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan
from mock_oms.domain.plan_actions import cancel, complete, opened
from mock_oms.domain.planner import AttemptOutcome, Key, Planner, attempt
from mock_oms.domain.setup import Setup
from mock_oms.domain.stock import Figures, Location

#: The smallest step of time.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateView:
    """What plans with private stock see of the world from `since` on: its locations and its stock service."""

    since: datetime
    locations: Mapping[str, Location]
    stock_service: bool


def next_tick(start: datetime, every: timedelta, after: datetime) -> datetime:
    """The first retry of the world's grid that comes later than `after`."""
    return start + every * ((after - start) // every + 1)


def ticks(setup: Setup, after: datetime, until: datetime) -> Iterator[datetime]:
    """The retries later than `after` and not later than `until`."""
    at = next_tick(setup.start, setup.planner.every, after)
    while at <= until:
        yield at
        at += setup.planner.every


def attempt_on_own_stock(
    plan: Plan, order: Order, at: datetime, outside: PrivateView, planner: Planner
) -> AttemptOutcome:
    """One attempt of a plan over the stock of its order."""
    return attempt(
        plan,
        order,
        at=at,
        stock=order.own_stock if outside.stock_service else None,
        locations=outside.locations,
        rules=planner.rules,
    ).on_own_stock()


def advanced_privately(
    plan: Plan, order: Order, *, setup: Setup, until: datetime, circumstances: tuple[PrivateView, ...]
) -> tuple[Plan, Order]:
    """A private plan and its order at `until`, every attempt taken that was due since its last one."""
    if plan.due is not None and plan.due <= until:
        plan, order = _tried(plan, order, plan.due, setup, circumstances)
    if plan.state is State.PENDING:
        for at in ticks(setup, plan.attempts[-1].at, until):
            plan, order = _tried(plan, order, at, setup, circumstances)
            if plan.state is not State.PENDING:
                break
    return plan, order


def _tried(
    plan: Plan, order: Order, at: datetime, setup: Setup, circumstances: tuple[PrivateView, ...]
) -> tuple[Plan, Order]:
    outside = circumstances[bisect_right(circumstances, at, key=lambda one: one.since) - 1]
    outcome = attempt_on_own_stock(plan, order, at, outside, setup.planner)
    return outcome.plan, outcome.order


_SIZES = ("S", "M", "L", "XL")
_CHANNELS = ("web", "mobile")
_ITEMS = {1: 5, 2: 3, 3: 2}
_RETRIES_BEFORE_COMPLETION = {0: 8, 1: 1, 2: 1}
_ATTEMPTS_BEFORE_CANCELLATION = {0: 1, 1: 2, 2: 1}
_ATTEMPTS_WHILE_PENDING = {1: 2, 2: 3, 3: 2, 5: 1}
_SHORT_AFTER_THE_START = {1: 1, 0: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A seeded plan in the making: what it is made from."""

    setup: Setup
    id: int
    created: datetime
    outside: PrivateView

    @property
    def before(self) -> datetime:
        """The last instant before the start: the retry at the start itself is the world's, after its lines of then."""
        return self.setup.start - INSTANT

    @property
    def first_attempt(self) -> datetime:
        return self.created + self.setup.planner.first

    def draw(self, *what: str | int, below: int) -> int:
        return draw(self.setup.seed, "told", self.id, *what, below=below)

    def weighted(self, what: str, weights: Mapping[int, int]) -> int:
        return pick_weighted(self.setup.seed, "told", self.id, what, weights=weights)

    def within(self, what: str, span: timedelta) -> timedelta:
        """A part of the span, to the microsecond."""
        return timedelta(microseconds=self.draw(what, below=max(1, span // timedelta(microseconds=1))))


def make(setup: Setup, plan_id: int, state: State, created: datetime, outside: PrivateView) -> tuple[Plan, Order]:
    """A plan that is in `state` when the world begins, and its order; `created` may be moved back to make that true."""
    if state is not State.START:
        created = min(created, setup.start - setup.planner.first - INSTANT)
    outcome = _LIVES[state](_Draft(setup=setup, id=plan_id, created=created, outside=outside))
    return outcome.plan, outcome.order


def backlog_plan(setup: Setup, plan_id: int, outside: PrivateView) -> tuple[Plan, Order]:
    """A plan of the backlog at the world's start: the larger its id, the younger it is."""
    count = len(setup.backlog_ids)
    spacing = min(timedelta(minutes=5), timedelta(days=365) / count)
    age = spacing * (count - plan_id + 1) - _jitter(setup, plan_id, spacing)
    state = pick_weighted(setup.seed, "backlog", plan_id, weights=setup.backlog.states if setup.backlog else {})
    return make(setup, plan_id, state, setup.start - age, outside)


def creation_times(setup: Setup, first_id: int, count: int) -> list[datetime]:
    """When seeded plans with these ids were created: in the three days before the start, in the order of their ids."""
    spacing = min(timedelta(hours=3), timedelta(days=3) / max(1, count))
    ids = range(first_id, first_id + count)
    return [setup.start - spacing * (count - n) + _jitter(setup, one, spacing) for n, one in enumerate(ids)]


def _jitter(setup: Setup, plan_id: int, span: timedelta) -> timedelta:
    return timedelta(microseconds=draw(setup.seed, "created", plan_id, below=max(1, span // timedelta(microseconds=1))))


def _start(draft: _Draft) -> AttemptOutcome:
    """Held until shortly after the world's start, then planned."""
    soon = draft.setup.start + timedelta(seconds=1) + draft.within("due", timedelta(minutes=10))
    due = max(draft.first_attempt, soon)
    return _begun(draft, short=bool(draft.weighted("short", _SHORT_AFTER_THE_START)), due=due)


def _pending(draft: _Draft) -> AttemptOutcome:
    """Held until a few retries before the world's start; one item has been out of stock ever since."""
    planner = draft.setup.planner
    attempts = draft.weighted("attempts", _ATTEMPTS_WHILE_PENDING)
    held_until = draft.setup.start - planner.every * (attempts - 1) - draft.within("held", planner.every)
    first = min(max(draft.first_attempt, held_until), draft.before)
    return _attempted(draft, _begun(draft, short=True), [first, *ticks(draft.setup, first, draft.before)])


def _completed(draft: _Draft) -> AttemptOutcome:
    """Placed at the first attempt, or after a restock; by hand where the rules place nothing."""
    retries = draft.weighted("retries", _RETRIES_BEFORE_COMPLETION)
    *early, last = _attempt_times(draft, 1 + retries)
    waiting = _attempted(draft, _begun(draft, short=bool(early)), early)
    outcome = _attempted(draft, _restocked(waiting), [last])
    if outcome.plan.state is State.COMPLETED:
        return outcome
    return complete(
        outcome.plan,
        outcome.order,
        stock=outcome.order.own_stock or {},
        locations=draft.outside.locations,
        default_location=draft.setup.planner.default_location,
        at=last,
        cause="command plan-complete",
    ).on_own_stock()


def _cancelled(draft: _Draft) -> AttemptOutcome:
    """Cancelled before its first attempt, or after waiting for stock in vain."""
    planner, attempts = draft.setup.planner, draft.weighted("attempts", _ATTEMPTS_BEFORE_CANCELLATION)
    times = _attempt_times(draft, attempts)
    outcome = _attempted(draft, _begun(draft, short=True), times)
    at = (
        times[-1] + draft.within("gone", planner.every)
        if times
        else draft.created + draft.within("gone", planner.first)
    )
    at = min(at, draft.setup.start)
    return cancel(outcome.plan, outcome.order, at, "command plan-cancel").on_own_stock()


_LIVES: Mapping[State, Callable[[_Draft], AttemptOutcome]] = {
    State.START: _start,
    State.PENDING: _pending,
    State.COMPLETED: _completed,
    State.CANCELLED: _cancelled,
}


def _attempt_times(draft: _Draft, count: int) -> list[datetime]:
    """The first attempt and the retries that follow it, `count` in all if there were so many before the start."""
    retries = ticks(draft.setup, draft.first_attempt, draft.before)
    return [draft.first_attempt, *islice(retries, max(0, count - 1))][:count]


def _begun(draft: _Draft, *, short: bool, due: datetime | None = None) -> AttemptOutcome:
    """The plan as it was created, over stock of its own; `short` puts its last item out of stock everywhere."""
    how_many = draft.weighted("items", _ITEMS)
    skus = [_sku(draft, number, sold_out=short and number == how_many) for number in range(1, how_many + 1)]
    order = Order(
        id=draft.id + ORDER_IDS,
        created=draft.created,
        modified=draft.created,
        city=pick(draft.setup.seed, "told", draft.id, "city", among=draft.setup.cities),
        channel=pick(draft.setup.seed, "told", draft.id, "channel", among=_CHANNELS),
        items=(),
        plans=(draft.id,),
    )
    plan, order = opened(draft.id, skus, order, created=draft.created, due=due, cause="told by the scenario")
    return AttemptOutcome(plan=plan, order=replace(order, own_stock=_own_stock(draft, skus)))


def _sku(draft: _Draft, number: int, *, sold_out: bool) -> str:
    """A made-up SKU; those that some plan finds sold out are never among those that others find in stock."""
    code = (9000 if sold_out else 1000) + draft.draw("sku", number, below=200)
    return f"MCK-{code}-{_SIZES[draft.draw('size', number, below=len(_SIZES))]}"


def _own_stock(draft: _Draft, skus: Iterable[str]) -> dict[Key, Figures]:
    return {(sku, code): _figures(draft, sku, code) for sku in dict.fromkeys(skus) for code in draft.outside.locations}


def _figures(draft: _Draft, sku: str, code: str) -> Figures:
    reserved = draft.draw("reserved", sku, code, below=4)
    free = 0 if sku.startswith("MCK-9") else max(_ITEMS) + draft.draw("free", sku, code, below=30)
    return Figures(count=reserved + free, reserved=reserved)


def _restocked(outcome: AttemptOutcome) -> AttemptOutcome:
    stock = outcome.order.own_stock or {}
    more = {key: one if one.quantity > 0 else one.changed(count=max(_ITEMS)) for key, one in stock.items()}
    return replace(outcome, order=replace(outcome.order, own_stock=more))


def _attempted(draft: _Draft, outcome: AttemptOutcome, times: Iterable[datetime]) -> AttemptOutcome:
    for at in times:
        outcome = attempt_on_own_stock(outcome.plan, outcome.order, at, draft.outside, draft.setup.planner)
    return outcome
