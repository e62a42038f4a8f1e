"""Fake data for orders, made from (seed, order id): people, addresses, products, prices and numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mock_oms.domain.order import LocationCard, Particulars
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import draw, pick
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.addresses import Addresses
from mock_oms.rendering.fake_data.geography import regions
from mock_oms.rendering.fake_data.locales import locale_named
from mock_oms.rendering.fake_data.people import MAIL_DOMAINS, People, fold
from mock_oms.rendering.fake_data.products import Catalogue, omnitron_id

#: Locations were made in the months after this instant, before any likely start of a world's clock.
_FIRST_LOCATION = datetime(2018, 6, 1, 6, tzinfo=UTC)


class Generator:
    """Makes up what a scenario does not say; the same (seed, locale, id) gives the same values in any process.

    Threads may share it. The first one of a process takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: str) -> None:
        self._seed = seed
        self._locale = locale_named(locale)
        self._addresses = Addresses(seed, self._locale)
        self._people = People(seed, self._locale, locale)
        self.catalogue = Catalogue(seed, self._locale)

    def particulars(self, order: Order) -> Particulars:
        """Customer, addresses, lines and amounts of an order; large orders ship free, as the locale says."""
        seed, locale, number = self._seed, self._locale, order.id
        lines = tuple(self.catalogue.line(item.id, item.sku) for item in order.items)
        amount = sum((line.net_amount for line in lines), Decimal("0.00"))
        shipping = billing = self._addresses.address("shipping", number, order.city)
        if draw(seed, "billed", number, below=3) == 0:
            city = pick(seed, "billing city", number, among=tuple(regions(locale.country)))
            billing = self._addresses.address("billing", number, city)
        gift = draw(seed, "gift", number, below=8) == 0
        return Particulars(
            # The last twelve digits are a permutation of the ids below 10**12: the factor shares no divisor with it.
            number=f"1{(number * 370_248_451_907 + seed) % 10**12:012d}",
            omnitron_id=omnitron_id(number),
            date_placed=order.created - timedelta(microseconds=draw(seed, "placed", number, below=600_000_000)),
            channel_id=1 + draw(0, "channel", order.channel, below=1_000_000),
            customer=self._people.customer(number, order.city),
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
        address = self._addresses.address("location", number, city, title=location.code)
        names = self._locale.location_names
        opened = _FIRST_LOCATION + timedelta(minutes=draw(seed, "opened", number, below=50_000))
        return LocationCard(
            omnitron_id=omnitron_id(number),
            name=location.name or names[location.type].format(city=city, township=address.township.name),
            address=address,
            email=f"{fold(location.code) or number}@{MAIL_DOMAINS[0]}",
            daytime_phone=self._addresses.telephone(city, draw(seed, "switchboard", number, below=2**32)),
            created=opened,
            modified=opened + timedelta(minutes=draw(seed, "refitted", number, below=50_000)),
        )

    def _sometimes(self, what: str, number: int, among: Sequence[str], *, one_in: int) -> str | None:
        chosen = draw(self._seed, what, number, below=one_in * len(among))
        return among[chosen] if chosen < len(among) else None
