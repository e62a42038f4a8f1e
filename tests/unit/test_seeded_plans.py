"""Plans that are told their state: each is in it, and got there in a way that the simulation allows."""

from typing import Any

import pytest

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan
from mock_oms.domain.world import World
from tests.worlds import START, happened, later, opened, order_of, plan_of, span

MANY = 60


def told(state: str, **sections: Any) -> World:
    return opened(**sections, plans=[{"state": state, "count": MANY}])


def plans(world: World) -> list[Plan]:
    return list(world.contents.plans.values())


STATES = pytest.mark.parametrize("state", State)
PLACES: list[dict[str, Any]] = [
    {},
    {"locations": {"ONLY": {"active": False}}},
    {"planner": {"allow": []}},
    {"planner": {"first": "0s", "every": "7d"}},
    {"planner": {"first": "3d", "every": "1h"}},
    {"planner": {"select_by_quota": True}, "locations": {"WH1": {"max_quota": 0}}},
]


@STATES
@pytest.mark.parametrize("sections", PLACES)
def test_a_told_plan_is_in_its_state_when_the_world_begins(state: str, sections: dict[str, Any]) -> None:
    assert {plan.state for plan in plans(told(state, **sections))} == {state}


@STATES
@pytest.mark.parametrize("sections", PLACES)
def test_a_told_plan_has_a_past_before_the_start_of_the_world(state: str, sections: dict[str, Any]) -> None:
    for plan in plans(told(state, **sections)):
        assert plan.created < START
        assert plan.created <= plan.modified <= START
        assert [step.at for step in plan.history] == sorted(step.at for step in plan.history)


@STATES
@pytest.mark.parametrize("sections", PLACES)
def test_a_told_plan_came_into_its_state_by_attempts_before_the_start(state: str, sections: dict[str, Any]) -> None:
    for plan in plans(told(state, **sections)):
        times = [attempt.at for attempt in plan.attempts]
        assert max(times[:1] if state == "pending" else times, default=plan.created) < START


def test_the_retry_at_the_start_sees_a_line_of_that_instant() -> None:
    for plan in plans(told("pending", timeline=[{"at": "0s", "block": "WH001"}])):
        seen = {attempt.at: "WH001" in {one.location for one in attempt.seen} for attempt in plan.attempts}
        assert not seen.pop(START)
        assert all(seen.values())


def test_some_told_plans_waited_before_they_were_completed() -> None:
    assert {1, 2, 3} == {len(plan.attempts) for plan in plans(told("completed"))}


def test_a_plan_that_no_rule_can_place_was_completed_by_hand() -> None:
    plan = plans(told("completed", planner={"allow": []}))[0]
    assert plan.history[-1].cause == "command plan-complete"


def test_seeded_plans_are_not_all_of_one_size() -> None:
    assert {len(plan.items) for plan in plans(told("completed"))} == {1, 2, 3}


def test_a_pending_plan_waits_for_one_item_that_no_location_has() -> None:
    for plan in plans(told("pending")):
        (waiting,) = plan.unplaced
        assert all(
            seen.figures.quantity == 0 for seen in plan.attempts[0].seen if seen.order_item == waiting.order_item
        )


def test_a_pending_plan_is_retried_on_the_grid_of_the_world() -> None:
    world = told("pending")
    counts = [sum(len(plan.attempts) for plan in plans(later(world, at))) for at in ("0s", "29m", "30m", "1h")]
    assert counts == [counts[0] + more * MANY for more in (0, 0, 1, 2)]


def test_a_started_plan_is_planned_within_minutes() -> None:
    world = later(told("start"), "11m")
    assert {plan.state for plan in plans(world)} == {"pending", "completed"}


def test_a_started_plan_is_not_attempted_in_the_first_second() -> None:
    assert {plan.state for plan in plans(later(told("start"), "1s"))} == {"start"}


def test_a_cancelled_plan_keeps_no_reservation() -> None:
    assert all(item.source is None for plan in plans(told("cancelled")) for item in plan.items)


def test_seeded_plans_leave_the_stock_of_the_world_alone() -> None:
    world = opened(stock={"A": {"WH001": 3}}, plans=[{"state": state, "count": 9} for state in State])
    assert later(world, "2h").contents.stock == world.contents.stock


def test_seeded_plans_were_created_in_the_order_of_their_ids() -> None:
    created = [plan_of(told("start"), 1001 + number).created for number in range(MANY)]
    assert created == sorted(created)


def test_another_seed_tells_other_plans() -> None:
    first, second = (told("completed", seed=seed) for seed in (1, 2))
    assert [plan.created for plan in plans(first)] != [plan.created for plan in plans(second)]


def test_a_told_plan_does_not_depend_on_those_around_it() -> None:
    alone = opened(plans=[{"id": 1005, "state": "pending"}])
    assert [item.sku for item in plan_of(alone, 1005).items] == [
        item.sku for item in plan_of(told("pending"), 1005).items
    ]


def test_a_told_plan_can_be_completed_by_hand() -> None:
    world = happened(told("pending"), "5m", command={"plan": 1001, "run": "plan-complete"})
    plan = plan_of(world, 1001)
    assert (plan.state, plan.unplaced) == ("completed", ())
    assert all(item.state == "planned" for item in order_of(world, 1001).items)


def test_seeded_plans_see_a_location_that_is_blocked() -> None:
    world = later(happened(told("pending"), "5m", block="WH001"), "30m")
    assert "WH001" in {seen.location for seen in plan_of(world, 1001).attempts[-2].seen}
    assert "WH001" not in {seen.location for seen in plan_of(world, 1001).attempts[-1].seen}


def test_seeded_plans_see_nothing_while_the_stock_service_is_down() -> None:
    world = later(happened(told("pending"), "5m", stock_service="down"), "30m")
    assert plan_of(world, 1001).attempts[-1].seen == ()


def test_a_told_plan_that_is_long_in_coming_is_dated_back() -> None:
    plan = plans(told("completed", planner={"first": "3d"}))[0]
    assert plan.created <= START - span("3d")
