"""Views: cached bytes are always those that would be rendered now, and a view stays what it was."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mock_oms.domain.world import World
from mock_oms.worlds.view import CachedRenderer, WorldView, view_of
from tests.worlds import START, happened, later, opened, plan_of, scenario, span

ONE_PLACE: dict[str, Any] = {"locations": {"WH1": {"max_quota": 9}}, "stock": {"A": {"WH1": 9}}}
SETTLED = {"count": 3, "states": {"completed": 1}}


def in_json(world: World, plan_id: int, cached: CachedRenderer) -> Any:
    body = WorldView(world, cached).detail(plan_id)
    assert body is not None
    return json.loads(body)


@pytest.fixture
def cached() -> CachedRenderer:
    return CachedRenderer(1, "tr_TR", scenario(plans=[]).answers, start=START)


@pytest.mark.parametrize(
    ("more", "plan", "event", "after", "shown"),
    [
        ({"plans": [{"items": ["A"]}]}, 1001, {"block": "WH1"}, "2m", {"is_active": (True, False)}),
        ({"plans": [{"items": ["A"]}]}, 1001, {"quota": {"location": "WH1", "quota": 5, "max_quota": 7}}, "2m",
         {"quota": (1, 5), "max_quota": (9, 7)}),
        ({"plans": [{"items": ["A"]}]}, 1001, {"order": {"items": ["A"]}}, "3m", {"quota": (1, 2)}),
        ({"plans": [], "backlog": SETTLED}, 1, {"order": {"items": ["A"]}}, "3m", {"quota": (0, 1)}),
    ],
    ids=["blocked", "quota is set", "another plan takes a package", "a plan of the backlog"],
)  # fmt: skip
def test_a_change_of_a_location_shows_in_plans_that_were_placed_there_before(
    cached: CachedRenderer, more: Any, plan: int, event: Any, after: str, shown: dict[str, tuple[Any, Any]]
) -> None:
    world = later(opened(**ONE_PLACE, **more), "1m")
    changed = later(happened(world, "2m", **event), after)
    places = [in_json(one, plan, cached)["orderexecutionplanitem_set"][0]["stock_location"] for one in (world, changed)]
    assert {key: (places[0][key], places[1][key]) for key in shown} == shown


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


def test_a_plan_of_the_backlog_moves_while_its_bytes_are_kept_and_an_earlier_view_does_not(
    cached: CachedRenderer,
) -> None:
    world = opened(plans=[], backlog={"count": 1, "states": {"pending": 1}})
    numbers = [len(in_json(later(world, at), 1, cached)["context"]) for at in ("0s", "29m", "30m", "31m", "2h")]
    assert numbers == [numbers[0] + more for more in (0, 0, 1, 1, 4)]
    cancelled = happened(world, "0s", command={"plan": 1, "run": "plan-cancel"})
    assert in_json(cancelled, 1, cached)["state"] == "cancelled"
    assert in_json(world, 1, cached)["state"] == "pending"
    assert len(in_json(world, 1, cached)["context"]) == numbers[0]


def test_unchanged_plans_are_the_same_bytes_object(cached: CachedRenderer) -> None:
    world = later(opened(**ONE_PLACE, plans=[{"items": ["A"]}], backlog=SETTLED), "1h")
    first, second = WorldView(world, cached), WorldView(later(world, "2h"), cached)
    assert [first.detail(one) is second.detail(one) for one in (1, 2, 3, 1001)] == [True] * 4


def test_no_more_than_so_many_bytes_are_cached() -> None:
    world = opened(plans=[], backlog={"count": 30, "states": {"start": 1}})
    view = WorldView(world, CachedRenderer(1, "tr_TR", scenario(plans=[]).answers, start=START, most=30_000))
    first = view.detail(1)
    assert first is view.detail(1)
    list(view.bodies())
    assert view.detail(1) == first
    assert view.detail(1) is not first


def test_bodies_are_every_plan_in_the_order_of_the_list_or_those_of_one_state() -> None:
    plans = [{"state": state, "count": 60} for state in ("pending", "completed")]
    view = view_of(scenario(plans=plans, answers={"order": "id"}), seed=None, after=timedelta())
    assert list(view.bodies()) == view.page(1, 200)
    assert [json.loads(body)["state"] for body in view.bodies()] == ["pending"] * 60 + ["completed"] * 60
    assert [json.loads(body)["state"] for body in view.bodies("completed")] == ["completed"] * 60


def test_a_reading_of_a_scenario_is_taken_so_long_after_its_start_and_has_no_other_plan() -> None:
    reading = view_of(scenario(plans=[{"items": ["A"]}]), seed=None, after=span("1m"))
    assert plan_of(reading.world, 1001).state == "completed"
    assert [reading.detail(plan_id) for plan_id in (0, -1, 999, 10**30)] == [None] * 4


def test_another_seed_makes_up_another_customer() -> None:
    of = scenario(seed=1, plans=[{"items": ["A"]}])
    bodies = [view_of(of, seed=seed, after=timedelta()).detail(1001) for seed in (None, 1, 2)]
    assert bodies[0] == bodies[1] != bodies[2]


def test_a_captured_plan_is_served_as_it_was_captured_and_a_command_changes_nothing_else(
    cached: CachedRenderer,
) -> None:
    raw = {"context": {"9": []}, "id": 5, "state": "pending", "odd": [None, 1.5, "ş"], "commands": "?"}
    raw |= {"modified_date": "2020-01-01"}
    world = opened(plans=[{"raw": raw}])
    assert list(in_json(later(world, "5h"), 5, cached).items()) == list(raw.items())
    moved = {"state": "cancelled", "commands": [], "modified_date": "2024-03-05T09:05:00.000000Z"}
    cancelled = happened(world, "5m", command={"plan": 5, "run": "plan-cancel"})
    assert in_json(cancelled, 5, cached) == {**raw, **moved}


def test_the_oldest_orders_of_a_backlog_are_younger_than_their_products() -> None:
    view = view_of(scenario(plans=[], backlog={"count": 110_000}), seed=None, after=timedelta())
    orders = [json.loads(view.detail(plan_id) or b"")["order"] for plan_id in range(1, 60)]
    assert min(order["date_placed"] for order in orders) < "2023-06-01"
    for order in orders:
        assert all(row["product"]["created_date"] < order["date_placed"] for row in order["orderitem_set"])


def test_no_product_and_no_location_of_a_world_is_younger_than_the_world() -> None:
    old = scenario(
        clock={"start": "1995-06-01T09:00:00Z"}, plans=[{"id": 41207, "items": ["24Y-1-M", "TST-002", "95Y-3-38"]}]
    )
    body = json.loads(view_of(old, seed=None, after=timedelta(minutes=1)).detail(41207) or b"")
    made = [row["product"] for row in body["order"]["orderitem_set"]]
    made += [row["stock_location"] for row in body["orderexecutionplanitem_set"]]
    assert [one for one in made if not one["created_date"] <= one["modified_date"] < "1995-06-01"] == []
