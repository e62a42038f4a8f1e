"""Fake data for orders, made from (seed, order id): people, addresses, products, prices and numbers."""

import importlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from threading import Lock

from mock_oms.domain.order import Address, Customer, LocationCard, OrderLine, Particulars, Product
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import draw, pick, pick_weighted
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.geography import Region
from mock_oms.rendering.fake_data.locales import LETTER_SIZES, Locale, ProductKind, locale_named

#: Reserved by RFC 2606: mail to these is never delivered.
MAIL_DOMAINS = ("example.com", "example.org", "example.net")

#: The Turkish dotless i is a letter of its own, so that no decomposition turns it into the other one.
_DOTLESS = str.maketrans("ı", "i")


class Names:
    """First and last names by Faker, one pair for each seed."""

    def __init__(self, locale: str) -> None:
        # Importing Faker costs 80 ms, and its usual factory loads every provider: a bare generator with the names alone
        # is enough. Here, not above, because a command line that only prints its help needs none of it.
        person = importlib.import_module(f"faker.providers.person.{locale}")
        self._faker = importlib.import_module("faker.generator").Generator()
        self._faker.add_provider(person.Provider)
        self._lock = Lock()

    def pair(self, seed: int) -> tuple[str, str]:
        """First and last name. Faker keeps its seed between two draws, so that one thread at a time may come here."""
        with self._lock:
            self._faker.seed_instance(seed)
            return self._faker.first_name(), self._faker.last_name()


def customer_of(locale: Locale, names: Names, *, seed: int, order: int, area: str) -> Customer:
    """The customer of an order, who lives in this telephone area; every order has a customer of its own."""
    first, last = names.pair(draw(seed, "name", order, below=2**32))
    return Customer(
        id=order,
        first_name=first,
        last_name=last,
        email=f"{fold(first)}.{fold(last)}{order}@{pick(seed, 'mail', order, among=MAIL_DOMAINS)}",
        phone_number=telephone(locale, area, draw(seed, "telephone", order, below=locale.telephone_numbers)),
    )


def telephone(locale: Locale, area: str, number: int) -> str:
    """A number in international form that cannot be dialled."""
    return locale.telephone.format(area=area, number=number % locale.telephone_numbers)


