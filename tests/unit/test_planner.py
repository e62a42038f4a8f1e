"""The planner: which rule considers what, what comes first, and what an attempt sees."""

from typing import Any

import pytest

from mock_oms.domain.world import World
from tests.worlds import free, happened, items, later, locations, opened, order_of, plan_of

TWO = {"WH1": {"priority": 10}, "WH2": {"priority": 20}}
EQUAL: dict[str, dict[str, Any]] = {"WH1": {}, "WH2": {}}
CITIES = {"WH1": {"city": "Ankara", "priority": 1}, "WH2": {"city": "İstanbul", "type": "store", "priority": 2}}
IN_ISTANBUL = {"locations": CITIES, "order": {"city": "İstanbul"}}
SPELT_OTHERWISE = {**IN_ISTANBUL, "order": {"city": "ISTANBUL"}}


def planned(skus: str, stock: str, **sections: Any) -> World:
    """The world after the first attempt of plan 7; its stock is written as in `A WH1=1 WH2=5, B`."""
    rows = [row.split() for row in stock.split(",")]
    figures = {sku: {code: int(count) for code, count in (cell.split("=") for cell in cells)} for sku, *cells in rows}
    order = {"id": 7, "items": list(skus), **sections.pop("order", {})}
    given: dict[str, Any] = {"locations": TWO, "stock": figures, **sections}
    return later(opened(**given, plans=[order]), "1m")


def where(world: World) -> str:
    """Where the items of plan 7 are; `-` where they wait."""
    return " ".join(code or "-" for code in locations(world, 7))


PLACED = {
    # what comes first
    "smaller priority": ("A", "A WH1=9 WH2=1", {"locations": {"WH1": {"priority": 2}, "WH2": {"priority": 1}}}, "WH2"),
    "has stock": ("A", "A WH2=1", {}, "WH2"),
    "stock breaks a tie of priorities": ("A", "A WH1=1 WH2=2", {"locations": EQUAL}, "WH2"),
    "declared first wins a tie": ("A", "A WH1=1 WH9=1", {"locations": {"WH9": {}, "WH1": {}}}, "WH9"),
    "stock before priority": ("A", "A WH1=1 WH2=5", {"planner": {"sort": ["stock", "priority"]}}, "WH2"),
    "declared order without sorting": (
        "A",
        "A WH1=1 WH2=5",
        {"locations": {"WH1": {"priority": 2}, "WH2": {"priority": 1}}, "planner": {"sort": []}},
        "WH1",
    ),
    "density: more of the package": ("AB", "A WH1=1 WH2=1, B WH2=1", {"planner": {"sort": ["density"]}}, "WH2 WH2"),
    "sorted by the city of the address": (
        "A",
        "A WH1=1 WH2=1",
        {**IN_ISTANBUL, "planner": {"sort": ["same_city"]}},
        "WH2",
    ),
    "one unit is placed once": ("AA", "A WH1=1", {}, "WH1 -"),
    "split over locations": ("AB", "A WH1=1, B WH2=1", {}, "WH1 WH2"),
    # what a rule considers
    "type store": ("A", "A WH1=1 WH2=1", {**IN_ISTANBUL, "planner": {"type": "store"}}, "WH2"),
    "type warehouse": ("A", "A WH1=1 WH2=1", {**IN_ISTANBUL, "planner": {"type": "warehouse"}}, "WH1"),
    "same city, spelt otherwise": ("A", "A WH1=1 WH2=1", {**SPELT_OTHERWISE, "planner": {"same_city": True}}, "WH2"),
    "same city": ("A", "A WH1=1 WH2=1", {**IN_ISTANBUL, "planner": {"same_city": True}}, "WH2"),
    "any": ("A", "A WH1=1 WH2=1", {}, "WH1"),
    "allow": ("A", "A WH1=1 WH2=1", {"planner": {"allow": ["WH2"]}}, "WH2"),
    "allow none": ("A", "A WH1=1 WH2=1", {"planner": {"allow": []}}, "-"),
    "except": ("A", "A WH1=1 WH2=1", {"planner": {"except": ["WH1"]}}, "WH2"),
    "except before allow": ("A", "A WH1=1", {"planner": {"allow": ["WH1"], "except": ["WH1"]}}, "-"),
    "not an inactive one": ("A", "A WH1=1 WH2=1", {"locations": {"WH1": {"active": False}, "WH2": {}}}, "WH2"),
    "each rule for what is left": (
        "AB",
        "A WH1=1 WH2=1, B WH1=1",
        {"planner": {"rules": [{"allow": ["WH2"]}, {"allow": ["WH1"]}]}},
        "WH2 WH1",
    ),
    # transfer
    "transfer: all at one location": ("AB", "A WH1=1, B WH2=1", {"planner": {"transfer": True}}, "WH1 WH1"),
    "transfer: packed where an item is": ("AB", "A WH2=1, B WH2=1", {"planner": {"transfer": True}}, "WH2 WH2"),
    "transfer: waits for what nobody has": ("AB", "A WH1=1, B", {"planner": {"transfer": True}}, "WH1 -"),
    "transfer: nobody has anything": ("AB", "A, B", {"planner": {"transfer": True}}, "- -"),
}


