"""When an order is shipped and delivered, once all that it holds has a place: made up from (seed, order id)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from mock_oms.dataclass import dataclass
from mock_oms.domain.clock import INSTANT
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import draw
from mock_oms.rendering.fake_data.deliveries import is_collected
from mock_oms.rendering.orders import PREPARING, order_value

#: The order states (a, 550 b) that follow when every live item has a place; when they come is ours (c).
SHIPPED, INFORMED, READY, ATTEMPTED, DELIVERED = "500", "510", "520", "540", "550"

#: How far local time is ahead of UTC, by locale: parcels move from 9 to 18 o'clock, but not on Sundays.
_ZONES: Mapping[str, timedelta] = {"tr_TR": timedelta(hours=3), "en_US": timedelta(hours=-6)}
_DAY, _OPENS, _SUNDAY = timedelta(days=1), timedelta(hours=9), 6
#: One in so many parcels is delivered at the second attempt.
_MISSED = 12


@dataclass(frozen=True, slots=True)
class OrderStep:
    """An order comes into the state with this `enum_value`."""

    value: str
    at: datetime


def delivery_steps(seed: int, locale: str, order: Order) -> tuple[OrderStep, ...]:
    """What becomes of an order if nothing happens to it any more, oldest first; empty while some item has no place.

    It begins when the last item got its place. Whatever happens to the order later, as when a store gives an item back,
    ends it: the order is as far as its items say, and is shipped when all of them have a place again.
    """
    return tuple(_steps(seed, _ZONES[locale], order)) if order_value(order) == PREPARING else ()


def _steps(seed: int, zone: timedelta, order: Order) -> Iterator[OrderStep]:
    def later(since: datetime, what: str, low: int, high: int) -> datetime:
        """So many hours later, but not on a Sunday."""
        span = timedelta(hours=high - low) // INSTANT
        at = since + timedelta(hours=low) + draw(seed, "delivery", what, order.id, below=span) * INSTANT
        return at + _DAY if (at + zone).weekday() == _SUNDAY else at

    def open_at(at: datetime) -> datetime:
        """The same day between 9 and 18 o'clock, in the same order: what was 8 hours ahead is 2 hours ahead at least."""
        local = at + zone
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return day + _OPENS + (local - day) * 3 // 8 - zone

    packed = later(order.modified, "packed", 8, 32)
    arrived = later(packed, "arrived", 24, 96)
    if is_collected(order.delivery_type):
        yield OrderStep(READY, open_at(packed))
    else:
        shipped = open_at(packed)
        yield OrderStep(SHIPPED, shipped)
        minute = timedelta(minutes=1) // INSTANT
        yield OrderStep(
            INFORMED, shipped + draw(seed, "delivery", "told", order.id, below=15 * minute) * INSTANT + INSTANT
        )
        if draw(seed, "delivery", "missed", order.id, below=_MISSED) == 0:
            yield OrderStep(ATTEMPTED, open_at(arrived))
            arrived = later(arrived, "again", 24, 48)
    yield OrderStep(DELIVERED, open_at(arrived))
