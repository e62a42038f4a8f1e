"""Who the customers are: ordinary names, from lists of our own; they come back, and are the same when they do."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.order import Address, Particulars
from mock_oms.domain.plan import Order, OrderItem
from mock_oms.domain.setup import customer_of, home_of
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.fake_data.geography import known_cities, region
from mock_oms.rendering.fake_data.ids import NO_CITY, customer_id, omnitron_id
from mock_oms.rendering.fake_data.locales import LOCALES, cities, locale_named
from mock_oms.rendering.fake_data.names import name_generator, word_lists
from mock_oms.rendering.fake_data.people import fold
from tests.profiles import examples

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
each_locale = pytest.mark.parametrize("locale", LOCALES)
generator = cache(Generator)

#: Surnames that are one person's to whoever reads them, and names of others in full; neither may occur.
CHARGED_SURNAMES = """
    Öcalan Gülen Erdoğan Atatürk İnönü Demirtaş Menderes Ecevit Erbakan Özal Evren Çiller Türkeş Bahçeli Kılıçdaroğlu
    İmamoğlu Davutoğlu Babacan Akşener Soylu Albayrak Peker Çatlı Ağca Samast Kavala Dink Gezmiş Çayan Kaypakkaya Karayılan
    Bayık Oktar Yüksekdağ Perinçek Özdağ Kaftancıoğlu Demirel
    Trump Biden Obama Clinton Bush Nixon Reagan Kennedy Pelosi Pence Vance Musk Putin Castro Hitler Himmler Stalin Mussolini
    Bundy Manson Dahmer Gacy Oswald Epstein Weinstein Cosby Madoff Kaczynski McVeigh Berkowitz Zodiac Rittenhouse Mangione
    Breivik Nassar Snowden Simpson
"""
CHARGED_PEOPLE = """
    Ahmet Kaya, Mehmet Şimşek, Yusuf Aslan, Hüseyin İnan, Mesut Yılmaz, Binali Yıldırım, Sinan Ateş, Mustafa Karasu,
    Rıza Altun, Turan Dursun, Özgür Özel, Abdullah Gül, Emine Bulut, Yaşar Güler, Deniz Gezmiş, Metin Kaplan, Veli Küçük,
    Yusuf Tekin, Ali Erbaş, Nurettin Yıldız, Hayrettin Karaman, Ali Kemal, Devlet Bahçeli, Cevdet Yılmaz,
    Richard Ramirez, Robert Lee, George Wallace, James Holmes, Mark Chapman, Wayne Williams, Eric Harris, Susan Smith,
    Jesse James, Stephen Miller, Tyler Robinson, Samuel Little, John Booth, Rose West, Fred West, Michael Jackson,
    Charles Manson, Jim Jones, James Jones, Elizabeth Holmes, John Brown, Andrew Jackson, Robert Hansen, Kyle Rittenhouse
