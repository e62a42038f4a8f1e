"""The allow-list: for each field of a plan what may reach a disk. What is not in it is unknown."""

import re
from collections.abc import Mapping

from mock_oms.recording.known import Known, Several
from mock_oms.recording.rules import Dated, Each, Hashed, Keepable, Kept, Keyed, Named, Object, Rule, Scaled, Written
from mock_oms.recording.words import (
    CLASSES,
    COMMANDS,
    CURRENCIES,
    DELIVERIES,
    LABELS,
    LANGUAGES,
    LOCATIONS,
    PAYMENTS,
    STATES,
    UNITS,
)

_FORMS = {
    # Six digits in all: no telephone number, no account, no number of a person.
    "COUNT": r"-?(?!(?:\D*\d){7})\d{1,6}(?:\.\d{1,3})?",
    "RATE": r"\d{1,3}(?:\.\d{1,4})?",
    "NUMBER": r"\d{1,6}",
    "FLAG": r"true|false",
    "ISO": r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?",
}
_COUNT, _RATE, _NUMBER, _FLAG, _ISO = (Kept(re.compile(form, re.ASCII)) for form in _FORMS.values())
_STATE, _SLUG, _CLASS, _LABEL = Known(STATES), Known(COMMANDS), Known(CLASSES), Known(LABELS)
_CURRENCY, _LANGUAGE = Known(CURRENCIES), Known(LANGUAGES)
_NAMED, _DATE, _MONEY, _ANY = Named(), Dated(), Scaled(), Hashed()
_SKU, _ERP = Named(Keepable.SKU), Named(Keepable.ERP_CODE)
#: Rooms that samples show empty: what stands in them is unknown.
_EMPTY, _EMPTY_LIST = Object({}), Each(Object({}))

_DATES: Mapping[str, Rule] = {"created_date": _DATE, "modified_date": _DATE}
_LABELS = Object({"name": _LABEL})

STATE = Object(
    {
        "id": _NAMED,
        "name": _LABEL,
        "config": _EMPTY,
        "enum_class": _CLASS,
        "enum_value": _STATE,
        "content_type": _NUMBER,
        "translations": Keyed(_LANGUAGE, _LABELS),
        **_DATES,
    },
    name=_STATE,
)

_COMMAND = Object(
    {
        "id": _NUMBER,
        "name": _LABEL,
        "slug": _SLUG,
        "command_code": _SLUG,
        "source_state": _STATE,
        "destination_state": _STATE,
    },
    name=_SLUG,
)
_COMMANDS = Each(_COMMAND, else_=Written(Each(_COMMAND), else_=Several(_SLUG)))

_COUNTRY = Object({"pk": _NAMED, "code": _ISO, "name": _NAMED})
_CITY = Object({"pk": _NAMED, "name": _NAMED, "country": _COUNTRY})
_TOWNSHIP = Object({"pk": _NAMED, "name": _NAMED, "city": _CITY})

ADDRESS = Object(
    {
        "id": _NAMED,
        "title": _NAMED,
        "line": _NAMED,
        "postcode": _NAMED,
        "notes": _NAMED,
        "is_active": _FLAG,
        "city": _CITY,
        "country": _COUNTRY,
        "township": _TOWNSHIP,
        "district": _NAMED,
        "latitude": _NAMED,
        "longitude": _NAMED,
    },
)

_CUSTOMER = Object(
    {
        "id": _NAMED,
        "first_name": _NAMED,
        "last_name": _NAMED,
        "email": _NAMED,
        "phone_number": _NAMED,
    },
)

_PRODUCT = Object(
    {
        "id": _NAMED,
        "omnitron_id": _NAMED,
        "name": _NAMED,
        "base_code": _SKU,
        "sku": _SKU,
        "barcode": _NAMED,
        "attributes": _ANY,
        "attributes_kwargs": _EMPTY,
        "extra_attributes": _EMPTY,
        "productimage_set": _EMPTY_LIST,
        "remote_modified_date": _DATE,
        **_DATES,
    },
)

_ORDER_ITEM = Object(
    {
        "id": _NAMED,
        "omnitron_id": _NAMED,
        "state": STATE,
        "product": _PRODUCT,
        "price": _MONEY,
        "price_currency": _CURRENCY,
        "net_amount": _MONEY,
        "retail_price": _MONEY,
        "tax_rate": _RATE,
        "tax_amount": _MONEY,
        "discount_amount": _MONEY,
        "without_net_amount": _MONEY,
        "installment_interest_amount": _MONEY,
        "attributes": _ANY,
        "attributes_kwargs": _EMPTY,
        "image": _NAMED,
        **_DATES,
    }
)

_ORDER = Object(
    {
        "id": _NAMED,
        "number": _NAMED,
        "omnitron_id": _NAMED,
        "state": STATE,
        "commands": _COMMANDS,
        "date_placed": _DATE,
        "channel": Object({"id": _NAMED, "name": _NAMED}),
        "customer": _CUSTOMER,
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
        "currency": _CURRENCY,
        "amount": _MONEY,
        "shipping_amount": _MONEY,
        "discount_amount": _MONEY,
        "payment_type": Known(PAYMENTS),
        "delivery_type": Known(DELIVERIES),
        "cargo_company": _NAMED,
        "delivery_range": _NAMED,
        "shipping_option_slug": _NAMED,
        "notes": _NAMED,
        "has_gift_box": _FLAG,
        "gift_box_note": _NAMED,
        "language_code": _LANGUAGE,
        "extra_field": _EMPTY,
        "orderitem_set": Each(_ORDER_ITEM),
        **_DATES,
    }
)

_STOCK_LOCATION = Object(
    {
        "id": _NAMED,
        "name": _NAMED,
        "erp_code": _ERP,
        "stock_location_type": Known(LOCATIONS),
        "omnitron_id": _NAMED,
        "address": ADDRESS,
        "tags": _EMPTY_LIST,
        "conf": _EMPTY,
        "priority": _COUNT,
        "is_active": _FLAG,
        "is_fulfillment_center": _FLAG,
        "is_pickup_location": _FLAG,
        "is_delivery_location": _FLAG,
        "is_return_available": _FLAG,
        "max_quota": _COUNT,
        "quota": _COUNT,
        "email": _NAMED,
        "daytime_phone": _NAMED,
        **_DATES,
    },
    name=_ERP,
)

_PLAN_ITEM = Object(
    {
        "id": _NAMED,
        "order_execution_plan": _NAMED,
        "state": STATE,
        "quantity": _COUNT,
        "order_item": _ORDER_ITEM,
        "stock_location": _STOCK_LOCATION,
        **_DATES,
    }
)

_FIGURES = Object(
    {
        "sku": _SKU,
        "quantity": _COUNT,
        "unit_type": Known(UNITS),
        "stock_count": _COUNT,
        "reservation_count": _COUNT,
    }
)
_ATTEMPT = Object({"date": _DATE, "stock_locations": Keyed(_ERP, Keyed(_NAMED, _FIGURES))})

PLAN = Object(
    {
        "id": _NAMED,
        "state": STATE,
        "order": _ORDER,
        "commands": _COMMANDS,
        "orderexecutionplanitem_set": Each(_PLAN_ITEM),
        "context": Keyed(_NUMBER, _ATTEMPT),
        **_DATES,
    }
)
