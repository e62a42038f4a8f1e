"""A recording as a scenario: what it begins with, what happens in it, how slow it is."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.crawl import Question, contents_of_bodies
from mock_oms.conformance.recorder.scenario import Recording, answers_of, delays, recording_of, scenario_of
from mock_oms.conformance.switch_evidence import counted
from mock_oms.domain.world import open_world
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.checking import check
from mock_oms.scenarios.yaml_file import flow, parse_yaml
from mock_oms.urls import Operation
from tests.profiles import examples
from tests.recorded import FakeOms, real_plans, scrubbed, survivors
from tests.worlds import rendered

BEGUN = "2022-07-02T10:00:51Z"


def seen(*states: tuple[int, str], **more: Any) -> Recording:
    """A recording of one plan in these states at these seconds; the first walk ended in the first second."""
    recording = Recording(begun=BEGUN, first=timedelta(seconds=1), **more)
    for seconds, state in states:
        body = {"id": 7, "state": state, "modified_date": f"2022-07-02T10:00:{seconds:02d}Z"}
        recording.see(body, timedelta(seconds=seconds))
    return recording


def played(recording: Recording) -> Scenario:
    """The scenario, which must hold together and do what it says."""
    scenario = build_scenario(*parse_yaml(scenario_of(recording).text, Path("recorded.yaml")))
    assert check(scenario) == []
    return scenario


def test_a_recording_is_served_as_it_was_seen_and_has_nothing_of_the_originals_in_it() -> None:
    recording = FakeOms(real_plans()).read().recording
    assert survivors(real_plans(), scenario_of(recording).text) == []
    scenario = played(recording)
    world = open_world(scenario.setup(seed=None, opened=scenario.document.clock.start))  # type: ignore[arg-type]
    served = rendered(world, scenario)
    wanted = [scrubbed(plan) for plan in real_plans()]
    assert [json.dumps(served[one["id"]]) for one in wanted] == [json.dumps(one) for one in wanted]


@pytest.mark.parametrize(("states", "commands", "comment"), [
    ([(0, "pending"), (40, "cancelled")], [("0:00:40", "plan-cancel")], None),
    ([(0, "pending"), (40, "completed")], [("0:00:40", "plan-complete")], None),
    ([(0, "pending"), (0, "cancelled")], [("0:00:01", "plan-cancel")], None),  # never at the beginning itself
    (
        [(0, "start"), (20, "pending"), (40, "completed")],
        [("0:00:40", "plan-complete")],
        "20s: plan 7 went from start to pending, which no command does.",
    ),
    ([(0, "shipped"), (20, "pending")], [], "20s: plan 7 went from ? to pending, which no command does."),
    ([(20, "pending")], [], "20s: plan 7 was new; here it is there from the beginning."),
    ([(0, "pending"), (20, "pending")], [], "20s: plan 7 changed in modified_date."),
], ids=range(7))  # fmt: skip
def test_what_a_command_does_is_in_the_timeline_and_all_else_in_a_comment(
    states: list[tuple[int, str]], commands: list[tuple[str, str]], comment: str | None
) -> None:
    recording = seen(*states)
    timeline = played(recording).document.timeline
    assert [(str(one.at), str(one.event.run)) for one in timeline] == commands  # type: ignore[attr-defined]
    comments = [line for line in scenario_of(recording).text.splitlines() if line.startswith("#   ")]
    assert comments == ([] if comment is None else [f"#   {comment}"])


def test_a_recording_goes_on_from_what_it_wrote_down_and_not_from_another_make() -> None:
    recording = seen((0, "pending"), (40, "cancelled"), shapes={"page_size": {"20": 2}}, page=3)
    recording.took[Operation.LIST].append(0.25)
    first, *rest = json.loads(json.dumps(list(recording.lines())))
    assert recording_of(iter([first, *rest])) == recording
    strange: tuple[Any, ...] = ({"page_size": 20}, {"state": "object"}, [], None)
    for shapes in strange:
        with pytest.raises((AttributeError, TypeError, ValueError)):
            recording_of(iter([{**first, "shapes": shapes}, *rest]))


def test_a_plan_in_a_state_or_with_an_id_that_no_scenario_knows_or_without_room_is_left_out() -> None:
    written = scenario_of(seen((0, "shipped")))
    assert (written.plans, written.left_out) == (0, 1)
    for number in (0, -5, 2**31, "7", None):
        recording = Recording(begun=BEGUN)
        recording.see({"id": number, "state": "pending"}, timedelta())
        assert (recording.left_out, scenario_of(recording).plans) == (1, 0)
    recording = Recording(begun=BEGUN)
    for number in range(1, 8):
        recording.see({"id": number, "state": "pending", "context": {"1": "x" * 900_000}}, timedelta())
    written = scenario_of(recording)
    assert (written.plans, written.left_out) == (5, 2)
    played(recording)


@pytest.mark.parametrize(("seconds", "delay"), [
    ([0.1, 0.2, 0.2, 0.2, 0.4], {"lognormal": {"median": "200ms", "sigma": 0.438}, "max": "400ms"}),
    ([0.05] * 5, {"fixed": "50ms"}),
    ([61.0] * 5, {"fixed": "1m1s", "max": "1m1s"}),  # above a minute only what is said to be may be
    ([0.1] * 4, None), ([0.0001] * 9, None), ([], None),
], ids=range(6))  # fmt: skip
def test_latency_is_told_by_enough_answers_that_are_slow_enough(seconds: list[float], delay: Any) -> None:
    assert delays({Operation.LIST: seconds}) == ([] if delay is None else [{"on": "list", "effect": {"delay": delay}}])


@examples(60)
@given(st.lists(st.floats(0, 1000), min_size=5, max_size=30))
def test_any_latency_can_be_said_in_a_scenario(seconds: list[float]) -> None:
    recording = seen((0, "pending"))
    recording.took[Operation.LIST] = seconds
    played(recording)


PLAN = {"state": {"enum_value": "pending"}, "commands": "plan-cancel", "modified_date": "2024-03-05"}


@pytest.mark.parametrize(("body", "answers"), [
    (
        {"count": 50, "next": "http://oms.test/?page=2", "results": [PLAN] * 20},
        {"page_size": 20, "state": "object", "commands": "comma", "dates": "date"},
    ),
    ([], {"list": "array"}),
    ({"count": 3, "next": None, "results": [{}] * 3}, {}),  # the last page tells no size
    (
        {"count": 999, "next": "http://oms.test/?page=2", "results": [{}] * 250},
        {"page_size": 250, "max_page_size": 250},
    ),
], ids=range(4))  # fmt: skip
def test_switches_are_read_off_one_answer(body: Any, answers: Any) -> None:
    assert answers_of(counted(contents_of_bodies((body,), Question.AGAIN))) == answers


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.one_of(st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False))


@examples(100)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.from_regex(r'[\\"0-9e+.]*', fullmatch=True)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
        max_leaves=10,
    )
)
def test_yaml_reads_back_what_json_holds(value: Any) -> None:
    data, _ = parse_yaml(f"- {flow(value)}\n", Path("test.yaml"))
    assert repr(data) == repr([value])


@pytest.mark.parametrize(("begun", "start"), [("10:00:00", "10"), ("10:00:01", "11"), ("10:59:59", "11")])
def test_the_clock_starts_at_a_full_hour_and_tells_no_second_of_the_recording(begun: str, start: str) -> None:
    text = scenario_of(Recording(begun=f"2020-03-05T{begun}Z")).text
    assert f"clock: {{start: 2020-03-05T{start}:00:00Z, rate: 1}}\n" in text
