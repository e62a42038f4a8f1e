"""Seeded plans and the backlog: made so that they are in a state, as a pure function of (setup, id), with stock of their own."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from itertools import islice
from sys import intern

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import INSTANT, next_retry
from mock_oms.domain.events import PlaceOrder
from mock_oms.domain.lifecycle import TRANSITIONS, State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan, Step
from mock_oms.domain.plan_actions import cancel, complete, ordered
from mock_oms.domain.planner import attempt
from mock_oms.domain.setup import SeededPlan, Setup, T, customer_of, draw, home_of, pick, pick_weighted
from mock_oms.domain.stock import Figures, Locations

#: What waits has waited for two days at most, and for so many retries at most: each of them is in its context.
LONGEST_WAIT, MOST_RETRIES = timedelta(days=2), 96
#: How far apart orders are at most, and how far back those go that have come to rest.
_BACKLOG_SPACING, _BACKLOG_SPAN = timedelta(minutes=5), timedelta(days=365)
#: The row of the lifecycle's table of a retry that places nothing.
_IN_VAIN = next(row.id for row in TRANSITIONS if row.slug == "retry-pending")
_SEEDED_SPACING, _SEEDED_SPAN, _SEEDED_WAIT = timedelta(hours=3), timedelta(days=3), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The state of a plan when the world begins, its creation, and its first attempt (None: held until confirmed)."""

    state: State
    created: datetime
    first: datetime | None


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


def backlog_state(setup: Setup, plan_id: int, at: datetime) -> State | None:
    """The state of a plan of the backlog at `at`, which is not made for that; None where only its first attempt tells."""
    begun = begun_in_backlog(setup, plan_id)
    if begun.state is not State.START or begun.first is None or at < begun.first:
        return begun.state
    return State.PENDING if _Draft(setup=setup, id=plan_id, begun=begun).is_short else None


