"""What each event does to a world, and what it is refused for."""

from typing import Any

import pytest

from mock_oms.domain.errors import IllegalEventError, UnknownNameError, WorldError
from mock_oms.domain.world import World
from mock_oms.rendering.orders import order_value
from tests.worlds import event, free, happened, items, later, locations, opened, order_of, plan_of

TWO: dict[str, Any] = {"locations": {"WH1": {"priority": 10}, "WH2": {"priority": 20}}}
WHERE_A_SKU_STANDS = "A SKU must stand in the scenario's `stock` or, without that section, in one of its plans."
CANCEL = {"plan": 7, "run": "plan-cancel"}
COMPLETE = {"plan": 7, "run": "plan-complete"}


def seven(skus: str = "A", at: str = "1m", **sections: Any) -> World:
    """A world of two locations with plan 7 for these SKUs, at a time."""
    given = {"stock": {"A": {"WH1": 1}, "B": {}, "C": {"WH1": 1}}, **TWO, **sections}
    return later(opened(**given, plans=[{"id": 7, "items": list(skus)}]), at)


def refusal(world: World, **written: Any) -> str:
    """The sentence with which the world refuses an event."""
    with pytest.raises(WorldError) as refused:
        world.apply(event(**written))
    return str(refused.value)


# Stock


def test_a_restock_adds_units() -> None:
    world = seven(at="0s").apply(event(restock={"sku": "A", "location": "WH2", "count": 4}))
    assert free(world, "A", "WH2") == 4


def test_a_restock_may_bring_a_sku_to_a_location_that_never_had_it() -> None:
    assert free(seven(at="0s").apply(event(restock={"sku": "B", "location": "WH2", "count": 1})), "B", "WH2") == 1


def test_a_sale_takes_units_out_of_the_count() -> None:
    world = seven(at="0s").apply(event(sell={"sku": "A", "location": "WH1", "count": 1}))
    assert world.contents.stock["A", "WH1"].count == 0


def test_reserved_units_cannot_be_sold() -> None:
    assert refusal(seven(), sell={"sku": "A", "location": "WH1", "count": 1}) == (
        "WH1 has 0 of A free: 1 cannot be sold."
    )


def test_nothing_can_be_sold_where_more_is_reserved_than_there_is() -> None:
    world = seven(at="0s", stock={"A": {"WH1": {"count": 1, "reserved": 5}}})
    assert refusal(world, sell={"sku": "A", "location": "WH1", "count": 1}).startswith("WH1 has 0 of A free")


@pytest.mark.parametrize("word", ["restock", "sell"])
def test_stock_events_name_the_nearest_sku(word: str) -> None:
    world = seven(at="0s", stock={"TST-001": {}, "A": {}})
    assert refusal(world, **{word: {"sku": "TST-01", "location": "WH1", "count": 1}}) == (
        f"There is no SKU TST-01 in this world; the nearest is TST-001. {WHERE_A_SKU_STANDS}"
    )


@pytest.mark.parametrize(
    "written",
    [
        {"restock": {"sku": "A", "location": "WH9", "count": 1}},
        {"sell": {"sku": "A", "location": "WH9", "count": 1}},
        {"block": "WH9"},
        {"open": "WH9"},
        {"quota": {"location": "WH9"}},
        {"refuse": {"plan": 7, "location": "WH9"}},
    ],
    ids=lambda written: next(iter(written)),
)
def test_an_unknown_location_is_refused_with_the_nearest(written: dict[str, Any]) -> None:
    assert refusal(seven(), **written) in {
        "There is no location WH9 in this world; the nearest is WH1.",
        "There is no location WH9 in this world; the nearest is WH2.",
    }


def test_an_assignment_to_an_unknown_location_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        seven("B").apply(event(assign={"plan": 7, "sku": "B", "location": "WH9"}))


# Locations and the stock service


