"""How a world begins: what a scenario says, resolved and immutable, and the draws for what it leaves open."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import accumulate
from typing import Any, TypeVar

from mock_oms.dataclass import dataclass
from mock_oms.domain.events import HIGHEST_ID, Event, PlaceOrder
from mock_oms.domain.lifecycle import State
from mock_oms.domain.planner import Planner
from mock_oms.domain.stock import Locations, Stock

T = TypeVar("T")

#: When a world begins whose scenario does not say.
START = datetime(2024, 3, 5, 9, tzinfo=UTC)

#: The rules by which seeded plans and those of the backlog are made; 1 are those of mock-oms 0.1.
SEEDING = 2


def draw(seed: int, *key: str | int, below: int) -> int:
    """A whole number, 0 <= n < `below` (at most 2**32): the same for the same seed and key on every machine."""
    text = "\x1f".join(map(str, (seed, *key)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) % below


def pick(seed: int, *key: str | int, among: Sequence[T]) -> T:
    """One of a sequence that is not empty."""
    return among[draw(seed, *key, below=len(among))]


def pick_weighted(seed: int, *key: str | int, weights: Mapping[T, int]) -> T:
    """One of the keys, each as likely as its weight (whole numbers, their sum above 0), in the mapping's order."""
    *_, total = sums = list(accumulate(weights.values()))
    return list(weights)[bisect_right(sums, draw(seed, *key, below=total))]


#: How many of twenty orders are not their customer's first one; the first ones of some are older than the world.
_COME_BACK = 7


def customer_of(seed: int, order_id: int) -> int:
    """The number of the customer of an order, the id of her first one: about one order in three is not her first (c).

    Most are of somebody who has ordered shortly before, so that small worlds have such a customer, too.
    """
    while draw(seed, "comes back", order_id, below=20) < _COME_BACK:
        since = 1 + draw(seed, "since", order_id, below=2 << draw(seed, "long since", order_id, below=10))
        if since >= order_id:
            break
        order_id -= since
    return order_id


def home_of(seed: int, customer: int, cities: Sequence[str]) -> str:
    """The city that a customer lives in; a scenario may have her orders sent to another."""
    return pick(seed, "home", customer, among=cities)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPlan:
    """`count` orders with these items, planned against the stock of the world."""

    order: PlaceOrder
    count: int = 1

    @property
    def wanted_id(self) -> int | None:
        """The id of the first of them, if the scenario names it."""
        return self.order.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededPlan:
    """`count` plans made up so that they are truly in this state when the world begins; their stock is their own."""

    state: State
    count: int = 1
    wanted_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPlan:
    """A plan given in full as JSON, served untouched until a command moves it."""

    raw: Mapping[str, Any]
    count: int = 1

    @property
    def wanted_id(self) -> int | None:
        """The id in the captured JSON, if there is a usable one."""
        plan_id = self.raw.get("id")
        usable = isinstance(plan_id, int) and not isinstance(plan_id, bool) and 0 < plan_id <= HIGHEST_ID
        return plan_id if usable else None

    @property
    def state(self) -> State | None:
        """The state in the captured JSON, which may be a word or an object with it, if it is one of the four."""
        state = self.raw.get("state")
        words = [state.get("enum_value"), state.get("name")] if isinstance(state, Mapping) else [state]
        known = (word.lower() for word in words if isinstance(word, str) and word.lower() in list(State))
        return next(map(State, known), None)

    @property
    def is_usable(self) -> bool:
        """Whether the capture says what the simulation must know of it."""
        return self.wanted_id is not None and self.state is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """`count` plans with ids from 1, older than most of the rest, each made only when it is read."""

    count: int
    states: Mapping[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvent:
    """A line of the timeline: an event, its time from the start of the world, and its origin for explanations."""

    at: timedelta
    event: Event
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A beginning. `skus` are all that the world knows; `timeline` is sorted; `seeding` is the version of the rules."""

    seed: int
    start: datetime
    planner: Planner
    locations: Locations
    stock: Stock
    cities: tuple[str, ...]
    plans: tuple[SimulatedPlan | SeededPlan | CapturedPlan, ...] = ()
    timeline: tuple[TimedEvent, ...] = ()
    backlog: Backlog | None = None
    skus: frozenset[str] = field(default=frozenset())
    seeding: int = SEEDING
    backlog_ids: range = field(init=False)

    def __post_init__(self) -> None:
        """The backlog takes the smallest ids that no plan of the scenario asks for."""
        count = self.backlog.count if self.backlog else 0
        wanted = [one.wanted_id + n for one in self.plans if one.wanted_id is not None for n in range(one.count)]
        for one in sorted(wanted):
            count += 0 < one <= count
        object.__setattr__(self, "backlog_ids", range(1, count + 1) if self.backlog else range(0))

    @property
    def is_seeded(self) -> bool:
        """Whether it has seeded plans or a backlog, for which it matters by which rules they are made."""
        return self.backlog is not None or any(isinstance(one, SeededPlan) for one in self.plans)

    @property
    def first_id(self) -> int:
        """The smallest id that a plan outside the backlog gets by itself."""
        return max(1000, len(self.backlog_ids)) + 1

    def numbered(self) -> Iterator[tuple[SimulatedPlan | SeededPlan | CapturedPlan, range]]:
        """Each group of plans with its ids: those it asks for, or the next ones after all before it."""
        free = self.first_id
        for group in self.plans:
            first = free if group.wanted_id is None else group.wanted_id
            ids = range(first, first + group.count)
            free = max(free, ids.stop)
            yield group, ids
