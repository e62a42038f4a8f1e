"""The two locales: what differs between a Turkish and an American order, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from mock_oms.domain.stock import LocationType
from mock_oms.rendering.fake_data.geography import regions

#: Sizes that a SKU may end in (`TST-001-M`): such SKUs are variants of one product.
LETTER_SIZES = ("XS", "S", "M", "L", "XL", "XXL")


@dataclass(frozen=True, slots=True)
class ProductKind:
    """One kind of product; its list price lies between `low` and `high` whole units of money, `tax_rate` in percent."""

    noun: str
    low: int
    high: int
    tax_rate: int
    sizes: tuple[str, ...]
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """Words, money and places of one locale.

    Its cities are those of `country`. Turkey reserves no telephone numbers for fiction, but after +90 no subscriber's
    number begins with 0, so its area 000 reaches nobody. `attributes` are the words for a product's colour, size
    and material. `line`, `telephone` and `location_names` are format strings; each area has `telephone_numbers` numbers.
    From the amount `free_shipping_from` on, shipping costs nothing.
    """

    name: str
    language_code: str
    currency: str
    country: str
    kinds: tuple[ProductKind, ...]
    colors: tuple[str, ...]
    attributes: Mapping[str, str]
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


_SHOES = ("36", "37", "38", "39", "40", "41", "42", "43", "44")
_TURKISH_BEDS = ("Tek Kişilik", "Çift Kişilik")
_TURKISH_ONE = ("Standart",)
_AMERICAN_SHOES = ("6", "7", "8", "9", "10", "11")
_AMERICAN_BEDS = ("Twin", "Queen", "King")
_AMERICAN_ONE = ("One Size",)

_TURKISH_KINDS = (
    ProductKind("Tişört", 249, 599, 10, LETTER_SIZES, ("Pamuklu", "Organik Pamuklu", "Modal")),
    ProductKind("Gömlek", 499, 1299, 10, LETTER_SIZES, ("Keten", "Poplin", "Oxford")),
    ProductKind("Kazak", 599, 1499, 10, LETTER_SIZES, ("Yün", "Merinos", "Akrilik")),
    ProductKind("Elbise", 799, 2499, 10, LETTER_SIZES, ("Viskon", "Keten", "Saten")),
    ProductKind("Pantolon", 699, 1599, 10, LETTER_SIZES, ("Gabardin", "Denim", "Kadife")),
    ProductKind("Mont", 1999, 4999, 10, LETTER_SIZES, ("Kapitone", "Su Geçirmez", "Yünlü")),
    ProductKind("Spor Ayakkabı", 1299, 3499, 10, _SHOES, ("Deri", "Süet", "Örgü")),
    ProductKind("Bot", 1799, 3999, 10, _SHOES, ("Deri", "Nubuk", "Süet")),
    ProductKind("Nevresim Takımı", 899, 2499, 10, _TURKISH_BEDS, ("Saten", "Ranforce", "Müslin")),
    ProductKind("Havlu", 149, 449, 10, _TURKISH_ONE, ("Bambu", "Pamuklu", "Peştemal")),
    ProductKind("Kupa", 129, 349, 20, _TURKISH_ONE, ("Porselen", "Seramik", "Cam")),
    ProductKind("Masa Lambası", 599, 1899, 20, _TURKISH_ONE, ("Ahşap", "Metal", "Mermer")),
    ProductKind("Çanta", 699, 2999, 20, _TURKISH_ONE, ("Deri", "Kanvas", "Hasır")),
)

_AMERICAN_KINDS = (
    ProductKind("T-Shirt", 14, 39, 8, LETTER_SIZES, ("Cotton", "Organic Cotton", "Modal")),
    ProductKind("Shirt", 29, 89, 8, LETTER_SIZES, ("Linen", "Poplin", "Oxford")),
    ProductKind("Sweater", 39, 129, 8, LETTER_SIZES, ("Wool", "Merino", "Cable Knit")),
    ProductKind("Dress", 49, 179, 8, LETTER_SIZES, ("Viscose", "Linen", "Satin")),
    ProductKind("Trousers", 39, 109, 8, LETTER_SIZES, ("Twill", "Denim", "Corduroy")),
    ProductKind("Jacket", 89, 349, 8, LETTER_SIZES, ("Quilted", "Waterproof", "Wool")),
    ProductKind("Sneakers", 59, 179, 8, _AMERICAN_SHOES, ("Leather", "Suede", "Knit")),
    ProductKind("Boots", 89, 249, 8, _AMERICAN_SHOES, ("Leather", "Nubuck", "Suede")),
    ProductKind("Duvet Set", 59, 199, 8, _AMERICAN_BEDS, ("Sateen", "Percale", "Muslin")),
    ProductKind("Towel", 9, 35, 8, _AMERICAN_ONE, ("Bamboo", "Cotton", "Waffle")),
    ProductKind("Mug", 8, 24, 8, _AMERICAN_ONE, ("Porcelain", "Stoneware", "Glass")),
    ProductKind("Table Lamp", 39, 149, 8, _AMERICAN_ONE, ("Oak", "Metal", "Marble")),
    ProductKind("Tote Bag", 19, 199, 8, _AMERICAN_ONE, ("Leather", "Canvas", "Straw")),
)

_TURKISH = Locale(
    name="tr_TR",
    language_code="tr-tr",
    currency="try",
    country="tr",
    kinds=_TURKISH_KINDS,
    colors=("Siyah", "Beyaz", "Lacivert", "Haki", "Bej", "Gri", "Bordo", "Mavi", "Yeşil", "Kiremit"),
    attributes={"color": "renk", "size": "beden", "material": "materyal"},
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
    country="us",
    kinds=_AMERICAN_KINDS,
    colors=("Black", "White", "Navy", "Khaki", "Beige", "Gray", "Burgundy", "Blue", "Green", "Brick"),
    attributes={"color": "color", "size": "size", "material": "material"},
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

#: The locales by name; the first is the default.
LOCALES: Mapping[str, Locale] = {locale.name: locale for locale in (_TURKISH, _AMERICAN)}


def cities(locale: str) -> tuple[str, ...]:
    """The cities that a simulation may draw from; other names work too, with an invented township and postcode."""
    return tuple(regions(LOCALES[locale].country))