def test_a_blocked_location_gets_nothing_until_it_is_opened() -> None:
    world = seven(at="0s").apply(event(block="WH1"))
    assert locations(later(world, "30m"), 7) == [None]
    assert locations(later(happened(world, "40m", open="WH1"), "1h"), 7) == ["WH1"]


def test_a_blocked_location_keeps_what_is_placed_there() -> None:
    assert locations(seven().apply(event(block="WH1")), 7) == ["WH1"]


def test_a_quota_is_set_and_lifted() -> None:
    world = seven().apply(event(quota={"location": "WH1", "quota": 3, "max_quota": 4}))
    assert world.contents.location("WH1").available_quota == 1
    lifted = world.apply(event(quota={"location": "WH1", "max_quota": None})).contents.location("WH1")
    assert (lifted.quota, lifted.available_quota) == (3, None)


@pytest.mark.parametrize(
    ("said", "after"), [({"quota": 1}, (1, 4)), ({"max_quota": 9}, (3, 9)), ({"max_quota": None}, (3, None))]
)
def test_what_an_event_does_not_say_of_a_quota_stays_as_it_was(said: dict[str, Any], after: tuple[int, Any]) -> None:
    world = seven(locations={"WH1": {"quota": 3, "max_quota": 4}}, at="0s")
    location = world.apply(event(quota={"location": "WH1", **said})).contents.location("WH1")
    assert (location.quota, location.max_quota) == after


def test_a_quota_event_that_says_nothing_is_refused() -> None:
    assert refusal(seven(), quota={"location": "WH1"}) == (
        "The event says nothing of the quota of WH1; give `quota`, `max_quota` (null: no limit) or both."
    )


def test_a_quota_may_be_used_beyond_its_limit() -> None:
    world = seven(at="0s").apply(event(quota={"location": "WH1", "quota": 5, "max_quota": 2}))
    assert world.contents.location("WH1").available_quota == -3


def test_a_quota_that_was_set_lower_than_the_packages_there_does_not_fall_below_zero() -> None:
    world = seven("AB").apply(event(quota={"location": "WH1", "quota": 0, "max_quota": 5}))
    assert world.apply(event(command=CANCEL)).contents.location("WH1").quota == 0


def test_while_the_stock_service_is_down_attempts_see_nothing_and_place_nothing() -> None:
    world = later(seven(at="0s").apply(event(stock_service="down")), "30m")
    assert [attempt.seen for attempt in plan_of(world, 7).attempts] == [(), ()]
    assert locations(world, 7) == [None]


def test_when_the_stock_service_is_up_again_the_next_retry_places_what_there_is() -> None:
    world = happened(seven(at="0s").apply(event(stock_service="down")), "31m", stock_service="up")
    assert locations(later(world, "1h"), 7) == ["WH1"]


# Orders


def test_an_order_gets_the_next_id_and_is_planned_a_minute_later() -> None:
    world = happened(seven(), "5m", order={"items": ["C"]})
    assert plan_of(world, 1001).state == "start"
    assert locations(later(world, "6m"), 1001) == ["WH1"]


def test_an_order_may_ask_for_its_id() -> None:
    world = happened(seven(), "5m", order={"items": ["C"], "id": 4000})
    assert 4000 in world
    assert 4001 in happened(world, "6m", order={"items": ["C"]})


def test_an_order_says_what_it_is() -> None:
    given = {"city": "Ankara", "channel": "mobile", "payment_type": "cash", "delivery_type": "same_day"}
    order = order_of(happened(seven(), "5m", order={"items": ["C"], **given}), 1001)
    assert {key: getattr(order, key) for key in given} == given


def test_an_order_without_a_city_is_from_one_of_the_locale() -> None:
    world = happened(seven(), "5m", order={"items": ["C"]})
    assert order_of(world, 1001).city in world.setup.cities


@pytest.mark.parametrize("taken", [7, 1001])
def test_an_id_that_is_taken_is_refused_with_the_next_free_one(taken: int) -> None:
    world = happened(seven(), "5m", order={"items": ["C"]})
    assert refusal(world, order={"items": ["C"], "id": taken}) == (
        f"Plan {taken} exists already; the next free id is 1002."
    )


