"""Fake data for orders, made from (seed, order id): people, addresses, products, prices and numbers."""

import importlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from threading import Lock

from mock_oms.domain.order import Customer, LocationCard, OrderLine, Particulars, Product
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import draw, pick, pick_weighted
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.addresses import Addresses
from mock_oms.rendering.fake_data.geography import known_cities, words
from mock_oms.rendering.fake_data.locales import LETTER_SIZES, locale_named

#: Reserved by RFC 2606: mail to these is never delivered.
_MAIL_DOMAINS = ("example.com", "example.org", "example.net")

#: Products that a generator remembers, and no more, so that a backlog of a million SKUs does not fill the memory.
REMEMBERED_PRODUCTS = 1024

#: Product ids lie below this number squared: two of ten thousand SKUs share one in about 1 of 20 000 worlds.
_HALF_ID = 1_000_000

#: Products and locations were made in the years after these instants, before any likely start of a world's clock.
_FIRST_PRODUCT = datetime(2019, 1, 1, tzinfo=UTC)
_FIRST_LOCATION = datetime(2018, 6, 1, 6, tzinfo=UTC)
_DAY = 24 * 60 * 60

#: How many percent a line's own discount takes, and a product sells below its list price, with weights.
_DISCOUNTS = {0: 7, 5: 1, 10: 1, 25: 1}
_MARKDOWNS = {0: 6, 10: 2, 20: 1, 30: 1}


def fold(text: str) -> str:
    """The letters and digits of a text, in lower case without accents: `Ayşe Işıl` is `ayseisil`."""
    return "".join(words(text))


def included_tax(net: Decimal, rate: Decimal) -> Decimal:
    """The tax inside an amount at a rate in percent: `net * rate / (100 + rate)`."""
    return _rounded(net * rate / (100 + rate))


def _rounded(amount: Decimal) -> Decimal:
    """An amount with two decimals, half a cent rounded up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _omnitron_id(own: int) -> int:
    """The id that Omnitron, the vendor's catalogue, has for something: one to one, and different from its id here."""
    return 2 * own + 1


def _barcode(number: int) -> str:
    """An EAN-13 with a correct check digit, from the last ten digits of a number.

    GS1 leaves numbers that begin with 29 to shops for their own use: they are no company's.
    """
    digits = f"29{number % 10**10:010d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


class Generator:
    """Makes up what a scenario does not say; the same (seed, locale, id) gives the same values in any process.

    Threads may share it. The first one of a process takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: str) -> None:
        self._seed = seed
        self._locale = locale_named(locale)
        self._addresses = Addresses(seed, self._locale)
        # Importing Faker costs 80 ms, and its usual factory loads every provider: a bare generator with the names alone
        # is enough. Here, not above, because a command line that only prints its help needs none of it.
        self._names = importlib.import_module("faker.generator").Generator()
        self._names.add_provider(importlib.import_module(f"faker.providers.person.{locale}").Provider)
        self._lock = Lock()
        self.product = lru_cache(REMEMBERED_PRODUCTS)(self._product)

    def particulars(self, order: Order) -> Particulars:
        """Customer, addresses, lines and amounts of an order; large orders ship free, as the locale says."""
        seed, locale, number = self._seed, self._locale, order.id
        lines = tuple(self._line(item.id, self.product(item.sku)) for item in order.items)
        amount = sum((line.net_amount for line in lines), Decimal("0.00"))
        shipping = billing = self._addresses.address("shipping", number, order.city)
        if draw(seed, "billed", number, below=3) == 0:
            city = pick(seed, "billing city", number, among=tuple(known_cities(locale.country)))
            billing = self._addresses.address("billing", number, city)
        gift = draw(seed, "gift", number, below=8) == 0
        return Particulars(
            # The last twelve digits are a permutation of the ids below 10**12: the factor shares no divisor with it.
            number=f"1{(number * 370_248_451_907 + seed) % 10**12:012d}",
            omnitron_id=_omnitron_id(number),
            date_placed=order.created - timedelta(microseconds=draw(seed, "placed", number, below=600_000_000)),
            channel_id=1 + draw(0, "channel", order.channel, below=1_000_000),
            customer=self._customer(order),
            shipping_address=shipping,
            billing_address=billing,
            currency=locale.currency,
            amount=amount,
            shipping_amount=locale.shipping_amount * (amount < locale.free_shipping_from),
            discount_amount=sum((line.discount_amount for line in lines), Decimal("0.00")),
            cargo_company=pick(seed, "cargo", number, among=locale.cargo_companies),
            delivery_range=self._sometimes("range", number, ("09:00-12:00", "12:00-18:00", "18:00-21:00"), one_in=12),
            shipping_option_slug=f"{order.delivery_type}-shipping",
            notes=self._sometimes("notes", number, locale.notes, one_in=6),
            has_gift_box=gift,
            gift_box_note=self._sometimes("gift note", number, locale.gift_notes, one_in=2) if gift else None,
            language_code=locale.language_code,
            lines=lines,
        )

    def location_card(self, location: Location) -> LocationCard:
        """Name (unless the location has one), address and contact of a stock location."""
        seed, number, city = self._seed, location.id, location.city
        address = self._addresses.of_location(location)
        names = self._locale.location_names
        opened = _FIRST_LOCATION + timedelta(minutes=draw(seed, "opened", number, below=50_000))
        return LocationCard(
            omnitron_id=_omnitron_id(number),
            name=location.name or names[location.type].format(city=city, township=address.township.name),
            address=address,
            email=f"{fold(location.code) or number}@{_MAIL_DOMAINS[0]}",
            daytime_phone=self._addresses.telephone(city, draw(seed, "switchboard", number, below=2**32)),
            created=opened,
            modified=opened + timedelta(minutes=draw(seed, "refitted", number, below=50_000)),
        )

    def _customer(self, order: Order) -> Customer:
        """The customer of an order, who lives where it is shipped; every order has a customer of its own."""
        seed, number = self._seed, order.id
        telephone = draw(seed, "telephone", number, below=self._locale.telephone_numbers)
        with self._lock:
            # Faker keeps its seed between two draws.
            self._names.seed_instance(draw(seed, "name", number, below=2**32))
            first, last = self._names.first_name(), self._names.last_name()
        return Customer(
            id=number,
            first_name=first,
            last_name=last,
            email=f"{fold(first)}.{fold(last)}{number}@{pick(seed, 'mail', number, among=_MAIL_DOMAINS)}",
            phone_number=self._addresses.telephone(order.city, telephone),
        )

    def _line(self, item: int, product: Product) -> OrderLine:
        """The amounts of order item `item`; one in ten has no `tax_amount`, as seen at the vendor (a)."""
        percent = pick_weighted(self._seed, "discount", item, weights=_DISCOUNTS)
        discount = _rounded(product.price * percent / 100)
        net = product.price - discount
        untaxed = draw(self._seed, "untaxed", item, below=10) == 0
        return OrderLine(
            omnitron_id=_omnitron_id(item),
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
            omnitron_id=_omnitron_id(number),
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

    def _sometimes(self, what: str, number: int, among: Sequence[str], *, one_in: int) -> str | None:
        chosen = draw(self._seed, what, number, below=one_in * len(among))
        return among[chosen] if chosen < len(among) else None
