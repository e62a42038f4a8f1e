"""The fold: what comes first at one instant, what is missed, what is dated back, and time that only goes on."""

from datetime import timedelta
from typing import Any

import pytest

from mock_oms.domain.errors import ClockError, WorldError
from mock_oms.domain.plan import Plan
from mock_oms.domain.world import World
from tests.worlds import INSTANT, START, after, event, happened, later, locations, opened, plan_of

EMPTY: dict[str, Any] = {"locations": {"WH1": {}}, "stock": {"A": {}, "B": {}}}
ONE_UNIT = {"sku": "A", "location": "WH1", "count": 1}


def times(plan: Plan) -> list[timedelta]:
    """When the plan was attempted, counted from the start of its world."""
    return [attempt.at - START for attempt in plan.attempts]


def minutes(*numbers: float) -> list[timedelta]:
    return [timedelta(minutes=number) for number in numbers]


# Time


def test_time_cannot_be_turned_back() -> None:
    world = later(opened(plans=[]), "1h")
    with pytest.raises(ClockError) as refusal:
        world.advance(after("59m"))
    assert str(refusal.value).startswith("The clock shows 2024-03-05T10:00:00Z and cannot be turned back")


def test_an_event_in_the_past_is_refused() -> None:
    with pytest.raises(WorldError):
        happened(later(opened(**EMPTY, plans=[]), "1h"), "59m", block="WH1")


def test_an_event_happens_now_unless_it_says_when() -> None:
    world = later(opened(**EMPTY, plans=[]), "1h")
    assert world.apply(event(order={"items": ["A"]})).contents.plans[1001].created == after("1h")


def test_a_world_that_waits_for_nothing_is_never_due() -> None:
    assert opened(plans=[]).next_due is None


@pytest.mark.parametrize(
    ("sections", "due"),
    [
        ({"plans": [{"items": ["A"]}]}, "1m"),
        ({"plans": [{"items": ["A"], "hold": True}], "timeline": [{"at": "40s", "block": "WH1"}]}, "40s"),
        ({"plans": [{"items": ["A"], "created": "-5m"}]}, "30m"),
    ],
    ids=["first attempt", "timeline", "retry"],
)
def test_the_next_step_of_a_world_is_the_first_of_its_kinds(sections: dict[str, Any], due: str) -> None:
    assert opened(**EMPTY, **sections).next_due == after(due)


def test_the_next_step_of_a_plan_is_its_first_attempt_then_the_next_retry() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"]}])
    assert world.next_due_of(plan_of(world, 1001)) == after("1m")
    assert later(world, "1m").next_due_of(plan_of(later(world, "1m"), 1001)) == after("30m")


def test_a_plan_at_its_end_has_no_next_step() -> None:
    world = happened(opened(**EMPTY, plans=[{"items": ["A"]}]), "0s", command={"plan": 1001, "run": "plan-cancel"})
    assert world.next_due_of(plan_of(world, 1001)) is None
    assert world.next_due is None


def test_an_id_is_in_a_world_if_a_plan_or_the_backlog_has_it() -> None:
    world = opened(plans=[{"id": 50, "state": "start"}], backlog={"count": 3})
    assert [plan_id in world for plan_id in (0, 1, 3, 4, 50)] == [False, True, True, False, True]
    assert world.find(4) is None


# Retries


def test_a_retry_comes_every_half_hour_of_the_world() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"]}])
    assert times(plan_of(later(world, "2h"), 1001)) == minutes(1, 30, 60, 90, 120)


def test_all_plans_are_retried_together() -> None:
    world = later(happened(opened(**EMPTY, plans=[{"items": ["A"]}]), "17m", order={"items": ["B"]}), "1h")
    assert times(plan_of(world, 1002)) == minutes(18, 30, 60)


def test_the_first_attempt_and_the_retries_come_as_the_planner_says() -> None:
    world = opened(**EMPTY, planner={"first": "5m", "every": "7m"}, plans=[{"items": ["A"]}])
    assert times(plan_of(later(world, "15m"), 1001)) == minutes(5, 7, 14)


