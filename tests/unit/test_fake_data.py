"""What generated data promises: it adds up, fits together, reaches nobody, and is the same in every process."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.order import Address, Particulars
from mock_oms.domain.plan import Order, OrderItem
from mock_oms.domain.stock import Location
from mock_oms.rendering.fake_data.addresses import OWNERS
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.fake_data.locales import LOCALES, cities
from mock_oms.rendering.fake_data.people import fold
from mock_oms.rendering.fake_data.products import included_tax
from tests.profiles import examples

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
CENT = Decimal("0.01")

seeds, locales, ids = st.integers(0, 2**32), st.sampled_from(LOCALES), st.integers(1, 10**9)
skus = st.lists(st.sampled_from(["TST-001-M", "TST-001-L", "TST-002", "Ş 3", "x"]), max_size=6)
each_locale = pytest.mark.parametrize("locale", LOCALES)
generator = cache(Generator)


def an_order(number: int = 41207, *, skus: Iterable[str] = ("TST-001-M",), city: str = "İstanbul") -> Order:
    items = tuple(OrderItem(id=number * 1000 + place, sku=sku) for place, sku in enumerate(skus))
    return Order(id=number, created=NOW, modified=NOW, city=city, items=items, plans=(number,))


@cache
def some_orders(locale: str) -> list[Particulars]:
    made, names = generator(7, locale), cities(locale)
    orders = (an_order(number, skus=(f"TST-{number}",), city=names[number % len(names)]) for number in range(1, 301))
    return [made.particulars(one) for one in orders]


@examples(100)
@given(seed=seeds, locale=locales, number=ids, skus=skus)
def test_amounts_of_an_order_are_the_sums_of_its_lines(seed: int, locale: str, number: int, skus: list[str]) -> None:
    made = generator(seed, locale).particulars(an_order(number, skus=skus))
    assert made.amount == sum((line.net_amount for line in made.lines), Decimal(0))
    assert made.discount_amount == sum((line.discount_amount for line in made.lines), Decimal(0))
    for line in made.lines:
        assert line.net_amount == line.product.price - line.discount_amount
        assert line.product.retail_price >= line.product.price >= line.net_amount > 0 <= line.discount_amount
        assert line.tax_amount in {None, included_tax(line.net_amount, line.tax_rate)}
        money = (line.net_amount, line.discount_amount, line.product.price, line.product.retail_price, made.amount)
        assert all(amount == amount.quantize(CENT) for amount in money)


@examples(100)
@given(seed=seeds, number=ids)
def test_order_numbers_are_thirteen_digits_and_never_shared(seed: int, number: int) -> None:
    made = generator(seed, "tr_TR")
    own, next_one = (made.particulars(an_order(one, skus=())).number for one in (number, number + 1))
    assert re.fullmatch(r"\d{13}", own)
    assert own != next_one


@pytest.mark.parametrize(("locale", "undialable"), [("tr_TR", r"\+90000\d{7}"), ("en_US", r"\+1\d{3}55501\d\d")])
def test_mail_goes_to_reserved_domains_in_ascii_and_telephones_cannot_be_dialled(locale: str, undialable: str) -> None:
    card = generator(7, locale).location_card(Location(id=1, code="ŞB-1", city="Rize"))
    customers = [made.customer for made in some_orders(locale)]
    assert card.email == "sb1@example.com"
    assert all(re.fullmatch(r"[a-z0-9]+\.[a-z]+\d+@example\.(com|org|net)", one.email) for one in customers)
    assert all(re.fullmatch(undialable, one) for one in (card.daytime_phone, *(one.phone_number for one in customers)))


@each_locale
def test_rare_values_occur_and_common_ones_too(locale: str) -> None:
    made = some_orders(locale)
    kinds = [
        {one.notes is None for one in made},
        {one.has_gift_box for one in made},
        {one.gift_box_note is None for one in made if one.has_gift_box},
        {one.shipping_address == one.billing_address for one in made},
        {one.lines[0].tax_amount is None for one in made},
        {one.lines[0].discount_amount == 0 for one in made},
        {one.shipping_address.latitude is None for one in made},
    ]
    assert kinds == [{True, False}] * len(kinds)
    assert not [one for one in made if one.gift_box_note and not one.has_gift_box]


@examples(80)
@given(numbers=st.lists(ids, min_size=2, max_size=20, unique=True))
def test_ids_of_one_kind_are_never_shared(numbers: list[int]) -> None:
    made = [generator(7, "en_US").particulars(an_order(number)) for number in numbers]
    addresses: set[Address] = {address for one in made for address in (one.shipping_address, one.billing_address)}
    lines = [line.omnitron_id for one in made for line in one.lines]
    for kind in ([one.omnitron_id for one in made], lines):
        assert len(set(kind)) == len(numbers)
    assert len({address.id for address in addresses}) == len(addresses)
    assert {address.id % len(OWNERS) for address in addresses} <= {0, 1}


def test_an_order_was_placed_shortly_before_and_ships_free_from_an_amount_on() -> None:
    made = some_orders("tr_TR")
    assert all(0 <= (NOW - one.date_placed).total_seconds() < 600 for one in made)
    assert {one.shipping_amount for one in made if one.amount >= 1000} == {Decimal("0.00")}
    assert {one.shipping_amount for one in made if one.amount < 1000} == {Decimal("49.90")}


@pytest.mark.parametrize(("text", "folded"), [("Ayşe Işıl", "ayseisil"), ("İĞÜÖÇ", "iguoc"), ("O'Neil", "oneil")])
def test_turkish_letters_fold_to_ascii(text: str, folded: str) -> None:
    assert fold(text) == folded


def digest(locale: str) -> str:
    """A digest of orders, products and locations."""
    made = Generator(7, locale)
    skus = [f"TST-{place}-M" for place in range(3)]
    orders = [
        an_order(number, skus=skus, city=city) for number in (1, 41207, 10**9) for city in (*cities(locale), "Atlantis")
    ]
    values: list[Any] = [made.particulars(one) for one in orders]
    values += [made.catalogue.product(f"SKU-{number}") for number in range(50)]
    values += [made.location_card(Location(id=number, code=f"WH{number}", city="Boston")) for number in range(5)]
    return sha256(json.dumps([asdict(value) for value in values], default=str).encode()).hexdigest()


#: A change of these is a change of every world: it belongs in the changelog.
DIGESTS = {
    "tr_TR": "e22c0bd148587cc0501007ff9cd4ba9414f661c007e5b659d4221840e92c1cb4",
    "en_US": "c872d6de1d67f21ccc308fe824bed46c1f958e3f874b9537b636bc99f037e07c",
}


@pytest.mark.parametrize("locale", DIGESTS)
def test_generated_bytes_are_the_same_in_every_process(locale: str) -> None:
    """Each process hashes otherwise: an order that comes from a set would be seen here."""
    assert digest(locale) == DIGESTS[locale]
