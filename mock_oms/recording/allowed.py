"""The allow-list: for each field of a plan what may reach a disk. What is not in it is unknown."""

import re
from collections.abc import Mapping

from mock_oms.recording.inventions import Kind
from mock_oms.recording.known import Known, Several
from mock_oms.recording.rules import Dated, Each, Hashed, Kept, Keyed, Named, Object, Rule, Scaled, Written
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
_STATE, _SLUG, _CLASS, _LABEL = Known(STATES), Known(COMMANDS), Known(CLASSES), Known(LABELS, Kind.NAME)
_CURRENCY, _LANGUAGE = Known(CURRENCIES), Known(LANGUAGES)
_ID, _DATE, _MONEY, _ANY = Named(Kind.CODE), Dated(), Scaled(), Hashed()
_TEXT, _NAME, _MAIL, _PHONE = Named(Kind.TEXT), Named(Kind.NAME), Named(Kind.MAIL), Named(Kind.PHONE)
_PLACE, _DEGREES, _SKU, _ERP = Named(Kind.ADDRESS), Named(Kind.DEGREES), Named(Kind.SKU), Named(Kind.ERP_CODE)
#: Rooms that samples show empty: what stands in them is unknown.
_EMPTY, _EMPTY_LIST = Object({}), Each(Object({}))

_DATES: Mapping[str, Rule] = {"created_date": _DATE, "modified_date": _DATE}
_LABELS = Object({"name": _LABEL})

STATE = Object(
    {
        "id": _ID,
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

_COUNTRY = Object({"pk": _ID, "code": _ISO, "name": _PLACE}, name=Kind.ADDRESS)
_CITY = Object({"pk": _ID, "name": _PLACE, "country": _COUNTRY}, name=Kind.ADDRESS)
_TOWNSHIP = Object({"pk": _ID, "name": _PLACE, "city": _CITY}, name=Kind.ADDRESS)

ADDRESS = Object(
    {
        "id": _ID,
        "title": _PLACE,
        "line": _PLACE,
        "postcode": Named(Kind.ADDRESS),
        "notes": _TEXT,
        "is_active": _FLAG,
        "city": _CITY,
        "country": _COUNTRY,
        "township": _TOWNSHIP,
        "district": _PLACE,
        "latitude": _DEGREES,
        "longitude": _DEGREES,
    },
    name=Kind.ADDRESS,
)

_CUSTOMER = Object(
    {
        "id": _ID,
        "first_name": Named(Kind.FIRST_NAME),
        "last_name": Named(Kind.LAST_NAME),
        "email": _MAIL,
        "phone_number": _PHONE,
    },
    name=Kind.NAME,
)

_PRODUCT = Object(
    {
        "id": _ID,
        "omnitron_id": _ID,
        "name": _NAME,
        "base_code": _SKU,
        "sku": _SKU,
        "barcode": _ID,
        "attributes": _ANY,
        "attributes_kwargs": _EMPTY,
        "extra_attributes": _EMPTY,
        "productimage_set": _EMPTY_LIST,
        "remote_modified_date": _DATE,
        **_DATES,
    },
    name=Kind.NAME,
)

_ORDER_ITEM = Object(
    {
        "id": _ID,
        "omnitron_id": _ID,
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
        "image": _TEXT,
        **_DATES,
    }
)

_ORDER = Object(
    {
        "id": _ID,
        "number": _ID,
        "omnitron_id": _ID,
        "state": STATE,
        "commands": _COMMANDS,
        "date_placed": _DATE,
        "channel": Object({"id": _ID, "name": _NAME}, name=Kind.NAME),
        "customer": _CUSTOMER,
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
        "currency": _CURRENCY,
        "amount": _MONEY,
        "shipping_amount": _MONEY,
        "discount_amount": _MONEY,
        "payment_type": Known(PAYMENTS),
        "delivery_type": Known(DELIVERIES),
        "cargo_company": _NAME,
        "delivery_range": _TEXT,
        "shipping_option_slug": Named(Kind.CODE),
        "notes": _TEXT,
        "has_gift_box": _FLAG,
        "gift_box_note": _TEXT,
        "language_code": _LANGUAGE,
        "extra_field": _EMPTY,
        "orderitem_set": Each(_ORDER_ITEM),
        **_DATES,
    }
)

_STOCK_LOCATION = Object(
    {
        "id": _ID,
        "name": _NAME,
        "erp_code": _ERP,
        "stock_location_type": Known(LOCATIONS),
        "omnitron_id": _ID,
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
        "email": _MAIL,
        "daytime_phone": _PHONE,
        **_DATES,
    },
    name=Kind.ERP_CODE,
)

_PLAN_ITEM = Object(
    {
        "id": _ID,
        "order_execution_plan": _ID,
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
_ATTEMPT = Object({"date": _DATE, "stock_locations": Keyed(_ERP, Keyed(_ID, _FIGURES))})

PLAN = Object(
    {
        "id": _ID,
        "state": STATE,
        "order": _ORDER,
        "commands": _COMMANDS,
        "orderexecutionplanitem_set": Each(_PLAN_ITEM),
        "context": Keyed(_NUMBER, _ATTEMPT),
        **_DATES,
    }
)

#: Kinds that `--keep` may leave as they are.
KEEPABLE = (Kind.SKU, Kind.ERP_CODE)
