"""Cities with townships, districts and postcodes that fit together, whatever the country."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mock_oms.domain.order import City, Country, Township

#: pk, name, telephone area, latitude, longitude, and for each township its postcode followed by some of its districts.
Row = tuple[int, str, str, str, str, Mapping[str, tuple[str, ...]]]

#: Township keys are `city pk * TOWNSHIPS + number`, so that no two cities share one.
TOWNSHIPS = 1000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """The regions of one country by city name; `elsewhere` makes up a region for any other name."""

    regions: Mapping[str, Region]
    elsewhere: Callable[[str], Region]

    def find(self, city: str) -> Region:
        """The region of this city; a name outside the table gives an invented one, always the same."""
        return self.regions.get(city) or self.elsewhere(city)


def tabulate(country: Country, rows: tuple[Row, ...]) -> Mapping[str, Region]:
    """The regions that a country's table describes, by city name, in the table's order."""
    return {row[1]: _region(country, row) for row in rows}


def quarters(city: City, townships: Mapping[str, tuple[str, ...]]) -> tuple[Quarter, ...]:
    """The quarters of a city; each township is given by its postcode followed by its districts."""
    return tuple(
        Quarter(
            township=Township(pk=city.pk * TOWNSHIPS + number, name=name, city=city),
            postcode=postcode,
            districts=tuple(districts),
        )
        for number, (name, (postcode, *districts)) in enumerate(townships.items(), start=1)
    )


def _region(country: Country, row: Row) -> Region:
    pk, name, area, latitude, longitude, townships = row
    city = City(pk=pk, name=name, country=country)
    centre = (Decimal(latitude), Decimal(longitude))
    return Region(city=city, area=area, centre=centre, quarters=quarters(city, townships))
