"""How an order reaches its customer, and what was said with it: made from (seed, order id) and the delivery type."""

from collections.abc import Sequence
from decimal import Decimal

from mock_oms.dataclass import dataclass
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import draw, pick
from mock_oms.rendering.fake_data.locales import Locale
from mock_oms.text import words

#: The hours that a customer may choose from, by the delivery types that let her choose (c).
_SLOTS = {
    "same_day": ("12:00-15:00", "15:00-18:00", "18:00-21:00"),
    "scheduled": ("09:00-12:00", "12:00-18:00", "18:00-21:00"),
}

#: The delivery types (c) of orders that a courier of the town brings, and of those that nobody carries anywhere.
_BY_COURIER = frozenset({"same_day", "scheduled", "courier"})
_COLLECTED = frozenset({
    "click_and_collect", "customer_pickup", "digital", "in_store", "pickup", "retail_store", "store", "store_pickup",
})  # fmt: skip
_COLLECTING = frozenset({"collect", "pickup"})


def is_collected(delivery_type: str) -> bool:
    """Whether the customer comes for an order of this delivery type, or nothing is sent."""
    said = words(delivery_type)
    return "_".join(said) in _COLLECTED or not _COLLECTING.isdisjoint(said) or said[:2] == ["pick", "up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What an order shows of its delivery; `company` is None where its customer comes for it."""

    company: str | None
    slot: str | None
    option: str
    amount: Decimal
    notes: str | None
    has_gift_box: bool
    gift_note: str | None


def delivery(seed: int, locale: Locale, order: Order, worth: Decimal) -> Delivery:
    """The delivery of an order whose items cost `worth`; large orders are sent free, as the locale says."""
    number, said = order.id, words(order.delivery_type)
    kind = "_".join(said)
    sent, slots = not is_collected(order.delivery_type), _SLOTS.get(kind)
    companies = locale.couriers if kind in _BY_COURIER else locale.cargo_companies
    gift = draw(seed, "gift", number, below=8) == 0
    return Delivery(
        company=pick(seed, "cargo", number, among=companies) if sent else None,
        slot=pick(seed, "slot", number, among=slots) if slots else None,
        option="-".join([*said, "shipping"] if sent else said),
        amount=locale.shipping_amount * (sent and worth < locale.free_shipping_from),
        # They are for whoever brings it.
        notes=_sometimes(seed, "notes", number, locale.notes, one_in=6) if sent else None,
        has_gift_box=gift,
        gift_note=_sometimes(seed, "gift note", number, locale.gift_notes, one_in=2) if gift else None,
    )


def _sometimes(seed: int, what: str, number: int, among: Sequence[str], *, one_in: int) -> str | None:
    chosen = draw(seed, what, number, below=one_in * len(among))
    return among[chosen] if chosen < len(among) else None
