"""Readings: kept bytes are always those that would be written anew, and a reading stays what it was."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mock_oms.domain.world import World
from mock_oms.scenarios.building import Scenario
from mock_oms.worlds.view import CACHED_PLAN_BYTES, CachedRenderer, WorldView, view_of
from tests.worlds import happened, later, opened, plan_of, scenario, scribe_of, span

ONE_PLACE: dict[str, Any] = {"locations": {"WH1": {"max_quota": 9}}, "stock": {"A": {"WH1": 9}}}
BACKLOG = opened(plans=[], backlog={"count": 10_000, "states": {"start": 1}})
SETTLED = {"count": 3, "states": {"completed": 1}}


def in_json(world: World, plan_id: int, cached: CachedRenderer) -> Any:
    body = WorldView(world, cached).detail(plan_id)
    assert body is not None
    return json.loads(body)


def place_of(plan: Any) -> Any:
    return plan["orderexecutionplanitem_set"][0]["stock_location"]


@pytest.fixture
def cached() -> CachedRenderer:
    return CachedRenderer(1, "tr_TR", scenario(plans=[]).answers)


def test_a_blocked_location_is_inactive_in_plans_that_were_placed_there_before(cached: CachedRenderer) -> None:
    world = later(opened(**ONE_PLACE, plans=[{"items": ["A"]}]), "1m")
    assert place_of(in_json(world, 1001, cached))["is_active"] is True
    assert place_of(in_json(happened(world, "2m", block="WH1"), 1001, cached))["is_active"] is False


def test_a_quota_that_is_set_shows_in_plans_that_were_placed_there_before(cached: CachedRenderer) -> None:
    world = later(opened(**ONE_PLACE, plans=[{"items": ["A"]}]), "1m")
    assert place_of(in_json(world, 1001, cached))["quota"] == 1
    changed = happened(world, "2m", quota={"location": "WH1", "quota": 5, "max_quota": 7})
    assert [place_of(in_json(changed, 1001, cached))[key] for key in ("quota", "max_quota")] == [5, 7]


def test_a_package_that_another_plan_takes_shows_in_plans_that_were_placed_there_before(cached: CachedRenderer) -> None:
    world = later(opened(**ONE_PLACE, plans=[{"items": ["A"]}]), "1m")
    in_json(world, 1001, cached)
    taken = later(happened(world, "2m", order={"items": ["A"]}), "3m")
    assert place_of(in_json(taken, 1001, cached))["quota"] == 2


def test_a_package_that_is_taken_shows_in_plans_of_the_backlog_that_were_placed_there_before(
    cached: CachedRenderer,
) -> None:
    world = later(opened(**ONE_PLACE, plans=[], backlog=SETTLED), "0s")
    assert place_of(in_json(world, 1, cached))["quota"] == 0
    taken = later(happened(world, "0s", order={"items": ["A"]}), "1m")
    assert place_of(in_json(taken, 1, cached))["quota"] == 1


def test_a_change_of_one_plan_shows_in_the_other_plans_of_its_order(cached: CachedRenderer) -> None:
    world = opened(
        locations={"WH1": {}, "WH2": {}},
        stock={"A": {"WH1": 1, "WH2": 0}, "B": {"WH1": 0, "WH2": 1}},
        plans=[{"items": ["A", "B"]}],
    )
    given_back = happened(world, "2m", refuse={"plan": 1001, "location": "WH1"})
    before = in_json(later(given_back, "4m"), 1001, cached)["order"]["orderitem_set"][0]["state"]["enum_value"]
    cancelled = happened(given_back, "5m", command={"plan": 1002, "run": "plan-cancel"})
    after = in_json(cancelled, 1001, cached)["order"]["orderitem_set"][0]["state"]["enum_value"]
    assert (before, after) == ("400", "100")


def test_a_plan_of_the_backlog_moves_while_its_bytes_are_kept(cached: CachedRenderer) -> None:
    world = opened(plans=[], backlog={"count": 1, "states": {"pending": 1}})
    numbers = [len(in_json(later(world, at), 1, cached)["context"]) for at in ("0s", "29m", "30m", "31m", "2h")]
    assert numbers == [numbers[0] + more for more in (0, 0, 1, 1, 4)]


def test_an_older_reading_does_not_show_what_happened_to_a_plan_of_the_backlog_since(cached: CachedRenderer) -> None:
    world = opened(plans=[], backlog={"count": 1, "states": {"pending": 1}})
    cancelled = happened(world, "0s", command={"plan": 1, "run": "plan-cancel"})
    assert in_json(cancelled, 1, cached)["state"] == "cancelled"
    assert in_json(world, 1, cached)["state"] == "pending"


def test_an_earlier_reading_does_not_show_a_later_attempt(cached: CachedRenderer) -> None:
    world = opened(plans=[], backlog={"count": 1, "states": {"pending": 1}})
    late = len(in_json(later(world, "1h"), 1, cached)["context"])
    assert len(in_json(world, 1, cached)["context"]) == late - 2


def test_unchanged_plans_are_the_same_bytes_object(cached: CachedRenderer) -> None:
    world = later(opened(**ONE_PLACE, plans=[{"items": ["A"]}], backlog=SETTLED), "1h")
    first, second = WorldView(world, cached), WorldView(later(world, "2h"), cached)
    assert [first.detail(one) is second.detail(one) for one in (1, 2, 3, 1001)] == [True] * 4


def test_no_more_than_so_many_bytes_are_kept(cached: CachedRenderer) -> None:
    first = WorldView(BACKLOG, cached).detail(1)
    assert first is not None
    for plan_id in range(2, CACHED_PLAN_BYTES // len(first) * 2):
        WorldView(BACKLOG, cached).detail(plan_id)
    again = WorldView(BACKLOG, cached).detail(1)
    assert again == first
    assert again is not first


@pytest.mark.parametrize("plan_id", [0, -1, 999, 10**30])
def test_a_plan_that_the_world_does_not_have_is_none(plan_id: int) -> None:
    of = scenario(plans=[{"items": ["A"]}])
    assert WorldView(opened(plans=[{"items": ["A"]}]), scribe_of(of)).detail(plan_id) is None


def of_states() -> Scenario:
    return scenario(
        plans=[{"state": state, "count": 60} for state in ("pending", "completed")], answers={"order": "id"}
    )


def test_bodies_are_every_plan_in_the_order_of_the_list() -> None:
    reading = view_of(of_states(), seed=None, after=timedelta())
    assert list(reading.bodies()) == reading.page(1, 200)
    assert len(list(reading.bodies())) == 120


def test_bodies_can_be_those_of_one_state() -> None:
    bodies = list(view_of(of_states(), seed=None, after=timedelta()).bodies("completed"))
    assert [json.loads(body)["state"] for body in bodies] == ["completed"] * 60


def test_a_reading_of_a_scenario_is_taken_so_long_after_its_start() -> None:
    reading = view_of(scenario(plans=[{"items": ["A"]}]), seed=None, after=span("1m"))
    assert plan_of(reading.world, 1001).state == "completed"


def test_another_seed_makes_up_another_customer() -> None:
    of = scenario(seed=1, plans=[{"items": ["A"]}])
    bodies = [view_of(of, seed=seed, after=timedelta()).detail(1001) for seed in (None, 1, 2)]
    assert bodies[0] == bodies[1] != bodies[2]


def test_a_captured_plan_is_served_as_it_was_captured(cached: CachedRenderer) -> None:
    raw = {"context": {"9": []}, "id": 5, "state": "pending", "odd": [None, 1.5, "ş"], "commands": "?"}
    world = opened(plans=[{"raw": raw}])
    assert list(in_json(later(world, "5h"), 5, cached).items()) == list(raw.items())


def test_a_command_moves_a_captured_plan_and_leaves_the_rest_of_it(cached: CachedRenderer) -> None:
    raw = {"id": 5, "state": "pending", "commands": "?", "odd": 1, "modified_date": "2020-01-01"}
    world = happened(opened(plans=[{"raw": raw}]), "5m", command={"plan": 5, "run": "plan-cancel"})
    assert in_json(world, 5, cached) == {
        **raw,
        "state": "cancelled",
        "commands": [],
        "modified_date": "2024-03-05T09:05:00.000000Z",
    }
