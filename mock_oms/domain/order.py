"""What `rendering` makes up about an order, from (seed, id); the simulation never looks at it."""

from datetime import datetime
from decimal import Decimal

from mock_oms.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country; like all of the vendor's geographic objects it is known by `pk` (a)."""

    pk: int
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city: a province in Turkey."""

    pk: int
    name: str
    country: Country


@dataclass(frozen=True, slots=True, kw_only=True)
class Township:
    """A part of a city that has its own name: an ilçe in Turkey."""

    pk: int
    name: str
    city: City


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address whose township, district and postcode fit together. Coordinates are decimal text or None."""

    id: int
    title: str
    line: str
    postcode: str
    township: Township
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
    """What one SKU is, everywhere in a world. `barcode` may be None (seen at the vendor); `tax_class` decides the rate."""

    id: int
    omnitron_id: int
    sku: str
    base_code: str
    name: str
    barcode: str | None
    attributes: tuple[tuple[str, str], ...]
    retail_price: Decimal
    price: Decimal
    tax_class: str
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """The amounts of one order item, two decimals each: `net_amount = price - discount_amount`, tax included in it.

    `tax_rate` is in percent, the one at which the order was placed.
    """

    omnitron_id: int
    product: Product
    discount_amount: Decimal
    net_amount: Decimal
    tax_rate: Decimal
    tax_amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Everything about an order that the simulation does not decide; `lines` are in the order of the order's items.

    `amount` and `discount_amount` are the sums over the lines; `shipping_amount` is in neither. A switch may show it in
    the first (c).
    """

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
    cargo_company: str | None
    delivery_range: str | None
    shipping_option_slug: str
    notes: str | None
    has_gift_box: bool
    gift_box_note: str | None
    language_code: str
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationCard:
    """What is made up about a stock location; `name` is the location's own where it has one."""

    omnitron_id: int
    name: str
    address: Address
    email: str
    daytime_phone: str
    created: datetime
    modified: datetime