def fold(text: str) -> str:
    """The letters and digits of a text, in lower case without accents: `Ayşe Işıl` is `ayseisil`."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_DOTLESS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain)


#: Who has an address; its id is `owner id * 3 + place in this table`, so that no two addresses share one.
OWNERS = ("shipping", "billing", "location")

#: An address lies up to 0.02 degrees (about 2 km) from the centre of its city; this is in millionths of a degree.
_SPREAD = 20_000


def address_of(locale: Locale, *, seed: int, owner: str, number: int, city: str, title: str | None = None) -> Address:
    """The address of `owner` (one of `OWNERS`) `number` in this city; the title is made up unless given.

    One in four customers' addresses has no coordinates (c); a location has them wherever the city is known.
    """
    region = locale.atlas.find(city)
    key = (owner, number)
    quarter = pick(seed, "quarter", *key, among=region.quarters)
    district = pick(seed, "district", *key, among=quarter.districts)
    latitude, longitude = _coordinates(region, seed, key)
    return Address(
        id=number * len(OWNERS) + OWNERS.index(owner),
        title=title or pick(seed, "title", *key, among=locale.titles),
        line=_line(locale, district, seed, key),
        postcode=quarter.postcode,
        township=quarter.township,
        district=district,
        latitude=latitude,
        longitude=longitude,
    )


def _line(locale: Locale, district: str, seed: int, key: tuple[str, int]) -> str:
    return locale.line.format(
        district=district,
        street=pick(seed, "street", *key, among=locale.streets),
        house=1 + draw(seed, "house", *key, below=180),
        door=1 + draw(seed, "door", *key, below=24),
    )


def _coordinates(region: Region, seed: int, key: tuple[str, int]) -> tuple[str | None, str | None]:
    unknown = key[0] != "location" and draw(seed, "coordinates", *key, below=4) == 0
    if region.centre is None or unknown:
        return None, None
    latitude, longitude = region.centre
    return (
        str(latitude + Decimal(draw(seed, "north", *key, below=2 * _SPREAD) - _SPREAD).scaleb(-6)),
        str(longitude + Decimal(draw(seed, "east", *key, below=2 * _SPREAD) - _SPREAD).scaleb(-6)),
    )


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


#: Products that a generator remembers, and no more, so that a backlog of a million SKUs does not fill the memory.
REMEMBERED_PRODUCTS = 1024

#: Locations were opened in the weeks after this instant, before any likely start of a world's clock.
_OPENED = datetime(2018, 6, 1, 6, tzinfo=UTC)

_DELIVERY_RANGES = ("09:00-12:00", "12:00-18:00", "18:00-21:00")


class Generator:
    """Makes up what a scenario does not say; the same (seed, locale, id) gives the same values in any process.

    Threads may share it. The first one of a process takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: str) -> None:
        self._seed = seed
        self._locale = locale_named(locale)
        self._names = Names(locale)
        self._products = lru_cache(REMEMBERED_PRODUCTS)(partial(product_of, self._locale, seed))

    def product(self, sku: str) -> Product:
        """What this SKU is: one product with one price, whichever order, plan or location asks."""
        return self._products(sku)

    def particulars(self, order: Order) -> Particulars:
        """Customer, addresses, lines and amounts of an order; large orders ship free, as the locale says."""
        seed, locale, number = self._seed, self._locale, order.id
        lines = tuple(line_of(seed, item.id, self.product(item.sku)) for item in order.items)
        amount = total(line.net_amount for line in lines)
        shipping, billing = self._addresses(order)
        gift = draw(seed, "gift", number, below=8) == 0
        return Particulars(
            number=order_number(seed, number),
            omnitron_id=omnitron_id(number),
            date_placed=order.created - timedelta(microseconds=draw(seed, "placed", number, below=600_000_000)),
            channel_id=1 + draw(0, "channel", order.channel, below=1_000_000),
            customer=customer_of(locale, self._names, seed=seed, order=number, area=locale.atlas.find(order.city).area),
            shipping_address=shipping,
            billing_address=billing,
            currency=locale.currency,
            amount=amount,
            shipping_amount=locale.shipping_amount * (amount < locale.free_shipping_from),
            discount_amount=total(line.discount_amount for line in lines),
            cargo_company=pick(seed, "cargo", number, among=locale.cargo_companies),
            delivery_range=self._sometimes("range", number, _DELIVERY_RANGES, one_in=12),
            shipping_option_slug=f"{order.delivery_type}-shipping",
            notes=self._sometimes("notes", number, locale.notes, one_in=6),
            has_gift_box=gift,
            gift_box_note=self._sometimes("gift note", number, locale.gift_notes, one_in=2) if gift else None,
            language_code=locale.language_code,
            lines=lines,
        )

    def location_card(self, location: Location) -> LocationCard:
        """Name (unless the location has one), address and contact of a stock location."""
        seed, locale = self._seed, self._locale
        area = locale.atlas.find(location.city).area
        place = address_of(
            locale, seed=seed, owner="location", number=location.id, city=location.city, title=location.code
        )
        invented = locale.location_names[location.type].format(city=location.city, township=place.township.name)
        opened = _OPENED + timedelta(minutes=draw(seed, "opened", location.id, below=50_000))
        return LocationCard(
            omnitron_id=omnitron_id(location.id),
            name=location.name or invented,
            address=place,
            email=f"{fold(location.code) or location.id}@{MAIL_DOMAINS[0]}",
            daytime_phone=telephone(locale, area, draw(seed, "switchboard", location.id, below=2**32)),
            created=opened,
            modified=opened + timedelta(minutes=draw(seed, "refitted", location.id, below=50_000)),
        )

    def _addresses(self, order: Order) -> tuple[Address, Address]:
        """Shipping and billing address: two in three orders are billed to where they are shipped."""
        seed, locale = self._seed, self._locale
        shipping = address_of(locale, seed=seed, owner="shipping", number=order.id, city=order.city)
        if draw(seed, "billed", order.id, below=3):
            return shipping, shipping
        city = pick(seed, "billing city", order.id, among=tuple(locale.atlas.regions))
        return shipping, address_of(locale, seed=seed, owner="billing", number=order.id, city=city)

    def _sometimes(self, what: str, number: int, among: tuple[str, ...], *, one_in: int) -> str | None:
        chosen = draw(self._seed, what, number, below=one_in * len(among))
        return among[chosen] if chosen < len(among) else None