HIGHEST = 2**31 - 1
NO_FURTHER = f"The highest id of a plan, {HIGHEST}, is taken: no further plan gets an id by itself."


def test_after_the_highest_id_an_order_must_name_its_own() -> None:
    world = seven().apply(event(order={"items": ["A"], "id": HIGHEST}))
    assert refusal(world, order={"items": ["A"]}) == f"{NO_FURTHER} An order may name one that is free."
    assert 8 in world.apply(event(order={"items": ["A"], "id": 8}))


def test_after_the_highest_id_a_taken_one_is_refused_without_a_next_one() -> None:
    world = seven().apply(event(order={"items": ["A"], "id": HIGHEST}))
    assert refusal(world, order={"items": ["A"], "id": 7}) == "Plan 7 exists already; choose another id."


@pytest.mark.parametrize(
    "written", [{"refuse": {"plan": 7, "location": "WH1"}}, {"not_found": {"plan": 7, "sku": "A"}}]
)
def test_after_the_highest_id_nothing_is_planned_again_in_a_new_plan(written: dict[str, Any]) -> None:
    world = seven().apply(event(order={"items": ["C"], "id": HIGHEST}))
    assert refusal(world, **written).startswith(NO_FURTHER)


def test_an_id_of_the_backlog_is_taken() -> None:
    world = opened(plans=[], stock={"A": {}}, backlog={"count": 5})
    assert refusal(world, order={"items": ["A"], "id": 3}) == "Plan 3 exists already; the next free id is 1001."


def test_an_order_for_an_unknown_sku_is_refused() -> None:
    assert refusal(seven(), order={"items": ["A", "Z"]}) == (
        f"There is no SKU Z in this world; known: A, B, C. {WHERE_A_SKU_STANDS}"
    )


def test_a_long_list_of_known_names_is_cut() -> None:
    world = opened(plans=[], stock={f"SKU-{number}": {} for number in range(9)})
    assert "SKU-6, SKU-7, …. " in refusal(world, order={"items": ["?"]})


def test_an_order_without_items_is_completed_by_its_first_attempt() -> None:
    world = later(happened(seven(), "5m", order={"items": []}), "6m")
    assert plan_of(world, 1001).state == "completed"


# Hold and confirm


def test_a_held_plan_waits_until_it_is_confirmed() -> None:
    world = happened(seven(), "5m", order={"items": ["C"], "hold": True})
    assert plan_of(later(world, "3h"), 1001).state == "start"
    confirmed = happened(world, "3h", confirm=1001)
    assert plan_of(later(confirmed, "3h1m"), 1001).state == "completed"


def test_a_confirmation_is_seen_in_the_order() -> None:
    world = happened(seven(), "5m", order={"items": ["C"], "hold": True})
    confirmed = happened(world, "6m", confirm=1001)
    assert [order_value(order_of(one, 1001)) for one in (world, confirmed)] == ["350", "200"]


@pytest.mark.parametrize("at", ["0s", "1m"])
def test_only_a_held_plan_can_be_confirmed(at: str) -> None:
    assert "not held: there is nothing to confirm." in refusal(seven(at=at), confirm=7)


def test_a_plan_is_confirmed_once() -> None:
    world = happened(happened(seven(), "5m", order={"items": ["C"], "hold": True}), "6m", confirm=1001)
    assert refusal(world, confirm=1001) == "Plan 1001 is start and not held: there is nothing to confirm."


def test_a_held_plan_can_be_cancelled_and_then_stays_so() -> None:
    world = happened(seven(), "5m", order={"items": ["C"], "hold": True})
    cancelled = happened(world, "6m", command={"plan": 1001, "run": "plan-cancel"})
    assert plan_of(later(cancelled, "2h"), 1001).state == "cancelled"
    assert order_value(order_of(cancelled, 1001)) == "100"


# Commands


