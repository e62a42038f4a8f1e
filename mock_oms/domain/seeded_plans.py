"""Seeded plans: plans that a scenario gives a state, made as a pure function of (setup, id), with stock of their own."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from itertools import islice

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import INSTANT, next_retry
from mock_oms.domain.events import PlaceOrder
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan, Step
from mock_oms.domain.plan_actions import cancel, complete, ordered
from mock_oms.domain.planner import attempt
from mock_oms.domain.seeded_times import Begun, begun_as_seeded, begun_in_backlog, part_of
from mock_oms.domain.setup import SeededPlan, Setup, T, customer_of, draw, home_of, pick, pick_weighted
from mock_oms.domain.stock import Figures, Locations


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateView:
    """What plans with private stock see of the world from `since` on: its locations and its stock service."""

    since: datetime
    locations: Locations
    stock_service: bool


def _retries(setup: Setup, after: datetime, until: datetime) -> Iterator[datetime]:
    """The retries later than `after` and not later than `until`."""
    at = next_retry(setup.start, setup.planner.every, after)
    while at <= until:
        yield at
        at += setup.planner.every


def _attempted(
    plan: Plan, order: Order, times: Iterable[datetime], setup: Setup, circumstances: tuple[PrivateView, ...]
) -> tuple[Plan, Order]:
    """The plan and its order after attempts at these times, while it is not placed, over the stock of its order."""
    for at in times:
        if plan.state not in {State.START, State.PENDING}:
            break
        view = circumstances[bisect_right(circumstances, at, key=lambda one: one.since) - 1]
        stock = order.own_stock if view.stock_service else None
        outcome = attempt(plan, order, stock, view.locations, setup.planner, at=at, cause="")
        plan, order = outcome.plan, outcome.order
    return plan, order


def advanced_privately(
    plan: Plan, order: Order, *, setup: Setup, until: datetime, circumstances: tuple[PrivateView, ...]
) -> tuple[Plan, Order]:
    """A private plan and its order at `until`, every attempt taken that was due since its last one."""
    if plan.due is not None and plan.due <= until:
        plan, order = _attempted(plan, order, [plan.due], setup, circumstances)
    if plan.state is State.PENDING and plan.last_attempt:
        times = _retries(setup, plan.last_attempt.at, until)
        plan, order = _attempted(plan, order, times, setup, circumstances)
    return plan, order


def backlog_plan(setup: Setup, plan_id: int, view: PrivateView) -> tuple[Plan, Order]:
    """A plan of the backlog at the world's start."""
    return make(setup, plan_id, begun_in_backlog(setup, plan_id), view)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeededPlans:
    """The seeded plans of a setup and their orders, after all attempts up to `until`, while nothing else happens to them.

    A plan is made when somebody looks at it for the first time (100,000 of them take half a minute), and is the same
    object from then on. `places` holds, by id, the state of each plan and its number (from 0) among the `totals` of its
    state in the scenario. `looked_at` are those that a retry changes; those that stay as they are do so for every `until`.
    """

    setup: Setup
    circumstances: tuple[PrivateView, ...]
    until: datetime
    places: Mapping[int, tuple[State, int]]
    totals: Mapping[State, int] = field(default_factory=dict)
    looked_at: dict[int, tuple[Plan, Order]] = field(default_factory=dict, init=False)
    _lasting: dict[int, tuple[Plan, Order]] = field(default_factory=dict)
    _firsts: dict[int, datetime | None] = field(default_factory=dict)

    @classmethod
    def just_before_start(cls, setup: Setup, view: PrivateView) -> "SeededPlans":
        """All that the setup names, before the retry of the start, which sees the timeline's lines of that moment."""
        groups = [(group.state, ids) for group, ids in setup.numbered() if isinstance(group, SeededPlan)]
        totals: Counter[State] = Counter()
        places: dict[int, tuple[State, int]] = {}
        for state, ids in groups:
            before = totals.total() if setup.seeding == 1 else totals[state]
            places.update({plan_id: (state, place) for place, plan_id in enumerate(ids, start=before)})
            totals[state] += len(ids)
        totals = totals if setup.seeding > 1 else Counter(dict.fromkeys(totals, len(places)))
        return cls(setup=setup, circumstances=(view,), until=setup.start - INSTANT, places=places, totals=totals)

    def pair(self, plan_id: int) -> tuple[Plan, Order]:
        """A plan and its order; a `KeyError` where this is the id of none."""
        state, _ = self.places[plan_id]
        made = self.looked_at if state is State.PENDING else self._lasting
        found = made.get(plan_id)
        if found is None:
            begun = make(self.setup, plan_id, self._begin(plan_id), self.circumstances[0])
            now = advanced_privately(*begun, setup=self.setup, until=self.until, circumstances=self.circumstances)
            found = made.setdefault(plan_id, now)
        return found

    def of(self, state: State) -> Iterator[int]:
        """The ids of those that begin in this state."""
        return (plan_id for plan_id, (one, _) in self.places.items() if one is state)

    def first_attempt(self, plan_id: int) -> datetime | None:
        """When a plan that begins in `start` (None: held) or `pending` is first attempted; this does not make it."""
        if plan_id not in self._firsts:
            self._firsts[plan_id] = self._begin(plan_id).first
        return self._firsts[plan_id]

    def retry(self, plan_id: int, at: datetime) -> Step:
        """The step of a pending plan at a retry, in vain as always; this does not make the plan."""
        start, every = self.setup.start, self.setup.planner.every
        before = (at - start) // every - ((self.first_attempt(plan_id) or start) - start) // every
        return Step(at=at, source=State.PENDING, target=State.PENDING, cause=f"attempt {before + 1}")

    def _begin(self, plan_id: int) -> Begun:
        state, place = self.places[plan_id]
        return begun_as_seeded(self.setup, plan_id, state, place, self.totals[state], next(iter(self.places)))


