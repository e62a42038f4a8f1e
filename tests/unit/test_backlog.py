"""The backlog: made only when it is asked for, and as alive as everything else."""

from typing import Any

import pytest

from mock_oms.domain.errors import IllegalEventError
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan
from mock_oms.domain.world import World
from tests.worlds import START, event, happened, later, opened, order_of, plan_of


def backlog(count: int = 20, state: str = "pending", **sections: Any) -> World:
    return opened(**sections, plans=[], backlog={"count": count, "states": {state: 1}})


def every(world: World) -> list[Plan]:
    return [plan_of(world, plan_id) for plan_id in world.contents.backlog]


@pytest.mark.parametrize("state", State)
def test_a_plan_of_the_backlog_is_in_its_state_when_the_world_begins(state: str) -> None:
    assert {plan.state for plan in every(backlog(state=state))} == {state}


def test_the_states_of_a_backlog_are_as_likely_as_their_weights() -> None:
    world = opened(plans=[], backlog={"count": 400, "states": {"completed": 3, "pending": 1, "start": 0}})
    states = [plan.state for plan in every(world)]
    assert 240 < states.count(State.COMPLETED) < 360
    assert states.count(State.COMPLETED) + states.count(State.PENDING) == 400


def test_the_larger_its_id_the_younger_a_plan_of_the_backlog_is() -> None:
    created = [plan.created for plan in every(backlog(state="start"))]
    assert created == sorted(created)
    assert created[-1] < START


@pytest.mark.parametrize("plan_id", [1, 2, 50_000_000, 100_000_000])
def test_a_plan_of_an_immense_backlog_is_made_alone(plan_id: int) -> None:
    assert plan_of(backlog(100_000_000), plan_id).id == plan_id


def test_reading_the_backlog_stores_nothing() -> None:
    world = backlog()
    every(world)
    assert len(world.contents.plans) == 0


def test_a_plan_is_the_same_whether_it_was_looked_at_early_often_or_only_late() -> None:
    world = backlog()
    late = later(world, "5h")
    for minutes in range(0, 300, 7):
        world = later(world, f"{minutes}m")
        every(world)
    assert every(later(world, "5h")) == every(late)


def test_a_plan_of_the_backlog_is_retried_on_the_grid_of_the_world() -> None:
    world = backlog()
    for before, plan in zip(every(world), every(later(world, "1h")), strict=True):
        assert len(plan.attempts) == len(before.attempts) + 2


def test_a_started_plan_of_the_backlog_is_planned_within_minutes() -> None:
    assert {plan.state for plan in every(later(backlog(state="start", count=60), "11m"))} == {"pending", "completed"}


def test_an_event_makes_a_plan_of_the_backlog_a_stored_one() -> None:
    world = happened(backlog(), "5m", command={"plan": 3, "run": "plan-reschedule"})
    assert list(world.contents.plans) == [3]
    assert world.contents.ids == ()


def test_a_plan_that_an_event_touched_goes_on_as_the_others_do() -> None:
    world = later(happened(backlog(), "5m", command={"plan": 3, "run": "plan-reschedule"}), "1h")
    assert len(plan_of(world, 3).attempts) == len(plan_of(later(backlog(), "1h"), 3).attempts) + 1


def test_a_started_plan_that_an_event_touched_keeps_its_first_attempt() -> None:
    world = backlog(state="start", count=60)
    plan = next(one for one in every(world) if len(one.items) > 1)
    touched = world.apply(event(cancel_item={"plan": plan.id, "sku": plan.items[0].sku}))
    assert touched.next_due == plan.due
    assert plan_of(later(touched, "11m"), plan.id).attempts[0].at == plan.due


def test_a_refused_event_stores_no_plan_of_the_backlog() -> None:
    world = backlog()
    with pytest.raises(IllegalEventError):
        world.apply(event(confirm=3))
    assert 3 not in world.contents.plans


def test_the_backlog_sees_a_blocked_location_from_then_on_only() -> None:
    world = happened(later(backlog(), "30m"), "30m", block="WH001")
    seen = [{one.location for one in attempt.seen} for attempt in plan_of(later(world, "1h"), 1).attempts[-2:]]
    assert ["WH001" in places for places in seen] == [True, False]


def test_a_line_of_the_timeline_is_seen_by_the_retry_of_its_instant() -> None:
    world = later(backlog(timeline=[{"at": "30m", "block": "WH001"}]), "1h")
    seen = [{one.location for one in attempt.seen} for attempt in plan_of(world, 1).attempts[-3:]]
    assert ["WH001" in places for places in seen] == [True, False, False]


def test_a_line_at_the_start_is_seen_by_the_retry_at_the_start() -> None:
    for plan in every(backlog(timeline=[{"at": "0s", "block": "WH001"}])):
        seen = {attempt.at: "WH001" in {one.location for one in attempt.seen} for attempt in plan.attempts}
        assert not seen.pop(START)
        assert all(seen.values())


def test_the_backlog_sees_that_the_stock_service_was_down_and_is_up_again() -> None:
    lines = [{"at": "10m", "stock_service": "down"}, {"at": "40m", "stock_service": "up"}]
    world = later(backlog(timeline=lines), "1h")
    assert [bool(attempt.seen) for attempt in plan_of(world, 1).attempts[-3:]] == [True, False, True]


def test_the_package_of_a_plan_of_the_backlog_takes_no_quota() -> None:
    world = backlog(state="completed", locations={"WH1": {"max_quota": 9}})
    plan = every(world)[0]
    refused = world.apply(event(refuse={"plan": plan.id, "location": "WH1"}))
    assert refused.contents.location("WH1").quota == 0
    assert order_of(refused, 1001).own_stock is not None
