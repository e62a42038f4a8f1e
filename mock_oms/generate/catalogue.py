"""What a shop for clothes and things for the home sells, in Turkish and in English, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

#: Sizes that a SKU may end in (`TST-001-M`): such SKUs are variants of one product.
LETTER_SIZES = ("XS", "S", "M", "L", "XL", "XXL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of product; its list price lies between `low` and `high` whole units of money, `tax_rate` in percent."""

    noun: str
    low: int
    high: int
    tax_rate: int
    sizes: tuple[str, ...]
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Kinds and colours in one language; `words` are its names for the attributes `color`, `size` and `material`."""

    kinds: tuple[Kind, ...]
    colors: tuple[str, ...]
    words: Mapping[str, str]

    def kinds_with(self, size: str | None) -> tuple[Kind, ...]:
        """The kinds that come in this size; every kind for None."""
        return self.kinds if size is None else tuple(kind for kind in self.kinds if size in kind.sizes)


#: noun, lowest and highest list price, tax rate, sizes, materials.
_Row = tuple[str, int, int, int, tuple[str, ...], tuple[str, ...]]

_SHOES = ("36", "37", "38", "39", "40", "41", "42", "43", "44")
_TURKISH_BEDS = ("Tek Kişilik", "Çift Kişilik")
_TURKISH_ONE = ("Standart",)
_AMERICAN_SHOES = ("6", "7", "8", "9", "10", "11")
_AMERICAN_BEDS = ("Twin", "Queen", "King")
_AMERICAN_ONE = ("One Size",)

_TURKISH: tuple[_Row, ...] = (
    ("Tişört", 249, 599, 10, LETTER_SIZES, ("Pamuklu", "Organik Pamuklu", "Modal")),
    ("Gömlek", 499, 1299, 10, LETTER_SIZES, ("Keten", "Poplin", "Oxford")),
    ("Kazak", 599, 1499, 10, LETTER_SIZES, ("Yün", "Merinos", "Akrilik")),
    ("Elbise", 799, 2499, 10, LETTER_SIZES, ("Viskon", "Keten", "Saten")),
    ("Pantolon", 699, 1599, 10, LETTER_SIZES, ("Gabardin", "Denim", "Kadife")),
    ("Mont", 1999, 4999, 10, LETTER_SIZES, ("Kapitone", "Su Geçirmez", "Yünlü")),
    ("Spor Ayakkabı", 1299, 3499, 10, _SHOES, ("Deri", "Süet", "Örgü")),
    ("Bot", 1799, 3999, 10, _SHOES, ("Deri", "Nubuk", "Süet")),
    ("Nevresim Takımı", 899, 2499, 10, _TURKISH_BEDS, ("Saten", "Ranforce", "Müslin")),
    ("Havlu", 149, 449, 10, _TURKISH_ONE, ("Bambu", "Pamuklu", "Peştemal")),
    ("Kupa", 129, 349, 20, _TURKISH_ONE, ("Porselen", "Seramik", "Cam")),
    ("Masa Lambası", 599, 1899, 20, _TURKISH_ONE, ("Ahşap", "Metal", "Mermer")),
    ("Çanta", 699, 2999, 20, _TURKISH_ONE, ("Deri", "Kanvas", "Hasır")),
)

_AMERICAN: tuple[_Row, ...] = (
    ("T-Shirt", 14, 39, 8, LETTER_SIZES, ("Cotton", "Organic Cotton", "Modal")),
    ("Shirt", 29, 89, 8, LETTER_SIZES, ("Linen", "Poplin", "Oxford")),
    ("Sweater", 39, 129, 8, LETTER_SIZES, ("Wool", "Merino", "Cable Knit")),
    ("Dress", 49, 179, 8, LETTER_SIZES, ("Viscose", "Linen", "Satin")),
    ("Trousers", 39, 109, 8, LETTER_SIZES, ("Twill", "Denim", "Corduroy")),
    ("Jacket", 89, 349, 8, LETTER_SIZES, ("Quilted", "Waterproof", "Wool")),
    ("Sneakers", 59, 179, 8, _AMERICAN_SHOES, ("Leather", "Suede", "Knit")),
    ("Boots", 89, 249, 8, _AMERICAN_SHOES, ("Leather", "Nubuck", "Suede")),
    ("Duvet Set", 59, 199, 8, _AMERICAN_BEDS, ("Sateen", "Percale", "Muslin")),
    ("Towel", 9, 35, 8, _AMERICAN_ONE, ("Bamboo", "Cotton", "Waffle")),
    ("Mug", 8, 24, 8, _AMERICAN_ONE, ("Porcelain", "Stoneware", "Glass")),
    ("Table Lamp", 39, 149, 8, _AMERICAN_ONE, ("Oak", "Metal", "Marble")),
    ("Tote Bag", 19, 199, 8, _AMERICAN_ONE, ("Leather", "Canvas", "Straw")),
)


def _kinds(rows: tuple[_Row, ...]) -> tuple[Kind, ...]:
    return tuple(
        Kind(noun=noun, low=low, high=high, tax_rate=tax_rate, sizes=sizes, materials=materials)
        for noun, low, high, tax_rate, sizes, materials in rows
    )


TURKISH = Catalogue(
    kinds=_kinds(_TURKISH),
    colors=("Siyah", "Beyaz", "Lacivert", "Haki", "Bej", "Gri", "Bordo", "Mavi", "Yeşil", "Kiremit"),
    words={"color": "renk", "size": "beden", "material": "materyal"},
)

AMERICAN = Catalogue(
    kinds=_kinds(_AMERICAN),
    colors=("Black", "White", "Navy", "Khaki", "Beige", "Gray", "Burgundy", "Blue", "Green", "Brick"),
    words={"color": "color", "size": "size", "material": "material"},
)
