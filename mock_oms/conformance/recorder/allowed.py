"""The allow-list: for each field of a plan what may reach a disk. What is not in it is unknown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mock_oms.conformance.recorder.rules import (
    DROPPED,
    DateRule,
    FieldRule,
    HashRule,
    JsonTextRule,
    KeepRule,
    KeptIfListed,
    ListRule,
    MappingRule,
    MoneyRule,
    ObjectRule,
    PseudonymRule,
    RuleWalk,
)
from mock_oms.domain.lifecycle import TRANSITIONS, State
from mock_oms.domain.plan import ItemState
from mock_oms.rendering.orders import ORDER, ORDER_ITEM, PLAN


def _told(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _slugs() -> Iterator[str]:
    """The slugs, with underlines as their codes have them, and the last of their words alone."""
    for row in TRANSITIONS:
        yield from (row.slug, row.slug.replace("-", "_"), row.slug.rpartition("-")[2])


def _labels() -> Iterator[str]:
    yield from (row.name for row in TRANSITIONS)
    for family in (ORDER, ORDER_ITEM, PLAN):
        yield from chain.from_iterable(family.names)


STATES = frozenset(map(str, chain(State, ItemState)))
COMMANDS = frozenset(_slugs())
LABELS = frozenset(_labels())
CLASSES = frozenset(family.enum_class for family in (ORDER, ORDER_ITEM, PLAN))
PAYMENTS = _told(
    "bank_transfer bin_payment bkm cash cash_on_delivery cash_register credit credit_card credit_payment debit_card "
    "funds_transfer garanti_pay gift_card gpay iyzico loyalty_money masterpass online pay_on_delivery paypal wallet"
)
DELIVERIES = _told(
    "cargo click_and_collect courier customer_pickup delivery digital express home_delivery in_store next_day pickup "
    "retail_store same_day scheduled ship_from_store standard store store_pickup"
)
LOCATIONS = _told("dark_store distribution_center franchise outlet retail store supplier virtual warehouse")
UNITS = _told("box cm g gr gram kg kilogram l litre liter m meter metre ml mt pair piece pieces qty quantity set unit")
#: ISO 4217, what is paid with today.
CURRENCIES = _told(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf
    clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd hkd hnl htg
    huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lak lbp lkr lrd lsl lyd mad mdl mga
    mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd
    rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx
    usd uyu uzs ved ves vnd vuv wst xaf xcd xof xpf yer zar zmw zwl
    """
)
#: ISO 639-1, what is read and written in shops.
_LANGUAGES = _told(
    """
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk km ko ku ky
    lo lt lv mk mn ms mt my nb ne nl nn no pa pl ps pt ro ru si sk sl sq sr sv sw ta te tg th tk tr uk ur uz vi zh
    """
)
_COUNTRIES = _told(
    "ae at az be bg br ca ch cn cy cz de dk eg es fi fr gb gr hu ie il in iq it jp kz lu nl no pl pt ro ru sa se tr us"
)
LANGUAGES = _LANGUAGES | {f"{one}{mark}{land}" for one in _LANGUAGES for mark in "-_" for land in _COUNTRIES}
METHODS = _told("GET HEAD OPTIONS POST PUT PATCH DELETE")
VERSIONS = _told("HTTP/1.0 HTTP/1.1 HTTP/2 HTTP/2.0 HTTP/3 HTTP/3.0 http/1.0 http/1.1 http/2.0 http/3.0 h2 h3")


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word that stays if it is one of these in small letters, or a short number; any other becomes a pseudonym.

    A form would not do: `ayse_yilmaz` has that of a slug.
    """

    words: frozenset[str]
    number: re.Pattern[str] = re.compile(r"\d{1,3}", re.ASCII)

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The word, or another one."""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return walk.unknown_at(path, value)
        text = str(value)
        if {text, text.lower()} & self.words or self.number.fullmatch(text):
            return value
        return walk.scalar(value)


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Such words in one text, with commas between them."""

    rule: KnownWord

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The text with what is left of each word."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        pieces = re.split(r"(\s*,\s*)", value)
        return "".join(
            "," if place % 2 and not one.isascii() else one if place % 2 else self.rule.apply(one, walk, path)
            for place, one in enumerate(pieces)
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out, and is known."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:  # noqa: ARG002  the signature of all rules
        """Leave the value out."""
        return DROPPED


_FORMS = {
    # Six digits in all: no telephone number, no account, no number of a person.
    "COUNT": r"-?(?!(?:\D*\d){7})\d{1,6}(?:\.\d{1,3})?",
    "RATE": r"\d{1,3}(?:\.\d{1,4})?",
    "NUMBER": r"\d{1,6}",
    "FLAG": r"true|false",
    "ISO": r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?",
}
_COUNT, _RATE, _NUMBER, _FLAG, _ISO = (KeepRule(re.compile(form, re.ASCII)) for form in _FORMS.values())
_STATE, _SLUG, _CLASS, _LABEL = KnownWord(STATES), KnownWord(COMMANDS), KnownWord(CLASSES), KnownWord(LABELS)
_CURRENCY, _LANGUAGE = KnownWord(CURRENCIES), KnownWord(LANGUAGES)
_NAMED, _DATE, _MONEY, _ANY = PseudonymRule(), DateRule(), MoneyRule(), HashRule()
_SKU, _ERP = PseudonymRule(KeptIfListed.SKU), PseudonymRule(KeptIfListed.ERP_CODE)
#: Rooms that samples show empty: what stands in them is unknown.
_EMPTY, _EMPTY_LIST = ObjectRule({}), ListRule(ObjectRule({}))

_DATES: Mapping[str, FieldRule] = {"created_date": _DATE, "modified_date": _DATE}
_LABELS = ObjectRule({"name": _LABEL})

STATE_RULES = ObjectRule(
    {
        "id": _NAMED,
        "name": _LABEL,
        "config": _EMPTY,
        "enum_class": _CLASS,
        "enum_value": _STATE,
        "content_type": _NUMBER,
        "translations": MappingRule(_LANGUAGE, _LABELS),
        **_DATES,
    },
    name=_STATE,
)

_COMMAND = ObjectRule(
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
_COMMANDS = ListRule(_COMMAND, else_=JsonTextRule(ListRule(_COMMAND), else_=KnownWords(_SLUG)))

_COUNTRY = ObjectRule({"pk": _NAMED, "code": _ISO, "name": _NAMED})
_CITY = ObjectRule({"pk": _NAMED, "name": _NAMED, "country": _COUNTRY})
_TOWNSHIP = ObjectRule({"pk": _NAMED, "name": _NAMED, "city": _CITY})

ADDRESS_RULES = ObjectRule(
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

_CUSTOMER = ObjectRule(
    {
        "id": _NAMED,
        "first_name": _NAMED,
        "last_name": _NAMED,
        "email": _NAMED,
        "phone_number": _NAMED,
    },
)

_PRODUCT = ObjectRule(
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

_ORDER_ITEM = ObjectRule(
    {
        "id": _NAMED,
        "omnitron_id": _NAMED,
        "state": STATE_RULES,
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

_ORDER = ObjectRule(
    {
        "id": _NAMED,
        "number": _NAMED,
        "omnitron_id": _NAMED,
        "state": STATE_RULES,
        "commands": _COMMANDS,
        "date_placed": _DATE,
        "channel": ObjectRule({"id": _NAMED, "name": _NAMED}),
        "customer": _CUSTOMER,
        "shipping_address": ADDRESS_RULES,
        "billing_address": ADDRESS_RULES,
        "currency": _CURRENCY,
        "amount": _MONEY,
        "shipping_amount": _MONEY,
        "discount_amount": _MONEY,
        "payment_type": KnownWord(PAYMENTS),
        "delivery_type": KnownWord(DELIVERIES),
        "cargo_company": _NAMED,
        "delivery_range": _NAMED,
        "shipping_option_slug": _NAMED,
        "notes": _NAMED,
        "has_gift_box": _FLAG,
        "gift_box_note": _NAMED,
        "language_code": _LANGUAGE,
        "extra_field": _EMPTY,
        "orderitem_set": ListRule(_ORDER_ITEM),
        **_DATES,
    }
)

_STOCK_LOCATION = ObjectRule(
    {
        "id": _NAMED,
        "name": _NAMED,
        "erp_code": _ERP,
        "stock_location_type": KnownWord(LOCATIONS),
        "omnitron_id": _NAMED,
        "address": ADDRESS_RULES,
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

_PLAN_ITEM = ObjectRule(
    {
        "id": _NAMED,
        "order_execution_plan": _NAMED,
        "state": STATE_RULES,
        "quantity": _COUNT,
        "order_item": _ORDER_ITEM,
        "stock_location": _STOCK_LOCATION,
        **_DATES,
    }
)

_FIGURES = ObjectRule(
    {
        "sku": _SKU,
        "quantity": _COUNT,
        "unit_type": KnownWord(UNITS),
        "stock_count": _COUNT,
        "reservation_count": _COUNT,
    }
)
_ATTEMPT = ObjectRule({"date": _DATE, "stock_locations": MappingRule(_ERP, MappingRule(_NAMED, _FIGURES))})

PLAN_RULES = ObjectRule(
    {
        "id": _NAMED,
        "state": STATE_RULES,
        "order": _ORDER,
        "commands": _COMMANDS,
        "orderexecutionplanitem_set": ListRule(_PLAN_ITEM),
        "context": MappingRule(_NUMBER, _ATTEMPT),
        **_DATES,
    }
)
