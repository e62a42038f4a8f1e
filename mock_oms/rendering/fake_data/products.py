"""Fake goods, made from (seed, SKU) and the start of the world, and the amounts of the order lines that sell them."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from mock_oms.domain.order import OrderLine, Product
from mock_oms.domain.setup import draw, pick, pick_weighted
from mock_oms.rendering.fake_data.ids import omnitron_id
from mock_oms.rendering.fake_data.locales import Locale, Season

#: Products that a catalogue remembers, and no more, so that a backlog of a million SKUs does not fill the memory.
REMEMBERED_PRODUCTS = 1024

#: Tax in percent by country and tax class: since when orders are placed at these rates, the newest first.
#: Türkiye's VAT is law (a): textiles (clothes, shoes, home textiles) and the general rate, which Presidential Decree 7346
#: (Official Gazette 32241 of 7 July 2023) raised from 10 July 2023 on; the day begins at 21:00 UTC. The one rate of the
#: USA is assumed (c): there, each state has its own, and adds it to a price.
TAX_RATES: Mapping[str, Sequence[tuple[datetime, Mapping[str, int]]]] = {
    "tr": (
        (datetime(2023, 7, 9, 21, tzinfo=UTC), {"textiles": 10, "general": 20}),
        (datetime.min.replace(tzinfo=UTC), {"textiles": 8, "general": 18}),
    ),
    "us": ((datetime.min.replace(tzinfo=UTC), {"textiles": 8, "general": 8}),),
}

#: A SKU of a collection begins with `24Y` (yaz), `24S`, `24SS` or `SS24` for summer 2024, with `24K` (kış), `24W`, `24FW`,
#: `FW24`, `24AW` or `AW24` for a winter that begins in 2024, or ends in it: shops write either.
_COLLECTION = re.compile(r"([0-9]{2})(Y|K|S|W|SS|FW|AW)(?![A-Z])|(SS|FW|AW)([0-9]{2})(?![0-9])", re.IGNORECASE)
_SUMMER = {"Y", "S", "SS"}

#: The month in which a collection comes into the shops (c).
_FIRST_MONTH: Mapping[Season, int] = {"summer": 3, "winter": 9}

#: Days from the making of a product to its season, or to the start of the world where it has none: a backlog's orders,
#: which go back a year, are younger.
_DAYS_BEFORE_SEASON, _DAYS_BEFORE_START = (15, 150), (400, 760)

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)

#: How many percent a line's own discount takes, and a product sells at least below its list price, with weights.
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


def tax_rate(country: str, tax_class: str, placed: datetime) -> Decimal:
    """The tax in percent inside the price of goods of this class, in an order that was placed then."""
    return Decimal(next(rates[tax_class] for since, rates in TAX_RATES[country] if placed >= since))


def collection(sku: str, start: datetime) -> tuple[Season, datetime] | None:
    """The season of the collection that a SKU names, and its first day; None where it names none.

    Of the centuries, the year is meant that is nearest to the start of the world; of the two winters of a year, the later
    one if it has begun by then.
    """
    if not (found := _COLLECTION.match(sku)):
        return None
    season: Season = "summer" if (found[2] or found[3]).upper() in _SUMMER else "winter"
    earliest = start.year - 50
    year = earliest + (int(found[1] or found[4]) - earliest) % 100
    begins = datetime(year, _FIRST_MONTH[season], 1, tzinfo=UTC)
    return season, begins if season == "summer" or begins <= start else begins.replace(year=year - 1)


class Catalogue:
    """The goods of one world: the same (seed, locale, start, SKU) gives the same product in any process.

    Threads may share it. No product depends on which others there are.
    """

    def __init__(self, seed: int, locale: Locale, start: datetime) -> None:
        self._seed, self._locale, self._start = seed, locale, start
        self.product = lru_cache(REMEMBERED_PRODUCTS)(self._product)

    def line(self, item: int, sku: str, placed: datetime) -> OrderLine:
        """The amounts of order item `item`, one unit of this SKU, in an order that was placed then.

        One line in ten has no `tax_amount`, as seen at the vendor (a).
        """
        product = self.product(sku)
        percent = pick_weighted(self._seed, "discount", item, weights=_DISCOUNTS)
        discount = _rounded(product.price * percent / 100)
        net = product.price - discount
        rate = tax_rate(self._locale.country, product.tax_class, placed)
        untaxed = draw(self._seed, "untaxed", item, below=10) == 0
        return OrderLine(
            omnitron_id=omnitron_id(item),
            product=product,
            discount_amount=discount,
            net_amount=net,
            tax_rate=rate,
            tax_amount=None if untaxed else included_tax(net, rate),
        )

    def _product(self, sku: str) -> Product:
        """What this SKU is: one product with one price, whichever order, plan or location needs it.

        The last part of a SKU is its size where it is a known one: the SKUs before it are one style, with one name and
        price. Any other SKU is a style of its own, in one size. List price >= price. One in eight products has no barcode
        (c). Ids are drawn from 2**31: two of n SKUs share one with a chance of about n**2 / 2**32, which is 0.02 % for a
        thousand, and 2 % for ten thousand.
        """
        seed, locale = self._seed, self._locale
        base, size = self._parts(sku)
        season, since = collection(base, self._start) or (None, self._start)
        kinds = [one for one in locale.kinds if size in one.sizes and one.materials_in(season)]
        kind = pick(seed, "kind", base, among=kinds)
        material = pick(seed, "material", base, among=kind.materials_in(season))
        color = pick(seed, "color", base, among=locale.colors.get(material, locale.colors["any"]))
        number = 1 + draw(seed, "product", sku, below=2**31 - 2)
        retail = self._usual_price(Decimal(kind.low + draw(seed, "retail", base, below=kind.high - kind.low + 1)))
        markdown = pick_weighted(seed, "markdown", base, weights=_MARKDOWNS)
        fewest, most = _DAYS_BEFORE_SEASON if season else _DAYS_BEFORE_START
        created = min(since, self._start) - fewest * _DAY
        created -= timedelta(seconds=draw(seed, "created", base, below=(most - fewest) * _DAY // _SECOND))
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
            price=self._usual_price(retail * (100 - markdown) / 100),
            tax_class=kind.tax_class,
            created=created,
            modified=created + timedelta(seconds=draw(seed, "modified", sku, below=(self._start - created) // _SECOND)),
        )

    def _parts(self, sku: str) -> tuple[str, str]:
        """The base code of a SKU and its size: `TST-001` and `M` for `TST-001-M`; without a known size, the only size."""
        base, _, end = sku.rpartition("-")
        if base and any(end.upper() in kind.sizes for kind in self._locale.kinds):
            return base, end.upper()
        return sku, self._locale.only_size

    def _usual_price(self, amount: Decimal) -> Decimal:
        """The highest price up to this amount that a shop writes: 1349.90 and 89.90 lira, 49.99 and 13.99 dollars."""
        step, end = self._locale.price_step, self._locale.price_end
        if amount < 10 * step:
            step /= 5
        return (amount + end) // step * step - end