def test_a_cancelled_plan_releases_what_it_reserved() -> None:
    world = seven("AB")
    assert [free(one, "A", "WH1") for one in (world, world.apply(event(command=CANCEL)))] == [0, 1]


def test_a_cancelled_plan_gives_its_quota_back() -> None:
    world = seven("AB", locations={"WH1": {"max_quota": 5}, "WH2": {}})
    after = world.apply(event(command=CANCEL))
    assert [one.contents.location("WH1").quota for one in (world, after)] == [1, 0]


def test_a_cancelled_plan_keeps_no_location() -> None:
    assert locations(seven("AB").apply(event(command=CANCEL)), 7) == [None, None]


def test_a_plan_that_is_cancelled_before_its_first_attempt_is_never_attempted() -> None:
    world = later(seven(at="0s").apply(event(command=CANCEL)), "2h")
    assert (plan_of(world, 7).state, plan_of(world, 7).attempts) == ("cancelled", ())


def test_a_reschedule_is_an_attempt_now_with_the_command_as_its_cause() -> None:
    world = happened(seven("B"), "5m", restock={"sku": "B", "location": "WH2", "count": 1})
    plan = plan_of(happened(world, "6m", command={"plan": 7, "run": "plan-reschedule"}), 7)
    assert (plan.state, len(plan.attempts), plan.history[-1].cause) == ("completed", 2, "event 2: command")


def test_manual_completion_takes_a_unit_past_all_rules() -> None:
    sections: dict[str, Any] = {"stock": {"A": {"WH2": 1}}, "planner": {"allow": ["WH1"]}}
    world = seven(**sections).apply(event(command=COMPLETE))
    assert (locations(world, 7), free(world, "A", "WH2")) == (["WH2"], 0)


def test_manual_completion_prefers_the_smaller_priority() -> None:
    sections: dict[str, Any] = {"stock": {"A": {"WH1": 1, "WH2": 5}}, "planner": {"allow": []}}
    assert locations(seven(**sections).apply(event(command=COMPLETE)), 7) == ["WH1"]


def test_manual_completion_does_not_use_a_blocked_location() -> None:
    sections: dict[str, Any] = {"stock": {"A": {"WH1": 1, "WH2": 1}}, "planner": {"allow": []}}
    world = seven(**sections).apply(event(block="WH1"))
    assert locations(world.apply(event(command=COMPLETE)), 7) == ["WH2"]


def test_manual_completion_without_stock_finds_the_units_at_the_default_location() -> None:
    world = seven("BBB", planner={"default_location": "WH2"}).apply(event(command=COMPLETE))
    figures = world.contents.stock["B", "WH2"]
    assert (locations(world, 7), figures.count, figures.reserved) == (["WH2"] * 3, 3, 3)


def test_manual_completion_finds_only_the_units_that_are_missing() -> None:
    sections: dict[str, Any] = {"stock": {"A": {"WH1": 1}}, "planner": {"allow": []}}
    world = seven("AA", **sections).apply(event(command=COMPLETE))
    assert (locations(world, 7), world.contents.stock["A", "WH1"].count) == (["WH1", "WH1"], 2)


def test_manual_completion_does_not_pay_for_what_was_oversold_before() -> None:
    world = seven("A", stock={"A": {"WH1": {"count": 1, "reserved": 4}}}).apply(event(command=COMPLETE))
    assert free(world, "A", "WH1") == -3


# One item


def test_a_cancelled_item_releases_what_it_reserved() -> None:
    world = seven("AB").apply(event(cancel_item={"plan": 7, "sku": "A"}))
    assert (items(world, 7)["A"].state, items(world, 7)["A"].location, free(world, "A", "WH1")) == (
        "cancelled",
        None,
        1,
    )


def test_a_plan_is_completed_when_its_last_waiting_item_is_cancelled() -> None:
    world = seven("AB").apply(event(cancel_item={"plan": 7, "sku": "B"}))
    assert plan_of(world, 7).state == "completed"


