"""The line of an instant: written, read again, and refused in sentences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.worlds.world_header import HEADER, WorldHeader, WorldHeaderError
from tests.profiles import examples
from tests.worlds import START, happened, later, opened, scenario

TEXT = "world=tour scenario=restock@f4fb78904cae seed=7 now=2024-03-05T09:45:00Z event=2"
NOW: dict[str, Any] = {"clock": {"start": "now"}, "plans": []}


@pytest.mark.parametrize("before", ["", f"{HEADER}: ", "x-mock-oms:", "  X-MOCK-OMS :\t"])
def test_it_is_one_line_and_read_with_the_name_of_the_header_or_without_in_any_order(before: str) -> None:
    now = datetime(2024, 3, 5, 9, 45, tzinfo=UTC)
    line = WorldHeader(world="tour", scenario="restock", digest="f4fb78904cae", seed=7, now=now, event=2)
    assert str(line) == TEXT
    assert WorldHeader.parse(f"{before}{TEXT}\r\n") == line
    assert WorldHeader.parse(before + " ".join(reversed(TEXT.split()))) == line


_MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@examples(60)
@given(
    st.builds(
        WorldHeader,
        world=st.from_regex("[a-z0-9][a-z0-9-]{0,62}", fullmatch=True),
        scenario=st.text(st.characters(), min_size=1),
        digest=st.from_regex("[0-9a-f]{12}", fullmatch=True),
        seed=st.integers(0, 2**63 - 1),
        start=st.none() | _MOMENTS,
        now=_MOMENTS,
        event=st.integers(0, 10_000),
    )
)
def test_whatever_it_says_it_is_read_as_it_was_written(line: WorldHeader) -> None:
    written = str(line)
    assert written.isascii()
    assert written.isprintable()
    assert WorldHeader.parse(written) == line


def test_it_is_of_the_world_as_it_is_and_a_name_is_quoted_where_a_blank_would_end_it() -> None:
    of, world = scenario(plans=[], seed=9), later(happened(opened(plans=[], seed=9), "5m", block="WH001"), "7m30s")
    line = WorldHeader.of("tour", of, world)
    assert (line.seed, line.now, line.event) == (9, START + timedelta(minutes=7, seconds=30), 1)
    odd = replace(of, name="şu 1@%")
    assert f" scenario=%C5%9Fu%201%40%25@{of.digest} " in str(WorldHeader.of("tour", odd, world))


@pytest.mark.parametrize(("sections", "passed", "times"), [
    ({"plans": []}, 0, "seed=1 now=2024-03-05T09:00:00Z "),
    (NOW, 0, " start=2024-03-05T09:00:00Z now=2024-03-05T09:00:00Z "),
    ({"plans": []}, 70, " now=2024-03-05T09:00:00.000070Z "),
], ids=["the scenario says the start", "the scenario leaves it open", "microseconds"])  # fmt: skip
def test_it_says_the_start_where_only_it_can_and_microseconds_where_there_are_some(
    sections: dict[str, Any], passed: int, times: str
) -> None:
    world = opened(**sections).advance(START + timedelta(microseconds=passed))
    assert times in str(WorldHeader.of("tour", scenario(**sections), world))


FORM = "accepted: world=NAME scenario=NAME@DIGEST seed=NUMBER now=TIME event=NUMBER."
TIME = "accepted: a time such as 2024-03-05T09:00:00Z."
SCENARIO = "accepted: a name with its digest, as restock@f4fb78904cae."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", f"The line does not say world, scenario, seed, now, event; {FORM}"),
        (TEXT.replace("seed=7 ", ""), f"The line does not say seed; {FORM}"),
        (f"{TEXT} seed=7", f"The line says seed twice; {FORM}"),
        (f"{TEXT} events=7", "The line has an unknown key, events; the nearest is event."),
        (f"{TEXT} x=7", "The line has an unknown key, x; known: world, scenario, seed, start, now, seeding, event."),
        (f"{TEXT} and", f"The line: found 'and'; {FORM}"),
        (TEXT.replace("t=2", "t=-2"), "The line's event: found '-2'; accepted: how many events had happened, 0 or more."),
        (TEXT.replace("03-05", "02-30"), f"The line's now: found '2024-02-30T09:45:00Z'; {TIME}"),
        (TEXT.replace("restock@", ""), f"The line's scenario: found 'f4fb78904cae'; {SCENARIO}"),
        (TEXT.replace("restock", "%FF"), f"The line's scenario: found '%FF@f4fb78904cae'; {SCENARIO}"),
        (f"{HEADER}: world=none", ("The line says world=none: the mock did not know whom it answered. "
                                   "Take the line of an answer to a world's token.")),
    ],
)  # fmt: skip
def test_what_is_no_line_is_refused_with_what_was_found_and_what_is_accepted(text: str, sentence: str) -> None:
    with pytest.raises(WorldHeaderError) as caught:
        WorldHeader.parse(text)
    assert str(caught.value) == sentence


@examples(100)
@given(st.lists(st.sampled_from([*TEXT.split(), "seed=x", "=", "start="]) | st.text(), max_size=4).map(" ".join))
def test_a_text_that_is_no_line_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(WorldHeaderError, match=r"\.$"):
        WorldHeader.parse(text)
