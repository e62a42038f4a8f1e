"""What made-up places promise: name, township, district, postcode and coordinates of an address agree."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.order import Address
from mock_oms.domain.stock import Location, LocationType
from mock_oms.rendering.fake_data.addresses import OWNERS, Addresses
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.fake_data.geography import District, known_cities, region
from mock_oms.rendering.fake_data.locales import LOCALES, cities, locale_named
from mock_oms.scenarios.building import load_scenario
from mock_oms.settings import shipped
from mock_oms.text import words
from tests.profiles import examples

STORE, WAREHOUSE = LocationType.STORE, LocationType.WAREHOUSE

#: Locations that are named after a place, their cities, and the township, postcode and district where that is.
NAMED = """
    Karşıyaka Çarşı Mağazası | İzmir | Karşıyaka | 35580 | Donanmacı
    KARSIYAKA MAGAZASI | İzmir | Karşıyaka | 35[56]\\d\\d | .+
    Konyaaltı Sahil Mağazası | Antalya | Konyaaltı | 07070 | Arapsuyu
    Gebze Merkez Depo | Kocaeli | Gebze | 41400 | .+
    Gebze'deki Depo | Kocaeli | Gebze | 41400 | .+
    Nişantaşı Mağazası | İstanbul | Şişli | 34365 | Teşvikiye
    Şişli Mecidiyeköy | İstanbul | Şişli | 34381 | Mecidiyeköy
    Kadıköy, Bağdat Caddesi | İstanbul | Kadıköy | 34728 | Caddebostan
    Ortahisar Meydan Mağazası | Trabzon | Ortahisar | 61050 | Kemerkaya
    Alsancak | İzmir | Konak | 35220 | Alsancak
    Rize Mağazası | Rize | Merkez | 53\\d{3} | .+
    Bor Merkez Şubesi | Niğde | Bor | 51700 | .+
    Brooklyn Store | New York | Brooklyn | 112\\d\\d | .+
    The SoHo Shop | New York | Manhattan | 10012 | SoHo
"""

#: Water beside cities, each from south to north and from west to east.
WATER = """
    İstanbul 40.900-40.955, 28.650-29.030; 41.020-41.035, 28.991-29.003; 41.073-41.077, 29.044-29.050
    İzmir 38.410-38.448, 27.000-27.132
    Antalya 36.700-36.845, 30.620-30.760; 36.845-36.862, 30.650-30.690
    Trabzon 41.010-41.100, 39.690-39.780
    Mersin 36.600-36.775, 34.580-34.800
    Samsun 41.295-41.400, 36.345-36.500
    Kocaeli 40.725-40.755, 29.500-29.910
    New York 40.700-40.760, -74.030--74.015; 40.715-40.735, -73.972--73.965
    San Francisco 37.700-37.800, -122.370--122.300; 37.700-37.780, -122.600--122.515
    Chicago 41.860-42.000, -87.600--87.400; 41.700-41.860, -87.570--87.400
    Seattle 47.590-47.620, -122.400--122.350; 47.600-47.660, -122.270--122.240
    Boston 42.320-42.350, -71.030--70.980
    Miami 25.700-25.850, -80.180--80.150
