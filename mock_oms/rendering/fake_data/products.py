"""Fake goods, made from (seed, SKU), and the amounts of the order lines that sell them."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from mock_oms.domain.order import OrderLine, Product
from mock_oms.domain.setup import draw, pick, pick_weighted
from mock_oms.rendering.fake_data.ids import omnitron_id
from mock_oms.rendering.fake_data.locales import LETTER_SIZES, Locale

#: Products that a catalogue remembers, and no more, so that a backlog of a million SKUs does not fill the memory.
REMEMBERED_PRODUCTS = 1024

#: Product ids lie below this number squared: two of ten thousand SKUs share one in about 1 of 20 000 worlds.
_HALF_ID = 1_000_000

#: Products were made in the years after this instant, before any likely start of a world's clock.
_FIRST_PRODUCT = datetime(2019, 1, 1, tzinfo=UTC)
_DAY = 24 * 60 * 60

#: How many percent a line's own discount takes, and a product sells below its list price, with weights.
_DISCOUNTS = {0: 7, 5: 1, 10: 1, 25: 1}
_MARKDOWNS = {0: 6, 10: 2, 20: 1, 30: 1}


def included_tax(net: Decimal, rate: Decimal) -> Decimal:
    """The tax inside an amount at a rate in percent: `net * rate / (100 + rate)`."""
    return _rounded(net * rate / (100 + rate))


def _rounded(amount: Decimal) -> Decimal:
    """An amount with two decimals, half a cent rounded up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _barcode(number: int) -> str:
    """An EAN-13 with a correct check digit, from the last ten digits of a number.

    GS1 leaves numbers that begin with 29 to shops for their own use: they are no company's.
    """
    digits = f"29{number % 10**10:010d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


class Catalogue:
    """The goods of one world: the same (seed, locale, SKU) gives the same product in any process; threads may share it."""

    def __init__(self, seed: int, locale: Locale) -> None:
        self._seed, self._locale = seed, locale
        self.product = lru_cache(REMEMBERED_PRODUCTS)(self._product)

    def line(self, item: int, sku: str) -> OrderLine:
        """The amounts of order item `item`, one unit of this SKU; one in ten has no `tax_amount`, as seen at the vendor (a)."""
        product = self.product(sku)
        percent = pick_weighted(self._seed, "discount", item, weights=_DISCOUNTS)
        discount = _rounded(product.price * percent / 100)
        net = product.price - discount
        untaxed = draw(self._seed, "untaxed", item, below=10) == 0
        return OrderLine(
            omnitron_id=omnitron_id(item),
            product=product,
            discount_amount=discount,
            net_amount=net,
            tax_amount=None if untaxed else included_tax(net, product.tax_rate),
        )

    def _product(self, sku: str) -> Product:
        """What this SKU is: one product with one price, whichever order, plan or location needs it.

        List price >= price, both with two decimals. One in eight products has no barcode (c).
        """
        seed, locale = self._seed, self._locale
        # `TST-001-M` is `TST-001` in M; a SKU without such an end is its own base.
        base, size = sku, None
        if (parts := sku.rpartition("-"))[0] and parts[2] in LETTER_SIZES:
            base, size = parts[0], parts[2]
        kind = pick(seed, "kind", base, among=[one for one in locale.kinds if size is None or size in one.sizes])
        color = pick(seed, "color", base, among=locale.colors)
        material = pick(seed, "material", base, among=kind.materials)
        size = size or pick(seed, "size", sku, among=kind.sizes)
        number = draw(seed, "product", sku, below=_HALF_ID) * _HALF_ID + draw(seed, "variant", sku, below=_HALF_ID)
        retail = kind.low + draw(seed, "retail", base, below=kind.high - kind.low + 1) + Decimal("0.90")
        markdown = pick_weighted(seed, "markdown", base, weights=_MARKDOWNS)
        created = _FIRST_PRODUCT + timedelta(seconds=draw(seed, "created", base, below=700 * _DAY))
        words = locale.attributes
        return Product(
            id=number,
            omnitron_id=omnitron_id(number),
            sku=sku,
            base_code=base,
            name=f"{color} {material} {kind.noun}",
            barcode=None if draw(seed, "bare", sku, below=8) == 0 else _barcode(number),
            attributes=((words["color"], color), (words["size"], size), (words["material"], material)),
            retail_price=retail,
            price=_rounded(retail * (100 - markdown) / 100),
            tax_rate=Decimal(kind.tax_rate),
            created=created,
            modified=created + timedelta(seconds=draw(seed, "modified", sku, below=300 * _DAY)),
        )
