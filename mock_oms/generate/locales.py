"""The two locales: what differs between a Turkish and an American order, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from mock_oms.domain.stock import LocationType
from mock_oms.generate import america, catalogue, turkey
from mock_oms.generate.catalogue import Catalogue
from mock_oms.generate.geography import Atlas


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """Words, money and places of one locale.

    `line`, `telephone` and `location_names` are format strings; each area has `telephone_numbers` numbers. From the
    amount `free_shipping_from` on, shipping costs nothing.
    """

    name: str
    language_code: str
    currency: str
    atlas: Atlas
    catalogue: Catalogue
    telephone: str
    telephone_numbers: int
    line: str
    streets: tuple[str, ...]
    titles: tuple[str, ...]
    location_names: Mapping[LocationType, str]
    shipping_amount: Decimal
    free_shipping_from: Decimal
    cargo_companies: tuple[str, ...]
    notes: tuple[str, ...]
    gift_notes: tuple[str, ...]


_TURKISH = Locale(
    name="tr_TR",
    language_code="tr-tr",
    currency="try",
    atlas=turkey.ATLAS,
    catalogue=catalogue.TURKISH,
    telephone="+90{area}{number:07d}",
    telephone_numbers=10_000_000,
    line="{district} Mah. {street} Sok. No: {house} D: {door}",
    streets=("Çınar", "Lale", "Menekşe", "Zeytin", "Ihlamur", "Papatya", "Akasya", "Gül", "Şehit", "Okul", "Çeşme"),
    titles=("Ev", "İş", "Ofis", "Annemin evi"),
    location_names={LocationType.WAREHOUSE: "{city} {township} Depo", LocationType.STORE: "{township} Mağazası"},
    shipping_amount=Decimal("49.90"),
    free_shipping_from=Decimal(1000),
    cargo_companies=("Anka Kargo", "Poyraz Kargo", "Hızır Kargo"),
    notes=("Lütfen kapıcıya bırakın.", "Zili çalmayın, bebek uyuyor.", "Öğleden sonra evdeyiz."),
    gift_notes=("İyi ki doğdun!", "Yeni evinizde güle güle oturun.", "Sevgilerimizle."),
)

_AMERICAN = Locale(
    name="en_US",
    language_code="en-us",
    currency="usd",
    atlas=america.ATLAS,
    catalogue=catalogue.AMERICAN,
    # 555-0100 to 555-0199 are set aside for fiction in every area of the North American plan.
    telephone="+1{area}55501{number:02d}",
    telephone_numbers=100,
    line="{house} {street}, Apt {door}",
    streets=(
        "Maple St",
        "Oak Ave",
        "Cedar Ln",
        "Elm St",
        "Birch Rd",
        "Willow Dr",
        "Juniper Ct",
        "Spruce St",
        "Park Ave",
    ),
    titles=("Home", "Work", "Office", "Mom's house"),
    location_names={LocationType.WAREHOUSE: "{city} {township} Warehouse", LocationType.STORE: "{township} Store"},
    shipping_amount=Decimal("5.95"),
    free_shipping_from=Decimal(75),
    cargo_companies=("Bluebird Parcel", "Northway Freight", "Heron Express"),
    notes=("Please leave it with the doorman.", "Do not ring, the baby sleeps.", "We are home after noon."),
    gift_notes=("Happy birthday!", "Enjoy your new home.", "With love."),
)

_BY_NAME: Mapping[str, Locale] = MappingProxyType({locale.name: locale for locale in (_TURKISH, _AMERICAN)})

#: The names of the locales; the first is the default.
LOCALES: tuple[str, ...] = tuple(_BY_NAME)


def cities(locale: str) -> tuple[str, ...]:
    """The cities that a simulation may draw from; other names work too, with an invented township and postcode."""
    return tuple(locale_named(locale).atlas.regions)


def locale_named(name: str) -> Locale:
    """The locale of this name.

    :raises ValueError: there is none.
    """
    if name not in _BY_NAME:
        raise ValueError(f"There is no locale {name!r}; there are: {', '.join(LOCALES)}.")
    return _BY_NAME[name]