"""


def rows(table: str, separator: str) -> Iterator[list[str]]:
    return (line.strip().split(separator) for line in table.strip().splitlines())


def made(locale: str, seed: int = 7) -> Addresses:
    return Addresses(seed, locale_named(locale))


def every_district() -> Iterator[tuple[str, District]]:
    for locale in LOCALES:
        country = locale_named(locale).country
        yield from ((locale, one) for city in known_cities(country) for one in region(country, city).districts)


def some_addresses(locale: str) -> Iterator[tuple[str, Address]]:
    """Addresses of every kind in every city, with the kinds."""
    addresses = made(locale)
    for number, city in enumerate((*known_cities(locale_named(locale).country),) * 8, start=1):
        yield "home", addresses.address("shipping", number, city)
        yield from (
            (type_, addresses.of_location(Location(id=number, code="X", city=city, type=type_)))
            for type_ in LocationType
        )


def places_of(address: Address) -> list[District]:
    """The districts of the table that an address may lie in."""
    city = address.township.city
    return [
        one
        for one in region(city.country.code, city.name).districts
        if (one.township, one.postcode, one.name) == (address.township, address.postcode, address.district)
    ]


def test_a_location_lies_in_the_place_that_its_name_says() -> None:
    wrong = []
    for name, city, township, postcode, district in rows(NAMED, " | "):
        locale = LOCALES[city not in known_cities("tr")]
        for seed in range(5):
            location = Location(id=3, code="X", city=city, name=name, type=LocationType.STORE)
            address = Generator(seed, locale).location_card(location).address
            fits = re.fullmatch(postcode, address.postcode) and re.fullmatch(district, address.district)
            wrong += [(name, address)] * (address.township.name != township or not fits)
    assert not wrong


@pytest.mark.parametrize("type_", LocationType)
def test_every_township_and_district_can_be_named(type_: LocationType) -> None:
    wrong = []
    for locale, one in every_district():
        names = {one.township.name, one.name, one.alias} - {""}
        if one.township.name != "Merkez":
            names.discard("Merkez")  # Many townships have such a district; that alone means the capital's township.
        for name in names:
            city = one.township.city.name
            address = made(locale).of_location(Location(id=5, code="X", city=city, name=f"Yıldız {name} 2", type=type_))
            answers = {text for at in places_of(address) for text in (at.township.name, at.name, at.alias)}
            wrong += [(name, address)] * (not any(words(name) == words(answer) for answer in answers))
    assert not wrong


@pytest.mark.parametrize(("type_", "name"), [(STORE, "Mağazası"), (WAREHOUSE, "Depo")])
def test_a_location_without_a_name_of_its_own_is_named_after_its_place(type_: LocationType, name: str) -> None:
    location, generator = Location(id=3, code="X", city="Bursa", type=type_), Generator(7, "tr_TR")
    card = generator.location_card(location)
    assert generator.location_card(replace(location, name="Ana Depo")).name == "Ana Depo"
    assert (card.name.endswith(name), card.address.township.name in card.name) == (True, True)
    assert generator.location_card(replace(location, name=card.name)).address.township == card.address.township


def test_named_locations_of_shipped_scenarios_are_in_the_city_that_their_names_say() -> None:
    # The bytes of odd-data are in lines that version 0.1.0 wrote: its depot in Çorlu has to stay in no city of its own.
    files = sorted(file for file in shipped("scenarios").glob("*.yaml") if file.stem != "odd-data")
    scenarios = [load_scenario(file) for file in files]
    named = [one for scenario in scenarios for one in scenario.blueprint.locations.values() if one.name]
    assert len(named) > 5
    assert not [
        one for one in named if not region("tr", one.city).named_in(one.name or "") and one.city not in str(one.name)
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_township_district_postcode_and_coordinates_of_an_address_agree(locale: str) -> None:
    wrong = []
    for kind, address in some_addresses(locale):
        near = [
            one
            for one in places_of(address)
            if one.centre
            and (address.latitude is None or max(map(abs, differences(address, one.centre))) <= Decimal("0.003"))
        ]
        wrong += [(kind, address)] * (len(near) != 1 or (kind != "home" and address.latitude is None))
    assert not wrong


def differences(address: Address, centre: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    return Decimal(address.latitude or 0) - centre[0], Decimal(address.longitude or 0) - centre[1]


def test_no_address_is_in_the_sea() -> None:
    wrong, water = [], {}
    for text in rows(WATER, "; "):
        city, first = re.split(r" (?=\d)", text[0], maxsplit=1)
        water[city] = [tuple(map(Decimal, re.split(r"(?<=\d)-|, ", box))) for box in (first, *text[1:])]
    for _, one in every_district():
        assert one.centre
        north, east = one.centre
        for south_end, north_end, west_end, east_end in water.get(one.township.city.name, ()):
            reach = Decimal("0.003")
            if south_end - reach <= north <= north_end + reach and west_end - reach <= east <= east_end + reach:
                wrong.append(one)
    assert (len(water), wrong) == (13, [])


def test_only_homes_have_a_flat_and_each_kind_has_streets_of_its_own() -> None:
    forms = {
        ("tr_TR", "home"): r".+ Mah\. .+ (Sok|Cad|Blv)\. No: \d+ D: \d+",
        ("tr_TR", "store"): r".+ Mah\. .+ (Cad|Blv)\.( .+ AVM)? No: \d+",
        ("tr_TR", "warehouse"): r".+ Mah\. .*(Sanayi|Lojistik|Ambar|Nakliye).* (Sok|Cad)\. No: \d+",
        ("en_US", "home"): r"\d+ .+ (St|Ave|Ln|Rd|Dr|Ct), Apt \d+",
        ("en_US", "store"): r"\d+ ((Main|Market|Center) St|Broadway|.*(Mall|Galleria|Town Center).*)",
        ("en_US", "warehouse"): r"\d+ .*(Industrial|Logistics|Distribution|Warehouse|Freight|Terminal).*",
    }
    found = [(locale, kind, one.line) for locale in LOCALES for kind, one in some_addresses(locale)]
    assert not [one for one in found if not re.fullmatch(forms[one[0], one[1]], one[2])]


def test_warehouses_are_in_industrial_districts_where_a_city_has_some_and_nobody_lives_there() -> None:
    for kind, address in some_addresses("tr_TR"):
        districts = region("tr", address.township.city.name).districts
        wanted = kind == WAREHOUSE and any(one.industrial for one in districts)
        assert {one.industrial for one in places_of(address)} == {wanted}


def test_postcodes_belong_to_their_township_and_turkish_ones_begin_with_the_plate_code() -> None:
    owners: dict[str, set[str]] = {}
    for locale, one in every_district():
        city = one.township.city
        assert re.fullmatch(rf"{city.pk:02d}\d{{3}}" if locale == "tr_TR" else r"\d{5}", one.postcode)
        owners.setdefault(f"{locale} {one.postcode}", set()).add(f"{one.township.pk} {one.township.name}")
    assert not {postcode: names for postcode, names in owners.items() if len(names) > 1}


def test_the_table_holds_all_provinces_and_hundreds_of_districts_each_with_a_centre_of_its_own() -> None:
    found = [one for _, one in every_district()]
    townships = {one.township.pk: one.township.name for one in found}
    assert sorted(region("tr", city).city.pk for city in known_cities("tr")) == list(range(1, 82))
    assert (len(townships) > 500, len(found) > 900, len(known_cities("us")) >= 25) == (True, True, True)
    assert len({(one.centre, one.township.pk) for one in found}) == len({one.centre for one in found})
    assert all(region(country, city).homes for country in ("tr", "us") for city in known_cities(country))
    assert {str(pk).startswith(str(one.township.city.pk)) for one in found for pk in (one.township.pk,)} == {True}


def test_simulations_draw_from_the_same_cities_as_ever() -> None:
    """Snapshots of earlier versions are replayed from them; a city more, or in another place, moves their orders."""
    drawn = {
        "tr_TR": "İstanbul,Ankara,İzmir,Bursa,Antalya,Adana,Konya,Gaziantep,Kayseri,Trabzon,Eskişehir,Samsun",
        "en_US": "New York,Los Angeles,Chicago,Houston,Seattle,Boston,San Francisco,Miami,Denver,Austin",
    }
    assert {locale: ",".join(cities(locale)) for locale in LOCALES} == drawn
    assert all(set(cities(locale)) <= known_cities(locale_named(locale).country) for locale in LOCALES)


@pytest.mark.parametrize(("locale", "prefix"), [("tr_TR", "99"), ("en_US", "000")])
def test_an_unknown_city_has_a_postcode_of_nowhere(locale: str, prefix: str) -> None:
    first, again = (made(locale).address("shipping", 1, "Atlantis") for _ in range(2))
    assert first == again
    assert re.fullmatch(rf"{prefix}\d+", first.postcode)
    assert (first.township.city.name, first.latitude) == ("Atlantis", None)


@pytest.mark.parametrize(("spelt", "city"), [("Istanbul", "İstanbul"), ("ANKARA", "Ankara"), ("mugla", "Muğla")])
def test_a_city_that_is_spelt_otherwise_is_where_it_is_and_keeps_its_spelling(spelt: str, city: str) -> None:
    address, usual = (made("tr_TR").address("shipping", 1, one) for one in (spelt, city))
    assert address.township.city.name == spelt
    assert (address.township.pk, address.postcode, address.latitude) == (
        usual.township.pk,
        usual.postcode,
        usual.latitude,
    )


@examples(50)
@given(numbers=st.lists(st.integers(1, 10**9), min_size=2, max_size=8, unique=True), locale=st.sampled_from(LOCALES))
def test_an_address_depends_on_its_owner_number_and_city_alone(numbers: list[int], locale: str) -> None:
    asked = [
        (owner, number, city) for owner in OWNERS for number in numbers for city in (*cities(locale)[:2], "Atlantis")
    ]
    there, back = made(locale), made(locale)
    assert [there.address(*one) for one in asked] == [back.address(*one) for one in reversed(asked)][::-1]


@pytest.mark.parametrize(
    ("city", "area"), [("Chicago", "312"), ("Boston", "617"), ("Charlotte", "704"), ("Atlantis", "555")]
)
def test_a_telephone_number_has_the_area_code_of_its_city(city: str, area: str) -> None:
    assert made("en_US").telephone(city, 7) == f"+1{area}5550107"
