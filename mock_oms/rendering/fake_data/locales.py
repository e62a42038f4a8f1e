"""The two locales: what differs between a Turkish and an American order, each in a JSON file of its own."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pkgutil import get_data
from typing import Literal

from mock_oms.dataclass import dataclass

#: The names of the locales; the first is the default.
LOCALES = ("tr_TR", "en_US")

#: Sizes that a SKU may end in (`TST-001-M`): such SKUs are variants of one product. Files call them `letters`.
LETTER_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "2XL", "3XL", "4XL")

#: When a collection is worn.
Season = Literal["summer", "winter"]


@dataclass(frozen=True, slots=True)
class ProductKind:
    """One kind of product; its list price lies just below a number of whole units of money from `low` to `high`.

    `materials` are by season, or `any`: a kind that has winter's alone, such as boots, is in no summer collection.
    """

    noun: str
    low: int
    high: int
    tax_class: str
    sizes: Sequence[str]
    materials: Mapping[str, Sequence[str]]

    def materials_in(self, season: Season | None) -> Sequence[str]:
        """What it is made of in a collection of this season, or at all."""
        return [
            one for when, some in self.materials.items() if season is None or when in {season, "any"} for one in some
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """Words, money and places of one locale.

    A simulation draws from `cities`, whose order is part of every world: snapshots of earlier versions draw from them,
    too. The file of `country` describes them all, and more. Turkey reserves no telephone numbers for fiction, but after
    +90 no subscriber's number begins with 0, so its area 000 reaches nobody; 555-0100 to 555-0199 are set aside for
    fiction in every area of the North American plan. `colors` are by material, or `any` for one that is not named;
    `only_size` is that of goods whose SKU names none. Prices end `price_end` below a multiple of `price_step`, or of a
    fifth of it below ten steps. `attributes` are the words for a product's colour, size and material.
    `line` and `streets` are those of a home and of each type of location. `line`, `telephone` and `location_names` (by
    type of location) are format strings; each area has `telephone_numbers` numbers. From the amount `free_shipping_from`
    on, shipping costs nothing.
    """

    language_code: str
    currency: str
    country: str
    kinds: Sequence[ProductKind]
    colors: Mapping[str, Sequence[str]]
    only_size: str
    price_step: Decimal
    price_end: Decimal
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
    couriers: Sequence[str]
    notes: Sequence[str]
    gift_notes: Sequence[str]


@cache
def locale_named(name: str) -> Locale:
    """One of the `LOCALES`. Its file has the fields of `Locale`, and the `sizes` that its kinds of products name."""
    found = json.loads(get_data(__package__, f"locale_{name}.json") or b"")  # as geography does
    sizes = {"letters": LETTER_SIZES, **found.pop("sizes")}
    kinds = [
        ProductKind(noun, low, high, tax_class, sizes[size], materials)
        for noun, low, high, tax_class, size, materials in found.pop("kinds")
    ]
    found |= {key: Decimal(found[key]) for key in ("price_step", "price_end", "shipping_amount", "free_shipping_from")}
    return Locale(kinds=kinds, only_size=sizes["one"][0], **found)


def cities(locale: str) -> tuple[str, ...]:
    """The cities that a simulation may draw from; other names work too, with an invented township and postcode."""
    return tuple(locale_named(locale).cities)