def test_a_plan_is_cancelled_when_its_last_item_is_cancelled() -> None:
    for at in ("0s", "1m"):
        world = seven("B", at=at).apply(event(cancel_item={"plan": 7, "sku": "B"}))
        assert plan_of(later(world, "2h"), 7).state == "cancelled"


def test_a_plan_whose_items_are_not_all_cancelled_is_still_planned_when_it_is_due() -> None:
    world = seven("AB", at="0s").apply(event(cancel_item={"plan": 7, "sku": "B"}))
    assert plan_of(world, 7).state == "start"
    assert plan_of(later(world, "1m"), 7).state == "completed"


def test_an_unplaced_unit_is_cancelled_before_a_placed_one() -> None:
    world = seven("AA").apply(event(cancel_item={"plan": 7, "sku": "A"}))
    assert [item.state for item in plan_of(world, 7).items] == ["planned", "cancelled"]


def test_items_of_a_plan_at_its_end_cannot_be_cancelled() -> None:
    assert refusal(seven(), cancel_item={"plan": 7, "sku": "A"}) == (
        "Plan 7 is completed: its items can no longer be cancelled."
    )


def test_an_item_that_the_plan_does_not_have_is_refused_with_those_it_has() -> None:
    assert refusal(seven("BAB"), cancel_item={"plan": 7, "sku": "C"}) == (
        "Plan 7 has no item C that could be cancelled; its items that could: B, A."
    )


def test_an_item_is_assigned_past_all_rules() -> None:
    sections: dict[str, Any] = {"stock": {"A": {"WH2": 1}}, "planner": {"allow": ["WH1"]}}
    world = seven(**sections).apply(event(assign={"plan": 7, "sku": "A", "location": "WH2"}))
    assert (plan_of(world, 7).state, locations(world, 7), free(world, "A", "WH2")) == ("completed", ["WH2"], 0)


def test_an_assignment_leaves_a_plan_pending_that_has_other_waiting_items() -> None:
    world = seven("BB").apply(event(restock={"sku": "B", "location": "WH2", "count": 1}))
    plan = plan_of(world.apply(event(assign={"plan": 7, "sku": "B", "location": "WH2"})), 7)
    assert (plan.state, [item.location for item in plan.items]) == ("pending", ["WH2", None])


def test_an_item_is_not_assigned_where_no_unit_is_free() -> None:
    assert refusal(seven("B"), assign={"plan": 7, "sku": "B", "location": "WH2"}) == (
        "WH2 has no unit of B free for plan 7; restock it first."
    )


def test_an_item_of_a_plan_with_private_stock_is_placed_by_hand_rather_than_restocked() -> None:
    world = opened(plans=[{"id": 5, "state": "pending"}])
    sku = plan_of(world, 5).unplaced[0].sku
    assert refusal(world, assign={"plan": 5, "sku": sku, "location": "WH001"}) == (
        f"WH001 has no unit of {sku} free for plan 5, whose stock is its own; plan-complete places it by hand."
    )
    assert plan_of(world.apply(event(command={"plan": 5, "run": "plan-complete"})), 5).state == "completed"


def test_only_items_of_a_pending_plan_are_assigned() -> None:
    assert refusal(seven("A", at="0s"), assign={"plan": 7, "sku": "A", "location": "WH1"}) == (
        "Plan 7 is start: only the items of a pending plan are given by hand."
    )


def test_a_placed_item_is_not_assigned_again() -> None:
    assert "no item A that could be assigned; its items that could: B." in refusal(
        seven("AB"), assign={"plan": 7, "sku": "A", "location": "WH2"}
    )


# What comes back: {replan} x {completed, pending} x {refuse, not_found} x {basic, advanced}


def placed(replan: str, how: str = "advanced", skus: str = "AC", **more: Any) -> World:
    planner = {"replan": replan, "not_found": how}
    return seven(skus, **{"planner": planner, **more})


