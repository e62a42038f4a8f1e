"""Why a plan waits: every reason for which the planner passes a location over is told with that location."""

from datetime import timedelta
from typing import Any

import pytest

from mock_oms.domain.lifecycle import State
from mock_oms.domain.world import NeverComesError, World, done
from mock_oms.worlds.explanation import Explanation, explanation_of, never_reason
from tests.worlds import happened, later, opened

NOWHERE = "A has no place: "


def explained(world: World, plan: int = 7) -> Explanation:
    found = explanation_of(world, plan)
    assert found is not None
    return found


def missing(world: World) -> tuple[str, ...]:
    return explained(world).missing


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


# What comes next

RESTOCK = {"sku": "B", "location": "WH1", "count": 1}


def half_placed(**planner: Any) -> World:
    """A world with plan 7, for whose item A there is a unit, but none for B."""
    return opened(
        locations={"WH1": {}}, stock={"A": {"WH1": 1}, "B": {}}, planner=planner, plans=[{"id": 7, "items": ["A", "B"]}]
    )


def test_a_plan_that_was_not_tried_says_so_and_no_item_of_it_has_failed() -> None:
    found = explained(half_placed())
    assert found.summary == "not tried yet; the first attempt is at 2024-03-05T09:01:00Z"
    assert found.missing == ("A is not tried yet: WH1 has 1", "B is not tried yet: WH1 has 0")


def test_a_plan_says_what_comes_next() -> None:
    world, opened_again = half_placed(), half_placed(replan="reopen")
    held = opened(stock={"A": {}}, plans=[{"id": 7, "items": ["A"], "hold": True}])
    placed = {"restock": RESTOCK}
    back = {"refuse": {"plan": 7, "location": "WH1"}}
    steps: tuple[tuple[World, str], ...] = (
        (held, "not tried yet; it is held until it is confirmed"),
        (later(world, "1m"), "1 of 2 items waits for a place; the next attempt is at 2024-03-05T09:30:00Z"),
        (later(happened(world, "2m", **placed), "1h"), "every item that is left in it has a place; it stays completed"),
        (
            happened(later(happened(world, "2m", **placed), "1h"), "1h", **back),
            "every item that is left in it has a place; what came back from it is in plan 1001; it stays completed",
        ),
        (
            later(happened(opened_again, "2m", **placed), "1h"),
            "every item that is left in it has a place; only one that comes back (refuse, not_found) opens it again",
        ),
        (happened(world, "2m", command={"plan": 7, "run": "plan-cancel"}), "it was cancelled; it stays cancelled"),
        (
            opened(plans=[{"raw": {"id": 7, "state": "completed"}}]),
            "it is served as it was captured, and nothing moves it any more",
        ),
    )
    assert [explained(one).summary for one, _ in steps] == [said for _, said in steps]


def test_items_say_where_they_are_since_when_and_what_every_location_has_for_those_that_wait() -> None:
    first, second = explained(later(half_placed(), "10m")).items
    assert (first.sku, first.state, first.location, first.places) == ("A", "planned", "WH1", ())
    assert str(first.since) == str(second.since) == "2024-03-05 09:01:00+00:00"
    (place,) = second.places
    assert (second.sku, second.state, second.location, second.order_item) == ("B", "out_of_stock", None, 500_007_002)
    assert (place.location, place.stock_count, place.reservation_count, place.quantity) == ("WH1", 0, 0, 0)


def test_of_a_captured_plan_the_items_say_what_its_json_says() -> None:
    rows = [
        {
            "order_item": {"id": 3, "product": {"sku": "A"}},
            "state": {"name": "Planned"},
            "stock_location": {"erp_code": "W"},
            "modified_date": "2024-03-05T12:00:00+03:00",
        },
        {"order_item": 4, "state": "x", "stock_location": None, "modified_date": "0001-01-01T00:00:00+03:00"},
        {"order_item": {"id": True, "product": []}, "state": 5, "stock_location": 9, "modified_date": 7},
        "no item",
    ]
    for held, items in (
        (
            rows,
            [
                (3, "A", "Planned", "W", "2024-03-05 09:00:00+00:00"),
                (4, None, "x", None, "None"),
                (*[None] * 4, "None"),
            ],
        ),
        ({}, []),
        (None, []),
    ):
        raw = {"id": 7, "state": "pending", "orderexecutionplanitem_set": held}
        found = explained(opened(plans=[{"raw": raw}]))
        seen = [(one.order_item, one.sku, one.state, one.location, str(one.since)) for one in found.items]
        assert seen == items
        assert (found.kind, found.missing) == ("captured", ())
        assert found.summary == "it is served as it was captured, and only commands move it"


def never(world: World, wanted: str) -> str:
    with pytest.raises(NeverComesError) as caught:
        done(world.first_time(7, State(wanted), world.now + timedelta(hours=24)))
    return never_reason(world, caught.value, State(wanted), "1d")


def test_a_state_that_never_comes_says_why_and_what_would_bring_it() -> None:
    world = half_placed()
    completed = later(happened(world, "2m", restock=RESTOCK), "1h")
    reopens = later(happened(half_placed(replan="reopen"), "2m", restock=RESTOCK), "1h")
    cancelled = happened(world, "2m", command={"plan": 7, "run": "plan-cancel"})
    held = opened(stock={"A": {}}, plans=[{"id": 7, "items": ["A"], "hold": True}])
    at_once = opened(stock={"A": {"WH001": 1}}, plans=[{"id": 7, "items": ["A"]}])
    captured = opened(plans=[{"raw": {"id": 7, "state": "start"}}])
    stays, again = "plan does not change by itself: no command moves it.", "(refuse, not_found) opens it again."
    cases = (
        (completed, "pending", f"It is completed now, and a completed {stays}"),
        (cancelled, "completed", f"It is cancelled now, and a cancelled {stays}"),
        (reopens, "pending", f"completed plan does not change by itself: only an item that comes back {again}"),
        (at_once, "pending", f"It is start now and completed by then, and a completed {stays}"),
        (later(world, "1m"), "start", "It is pending now, and no plan goes back to start."),
        (world, "cancelled", "and no attempt cancels a plan: the command plan-cancel makes it cancelled."),
        (held, "completed", "It is start now, and held: confirm plan 7 first."),
        (
            held,
            "cancelled",
            "It is start now, and no attempt cancels a plan: the command plan-cancel makes it cancelled.",
        ),
        (captured, "completed", "and was captured, so it does not change by itself: no command makes it completed."),
        (world, "completed", "pending by then, and `within` was 1d: wait longer, or let something happen first."),
    )
    said = [never(one, wanted) for one, wanted, _ in cases]
    assert [text for text, (_, _, end) in zip(said, cases, strict=True) if not text.endswith(end)] == []