@pytest.mark.parametrize(("skus", "stock", "sections", "places"), PLACED.values(), ids=PLACED)
def test_an_item_is_placed_where_the_rules_say(skus: str, stock: str, sections: dict[str, Any], places: str) -> None:
    assert where(planned(skus, stock, **sections)) == places


def test_reserved_units_are_not_there_and_one_unit_is_placed_once_for_the_smaller_id() -> None:
    stock = {"A": {"WH1": {"count": 2, "reserved": 2}, "WH2": 1}}
    world = later(opened(locations=TWO, stock=stock, plans=[{"items": ["A"], "count": 2}]), "1m")
    assert (locations(world, 1001), locations(world, 1002)) == (["WH2"], [None])
    assert [plan_of(world, plan_id).state for plan_id in (1001, 1002)] == ["completed", "pending"]


@pytest.mark.parametrize("when", [{"channel": "mobile"}, {"payment_type": "cash"}, {"delivery_type": "same_day"}])
def test_a_rule_applies_only_to_orders_that_meet_its_conditions(when: dict[str, str]) -> None:
    assert where(planned("A", "A WH1=1", planner={"when": when}, order=when)) == "WH1"
    assert where(planned("A", "A WH1=1", planner={"when": when})) == "-"


def quotas(quota: int, max_quota: int | None, *, by_quota: bool = True, skus: str = "A") -> World:
    places = {"WH1": {"quota": quota, "max_quota": max_quota, "priority": 1}, "WH2": {"priority": 2}}
    return planned(skus, "A WH1=9 WH2=9, B WH1=9", locations=places, planner={"select_by_quota": by_quota})


@pytest.mark.parametrize(
    ("quota", "max_quota", "by_quota", "place"),
    [(0, 1, True, "WH1"), (1, 1, True, "WH2"), (2, 1, True, "WH2"), (1, 1, False, "WH1"), (5, None, True, "WH1")],
)
def test_a_location_without_quota_is_passed_over_where_the_rule_selects_by_quota(
    quota: int, max_quota: int | None, by_quota: bool, place: str
) -> None:
    assert where(quotas(quota, max_quota, by_quota=by_quota)) == place


@pytest.mark.parametrize(("quota", "max_quota", "after"), [(3, 5, 4), (0, 1, 1), (5, None, 5)])
def test_a_package_takes_one_of_a_limited_quota_however_many_items_it_has(
    quota: int, max_quota: int | None, after: int
) -> None:
    world = quotas(quota, max_quota, skus="AAB")
    assert (where(world), world.contents.location("WH1").quota) == ("WH1 WH1 WH1", after)


def test_a_plan_needs_no_more_quota_where_it_has_a_package_already() -> None:
    sections = {"locations": {"WH1": {"max_quota": 1}}, "planner": {"select_by_quota": True}}
    world = planned("AC", "A WH1=1, C WH1=0", **sections)
    world = later(happened(world, "2m", restock={"sku": "C", "location": "WH1", "count": 1}), "30m")
    assert (where(world), world.contents.location("WH1").quota) == ("WH1 WH1", 1)


def test_a_transfer_is_reserved_where_it_comes_from_and_takes_its_quota_where_it_is_packed() -> None:
    places = {"WH1": {"max_quota": 9, "priority": 1}, "WH2": {"max_quota": 9, "priority": 2}}
    world = planned("AB", "A WH1=1, B WH2=1", locations=places, planner={"transfer": True})
    assert {sku: item.source for sku, item in items(world, 7).items()} == {"A": "WH1", "B": "WH2"}
    assert (free(world, "B", "WH2"), free(world, "B", "WH1")) == (0, 0)
    assert [world.contents.location(code).quota for code in places] == [1, 0]


def test_an_attempt_sees_what_is_unplaced_at_active_locations_before_it_reserves_anything() -> None:
    world = planned("AB", "A WH1=3, B", locations={"WH1": {}, "WH2": {"active": False}})
    first, second, third = plan_of(later(world, "1h"), 7).attempts
    seen = [(one.location, one.sku, one.figures.count, one.figures.reserved) for one in first.seen]
    assert seen == [("WH1", "A", 3, 0), ("WH1", "B", 0, 0)]
    assert {one.sku for one in second.seen} == {"B"}
    assert second.seen is third.seen  # for it is the same
    for items_of in (plan_of(world, 7).items, order_of(world, 7).items):
        assert [item.state for item in items_of] == ["planned", "out_of_stock"]


def test_an_item_that_left_a_plan_follows_its_new_plan_only() -> None:
    """The old plan is tried again later; what it says of the item that it gave back is history."""
    world = planned("AB", "A WH1=1 WH2=1, B WH1=0")
    world = later(happened(world, "5m", refuse={"plan": 7, "location": "WH1"}), "2h")
    assert [item.state for item in order_of(world, 7).items] == ["planned", "out_of_stock"]