def test_a_first_attempt_may_come_at_once() -> None:
    world = opened(**EMPTY, planner={"first": "0s"}, plans=[{"items": ["A"]}])
    assert times(plan_of(world, 1001)) == minutes(0)
    assert times(plan_of(happened(world, "5m", order={"items": ["A"]}), 1002)) == minutes(5)


def test_a_first_attempt_at_the_time_of_a_retry_is_one_attempt() -> None:
    world = opened(**EMPTY, planner={"first": "30m"}, plans=[{"items": ["A"]}])
    assert times(plan_of(later(world, "30m"), 1001)) == minutes(30)


def test_a_plan_that_was_rescheduled_at_the_time_of_a_retry_is_attempted_twice_then() -> None:
    world = later(opened(**EMPTY, plans=[{"items": ["A"]}]), "30m")
    rescheduled = world.apply(event(command={"plan": 1001, "run": "plan-reschedule"}))
    assert times(plan_of(later(rescheduled, "1h"), 1001)) == minutes(1, 30, 30, 60)


# One instant


def test_a_line_of_the_timeline_comes_before_a_first_attempt_of_the_same_instant() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"]}], timeline=[{"at": "1m", "restock": ONE_UNIT}])
    assert locations(later(world, "1m"), 1001) == ["WH1"]


def test_a_line_of_the_timeline_comes_before_a_retry_of_the_same_instant() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"]}], timeline=[{"at": "30m", "restock": ONE_UNIT}])
    assert locations(later(world, "30m"), 1001) == ["WH1"]


def test_a_first_attempt_comes_before_a_retry_of_the_same_instant() -> None:
    lines = [{"at": "29m", "order": {"items": ["A"]}}, {"at": "30m", "restock": ONE_UNIT}]
    world = later(opened(**EMPTY, plans=[{"items": ["A"]}], timeline=lines), "30m")
    assert [plan_of(world, plan_id).state for plan_id in (1001, 1002)] == ["pending", "completed"]


def test_a_retry_tries_the_smaller_ids_first() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"], "count": 2}], timeline=[{"at": "5m", "restock": ONE_UNIT}])
    assert [plan_of(later(world, "30m"), plan_id).state for plan_id in (1001, 1002)] == ["completed", "pending"]


def test_lines_of_one_time_happen_in_the_order_of_the_file() -> None:
    lines = [{"at": "1h", "block": "WH1"}, {"at": "5m", "restock": ONE_UNIT}, {"at": "1h", "open": "WH1"}]
    assert later(opened(**EMPTY, plans=[], timeline=lines), "1h").contents.location("WH1").active


def test_a_line_at_the_start_has_happened_when_the_world_opens() -> None:
    world = opened(**EMPTY, plans=[], timeline=[{"at": "0s", "block": "WH1"}])
    assert (world.line, world.contents.location("WH1").active) == (1, False)


def test_an_event_comes_after_everything_else_of_its_instant() -> None:
    world = happened(opened(**EMPTY, plans=[{"items": ["A"]}]), "1m", restock=ONE_UNIT)
    assert locations(world, 1001) == [None]


# What the world refuses of its own timeline


def test_a_line_that_the_world_refuses_is_missed_and_the_rest_happens() -> None:
    lines = [{"at": "5m", "sell": ONE_UNIT}, {"at": "6m", "block": "WH1"}]
    world = later(opened(**EMPTY, plans=[], timeline=lines), "1h")
    (missed,) = world.missed
    assert (missed.at, missed.origin) == (after("5m"), "timeline[0] of test.yaml")
    assert missed.reason == "WH1 has 0 of A free: 1 cannot be sold."
    assert not world.contents.location("WH1").active


def test_a_line_whose_plan_was_cancelled_by_an_event_is_missed() -> None:
    lines = [{"at": "5m", "command": {"plan": 1001, "run": "plan-reschedule"}}]
    world = opened(**EMPTY, plans=[{"items": ["A"]}], timeline=lines)
    assert later(world, "5m").missed == ()
    cancelled = happened(world, "2m", command={"plan": 1001, "run": "plan-cancel"})
    assert len(later(cancelled, "5m").missed) == 1


