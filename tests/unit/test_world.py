"""The fold: what comes first at one instant, what is missed, what is dated back, and time that only goes on."""

import tracemalloc
from datetime import datetime, timedelta
from typing import Any

import pytest

from mock_oms.domain.clock import END, Clock
from mock_oms.domain.errors import ClockError, WorldError
from mock_oms.domain.world import World
from mock_oms.scenarios.fields import LONGEST
from tests.worlds import INSTANT, START, after, event, happened, later, locations, opened, plan_of, span

EMPTY: dict[str, Any] = {"locations": {"WH1": {}}, "stock": {"A": {}, "B": {}}}
ONE: dict[str, Any] = {**EMPTY, "plans": [{"items": ["A"]}]}
ONE_UNIT = {"sku": "A", "location": "WH1", "count": 1}
RESCHEDULE, CANCEL = ({"plan": 1001, "run": f"plan-{word}"} for word in ("reschedule", "cancel"))


def minutes(world: World, plan_id: int) -> list[float]:
    """When the plan was attempted, in minutes from the start of its world."""
    return [(attempt.at - START) / timedelta(minutes=1) for attempt in plan_of(world, plan_id).attempts]


def states(world: World, *plan_ids: int) -> list[str]:
    return [plan_of(world, plan_id).state for plan_id in plan_ids]


def test_a_clock_never_shows_less_than_it_was_set_to() -> None:
    clock = Clock(shown=START, set_at=after("9h"), rate=2)
    assert [clock.at(after(text)) for text in ("8h", "9h", "10h")] == [START, START, after("2h")]


@pytest.mark.parametrize("years", [10, 900])
def test_a_clock_that_has_come_to_the_end_of_time_stays_there(years: int) -> None:
    end = Clock(shown=START, set_at=START, rate=86_400).at(START + timedelta(days=365 * years))
    assert end == END
    assert end + LONGEST + timedelta(days=7) < datetime.max.replace(tzinfo=START.tzinfo)


def test_time_cannot_be_turned_back_and_an_event_happens_now_unless_it_says_when() -> None:
    world = later(opened(**EMPTY, plans=[]), "1h")
    with pytest.raises(ClockError, match=r"^The clock shows 2024-03-05T10:00:00Z and cannot be turned back"):
        world.advance(after("59m"))
    with pytest.raises(WorldError):
        happened(world, "59m", block="WH1")
    assert world.apply(event(order={"items": ["A"]})).contents.plans[1001].created == after("1h")


@pytest.mark.parametrize(("sections", "due"), [
    ({"plans": [{"items": ["A"]}]}, "1m"),
    ({"plans": [{"items": ["A"], "hold": True}], "timeline": [{"at": "40s", "block": "WH1"}]}, "40s"),
    ({"plans": [{"items": ["A"], "created": "-5m"}]}, "30m"),
    ({"plans": []}, None),
], ids=["first attempt", "timeline", "retry", "nothing"])  # fmt: skip
def test_the_next_step_of_a_world_is_the_first_of_its_kinds(sections: dict[str, Any], due: str | None) -> None:
    assert opened(**EMPTY, **sections).next_due == (after(due) if due else None)


def test_the_next_step_of_a_plan_is_its_first_attempt_then_the_next_retry_then_none() -> None:
    world = opened(**ONE)
    tried, ended = later(world, "1m"), happened(world, "0s", command=CANCEL)
    dues = [one.next_due_of(plan_of(one, 1001)) for one in (world, tried, ended)]
    assert dues == [after("1m"), after("30m"), None]
    assert ended.next_due is None


@pytest.mark.parametrize(("planner", "until", "expected"), [
    ({}, "2h", [1, 30, 60, 90, 120]),
    ({"first": "5m", "every": "7m"}, "15m", [5, 7, 14]),
    ({"first": "0s"}, "0s", [0]), ({"first": "30m"}, "30m", [30]),
], ids=["every half hour of the world", "as the planner says", "at once", "first attempt and retry are one"])  # fmt: skip
def test_attempts_come_as_the_planner_says(planner: dict[str, str], until: str, expected: list[float]) -> None:
    assert minutes(later(opened(**ONE, planner=planner), until), 1001) == expected


def test_an_instant_before_it_is_due_a_plan_has_not_been_tried_and_all_are_retried_together() -> None:
    world = opened(**ONE)
    assert [minutes(world.advance(after("1m") - early), 1001) for early in (INSTANT, timedelta())] == [[], [1]]
    ordered = happened(world, "17m", order={"items": ["B"]})
    assert minutes(later(ordered, "1h"), 1002) == [18, 30, 60]
    rescheduled = later(world, "30m").apply(event(command=RESCHEDULE))
    assert minutes(later(rescheduled, "1h"), 1001) == [1, 30, 30, 60]
    at_once = opened(**EMPTY, planner={"first": "0s"}, plans=[])
    assert minutes(happened(at_once, "5m", order={"items": ["A"]}), 1001) == [5]


def test_lines_of_one_time_happen_in_the_order_of_the_file_even_at_the_start_and_are_no_events() -> None:
    lines = [{"at": "1h", "block": "WH1"}, {"at": "5m", "restock": ONE_UNIT}, {"at": "1h", "open": "WH1"}]
    world = later(opened(**EMPTY, plans=[], timeline=lines), "1h")
    assert (world.contents.location("WH1").active, world.events) == (True, 0)
    world = opened(**EMPTY, plans=[], timeline=[{"at": "0s", "block": "WH1"}])
    assert (world.line, world.contents.location("WH1").active) == (1, False)


