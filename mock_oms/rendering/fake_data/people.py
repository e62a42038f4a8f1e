"""Made-up customers: who they are, and how they are reached."""

import importlib
import re
import unicodedata
from threading import Lock

from mock_oms.domain.order import Customer
from mock_oms.domain.setup import draw, pick
from mock_oms.rendering.fake_data.addresses import Addresses
from mock_oms.rendering.fake_data.locales import Locale

#: Reserved by RFC 2606: mail to these is never delivered.
MAIL_DOMAINS = ("example.com", "example.org", "example.net")


def fold(text: str) -> str:
    """The letters and digits of a text, in lower case without accents: `Ayşe Işıl` is `ayseisil`."""
    # The Turkish dotless i is a letter of its own, so that no decomposition turns it into the other one.
    plain = unicodedata.normalize("NFKD", text.lower().replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain)


class People:
    """Makes customers of one seed and locale up; threads may share it.

    The first one of a process takes a tenth of a second, because it imports Faker.
    """

    def __init__(self, seed: int, locale: Locale, language: str) -> None:
        self._seed = seed
        self._locale = locale
        self._addresses = Addresses(seed, locale)
        # Importing Faker costs 80 ms, and its usual factory loads every provider: a bare generator with the names alone
        # is enough. Here, not above, because a command line that only prints its help needs none of it.
        self._names = importlib.import_module("faker.generator").Generator()
        self._names.add_provider(importlib.import_module(f"faker.providers.person.{language}").Provider)
        self._lock = Lock()

    def customer(self, number: int, city: str) -> Customer:
        """The customer of order `number`, who lives where it is shipped; every order has a customer of its own."""
        seed = self._seed
        telephone = draw(seed, "telephone", number, below=self._locale.telephone_numbers)
        with self._lock:
            # Faker keeps its seed between two draws.
            self._names.seed_instance(draw(seed, "name", number, below=2**32))
            first, last = self._names.first_name(), self._names.last_name()
        return Customer(
            id=number,
            first_name=first,
            last_name=last,
            email=f"{fold(first)}.{fold(last)}{number}@{pick(seed, 'mail', number, among=MAIL_DOMAINS)}",
            phone_number=self._addresses.telephone(city, telephone),
        )
