"""Orders, order items, products, addresses and stock locations as JSON (a for most, b for orders), and state objects."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache

from marshmallow import fields

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ItemState, Order
from mock_oms.domain.stock import LocationType
from mock_oms.rendering.encoding import Constant, JsonObject, Moment, Shape, Stamp, money

#: State objects are part of an installation, older than any order in it; they never change (c).
_INSTALLED = datetime(2018, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The states of one kind of object; ids are `first_id` plus the place in `names`: value, English, Turkish."""

    enum_class: str
    content_type: int
    first_id: int
    names: tuple[tuple[str, str, str], ...]

    def objects(self, stamp: Stamp) -> dict[str, JsonObject]:
        """The state objects by `enum_value`, which is text (a)."""
        date = stamp(_INSTALLED)
        return {
            value: {
                "id": self.first_id + place,
                "name": english,
                "config": {},
                "enum_class": self.enum_class,
                "enum_value": value,
                "content_type": self.content_type,
                "created_date": date,
                "modified_date": date,
                "translations": {"en-us": {"name": english}, "tr-tr": {"name": turkish}},
            }
            for place, (value, english, turkish) in enumerate(self.names)
        }


#: The order states (a, 550 b) that an order can be in while it is planned, and afterwards.
_ORDER_NAMES = (
    ("100", "Canceled", "İptal edildi"),
    ("200", "Waiting", "Bekliyor"),
    ("350", "Confirmation waiting", "Onay bekliyor"),
    ("400", "Approved", "Onaylandı"),
    ("450", "Preparing", "Hazırlanıyor"),
    ("500", "Shipped", "Kargoya verildi"),
    ("510", "Shipped and informed", "Kargoya verildi, müşteri bilgilendirildi"),
    ("520", "Ready for pickup", "Teslim alınmaya hazır"),
    ("540", "Attempted delivery", "Teslimat denendi"),
    ("550", "Delivered", "Teslim edildi"),
)

_PLAN_NAMES = (
    (State.START, "Start", "Başlangıç"),
    (State.PENDING, "Pending", "Beklemede"),
    (State.CANCELLED, "Cancelled", "İptal edildi"),
    (State.COMPLETED, "Completed", "Tamamlandı"),
)

#: The vendor's (a) are the class of orders and the content types of orders and their items; the rest is ours (c).
ORDER = Family(enum_class="OrderStatus", content_type=2, first_id=1, names=_ORDER_NAMES)
ORDER_ITEM = Family(enum_class="OrderItemStatus", content_type=3, first_id=21, names=_ORDER_NAMES)
PLAN = Family(enum_class="OrderExecutionPlanState", content_type=40, first_id=41, names=_PLAN_NAMES)

APPROVED, PREPARING = "400", "450"

#: What an order item's state looks like from outside (c): whatever was given back is approved and waits again.
ITEM_VALUES = {
    ItemState.WAITING: "200",
    ItemState.OUT_OF_STOCK: APPROVED,
    ItemState.PLANNED: PREPARING,
    ItemState.CANCELLED: "100",
    ItemState.REFUSED: APPROVED,
    ItemState.NOT_FOUND: APPROVED,
}


def item_values(order: Order, value: str) -> Mapping[ItemState, str]:
    """The `enum_value` of an order's items by their states, where that of the order is `value`: placed items go with it."""
    waiting = {ItemState.WAITING: APPROVED} if order.given_back else {}
    return {**ITEM_VALUES, ItemState.PLANNED: max(value, PREPARING), **waiting}


def order_value(order: Order) -> str:
    """The `enum_value` of an order's state as far as its items say it (c, ours); one without items waits for ever."""
    states = {item.state for item in order.items}
    live = states - {ItemState.CANCELLED}
    if states and not live:
        return "100"
    if order.held:
        return "350"
    if live <= {ItemState.WAITING}:
        return APPROVED if order.given_back else "200"
    return PREPARING if live == {ItemState.PLANNED} else APPROVED


#: The same few cities are in every order, and most orders are billed to where they are shipped: the last rendered objects
#: (an address weighs about 2 kB) are used again by value. Nobody writes into them.
_place = lru_cache(512)(asdict)