"""


def an_order(number: int, city: str = "Bursa", *, delivery_type: str = "standard") -> Order:
    items = (OrderItem(id=number * 1000 + 1, sku="TST-1"),)
    return Order(
        id=number, created=NOW, modified=NOW, city=city, delivery_type=delivery_type, items=items, plans=(number,)
    )


@cache
def many(locale: str) -> list[tuple[Order, Particulars]]:
    """A thousand orders, each shipped to one of three cities, whoever ordered."""
    made, names = generator(7, locale), cities(locale)[:3]
    orders = [an_order(number, names[number % 3]) for number in range(501_001, 502_001)]
    return [(one, made.particulars(one)) for one in orders]


@each_locale
def test_the_lists_are_long_and_without_repetition(locale: str) -> None:
    lists = word_lists(locale)
    assert [
        name for name, least in (("female", 150), ("male", 150), ("surnames", 200)) if len(lists[name]) < least
    ] == []
    assert [word for words in lists.values() for word, count in Counter(words).items() if count > 1] == []
    assert [pair for pair in lists["never"] if pair.split("+")[1] not in lists["surnames"]] == []


@each_locale
def test_no_name_is_that_of_somebody_charged(locale: str) -> None:
    lists = word_lists(locale)
    assert set(CHARGED_SURNAMES.split()) & set(lists["surnames"]) == set()
    pairs = {f"{first} {last}" for first, last in product((*lists["female"], *lists["male"]), lists["surnames"])}
    drawn = pairs - {pair.replace("+", " ") for pair in lists["never"]}
    assert {" ".join(one.split()) for one in CHARGED_PEOPLE.split(",")} & drawn == set()


@pytest.mark.parametrize(("first", "last"), [("Ahmet", "Kaya"), ("Uğur", "Uğur")])
def test_a_pair_that_is_never_drawn_gets_another_surname(first: str, last: str) -> None:
    lists = word_lists("tr_TR")
    names: Any = name_generator("tr_TR")
    one, other, better = (
        (lists[kind].index(name) + 0.5) / len(lists[kind])
        for kind, name in (("male", first), ("surnames", last), ("surnames", "Demir"))
    )
    drawn = iter([0.9, *(one,) * 3, *(other,) * 3, *(better,) * 3])
    names.random.random = drawn.__next__
    assert names.full_name() == (first, "Demir")


@pytest.mark.parametrize(("locale", "names"), [
    ("tr_TR", ("Merve Çetin, İbrahim Özcan, Rabia Baran, Gülsüm Aktaş, Nermin Çetin, "
     "Türkan Demirci, Uğur Durak, Yasemin Özer, Ecrin Gündüz, Berk Çevik")),
    ("en_US", ("Sandra Wilson, Richard Perez, Pamela Russell, Stephanie Lewis, Andrea Anderson, "
     "Helen Richardson, Gregory Freeman, Carol Hill, Tiffany Chavez, Gabriel Herrera")),
])  # fmt: skip
def test_the_names_of_a_seed_are_those_of_our_lists_whichever_faker_draws_them(locale: str, names: str) -> None:
    drawing: Any = name_generator(locale)
    drawing.seed_instance(7)
    assert ", ".join(" ".join(drawing.full_name()) for _ in range(10)) == names


@each_locale
def test_common_names_are_more_common(locale: str) -> None:
    surnames = word_lists(locale)["surnames"]
    found = Counter(made.customer.last_name for _, made in many(locale))
    assert sum(found[name] for name in surnames[:50]) > 2 * sum(found[name] for name in surnames[-50:])


@examples(50)
@given(seed=st.integers(0, 2**32))
def test_about_one_order_in_three_is_of_somebody_who_has_ordered_before(seed: int) -> None:
    customers = [customer_of(seed, number) for number in range(501_001, 501_601)]
    assert 0.22 <= 1 - len(set(customers)) / len(customers) <= 0.45
    assert all(0 < one <= number for number, one in enumerate(customers, start=501_001))


@each_locale
def test_a_customer_who_comes_back_is_the_same(locale: str) -> None:
    found = defaultdict(set)
    for _, made in many(locale):
        found[made.customer.id].add(made.customer)
    assert len(found) < len(many(locale))
    assert [people for people in found.values() if len(people) > 1] == []
    assert len({one.email for people in found.values() for one in people}) == len(found)


@each_locale
def test_one_address_id_is_one_address_of_one_customer(locale: str) -> None:
    found: defaultdict[int, set[tuple[Address, int]]] = defaultdict(set)
    used = Counter[int]()
    for order, made in many(locale):
        assert made.shipping_address.township.city.name == order.city
        used[made.shipping_address.id] += 1
        for address in (made.shipping_address, made.billing_address):
            found[address.id].add((address, made.customer.id))
    assert [one for one in found.values() if len(one) > 1] == []
    assert max(used.values()) > 1


def test_an_address_in_a_city_that_no_table_has_is_used_once() -> None:
    orders = [an_order(number, city) for city in ("Atlantis", "Lemuria") for number in range(501_001, 501_101)]
    orders = [replace(one, id=one.id + 200 * (one.city == "Lemuria")) for one in orders]
    ids = [generator(7, "tr_TR").particulars(one).shipping_address.id for one in orders]
    assert len(set(ids)) == len(ids)


@each_locale
def test_cities_of_the_table_are_told_apart_by_what_numbers_their_addresses(locale: str) -> None:
    names = known_cities(locale_named(locale).country)
    codes = [region(locale_named(locale).country, one).city.pk % 1000 for one in names]
    assert len(set(codes)) == len(codes)
    assert max(codes) < NO_CITY


@each_locale
def test_a_customer_has_few_addresses_in_her_city_and_is_billed_to_one(locale: str) -> None:
    made, home = generator(7, locale), home_of(7, 501_001, cities(locale))
    hers = [number for number in range(501_001, 520_000) if customer_of(7, number) == 501_001]
    orders = [made.particulars(an_order(number, home)) for number in (501_001, *hers)]
    assert len({one.shipping_address.id for one in orders}) <= 2
    assert len({one.billing_address.id for one in orders if one.billing_address != one.shipping_address}) <= 1


@each_locale
def test_no_id_of_another_system_is_ours_or_twice_ours(locale: str) -> None:
    for order, made in many(locale):
        ids = {made.customer.id, made.omnitron_id, made.lines[0].omnitron_id}
        ours = (order.id, order.items[0].id)
        assert ids & {n * own + more for own in ours for n in (1, 2) for more in (-1, 0, 1)} == set()


@examples(200)
@given(one=st.integers(1, 2**33), other=st.integers(1, 2**33))
def test_ids_of_other_systems_are_one_to_one_and_those_of_omnitron_as_large_as_ours(one: int, other: int) -> None:
    for made in (omnitron_id, customer_id):
        assert (made(one) == made(other)) == (one == other)
        assert made(one) >= 1
    assert (omnitron_id(one) < 2**31) == (one < 2**31)


@each_locale
def test_mail_fits_the_name(locale: str) -> None:
    customers = [made.customer for _, made in many(locale)]
    assert [one for one in customers if not one.email.startswith(f"{fold(one.first_name)}.{fold(one.last_name)}")] == []


SENT_BY = {
    "standard": "cargo_companies", "express": "cargo_companies", "Şişli!": "cargo_companies", "": "cargo_companies",
    "same_day": "couriers", "scheduled": "couriers",
    "Same Day": "couriers", "click_and_collect": None, "Click-And-Collect": None, "store_pickup": None,
}  # fmt: skip


@each_locale
def test_slot_company_and_option_of_a_delivery_agree_with_its_type(locale: str) -> None:
    made, wrong = generator(7, locale), []
    for kind, by in SENT_BY.items():
        for number in range(501_001, 501_101):
            order = made.particulars(an_order(number, delivery_type=kind))
            companies = getattr(locale_named(locale), by) if by else [None]
            right = (
                order.cargo_company in companies,
                (order.delivery_range is not None) == (by == "couriers"),
                order.shipping_option_slug.endswith("shipping") == (by is not None),
                by is not None or (order.shipping_amount == 0 and order.notes is None),
            )
            wrong += [] if all(right) else [(kind, number, right)]
    assert wrong == []
    slugs = {
        kind: made.particulars(an_order(1, delivery_type=kind)).shipping_option_slug for kind in ("same_day", "Şişli!")
    }
    assert slugs == {"same_day": "same-day-shipping", "Şişli!": "sisli-shipping"}
