"""State objects: the form that the vendor's other objects give their states, with what a state is read off from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ItemState, Order
from mock_oms.rendering.encoding import JsonObject, Stamp

#: State objects are part of an installation, older than any order in it; they never change (c).
_INSTALLED = datetime(2018, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The states of one kind of object; ids are `first_id` plus the place in `names`: value, English, Turkish."""

    enum_class: str
    content_type: int
    first_id: int
    names: tuple[tuple[str, str, str], ...]

    def objects(self, stamp: Stamp) -> dict[str, JsonObject]:
        """The state objects by `enum_value`, which is text (a)."""
        date = stamp(_INSTALLED)
        return {
            value: {
                "id": self.first_id + place,
                "name": english,
                "config": {},
                "enum_class": self.enum_class,
                "enum_value": value,
                "content_type": self.content_type,
                "created_date": date,
                "modified_date": date,
                "translations": {"en-us": {"name": english}, "tr-tr": {"name": turkish}},
            }
            for place, (value, english, turkish) in enumerate(self.names)
        }


#: The order states (a) that an order can be in while it is planned.
_ORDER_NAMES = (
    ("100", "Canceled", "İptal edildi"),
    ("200", "Waiting", "Bekliyor"),
    ("350", "Confirmation waiting", "Onay bekliyor"),
    ("400", "Approved", "Onaylandı"),
    ("450", "Preparing", "Hazırlanıyor"),
)

_PLAN_NAMES = (
    (State.START, "Start", "Başlangıç"),
    (State.PENDING, "Pending", "Beklemede"),
    (State.CANCELLED, "Cancelled", "İptal edildi"),
    (State.COMPLETED, "Completed", "Tamamlandı"),
)

#: The vendor's (a) are the class of orders and the content types of orders and their items; the rest is ours (c).
ORDER = Family(enum_class="OrderStatus", content_type=2, first_id=1, names=_ORDER_NAMES)
ORDER_ITEM = Family(enum_class="OrderItemStatus", content_type=3, first_id=21, names=_ORDER_NAMES)
PLAN = Family(enum_class="OrderExecutionPlanState", content_type=40, first_id=41, names=_PLAN_NAMES)

#: What an order item's state looks like from outside (c): whatever was given back is approved and waits again.
ITEM_VALUES = {
    ItemState.WAITING: "200",
    ItemState.OUT_OF_STOCK: "400",
    ItemState.PLANNED: "450",
    ItemState.CANCELLED: "100",
    ItemState.REFUSED: "400",
    ItemState.NOT_FOUND: "400",
}


def order_value(order: Order) -> str:
    """The `enum_value` of an order's state: the first row of the table that holds (c, ours)."""
    return next(value for value, holds in _ORDER_TABLE if holds(order))


def _states(order: Order) -> frozenset[ItemState]:
    return frozenset(item.state for item in order.items)


def _only(*states: ItemState) -> Callable[[Order], bool]:
    """Whether an order's items are all in these states, and at least one of them in the first."""
    return lambda order: states[0] in _states(order) <= frozenset(states)


#: An order without items is waiting: nothing can ever happen to it.
_ORDER_TABLE: tuple[tuple[str, Callable[[Order], bool]], ...] = (
    ("100", _only(ItemState.CANCELLED)),
    ("350", lambda order: order.held),
    ("200", lambda order: not _states(order)),
    ("200", _only(ItemState.WAITING, ItemState.CANCELLED)),
    ("450", _only(ItemState.PLANNED, ItemState.CANCELLED)),
    ("400", lambda order: True),  # noqa: ARG005
)
