"""Money: two decimals, rounded half up; taxes are included in prices."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from mock_oms.domain.chance import draw, pick_weighted
from mock_oms.domain.order import OrderLine, Product
from mock_oms.generate.numbers import omnitron_id

_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")

#: How many percent a line's own discount takes, with weights.
_DISCOUNTS = {0: 7, 5: 1, 10: 1, 25: 1}


def rounded(amount: Decimal) -> Decimal:
    """An amount with two decimals, half a cent rounded up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """A sum with two decimals, also of nothing."""
    return sum(amounts, _NOTHING)


def included_tax(net: Decimal, rate: Decimal) -> Decimal:
    """The tax inside an amount at a rate in percent: `net * rate / (100 + rate)`."""
    return rounded(net * rate / (100 + rate))


def line_of(seed: int, item: int, product: Product) -> OrderLine:
    """The amounts of order item `item`; one in ten has no `tax_amount`, as seen at the vendor (a)."""
    percent = pick_weighted(seed, "discount", item, weights=_DISCOUNTS)
    discount = rounded(product.price * percent / 100)
    net = product.price - discount
    untaxed = draw(seed, "untaxed", item, below=10) == 0
    return OrderLine(
        omnitron_id=omnitron_id(item),
        product=product,
        discount_amount=discount,
        net_amount=net,
        tax_amount=None if untaxed else included_tax(net, product.tax_rate),
    )
