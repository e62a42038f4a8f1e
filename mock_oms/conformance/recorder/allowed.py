"""The allow-list: for each field of a plan what may reach a disk. What is not in it is unknown."""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from mock_oms.conformance.recorder.rules import (
    Rule,
    RuleWalk,
    date,
    each,
    fields_of,
    free,
    json_text,
    keep_if,
    keep_known,
    list_of,
    mapping_of,
    money,
    pseudonym,
    unknown,
)
from mock_oms.domain.lifecycle import TRANSITIONS, State
from mock_oms.domain.plan import ItemState
from mock_oms.rendering.orders import ORDER, ORDER_ITEM, PLAN


def known(words: str | Iterable[str]) -> Rule:
    """A rule that keeps these words; in one text there are blanks between them."""
    return partial(keep_known, frozenset(words.split() if isinstance(words, str) else words))


_FAMILIES = (ORDER, ORDER_ITEM, PLAN)
_STATE_WORD = known(map(str, (*State, *ItemState)))
#: The slugs, with underlines as their codes have them, and the last of their words alone.
_SLUG = known(
    word for row in TRANSITIONS for word in (row.slug, row.slug.replace("-", "_"), row.slug.rpartition("-")[2])
)
_CLASS = known(family.enum_class for family in _FAMILIES)
_LABEL = known(
    (*(row.name for row in TRANSITIONS), *(name for one in _FAMILIES for names in one.names for name in names))
)
_PAYMENT = known(
    "bank_transfer bin_payment bkm cash cash_on_delivery cash_register credit credit_card credit_payment debit_card "
    "funds_transfer garanti_pay gift_card gpay iyzico loyalty_money masterpass online pay_on_delivery paypal wallet"
)
_DELIVERY = known(
    "cargo click_and_collect courier customer_pickup delivery digital express home_delivery in_store next_day pickup "
    "retail_store same_day scheduled ship_from_store standard store store_pickup"
)
_LOCATION_TYPE = known("dark_store distribution_center franchise outlet retail store supplier virtual warehouse")
_UNIT = known("box cm g gr gram kg kilogram l litre liter m meter metre ml mt pair piece pieces qty quantity set unit")
#: ISO 4217, what is paid with today.
_CURRENCY = known(
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
_LANGUAGES = """
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk km ko ku ky
    lo lt lv mk mn ms mt my nb ne nl nn no pa pl ps pt ro ru si sk sl sq sr sv sw ta te tg th tk tr uk ur uz vi zh
    """.split()  # noqa: SIM905
_COUNTRIES = (
    "ae at az be bg br ca ch cn cy cz de dk eg es fi fr gb gr hu ie il in iq it jp kz lu nl no pl pt ro ru sa se tr us"
)
_LANGUAGE = known(
    (*_LANGUAGES, *(f"{one}{mark}{land}" for one in _LANGUAGES for mark in "-_" for land in _COUNTRIES.split()))
)


def _known_slugs(value: Any, walk: RuleWalk, path: str) -> Any:
    """What is left of slugs in one text, with commas between them."""
    if not isinstance(value, str):
        return unknown(value, walk, path)
    pieces = re.split(r"(\s*,\s*)", value)
    pieces[::2] = [_SLUG(one, walk, path) for one in pieces[::2]]
    pieces[1::2] = [one if one.isascii() else "," for one in pieces[1::2]]
    return "".join(pieces)


# Six digits in all: no telephone number, no account, no number of a person.
_COUNT = partial(keep_if, r"-?(?!(?:\D*\d){7})\d{1,6}(?:\.\d{1,3})?")
_RATE = partial(keep_if, r"\d{1,3}(?:\.\d{1,4})?")
_NUMBER = partial(keep_if, r"\d{1,6}")
_FLAG = partial(keep_if, "true|false")
_ISO = partial(keep_if, "[A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?")
_SKU, _ERP = partial(pseudonym, keepable="sku"), partial(pseudonym, keepable="erp_code")


def _object(pseudonyms: str = "", /, instead: Rule = pseudonym, **fields: Rule) -> Rule:
    """An object: some fields become pseudonyms, each other has its own rule."""
    return partial(fields_of, each(pseudonym, pseudonyms) | fields, instead=instead)


#: Samples show these empty: what stands in them is unknown.
_EMPTY, _EMPTY_LIST = _object(), partial(list_of, _object())
_DATES = each(date, "created_date modified_date")
_STATE = _object(
    "id",
    instead=_STATE_WORD,
    name=_LABEL,
    config=_EMPTY,
    enum_class=_CLASS,
    enum_value=_STATE_WORD,
    content_type=_NUMBER,
    translations=partial(mapping_of, _LANGUAGE, _object(name=_LABEL)),
    **_DATES,
)
_COMMAND = _object(
    instead=_SLUG,
    id=_NUMBER,
    name=_LABEL,
    **each(_SLUG, "slug command_code"),
    **each(_STATE_WORD, "source_state destination_state"),
)
_COMMANDS = partial(list_of, _COMMAND, instead=partial(json_text, partial(list_of, _COMMAND), instead=_known_slugs))
_COUNTRY = _object("pk name", code=_ISO)
_CITY = _object("pk name", country=_COUNTRY)
_ADDRESS = _object(
    "id title line postcode notes district latitude longitude",
    is_active=_FLAG,
    city=_CITY,
    country=_COUNTRY,
    township=_object("pk name", city=_CITY),
)
_PRODUCT = _object(
    "id omnitron_id name barcode",
    **each(_SKU, "base_code sku"),
    attributes=free,
    **each(_EMPTY, "attributes_kwargs extra_attributes"),
    productimage_set=_EMPTY_LIST,
    remote_modified_date=date,
    **_DATES,
)
_ORDER_ITEM = _object(
    "id omnitron_id image",
    state=_STATE,
    product=_PRODUCT,
    price_currency=_CURRENCY,
    tax_rate=_RATE,
    **each(money, "price net_amount retail_price tax_amount discount_amount without_net_amount"),
    installment_interest_amount=money,
    attributes=free,
    attributes_kwargs=_EMPTY,
    **_DATES,
)
_ORDER = _object(
    "id number omnitron_id cargo_company delivery_range shipping_option_slug notes gift_box_note",
    state=_STATE,
    commands=_COMMANDS,
    date_placed=date,
    channel=_object("id name"),
    customer=_object("id first_name last_name email phone_number"),
    **each(_ADDRESS, "shipping_address billing_address"),
    currency=_CURRENCY,
    **each(money, "amount shipping_amount discount_amount"),
    payment_type=_PAYMENT,
    delivery_type=_DELIVERY,
    has_gift_box=_FLAG,
    language_code=_LANGUAGE,
    extra_field=_EMPTY,
    orderitem_set=partial(list_of, _ORDER_ITEM),
    **_DATES,
)
_STOCK_LOCATION = _object(
    "id name omnitron_id email daytime_phone",
    instead=_ERP,
    erp_code=_ERP,
    stock_location_type=_LOCATION_TYPE,
    address=_ADDRESS,
    tags=_EMPTY_LIST,
    conf=_EMPTY,
    **each(_COUNT, "priority max_quota quota"),
    **each(_FLAG, "is_active is_fulfillment_center is_pickup_location is_delivery_location is_return_available"),
    **_DATES,
)
_PLAN_ITEM = _object(
    "id order_execution_plan",
    state=_STATE,
    quantity=_COUNT,
    order_item=_ORDER_ITEM,
    stock_location=_STOCK_LOCATION,
    **_DATES,
)
_FIGURES = _object(sku=_SKU, unit_type=_UNIT, **each(_COUNT, "quantity stock_count reservation_count"))
_STOCK_LOCATIONS = partial(mapping_of, _ERP, partial(mapping_of, pseudonym, _FIGURES))
PLAN_RULE = _object(
    "id",
    state=_STATE,
    order=_ORDER,
    commands=_COMMANDS,
    orderexecutionplanitem_set=partial(list_of, _PLAN_ITEM),
    context=partial(mapping_of, _NUMBER, _object(date=date, stock_locations=_STOCK_LOCATIONS)),
    **_DATES,
)


def scrubbed(plans: Sequence[Any], walk: RuleWalk) -> list[dict[str, Any] | None]:
    """Each plan with pseudonyms in it; None for what is no object.

    :raises UnknownFieldError: they have unknown fields, and these are to stop the run; it names all of them.
    """
    left = [PLAN_RULE(one, walk, "") if isinstance(one, dict) else unknown(one, walk, "[]") for one in plans]
    walk.stop()
    return [one if isinstance(plan, dict) else None for one, plan in zip(left, plans, strict=True)]
