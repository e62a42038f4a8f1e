"""The numbers of a world's lifecycle: its plans by state, and every step of this life at the row that it took."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given

from mock_oms.contract.control_bodies import WorldLifecycle
from mock_oms.domain.lifecycle import State
from mock_oms.domain.world import World
from mock_oms.worlds.lifecycle_counts import Beginning, TakenSteps, lifecycle_of
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.snapshot import read_snapshot, write_snapshot
from tests.profiles import examples
from tests.worlds import Tale, event, happened, later, opened, plan_of, scenario, span, tales

#: One unit of A: of the two that wait for one, the first gets it.
SECTIONS: dict[str, Any] = {
    "stock": {"A": {"WH001": 1}, "B": {"WH001": 0}},
    "plans": [{"id": 7, "items": ["A"]}, {"id": 8, "items": ["B", "B"]}, {"state": "completed", "count": 3}],
}


def counted(before: World, after: World) -> WorldLifecycle:
    return lifecycle_of(after, TakenSteps.since(Beginning(before), after))


def taken(found: WorldLifecycle) -> dict[str, int]:
    """How often each row was taken, by its slug and the states; those never taken are left out."""
    return {f"{one.slug} {one.from_}-{one.to}": one.taken for one in found.transitions if one.taken}


def states(found: WorldLifecycle) -> dict[str, int]:
    return {one.name: one.plans for one in found.states}


@examples(15)
@given(tales())
def test_plans_are_counted_in_the_state_that_they_are_in_and_every_step_of_a_row_at_it(tale: Tale) -> None:
    sections = {key: value for key, value in tale.sections.items() if key not in {"backlog", "timeline"}}
    worlds = Tale(sections, tale.events).worlds()
    for world in worlds:
        found = counted(worlds[0], world)
        assert states(found) == dict.fromkeys(State, 0) | Counter(
            plan_of(world, plan_id).state for plan_id in world.contents.ids
        )
        steps = [step for _, step in world.steps_since(worlds[0])]
        assert sum(one.taken for one in found.transitions) == sum(step.row is not None for step in steps)
        assert found.new == sum(step.source is None for step in steps)
        assert not found.estimated


@pytest.mark.parametrize(
    ("events", "rows"),
    [
        ([], {"attempt-completed start-completed": 1, "attempt-pending start-pending": 1}),
        ([{"command": {"plan": 8, "run": "plan-reschedule"}}], {"plan-reschedule pending-pending": 1}),
        ([{"command": {"plan": 8, "run": "plan-complete"}}], {"plan-complete pending-completed": 1}),
        ([{"command": {"plan": 8, "run": "plan-cancel"}}], {"plan-cancel pending-cancelled": 1}),
        (
            [{"restock": {"sku": "B", "location": "WH001", "count": 2}}, {"command": {"plan": 8, "run": 1}}],
            {"retry-completed pending-completed": 1},
        ),
        ([{"cancel_item": {"plan": 8, "sku": "B"}}], {}),
        ([{"cancel_item": {"plan": 8, "sku": "B"}}] * 2, {"items-cancelled pending-cancelled": 1}),
        (
            [{"restock": {"sku": "B", "location": "WH001", "count": 2}}, {"assign": {"plan": 8, "sku": "B", "location": "WH001"}}],
            {},
        ),
        (
            [
                {"restock": {"sku": "B", "location": "WH001", "count": 1}},
                {"assign": {"plan": 8, "sku": "B", "location": "WH001"}},
                {"cancel_item": {"plan": 8, "sku": "B"}},
            ],
            {"items-settled pending-completed": 1},
        ),
        ([{"refuse": {"plan": 7, "location": "WH001"}}], {"reopen completed-pending": 1}),
    ],
)  # fmt: skip
def test_a_step_is_counted_at_the_row_of_what_made_the_plan_move(
    events: list[dict[str, Any]], rows: dict[str, int]
) -> None:
    world = opened(**SECTIONS, planner={"replan": "reopen"})
    begun = world if not events else later(world, "1m")
    world = later(world, "1m")
    for one in events:
        world = world.apply(event(**one))
    assert taken(counted(begun, world)) == rows


def test_a_retry_a_new_order_and_what_happens_to_it_are_counted_and_the_time_before_the_start_is_not() -> None:
    old = {"id": 9, "items": ["B"], "created": "-3h"}
    world = opened(**{**SECTIONS, "plans": [old]})
    after = later(happened(world, "10m", order={"items": ["A"]}), "31m")
    found = counted(world, after)
    assert taken(found) == {"retry-pending pending-pending": 1, "attempt-completed start-completed": 1}
    assert found.new == 1
    assert states(found) == {"start": 0, "pending": 1, "cancelled": 0, "completed": 1}


def test_retries_of_seeded_plans_that_nobody_looked_at_are_counted() -> None:
    world = opened(plans=[{"state": "pending", "count": 5}])
    found = counted(world, later(world, "1h"))
    assert (taken(found), states(found)["pending"]) == ({"retry-pending pending-pending": 10}, 5)


def test_a_backlog_is_counted_by_its_weights_as_an_estimate_and_what_happens_to_its_plans_is_counted_on_top() -> None:
    weights = {"completed": 90, "pending": 6, "cancelled": 3, "start": 1}
    world = opened(plans=[{"id": 2000, "state": "pending"}], backlog={"count": 1000, "states": weights})
    found = counted(world, world)
    assert found.estimated
    assert states(found) == {"start": 10, "pending": 61, "cancelled": 30, "completed": 900}
    pending = next(one for one in range(1000, 0, -1) if plan_of(world, one).state is State.PENDING)
    found = counted(world, world.apply(event(command={"plan": pending, "run": "plan-cancel"})))
    assert states(found) == {"start": 10, "pending": 60, "cancelled": 31, "completed": 900}


def test_plans_of_a_backlog_leave_start_in_the_estimate_when_they_are_tried_and_none_counts_less_than_nothing() -> None:
    world = opened(plans=[], backlog={"count": 100, "states": {"start": 1}})
    at = [states(counted(world, later(world, text))) for text in ("0s", "30s", "45s", "1m", "1h")]
    assert [one["start"] for one in at] == [100, 100, 50, 0, 0]
    assert {sum(one.values()) for one in at} == {100}
    assert (at[-1]["pending"], at[-1]["completed"]) == (25, 75)
    cancelled = later(happened(world, "0s", command={"plan": 3, "run": "plan-cancel"}), "1h")
    assert states(counted(world, cancelled)) == {"start": 0, "pending": 25, "cancelled": 1, "completed": 74}


def test_an_estimate_by_weights_that_do_not_go_up_counts_every_plan_once() -> None:
    world = opened(plans=[], backlog={"count": 7, "states": {"pending": 1, "cancelled": 1, "start": 1}})
    assert sum(states(counted(world, world)).values()) == 7


def test_no_plan_is_made_to_be_counted() -> None:
    world = later(opened(plans=[{"state": state, "count": 9} for state in ("pending", "completed", "cancelled")]), "1h")
    counted(world, world)
    assert (world.contents.plans.seeded.looked_at, len(world.contents.plans.changed)) == ({}, 0)


# Of an open world


def managed() -> tuple[WorldManager, OpenWorld]:
    manager = WorldManager(scenario(**SECTIONS))
    return manager, manager.lease("default").world


def test_the_counts_of_an_open_world_grow_with_its_steps_and_a_reset_returns_to_none() -> None:
    _, world = managed()
    assert taken(world.lifecycle()) == {}
    world.advance(span("31m"))
    world.apply(event(command={"plan": 8, "run": "plan-cancel"}))
    once = world.lifecycle()
    assert once == lifecycle_of(world.latest.world, TakenSteps.since(Beginning(world.beginning), world.latest.world))
    assert taken(once)["retry-pending pending-pending"] == 1
    world.reset()
    assert (taken(world.lifecycle()), states(world.lifecycle())["start"]) == ({}, 2)


def test_a_world_that_was_put_to_a_snapshot_or_opened_from_one_has_the_counts_of_its_log() -> None:
    manager, world = managed()
    world.apply(event(order={"items": ["A"]}))
    world.advance(span("31m"))
    then = world.lifecycle()
    snapshot = read_snapshot(write_snapshot(world.origin, world.instant()), lambda _: world.origin.scenario)
    world.apply(event(command={"plan": 8, "run": "plan-cancel"}))
    world.put(manager.replayed(snapshot))
    assert then.new == 1
    assert world.lifecycle() == then == manager.restore(snapshot, name="again").world.lifecycle()