def make(setup: Setup, plan_id: int, begun: Begun, view: PrivateView) -> tuple[Plan, Order]:
    """A plan that has come into its state when the world begins, and its order."""
    planner, start, created, first = setup.planner, setup.start, begun.created, begun.first
    # The retry at the start itself is the world's, after the timeline's lines of that moment.
    before = start - INSTANT
    draft = _Draft(setup=setup, id=plan_id, created=created, view=view)

    if begun.state is State.START or first is None:
        short = bool(draft.weighted("short", {1: 1, 0: 3}))
        plan, order = draft.begun(short=short, due=first)
        return plan, replace(order, held=first is None)

    retries = _retries(setup, first, before)
    if begun.state is State.PENDING:
        # One item has been out of stock ever since.
        return draft.attempted(draft.begun(short=True), [first, *retries])

    if begun.state is State.CANCELLED:
        # Cancelled before its first attempt, or after it waited for stock in vain.
        attempts = draft.weighted("attempts", {0: 1, 1: 2, 2: 1})
        times = [first, *islice(retries, max(0, attempts - 1))][:attempts]
        plan, order = draft.attempted(draft.begun(short=True), times)
        last, span = (times[-1], planner.every) if times else (created, planner.first)
        if times and setup.seeding > 1:
            span = next_retry(start, planner.every, last) - last
        outcome = cancel(plan, order, min(last + draft.within("gone", span), start), "command plan-cancel")
        return outcome.plan, outcome.order

    # Placed at the first attempt, or after a restock; by hand where the rules place nothing.
    *early, last = [first, *islice(retries, draft.weighted("retries", {0: 8, 1: 1, 2: 1}))]
    plan, order = draft.attempted(draft.begun(short=bool(early)), early)
    stock = {
        key: one if one.quantity > 0 else one + Figures(count=_MOST_ITEMS)
        for key, one in (order.own_stock or {}).items()
    }
    plan, order = draft.attempted((plan, replace(order, own_stock=stock)), [last])
    if plan.state is State.COMPLETED:
        return plan, order
    outcome = complete(plan, order, stock, view.locations, planner, at=last, cause="command plan-complete")
    return outcome.plan, outcome.order


