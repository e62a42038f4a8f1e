"""What is made up about an order: its customer, addresses, products and amounts, as frozen values (shapes: domain.md §6).

These come from `generate.py` as a pure function of (seed, id) and go to `wire.py`; the simulation never looks at them.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address whose city, township, district and postcode fit together. Coordinates are decimal text or None."""

    id: int
    title: str
    line: str
    postcode: str
    country_code: str
    country: str
    country_pk: int
    city: str
    city_pk: int
    township: str
    township_pk: int
    district: str
    latitude: str | None
    longitude: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """An invented customer: reserved e-mail domain, telephone number that nobody can dial."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What one SKU is, everywhere in a world. `barcode` may be None (seen at the vendor)."""

    id: int
    omnitron_id: int
    sku: str
    base_code: str
    name: str
    barcode: str | None
    attributes: tuple[tuple[str, str], ...]
    image: str | None
    retail_price: Decimal
    price: Decimal
    tax_rate: Decimal
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """The amounts of one order item, two decimals each: `net_amount = price - discount_amount`, tax included in it."""

    omnitron_id: int
    product: Product
    discount_amount: Decimal
    net_amount: Decimal
    tax_amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Everything about an order that the simulation does not decide; `amount` is the sum of the lines' net amounts."""

    number: str
    omnitron_id: int
    date_placed: datetime
    channel_id: int
    customer: Customer
    shipping_address: Address
    billing_address: Address
    currency: str
    amount: Decimal
    shipping_amount: Decimal
    discount_amount: Decimal
    cargo_company: str
    delivery_range: str | None
    shipping_option_slug: str
    notes: str | None
    has_gift_box: bool
    gift_box_note: str | None
    language_code: str
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationCard:
    """What is made up about a stock location."""

    omnitron_id: int
    name: str
    address: Address
    email: str
    daytime_phone: str
    created: datetime
    modified: datetime
