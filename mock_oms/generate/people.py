"""People: names by Faker, e-mail addresses and telephone numbers that reach nobody."""

import importlib
import re
import unicodedata
from threading import Lock

from mock_oms.domain.chance import draw, pick
from mock_oms.domain.order import Customer
from mock_oms.generate.locales import Locale

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