def test_a_refused_package_is_planned_again_in_a_new_plan() -> None:
    world = placed("new").apply(event(refuse={"plan": 7, "location": "WH1"}))
    assert [item.state for item in plan_of(world, 7).items] == ["refused", "refused"]
    new = plan_of(world, 1001)
    assert (new.state, [item.sku for item in new.items], new.created) == ("start", ["A", "C"], world.now)
    assert order_of(world, 7).plans == (7, 1001)


def test_a_new_plan_avoids_the_location_that_refused() -> None:
    world = later(placed("new").apply(event(refuse={"plan": 7, "location": "WH1"})), "4h")
    assert locations(world, 1001) == [None, None]


def test_a_new_plan_takes_what_other_locations_have() -> None:
    stock = {"A": {"WH1": 1, "WH2": 1}, "C": {"WH1": 1, "WH2": 1}}
    world = later(placed("new", stock=stock).apply(event(refuse={"plan": 7, "location": "WH1"})), "2m")
    assert (plan_of(world, 1001).state, locations(world, 1001)) == ("completed", ["WH2", "WH2"])


def test_a_plan_that_was_refused_stays_completed_where_a_new_one_is_made() -> None:
    world = placed("new").apply(event(refuse={"plan": 7, "location": "WH1"}))
    assert plan_of(world, 7).state == "completed"


def test_a_plan_that_was_pending_waits_on_where_a_new_one_is_made() -> None:
    world = placed("new", skus="AB").apply(event(refuse={"plan": 7, "location": "WH1"}))
    assert (plan_of(world, 7).state, [item.sku for item in plan_of(world, 1001).items]) == ("pending", ["A"])


def test_a_plan_that_waits_on_avoids_the_location_that_refused_too() -> None:
    world = placed("new", skus="AB").apply(event(refuse={"plan": 7, "location": "WH1"}))
    world = world.apply(event(restock={"sku": "B", "location": "WH1", "count": 1}))
    assert items(later(world, "30m"), 7)["B"].location is None
    world = happened(world, "40m", restock={"sku": "B", "location": "WH2", "count": 1})
    assert items(later(world, "1h"), 7)["B"].location == "WH2"


def test_a_refused_plan_is_reopened_with_its_items_waiting() -> None:
    world = placed("reopen").apply(event(refuse={"plan": 7, "location": "WH1"}))
    plan = plan_of(world, 7)
    assert (plan.state, [item.state for item in plan.items]) == ("pending", ["waiting"] * 2)
    assert plan.avoid == {"WH1"}
    assert 1001 not in world


def test_a_reopened_plan_is_retried_elsewhere() -> None:
    stock = {"A": {"WH1": 1, "WH2": 1}, "C": {"WH1": 1}}
    world = later(placed("reopen", stock=stock).apply(event(refuse={"plan": 7, "location": "WH1"})), "30m")
    assert locations(world, 7) == ["WH2", None]


@pytest.mark.parametrize("replan", ["new", "reopen"])
@pytest.mark.parametrize("skus", ["AC", "ABC"], ids=["completed", "pending"])
def test_a_refused_package_is_free_again_and_gives_its_quota_back(replan: str, skus: str) -> None:
    world = placed(replan, skus=skus, locations={"WH1": {"max_quota": 5}, "WH2": {}})
    world = world.apply(event(refuse={"plan": 7, "location": "WH1"}))
    assert (free(world, "A", "WH1"), free(world, "C", "WH1"), world.contents.location("WH1").quota) == (1, 1, 0)


@pytest.mark.parametrize("replan", ["new", "reopen"])
@pytest.mark.parametrize("skus", ["AC", "ABC"], ids=["completed", "pending"])
def test_a_missing_unit_leaves_the_count(replan: str, skus: str) -> None:
    world = placed(replan, skus=skus).apply(event(not_found={"plan": 7, "sku": "A"}))
    figures = world.contents.stock["A", "WH1"]
    assert (figures.count, figures.reserved) == (0, 0)


