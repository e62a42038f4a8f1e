"""The generator of one world: (seed, locale) decides everything that it makes."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial

from mock_oms.domain.chance import draw, pick
from mock_oms.domain.order import Address, LocationCard, Particulars, Product
from mock_oms.domain.plan import Order
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.locales import locale_named
from mock_oms.rendering.fake_data.people import MAIL_DOMAINS, Names, address_of, customer_of, fold, telephone
from mock_oms.rendering.fake_data.products import line_of, omnitron_id, order_number, product_of, total

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
