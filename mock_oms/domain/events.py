"""Everything that can happen to a world: the words of timelines, of the control API, of logs and of snapshots."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Final, Literal

from mock_oms.dataclass import dataclass

HIGHEST_ID = 2**31 - 1

#: Whole numbers with the range they may have.
Id = Annotated[int, (1, HIGHEST_ID)]
Units = Annotated[int, (1, 1_000_000)]
Quota = Annotated[int, (0, 1_000_000)]


class Unsaid(Enum):
    """A key that was left out, where null says something of its own."""

    UNSAID = "unsaid"


UNSAID: Final = Unsaid.UNSAID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restock(Event):
    """`count` units (1 or more) of a SKU arrive at a location."""

    sku: str
    location: str
    count: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Sell(Event):
    """`count` units (1 or more) of a SKU are sold elsewhere; no more than the location's free quantity."""

    sku: str
    location: str
    count: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Event):
    """A location is switched off: no rule considers it and no context shows it."""

    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Event):
    """A blocked location is switched on again."""

    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuota(Event):
    """A location's quota is set: the packages it has taken, how many it takes at most (null: no limit), or both.

    What is left out stays as it was. It may have taken more than it takes at most, as when the limit was lowered.
    """

    location: str
    quota: Quota | Unsaid = UNSAID
    max_quota: Quota | Unsaid | None = UNSAID


@dataclass(frozen=True, slots=True, kw_only=True)
class StockService(Event):
    """The outside service that tells the stock goes down (attempts see nothing) or comes up."""

    state: Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Event):
    """A new order with one unit for each SKU named; its plan gets `id`, or the next free one.

    `created` is counted from the start of the world and is for a scenario's plans only; `hold` keeps the plan in
    `start` until `confirm`, as a marketplace or a payment does. Without `payment_type` it is paid by `credit_card`, and
    in the channel `marketplace` by `marketplace`.
    """

    items: tuple[str, ...]
    id: Id | None = None
    city: str | None = None
    channel: str = "web"
    payment_type: str | None = None
    delivery_type: str = "standard"
    hold: bool = False
    created: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Event):
    """A held plan is let go: the planner may try it now."""

    plan: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommand(Event):
    """A command is run on a plan, by slug or transition id."""

    plan: Id
    run: str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelItem(Event):
    """One unit of a SKU is cancelled out of a plan (an unplaced one before a placed one)."""

    plan: Id
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Event):
    """An operator gives one waiting unit of a SKU to a location by hand, past all rules but not past its stock."""

    plan: Id
    sku: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Event):
    """A location refuses its package of a plan (a)."""

    plan: Id
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNotFound(Event):
    """A location cannot find a unit that it was to pack (a): its count was wrong by one."""

    plan: Id
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOccasion:
    """When and why an event happens; `since` is when plans with private stock begin to see it."""

    at: datetime
    since: datetime
    cause: str


#: The word for each event, the same wherever events are written down.
WORDS: dict[str, type[Event]] = {
    "restock": Restock,
    "sell": Sell,
    "block": Block,
    "open": Open,
    "quota": SetQuota,
    "stock_service": StockService,
    "order": PlaceOrder,
    "confirm": Confirm,
    "command": RunCommand,
    "cancel_item": CancelItem,
    "assign": Assign,
    "refuse": Refuse,
    "not_found": ReportNotFound,
}


def word_of(event: Event) -> str:
    """The word for an event."""
    return next(word for word, kind in WORDS.items() if kind is type(event))
