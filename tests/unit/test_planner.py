"""The planner: which rule considers what, what comes first, and what an attempt sees."""

from typing import Any

import pytest

from mock_oms.domain.world import World
from tests.worlds import free, happened, items, later, locations, opened, order_of, plan_of

TWO = {"WH1": {"priority": 10}, "WH2": {"priority": 20}}


def planned(skus: list[str], **sections: Any) -> World:
    """The world after the first attempt of plan 7 with these items."""
    order = {"id": 7, "items": skus, **sections.pop("order", {})}
    return later(opened(**sections, plans=[order]), "1m")


def where(skus: list[str], **sections: Any) -> list[str | None]:
    return locations(planned(skus, **sections), 7)


# What comes first


def test_the_smaller_priority_comes_first() -> None:
    where_from = {"locations": {"WH1": {"priority": 2}, "WH2": {"priority": 1}}, "stock": {"A": {"WH1": 9, "WH2": 1}}}
    assert where(["A"], **where_from) == ["WH2"]


def test_a_location_without_stock_is_passed_over() -> None:
    assert where(["A"], locations=TWO, stock={"A": {"WH2": 1}}) == ["WH2"]


def test_stock_breaks_a_tie_of_priorities() -> None:
    assert where(["A"], locations={"WH1": {}, "WH2": {}}, stock={"A": {"WH1": 1, "WH2": 2}}) == ["WH2"]


def test_reserved_units_are_not_there() -> None:
    stock = {"A": {"WH1": {"count": 2, "reserved": 2}, "WH2": 1}}
    assert where(["A"], locations=TWO, stock=stock) == ["WH2"]


def test_the_location_that_was_declared_first_wins_a_tie() -> None:
    assert where(["A"], locations={"WH9": {}, "WH1": {}}, stock={"A": {"WH1": 1, "WH9": 1}}) == ["WH9"]


def test_stock_comes_before_priority_where_the_rule_says_so() -> None:
    stock = {"A": {"WH1": 1, "WH2": 5}}
    assert where(["A"], locations=TWO, stock=stock, planner={"sort": ["stock", "priority"]}) == ["WH2"]


def test_without_sorting_the_declared_order_counts() -> None:
    turned = {"WH1": {"priority": 20}, "WH2": {"priority": 10}}
    assert where(["A"], locations=turned, stock={"A": {"WH1": 1, "WH2": 5}}, planner={"sort": []}) == ["WH1"]


def test_density_prefers_the_location_that_has_more_of_the_package() -> None:
    stock = {"A": {"WH1": 1, "WH2": 1}, "B": {"WH2": 1}}
    assert where(["A", "B"], locations=TWO, stock=stock, planner={"sort": ["density"]}) == ["WH2", "WH2"]


def test_a_location_in_the_city_of_the_address_comes_first_where_the_rule_sorts_so() -> None:
    cities = {"WH1": {"city": "Ankara"}, "WH2": {"city": "İstanbul"}}
    sections = {"locations": cities, "stock": {"A": {"WH1": 1, "WH2": 1}}, "order": {"city": "İstanbul"}}
    assert where(["A"], **sections, planner={"sort": ["same_city"]}) == ["WH2"]


def test_one_unit_is_placed_once_within_a_plan() -> None:
    assert where(["A", "A"], locations=TWO, stock={"A": {"WH1": 1}}) == ["WH1", None]


def test_one_unit_is_placed_once_between_plans_and_the_smaller_id_has_it() -> None:
    world = later(opened(locations=TWO, stock={"A": {"WH1": 1}}, plans=[{"items": ["A"], "count": 2}]), "1m")
    assert [plan_of(world, plan_id).state for plan_id in (1001, 1002)] == ["completed", "pending"]


def test_a_plan_is_split_over_the_locations_that_have_its_items() -> None:
    assert where(["A", "B"], locations=TWO, stock={"A": {"WH1": 1}, "B": {"WH2": 1}}) == ["WH1", "WH2"]


