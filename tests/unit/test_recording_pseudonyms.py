"""Pseudonyms: stable, never shared, of the form of what they stand for, and with the proportions of dates and money."""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.recorder.pseudonyms import Pseudonyms, broken, tag_of
from tests.profiles import examples
from tests.recorded import DEGREES, KEY, MADE, NUMBERS, TAG, TEXTS

MOMENTS = st.datetimes(datetime.fromisoformat("2010-01-01"), datetime.fromisoformat("2029-01-01"))
CENTS = st.decimals(0, 10**9, places=2)


@examples(30)
@given(st.lists(TEXTS, min_size=2, max_size=20, unique=True))
def test_the_same_text_becomes_the_same_in_another_run_and_another_order(texts: list[str]) -> None:
    here, there = Pseudonyms(KEY), Pseudonyms(KEY)
    assert {text: here.text(text) for text in texts} == {text: there.text(text) for text in reversed(texts)}


@examples(40)
@given(st.lists(TEXTS, min_size=2, max_size=20))
def test_different_texts_become_different_ones_whatever_their_forms(texts: list[str]) -> None:
    met = {*texts, *map(MADE.text, texts)}  # what is made is met, too: a code may look like a tag
    assert len({MADE.text(text) for text in met}) == len(met)


def test_values_whose_first_digests_collide_become_different_ones() -> None:
    days = [(date(2000, 1, 1) + timedelta(days=number)).isoformat() for number in range(10_000)]
    alone = Pseudonyms(KEY)
    assert len({alone._candidate(day, alone._digest("text 0", day)) for day in days}) < len(days)  # noqa: SLF001
    assert len({alone.text(day) for day in days}) == len(days)


@examples(100)
@given(TEXTS.filter(lambda text: len(text) > 3 and text != "-0.0"))
def test_no_text_of_four_characters_stays(text: str) -> None:
    assert MADE.text(text) != text


@pytest.mark.parametrize("nothing", ["", "0", "0.0", "-0.0", None, True, False, 0, 0.0], ids=repr)
def test_nothing_stays_nothing(nothing: Any) -> None:
    assert MADE.of(nothing) is nothing or MADE.of(nothing) == nothing


@examples(100)
@given(NUMBERS)
def test_a_number_joins_its_text_and_one_that_json_does_not_have_becomes_a_text(number: float) -> None:
    made = MADE.of(number)
    assert json.dumps(made) == MADE.text(json.dumps(number))
    assert type(made) is type(number)
    assert {type(MADE.of(float(text))) for text in ("inf", "-inf", "nan")} == {str}


def test_neighbouring_ids_become_different_ones_and_larger_numbers_those_that_no_plan_has() -> None:
    made = [MADE.of(number) for number in range(1, 20_001)]
    assert len(set(made)) == len(made)
    assert all(1 <= one < 2**31 for one in made)
    for number in (2**31, 2**53 - 1, 2**53, 2**127, 10**4299):
        assert 2**31 <= MADE.of(number) < 2**53  # which JavaScript reads
        assert -(2**53) < MADE.of(-number) <= -(2**31)


def test_another_key_makes_other_pseudonyms() -> None:
    other = Pseudonyms(b"o" * 32)
    assert MADE.text("A1") != other.text("A1")
    assert (MADE.of(7), MADE.offset) != (other.of(7), other.offset)
    assert MADE.fingerprint != other.fingerprint


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
    "12.50": r"[1-8]?\d\.\d{12}",
    "1250.5": r"\d{3}\.\d{12}",
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


@examples(100)
@given(st.one_of(DEGREES, st.decimals("-200", "200", places=2), st.floats(-200, 200)).map(str))
def test_degrees_of_any_precision_keep_their_bounds_and_those_with_four_decimals_their_decimals(degrees: str) -> None:
    other = MADE.text(degrees)
    small, large = (abs(float(one)) for one in (degrees, other))
    assert (small < 90, small < 180, degrees[0] == "-") == (large < 90, large < 180, other[0] == "-")
    decimals, made = (re.fullmatch(r"-?\d+\.(\d{4,12})", one) for one in (degrees, other))
    assert not decimals or (made and len(made[1]) == len(decimals[1]))


