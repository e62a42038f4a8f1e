"""Cities of Turkey and the United States with townships, districts and postcodes that fit together."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from mock_oms.dataclass import dataclass
from mock_oms.domain.order import City, Country, Township
from mock_oms.domain.setup import draw

_COUNTRIES = {"tr": Country(pk=1, code="tr", name="Türkiye"), "us": Country(pk=2, code="us", name="United States")}

#: Every province in the order of its plate code (from 1), which is also its pk and the start of its postcodes.
PROVINCES = tuple(
    """
    Adana Adıyaman Afyonkarahisar Ağrı Amasya Ankara Antalya Artvin Aydın Balıkesir Bilecik Bingöl Bitlis Bolu Burdur
    Bursa Çanakkale Çankırı Çorum Denizli Diyarbakır Edirne Elazığ Erzincan Erzurum Eskişehir Gaziantep Giresun
    Gümüşhane Hakkari Hatay Isparta Mersin İstanbul İzmir Kars Kastamonu Kayseri Kırklareli Kırşehir Kocaeli Konya
    Kütahya Malatya Manisa Kahramanmaraş Mardin Muğla Muş Nevşehir Niğde Ordu Rize Sakarya Samsun Siirt Sinop Sivas
    Tekirdağ Tokat Trabzon Tunceli Şanlıurfa Uşak Van Yozgat Zonguldak Aksaray Bayburt Karaman Kırıkkale Batman Şırnak
    Bartın Ardahan Iğdır Yalova Karabük Kilis Osmaniye Düzce
    """.split()  # noqa: SIM905 - eighty-one quoted names would be a page to read
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A township, its postcode and at least one of its districts."""

    township: Township
    postcode: str
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A city with its telephone area, its centre (degrees north and east; None: unknown) and at least one quarter."""

    city: City
    area: str
    centre: tuple[Decimal, Decimal] | None
    quarters: tuple[Quarter, ...]


@cache
def regions(country: str) -> Mapping[str, Region]:
    """The cities that a country's file (`cities_tr.txt`, `cities_us.txt`) describes, by name, in its order.

    A line is a city: its pk, name, telephone area and centre. An indented line is a township of it: its name, postcode
    and some of its districts.
    """
    found = {}
    table = Path(__file__).with_name(f"cities_{country}.txt").read_text("utf-8")
    for block in re.split(r"\n(?=\S)", table.strip()):
        (pk, name, area, north, east), *townships = (line.strip().split(", ") for line in block.splitlines())
        city = City(pk=int(pk), name=name, country=_COUNTRIES[country])
        found[name] = _region(city, area, (Decimal(north), Decimal(east)), townships)
    return found


def region(country: str, name: str) -> Region:
    """The region of a city; one that the file does not describe gets one township, always the same."""
    known = regions(country)
    if name in known:
        return known[name]
    number = draw(0, "city", name, below=1_000_000)
    if country == "us":
        # Nobody is assigned the area code 555, and no real place has a ZIP code under 000.
        pk, area = 2000 + number, "555"
        township = [f"{name} Center", f"000{draw(0, 'ZIP', name, below=100):02d}", "Old Town", "Riverside"]
    else:
        # The centre of a province is called Merkez; no province has the plate code 99.
        plate = PROVINCES.index(name) + 1 if name in PROVINCES else 99
        pk, area = (plate if name in PROVINCES else 100 + number), "000"
        township = ["Merkez", f"{plate:02d}100", "Cumhuriyet", "Atatürk", "Yeni"]
    return _region(City(pk=pk, name=name, country=_COUNTRIES[country]), area, None, [township])


def _region(
    city: City, area: str, centre: tuple[Decimal, Decimal] | None, townships: Sequence[Sequence[str]]
) -> Region:
    quarters = tuple(
        Quarter(
            # No two cities share the key of a township.
            township=Township(pk=city.pk * 1000 + number, name=name, city=city),
            postcode=postcode,
            districts=tuple(districts),
        )
        for number, (name, postcode, *districts) in enumerate(townships, start=1)
    )
    return Region(city=city, area=area, centre=centre, quarters=quarters)
