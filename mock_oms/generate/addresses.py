"""Addresses in a given city, whose township, district, postcode and coordinates fit together."""

from decimal import Decimal

from mock_oms.domain.chance import draw, pick
from mock_oms.domain.order import Address
from mock_oms.generate.geography import Region
from mock_oms.generate.locales import Locale

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
