"""Orders, order items, products, addresses and stock locations as JSON (a for most, b for orders)."""

from dataclasses import dataclass

from marshmallow import fields

from mock_oms.domain.order import LocationCard, OrderLine, Particulars
from mock_oms.domain.plan import Order, OrderItem
from mock_oms.domain.stock import Location, LocationType
from mock_oms.rendering.encoding import CachedField, DatedShape, JsonObject, Moment, Shape, constant, money


class CountryShape(Shape):
    """A country."""

    pk = fields.Integer()
    code = fields.String()
    name = fields.String()


class CityShape(Shape):
    """A city with its country."""

    pk = fields.Integer()
    name = fields.String()
    country = CachedField(CountryShape)


class TownshipShape(Shape):
    """A township with its city."""

    pk = fields.Integer()
    name = fields.String()
    city = CachedField(CityShape)


class AddressShape(Shape):
    """An address; geographic objects use `pk`, all else `id`. That `district` is a plain name is ours (c)."""

    id = fields.Integer()
    title = fields.String()
    line = fields.String()
    postcode = fields.String()
    notes = constant(None)
    is_active = constant(value=True)
    city = CachedField(CityShape, "township.city")
    country = CachedField(CountryShape, "township.city.country")
    township = CachedField(TownshipShape)
    district = fields.String()
    latitude = fields.String()
    longitude = fields.String()


@dataclass(frozen=True, slots=True)
class Place:
    """A location with what is made up about it: what a stock location is rendered from."""

    location: Location
    card: LocationCard

    @property
    def is_warehouse(self) -> bool:
        """Warehouses fulfil orders of the web shop (c)."""
        return self.location.type is LocationType.WAREHOUSE

    @property
    def is_store(self) -> bool:
        """Customers pick up their orders at stores (c)."""
        return self.location.type is LocationType.STORE


class StockLocationShape(DatedShape):
    """A stock location; `max_quota` is null where nobody set one (c)."""

    id = fields.Integer(attribute="location.id")
    name = fields.String(attribute="card.name")
    erp_code = fields.String(attribute="location.code")
    stock_location_type = fields.String(attribute="location.type")
    omnitron_id = fields.Integer(attribute="card.omnitron_id")
    address = CachedField(AddressShape, "card.address")
    tags = constant([])
    conf = constant({})
    priority = fields.Integer(attribute="location.priority")
    is_active = fields.Boolean(attribute="location.active")
    is_fulfillment_center = fields.Boolean(attribute="is_warehouse")
    is_pickup_location = fields.Boolean(attribute="is_store")
    is_delivery_location = constant(value=True)
    is_return_available = constant(value=True)
    max_quota = fields.Integer(attribute="location.max_quota")
    quota = fields.Integer(attribute="location.quota")
    email = fields.String(attribute="card.email")
    daytime_phone = fields.String(attribute="card.daytime_phone")
    created_date = Moment("card.created")
    modified_date = Moment("card.modified")


class ProductShape(DatedShape):
    """A product."""

    id = fields.Integer()
    omnitron_id = fields.Integer()
    name = fields.String()
    base_code = fields.String()
    sku = fields.String()
    barcode = fields.String()
    attributes = fields.Function(lambda product: dict(product.attributes))
    attributes_kwargs = constant({})
    extra_attributes = constant({})
    productimage_set = constant([])
    remote_modified_date = Moment("modified")
    created_date = Moment("created")
    modified_date = Moment("modified")


@dataclass(frozen=True, slots=True)
class OrderItemRow:
    """What an order item is rendered from: itself, its amounts, its order, its rendered state and product."""

    item: OrderItem
    line: OrderLine
    order: Order
    currency: str
    state: JsonObject
    product: JsonObject


class OrderItemShape(DatedShape):
    """An order item: one unit of one SKU (b)."""

    id = fields.Integer(attribute="item.id")
    omnitron_id = fields.Integer(attribute="line.omnitron_id")
    state = fields.Raw()
    product = fields.Raw()
    price = money("line.product.price")
    price_currency = fields.String(attribute="currency")
    net_amount = money("line.net_amount")
    retail_price = money("line.product.retail_price")
    tax_rate = money("line.product.tax_rate")
    tax_amount = money("line.tax_amount")
    discount_amount = money("line.discount_amount")
    without_net_amount = constant(None)
    installment_interest_amount = constant(None)
    attributes = constant({})
    attributes_kwargs = constant({})
    image = constant(None)
    created_date = Moment("order.created")
    modified_date = Moment("order.modified")


class CustomerShape(Shape):
    """A customer."""

    id = fields.Integer()
    first_name = fields.String()
    last_name = fields.String()
    email = fields.String()
    phone_number = fields.String()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What an order is rendered from: itself, its particulars, its rendered state and items."""

    order: Order
    particulars: Particulars
    state: JsonObject
    items: list[JsonObject]


class OrderShape(DatedShape):
    """An order; that it carries its `orderitem_set` here too is ours (c)."""

    id = fields.Integer(attribute="order.id")
    number = fields.String(attribute="particulars.number")
    omnitron_id = fields.Integer(attribute="particulars.omnitron_id")
    state = fields.Raw()
    commands = constant([])
    date_placed = Moment("particulars.date_placed")
    channel = fields.Function(lambda row: {"id": row.particulars.channel_id, "name": row.order.channel})
    customer = fields.Nested(CustomerShape, attribute="particulars.customer")
    shipping_address = CachedField(AddressShape, "particulars.shipping_address")
    billing_address = CachedField(AddressShape, "particulars.billing_address")
    currency = fields.String(attribute="particulars.currency")
    amount = money("particulars.amount")
    shipping_amount = money("particulars.shipping_amount")
    discount_amount = money("particulars.discount_amount")
    payment_type = fields.String(attribute="order.payment_type")
    delivery_type = fields.String(attribute="order.delivery_type")
    cargo_company = fields.String(attribute="particulars.cargo_company")
    delivery_range = fields.String(attribute="particulars.delivery_range")
    shipping_option_slug = fields.String(attribute="particulars.shipping_option_slug")
    notes = fields.String(attribute="particulars.notes")
    has_gift_box = fields.Boolean(attribute="particulars.has_gift_box")
    gift_box_note = fields.String(attribute="particulars.gift_box_note")
    language_code = fields.String(attribute="particulars.language_code")
    extra_field = constant({})
    created_date = Moment("order.created")
    modified_date = Moment("order.modified")
    orderitem_set = fields.Raw(attribute="items")
