"""What a scenario becomes: defaults, resolved names, the clock, events in words, and expectations that are checked."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from mock_oms.domain.events import WORDS, Block, PlaceOrder, word_of
from mock_oms.domain.lifecycle import State
from mock_oms.domain.planner import Conditions, Rule, SortKey
from mock_oms.domain.setup import CapturedPlan
from mock_oms.domain.stock import LocationType
from mock_oms.domain.world import open_world
from mock_oms.scenarios.building import build_scenario, load_scenario
from mock_oms.scenarios.checking import check, run_scenario, warnings_of
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.fields import BRIEF, DURATION, parse_duration, write_duration
from mock_oms.scenarios.library import Library, template
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.scenarios.yaml_file import parse_yaml
from tests.profiles import examples
from tests.worlds import START, scenario, span

NAMED = {"type": "store", "priority": 3, "name": "X", "city": "Y", "active": False, "max_quota": 9, "quota": 2}
PLANNER = {"type": "store", "sort": ["density"], "except": ["WH001"], "when": {"channel": "web"}}


@pytest.mark.parametrize(
    ("sections", "fact", "expected"),
    [
        ({}, lambda s: [(code, one.priority) for code, one in s.locations.items()], [
            ("WH001", 10), ("STORE01", 20), ("STORE02", 30)]),
        ({"locale": "en_US"}, lambda s: {one.city for one in s.locations.values()} <= set(s.cities), True),
        ({"locations": {"A": NAMED}}, lambda s: {key: getattr(s.locations["A"], key) for key in NAMED}, NAMED),
        ({"plans": [{"items": ["A"]}], "timeline": [{"at": "1h", "order": {"items": ["B"]}}]},
         lambda s: {(sku, one.count) for (sku, _), one in s.stock.items()}, {("A", 1000), ("B", 1000)}),
        ({"locations": {"X": {}, "Y": {}}, "stock": {"A": {"X": 2}}},
         lambda s: {key: one.count for key, one in s.stock.items()}, {("A", "X"): 2, ("A", "Y"): 0}),
        ({"locations": {"Z": {}, "A": {}}}, lambda s: s.planner.default_location, "Z"),
        ({"planner": PLANNER}, lambda s: s.planner.rules, (
            Rule(type=LocationType.STORE, sort=(SortKey.DENSITY,), exclude=frozenset({"WH001"}),
                 when=Conditions(channel="web")),)),
        ({}, lambda s: s.planner.rules, (Rule(),)),
        ({"plans": None, "backlog": {"count": 3}}, lambda s: s.backlog_ids, range(1, 4)),
        ({"timeline": [{"at": "1h", "block": "WH001"}]}, lambda s: s.timeline[0].event, Block(location="WH001")),
        ({"timeline": [{"at": "1h", "block": {"location": "WH001"}}]}, lambda s: s.timeline[0].event.location, "WH001"),
        ({"plans": [{"items": ["A"], "channel": "mobile", "count": 4, "created": "-1h"}]},
         lambda s: (s.plans[0].count, s.plans[0].order.channel, s.plans[0].order.created),
         (4, "mobile", -timedelta(hours=1))),
    ],
    ids=[
        "three locations", "cities of the locale", "everything of a location", "plenty of what is ordered",
        "declared stock is all", "first location is the default", "a planner's keys are a rule", "one plain rule",
        "a backlog alone", "a bare value", "the same with its key", "what an order says",
    ],
)  # fmt: skip
def test_a_scenario_becomes_a_setup(sections: dict[str, Any], fact: Callable[[Any], Any], expected: Any) -> None:
    given_sections = {key: value for key, value in {"plans": [], **sections}.items() if value is not None}
    assert fact(scenario(**given_sections).blueprint) == expected


def test_a_line_may_name_any_plan_that_there_will_be_and_no_other() -> None:
    order, refuse = {"order": {"items": ["A"], "id": 500}}, {"refuse": {"plan": 1001, "location": "WH001"}}
    lines = [{"at": "1m", **order}, {"at": "1m", **refuse}]
    sections: dict[str, Any] = {"plans": [{"items": ["A"], "count": 2}], "backlog": {"count": 5}}
    for plan in (1001, 1002, 1003, 3, 500):
        assert len(scenario(**sections, timeline=[*lines, {"at": "2m", "confirm": plan}]).blueprint.timeline) == 3
    for plan in (6, 999, 1003, 2000):
        with pytest.raises(ScenarioError):
            scenario(**sections, timeline=[{"at": "1h", "confirm": plan}])


def test_the_seed_of_a_world_wins_over_the_one_of_the_file() -> None:
    of = scenario(seed=5, plans=[])
    assert [of.setup(seed=seed, opened=START).seed for seed in (None, 0, 9)] == [5, 0, 9]


END = "2999-12-31T23:59:59Z"


@pytest.mark.parametrize(("start", "expected"), [
    ("now", datetime(2030, 1, 1, tzinfo=UTC)), ("2024-03-05T12:00:00+03:00", START), (START, START),
    *((start, datetime.fromisoformat(start)) for start in ("1970-01-01T00:00:00Z", END)),
])  # fmt: skip
def test_a_world_starts_now_or_at_the_time_of_its_file_and_lives_at_both_ends_of_time(
    start: Any, expected: Any
) -> None:
    plans = [*({"state": state} for state in State), {"items": ["A"], "created": "-30d"}]
    of = scenario(clock={"start": start}, plans=plans, planner={"first": "366d", "every": "7d"}, backlog={"count": 1})
    world = open_world(of.setup(seed=None, opened=datetime(2030, 1, 1, tzinfo=UTC)))
    assert world.setup.start == expected
    assert world.advance(expected + span("366d")).find(1) is not None


_DAY = 86_400_000


DURATIONS = [
    *(("90s", DURATION, 90_000), ("30m", DURATION, 1_800_000), ("1h30m", DURATION, 5_400_000)),
    *(("2d", DURATION, 2 * _DAY), ("-45m", DURATION, -2_700_000), ("0s", DURATION, 0)),
    *(("366d", DURATION, 366 * _DAY), ("-366d", DURATION, -366 * _DAY), ("300ms", DURATION, None)),
    *(("300ms", BRIEF, 300), ("2s", BRIEF, 2000), ("1m30s", BRIEF, 90_000), ("1s5ms", BRIEF, 1005)),
    ("-1h1ms", BRIEF, -3_600_001),
    *((text, BRIEF, None) for text in ("ms", "300", "5ms1s", "1.5s", "9" * 190 + "ms", "366d1ms")),
    *((text, DURATION, None) for text in ("", "-", "90", "1.5h", " 1m", "1m\n", "1h 30m", "30m1h", "--1h", "1w")),
    *((text, DURATION, None) for text in ("٣٠m", "1²s", "366d1s", "-366d1s", "365d25h", "99999d", "9" * 199 + "d")),
    *((text, DURATION, None) for text in ("9" * 300 + "s", "99999999999s")),
]  # fmt: skip


def test_a_duration_is_read_up_to_366_days_and_anything_else_is_none() -> None:
    spans = [None if one is None else timedelta(milliseconds=one) for _, _, one in DURATIONS]
    found = [parse_duration(text, form) for text, form, _ in DURATIONS]
    assert dict(zip(DURATIONS, found, strict=True)) == dict(zip(DURATIONS, spans, strict=True))


@examples(100)
@given(st.integers(-366 * _DAY, 366 * _DAY))
def test_a_duration_that_was_written_is_read_as_the_same(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)
    assert parse_duration(write_duration(span), BRIEF) == span
    whole = timedelta(seconds=span // timedelta(seconds=1))
    assert parse_duration(write_duration(whole)) == whole


EVERY_EVENT = """
restock: {sku: A, location: WH1, count: 2}
sell: {sku: A, location: WH1, count: 1}
block: {location: WH1}
open: {location: WH1}
quota: {location: WH1, quota: 0, max_quota: null}
stock_service: {state: down}
order: {items: [A, B], id: 5, city: Bursa, hold: true}
confirm: {plan: 5}
command: {plan: 5, run: plan-cancel}
cancel_item: {plan: 5, sku: A}
assign: {plan: 5, sku: A, location: WH1}
refuse: {plan: 5, location: WH1}
not_found: {plan: 5, sku: A}
"""
EVENTS = parse_yaml(EVERY_EVENT, Path("events.yaml"))[0].items()


@pytest.mark.parametrize(("word", "parts"), [
    *EVENTS, *(("quota", {"location": "WH1", **one}) for one in (
        {"quota": 3, "max_quota": 5}, {"quota": 3}, {"max_quota": None})),
], ids=str)  # fmt: skip
def test_an_event_is_written_down_as_it_was_read(word: str, parts: Any) -> None:
    assert write_event(read_event({word: dict(parts)})) == {word: parts}


def test_every_word_is_written_down_without_what_has_its_default() -> None:
    assert [word_of(read_event({word: parts})) for word, parts in EVENTS] == list(WORDS)
    assert write_event(PlaceOrder(items=("A",))) == {"order": {"items": ["A"]}}
    for written in ({"restock": {"sku": "A"}}, {"order": {"items": ["A"], "created": "-1h"}}):
        with pytest.raises(ValidationError):  # of which the second is an order of the past
            read_event(written)


def test_a_cause_names_its_file_wherever_that_lies_so_an_ending_makes_another_scenario(tmp_path: Path) -> None:
    text = "description: x\nplans: [{items: [A]}]\ntimeline: [{at: 30s, command: {plan: 1001, run: plan-cancel}}]\n"
    loaded = {}
    for name in ("one/mine.yaml", "other/mine.yaml", "one/mine.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        loaded[name] = load_scenario(write(tmp_path, name, text))
    assert [run_scenario(one).steps[-1]["cause"].split(":")[0] for one in loaded.values()] == [
        "timeline[0] of mine.yaml", "timeline[0] of mine.yaml", "timeline[0] of mine.yml"]  # fmt: skip
    assert loaded["one/mine.yaml"] == loaded["other/mine.yaml"] != loaded["one/mine.yml"]
    assert len(set(loaded.values())) == 2


RESTOCKED: dict[str, Any] = {
    "locations": {"WH1": {}},
    "stock": {"A": {"WH1": 0}},
    "plans": [{"id": 7, "items": ["A"]}],
    "timeline": [{"at": "45m", "restock": {"sku": "A", "location": "WH1", "count": 3}}],
}


def found(*expected: dict[str, Any], **sections: Any) -> list[str]:
    problems = check(scenario(**{**RESTOCKED, **sections}, expect=list(expected)))
    return [str(one).removeprefix("test.yaml: ") for one in problems]


def test_a_scenario_that_does_what_it_says_has_no_problem_in_whatever_order_it_says_it() -> None:
    facts = {"plan": 7, "state": "completed", "attempts": 3, "location": {"A": "WH1"}, "items": {"A": "planned"}}
    late = {"at": "1h", **facts, "count": {"completed": 1, "pending": 0}, "stock": {"A": {"WH1": 2}}}
    assert found(late, {"at": "1m", "plan": 7, "attempts": 1}) == []


@pytest.mark.parametrize(("expected", "sentence"), [
    ({"plan": 7, "state": "pending"}, "state: at 1h: expected pending, found completed (plan 7)."),
    ({"plan": 7, "attempts": 0}, "attempts: at 1h: expected 0, found 3 (plan 7)."),
    ({"plan": 7, "location": {"A": None}}, "location: at 1h: expected none for A, found WH1 (plan 7)."),
    ({"plan": 7, "items": {"A": "waiting"}}, "items: at 1h: expected waiting for A, found planned (plan 7)."),
    ({"plan": 7, "location": {"B": "WH1"}}, "location: at 1h: expected WH1 for B, found no such item (plan 7)."),
    ({"count": {"completed": 2}}, "count: at 1h: expected 2 plans in completed, found 1."),
    ({"stock": {"A": {"WH1": 9}}}, "stock: at 1h: expected 9 of A to be free at WH1, found 2."),
])  # fmt: skip
def test_an_expectation_that_fails_is_a_problem(expected: dict[str, Any], sentence: str) -> None:
    assert found({"at": "1h", **expected}) == [f"expect[0].{sentence}"]


def test_a_plan_that_is_not_there_yet_and_a_line_that_the_world_refuses_after_the_end_are_problems() -> None:
    order = {"at": "50m", "order": {"items": ["A"], "id": 8}}
    missing = found({"at": "5m", "plan": 8, "state": "start"}, timeline=[order])
    assert missing == ["expect[0].plan: at 5m: there is no plan 8."]
    sale = {"at": "5h", "sell": {"sku": "A", "location": "WH1", "count": 1}}
    refused = "timeline[0]: the world refused this line: WH1 has 0 of A free: 1 cannot be sold."
    assert found(timeline=[sale]) == [refused]


@pytest.mark.parametrize(("sections", "until"), [
    ({}, "1h1m"),
    ({"planner": {"first": "5m", "every": "10m"}}, "25m"),
    ({"timeline": [{"at": "1h", "block": "WH001"}, {"at": "5m", "open": "WH001"}]}, "2h1m"),
    ({"timeline": [{"at": "1h", "block": "WH001"}], "expect": [{"at": "3h", "count": {"start": 0}}]}, "4h1m"),
], ids=["neither", "planner", "timeline", "expect"])  # fmt: skip
def test_a_story_goes_on_for_a_first_attempt_and_two_retries_after_the_last_line(sections: Any, until: str) -> None:
    assert run_scenario(scenario(plans=[], **sections)).until == span(until)


def test_a_line_that_the_world_refuses_is_told_beside_the_steps() -> None:
    timeline = [{"at": "1h", "command": {"plan": 7, "run": "plan-cancel"}}]
    found = run_scenario(scenario(plans=[{"id": 7, "items": ["A"]}], timeline=timeline))
    (missed,) = found.missed
    assert missed.startswith("timeline[0] of ")
    assert "'plan-cancel' cannot run on plan 7, which is completed" in missed


def test_a_city_that_is_nearly_one_of_the_table_is_a_warning_and_a_foreign_one_is_none() -> None:
    cities = {"WH1": "İzmir", "WH2": "izmir", "WH3": "İzmr", "WH4": "Atlantis"}
    orders = [{"at": "1m", "order": {"items": ["A"], "city": "Ankra"}}]
    found = warnings_of(
        scenario(
            locations={code: {"city": city} for code, city in cities.items()},
            plans=[],
            stock={"A": {"WH1": 1}},
            timeline=orders,
        )
    )
    assert [(one.path, one.message.partition(" is ")[0]) for one in found] == [
        ("locations.WH3.city", "İzmr"),
        ("timeline[0].order.city", "Ankra"),
    ]


def test_a_story_tells_every_step_since_the_start_and_counts_the_plans_whose_past_it_does_not_tell() -> None:
    steps = run_scenario(scenario(**RESTOCKED, expect=[{"at": "1h", "plan": 7, "attempts": 3}])).steps
    expected = [
        ("0s", "", "start"),
        ("1m", "start", "pending"),
        ("30m", "pending", "pending"),
        ("1h", "pending", "completed"),
    ]
    assert [(one["time"], one["from"], one["to"]) for one in steps] == expected
    steps = run_scenario(scenario(plans=[{"state": "pending"}, {"items": ["A"], "created": "-1h"}])).steps
    assert {step["plan"] for step in steps if step["time"].startswith("-")} == {1002}
    plans = [{"state": "pending", "count": 3}, {"raw": {"id": 5, "state": "start"}}, {"items": ["A"], "count": 9}]
    story = run_scenario(scenario(plans=plans, backlog={"count": 7}))
    assert (story.seeded, story.backlog, run_scenario(scenario(plans=[])).backlog) == (4, 7, 0)


def write(folder: Path, name: str, text: str = "description: mine\nplans: []\n") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_template_does_what_it_says_and_a_captured_plan_keeps_its_dates_as_they_were_written() -> None:
    assert check(build_scenario(*parse_yaml(template(), Path("new.yaml")))) == []
    raw = "{id: 5, state: start, created_date: 2024-03-05T09:00:00.100Z, day: 2024-03-05}"
    text = f"description: x\nplans: [{{raw: {raw}}}]"
    (captured,) = build_scenario(*parse_yaml(text, Path("x.yaml"))).blueprint.plans
    assert isinstance(captured, CapturedPlan)
    assert (captured.raw["created_date"], captured.raw["day"]) == ("2024-03-05T09:00:00.100Z", "2024-03-05")


def schemas_made(plans: int) -> int:
    """How many instances of schemas a file of twice so many plans needs."""
    entries = [{"state": "completed"}, {"items": ["A"]}] * plans
    made = 0

    def note(frame: FrameType, what: str, _: object) -> None:
        nonlocal made
        made += what == "call" and frame.f_code is Schema.__init__.__code__

    sys.setprofile(note)
    scenario(plans=entries)
    sys.setprofile(None)
    return made


def test_a_file_of_a_hundred_plans_needs_no_more_schemas_than_one_of_two() -> None:
    few = schemas_made(1)
    assert schemas_made(50) <= few


def test_a_library_has_the_files_of_both_folders_by_name_and_those_of_the_user_first(tmp_path: Path) -> None:
    for name in ("default.yaml", "a-b.yml", "notes.txt"):
        write(tmp_path, name)
    assert list(Library(tmp_path).files()) == sorted({"a-b", *Library().files()})
    assert Library(tmp_path).load("default").document.description == "mine"
    assert Library().load(str(write(tmp_path, "x.yaml"))).name == "x"


def test_an_unknown_name_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as refused:
        Library().load("restok")
    said = "restok: there is no scenario of this name; the nearest is restock. A path ends in .yaml."
    assert str(refused.value) == said
    with pytest.raises(ScenarioError, match=r"none: there is no such folder\.$"):
        Library(tmp_path / "none").files()