def backlog_states(setup: Setup, count: int, at: datetime) -> dict[State, int]:
    """About how many of `count` plans of the backlog are in each state at `at`: by its weights, and as most attempts end."""
    weights = setup.backlog.states if setup.backlog else {}
    whole = sum(weights.values()) or 1
    states = {state: (2 * count * weights.get(state, 0) + whole) // (2 * whole) for state in State}
    # Those in `start` have waited for up to half of the time.
    wait = setup.planner.first - setup.planner.first // 2
    since = min(max(at - setup.start - setup.planner.first // 2, timedelta()), wait)
    tried = states[State.START] * since // wait if wait else 0
    short = tried * _SHORT[1] // sum(_SHORT.values())
    states[State.START] -= tried
    states[State.PENDING] += short
    states[State.COMPLETED] += tried - short
    states[max(states, key=lambda one: states[one])] += count - sum(states.values())
    return states


def backlog_skus(setup: Setup, plan_id: int) -> tuple[str, ...]:
    """The SKUs of the items of a plan of the backlog; this does not make it."""
    return _skus(setup, plan_id, begun_in_backlog(setup, plan_id))


def _skus(setup: Setup, plan_id: int, begun: Begun) -> tuple[str, ...]:
    return _Draft(setup=setup, id=plan_id, begun=begun).skus()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeededPlans:
    """The seeded plans of a setup and their orders, after all attempts up to `until`, while nothing else happens to them.

    A plan is made when somebody looks at it for the first time (100,000 of them take half a minute), and is the same
    object from then on. `places` holds, by id, the state of each plan and its number (from 0) among the `totals` of its
    state in the scenario. `looked_at` are those that a retry changes; those that stay as they are do so for every `until`.
    `placed` are plans of the backlog that are known to be completed, each under circumstances like these objects.
    """

    setup: Setup
    circumstances: tuple[PrivateView, ...]
    until: datetime
    places: Mapping[int, tuple[State, int]]
    totals: Mapping[State, int] = field(default_factory=dict)
    looked_at: dict[int, tuple[Plan, Order]] = field(default_factory=dict, init=False)
    placed: dict[int, tuple[PrivateView, ...]] = field(default_factory=dict)
    _lasting: dict[int, tuple[Plan, Order]] = field(default_factory=dict)
    _firsts: dict[int, datetime | None] = field(default_factory=dict)
    _sold: dict[int, tuple[str, ...]] = field(default_factory=dict)

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

    def skus(self, plan_id: int) -> tuple[str, ...]:
        """The SKUs of a plan's items; this does not make it. They are kept, for a search asks for those of every plan."""
        found = self._sold.get(plan_id)
        if found is None:
            found = self._sold[plan_id] = _skus(self.setup, plan_id, self._begin(plan_id))
        return found

    def retry(self, plan_id: int, at: datetime) -> Step:
        """The step of a pending plan at a retry, in vain as always; this does not make the plan."""
        start, every = self.setup.start, self.setup.planner.every
        before = (at - start) // every - ((self.first_attempt(plan_id) or start) - start) // every
        return Step(at=at, source=State.PENDING, target=State.PENDING, cause=f"attempt {before + 1}", row=_IN_VAIN)

    def _begin(self, plan_id: int) -> Begun:
        state, place = self.places[plan_id]
        return begun_as_seeded(self.setup, plan_id, state, place, self.totals[state], next(iter(self.places)))


def make(setup: Setup, plan_id: int, begun: Begun, view: PrivateView) -> tuple[Plan, Order]:
    """A plan that has come into its state when the world begins, and its order."""
    planner, start, created, first = setup.planner, setup.start, begun.created, begun.first
    draft = _Draft(setup=setup, id=plan_id, begun=begun)
    new = draft.made(view)

    def attempted(pair: tuple[Plan, Order], times: Iterable[datetime]) -> tuple[Plan, Order]:
        return _attempted(*pair, times, setup, (view,))

    if begun.state is State.START or first is None:
        plan, order = new
        return replace(plan, due=first), replace(order, held=first is None)

    if begun.state is State.PENDING:
        # One item has been out of stock ever since.
        return attempted(new, [first, *draft.retries])

    if begun.state is State.CANCELLED:
        # Cancelled before its first attempt, or after it waited for stock in vain.
        attempts = draft.weighted("attempts", {0: 1, 1: 2, 2: 1})
        times = [first, *islice(draft.retries, max(0, attempts - 1))][:attempts]
        plan, order = attempted(new, times)
        last, span = (times[-1], planner.every) if times else (created, planner.first)
        if times and setup.seeding > 1:
            span = next_retry(start, planner.every, last) - last
        outcome = cancel(plan, order, min(last + draft.within("gone", span), start), "command plan-cancel")
        return outcome.plan, outcome.order

    # Placed at the first attempt, or after a restock; by hand where the rules place nothing.
    *early, last = draft.until_placed
    plan, order = attempted(new, early)
    stock = {
        key: one if one.quantity > 0 else one + Figures(count=_MOST_ITEMS)
        for key, one in (order.own_stock or {}).items()
    }
    plan, order = attempted((plan, replace(order, own_stock=stock)), [last])
    if plan.state is State.COMPLETED:
        return plan, order
    outcome = complete(plan, order, stock, view.locations, planner, at=last, cause="command plan-complete")
    return outcome.plan, outcome.order


#: How many of the plans that begin in `start` are short of an item, and how many are not.
_SHORT = {1: 1, 0: 3}
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
    begun: Begun

    def draw(self, *what: str | int, below: int) -> int:
        return draw(self.setup.seed, "told", self.id, *what, below=below)

    def weighted(self, what: str, weights: Mapping[T, int]) -> T:
        return pick_weighted(self.setup.seed, "told", self.id, what, weights=weights)

    def within(self, what: str, span: timedelta) -> timedelta:
        return _part(self.setup, span, "told", self.id, what)

    @property
    def retries(self) -> Iterator[datetime]:
        """Those after its first attempt. The one at the start itself is the world's, after its timeline's lines."""
        first = self.begun.first
        return iter(()) if first is None else _retries(self.setup, first, self.setup.start - INSTANT)

    @property
    def until_placed(self) -> list[datetime]:
        """The attempts of a completed plan, the last of which places every item."""
        first = [] if self.begun.first is None else [self.begun.first]
        return [*first, *islice(self.retries, self.weighted("retries", {0: 8, 1: 1, 2: 1}))]

    @property
    def is_short(self) -> bool:
        """Whether its last item is out of stock everywhere when it is created."""
        if self.begun.state is State.START or self.begun.first is None:
            return bool(self.weighted("short", _SHORT))
        return self.begun.state is not State.COMPLETED or len(self.until_placed) > 1

    def skus(self) -> tuple[str, ...]:
        """The SKUs of its items."""
        how_many, is_short = self.weighted("items", _ITEMS), self.is_short
        skus = []
        for number in range(1, how_many + 1):
            # SKUs that some plan finds sold out are never among those that others find in stock.
            series = 9000 if is_short and number == how_many else 1000
            style = self.draw("sku", number, below=200)
            sizes = _STYLES[style % len(_STYLES)] if self.setup.seeding > 1 else _CLOTHES
            size = pick(self.setup.seed, "told", self.id, "size", number, among=sizes)
            skus.append(intern(f"MCK-{series + style}{size}"))
        return tuple(skus)

    def made(self, view: PrivateView) -> tuple[Plan, Order]:
        """The plan as it was created, over stock of its own."""
        skus, stock = self.skus(), {}
        for sku in dict.fromkeys(skus):
            for code in view.locations:
                reserved = self.draw("reserved", sku, code, below=4)
                free = 0 if sku.startswith("MCK-9") else _MOST_ITEMS + self.draw("free", sku, code, below=30)
                stock[sku, code] = Figures(count=reserved + free, reserved=reserved)
        cause = "told by the scenario"
        plan, order = ordered(self.setup, self.id, self.order(skus), self.begun.created, cause)
        return replace(plan, due=None), replace(order, own_stock=stock)

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


# When they began


def _part(setup: Setup, span: timedelta, *key: str | int) -> timedelta:
    """A part of the span, drawn to the microsecond."""
    return draw(setup.seed, *key, below=max(1, span // INSTANT)) * INSTANT


def begun_in_backlog(setup: Setup, plan_id: int) -> Begun:
    """The larger its id, the younger a plan of the backlog is.

    The youngest are those in `start`, created less than `planner.first` before the world. Those that are `pending` are
    among the next ones, the fewer the older these are, and all others have come to rest. Where the weights ask for more
    of them than orders come in a few days, the youngest orders came faster.
    """
    if setup.seeding == 1:
        return _backlog_of_0_1(setup, plan_id)
    total, weights = len(setup.backlog_ids), setup.backlog.states if setup.backlog else {}
    whole = sum(weights.values())
    started, pending = (
        (2 * total * weights.get(one, 0) + whole) // (2 * whole) for one in (State.START, State.PENDING)
    )
    pending = min(pending, total - started)
    young = min(3 * pending, total - started)
    place = total - plan_id
    if place < started:
        return _started(setup, plan_id, place, started, _BACKLOG_SPACING)
    place -= started
    spacing = min(_BACKLOG_SPACING, _BACKLOG_SPAN / total)
    waiting = min(_longest_wait(setup), young * spacing)
    if place >= young:
        old = place - young
        age = waiting + spacing * old + INSTANT + _part(setup, spacing, "created", plan_id)
    else:
        age = _age(setup, waiting, place, young, plan_id)
    if place < young and _waits(setup, plan_id, place, young, pending):
        return _tried(setup, State.PENDING, age)
    settled = {state: weights.get(state, 0) for state in (State.COMPLETED, State.CANCELLED)}
    return _tried(setup, pick_weighted(setup.seed, "backlog", plan_id, weights=settled), age)


def begun_as_seeded(setup: Setup, plan_id: int, state: State, place: int, total: int, first_id: int) -> Begun:
    """A seeded plan, of whose state there are `total`; those before it, `place` in number, are older."""
    if setup.seeding == 1:
        return _seeded_of_0_1(setup, plan_id, state, place, total, first_id)
    younger = total - 1 - place
    if state is State.START:
        return _started(setup, plan_id, younger, total, _SEEDED_SPACING)
    waits = state is State.PENDING  # most for an hour or two: once somebody has looked, all their attempts are kept
    span = min(_SEEDED_WAIT, _longest_wait(setup)) if waits else _SEEDED_SPAN
    age = _age(setup, min(span, total * _SEEDED_SPACING), younger, total, plan_id, power=4 if waits else 1)
    return _tried(setup, state, age)


def _longest_wait(setup: Setup) -> timedelta:
    return min(LONGEST_WAIT, MOST_RETRIES * setup.planner.every)


def _age(setup: Setup, span: timedelta, younger: int, total: int, plan_id: int, *, power: int = 1) -> timedelta:
    """An age above 0 and up to the span of one that so many of the total are younger than; more are young with a power."""
    low, high = (span // INSTANT * int(one**power) // int(total**power) for one in (younger, younger + 1))
    return low * INSTANT + INSTANT + _part(setup, (high - low) * INSTANT, "created", plan_id)


def _tried(setup: Setup, state: State, age: timedelta) -> Begun:
    """It was first tried so long before the world begins."""
    first = setup.start - age
    return Begun(state=state, created=first - setup.planner.first, first=first)


def _started(setup: Setup, plan_id: int, younger: int, total: int, spacing: timedelta) -> Begun:
    """It waits for its first attempt for half the usual time at least; where a new plan never waits, it is held."""
    half = setup.planner.first // 2
    age = _age(setup, half or total * spacing, younger, total, plan_id)
    created = setup.start - age
    return Begun(state=State.START, created=created, first=created + setup.planner.first if half else None)


def _waits(setup: Setup, plan_id: int, place: int, young: int, pending: int) -> bool:
    """Whether a plan at this place of the `young` ones is pending, as `pending` of them are.

    All are at the first place, none at the last, and in between it goes down with the square; as far as these are too
    few, all alike are besides. In whole numbers, which are the same on every machine.
    """
    left = 2 * (young - place) - 1
    weight = 4 * (3 * pending - young) * young**2 + 3 * (young - pending) * left**2
    return draw(setup.seed, "backlog", plan_id, "waits", below=2**32) * 8 * young**3 < weight * 2**32


# The rules of mock-oms 0.1, by which the worlds that it wrote down are made again: what happened to one refers to its plans.


def _backlog_of_0_1(setup: Setup, plan_id: int) -> Begun:
    total = len(setup.backlog_ids)
    spacing = min(timedelta(minutes=5), timedelta(days=365) / total)
    age = spacing * (total - plan_id + 1) - _part(setup, spacing, "created", plan_id)
    state = pick_weighted(setup.seed, "backlog", plan_id, weights=setup.backlog.states if setup.backlog else {})
    return _begun_in_0_1(setup, plan_id, state, setup.start - age)


def _seeded_of_0_1(setup: Setup, plan_id: int, state: State, place: int, total: int, first_id: int) -> Begun:
    spacing = min(timedelta(hours=3), timedelta(days=3) / total)
    created = setup.start - spacing * (total - place) + _part(setup, spacing, "created", first_id + place)
    return _begun_in_0_1(setup, plan_id, state, created)


def _begun_in_0_1(setup: Setup, plan_id: int, state: State, created: datetime) -> Begun:
    start, planner, before = setup.start, setup.planner, setup.start - INSTANT
    created = created if state is State.START else min(created, before - planner.first)
    first = created + planner.first
    if state is State.START:  # shortly after the world's start
        first = max(first, start + timedelta(seconds=1) + _part(setup, timedelta(minutes=10), "told", plan_id, "due"))
    elif state is State.PENDING:  # a few retries before it
        attempts = pick_weighted(setup.seed, "told", plan_id, "attempts", weights={1: 2, 2: 3, 3: 2, 5: 1})
        held = _part(setup, planner.every, "told", plan_id, "held")
        first = min(max(first, start - planner.every * (attempts - 1) - held), before)
    return Begun(state=state, created=created, first=first)