def test_at_one_instant_come_lines_then_first_attempts_then_retries_by_id_and_an_event_last() -> None:
    for at in ("1m", "30m"):
        world = opened(**ONE, timeline=[{"at": at, "restock": ONE_UNIT}])
        assert locations(later(world, at), 1001) == ["WH1"]
    lines = [{"at": "29m", "order": {"items": ["A"]}}, {"at": "30m", "restock": ONE_UNIT}]
    assert states(later(opened(**ONE, timeline=lines), "30m"), 1001, 1002) == ["pending", "completed"]
    world = opened(**EMPTY, plans=[{"items": ["A"], "count": 2}], timeline=[{"at": "5m", "restock": ONE_UNIT}])
    assert states(later(world, "30m"), 1001, 1002) == ["completed", "pending"]
    assert locations(happened(opened(**ONE), "1m", restock=ONE_UNIT), 1001) == [None]


def test_a_line_that_the_world_refuses_is_missed_and_the_rest_happens() -> None:
    lines = [{"at": "5m", "sell": ONE_UNIT}, {"at": "6m", "block": "WH1"}]
    world = later(opened(**EMPTY, plans=[], timeline=lines), "1h")
    (missed,) = world.missed
    assert (missed.at, missed.origin) == (after("5m"), "timeline[0] of test.yaml")
    assert missed.reason == "WH1 has 0 of A free: 1 cannot be sold."
    assert not world.contents.location("WH1").active


def test_a_line_whose_plan_was_cancelled_by_an_event_is_missed() -> None:
    world = opened(**ONE, timeline=[{"at": "5m", "command": RESCHEDULE}])
    assert [len(later(one, "5m").missed) for one in (world, happened(world, "2m", command=CANCEL))] == [0, 1]


def test_the_history_names_the_cause_of_every_step() -> None:
    world = later(opened(**ONE, timeline=[{"at": "40m", "command": RESCHEDULE}]), "40m")
    assert [step.cause for step in plan_of(happened(world, "41m", command=CANCEL), 1001).history] == [
        "ordered by the scenario",
        "attempt 1",
        "attempt 2",
        "timeline[0] of test.yaml: command",
        "event 1: command",
    ]


def test_a_plan_that_was_created_in_the_past_has_lived_since_and_comes_before_a_new_one() -> None:
    orders = [{"items": ["A"]}, {"items": ["A"], "created": "-65m"}]
    world = opened(**EMPTY, plans=orders)
    assert (plan_of(world, 1001).history[0].at, plan_of(world, 1002).created) == (START, START - span("65m"))
    assert minutes(world, 1002) == [-64, -60, -30, 0]
    world = later(opened(locations={"WH1": {}}, stock={"A": {"WH1": 1}}, plans=orders), "5m")
    assert states(world, 1001, 1002) == ["pending", "completed"]


@pytest.mark.parametrize(("sections", "expected"), [
    ({"plans": [{"items": ["A"]}, {"state": "start"}]}, (1001, 1002)),
    ({"plans": [{"items": ["A"], "count": 3}]}, (1001, 1002, 1003)),
    ({"plans": [{"items": ["A"], "id": 70, "count": 2}, {"items": ["A"]}]}, (70, 71, 1001)),
    ({"plans": [{"items": ["A"], "id": 4000}, {"items": ["A"]}]}, (4000, 4001)),
    ({"plans": [{"raw": {"id": 9, "state": "start"}}, {"state": "start"}]}, (9, 1001)),
    ({"plans": [{"state": "start"}], "backlog": {"count": 2000}}, (2001,)),
    ({"plans": [{"state": "start", "id": 2}, {"state": "start"}], "backlog": {"count": 2}}, (1001,)),
])  # fmt: skip
def test_plans_get_the_id_they_ask_for_or_the_next_one(sections: dict[str, Any], expected: tuple[int, ...]) -> None:
    world = opened(**EMPTY, **sections)
    assert world.contents.ids == expected
    assert len({plan.order for plan in world.contents.plans.values()}) == len(world.contents.plans)


def test_the_backlog_takes_the_smallest_ids_that_nobody_asks_for_and_they_are_in_the_world() -> None:
    wanted = [{"state": "start", "id": number} for number in (2, 4, 9)]
    world = opened(plans=wanted, backlog={"count": 3})
    assert world.contents.backlog == range(1, 6)
    assert [plan_id in world.contents.plans for plan_id in range(1, 6)] == [False, True, False, True, False]
    assert [plan_id in world for plan_id in (0, 1, 2, 5, 6, 9)] == [False, True, True, True, False, True]
    assert world.find(6) is None


def test_an_attempt_more_takes_as_little_memory_however_many_there_were_before() -> None:
    world, taken = opened(**EMPTY, planner={"every": "1h"}, plans=[{"items": ["A"]}]), []
    for attempts in (500, 1000, 2000):
        world, each = later(world, f"{attempts}h"), []
        for _ in range(5):  # of which one may meet what others of this process take
            tracemalloc.start()
            world = world.advance(world.now + span("1h"))
            each.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        taken.append(min(each))
    assert len(plan_of(world, 1001).attempts) > attempts
    assert max(taken) < 1.5 * min(taken), taken
