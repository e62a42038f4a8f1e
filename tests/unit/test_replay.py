"""Replay: the bytes of an answer come again from its line, and what does not fit a line is refused in a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.api.control.schemas import Snapshot as SnapshotShape
from mock_oms.domain.errors import WorldError
from mock_oms.domain.events import Block, Event, Open
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.schema import read_event
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.snapshot import ReplayError, replayed, write_snapshot
from mock_oms.worlds.store import DEFAULT
from mock_oms.worlds.world_header import WorldHeader
from tests.profiles import examples
from tests.stored_worlds import SetByHand
from tests.worlds import Tale, meant, scenario, tales

#: Rates at which clocks run; at the odd ones world time has microseconds.
RATES = st.sampled_from((0, 1, 60, 0.37))
SPANS = st.sampled_from([timedelta(seconds=seconds) for seconds in (0, 1, 17, 60, 1800)])


def saved(world: OpenWorld) -> dict[str, Any]:
    """A snapshot of a world as it is read from a file."""
    written = json.dumps(write_snapshot(world.origin, world.instant()))
    document: dict[str, Any] = SnapshotShape().load(json.loads(written))
    return document


@examples(8)
@given(tales(), RATES, st.sampled_from(("now", "2024-03-05T09:00:00Z")), st.lists(SPANS, min_size=6, max_size=6))
def test_a_line_and_a_later_snapshot_give_the_bytes_that_were_answered(
    tale: Tale, rate: float, start: str, pauses: list[timedelta]
) -> None:
    of, wall = scenario(**tale.sections, clock={"start": start, "rate": rate}), SetByHand()
    simulation = WorldManager(of, wall=wall)
    world, views = simulation.lease(DEFAULT).world, [simulation.default()]
    for (_, written), pause in zip(tale.events, pauses, strict=False):
        try:
            world.apply(read_event(meant(world.instant().world, written)))
        except WorldError:
            world.advance(timedelta(minutes=7))
        wall.now += pause
        views.append(simulation.default())
    snapshot = saved(world)
    for view in views:
        line = WorldHeader.parse(str(view.line))
        again = replayed(line, of, snapshot)
        assert list(again.bodies()) == list(view.bodies())
        assert WorldHeader.of(line.world, of, again.world) == line


WAITING = scenario(stock={"A": {}}, plans=[{"items": ["A"]}])
OPEN_START = scenario(stock={"A": {}}, plans=[{"items": ["A"]}], clock={"start": "now"})
EVENTS: tuple[Event, ...] = (Block(location="WH001"), Open(location="WH001"), Block(location="STORE01"))


def world_of(of: Scenario = WAITING, **wished: Any) -> OpenWorld:
    """A world at ten minutes, with an event after three, six and nine."""
    world = WorldManager(of, wall=SetByHand()).open(scenario=of, name="tour", **wished).world
    for event in EVENTS:
        world.advance(timedelta(minutes=3))
        world.apply(event)
    world.advance(timedelta(minutes=1))
    return world


@pytest.fixture
def world() -> OpenWorld:
    return world_of()


@pytest.fixture
def line(world: OpenWorld) -> WorldHeader:
    found = world.reading().line
    assert found is not None
    return found


def minutes(line: WorldHeader, passed: float) -> WorldHeader:
    """The line, so long after the start."""
    return replace(line, now=line.now + timedelta(minutes=passed - 10))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ReplayError) as caught:
        act()
    return str(caught.value)


def take_one(sentence: str) -> str:
    """A sentence with the way out that most have."""
    return (
        f"{sentence}; take a snapshot of that world, after the line and before a reset: "
        "mock-oms world snapshot --world tour > saved.json, then --snapshot saved.json."
    )


@pytest.mark.parametrize(("event", "passed"), [(0, 0), (0, 3), (1, 3), (1, 6), (2, 7.5), (3, 9), (3, 10), (3, 600)])
def test_a_time_between_the_last_event_and_the_next_fits(world: Any, line: Any, event: int, passed: float) -> None:
    then = replace(minutes(line, passed), event=event)
    again = replayed(then, WAITING, saved(world)).world
    assert (again.now, again.events) == (then.now, event)


@pytest.mark.parametrize(
    ("changes", "passed", "sentence"),
    [
        ({"event": 1}, 2, "The line says now=2024-03-05T09:02:00Z, but in the snapshot event 1 happened at 2024-03-05T09:03:00Z"),
        ({"event": 1}, 7, ("The line says now=2024-03-05T09:07:00Z and event=1, "
                           "but in the snapshot event 2 came at 2024-03-05T09:06:00Z")),
        ({"event": 0}, -1,
         "The line says now=2024-03-05T08:59:00Z, but in the snapshot its world began at 2024-03-05T09:00:00Z"),
        ({"event": 4}, 10, "The line says event=4, but the snapshot has only 3 in its log"),
        ({"seed": 5}, 10, "The line says seed=5, the snapshot 1"),
        ({"start": datetime(2024, 3, 5, 8, 59, tzinfo=UTC)}, 10,
         "The line's world began at 2024-03-05T08:59:00Z, the snapshot's at 2024-03-05T09:00:00Z"),
        ({"scenario": "other"}, 10, "The line is of scenario other, the snapshot of test"),
    ],
)  # fmt: skip
def test_what_the_snapshot_contradicts_is_refused(
    world: OpenWorld, line: WorldHeader, changes: dict[str, Any], passed: float, sentence: str
) -> None:
    wrong = replace(minutes(line, passed), **changes)
    assert refusal(lambda: replayed(wrong, WAITING, saved(world))) == take_one(sentence)


def test_a_scenario_that_says_something_else_now_and_a_time_without_end_are_refused(
    world: OpenWorld, line: WorldHeader
) -> None:
    changed = scenario(plans=[])
    assert refusal(lambda: replayed(line, changed)) == (
        f"The line is of scenario test@{WAITING.digest}; here it is test@{changed.digest}, which makes another world. "
        "Name the folder that holds the same file with --scenarios, "
        "and with --observed the observation that it was served with, if it was."
    )
    late = minutes(line, 60 * 24 * 3661)
    said = refusal(lambda: replayed(late, WAITING, saved(world)))
    assert said == "The line says now=2034-03-14T09:00:00Z; accepted: 3660 days after the start."


@pytest.mark.parametrize("of", [WAITING, OPEN_START], ids=["a fixed start", "opened now"])
@pytest.mark.parametrize("wished", [{}, {"start": datetime(2025, 1, 1, tzinfo=UTC)}, {"seed": 8}], ids=str)
def test_before_the_first_event_a_line_says_all(of: Scenario, wished: dict[str, Any]) -> None:
    world = WorldManager(of, wall=SetByHand()).open(scenario=of, **wished).world
    world.advance(timedelta(minutes=40))
    reading = world.reading()
    line = WorldHeader.parse(str(reading.line))
    assert list(replayed(line, of).bodies()) == list(reading.bodies())


@pytest.mark.parametrize(("of", "event", "sentence"), [
    (WAITING, 3, "The line says event=3, but not which events these were"),
    (OPEN_START, 0, "The clock of test starts when a world is opened"),
])  # fmt: skip
def test_a_line_that_does_not_say_enough_is_refused(line: WorldHeader, of: Scenario, event: int, sentence: str) -> None:
    assert refusal(lambda: replayed(replace(line, digest=of.digest, event=event), of)) == take_one(sentence)
