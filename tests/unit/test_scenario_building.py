"""What a scenario becomes: defaults, resolved names, the clock, events in words, and expectations that are checked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from mock_oms.domain.events import WORDS, Block, PlaceOrder, word_of
from mock_oms.domain.lifecycle import State
from mock_oms.domain.planner import Conditions, Rule, SortKey
from mock_oms.domain.setup import CapturedPlan
from mock_oms.domain.stock import LocationType
from mock_oms.scenarios.building import build_scenario, load_scenario
from mock_oms.scenarios.checking import TEMPLATE, check, run_scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.fields import BRIEF, DURATION, parse_duration, write_duration
from mock_oms.scenarios.library import Library
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.scenarios.yaml_file import parse_yaml
from tests.worlds import START, opened, scenario, span

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


def test_a_captured_plan_keeps_its_dates_as_they_were_written() -> None:
    text = (
        "description: x\nplans: [{raw: {id: 5, state: start, created_date: 2024-03-05T09:00:00.100Z, day: 2024-03-05}}]"
    )
    (captured,) = build_scenario(*parse_yaml(text, Path("x.yaml"))).blueprint.plans
    assert isinstance(captured, CapturedPlan)
    assert (captured.raw["created_date"], captured.raw["day"]) == ("2024-03-05T09:00:00.100Z", "2024-03-05")


@pytest.mark.parametrize("plan", [1001, 1002, 1003, 3, 500])
def test_a_line_may_name_any_plan_that_there_will_be(plan: int) -> None:
    lines = [
        {"at": "1m", "order": {"items": ["A"], "id": 500}},
        {"at": "1m", "refuse": {"plan": 1001, "location": "WH001"}},
        {"at": "2m", "confirm": plan},
    ]
    plans = [{"items": ["A"], "count": 2}]
    assert len(scenario(plans=plans, backlog={"count": 5}, timeline=lines).blueprint.timeline) == 3


@pytest.mark.parametrize("plan", [6, 999, 1003, 2000])
def test_a_line_may_not_name_a_plan_that_there_will_never_be(plan: int) -> None:
    with pytest.raises(ScenarioError):
        scenario(plans=[{"items": ["A"], "count": 2}], backlog={"count": 5}, timeline=[{"at": "1h", "confirm": plan}])


def test_the_seed_of_a_world_wins_over_the_one_of_the_file() -> None:
    of = scenario(seed=5, plans=[])
    assert [of.setup(seed=seed, opened=START).seed for seed in (None, 0, 9)] == [5, 0, 9]


@pytest.mark.parametrize(("start", "expected"), [
    ("now", datetime(2030, 1, 1, tzinfo=UTC)), ("2024-03-05T12:00:00+03:00", START), (START, START),
    ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ("2999-12-31T23:59:59Z", datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)),
])  # fmt: skip
def test_a_world_starts_now_or_at_the_time_of_its_file(start: Any, expected: datetime) -> None:
    of = scenario(plans=[], clock={"start": start})
    assert of.setup(seed=None, opened=datetime(2030, 1, 1, tzinfo=UTC)).start == expected


@pytest.mark.parametrize("start", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
def test_a_world_can_be_lived_in_at_both_ends_of_time(start: str) -> None:
    plans = [*({"state": state} for state in State), {"items": ["A"], "created": "-30d"}]
    planner = {"first": "366d", "every": "7d"}
    world = opened(clock={"start": start}, plans=plans, planner=planner, backlog={"count": 1})
    assert world.advance(world.setup.start + span("366d")).find(1) is not None


_DAY = 86_400_000


@pytest.mark.parametrize(("text", "form", "milliseconds"), [
    *(("90s", DURATION, 90_000), ("30m", DURATION, 1_800_000), ("1h30m", DURATION, 5_400_000)),
    *(("2d", DURATION, 2 * _DAY), ("-45m", DURATION, -2_700_000), ("0s", DURATION, 0)),
    *(("366d", DURATION, 366 * _DAY), ("-366d", DURATION, -366 * _DAY), ("300ms", DURATION, None)),
    *(("300ms", BRIEF, 300), ("2s", BRIEF, 2000), ("1m30s", BRIEF, 90_000), ("1s5ms", BRIEF, 1005)),
    ("-1h1ms", BRIEF, -3_600_001),
    *((text, BRIEF, None) for text in ("ms", "300", "5ms1s", "1.5s", "9" * 190 + "ms", "366d1ms")),
    *((text, DURATION, None) for text in ("", "-", "90", "1.5h", " 1m", "1m\n", "1h 30m", "30m1h", "--1h", "1w")),
    *((text, DURATION, None) for text in ("٣٠m", "1²s", "366d1s", "-366d1s", "365d25h", "99999d", "9" * 199 + "d")),
    *((text, DURATION, None) for text in ("9" * 300 + "s", "99999999999s")),
])  # fmt: skip
def test_a_duration_is_read_up_to_366_days_and_anything_else_is_none(text: str, form: Any, milliseconds: Any) -> None:
    assert parse_duration(text, form) == (None if milliseconds is None else timedelta(milliseconds=milliseconds))


@settings(max_examples=100, deadline=None, database=None)
@given(st.integers(-366 * _DAY, 366 * _DAY))
def test_a_duration_that_was_written_is_read_as_the_same(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)
    assert parse_duration(write_duration(span), BRIEF) == span
    whole = timedelta(seconds=span // timedelta(seconds=1))
    assert parse_duration(write_duration(whole)) == whole


EVERY_EVENT: list[dict[str, Any]] = [
    {"restock": {"sku": "A", "location": "WH1", "count": 2}},
    {"sell": {"sku": "A", "location": "WH1", "count": 1}},
    {"block": {"location": "WH1"}},
    {"open": {"location": "WH1"}},
    {"quota": {"location": "WH1", "quota": 0, "max_quota": None}},
    {"stock_service": {"state": "down"}},
    {"order": {"items": ["A", "B"], "id": 5, "city": "Bursa", "hold": True}},
    {"confirm": {"plan": 5}},
    {"command": {"plan": 5, "run": "plan-cancel"}},
    {"cancel_item": {"plan": 5, "sku": "A"}},
    {"assign": {"plan": 5, "sku": "A", "location": "WH1"}},
    {"refuse": {"plan": 5, "location": "WH1"}},
    {"not_found": {"plan": 5, "sku": "A"}},
]


@pytest.mark.parametrize("written", [
    *EVERY_EVENT,
    *(
        {"quota": {"location": "WH1", **some}}
        for some in ({"quota": 3, "max_quota": 5}, {"quota": 3}, {"max_quota": None})
    ),
], ids=json.dumps)  # fmt: skip
def test_an_event_is_written_down_as_it_was_read(written: dict[str, Any]) -> None:
    assert write_event(read_event(json.loads(json.dumps(written)))) == written


def test_every_word_is_written_down() -> None:
    assert [word_of(read_event(written)) for written in EVERY_EVENT] == list(WORDS)


def test_what_has_its_default_is_not_written_down() -> None:
    assert write_event(PlaceOrder(items=("A",))) == {"order": {"items": ["A"]}}


@pytest.mark.parametrize("written", [{"restock": {"sku": "A"}}, {"order": {"items": ["A"], "created": "-1h"}}])
def test_an_event_that_is_none_or_an_order_of_the_past_is_not_read(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_event(written)


RESTOCKED: dict[str, Any] = {
    "locations": {"WH1": {}},
    "stock": {"A": {"WH1": 0}},
    "plans": [{"id": 7, "items": ["A"]}],
    "timeline": [{"at": "45m", "restock": {"sku": "A", "location": "WH1", "count": 3}}],
}


def found(**expected: Any) -> list[str]:
    return [str(one) for one in check(scenario(**RESTOCKED, expect=[expected]))]


def test_a_scenario_that_does_what_it_says_has_no_problem() -> None:
    facts = {"plan": 7, "state": "completed", "attempts": 3, "location": {"A": "WH1"}, "items": {"A": "planned"}}
    assert found(at="1h", **facts, count={"completed": 1, "pending": 0}, stock={"A": {"WH1": 2}}) == []


@pytest.mark.parametrize(("expected", "sentence"), [
    ({"plan": 7, "state": "pending"}, "expect[0].state: at 1h: expected pending, found completed (plan 7)."),
    ({"plan": 7, "attempts": 0}, "expect[0].attempts: at 1h: expected 0, found 3 (plan 7)."),
    ({"plan": 7, "location": {"A": None}}, "expect[0].location: at 1h: expected none for A, found WH1 (plan 7)."),
    ({"plan": 7, "items": {"A": "waiting"}}, "expect[0].items: at 1h: expected waiting for A, found planned (plan 7)."),
    (
        {"plan": 7, "location": {"B": "WH1"}},
        "expect[0].location: at 1h: expected WH1 for B, found no such item (plan 7).",
    ),
    ({"count": {"completed": 2}}, "expect[0].count: at 1h: expected 2 plans in completed, found 1."),
    ({"stock": {"A": {"WH1": 9}}}, "expect[0].stock: at 1h: expected 9 of A to be free at WH1, found 2."),
])  # fmt: skip
def test_an_expectation_that_fails_is_a_problem(expected: dict[str, Any], sentence: str) -> None:
    assert found(at="1h", **expected) == [f"test.yaml: {sentence}"]


def test_expectations_are_checked_in_the_order_of_their_times() -> None:
    late, early = {"at": "1h", "plan": 7, "attempts": 3}, {"at": "1m", "plan": 7, "attempts": 1}
    assert check(scenario(**RESTOCKED, expect=[late, early])) == []


def test_a_plan_that_is_not_there_yet_is_a_problem() -> None:
    line = {"at": "50m", "order": {"items": ["A"], "id": 8}}
    sections = {**RESTOCKED, "timeline": [line], "expect": [{"at": "5m", "plan": 8, "state": "start"}]}
    assert [str(one) for one in check(scenario(**sections))] == [
        "test.yaml: expect[0].plan: at 5m: there is no plan 8."
    ]


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


def test_a_line_that_the_world_refuses_is_a_problem_even_after_the_last_expectation() -> None:
    line = {"at": "5h", "sell": {"sku": "A", "location": "WH1", "count": 1}}
    (problem,) = check(scenario(**{**RESTOCKED, "timeline": [line]}))
    assert str(problem) == (
        "test.yaml: timeline[0]: the world refused this line: WH1 has 0 of A free: 1 cannot be sold."
    )


def test_a_story_tells_every_step() -> None:
    story = run_scenario(scenario(**RESTOCKED, expect=[{"at": "1h", "plan": 7, "attempts": 3}]))
    assert [(one["time"], one["from"], one["to"]) for one in story.steps] == [
        ("0s", "", "start"),
        ("1m", "start", "pending"),
        ("30m", "pending", "pending"),
        ("1h", "pending", "completed"),
    ]


@pytest.mark.parametrize(("sections", "until"), [
    ({}, "1h1m"),
    ({"planner": {"first": "5m", "every": "10m"}}, "25m"),
    ({"timeline": [{"at": "1h", "block": "WH001"}, {"at": "5m", "open": "WH001"}]}, "2h1m"),
    ({"timeline": [{"at": "1h", "block": "WH001"}], "expect": [{"at": "3h", "count": {"start": 0}}]}, "4h1m"),
], ids=["neither", "planner", "timeline", "expect"])  # fmt: skip
def test_a_story_goes_on_for_a_first_attempt_and_two_retries_after_the_last_line(sections: Any, until: str) -> None:
    assert run_scenario(scenario(plans=[], **sections)).until == span(until)


def test_a_story_leaves_out_what_was_told_before_the_start() -> None:
    steps = run_scenario(scenario(plans=[{"state": "pending"}, {"items": ["A"], "created": "-1h"}])).steps
    assert {step["plan"] for step in steps if step["time"].startswith("-")} == {1002}


def test_a_story_counts_the_plans_whose_past_it_does_not_tell() -> None:
    plans = [{"state": "pending", "count": 3}, {"raw": {"id": 5, "state": "start"}}, {"items": ["A"], "count": 9}]
    story = run_scenario(scenario(plans=plans, backlog={"count": 7}))
    assert (story.seeded, story.backlog) == (4, 7)
    assert run_scenario(scenario(plans=[])).backlog == 0


def write(folder: Path, name: str, text: str = "description: mine\nplans: []\n") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_template_does_what_it_says() -> None:
    assert check(build_scenario(*parse_yaml(TEMPLATE, Path("new.yaml")))) == []


def test_a_file_of_the_user_hides_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, "default.yaml")
    assert Library(tmp_path).load("default").document.description == "mine"


def test_a_library_lists_the_files_of_both_folders_by_name(tmp_path: Path) -> None:
    write(tmp_path, "a-b.yml")
    write(tmp_path, "notes.txt")
    assert list(Library(tmp_path).files()) == sorted({"a-b", *Library().files()})


def test_a_scenario_may_be_named_by_its_path(tmp_path: Path) -> None:
    assert Library().load(str(write(tmp_path, "x.yaml"))).name == "x"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ScenarioError) as refused:
        Library().load("restok")
    assert str(refused.value) == (
        "restok: there is no scenario of this name; the nearest is restock. A path ends in .yaml."
    )


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as refused:
        Library(tmp_path / "none").files()
    assert str(refused.value).endswith("none: there is no such folder.")
