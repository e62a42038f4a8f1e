"""The unit of the amounts in a survey: a cent, or in a recording with scaled amounts what a cent became there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import gcd
from typing import Any

CENT = Decimal("0.01")
#: Cents: a recording's factor is below it. Amounts may be whole for other reasons, and are no coarser for that.
_GREATEST = 100
_AMOUNTS = ("amount", "shipping_amount", "discount_amount")
_ITEM_AMOUNTS = ("price", "net_amount", "retail_price", "tax_amount", "discount_amount")
_FORM = re.compile(r"-?(\d{1,40})\.(\d\d)", re.ASCII)


def unit_of(plans: Iterable[Mapping[str, Any]]) -> Decimal:
    """The greatest amount of which all amounts are multiples: from 0.01 to 1.00; amounts of another form are no matter.

    A recording multiplies amounts by a whole factor, and with them what rounding to the cent left over.
    """
    common = gcd(*(cents for plan in plans for cents in _cents(plan.get("order"))))
    return min(common or 1, _GREATEST) * CENT


def _cents(order: Any) -> Iterator[int]:
    if not isinstance(order, dict):
        return
    items = order.get("orderitem_set")
    rows = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    said = [order.get(name) for name in _AMOUNTS] + [row.get(name) for row in rows for name in _ITEM_AMOUNTS]
    for one in said:
        found = _FORM.fullmatch(one) if isinstance(one, str) else None
        if found:
            yield int(found[1] + found[2])