def test_advanced_only_the_missing_item_is_planned_again() -> None:
    world = placed("new").apply(event(not_found={"plan": 7, "sku": "A"}))
    assert [item.state for item in plan_of(world, 7).items] == ["not_found", "planned"]
    assert [item.sku for item in plan_of(world, 1001).items] == ["A"]


def test_basic_the_whole_package_is_planned_again() -> None:
    world = placed("new", "basic").apply(event(not_found={"plan": 7, "sku": "A"}))
    assert [item.state for item in plan_of(world, 7).items] == ["not_found", "refused"]
    assert [item.sku for item in plan_of(world, 1001).items] == ["A", "C"]
    assert free(world, "C", "WH1") == 1


def test_advanced_a_reopened_plan_keeps_its_other_items() -> None:
    world = placed("reopen").apply(event(not_found={"plan": 7, "sku": "A"}))
    assert [item.state for item in plan_of(world, 7).items] == ["waiting", "planned"]


def test_basic_a_reopened_plan_waits_for_its_whole_package() -> None:
    world = placed("reopen", "basic").apply(event(not_found={"plan": 7, "sku": "A"}))
    assert [item.state for item in plan_of(world, 7).items] == ["waiting", "waiting"]


def test_a_package_is_what_one_location_packs() -> None:
    world = placed("new", "basic", stock={"A": {"WH1": 1}, "C": {"WH2": 1}})
    after = world.apply(event(not_found={"plan": 7, "sku": "A"}))
    assert [item.state for item in plan_of(after, 7).items] == ["not_found", "planned"]


def test_a_missing_unit_of_a_transfer_is_missing_at_its_source() -> None:
    planner = {"transfer": True}
    world = seven("AC", stock={"A": {"WH1": 1}, "C": {"WH2": 1}}, planner=planner)
    after = world.apply(event(not_found={"plan": 7, "sku": "C"}))
    assert (after.contents.stock["C", "WH2"].count, after.contents.stock["C", "WH1"].count) == (0, 0)


@pytest.mark.parametrize("replan", ["new", "reopen"])
@pytest.mark.parametrize("state", ["completed", "pending"])
@pytest.mark.parametrize("backlog", [False, True], ids=["told", "backlog"])
def test_a_package_of_a_plan_with_private_stock_comes_back_to_it(replan: str, state: str, backlog: bool) -> None:
    told: dict[str, Any] = {"plans": [{"id": 5, "state": state}]}
    made: dict[str, Any] = {"plans": [], "backlog": {"count": 200, "states": {state: 1}}}
    world = opened(
        locations={"WH1": {}}, stock={"A": {"WH1": 9}}, planner={"replan": replan}, **(made if backlog else told)
    )
    plans = (plan_of(world, plan_id) for plan_id in (range(1, 201) if backlog else [5]))
    plan = next((one for one in plans if any(item.location for item in one.items)), None)
    if plan is None:
        pytest.skip("this told plan has one item, which waits")
    after = world.apply(event(refuse={"plan": plan.id, "location": "WH1"}))
    before, shelf = (order_of(one, plan.id).own_stock or {} for one in (world, after))
    assert sum(one.reserved for one in shelf.values()) < sum(one.reserved for one in before.values())
    assert after.contents.stock == world.contents.stock


def test_the_plans_of_one_order_share_its_private_stock() -> None:
    world = opened(locations={"WH1": {}, "WH2": {}}, plans=[{"id": 5, "state": "completed"}])
    (sku, code), *_ = [(item.sku, item.location) for item in plan_of(world, 5).items]
    refused = world.apply(event(refuse={"plan": 5, "location": code}))
    moved = later(refused, "1m")
    assert plan_of(moved, 1001).state == "completed"
    other = items(moved, 1001)[sku].location
    before, after = (
        [(order_of(one, 5).own_stock or {})[sku, str(at)].reserved for at in (code, other)] for one in (world, moved)
    )
    assert after == [before[0] - 1, before[1] + 1]


