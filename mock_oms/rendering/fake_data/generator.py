"""Fake data for orders, made from (seed, order id): people, addresses, products, prices and numbers."""

from datetime import datetime, timedelta
from decimal import Decimal

from mock_oms.domain.order import LocationCard, Particulars
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import START, customer_of, draw
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.addresses import Addresses
from mock_oms.rendering.fake_data.deliveries import delivery
from mock_oms.rendering.fake_data.ids import omnitron_id, order_number
from mock_oms.rendering.fake_data.locales import locale_named
from mock_oms.rendering.fake_data.people import MAIL_DOMAINS, People, fold
from mock_oms.rendering.fake_data.products import Catalogue

#: Locations were made at least so long before the world begins: a backlog's orders go back a year.
_LOCATIONS_BEFORE = timedelta(days=500)


class Generator:
    """Makes up what a scenario does not say; the same (seed, locale, id) gives the same values in any process.

    `start` is the world's: it sells goods that were made before. Threads may share a generator. The first one of a process
    takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: str, start: datetime = START) -> None:
        self._seed, self._start = seed, start
        self._locale = locale_named(locale)
        self._addresses = Addresses(seed, self._locale)
        self._people = People(seed, self._locale, locale)
        self.catalogue = Catalogue(seed, self._locale, start)

    def particulars(self, order: Order) -> Particulars:
        """Customer, addresses, lines and amounts of an order."""
        seed, locale, number = self._seed, self._locale, order.id
        placed = order.created - timedelta(microseconds=draw(seed, "placed", number, below=600_000_000))
        lines = tuple(self.catalogue.line(item.id, item.sku, placed) for item in order.items)
        amount = sum((line.net_amount for line in lines), Decimal("0.00"))
        customer = customer_of(seed, number)
        shipping, billing = self._people.addresses(customer, order)
        sent = delivery(seed, locale, order, amount)
        return Particulars(
            number=order_number(number, seed),
            omnitron_id=omnitron_id(number),
            date_placed=placed,
            channel_id=1 + draw(0, "channel", order.channel, below=1_000_000),
            customer=self._people.customer(customer),
            shipping_address=shipping,
            billing_address=billing,
            currency=locale.currency,
            amount=amount,
            shipping_amount=sent.amount,
            discount_amount=sum((line.discount_amount for line in lines), Decimal("0.00")),
            cargo_company=sent.company,
            delivery_range=sent.slot,
            shipping_option_slug=sent.option,
            notes=sent.notes,
            has_gift_box=sent.has_gift_box,
            gift_box_note=sent.gift_note,
            language_code=locale.language_code,
            lines=lines,
        )

    def location_card(self, location: Location) -> LocationCard:
        """Name (unless the location has one), address and contact of a stock location."""
        seed, number, city = self._seed, location.id, location.city
        address = self._addresses.of_location(location)
        names = self._locale.location_names
        opened = self._start - _LOCATIONS_BEFORE - timedelta(minutes=draw(seed, "opened", number, below=2_000_000))
        return LocationCard(
            omnitron_id=omnitron_id(number),
            name=location.name or names[location.type].format(city=city, township=address.township.name),
            address=address,
            email=f"{fold(location.code) or number}@{MAIL_DOMAINS[0]}",
            daytime_phone=self._addresses.telephone(city, draw(seed, "switchboard", number, below=2**32)),
            created=opened,
            modified=opened + timedelta(minutes=draw(seed, "refitted", number, below=50_000)),
        )
