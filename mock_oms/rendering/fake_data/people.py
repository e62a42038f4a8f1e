"""Made-up customers, who come back: who they are, how they are reached, and where their orders go."""

import importlib
from functools import lru_cache
from threading import Lock

from mock_oms.domain.order import Address, Customer
from mock_oms.domain.plan import Order
from mock_oms.domain.setup import draw, home_of, pick
from mock_oms.rendering.fake_data.addresses import Addresses
from mock_oms.rendering.fake_data.geography import known_cities, region
from mock_oms.rendering.fake_data.ids import NO_CITY, customer_id, saved_address
from mock_oms.rendering.fake_data.locales import Locale
from mock_oms.text import words

#: Reserved by RFC 2606: mail to these is never delivered.
MAIL_DOMAINS = ("example.com", "example.org", "example.net")


def fold(text: str) -> str:
    """The letters and digits of a text, in lower case without accents: `Ayşe Işıl` is `ayseisil`."""
    return "".join(words(text))


class People:
    """Makes customers of one seed and locale up; threads may share it.

    The first one of a process takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: Locale, language: str) -> None:
        self._seed = seed
        self._locale = locale
        self._addresses = Addresses(seed, locale)
        self._cities = tuple(locale.cities)
        # Importing Faker costs 60 ms. Here, not above, because a command line that only prints its help needs none of it.
        self._names = importlib.import_module("mock_oms.rendering.fake_data.names").name_generator(language)
        self._lock = Lock()
        self.customer = lru_cache(256)(self._customer)

    def _customer(self, number: int) -> Customer:
        """The customer of this number, the same in all her orders."""
        seed, own = self._seed, customer_id(number)
        telephone = draw(seed, "telephone", number, below=self._locale.telephone_numbers)
        with self._lock:
            # Faker keeps its seed between two draws.
            self._names.seed_instance(draw(seed, "name", number, below=2**32))
            first, last = self._names.full_name()
        return Customer(
            id=own,
            first_name=first,
            last_name=last,
            # The id makes it hers alone: there are more customers than names.
            email=f"{fold(first)}.{fold(last)}{own}@{pick(seed, 'mail', number, among=MAIL_DOMAINS)}",
            phone_number=self._addresses.telephone(home_of(seed, number, self._cities), telephone),
        )

    def addresses(self, number: int, order: Order) -> tuple[Address, Address]:
        """Where an order of customer `number` is shipped and billed to: addresses that she has saved, each under one id.

        She has two in every city that she has something shipped to. One in three customers has the bills sent elsewhere.
        """
        seed, titles = self._seed, self._locale.titles
        home, other = home_of(seed, number, self._cities), draw(seed, "other address", order.id, below=4) == 0
        is_home = not other and draw(seed, "is home", number, order.city, below=4)
        titled = titles[0] if is_home else pick(seed, "title", number, order.city, other, among=titles[1:])
        code = self._code(order.city)
        saved = saved_address(order.id if code == NO_CITY else number, code, other=other)
        shipping = billing = self._addresses.address("shipping", saved, order.city, title=titled)
        if draw(seed, "billed elsewhere", number, below=3) == 0:
            city = pick(seed, "billing city", number, among=(*[home] * 4 * len(self._cities), *self._cities))
            saved = saved_address(number, self._code(city))
            billing = self._addresses.address("billing", saved, city, title=titles[1])
        return shipping, billing

    def _code(self, city: str) -> int:
        """A small number for a city of the table; all others have one number, for two could share any."""
        country = self._locale.country
        return region(country, city).city.pk % 1000 if city in known_cities(country) else NO_CITY