@pytest.mark.parametrize(
    "text",
    ["a@" + "." * 200_000 + " ", "1" * 200_000 + "x y", "a-" * 100_000 + " 1", "9" * 200_000, "9" * 200_000 + ".5"],
)
def test_a_long_text_is_read_as_quickly_as_it_is_long(text: str) -> None:
    assert len(MADE.text(text)) < 200


@examples(100)
@given(st.binary(min_size=16, max_size=16), st.text())
def test_a_tag_spells_nothing_and_no_word_of_four_letters_is_left_of_what_faker_says(digest: bytes, words: str) -> None:
    assert re.fullmatch(TAG, tag_of(digest))
    assert not re.search(r"[^\W\d_]{4}", broken(words, "b1c2d3f4g5h6j7k8"))


@pytest.mark.parametrize(
    ("said", "made"),
    [("Efe Gül", "E1fe G2ül"), ("Su", "S1u"), ("Mehmet Can", "Meh1met C2an"), ("e1fe", "e1fe"), ("O", "O")],
)
def test_no_word_that_faker_says_stands_whole(said: str, made: str) -> None:
    assert broken(said, "b1c2d3f4g5h6j7k8") == made


@examples(100)
@given(CENTS, CENTS)
def test_sums_of_money_still_add_up_and_proportions_and_decimals_hold(one: Decimal, other: Decimal) -> None:
    texts = [str(MADE.scaled(f"{amount:.2f}")) for amount in (one, other, one + other, -one)]
    assert all(re.fullmatch(r"-?\d+\.\d\d", text) for text in texts)
    left, right, both, below = map(Decimal, texts)
    assert (left + right, left * other, -left) == (both, right * one, below)


@pytest.mark.parametrize(
    "amount", ["", "about 5", "1e5", "1,50", "NaN", "٣", 10**40, -(10**60), 1e308, float("inf"), float("nan")]
)
def test_what_is_no_amount_or_beyond_all_money_is_not_scaled(amount: Any) -> None:
    assert MADE.scaled(amount) is None


@examples(100)
@given(MOMENTS)
def test_every_date_moves_into_the_past_by_the_one_offset_so_that_spans_hold(moment: datetime) -> None:
    moved = [MADE.moved(f"{moment:{form}}") or "" for form in ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d")]
    assert datetime.fromisoformat(moved[0]) == moment + MADE.offset
    midnight = datetime.combine(moment, datetime.min.time())
    assert date.fromisoformat(moved[1]) == (midnight + MADE.offset).date()
    assert MADE.offset <= timedelta(days=-400)


@pytest.mark.parametrize("text", [
    "2024-03-05", "2024-03-05T09:00", "2024-03-05 09:00:01", "2024-03-05T09:00:01.5Z",
    "2024-03-05T09:00:01.018223+03:00",
])  # fmt: skip
def test_a_date_keeps_its_form(text: str) -> None:
    moved = MADE.moved(text) or ""
    assert re.sub(r"\d", "0", moved[:19]) + moved[19:] == re.sub(r"\d", "0", text[:19]) + text[19:]


@pytest.mark.parametrize("text", [
    "", "yesterday", "2024-13-45", "05.03.2024", "2024-03-05T09", "2024-03-05T24:00", "0001-01-01",
    "1970-01-01T00:00:00Z", "1985-03-04", "9999-12-31T23:59:59Z",
])  # fmt: skip
def test_what_is_no_date_or_means_never_is_not_moved_and_does_not_tell_the_offset(text: str) -> None:
    assert MADE.moved(text) is None


def test_pseudonyms_of_one_key_are_these_whichever_faker_makes_them() -> None:
    made = Pseudonyms(b"k" * 32)
    assert [made.text(one) for one in ("ayse@firma.com.tr", "Ayşe", "Kapıyı çalmayın, bebek uyuyor.")] == [
        "kad2ir.t2h5p4p4z5c5w3d1@example.com",
        "Gül3süm Doğ3an l3j5k8b0z1m7j5v6",
        "Par3iat3ur cil2lum ani0m cup3ida4tat dui0s ali6qua s3ed u3t. f3d3v2s0q3z4l0k6",
    ]
