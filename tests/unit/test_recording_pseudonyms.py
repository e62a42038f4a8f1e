"""Pseudonyms: stable, injective, and with the proportions of what they stand for."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.recorder.pseudonyms import Pseudonyms, broken, moved, permuted, tag_of

KEY, OTHER = b"k" * 32, b"o" * 32
MADE = Pseudonyms(KEY)
NUMBERS = st.one_of(st.integers(), st.integers(1, 2**31), st.integers(2**31, 2**54), st.integers(2**120, 2**140))
EARLIEST = datetime.fromisoformat("2010-01-01")
MOMENTS = st.integers(0, 6 * 10**14).map(lambda spent: EARLIEST + timedelta(microseconds=spent))
CENTS = st.decimals(0, 10**9, places=2)


@given(st.lists(NUMBERS, min_size=2, max_size=30, unique=True))
def test_different_numbers_become_different_ones(numbers: list[int]) -> None:
    assert len({MADE.identifier(number) for number in numbers}) == len(numbers)


def test_neighbours_never_collide() -> None:
    assert len({permuted(KEY, number) for number in range(1, 20_001)}) == 20_000


@given(st.integers(1, 2**31 - 1))
def test_an_id_that_a_scenario_can_have_becomes_one(number: int) -> None:
    assert 1 <= MADE.identifier(number) < 2**31


@pytest.mark.parametrize("number", [1, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**127 - 1])
def test_a_number_stays_in_its_domain(number: int) -> None:
    domain = [low <= number < high for low, high in ((1, 2**31), (2**31, 2**53), (2**53, 2**127))]
    image = permuted(KEY, number)
    assert [low <= image < high for low, high in ((1, 2**31), (2**31, 2**53), (2**53, 2**127))] == domain


def test_another_key_makes_other_pseudonyms() -> None:
    other = Pseudonyms(OTHER)
    assert MADE.text("A1") != other.text("A1")
    assert (MADE.identifier(7), MADE.offset) != (other.identifier(7), other.offset)
    assert MADE.fingerprint != other.fingerprint


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="accepted: 32 or more"):
        Pseudonyms(b"short")


@given(CENTS, CENTS)
def test_sums_of_money_still_add_up(one: Decimal, other: Decimal) -> None:
    scaled = [Decimal(MADE.money(str(amount)) or "") for amount in (one, other, one + other)]
    assert scaled[0] + scaled[1] == scaled[2]


@given(CENTS.filter(bool), CENTS)
def test_money_keeps_its_proportions(one: Decimal, other: Decimal) -> None:
    left, right = (Decimal(MADE.money(f"{amount:.2f}") or "") for amount in (one, other))
    assert left * other == right * one


def test_money_keeps_its_decimals() -> None:
    assert re.fullmatch(r"-\d+\.\d{2}", MADE.money("-12.50") or "")


@pytest.mark.parametrize("text", ["", "about 5", "1e5", "1,50", "NaN", "٣"])
def test_what_is_no_amount_is_not_scaled(text: str) -> None:
    assert MADE.money(text) is None


@given(MOMENTS, MOMENTS)
def test_spans_between_moments_hold(one: datetime, other: datetime) -> None:
    left, right = (datetime.fromisoformat(MADE.moved(f"{moment.isoformat()}Z") or "") for moment in (one, other))
    assert right - left == other - one


@given(MOMENTS, MOMENTS)
def test_spans_between_days_hold(one: datetime, other: datetime) -> None:
    left, right = (datetime.fromisoformat(MADE.moved(f"{moment:%Y-%m-%d}") or "") for moment in (one, other))
    assert right - left == other.date() - one.date()


@given(MOMENTS)
def test_every_date_moves_into_the_past_by_the_one_offset(moment: datetime) -> None:
    said = MADE.moved(f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z") or ""
    assert datetime.fromisoformat(said[:-1]) == moment + MADE.offset
    assert MADE.offset <= timedelta(days=-400)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024-03-05T09:00",
        "2024-03-05 09:00:01",
        "2024-03-05T09:00:01.5Z",
        "2024-03-05T09:00:01.018223+03:00",
    ],
)
def test_a_date_keeps_its_form(text: str) -> None:
    assert (
        re.sub(r"\d", "0", moved(text, timedelta(days=-1, seconds=-1.25)) or "")[:19] == re.sub(r"\d", "0", text)[:19]
    )
    assert len(moved(text, timedelta(days=-1)) or "") == len(text)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-45", "05.03.2024", "2024-03-05T09", "2024-03-05T24:00", "0001-01-01"]
)
def test_what_is_no_date_is_not_moved(text: str) -> None:
    assert moved(text, timedelta(days=-1)) is None


@given(st.binary(min_size=16, max_size=16))
def test_a_tag_spells_nothing(digest: bytes) -> None:
    assert re.fullmatch("([b-df-hj-np-tv-xz][0-9]){8}", tag_of(digest))


@given(st.text())
def test_no_word_of_four_letters_is_left_of_what_faker_says(words: str) -> None:
    assert not re.search(r"[^\W\d_]{4}", broken(words, "b1c2d3f4g5h6j7k8"))
