"""Products, their prices and taxes, and numbers that look like the vendor's."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mock_oms.domain.chance import draw, pick, pick_weighted
from mock_oms.domain.order import OrderLine, Product
from mock_oms.rendering.fake_data.locales import LETTER_SIZES, Locale, ProductKind

#: An order number ends in twelve digits, a permutation of the ids below 10**12: the factor shares no divisor with it.
_NUMBERS = 10**12
_FACTOR = 370_248_451_907

#: GS1 leaves numbers that begin with 29 to shops for their own use: they are no company's.
_BARCODE_PREFIX = "29"


def order_number(seed: int, order: int) -> str:
    """Thirteen digits; two orders of a world whose ids are below 10**12 never share one."""
    return f"1{(order * _FACTOR + seed) % _NUMBERS:012d}"


def omnitron_id(own: int) -> int:
    """The id that Omnitron, the vendor's catalogue, has for something: one to one, and different from its id here."""
    return 2 * own + 1


def barcode(number: int) -> str:
    """An EAN-13 with a correct check digit, from the last ten digits of a number."""
    digits = f"{_BARCODE_PREFIX}{number % 10**10:010d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


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


#: Product ids lie below this number squared: two of ten thousand SKUs share one in about 1 of 20 000 worlds.
_HALF_ID = 1_000_000

#: Products were made and changed in the years after this instant, before any likely start of a world's clock.
_BEGIN = datetime(2019, 1, 1, tzinfo=UTC)
_DAY = 24 * 60 * 60

#: How many percent below its list price a product sells, with weights.
_MARKDOWNS = {0: 6, 10: 2, 20: 1, 30: 1}


def product_of(locale: Locale, seed: int, sku: str) -> Product:
    """What this SKU is; list price >= price, both with two decimals. One in eight products has no barcode (c)."""
    base, size = split(sku)
    kind = pick(seed, "kind", base, among=locale.catalogue.kinds_with(size))
    color = pick(seed, "color", base, among=locale.catalogue.colors)
    material = pick(seed, "material", base, among=kind.materials)
    size = size or pick(seed, "size", sku, among=kind.sizes)
    number = draw(seed, "product", sku, below=_HALF_ID) * _HALF_ID + draw(seed, "variant", sku, below=_HALF_ID)
    retail, price = _prices(kind, seed, base)
    created = _BEGIN + timedelta(seconds=draw(seed, "created", base, below=700 * _DAY))
    words = locale.catalogue.words
    return Product(
        id=number,
        omnitron_id=omnitron_id(number),
        sku=sku,
        base_code=base,
        name=f"{color} {material} {kind.noun}",
        barcode=None if draw(seed, "bare", sku, below=8) == 0 else barcode(number),
        attributes=((words["color"], color), (words["size"], size), (words["material"], material)),
        retail_price=retail,
        price=price,
        tax_rate=Decimal(kind.tax_rate),
        created=created,
        modified=created + timedelta(seconds=draw(seed, "modified", sku, below=300 * _DAY)),
    )


def split(sku: str) -> tuple[str, str | None]:
    """Base code and size of a SKU: `TST-001-M` is `TST-001` in M; a SKU without such an end is its own base."""
    base, dash, end = sku.rpartition("-")
    return (base, end) if dash and base and end in LETTER_SIZES else (sku, None)


def _prices(kind: ProductKind, seed: int, base: str) -> tuple[Decimal, Decimal]:
    retail = kind.low + draw(seed, "retail", base, below=kind.high - kind.low + 1) + Decimal("0.90")
    markdown = pick_weighted(seed, "markdown", base, weights=_MARKDOWNS)
    return retail, rounded(retail * (100 - markdown) / 100)
