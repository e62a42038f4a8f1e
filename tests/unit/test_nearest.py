"""The nearest known name: found among few, and searched within bounds among many and long ones."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_oms.scenarios.building import build_scenario
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.text import MAX_HINTS, nearest, nearest_clause


def calls(act: Callable[[], object]) -> int:
    """How many calls something makes, those into C included."""
    called = 0

    def note(_frame: object, what: str, _value: object) -> None:
        nonlocal called
        called += what in {"call", "c_call"}

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return called


def test_among_many_names_the_nearest_is_one_that_begins_alike() -> None:
    many = [f"TST-{number:05}-M" for number in range(4_000)]
    assert nearest("TST-03999-N", many) == "TST-03999-M"
    assert nearest("x" * 100, [f"{'x' * 99}{end}" for end in "ab"]) == f"{'x' * 99}a"


def test_the_search_is_bounded_in_names_and_letters() -> None:
    def search(names: int, letters: int) -> Callable[[], object]:
        known = [f"{number:06}{'ab' * letters}" for number in range(names)]
        return lambda: nearest_clause("ba" * letters, known)

    once = calls(search(5_000, 100))
    for names, letters in ((20_000, 100), (5_000, 4_000)):
        assert calls(search(names, letters)) < 1.5 * once, (names, letters)


def test_a_number_is_near_no_other_by_its_digits_and_the_known_ones_are_listed() -> None:
    assert nearest_clause(418, [401, 403, 429]) == "; known: 401, 403, 429"
    assert nearest_clause("418", [401, 403, 429]) == "; known: 401, 403, 429"
    assert nearest_clause(412, ["WH412"]) == "; known: WH412"
    assert nearest_clause("WH41", ["WH412", 41]) == "; the nearest is WH412"


WRONG: list[dict[str, object]] = [
    {"plans": [{"items": ["Z"] * 900}] * 9, "stock": {"A": {}}},
    {"plans": [], "stock": {f"S{number}": {"Z": 1} for number in range(1_000)}},
    {"plans": [], "profiles": [f"sloow{number}" for number in range(1_000)]},
    {"plans": [], "timeline": [{"at": "1h", "command": {"plan": 1, "run": "plan-cancle"}}] * 1_000},
]


def test_of_many_wrong_names_only_the_first_are_told_what_is_nearest() -> None:
    found = []
    for document in WRONG:
        with pytest.raises(ScenarioError) as caught:
            build_scenario({"description": "A test.", **document}, Lines(file=Path("test.yaml"), numbers={}))
        messages = [one.message for one in caught.value.problems if "which is no" in one.message]
        found.append((len(messages) >= 1_000, sum("; " in one for one in messages)))
    assert found == [(True, MAX_HINTS)] * len(WRONG)
