"""The allow-list: what may reach a disk of each field of a plan. A field that is not in it is unknown."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import Any, Literal

from mock_oms.conformance.checks.check import named
from mock_oms.conformance.recorder.pseudonyms import Pseudonyms, RecordingError
from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import TRANSITIONS, State
from mock_oms.domain.plan import ItemState
from mock_oms.rendering.orders import ORDER, ORDER_ITEM, PLAN

#: What becomes of a field that the allow-list does not have, or that holds what it should not.
Unknown = Literal["stop", "drop", "hash"]
#: Stands where nothing is left of a value.
DROPPED = object()
#: Deeper than any plan; below it JSON is one text.
_DEEPEST = 40
_NAMED = 5


class UnknownFieldError(RecordingError):
    """Fields were met that the allow-list does not have; `paths` are theirs, without the numbers of lists."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        which = "This field is" if len(paths) == 1 else "These fields are"
        hold, them = ("holds what it", "it") if len(paths) == 1 else ("hold what they", "them")
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        super().__init__(
            f"{which} not in the allow-list, or {hold} should not: {', '.join(paths[:_NAMED])}{more}. "
            f"Nothing of {them} was written. "
            "--unknown drop leaves such fields out, --unknown hash keeps them with pseudonyms."
        )


@dataclass(slots=True)
class RuleWalk:
    """One walk through JSON: what becomes of unknown fields, and which texts (`sku`, `erp_code`) stay in their own fields.

    `found` are the paths of what was unknown, without numbers, each once, in their order.
    """

    pseudonyms: Pseudonyms
    unknown: Unknown = "stop"
    keep: frozenset[str] = frozenset()
    found: dict[str, None] = field(default_factory=dict)

    def stop(self) -> None:
        """Raise an `UnknownFieldError` that names all that was unknown, if it is to stop the run."""
        if self.found and self.unknown == "stop":
            raise UnknownFieldError(tuple(self.found))


#: What may be written of a value that is not null, found at a path; `DROPPED` for nothing.
Rule = Callable[[Any, RuleWalk, str], Any]


def unknown(value: Any, walk: RuleWalk, path: str) -> Any:
    """A value that is not in the allow-list."""
    walk.found[path] = None
    return free(value, walk, path) if walk.unknown == "hash" else DROPPED


def free(value: Any, walk: RuleWalk, path: str, depth: int = 0) -> Any:
    """Any JSON: its shape stays, with a pseudonym in place of each text, number and key."""
    if isinstance(value, (dict, list)) and depth > _DEEPEST:
        return walk.pseudonyms.text(json.dumps(value, sort_keys=True))
    if isinstance(value, list):
        return [free(one, walk, path, depth + 1) for one in value]
    if isinstance(value, dict):
        return {walk.pseudonyms.text(key): free(one, walk, path, depth + 1) for key, one in value.items()}
    return walk.pseudonyms.of(value)


def left_out(value: Any, walk: RuleWalk, path: str) -> Any:  # noqa: ARG001  the signature of all rules
    """A field that is known, and of which nothing is kept."""
    return DROPPED


def pseudonym(value: Any, walk: RuleWalk, path: str, *, keepable: str | None = None) -> Any:
    """A text or a number that says whom or what: it becomes another one, unless such texts are to be kept."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return unknown(value, walk, path)
    return value if isinstance(value, str) and keepable in walk.keep else walk.pseudonyms.of(value)


def date(value: Any, walk: RuleWalk, path: str) -> Any:
    """When an OMS wrote something, as text: moved by the offset; what is no such date becomes another text."""
    if not isinstance(value, str):
        return unknown(value, walk, path)
    return walk.pseudonyms.moved(value) or walk.pseudonyms.text(value)


def money(value: Any, walk: RuleWalk, path: str) -> Any:
    """Money, as text or as a number: times the factor."""
    is_amount = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    scaled = walk.pseudonyms.scaled(value) if is_amount else None
    return unknown(value, walk, path) if scaled is None else scaled


def keep_if(form: str, value: Any, walk: RuleWalk, path: str) -> Any:
    """A value that stays, if its text has this form as a whole; JSON's text of a number or a truth."""
    if isinstance(value, (str, int, float)):
        text = value if isinstance(value, str) else json.dumps(value)
        if re.fullmatch(form, text, re.ASCII):
            return value
    return unknown(value, walk, path)


