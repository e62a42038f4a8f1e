"""Why a plan waits: every reason for which the planner passes a location over is told with that location."""

from typing import Any

import pytest

from mock_oms.domain.world import World
from mock_oms.worlds.explanation import explanation_of
from tests.worlds import happened, later, opened

NOWHERE = "A has no place: "


def missing(world: World) -> tuple[str, ...]:
    found = explanation_of(world, 7)
    assert found is not None
    return found.missing


def waiting(location: dict[str, Any] | None = None, planner: dict[str, Any] | None = None) -> World:
    """A world after the first attempt of plan 7, for which location WH1 has five units."""
    stock, plans = {"A": {"WH1": 5}}, [{"id": 7, "items": ["A"], "city": "Bursa"}]
    return later(opened(locations={"WH1": location or {}}, stock=stock, planner=planner or {}, plans=plans), "1m")


@pytest.mark.parametrize(
    ("location", "planner", "reason"),
    [
        ({"active": False}, {}, "blocked"),
        ({"type": "store"}, {"type": "warehouse"}, "is a store, and the rule takes a warehouse"),
        ({}, {"allow": []}, "is not among those that the rule allows"),
        ({}, {"except": ["WH1"]}, "is one that the rule excepts"),
        ({"city": "Ankara"}, {"same_city": True}, "is in Ankara, and the rule wants the order's city, Bursa"),
        ({"max_quota": 1, "quota": 1}, {"select_by_quota": True}, "its quota is used up: 1 of 1"),
        ({"active": False, "max_quota": 0}, {"select_by_quota": True}, "blocked, its quota is used up: 0 of 0"),
    ],
)
def test_a_location_passed_over_says_why(location: dict[str, Any], planner: dict[str, Any], reason: str) -> None:
    assert missing(waiting(location, planner)) == (f"{NOWHERE}WH1 has 5 ({reason})",)


def test_a_location_that_gave_an_item_back_says_so() -> None:
    world = waiting(planner={"replan": "reopen"})
    again = happened(world, "2m", refuse={"plan": 7, "location": "WH1"})
    assert missing(again) == (f"{NOWHERE}WH1 has 5 (gave an item of this plan back)",)


def test_of_several_rules_each_tells_its_own_reason() -> None:
    rules = [{"type": "store"}, {"when": {"channel": "mobile"}}, {"except": ["WH1"]}]
    reasons = "rules[0]: is a warehouse, and the rule takes a store, rules[2]: is one that the rule excepts"
    assert missing(waiting(planner={"rules": rules})) == (f"{NOWHERE}WH1 has 5 ({reasons})",)


def test_a_location_that_one_rule_considers_is_not_passed_over() -> None:
    rules = {"rules": [{"except": ["WH1"]}, {"when": {"channel": "web"}}]}
    sold = opened(locations={"WH1": {}}, stock={"A": {}}, planner=rules, plans=[{"id": 7, "items": ["A"]}])
    assert missing(waiting(planner=rules)) == ()
    assert missing(later(sold, "1m")) == (f"{NOWHERE}WH1 has 0",)


def test_an_order_that_no_rule_is_for_says_what_it_is() -> None:
    world = waiting(planner={"when": {"channel": "mobile"}})
    reason = "no rule is for an order of channel web, payment_type credit_card, delivery_type standard"
    assert missing(world) == (f"{NOWHERE}{reason}",)


def test_a_stock_service_that_is_down_is_told_before_the_stock() -> None:
    world = happened(waiting({"active": False}), "2m", stock_service="down")
    assert missing(world) == (f"{NOWHERE}the stock service is down, so attempts see nothing; WH1 has 5 (blocked)",)
