"""People and their addresses: names by Faker, e-mail addresses and telephone numbers that reach nobody."""

import importlib
import re
import unicodedata
from decimal import Decimal
from threading import Lock

from mock_oms.domain.chance import draw, pick
from mock_oms.domain.order import Address, Customer
from mock_oms.rendering.fake_data.geography import Region
from mock_oms.rendering.fake_data.locales import Locale

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
