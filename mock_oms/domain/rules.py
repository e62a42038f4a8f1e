"""Distribution rules: which locations the planner considers for an order, and which first (the vendor's words, a)."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from mock_oms.domain.plan import Order
from mock_oms.domain.stock import LocationType


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

    first: timedelta = timedelta(minutes=1)
    every: timedelta = timedelta(minutes=30)
    default_location: str
    rules: tuple[Rule, ...] = (Rule(),)
    not_found: NotFound = NotFound.ADVANCED
    replan: Replan = Replan.NEW