def keep_known(words: frozenset[str], value: Any, walk: RuleWalk, path: str) -> Any:
    """A word that stays if it is one of these in small letters, or a short number; any other becomes a pseudonym.

    A form would not do: `ayse_yilmaz` has that of a slug.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return unknown(value, walk, path)
    text = str(value)
    stays = {text, text.lower()} & words or re.fullmatch(r"\d{1,3}", text, re.ASCII)
    return value if stays else walk.pseudonyms.of(value)


def within(path: str, name: str) -> str:
    """The path of a member. One that nobody knows is `named` by its length, unless it is like a field's: it may be somebody's name."""
    return f"{path}.{name}" if path else name


def fields_of(fields: Mapping[str, Rule], value: Any, walk: RuleWalk, path: str, *, instead: Rule = pseudonym) -> Any:
    """An object with these fields, in its own order; `instead` is for what stands in the place of an object."""
    if not isinstance(value, dict):
        return instead(value, walk, path)
    known: dict[str, Any] = {}
    others: dict[str, Any] = {}  # their names may tell as much as their values
    for key, one in value.items():
        if key in fields:
            known[key] = None if one is None else fields[key](one, walk, within(path, key))
        else:
            others[walk.pseudonyms.text(key)] = unknown(one, walk, within(path, named(key)))
    return {key: one for key, one in (known | others).items() if one is not DROPPED}


def list_of(rule: Rule, value: Any, walk: RuleWalk, path: str, *, instead: Rule = unknown) -> Any:
    """A list of such values; `instead` is for what stands in the place of a list."""
    if not isinstance(value, list):
        return instead(value, walk, path)
    left = [None if one is None else rule(one, walk, f"{path}[]") for one in value]
    return [one for one in left if one is not DROPPED]


def mapping_of(keys: Rule, values: Rule, value: Any, walk: RuleWalk, path: str) -> Any:
    """An object whose keys are values too, such as codes."""
    if not isinstance(value, dict):
        return unknown(value, walk, path)
    left = {}
    for key, one in value.items():
        name = keys(key, walk, within(path, named(key)))
        if name is not DROPPED:
            left[name] = None if one is None else values(one, walk, f"{path}{{}}")
    return {name: one for name, one in left.items() if one is not DROPPED}


def json_text(rule: Rule, value: Any, walk: RuleWalk, path: str, *, instead: Rule) -> Any:
    """JSON inside a text; `instead` is for any other text."""
    try:
        inside = json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"} else None
    except (ValueError, RecursionError):
        inside = None
    if inside is None:
        return instead(value, walk, path)
    left = rule(inside, walk, path)
    return left if left is DROPPED else json.dumps(left, ensure_ascii=False, separators=(",", ":"))


def each(rule: Rule, names: str) -> dict[str, Rule]:
    """The same rule for several fields, with blanks between their names."""
    return dict.fromkeys(names.split(), rule)


def known(words: str | Iterable[str]) -> Rule:
    """A rule that keeps these words; in one text there are blanks between them."""
    return partial(keep_known, frozenset(words.split() if isinstance(words, str) else words))


_FAMILIES = (ORDER, ORDER_ITEM, PLAN)
_STATE_WORD = known(map(str, (*State, *ItemState)))
#: The slugs, with underlines as their codes have them, and the last of their words alone.
_SLUG = known(
    word for row in TRANSITIONS for word in (row.slug, row.slug.replace("-", "_"), row.slug.rpartition("-")[2])
)
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
    pieces = re.split(r"((?:(?<!\s)\s+)?,\s*)", value)
    pieces[::2] = [_SLUG(one, walk, path) for one in pieces[::2]]
    pieces[1::2] = [one if one.isascii() else "," for one in pieces[1::2]]
    return "".join(pieces)


# Six digits in all: no telephone number, no account, no number of a person.
_COUNT = partial(keep_if, r"-?(?!(?:\D*\d){7})\d{1,6}(?:\.\d{1,3})?")
_NUMBER = partial(keep_if, r"\d{1,6}")
_FLAG = partial(keep_if, "true|false")
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
    enum_class=known(family.enum_class for family in _FAMILIES),
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
_COUNTRY = _object("pk name", code=partial(keep_if, "[A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?"))
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
    tax_rate=partial(keep_if, r"\d{1,3}(?:\.\d{1,4})?"),
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
    stock_location_type=known(
        "dark_store distribution_center franchise outlet retail store supplier virtual warehouse"
    ),
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
