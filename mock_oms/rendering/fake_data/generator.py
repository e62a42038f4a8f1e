"""Fake data for orders, made from (seed, order id): people, addresses, products, prices and numbers."""

import importlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock

from mock_oms.domain.order import Address, Customer, LocationCard, Particulars
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import START, draw, pick
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.geography import region, regions
from mock_oms.rendering.fake_data.locales import locale_named
from mock_oms.rendering.fake_data.products import Catalogue, omnitron_id

#: Reserved by RFC 2606: mail to these is never delivered.
_MAIL_DOMAINS = ("example.com", "example.org", "example.net")

#: Who has an address; its id is `owner id * 3 + place in this table`, so that no two addresses share one.
OWNERS = ("shipping", "billing", "location")

#: Locations were made at least so long before the world begins: a backlog's orders go back a year.
_LOCATIONS_BEFORE = timedelta(days=500)


def fold(text: str) -> str:
    """The letters and digits of a text, in lower case without accents: `Ayşe Işıl` is `ayseisil`."""
    # The Turkish dotless i is a letter of its own, so that no decomposition turns it into the other one.
    plain = unicodedata.normalize("NFKD", text.lower().replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain)


class Generator:
    """Makes up what a scenario does not say; the same (seed, locale, id) gives the same values in any process.

    `start` is the world's: it sells goods that were made before. Threads may share a generator. The first one of a process
    takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: str, start: datetime = START) -> None:
        self._seed, self._start = seed, start
        self._locale = locale_named(locale)
        # Importing Faker costs 80 ms, and its usual factory loads every provider: a bare generator with the names alone
        # is enough. Here, not above, because a command line that only prints its help needs none of it.
        self._names = importlib.import_module("faker.generator").Generator()
        self._names.add_provider(importlib.import_module(f"faker.providers.person.{locale}").Provider)
        self._lock = Lock()
        self.catalogue = Catalogue(seed, self._locale, start)

    def particulars(self, order: Order) -> Particulars:
        """Customer, addresses, lines and amounts of an order; large orders ship free, as the locale says."""
        seed, locale, number = self._seed, self._locale, order.id
        placed = order.created - timedelta(microseconds=draw(seed, "placed", number, below=600_000_000))
        lines = tuple(self.catalogue.line(item.id, item.sku, placed) for item in order.items)
        amount = sum((line.net_amount for line in lines), Decimal("0.00"))
        shipping = billing = self._address("shipping", number, order.city)
        if draw(seed, "billed", number, below=3) == 0:
            city = pick(seed, "billing city", number, among=tuple(regions(locale.country)))
            billing = self._address("billing", number, city)
        gift = draw(seed, "gift", number, below=8) == 0
        return Particulars(
            # The last twelve digits are a permutation of the ids below 10**12: the factor shares no divisor with it.
            number=f"1{(number * 370_248_451_907 + seed) % 10**12:012d}",
            omnitron_id=omnitron_id(number),
            date_placed=placed,
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
        address = self._address("location", number, city, title=location.code)
        names = self._locale.location_names
        opened = self._start - _LOCATIONS_BEFORE - timedelta(minutes=draw(seed, "opened", number, below=2_000_000))
        return LocationCard(
            omnitron_id=omnitron_id(number),
            name=location.name or names[location.type].format(city=city, township=address.township.name),
            address=address,
            email=f"{fold(location.code) or number}@{_MAIL_DOMAINS[0]}",
            daytime_phone=self._telephone(city, draw(seed, "switchboard", number, below=2**32)),
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
            phone_number=self._telephone(order.city, telephone),
        )

    def _telephone(self, city: str, number: int) -> str:
        """A number in international form that cannot be dialled."""
        locale = self._locale
        return locale.telephone.format(area=region(locale.country, city).area, number=number % locale.telephone_numbers)

    def _address(self, owner: str, number: int, city: str, *, title: str | None = None) -> Address:
        """The address of `owner` (one of `OWNERS`) `number` in this city; the title is made up unless given.

        One in four customers' addresses has no coordinates (c); a location has them wherever the city is known. An
        address lies up to 0.02 degrees (about 2 km) from the centre of its city.
        """
        seed, locale, key = self._seed, self._locale, (owner, number)
        place = region(locale.country, city)
        quarter = pick(seed, "quarter", *key, among=place.quarters)
        district = pick(seed, "district", *key, among=quarter.districts)
        line = locale.line.format(
            district=district,
            street=pick(seed, "street", *key, among=locale.streets),
            house=1 + draw(seed, "house", *key, below=180),
            door=1 + draw(seed, "door", *key, below=24),
        )
        latitude = longitude = None
        if place.centre and (owner == "location" or draw(seed, "coordinates", *key, below=4)):
            latitude, longitude = (
                str(centre + Decimal(draw(seed, way, *key, below=40_000) - 20_000).scaleb(-6))
                for centre, way in zip(place.centre, ("north", "east"), strict=True)
            )
        return Address(
            id=number * len(OWNERS) + OWNERS.index(owner),
            title=title or pick(seed, "title", *key, among=locale.titles),
            line=line,
            postcode=quarter.postcode,
            township=quarter.township,
            district=district,
            latitude=latitude,
            longitude=longitude,
        )

    def _sometimes(self, what: str, number: int, among: Sequence[str], *, one_in: int) -> str | None:
        chosen = draw(self._seed, what, number, below=one_in * len(among))
        return among[chosen] if chosen < len(among) else None