def test_the_order_shows_an_item_where_it_was_placed_last() -> None:
    """The old plan moves on after its items were given back; it has no more say in what became of them."""
    stock: dict[str, Any] = {"A": {"WH1": 1, "WH2": 1}, "B": {}}
    world = seven("AB", stock=stock).apply(event(refuse={"plan": 7, "location": "WH1"}))
    world = happened(world, "20m", restock={"sku": "B", "location": "WH2", "count": 1})
    done = later(world, "30m")
    assert [plan_of(done, plan_id).state for plan_id in (7, 1001)] == ["completed", "completed"]
    assert [item.state for item in order_of(done, 7).items] == ["planned", "planned"]


def test_an_item_that_came_back_waits_in_its_order() -> None:
    world = placed("new").apply(event(refuse={"plan": 7, "location": "WH1"}))
    assert [item.state for item in order_of(world, 7).items] == ["waiting", "waiting"]


def test_nothing_is_refused_where_the_plan_has_nothing() -> None:
    assert refusal(seven(), refuse={"plan": 7, "location": "WH2"}) == (
        "Plan 7 has no item at WH2: there is nothing to refuse."
    )


def test_an_unplaced_item_cannot_be_missing() -> None:
    assert refusal(seven("B"), not_found={"plan": 7, "sku": "B"}) == (
        "Plan 7 has no item B that could be missing at a location; its items that could: none."
    )


# Names


@pytest.mark.parametrize(
    "written",
    [
        {"confirm": 8},
        {"command": {"plan": 8, "run": "plan-cancel"}},
        {"cancel_item": {"plan": 8, "sku": "A"}},
        {"assign": {"plan": 8, "sku": "A", "location": "WH1"}},
        {"refuse": {"plan": 8, "location": "WH1"}},
        {"not_found": {"plan": 8, "sku": "A"}},
    ],
    ids=lambda written: next(iter(written)),
)
def test_an_unknown_plan_is_refused_with_those_there_are(written: dict[str, Any]) -> None:
    assert refusal(seven(), **written) == "There is no plan 8 in this world; known: 7."


def test_of_many_plans_those_around_an_unknown_one_are_named() -> None:
    world = opened(plans=[{"state": "start", "count": 50, "id": 100}])
    assert refusal(world, confirm=130000) == (
        "There is no plan 130000 in this world; known: 142, 143, 144, 145, 146, 147, 148, 149."
    )
    assert refusal(world, confirm=99).startswith("There is no plan 99 in this world; known: 100, 101, 102,")


def test_of_a_backlog_its_range_is_named() -> None:
    world = opened(plans=[], backlog={"count": 50})
    assert refusal(world, confirm=60) == "There is no plan 60 in this world. Those of the backlog are 1 to 50."


def test_a_world_without_plans_has_none_to_name() -> None:
    assert refusal(opened(plans=[]), confirm=8) == "There is no plan 8 in this world."


@pytest.mark.parametrize(
    "written",
    [
        {"confirm": 5},
        {"cancel_item": {"plan": 5, "sku": "A"}},
        {"assign": {"plan": 5, "sku": "A", "location": "WH001"}},
        {"refuse": {"plan": 5, "location": "WH001"}},
        {"not_found": {"plan": 5, "sku": "A"}},
    ],
    ids=lambda written: next(iter(written)),
)
def test_a_captured_plan_is_moved_by_commands_only(written: dict[str, Any]) -> None:
    world = opened(plans=[{"raw": {"id": 5, "state": "pending"}}])
    assert refusal(world, **written) == "Plan 5 was captured, not simulated: only commands move it."


def test_a_captured_plan_is_never_attempted() -> None:
    world = opened(plans=[{"raw": {"id": 5, "state": "pending"}}])
    assert world.next_due is None
    assert plan_of(later(world, "5h"), 5) == plan_of(world, 5)


def test_a_refused_event_is_not_counted() -> None:
    world = seven()
    with pytest.raises(IllegalEventError):
        world.apply(event(confirm=7))
    assert world.apply(event(block="WH1")).events == 1
