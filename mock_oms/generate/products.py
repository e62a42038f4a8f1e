"""Products: one SKU is one product with one price everywhere; SKUs that differ in their size are variants of one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mock_oms.domain.chance import draw, pick, pick_weighted
from mock_oms.domain.order import Product
from mock_oms.generate.amounts import rounded
from mock_oms.generate.catalogue import LETTER_SIZES, Kind
from mock_oms.generate.locales import Locale
from mock_oms.generate.numbers import barcode, omnitron_id

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


def _prices(kind: Kind, seed: int, base: str) -> tuple[Decimal, Decimal]:
    retail = kind.low + draw(seed, "retail", base, below=kind.high - kind.low + 1) + Decimal("0.90")
    markdown = pick_weighted(seed, "markdown", base, weights=_MARKDOWNS)
    return retail, rounded(retail * (100 - markdown) / 100)