def test_lines_are_not_counted_as_events() -> None:
    assert later(opened(**EMPTY, plans=[], timeline=[{"at": "5m", "block": "WH1"}]), "1h").events == 0


# Why


def test_the_history_names_the_cause_of_every_step() -> None:
    lines = [{"at": "40m", "command": {"plan": 1001, "run": "plan-reschedule"}}]
    world = later(opened(**EMPTY, plans=[{"items": ["A"]}], timeline=lines), "40m")
    cancelled = happened(world, "41m", command={"plan": 1001, "run": "plan-cancel"})
    assert [step.cause for step in plan_of(cancelled, 1001).history] == [
        "ordered by the scenario",
        "attempt 1",
        "attempt 2",
        "timeline[0] of test.yaml: command",
        "event 1: command",
    ]


# Created in the past


def test_a_plan_that_was_created_in_the_past_has_lived_since() -> None:
    plan = plan_of(opened(**EMPTY, plans=[{"items": ["A"], "created": "-65m"}]), 1001)
    assert plan.created == START - timedelta(minutes=65)
    assert times(plan) == minutes(-64, -60, -30, 0)


def test_the_older_plan_has_the_unit_whatever_its_id() -> None:
    stock = {"A": {"WH1": 1}}
    orders = [{"items": ["A"]}, {"items": ["A"], "created": "-1h"}]
    world = later(opened(locations={"WH1": {}}, stock=stock, plans=orders), "5m")
    assert [plan_of(world, plan_id).state for plan_id in (1001, 1002)] == ["pending", "completed"]


def test_a_world_stands_at_its_start_however_old_its_plans_are() -> None:
    assert opened(**EMPTY, plans=[{"items": ["A"], "created": "-30d"}]).now == START


def test_nothing_has_happened_before_the_start_of_a_new_plan() -> None:
    assert plan_of(opened(**EMPTY, plans=[{"items": ["A"]}]), 1001).history[0].at == START


# Ids


def ids(world: World) -> tuple[int, ...]:
    return world.contents.ids


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"plans": [{"items": ["A"]}, {"state": "start"}]}, (1001, 1002)),
        ({"plans": [{"items": ["A"], "count": 3}]}, (1001, 1002, 1003)),
        ({"plans": [{"items": ["A"], "id": 70, "count": 2}, {"items": ["A"]}]}, (70, 71, 1001)),
        ({"plans": [{"items": ["A"], "id": 4000}, {"items": ["A"]}]}, (4000, 4001)),
        ({"plans": [{"raw": {"id": 9, "state": "start"}}, {"state": "start"}]}, (9, 1001)),
        ({"plans": [{"state": "start"}], "backlog": {"count": 2000}}, (2001,)),
        ({"plans": [{"state": "start", "id": 2}, {"state": "start"}], "backlog": {"count": 2}}, (1001,)),
    ],
)
def test_plans_get_the_id_they_ask_for_or_the_next_one(sections: dict[str, Any], expected: tuple[int, ...]) -> None:
    assert ids(opened(**EMPTY, **sections)) == expected


def test_the_backlog_takes_the_smallest_ids_that_nobody_asks_for() -> None:
    wanted = [{"state": "start", "id": number} for number in (2, 4, 9)]
    world = opened(plans=wanted, backlog={"count": 3})
    assert world.contents.backlog == range(1, 6)
    assert [plan_id in world.contents.plans for plan_id in range(1, 6)] == [False, True, False, True, False]


def test_plans_of_one_group_are_orders_of_their_own() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"], "count": 2}])
    assert len({plan.order for plan in world.contents.plans.values()}) == 2


def test_an_instant_before_it_is_due_a_plan_has_not_been_tried() -> None:
    world = opened(**EMPTY, plans=[{"items": ["A"]}])
    assert [len(plan_of(world.advance(after("1m") - early), 1001).attempts) for early in (INSTANT, timedelta())] == [
        0,
        1,
    ]
