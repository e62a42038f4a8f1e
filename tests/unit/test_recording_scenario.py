"""A recording as a scenario: what it begins with, what happens in it, how slow it is."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.recorder.pseudonyms import Pseudonyms
from mock_oms.conformance.recorder.reader import LIST, Reader
from mock_oms.conformance.recorder.rules import Unknown
from mock_oms.conformance.recorder.scenario import (
    Recording,
    answers_of,
    delays,
    flow,
    of_answer,
    recording_of,
    scenario_of,
    scrubbed,
)
from mock_oms.domain.world import open_world
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.checking import check
from mock_oms.scenarios.yaml_file import parse_yaml
from mock_oms.urls import Operation
from tests.recorded import KEY, FakeOms, reader_of, real_plans, survivors, walk
from tests.worlds import rendered

BEGUN = "2022-07-02T10:00:51Z"


def seen(*sightings: tuple[int, str], **more: Any) -> Recording:
    """A recording of one plan in these states at these seconds; the first walk ended in the first second."""
    recording = Recording(begun=BEGUN, first=timedelta(seconds=1), **more)
    for seconds, state in sightings:
        body = {"id": 7, "state": state, "modified_date": f"2022-07-02T10:00:{seconds:02d}Z"}
        recording.saw(body, timedelta(seconds=seconds))
    return recording


def played(recording: Recording) -> Scenario:
    """The scenario, which must hold together and do what it says."""
    scenario = build_scenario(*parse_yaml(scenario_of(recording).text, Path("recorded.yaml")))
    assert check(scenario) == []
    return scenario


def moves(recording: Recording) -> list[tuple[str, str]]:
    return [(str(line.at), str(line.event.run)) for line in played(recording).document.timeline]  # type: ignore[union-attr]


def test_a_recording_is_served_as_it_was_seen() -> None:
    reader = reader_of(FakeOms(real_plans()))
    reader.read()
    scenario = played(reader.recording)
    wanted = [scrubbed(plan, walk()) for plan in real_plans()]
    served = rendered(opened_of(scenario), scenario)
    assert [json.dumps(served[one["id"]]) for one in wanted if one] == [json.dumps(one) for one in wanted]


def opened_of(scenario: Scenario) -> Any:

    return open_world(scenario.setup(seed=None, opened=scenario.document.clock.start))  # type: ignore[arg-type]


def test_the_file_has_nothing_of_the_originals_in_it() -> None:
    reader = reader_of(FakeOms(real_plans()))
    reader.read()
    assert survivors(real_plans(), scenario_of(reader.recording).text) == []


def test_a_cancelled_plan_is_a_command() -> None:
    assert moves(seen((0, "pending"), (40, "cancelled"))) == [("0:00:40", "plan-cancel")]


def test_a_completed_plan_is_a_command() -> None:
    assert moves(seen((0, "pending"), (40, "completed"))) == [("0:00:40", "plan-complete")]


def test_what_no_command_does_is_told_in_a_comment_and_the_plan_begins_after_it() -> None:
    recording = seen((0, "start"), (20, "pending"), (40, "completed"))
    assert moves(recording) == [("0:00:40", "plan-complete")]
    assert played(recording).document.plans[0].raw["state"] == "pending"  # type: ignore[index,union-attr]
    assert "#   20s: plan 7 went from start to pending, which no command does." in scenario_of(recording).text


def test_a_plan_that_came_later_is_told_in_a_comment() -> None:
    assert "#   20s: plan 7 was new" in scenario_of(seen((20, "pending"))).text


def test_a_change_without_a_transition_is_told_in_a_comment() -> None:
    assert "#   20s: plan 7 changed in modified_date." in scenario_of(seen((0, "pending"), (20, "pending"))).text


def test_what_was_seen_in_the_first_second_happens_after_the_beginning() -> None:
    assert moves(seen((0, "pending"), (0, "cancelled"))) == [("0:00:01", "plan-cancel")]


def test_a_plan_in_a_state_that_no_scenario_knows_is_left_out() -> None:
    written = scenario_of(seen((0, "shipped")))
    assert (written.plans, written.left_out) == (0, 1)


@pytest.mark.parametrize("number", [0, -5, 2**31, "7", None])
def test_a_plan_whose_id_no_scenario_takes_is_left_out(number: Any) -> None:
    recording = Recording(begun=BEGUN)
    recording.saw({"id": number, "state": "pending"}, timedelta())
    assert (recording.left_out, scenario_of(recording).plans) == (1, 0)


def test_a_recording_goes_on_from_what_it_wrote_down() -> None:
    recording = seen((0, "pending"), (40, "cancelled"), shapes={"page_size": {"20": 2}}, page=3)
    recording.took[Operation.LIST].append(0.25)
    assert recording_of(json.loads(json.dumps(line)) for line in recording.lines()) == recording


def test_plans_that_a_file_has_no_room_for_are_counted() -> None:
    recording = Recording(begun=BEGUN)
    for number in range(1, 8):
        recording.saw({"id": number, "state": "pending", "context": {"1": "x" * 900_000}}, timedelta())
    written = scenario_of(recording)
    assert (written.plans, written.left_out) == (5, 2)
    played(recording)


def test_latency_is_a_lognormal_distribution_that_ends_at_the_slowest_answer() -> None:
    assert delays({Operation.LIST: [0.1, 0.2, 0.2, 0.2, 0.4]}) == [
        {"on": "list", "effect": {"delay": {"lognormal": {"median": "200ms", "sigma": 0.438}, "max": "400ms"}}}
    ]


def test_latency_that_never_varies_is_fixed() -> None:
    assert delays({Operation.DETAIL: [0.05] * 5}) == [{"on": "detail", "effect": {"delay": {"fixed": "50ms"}}}]


def test_a_fixed_delay_above_a_minute_says_how_long_it_may_be() -> None:
    assert delays({Operation.LIST: [61.0] * 5}) == [
        {"on": "list", "effect": {"delay": {"fixed": "1m1s", "max": "1m1s"}}}
    ]


@pytest.mark.parametrize("seconds", [[0.1] * 4, [0.0001] * 9, []])
def test_too_few_or_too_quick_answers_tell_no_latency(seconds: list[float]) -> None:
    assert delays({Operation.LIST: seconds}) == []


@given(st.lists(st.floats(0, 1000), min_size=5, max_size=30))
def test_any_latency_can_be_said_in_a_scenario(seconds: list[float]) -> None:
    recording = seen((0, "pending"))
    recording.took[Operation.LIST] = seconds
    played(recording)


def test_switches_are_read_off() -> None:
    plan = {"state": {"enum_value": "pending"}, "commands": "plan-cancel", "modified_date": "2024-03-05"}
    page = {"count": 50, "next": "http://oms.test/?page=2", "results": [plan] * 20}
    found = {"page_size": 20, "state": "object", "commands": "comma", "dates": "date"}
    assert answers_of(of_answer(page)) == found


def test_a_list_without_an_envelope_is_an_array() -> None:
    assert answers_of(of_answer([])) == {"list": "array"}


def test_the_last_page_tells_no_size() -> None:
    assert answers_of(of_answer({"count": 3, "next": None, "results": [{}] * 3})) == {}


def test_a_large_page_raises_the_maximum_too() -> None:
    assert answers_of({"page_size": {"250": 1}}) == {"page_size": 250, "max_page_size": 250}


@given(
    st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-(10**30), 10**30),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(st.characters(exclude_categories=["Cs"])),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
        ),
        max_leaves=10,
    )
)
def test_yaml_reads_back_what_json_holds(value: Any) -> None:
    data, _ = parse_yaml(f"- {flow(value)}\n", Path("test.yaml"))
    assert repr(data) == repr([value])


def test_the_offset_of_the_clock_is_that_of_the_dates() -> None:
    made = Pseudonyms(KEY)
    assert (made.moved("2026-01-01T00:00:00Z") or "") < "2025"


@pytest.mark.parametrize(("begun", "start"), [("10:00:00", "10"), ("10:00:01", "11"), ("10:59:59", "11")])
def test_the_clock_starts_at_a_full_hour_and_tells_no_second_of_the_recording(begun: str, start: str) -> None:
    text = scenario_of(Recording(begun=f"2020-03-05T{begun}Z")).text
    assert f"clock: {{start: 2020-03-05T{start}:00:00Z, rate: 1}}\n" in text


def read_again(reader: Reader, oms: FakeOms) -> None:
    reader.watch(oms.elapsed() + timedelta(seconds=60), timedelta(seconds=60), oms.sleep)


def test_watching_records_a_transition() -> None:
    oms = FakeOms(real_plans())
    reader = reader_of(oms)
    reader.read()
    pending = next(plan for plan in oms.plans if plan["state"] == "pending")
    pending |= {"state": "cancelled", "commands": [], "modified_date": "2024-03-05T10:07:00.000000Z"}
    read_again(reader, oms)
    assert [run for _, run in moves(reader.recording)] == ["plan-cancel"]
    assert "changed in" not in scenario_of(reader.recording).text


def test_watching_what_does_not_change_records_nothing() -> None:
    oms = FakeOms(real_plans())
    reader = reader_of(oms)
    reader.read()
    read_again(reader, oms)
    assert moves(reader.recording) == []


def test_details_that_say_no_more_are_not_all_read() -> None:
    oms = FakeOms(real_plans(), size=100)
    oms.plans = [{**oms.plans[0], "id": number} for number in range(1, 50)]
    reader_of(oms).read()
    assert len(oms.asked) == 1 + 10 + 1  # the list, ten details, and a plan that is not there


def test_details_that_say_more_are_what_is_recorded() -> None:
    oms = FakeOms(real_plans(), extra={"context": {"1": {"date": "2024-03-05", "stock_locations": {}}}})
    oms.plans = [{key: one for key, one in plan.items() if key != "context"} for plan in oms.plans]
    reader = reader_of(oms)
    reader.read()
    read_again(reader, oms)
    assert len(oms.asked) == 2 + 4 + 1 + 2  # two pages, four details, one that is missing, and the pages once more
    assert all("context" in one[-1].body and len(one) == 1 for one in reader.recording.plans.values())


def test_an_end_in_the_middle_keeps_what_was_seen() -> None:
    reader = reader_of(FakeOms(real_plans(), most=1))
    reader.read()
    assert (len(reader.recording.plans), reader.recording.ended, reader.recording.page) == (2, "Enough.", 2)
    assert "was new" not in scenario_of(reader.recording).text


def test_a_recording_that_goes_on_does_not_read_the_first_pages_again() -> None:
    oms = FakeOms(real_plans())
    reader = reader_of(oms)
    reader.recording.page = 2
    reader.read()
    assert oms.asked[0].endswith("?2")


def test_since_leaves_out_older_plans_and_stops_at_a_page_of_them() -> None:

    oms = FakeOms(
        [{**plan, "created_date": f"2024-03-0{4 - at}T00:00:00Z"} for at, plan in enumerate(real_plans())], size=1
    )
    reader = reader_of(oms, since=datetime(2024, 3, 3, tzinfo=UTC))
    reader.read()
    assert len(reader.recording.plans) == 2
    assert [one for one in oms.asked if "?" in one and not one.endswith("?")] == [f"{LIST}?2", f"{LIST}?3"]


def test_pages_that_lead_in_a_circle_end_it() -> None:
    oms = FakeOms(real_plans(), following=2)
    reader = reader_of(oms)
    reader.read()
    assert reader.recording.ended == "The links to the next page lead in a circle."


def test_a_link_to_nowhere_on_the_first_page_keeps_the_first_page() -> None:
    reader = reader_of(FakeOms(real_plans(), link="https://elsewhere.example.com/x/?page=2"))
    reader.read()
    assert len(reader.recording.plans) == 2
    assert "does not lead to the list" in str(reader.recording.ended)


def test_a_link_that_no_address_can_hold_keeps_what_was_seen() -> None:
    reader = reader_of(FakeOms(real_plans(), link=f"https://oms.test{LIST}?page={'9' * 100_000}"))
    reader.read()
    assert len(reader.recording.plans) == 2
    assert "accepted: 4,096" in str(reader.recording.ended)


@pytest.mark.parametrize("failing", [{1}, {2}, {3}])
def test_one_failure_is_not_the_end(failing: set[int]) -> None:
    reader = reader_of(FakeOms(real_plans(), failing=frozenset(failing)))
    reader.read()
    assert (len(reader.recording.plans), reader.recording.ended) == (4, None)


def test_two_failures_in_a_row_are_the_end_and_nobody_doubts_the_token() -> None:
    reader = reader_of(FakeOms(real_plans(), failing=frozenset({2, 3})))
    reader.read()
    assert len(reader.recording.plans) == 2
    assert "answered 500" in str(reader.recording.ended)
    assert "token" not in str(reader.recording.ended)


def test_nobody_is_asked_for_plans_that_a_file_has_no_room_for() -> None:
    plan = {key: one for key, one in real_plans()[0].items() if key != "order"}
    oms = FakeOms([{**plan, "id": number, "order": {"notes": [1000] * 100_000}} for number in range(1, 41)])
    reader = reader_of(oms, walk=walk(Unknown.HASH))
    reader.read()
    written = scenario_of(reader.recording)
    assert 1 < written.plans == len(reader.recording.plans) < 20
    assert len(oms.asked) <= written.plans // 2 + 1
    assert "of 40 plans" in str(reader.recording.ended)
    assert (reader.recording.full, written.left_out) == (True, 0)


def test_what_was_seen_is_kept_every_ten_pages_and_at_the_end() -> None:
    plans = [{**real_plans()[0], "id": number} for number in range(1, 26)]
    kept: list[int] = []
    reader = reader_of(FakeOms(plans, size=1))
    reader.kept = lambda: kept.append(len(reader.recording.plans))
    reader.read()
    assert kept == [10, 20, 25]


def test_an_interruption_keeps_what_was_seen() -> None:
    def interrupt(_seen: int, _of: int) -> None:
        raise KeyboardInterrupt

    kept: list[int] = []
    reader = reader_of(FakeOms(real_plans()), progress=interrupt, kept=lambda: kept.append(1))
    with pytest.raises(KeyboardInterrupt):
        reader.read()
    assert kept == [1]


@pytest.mark.parametrize(
    ("sentence", "learnt"),
    [
        ("Not found.", "short"),
        ("No OrderExecutionPlan matches the given query.", "model"),
        ("No Plan matches the given query.", "model"),
        ("Bulunamadı.", "other"),
    ],
)
def test_how_a_missing_plan_is_refused_is_learnt(sentence: str, learnt: str) -> None:
    reader = reader_of(FakeOms(real_plans(), missing=sentence))
    reader.read()
    assert reader.recording.shapes["not_found"] == {learnt: 1}


def test_what_was_seen_of_a_switch_before_an_interruption_counts_when_it_goes_on() -> None:
    plans = real_plans()
    reader = reader_of(FakeOms(plans, size=1, most=2))
    reader.read()
    again = reader_of(FakeOms([{**plan, "state": {"enum_value": plan["state"]}} for plan in plans], size=1))
    again.recording = recording_of(json.loads(json.dumps(line)) for line in reader.recording.lines())
    again.read()
    assert again.recording.shapes["state"].keys() == {"string", "object"}
    assert "state" not in answers_of(again.recording.shapes)


def test_commands_that_details_alone_have_are_learnt_from_them() -> None:
    oms = FakeOms(real_plans(), extra={"commands": "plan-cancel"})
    oms.plans = [{**plan, "commands": []} for plan in oms.plans]
    reader = reader_of(oms)
    reader.read()
    assert answers_of(reader.recording.shapes)["commands"] == "comma"


@pytest.mark.parametrize("shapes", [{"page_size": 20}, {"state": "object"}, [], None])
def test_an_unfinished_recording_of_another_make_is_none(shapes: Any) -> None:
    first, *rest = seen((0, "pending")).lines()
    with pytest.raises((AttributeError, TypeError, ValueError)):
        recording_of(iter([{**first, "shapes": shapes}, *rest]))


def test_a_budget_that_ends_before_a_missing_plan_is_asked_for_is_no_early_end() -> None:
    reader = reader_of(FakeOms(real_plans(), most=6))
    reader.read()
    assert (reader.recording.ended, reader.recording.shapes.get("not_found")) == (None, None)