# What a rule considers


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"type": "store"}, "WH2"),
        ({"type": "warehouse"}, "WH1"),
        ({"allow": ["WH2"]}, "WH2"),
        ({"except": ["WH1"]}, "WH2"),
        ({"allow": []}, None),
        ({"allow": ["WH1"], "except": ["WH1"]}, None),
        ({"same_city": True}, "WH2"),
        ({}, "WH1"),
    ],
)
def test_a_rule_considers_what_it_names(rule: dict[str, Any], place: str | None) -> None:
    places = {"WH1": {"city": "Ankara", "priority": 1}, "WH2": {"city": "İstanbul", "type": "store", "priority": 2}}
    sections = {"locations": places, "stock": {"A": {"WH1": 1, "WH2": 1}}, "order": {"city": "İstanbul"}}
    assert where(["A"], **sections, planner=rule) == [place]


def test_an_inactive_location_is_not_considered() -> None:
    places = {"WH1": {"active": False, "priority": 1}, "WH2": {"priority": 2}}
    assert where(["A"], locations=places, stock={"A": {"WH1": 1, "WH2": 1}}) == ["WH2"]


def test_rules_are_tried_in_order_each_for_what_is_left() -> None:
    rules = [{"allow": ["WH2"]}, {"allow": ["WH1"]}]
    stock = {"A": {"WH1": 1, "WH2": 1}, "B": {"WH1": 1}}
    assert where(["A", "B"], locations=TWO, stock=stock, planner={"rules": rules}) == ["WH2", "WH1"]


@pytest.mark.parametrize(
    ("when", "order"),
    [
        ({"channel": "mobile"}, {"channel": "mobile"}),
        ({"payment_type": "cash"}, {"payment_type": "cash"}),
        ({"delivery_type": "same_day"}, {"delivery_type": "same_day"}),
    ],
)
def test_a_rule_applies_only_to_orders_that_meet_its_conditions(when: dict[str, str], order: dict[str, str]) -> None:
    sections: dict[str, Any] = {"locations": TWO, "stock": {"A": {"WH1": 1}}, "planner": {"when": when}}
    assert where(["A"], **sections, order=order) == ["WH1"]
    assert where(["A"], **sections) == [None]


# Quota


def quotas(quota: int, max_quota: int | None, *, by_quota: bool = True, skus: tuple[str, ...] = ("A",)) -> World:
    places = {"WH1": {"quota": quota, "max_quota": max_quota, "priority": 1}, "WH2": {"priority": 2}}
    stock = {"A": {"WH1": 9, "WH2": 9}, "B": {"WH1": 9}}
    return planned(list(skus), locations=places, stock=stock, planner={"select_by_quota": by_quota})


@pytest.mark.parametrize(
    ("quota", "max_quota", "by_quota", "place"),
    [(0, 1, True, "WH1"), (1, 1, True, "WH2"), (2, 1, True, "WH2"), (1, 1, False, "WH1"), (5, None, True, "WH1")],
)
def test_a_location_without_quota_is_passed_over_where_the_rule_selects_by_quota(
    quota: int, max_quota: int | None, by_quota: bool, place: str
) -> None:
    assert locations(quotas(quota, max_quota, by_quota=by_quota), 7) == [place]


def test_a_package_takes_one_of_the_quota_however_many_items_it_has() -> None:
    world = quotas(3, 5, skus=("A", "A", "B"))
    assert locations(world, 7) == ["WH1"] * 3
    assert world.contents.location("WH1").quota == 4


def test_the_last_of_a_quota_holds_a_whole_package() -> None:
    assert locations(quotas(0, 1, skus=("A", "A", "B")), 7) == ["WH1"] * 3


