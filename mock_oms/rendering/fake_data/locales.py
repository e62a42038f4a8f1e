"""The two locales: what differs between a Turkish and an American order, each in a JSON file of its own."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pkgutil import get_data

from mock_oms.dataclass import dataclass

#: The names of the locales; the first is the default.
LOCALES = ("tr_TR", "en_US")

#: Sizes that a SKU may end in (`TST-001-M`): such SKUs are variants of one product. Files call them `letters`.
LETTER_SIZES = ("XS", "S", "M", "L", "XL", "XXL")


@dataclass(frozen=True, slots=True)
class ProductKind:
    """One kind of product; its list price lies between `low` and `high` whole units of money, `tax_rate` in percent."""

    noun: str
    low: int
    high: int
    tax_rate: int
    sizes: Sequence[str]
    materials: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """Words, money and places of one locale.

    A simulation draws from `cities`, whose order is part of every world: snapshots of earlier versions draw from them,
    too. The file of `country` describes them all, and more. Turkey reserves no telephone numbers for fiction, but after
    +90 no subscriber's number begins with 0, so its area 000 reaches nobody; 555-0100 to 555-0199 are set aside for
    fiction in every area of the North American plan. `attributes` are the words for a product's colour, size and
    material. `line` and `streets` are those of a home and of each type of location. `line`, `telephone` and
    `location_names` (by type of location) are format strings; each area has `telephone_numbers` numbers. From the amount
    `free_shipping_from` on, shipping costs nothing.
    """

    language_code: str
    currency: str
    country: str
    kinds: Sequence[ProductKind]
    colors: Sequence[str]
    attributes: Mapping[str, str]
    telephone: str
    telephone_numbers: int
    cities: Sequence[str]
    line: Mapping[str, str]
    streets: Mapping[str, Sequence[str]]
    titles: Sequence[str]
    location_names: Mapping[str, str]
    shipping_amount: Decimal
    free_shipping_from: Decimal
    cargo_companies: Sequence[str]
    notes: Sequence[str]
    gift_notes: Sequence[str]


@cache
def locale_named(name: str) -> Locale:
    """One of the `LOCALES`. Its file has the fields of `Locale`, and the `sizes` that its kinds of products name."""
    found = json.loads(get_data(__package__, f"locale_{name}.json") or b"")  # as geography does
    sizes = {"letters": LETTER_SIZES, **found.pop("sizes")}
    kinds = [
        ProductKind(noun, low, high, tax_rate, sizes[size], materials)
        for noun, low, high, tax_rate, size, materials in found.pop("kinds")
    ]
    found |= {key: Decimal(found[key]) for key in ("shipping_amount", "free_shipping_from")}
    return Locale(kinds=kinds, **found)


def cities(locale: str) -> tuple[str, ...]:
    """The cities that a simulation may draw from; other names work too, with an invented township and postcode."""
    return tuple(locale_named(locale).cities)