_ITEMS = {1: 5, 2: 3, 3: 2}
_MOST_ITEMS = max(_ITEMS)

#: The ends of the SKUs of a style, by the remainder of its number: clothes twice as often as shoes and what has no size.
#: By the first rules, all are clothes.
_CLOTHES, _SHOES = ("-S", "-M", "-L", "-XL"), ("-37", "-38", "-39", "-40", "-41", "-42")
_STYLES = (_CLOTHES, _CLOTHES, _SHOES, ("",))

#: How the orders of seeded plans came, are paid and are delivered, with weights (c); the planner's rules see the same.
_CHANNELS = {"web": 5, "mobile": 4, "marketplace": 1}
_PAYMENTS = {"credit_card": 14, "cash_on_delivery": 3, "bank_transfer": 3}
_DELIVERIES = {"standard": 8, "same_day": 1, "scheduled": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A seeded plan in the making. Its draws have the key "told", so that old seeds still make the same plans."""

    setup: Setup
    id: int
    created: datetime
    view: PrivateView

    def draw(self, *what: str | int, below: int) -> int:
        return draw(self.setup.seed, "told", self.id, *what, below=below)

    def weighted(self, what: str, weights: Mapping[T, int]) -> T:
        return pick_weighted(self.setup.seed, "told", self.id, what, weights=weights)

    def within(self, what: str, span: timedelta) -> timedelta:
        return part_of(self.setup, span, "told", self.id, what)

    def attempted(self, pair: tuple[Plan, Order], times: Iterable[datetime]) -> tuple[Plan, Order]:
        return _attempted(*pair, times, self.setup, (self.view,))

    def begun(self, *, short: bool, due: datetime | None = None) -> tuple[Plan, Order]:
        """The plan as it was created, over stock of its own; `short` puts its last item out of stock everywhere."""
        how_many = self.weighted("items", _ITEMS)
        skus = []
        for number in range(1, how_many + 1):
            # SKUs that some plan finds sold out are never among those that others find in stock.
            series = 9000 if short and number == how_many else 1000
            style = self.draw("sku", number, below=200)
            sizes = _STYLES[style % len(_STYLES)] if self.setup.seeding > 1 else _CLOTHES
            size = pick(self.setup.seed, "told", self.id, "size", number, among=sizes)
            skus.append(f"MCK-{series + style}{size}")
        stock = {}
        for sku in dict.fromkeys(skus):
            for code in self.view.locations:
                reserved = self.draw("reserved", sku, code, below=4)
                free = 0 if sku.startswith("MCK-9") else _MOST_ITEMS + self.draw("free", sku, code, below=30)
                stock[sku, code] = Figures(count=reserved + free, reserved=reserved)
        plan, order = ordered(self.setup, self.id, self.order(tuple(skus)), self.created, "told by the scenario")
        return replace(plan, due=due), replace(order, own_stock=stock)

    def order(self, skus: tuple[str, ...]) -> PlaceOrder:
        """Who orders, where and how; by the first rules, anywhere in the web shop or its app, by card."""
        seed, cities = self.setup.seed, self.setup.cities
        if self.setup.seeding == 1:
            city, channel = (
                pick(seed, "told", self.id, what, among=among)
                for what, among in (("city", cities), ("channel", ("web", "mobile")))
            )
            return PlaceOrder(items=skus, city=city, channel=channel)
        channel = self.weighted("channel", _CHANNELS)
        return PlaceOrder(
            items=skus,
            city=home_of(seed, customer_of(seed, self.id + ORDER_IDS), cities),
            channel=channel,
            payment_type=None if channel == "marketplace" else self.weighted("payment", _PAYMENTS),
            delivery_type=self.weighted("delivery", _DELIVERIES),
        )