class AddressShape(Shape):
    """An address; its geographic objects are shown whole. That `district` is a plain name is ours (c)."""

    id = fields.Integer()
    title = fields.String()
    line = fields.String()
    postcode = fields.String()
    notes = Constant(None)
    is_active = Constant(constant=True)
    city = fields.Function(lambda address: _place(address.township.city))
    country = fields.Function(lambda address: _place(address.township.city.country))
    township = fields.Function(lambda address: _place(address.township))
    district = fields.String()
    latitude = fields.String()
    longitude = fields.String()


_address = lru_cache(512)(AddressShape().dump)


class StockLocationShape(Shape):
    """A stock location (`location`) with what is made up about it (`card`).

    `max_quota` is null where nobody set one (c). Warehouses fulfil orders of the web shop, customers pick up their orders
    at stores (c).
    """

    id = fields.Integer(attribute="location.id")
    name = fields.String(attribute="card.name")
    erp_code = fields.String(attribute="location.code")
    stock_location_type = fields.String(attribute="location.type")
    omnitron_id = fields.Integer(attribute="card.omnitron_id")
    address = fields.Function(lambda row: _address(row.card.address))
    tags = Constant([])
    conf = Constant({})
    priority = fields.Integer(attribute="location.priority")
    is_active = fields.Boolean(attribute="location.active")
    is_fulfillment_center = fields.Function(lambda row: row.location.type is LocationType.WAREHOUSE)
    is_pickup_location = fields.Function(lambda row: row.location.type is LocationType.STORE)
    is_delivery_location = Constant(constant=True)
    is_return_available = Constant(constant=True)
    max_quota = fields.Integer(attribute="location.max_quota")
    quota = fields.Integer(attribute="location.quota")
    email = fields.String(attribute="card.email")
    daytime_phone = fields.String(attribute="card.daytime_phone")
    created_date = Moment("card.created")
    modified_date = Moment("card.modified")


class ProductShape(Shape):
    """A product."""

    id = fields.Integer()
    omnitron_id = fields.Integer()
    name = fields.String()
    base_code = fields.String()
    sku = fields.String()
    barcode = fields.String()
    attributes = fields.Function(lambda product: dict(product.attributes))
    attributes_kwargs = Constant({})
    extra_attributes = Constant({})
    productimage_set = Constant([])
    remote_modified_date = Moment("modified")
    created_date = Moment("created")
    modified_date = Moment("modified")


class OrderItemShape(Shape):
    """An `item` of an `order`, one unit of one SKU (b): with its amounts (`line`), rendered `state` and `product`."""

    id = fields.Integer(attribute="item.id")
    omnitron_id = fields.Integer(attribute="line.omnitron_id")
    state = fields.Raw()
    product = fields.Raw()
    price = money("line.product.price")
    price_currency = fields.String(attribute="currency")
    net_amount = money("line.net_amount")
    retail_price = money("line.product.retail_price")
    tax_rate = money("line.tax_rate")
    tax_amount = money("line.tax_amount")
    discount_amount = money("line.discount_amount")
    without_net_amount = Constant(None)
    installment_interest_amount = Constant(None)
    attributes = Constant({})
    attributes_kwargs = Constant({})
    image = Constant(None)
    created_date = Moment("order.created")
    modified_date = Moment("order.modified")


class OrderShape(Shape):
    """An `order` with its `particulars`, its `amount` under the switches, rendered `state` and `items`.

    That the `orderitem_set` is here too is ours (c).
    """

    id = fields.Integer(attribute="order.id")
    number = fields.String(attribute="particulars.number")
    omnitron_id = fields.Integer(attribute="particulars.omnitron_id")
    state = fields.Raw()
    commands = Constant([])
    date_placed = Moment("particulars.date_placed")
    channel = fields.Function(lambda row: {"id": row.particulars.channel_id, "name": row.order.channel})
    customer = fields.Function(lambda row: asdict(row.particulars.customer))
    shipping_address = fields.Function(lambda row: _address(row.particulars.shipping_address))
    billing_address = fields.Function(lambda row: _address(row.particulars.billing_address))
    currency = fields.String(attribute="particulars.currency")
    amount = money("amount")
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
    extra_field = Constant({})
    created_date = Moment("order.created")
    modified_date = Moment("order.modified")
    orderitem_set = fields.Raw(attribute="items")
