"""The context of a plan: what each attempt at fulfilment saw at each stock location (layout: domain.md §5, c, ours)."""

from collections.abc import Iterable

from mock_oms.domain.plan import Attempt, Seen
from mock_oms.wire.encoding import JsonObject, Stamp

#: Figures by location code and order item id.
Located = dict[str, dict[str, dict[str, str]]]


def context(attempts: Iterable[Attempt], stamp: Stamp) -> JsonObject:
    """Entries by attempt number as text; `{}` before the first attempt.

    A plan that waits for stock makes 48 attempts a day and most of them share one tuple of figures: each distinct tuple
    is laid out once.
    """
    laid_out: dict[int, Located] = {}
    entries: JsonObject = {}
    for attempt in attempts:
        key = id(attempt.seen)
        if key not in laid_out:
            laid_out[key] = _locations(attempt.seen)
        entries[str(attempt.number)] = {"date": stamp(attempt.at), "stock_locations": laid_out[key]}
    return entries


def _locations(seen: tuple[Seen, ...]) -> Located:
    locations: Located = {}
    for one in seen:
        locations.setdefault(one.location, {})[str(one.order_item)] = _figures(one)
    return locations


def _figures(seen: Seen) -> dict[str, str]:
    """Decimals as text, as the sister route `order-stock-info` writes them (a)."""
    return {
        "sku": seen.sku,
        "quantity": f"{seen.figures.quantity}.00",
        "unit_type": "quantity",
        "stock_count": f"{seen.figures.count}.00",
        "reservation_count": f"{seen.figures.reserved}.00",
    }
