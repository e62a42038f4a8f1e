"""Products, order items and orders as JSON (shapes: a for products and order items, b for orders)."""

from dataclasses import dataclass

from marshmallow import fields

from mock_oms.domain.order import OrderLine, Particulars
from mock_oms.domain.plan import Order, OrderItem
from mock_oms.wire.encoding import JsonObject
from mock_oms.wire.places import AddressShape
from mock_oms.wire.shape import DatedShape, Kept, Moment, Shape, constant, money


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
    shipping_address = Kept(AddressShape, "particulars.shipping_address")
    billing_address = Kept(AddressShape, "particulars.billing_address")
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
