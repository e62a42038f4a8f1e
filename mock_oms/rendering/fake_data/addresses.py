"""Made-up addresses and telephone numbers, each from its arguments, the seed and the locale alone."""

from decimal import Decimal

from mock_oms.domain.order import Address
from mock_oms.domain.setup import draw, pick
from mock_oms.rendering.fake_data.geography import region
from mock_oms.rendering.fake_data.locales import Locale

#: Who has an address; its id is `owner id * 3 + place in this table`, so that no two addresses share one.
OWNERS = ("shipping", "billing", "location")


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
        """The address of `owner` (one of `OWNERS`) `number` in this city; the title is made up unless given.

        One in four customers' addresses has no coordinates (c); a location has them wherever the city is known. An
        address lies up to 0.02 degrees (about 2 km) from the centre of its city.
        """
        seed, locale, key = self._seed, self._locale, (owner, number)
        place = region(locale.country, city)
        quarter = pick(seed, "quarter", *key, among=place.quarters)
        district = pick(seed, "district", *key, among=quarter.districts)
        line = locale.line.format(
            district=district,
            street=pick(seed, "street", *key, among=locale.streets),
            house=1 + draw(seed, "house", *key, below=180),
            door=1 + draw(seed, "door", *key, below=24),
        )
        latitude = longitude = None
        if place.centre and (owner == "location" or draw(seed, "coordinates", *key, below=4)):
            latitude, longitude = (
                str(centre + Decimal(draw(seed, way, *key, below=40_000) - 20_000).scaleb(-6))
                for centre, way in zip(place.centre, ("north", "east"), strict=True)
            )
        return Address(
            id=number * len(OWNERS) + OWNERS.index(owner),
            title=title or pick(seed, "title", *key, among=locale.titles),
            line=line,
            postcode=quarter.postcode,
            township=quarter.township,
            district=district,
            latitude=latitude,
            longitude=longitude,
        )
