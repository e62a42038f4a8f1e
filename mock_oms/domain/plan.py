"""Plans, their items, orders and attempts, as frozen values."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from rpds import List

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State
from mock_oms.domain.stock import Figures, Stock

#: A plan's items are numbered from 1; their ids are `owner id * ITEM_IDS + number`, so that no two ever meet.
ITEM_IDS = 1000

#: An order's id is the id of its first plan plus this, so that a client which mixes them up is found out.
ORDER_IDS = 500_000


class ItemState(StrEnum):
    """What became of one item (c, ours: the vendor names no item states)."""

    WAITING = "waiting"
    OUT_OF_STOCK = "out_of_stock"
    PLANNED = "planned"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


#: Items that still want a place, items that count at all, and items that have gone on to another plan.
UNPLACED = frozenset({ItemState.WAITING, ItemState.OUT_OF_STOCK})
LIVE = UNPLACED | {ItemState.PLANNED}
GIVEN_BACK = frozenset({ItemState.REFUSED, ItemState.NOT_FOUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One unit of one order item in a plan. `location` packs it; `source` holds its reservation (transfers differ).

    `placed_at` is when it got the place that it has, or had last.
    """

    id: int
    order_item: int
    sku: str
    state: ItemState = ItemState.WAITING
    location: str | None = None
    source: str | None = None
    placed_at: datetime | None = None
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFigures:
    """The figures of one order item's SKU at one location, as an attempt saw them before it reserved anything."""

    location: str
    order_item: int
    sku: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run of the planner over a plan: entry `number` (from 1) of its context."""

    number: int
    at: datetime
    seen: tuple[SeenFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transition a plan went through, and what caused it.

    `row` is its id in the lifecycle's table; None where the plan is new, or where it stays in its state by no row.
    """

    at: datetime
    source: State | None
    target: State
    cause: str
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem:
    """One row of an order: one unit of one SKU (b)."""

    id: int
    sku: str
    state: ItemState = ItemState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the simulation knows of an order; customer, addresses and amounts are made from (seed, order id).

    `own_stock` is the private stock of an order whose plan is seeded. It is the order's, so that a plan and
    the successors that take over its items reserve from one stock, and never the same unit. `given_back`: some location
    has given an item back.
    """

    id: int
    created: datetime
    modified: datetime
    city: str
    channel: str = "web"
    payment_type: str = "credit_card"
    delivery_type: str = "standard"
    held: bool = False
    given_back: bool = False
    items: tuple[OrderItem, ...]
    plans: tuple[int, ...]
    own_stock: Stock | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order execution plan.

    `avoid` names locations that gave an item back; `due` is the time of its first attempt (None: held until confirmed,
    or already attempted); `raw` is the captured JSON of a plan given in full, served untouched until a command moves
    it. Attempts and steps are persistent lists: a plan that is tried for years shares them with itself of before.
    """

    id: int
    order: int
    state: State
    created: datetime
    modified: datetime
    items: tuple[Item, ...]
    attempts_newest_first: "List[Attempt]" = List()  # rpds names no type parameters at run time
    history_newest_first: "List[Step]" = List()
    due: datetime | None = None
    avoid: frozenset[str] = frozenset()
    raw: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, oldest first; as long to make as there are attempts."""
        return tuple(self.attempts_newest_first)[::-1]

    @property
    def last_attempt(self) -> Attempt | None:
        """The latest attempt, if there was one."""
        return next(iter(self.attempts_newest_first), None)

    @property
    def history(self) -> tuple[Step, ...]:
        """Every step, oldest first; as long to make as there are steps."""
        return tuple(self.history_newest_first)[::-1]

    @property
    def is_retried(self) -> bool:
        """Whether every retry tries it again."""
        return self.state is State.PENDING and self.raw is None

    @property
    def unplaced(self) -> tuple[Item, ...]:
        """The live items that have no location yet."""
        return tuple(item for item in self.items if item.state in UNPLACED)

    @property
    def live(self) -> tuple[Item, ...]:
        """The items that were neither cancelled nor given back."""
        return tuple(item for item in self.items if item.state in LIVE)
