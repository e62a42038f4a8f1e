"""What the JSON of a captured plan says of its order and its items, as far as it does; nobody knows its real form."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from mock_oms.contract.control_bodies import MANY, ItemFacts

Json = Mapping[str, Any]


def captured_items(raw: Json) -> tuple[ItemFacts, ...]:
    """The items; what the JSON does not say of one is None."""
    rows = raw.get("orderexecutionplanitem_set")
    return tuple(_item(row) for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()


def captured_order_number(raw: Json) -> str | None:
    """The number of the order, which its customer knows."""
    return _text(_inside(raw.get("order"), "number"))


def captured_order_id(raw: Json) -> int | None:
    """The id of the order, which may stand there alone or inside the order."""
    return _whole(_inside(raw.get("order"), "id"), raw.get("order"))


def _inside(value: object, *keys: str) -> Any:  # noqa: ANN401  whatever was captured
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(*values: object) -> int | None:
    """The first of these that is a whole number, and no larger than the control API writes them."""
    return next((one for one in values if type(one) is int and 0 <= one <= MANY), None)


def _item(row: Json) -> ItemFacts:
    item, location, state = row.get("order_item"), row.get("stock_location"), row.get("state")
    since = None
    with suppress(ValueError, OverflowError):  # of another form, or of no year that there is
        moment = datetime.fromisoformat(_text(row.get("modified_date")) or "")
        since = moment.astimezone(UTC) if moment.tzinfo else None
    return ItemFacts(
        order_item=_whole(_inside(item, "id"), item),
        sku=_text(_inside(item, "product", "sku")),
        state=_text(state) or _text(_inside(state, "enum_value")) or _text(_inside(state, "name")),
        location=_text(_inside(location, "erp_code") if isinstance(location, Mapping) else location),
        since=since,
        placed_at=None,
        places=(),
    )
