"""The forms of texts: what a value becomes depends on the key and the value, and on nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mock_oms.conformance.recorder.captures import CapturedAddress, header, parameter
from mock_oms.conformance.recorder.pseudonyms import Pseudonyms, broken
from mock_oms.conformance.recorder.rules import KeptIfListed, RuleWalk, Unknown, UnknownFieldError
from mock_oms.conformance.recorder.scenario import scrubbed
from tests.recorded import KEY, real_plans, walk

MADE = Pseudonyms(KEY)
PLAN = real_plans()[-1]
TAG = "(?:[b-df-hj-np-tv-xz][0-9]){8}"

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.one_of(st.integers(), st.integers(1, 2**31), FINITE, st.floats(0, 200), st.floats(0, 1e-3))
DEGREES = st.builds("{}{}.{:06}".format, st.sampled_from(("", "-")), st.integers(0, 200), st.integers(0, 999_999))
#: Made from patterns, each of which has texts of its own form and of its neighbours.
WRITTEN = (
    r"-?\d{1,12}",
    r"-?\d{1,4}\.\d{1,20}",
    r"\d\.\d{0,17}e[+-]\d{1,3}",
    r"20\d\d-0\d-[0-2]\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?",
    r"[a-z]{1,4}@[a-z]{1,4}\.com",
    r"[+]?[\d ()-]{7,14}",
    r"[A-Z]{1,3}[-_./]\d{1,3}",
    TAG,
    r"[a-zA-ZçğıİöşüÇĞÖŞÜ]{1,6}([ -][A-ZÇĞİÖŞÜ][a-zçğıöşü]{1,6}){0,5}",
)
TEXTS = st.one_of(
    st.text(),
    DEGREES,
    NUMBERS.map(json.dumps),
    *(st.from_regex(re.compile(one, re.ASCII), fullmatch=True) for one in WRITTEN),
)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=20, unique=True))
def test_the_same_text_becomes_the_same_in_another_run_and_another_order(texts: list[str]) -> None:
    here = {text: MADE.text(text) for text in texts}
    again = Pseudonyms(KEY)
    assert here == {text: again.text(text) for text in reversed(texts)}


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=20))
def test_different_texts_become_different_ones_whatever_their_forms(texts: list[str]) -> None:
    met = {*texts, *map(MADE.text, texts)}  # what is made is met, too: a code may look like a tag
    assert len({MADE.text(text) for text in met}) == len(met)


@settings(deadline=None)
@given(TEXTS.filter(lambda text: len(text) > 3 and text != "-0.0"))
def test_no_text_of_four_characters_stays(text: str) -> None:
    assert MADE.text(text) != text


@settings(deadline=None)
@given(NUMBERS)
def test_a_number_joins_its_text(number: float) -> None:
    made = walk().scalar(number)
    assert json.dumps(made) == MADE.text(json.dumps(number))
    assert type(made) is type(number)


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=2, max_size=20, unique_by=json.dumps))
def test_different_numbers_become_different_ones(numbers: list[float]) -> None:
    assert len({json.dumps(walk().scalar(number)) for number in numbers}) == len(numbers)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_does_not_have_becomes_a_text(number: float) -> None:
    assert isinstance(walk().scalar(number), str)


def placed(value: Any) -> dict[str, Any]:
    """A plan with one value in places of every sort, the keys of maps among them."""
    plan: dict[str, Any] = json.loads(json.dumps(PLAN))
    order, item = plan["order"], plan["orderexecutionplanitem_set"][0]
    product, location = item["order_item"]["product"], item["stock_location"]
    for field in ("number", "notes", "cargo_company", "shipping_option_slug"):
        order[field] = value
    for field in ("first_name", "last_name", "email", "phone_number"):
        order["customer"][field] = value
    for field in ("title", "postcode", "latitude"):
        order["shipping_address"][field] = value
    for field in ("sku", "base_code", "barcode", "name", "id"):
        product[field] = value
    product["attributes"] = {"one": [value, {"two": value}]}
    location |= {"id": value, "erp_code": value, "name": value}
    text = value if isinstance(value, str) else json.dumps(value)
    item["order_item"]["attributes"] = {text: None}
    plan["context"] = {"1": {"stock_locations": {text: {text: {"sku": value}}}}}
    return plan | {"strange": value, "stranger": {text: 1}}


def found(plan: dict[str, Any]) -> Iterator[Any]:
    """What stands in these places."""
    order, item = plan["order"], plan["orderexecutionplanitem_set"][0]
    product, location = item["order_item"]["product"], item["stock_location"]
    yield from (order[field] for field in ("number", "notes", "cargo_company", "shipping_option_slug"))
    yield from (order["customer"][field] for field in ("first_name", "last_name", "email", "phone_number"))
    yield from (order["shipping_address"][field] for field in ("title", "postcode", "latitude"))
    yield from (product[field] for field in ("sku", "base_code", "barcode", "name", "id"))
    one, two = product["attributes"][MADE.text("one")]
    yield from (one, two[MADE.text("two")], location["id"], location["erp_code"], location["name"])
    cells = plan["context"]["1"]["stock_locations"]
    ((code, items),) = cells.items()
    ((number, figures),) = items.items()
    yield from (*item["order_item"]["attributes"], code, number, figures["sku"])
    yield from (plan[MADE.text("strange")], *plan[MADE.text("stranger")])


@settings(max_examples=60, deadline=None)
@given(st.one_of(TEXTS, NUMBERS))
def test_the_same_value_is_the_same_wherever_it_stands_in_a_plan(value: Any) -> None:
    left = scrubbed(placed(value), walk(Unknown.HASH))
    assert left is not None
    assert len({one if isinstance(one, str) else json.dumps(one) for one in found(left)}) == 1


@settings(deadline=None)
@given(TEXTS)
def test_the_same_value_is_the_same_in_a_path(text: str) -> None:
    assume(text not in {"api", "v1", "i1", "oms", "auth", "login"})
    left = CapturedAddress().apply(f"/api/{quote(text, safe='')}/", walk(), "")
    assert unquote(left) == f"/api/{MADE.text(text)}/"


def test_a_path_says_the_same_however_it_is_written() -> None:
    ways = [
        CapturedAddress().apply(f"https://oms.test/{one}/", walk(), "") for one in ("Ayşe", "Ay%C5%9Fe", "Ay%c5%9fe")
    ]
    assert {unquote(way) for way in ways} == {f"https://oms.example.com/{MADE.text('Ayşe')}/"}
    assert len({*ways}) == 1


def test_a_sku_that_is_kept_stays_in_its_own_fields_only() -> None:
    how = RuleWalk(pseudonyms=MADE, unknown=Unknown.HASH, keep=frozenset({KeptIfListed.SKU}))
    left = scrubbed(placed("ZEYTİN-42"), how)
    assert left is not None
    kept = [one == "ZEYTİN-42" for one in found(left)]
    assert sum(kept) == 3  # two of the product, one of the figures
    assert {one for one, stays in zip(found(left), kept, strict=True) if not stays} == {MADE.text("ZEYTİN-42")}


WORDS = r"[^\W_]+( [^\W_]+)*"
FORMS = {
    "91811": r"[1-9]\d*",
    "-5": r"-[1-9]\d*",
    "2024-03-05": r"\d{4}-\d\d-\d\d",
    "2024-03-05T09:00:00Z": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "2024-03-05 09:00:00.123+0300": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+0300",
    "ayse@firma.com.tr": rf"\w+\.{TAG}@example\.com",
    "ayse@localhost": rf"\w+\.{TAG}@example\.com",
    "41.0082": r"[1-8]?\d\.\d{4}",
    "12.50": r"[1-8]?\d\.\d{19}",
    "1250.5": r"\d+\.\d+",
    "+90 532 111 22 33": r"\+90 000 [\d ]+",
    "05321112233": r"\+90 000 [\d ]+",
    "(0212) 111-22": r"\+90 000 [\d ]+",
    "0001-01-01": r"\d{4}-\d\d-\d\d",
    "9999-12-31T23:59:59.999999Z": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "091811": TAG,
    "TST-001-M": TAG,
    "ara_beni": TAG,
    "https://cdn.dukkancim.com.tr/1.jpg": TAG,
    "10.0.0.12": TAG,
    "İSTANBUL": TAG,
    "M": TAG,
    "Ayşe": rf"{WORDS} {TAG}",
    "Ayşe Nur Öztürk-Çağlar": rf"{WORDS} {TAG}",
    "Öztürk-Çağlar": rf"{WORDS} {TAG}",
    "Çeşme Sokağı No: 11": rf"{WORDS}\. {TAG}",
    "bir iki üç dört beş": rf"{WORDS}\. {TAG}",
    "🎁": rf"{WORDS}\. {TAG}",
}


@pytest.mark.parametrize(("text", "form"), FORMS.items())
def test_a_text_becomes_one_of_its_form(text: str, form: str) -> None:
    assert re.fullmatch(form, MADE.text(text)), MADE.text(text)


def dated(text: str, field: str) -> str:
    """What becomes of a date in a plan: where an OMS writes dates, and where somebody else did."""
    plan: dict[str, Any] = json.loads(json.dumps(PLAN))
    plan["order"] |= {"date_placed": text, "notes": text}
    left = scrubbed(plan, walk())
    assert left is not None
    return str(left["order"][field])


def test_only_a_date_of_an_oms_is_moved_by_the_offset() -> None:
    birthday = "1985-03-04"
    assert dated("2024-03-05", "date_placed") == MADE.moved("2024-03-05")
    assert dated("2024-03-05", "notes") == MADE.text("2024-03-05") != MADE.moved("2024-03-05")
    assert dated(birthday, "date_placed") == dated(birthday, "notes") == MADE.text(birthday)


@pytest.mark.parametrize("never", ["9999-12-31", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0001-01-01"])
def test_a_date_that_means_never_does_not_tell_the_offset(never: str) -> None:
    assert MADE.moved(never) is None
    assert dated(never, "date_placed") == MADE.text(never)


@settings(deadline=None)
@given(st.sets(st.dates(), min_size=2, max_size=30))
def test_different_days_become_different_days(days: set[date]) -> None:
    made = {MADE.text(day.isoformat()) for day in days}
    assert len({date.fromisoformat(one) for one in made}) == len(days)


@pytest.mark.parametrize("amount", [10**40, 10**4299, -(10**60)])
def test_an_amount_beyond_all_money_is_unknown(amount: int) -> None:
    plan: dict[str, Any] = json.loads(json.dumps(PLAN))
    plan["order"]["amount"] = amount
    with pytest.raises(UnknownFieldError, match=r"order\.amount"):
        scrubbed(plan, walk())


@pytest.mark.parametrize("nothing", ["", "0", "0.0", "-0.0"])
def test_nothing_stays_nothing(nothing: str) -> None:
    assert MADE.text(nothing) == nothing


def test_a_code_with_a_zero_before_it_is_another_code() -> None:
    assert MADE.text("091811") != MADE.text("91811")


@settings(deadline=None)
@given(st.lists(DEGREES, min_size=2, max_size=30, unique=True))
def test_degrees_keep_their_decimals_and_their_bounds(degrees: list[str]) -> None:
    for said in degrees:
        other = MADE.text(said)
        small, large = (abs(float(one)) for one in (said, other))
        assert (small < 90, small < 180, said[0] == "-") == (large < 90, large < 180, other[0] == "-")
        assert small >= 180 or re.fullmatch(r"-?\d{1,3}\.\d{6}", other)


@given(st.one_of(st.decimals("-89.99", "89.99", places=2), st.floats(-89.99, 89.99)))
def test_a_latitude_of_any_precision_stays_one(latitude: Any) -> None:
    assert -90 <= float(MADE.text(str(latitude))) <= 90


@pytest.mark.parametrize(
    "text", ["a@" + "." * 200_000 + " ", "1" * 200_000 + "x y", "a-" * 100_000 + " 1", "9" * 200_000]
)
def test_a_long_text_is_read_as_quickly_as_it_is_long(text: str) -> None:
    assert len(MADE.text(text)) < 200


@pytest.mark.parametrize(
    ("said", "made"),
    [("Efe Gül", "E1fe G2ül"), ("Su", "S1u"), ("Mehmet Can", "Meh1met C2an"), ("e1fe", "e1fe"), ("O", "O")],
)
def test_no_word_that_faker_says_stands_whole(said: str, made: str) -> None:
    assert broken(said, "b1c2d3f4g5h6j7k8") == made


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Content-Length", "٥٣٢١٢٣٤٥"),
        ("Content-Length", "53212345"),
        ("Retry-After", "٥٣٢"),
        ("Retry-After", "5321234"),
    ],
)
def test_a_header_keeps_no_number_that_may_be_somebodys(name: str, said: str) -> None:
    assert header(name, said, walk())[1] != said


@pytest.mark.parametrize(("name", "said"), [("page", "532123456"), ("page", "٥٣٢"), ("limit", "٥٣")])
def test_a_parameter_keeps_no_number_that_may_be_somebodys(name: str, said: str) -> None:
    assert parameter(name, said, walk())[1] != said
