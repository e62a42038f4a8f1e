"""Cities of Turkey and the United States with townships, districts, postcodes and coordinates that fit together."""

import re
from collections.abc import KeysView, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from pkgutil import get_data

from mock_oms.dataclass import dataclass
from mock_oms.domain.order import City, Country, Township
from mock_oms.domain.setup import draw
from mock_oms.text import words

_COUNTRIES = {"tr": Country(pk=1, code="tr", name="Türkiye"), "us": Country(pk=2, code="us", name="United States")}

#: What the township of a province's capital is called.
_CAPITAL = "Merkez"


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district (a mahalle in Turkey) with its postcode, and the centre of its surroundings in degrees north and east.

    `alias` is what people call it where that is another name, else empty; `centre` is None where it is unknown.
    """

    name: str
    alias: str
    township: Township
    postcode: str
    centre: tuple[Decimal, Decimal] | None
    industrial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A city with its telephone area and its districts; people live in those that are not industrial: at least one."""

    city: City
    area: str
    districts: Sequence[District]
    homes: Sequence[District]

    def named_in(self, text: str) -> Sequence[District]:
        """The districts that a text names by their townships or themselves; none where it names no place of this city.

        A township counts before a district, and the city itself stands for its centre: `Gebze Merkez Depo` is in Gebze.
        """
        said, vague = _phrase(text), (_CAPITAL, self.city.name)
        names = {name for one in self.districts for name in (one.township.name, one.name, one.alias)}
        length = {name: len(name) if name not in vague and _phrase(name) in said else 0 for name in names}
        centre = any(_phrase(name) in said for name in vague)
        ranks = [
            (
                length[one.township.name],
                max(length[one.name], length[one.alias]),
                centre and one.township.name == _CAPITAL,
            )
            for one in self.districts
        ]
        best = max(ranks)
        return [one for one, rank in zip(self.districts, ranks, strict=True) if any(best) and rank == best]


@lru_cache(1024)
def _phrase(text: str) -> str:
    """The words of a text with a blank around each, so that a phrase in another one is in it from word to word."""
    return f" {' '.join(words(text))} "


@cache
def _blocks(country: str) -> Mapping[str, str]:
    """The lines of each city that a country's file (`cities_tr.txt`, `cities_us.txt`) describes, in its order.

    A line is a city: its pk, its name and in the United States its telephone area. An indented line is a township of it
    or a part of one: its name, postcode, centre and districts in its surroundings, with their aliases in parentheses. A
    star marks industrial ones.
    """
    # By the loader of modules, which a test that pretends other files leaves alone.
    table = (get_data(__package__, f"cities_{country}.txt") or b"").decode()
    blocks = re.split(r"\n(?=\S)", table.strip())
    return {block.partition("\n")[0].split(", ")[1]: block for block in blocks}


def known_cities(country: str) -> KeysView[str]:
    """The names of the cities that the country's file describes; in Turkey they are all provinces."""
    return _blocks(country).keys()


# Cities come from scenarios, too, so that there is no end of them. Only those that are asked for are parsed: the first
# answer of a process does not wait for the others.
@lru_cache(256)
def region(country: str, name: str) -> Region:
    """The region of a city, which may be spelt without accents; one that the file does not describe gets one township."""
    blocks = _blocks(country)
    described = name if name in blocks else next((one for one in blocks if _phrase(one) == _phrase(name)), None)
    if described is not None:
        head, *lines = (line.strip().split(", ") for line in blocks[described].splitlines())
        return _region(City(pk=int(head[0]), name=name, country=_COUNTRIES[country]), "".join(head[2:]), lines)
    number = draw(0, "city", name, below=1_000_000)
    if country == "us":
        # Nobody is assigned the area code 555, and no real place has a ZIP code under 000.
        pk, area = 2000 + number, "555"
        line = [f"{name} Center", f"000{draw(0, 'ZIP', name, below=100):02d}", "", "", "Old Town", "Riverside"]
    else:
        # No province has the plate code 99, with which its postcodes would begin.
        pk, area = 100 + number, ""
        line = [_CAPITAL, "99100", "", "", "Cumhuriyet", "Atatürk", "Yeni"]
    return _region(City(pk=pk, name=name, country=_COUNTRIES[country]), area, [line])


def _region(city: City, area: str, lines: Sequence[Sequence[str]]) -> Region:
    townships: dict[str, Township] = {}
    districts = []
    for start, postcode, north, east, *names in lines:
        township = start.removeprefix("* ")
        if township not in townships:
            # No two cities share the key of a township.
            key = city.pk * 1000 + len(townships) + 1
            townships[township] = Township(pk=key, name=township, city=city)
        centre = (Decimal(north), Decimal(east)) if north else None
        districts += [
            District(
                name=name,
                alias=alias.rstrip(")"),
                township=townships[township],
                postcode=postcode,
                centre=centre,
                industrial=start != township,
            )
            for name, _, alias in (one.partition(" (") for one in names)
        ]
    homes = tuple(one for one in districts if not one.industrial)
    return Region(city=city, area=area, districts=tuple(districts), homes=homes)