def test_a_plan_needs_no_more_quota_where_it_has_a_package_already() -> None:
    world = planned(
        ["A", "C"],
        locations={"WH1": {"max_quota": 1}},
        stock={"A": {"WH1": 1}, "C": {"WH1": 0}},
        planner={"select_by_quota": True},
    )
    world = later(happened(world, "2m", restock={"sku": "C", "location": "WH1", "count": 1}), "30m")
    assert locations(world, 7) == ["WH1", "WH1"]
    assert world.contents.location("WH1").quota == 1


def test_a_location_without_a_limit_counts_no_packages() -> None:
    assert quotas(5, None).contents.location("WH1").quota == 5


# Transfer


def gathered(skus: list[str], **stock: dict[str, int]) -> World:
    return planned(skus, locations=TWO, stock=stock, planner={"transfer": True})


def test_a_transferable_rule_packs_everything_at_one_location() -> None:
    assert locations(gathered(["A", "B"], A={"WH1": 1}, B={"WH2": 1}), 7) == ["WH1", "WH1"]


def test_a_transfer_is_reserved_where_it_comes_from() -> None:
    world = gathered(["A", "B"], A={"WH1": 1}, B={"WH2": 1})
    assert {sku: item.source for sku, item in items(world, 7).items()} == {"A": "WH1", "B": "WH2"}
    assert (free(world, "B", "WH2"), free(world, "B", "WH1")) == (0, 0)


def test_a_transfer_takes_its_quota_at_the_packing_location_only() -> None:
    places = {"WH1": {"max_quota": 9, "priority": 1}, "WH2": {"max_quota": 9, "priority": 2}}
    stock = {"A": {"WH1": 1}, "B": {"WH2": 1}}
    world = planned(["A", "B"], locations=places, stock=stock, planner={"transfer": True})
    assert [world.contents.location(code).quota for code in places] == [1, 0]


def test_nothing_is_packed_at_a_location_that_has_none_of_the_items() -> None:
    assert locations(gathered(["A", "B"], A={"WH2": 1}, B={"WH2": 1}), 7) == ["WH2", "WH2"]


def test_a_transfer_leaves_waiting_what_nobody_has() -> None:
    assert locations(gathered(["A", "B"], A={"WH1": 1}, B={}), 7) == ["WH1", None]
    assert locations(gathered(["A", "B"], A={}, B={}), 7) == [None, None]


# What an attempt sees


def test_an_attempt_sees_the_stock_before_it_reserves_anything() -> None:
    seen = plan_of(planned(["A"], locations={"WH1": {}}, stock={"A": {"WH1": 3}}), 7).attempts[0].seen
    assert [(one.location, one.sku, one.figures.count, one.figures.reserved) for one in seen] == [("WH1", "A", 3, 0)]


def test_an_attempt_does_not_see_an_inactive_location() -> None:
    places = {"WH1": {"active": False}, "WH2": {}}
    seen = plan_of(planned(["A"], locations=places, stock={"A": {}}), 7).attempts[0].seen
    assert [one.location for one in seen] == ["WH2"]


def test_a_retry_sees_only_what_is_still_unplaced() -> None:
    world = later(planned(["A", "B"], locations=TWO, stock={"A": {"WH1": 1}, "B": {}}), "30m")
    assert {one.sku for one in plan_of(world, 7).attempts[1].seen} == {"B"}


def test_attempts_that_see_the_same_share_it() -> None:
    attempts = plan_of(later(planned(["B"], locations=TWO, stock={"B": {}}), "1h"), 7).attempts
    assert attempts[0].seen is attempts[1].seen is attempts[2].seen


def test_what_is_not_placed_is_parked_as_out_of_stock() -> None:
    assert items(planned(["A"], locations=TWO, stock={"A": {}}), 7)["A"].state == "out_of_stock"


def test_the_items_of_the_order_follow_the_items_of_the_plan() -> None:
    world = planned(["A", "B"], locations=TWO, stock={"A": {"WH1": 1}, "B": {}})
    assert [item.state for item in order_of(world, 7).items] == ["planned", "out_of_stock"]
