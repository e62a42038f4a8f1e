"""Made-up addresses and telephone numbers, each from its arguments, the seed and the locale alone."""

from collections.abc import Sequence
from decimal import Decimal

from mock_oms.domain.order import Address
from mock_oms.domain.setup import draw, pick
from mock_oms.domain.stock import Location, LocationType
from mock_oms.rendering.fake_data.geography import District, region
from mock_oms.rendering.fake_data.locales import Locale

#: Who has an address; its id is `owner id * 3 + place in this table`, so that no two addresses share one.
OWNERS = ("shipping", "billing", "location")

#: How far an address lies from the centre of its surroundings at most, in millionths of a degree north or south and east
#: or west: some 300 metres. The centres are chosen so that no sea is as near.
_SURROUNDINGS = 3000


class Addresses:
    """Makes addresses of one seed and locale up; threads may share it."""

    def __init__(self, seed: int, locale: Locale) -> None:
        self._seed = seed
        self._locale = locale

    def telephone(self, city: str, number: int) -> str:
        """A number in international form that cannot be dialled."""
        locale = self._locale
        return locale.telephone.format(area=region(locale.country, city).area, number=number % locale.telephone_numbers)

    def address(self, owner: str, number: int, city: str, *, title: str | None = None) -> Address:
        """Where `owner` (one of `OWNERS`) `number` lives in this city; the title is made up unless given."""
        district = self._busy(region(self._locale.country, city).homes, owner, number)
        title = title or pick(self._seed, "title", owner, number, among=self._locale.titles)
        return self._in_district(district, owner, number, title, "home")

    def of_location(self, location: Location) -> Address:
        """Where a stock location is: in the place that its name says, as far as its city is known to have that.

        Warehouses are in industrial districts where there are some, and stores are not.
        """
        place = region(self._locale.country, location.city)
        named = place.named_in(location.name or "") or place.districts
        fitting = [one for one in named if one.industrial == (location.type is LocationType.WAREHOUSE)]
        district = self._busy(fitting or named, "location", location.id)
        return self._in_district(district, "location", location.id, location.code, location.type)

    def _busy(self, among: Sequence[District], owner: str, number: int) -> District:
        """One of the districts; a city's busiest ones come first in its file, and a later one is drawn less often."""
        return among[min(draw(self._seed, way, owner, number, below=len(among)) for way in ("district", "another"))]

    def _in_district(self, district: District, owner: str, number: int, title: str, kind: str) -> Address:
        """An address of a home, a store or a warehouse, which differ in their streets and in how they are written.

        One in four customers' addresses has no coordinates (c); a location has them wherever the city is known.
        """
        seed, locale, key = self._seed, self._locale, (owner, number)
        line = locale.line[kind].format(
            district=district.name,
            street=pick(seed, "street", *key, among=locale.streets[kind]),
            house=1 + draw(seed, "house", *key, below=180),
            door=1 + draw(seed, "door", *key, below=24),
        )
        latitude = longitude = None
        if district.centre and (owner == "location" or draw(seed, "coordinates", *key, below=4)):
            latitude, longitude = (
                str(middle + Decimal(draw(seed, way, *key, below=2 * _SURROUNDINGS + 1) - _SURROUNDINGS).scaleb(-6))
                for middle, way in zip(district.centre, ("north", "east"), strict=True)
            )
        return Address(
            id=number * len(OWNERS) + OWNERS.index(owner),
            title=title,
            line=line,
            postcode=district.postcode,
            township=district.township,
            district=district.name,
            latitude=latitude,
            longitude=longitude,
        )
