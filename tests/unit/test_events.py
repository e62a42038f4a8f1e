import re
from typing import Any

import pytest
import yaml

from mock_oms.domain.errors import IllegalEventError, WorldError
from mock_oms.domain.world import World
from mock_oms.rendering.orders import order_value
from tests.worlds import event, free, happened, items, later, locations, opened, order_of, plan_of

TWO: dict[str, Any] = {"locations": {"WH1": {"priority": 10}, "WH2": {"priority": 20}}}
LIMITED: dict[str, Any] = {"locations": {"WH1": {"max_quota": 5}, "WH2": {}}}
TRANSFER: dict[str, Any] = {"stock": {"A": {"WH1": 1}, "C": {"WH2": 1}}, "planner": {"transfer": True}}
BOTH: dict[str, Any] = {"A": {"WH1": 1, "WH2": 1}, "B": {}, "C": {"WH1": 1, "WH2": 1}}
WHERE_A_SKU_STANDS = "A SKU must stand in the scenario's `stock` or, without that section, in one of its plans."
CANCEL = {"plan": 7, "run": "plan-cancel"}
COMPLETE = {"plan": 7, "run": "plan-complete"}
REFUSE = {"plan": 7, "location": "WH1"}
NOT_FOUND = {"plan": 7, "sku": "A"}
EVENTS = {"refuse": REFUSE, "not_found": NOT_FOUND}
HELD = {"items": ["C"], "hold": True}
HIGHEST = 2**31 - 1
NO_FURTHER = f"The highest id of a plan, {HIGHEST}, is taken: no further plan gets an id by itself."
REPLANS = pytest.mark.parametrize("replan", ["new", "reopen"])


def seven(skus: str = "A", at: str = "1m", **sections: Any) -> World:
    given = {"stock": {"A": {"WH1": 1}, "B": {}, "C": {"WH1": 1}}, **TWO, **sections}
    return later(opened(**given, plans=[{"id": 7, "items": list(skus)}]), at)


def did(world: World, **written: Any) -> World:
    for word, given in written.items():
        world = world.apply(event(**{word: given}))
    return world


def refusal(world: World, **written: Any) -> str:
    with pytest.raises(WorldError) as refused:
        world.apply(event(**written))
    return str(refused.value)


def of(sku: str, location: str, count: int | None = 1) -> dict[str, Any]:
    return {"sku": sku, "location": location, "count": count}


def shown(world: World, plan_id: int = 7) -> str:
    """A plan in one line, such as `pending: A planned WH1, B out_of_stock`."""
    plan = plan_of(world, plan_id)
    rows = (" ".join(filter(None, (item.sku, item.state, item.location))) for item in plan.items)
    return f"{plan.state}: {', '.join(rows)}"


def figures(world: World, sku: str, code: str) -> tuple[int, int]:
    one = world.contents.stock[sku, code]
    return one.count, one.reserved


def test_a_restock_adds_units_also_of_a_sku_that_the_location_never_had_and_a_sale_takes_them() -> None:
    world = did(seven(at="0s"), restock=of("B", "WH2", 4), sell=of("A", "WH1"))
    assert (figures(world, "B", "WH2"), figures(world, "A", "WH1")) == ((4, 0), (0, 0))


def test_a_blocked_location_gets_nothing_until_it_is_opened_and_keeps_what_is_placed_there() -> None:
    world = did(seven(at="0s"), block="WH1")
    assert locations(later(world, "30m"), 7) == [None]
    assert locations(later(happened(world, "40m", open="WH1"), "1h"), 7) == ["WH1"]
    assert locations(did(seven(), block="WH1"), 7) == ["WH1"]


@pytest.mark.parametrize(
    ("given", "after", "available"),
    [
        ({"quota": 1}, (1, 4), 3),
        ({"max_quota": 9}, (3, 9), 6),
        ({"max_quota": None}, (3, None), None),
        ({"quota": 5, "max_quota": 2}, (5, 2), -3),
    ],
)
def test_a_quota_keeps_what_is_left_out(given: dict[str, Any], after: tuple[int, Any], available: int | None) -> None:
    world = did(seven(locations={"WH1": {"quota": 3, "max_quota": 4}}, at="0s"), quota={"location": "WH1", **given})
    one = world.contents.location("WH1")
    assert (one.quota, one.max_quota, one.available_quota) == (*after, available)


def test_a_quota_that_was_set_lower_than_the_packages_there_does_not_fall_below_zero() -> None:
    world = did(seven("AB"), quota={"location": "WH1", "quota": 0, "max_quota": 5}, command=CANCEL)
    assert world.contents.location("WH1").quota == 0


def test_while_the_stock_service_is_down_attempts_see_and_place_nothing_and_then_the_next_retry_does() -> None:
    world = later(did(seven(at="0s"), stock_service="down"), "30m")
    assert [attempt.seen for attempt in plan_of(world, 7).attempts] == [(), ()]
    assert locations(world, 7) == [None]
    assert locations(later(happened(world, "31m", stock_service="up"), "1h"), 7) == ["WH1"]


def test_an_order_gets_the_next_id_and_is_planned_a_minute_later() -> None:
    world = did(happened(seven(), "5m", order={"items": ["C"]}), order={"items": []})
    assert shown(world, 1001) == "start: C waiting"
    planned = later(world, "6m")
    assert [shown(planned, plan_id) for plan_id in (1001, 1002)] == ["completed: C planned WH1", "completed: "]


def test_an_order_may_name_its_id_and_the_next_id_follows_the_highest() -> None:
    world = did(seven(), order={"items": ["C"], "id": 4000})
    assert 4000 in world
    assert 4001 in did(world, order={"items": ["C"]})
    highest = did(seven(), order={"items": ["A"], "id": HIGHEST})
    assert 8 in did(highest, order={"items": ["A"], "id": 8})


def test_an_order_says_what_it_is_and_is_from_some_city_of_the_locale() -> None:
    given = {"city": "Ankara", "channel": "mobile", "payment_type": "cash", "delivery_type": "same_day"}
    world = did(seven(), order={"items": ["C"], **given})
    assert {key: getattr(order_of(world, 1001), key) for key in given} == given
    assert order_of(did(world, order={"items": ["C"]}), 1002).city in world.setup.cities


@pytest.mark.parametrize(("said", "paid"), [
    ({}, "credit_card"), ({"channel": "mobile"}, "credit_card"), ({"channel": "marketplace"}, "marketplace"),
    ({"channel": "marketplace", "payment_type": "credit_card"}, "credit_card"),
])  # fmt: skip
def test_an_order_is_paid_as_it_says_else_by_card_or_by_its_marketplace(said: dict[str, str], paid: str) -> None:
    assert order_of(did(seven(), order={"items": ["C"], **said}), 1001).payment_type == paid


def test_a_held_plan_waits_until_it_is_confirmed() -> None:
    world = happened(seven(), "5m", order=HELD)
    confirmed = happened(world, "3h", confirm=1001)
    assert shown(later(world, "3h"), 1001) == "start: C waiting"
    assert shown(later(confirmed, "3h1m"), 1001) == "completed: C planned WH1"
    with pytest.raises(IllegalEventError, match="Plan 1001 is start and not held: there is nothing to confirm"):
        confirmed.apply(event(confirm=1001))
    assert [order_value(order_of(one, 1001)) for one in (world, confirmed)] == ["350", "200"]


def test_a_held_plan_can_be_cancelled_and_then_stays_so() -> None:
    cancelled = did(seven(), order=HELD, command={"plan": 1001, "run": "plan-cancel"})
    assert shown(later(cancelled, "2h"), 1001) == "cancelled: C cancelled"
    assert order_value(order_of(cancelled, 1001)) == "100"


def test_a_cancelled_plan_gives_back_what_it_reserved_and_its_quota() -> None:
    world = seven("AB", **LIMITED)
    after = did(world, command=CANCEL)
    assert shown(after) == "cancelled: A cancelled, B cancelled"
    given = [(free(one, "A", "WH1"), one.contents.location("WH1").quota) for one in (world, after)]
    assert given == [(0, 1), (1, 0)]


def test_a_plan_that_is_cancelled_before_its_first_attempt_is_never_attempted() -> None:
    world = later(did(seven(at="0s"), command=CANCEL), "2h")
    assert (shown(world), plan_of(world, 7).attempts) == ("cancelled: A cancelled", ())


def test_a_reschedule_is_an_attempt_now_with_the_command_as_its_cause() -> None:
    world = happened(seven("B"), "5m", restock=of("B", "WH2"))
    plan = plan_of(happened(world, "6m", command={"plan": 7, "run": "plan-reschedule"}), 7)
    assert (plan.state, len(plan.attempts), plan.history[-1].cause) == ("completed", 2, "event 2: command")


@pytest.mark.parametrize(
    ("skus", "stock", "planner", "places", "after"),
    [
        ("A", {"A": {"WH2": 1}}, {"allow": ["WH1"]}, "WH2", (1, 1)),
        ("A", {"A": {"WH1": 1, "WH2": 5}}, {"allow": []}, "WH1", (1, 1)),
        ("BBB", {"B": {}}, {"default_location": "WH2"}, "WH2 WH2 WH2", (3, 3)),
        ("AA", {"A": {"WH1": 1}}, {"allow": []}, "WH1 WH1", (2, 2)),
        ("A", {"A": {"WH1": {"count": 1, "reserved": 4}}}, {}, "WH1", (2, 5)),
    ],
    ids=["past all rules", "smaller priority", "found at the default", "finds what is missing", "oversold before"],
)
def test_manual_completion_places_units_and_finds_those_that_are_missing(
    skus: str, stock: dict[str, Any], planner: dict[str, Any], places: str, after: tuple[int, int]
) -> None:
    world = did(seven(skus, stock=stock, planner=planner), command=COMPLETE)
    codes = locations(world, 7)
    assert " ".join(map(str, codes)) == places
    assert figures(world, skus[0], str(codes[0])) == after


def test_manual_completion_does_not_use_a_blocked_location() -> None:
    world = did(seven(stock=BOTH, planner={"allow": []}), block="WH1", command=COMPLETE)
    assert shown(world) == "completed: A planned WH2"


@pytest.mark.parametrize(
    "case",
    [
        "AB 1m B 1m completed: A planned WH1, B cancelled",
        "AB 1m A 1m pending: A cancelled, B out_of_stock",
        "AA 1m A 1m completed: A planned WH1, A cancelled",
        "B  0s B 2h cancelled: B cancelled",
        "B  1m B 2h cancelled: B cancelled",
        "AB 0s B 0s start: A waiting, B cancelled",
        "AB 0s B 1m completed: A planned WH1, B cancelled",
    ],
)
def test_the_state_of_a_plan_follows_when_an_item_is_cancelled(case: str) -> None:
    skus, at, sku, then, after = case.split(maxsplit=4)
    world = did(seven(skus, at=at), cancel_item={"plan": 7, "sku": sku})
    assert shown(later(world, then)) == after
    assert free(world, "A", "WH1") == 1 - shown(world).count("planned")


def test_an_item_is_assigned_past_all_rules_and_leaves_others_of_its_plan_waiting() -> None:
    world = seven(stock={"A": {"WH2": 1}}, planner={"allow": ["WH1"]})
    world = did(world, assign={"plan": 7, "sku": "A", "location": "WH2"})
    assert (shown(world), figures(world, "A", "WH2")) == ("completed: A planned WH2", (1, 1))
    two = did(seven("BB"), restock=of("B", "WH2"), assign={"plan": 7, "sku": "B", "location": "WH2"})
    assert shown(two) == "pending: B planned WH2, B out_of_stock"


# What comes back: {replan} x {completed, pending} x {refuse, not_found} x {basic, advanced}


@pytest.mark.parametrize(
    "case",
    [
        "new advanced AC refuse / completed: A refused WH1, C refused WH1 / A waiting, C waiting",
        "new advanced AB refuse / pending: A refused WH1, B out_of_stock / A waiting",
        "new advanced AC not_found / completed: A not_found WH1, C planned WH1 / A waiting",
        "new basic AC not_found / completed: A not_found WH1, C refused WH1 / A waiting, C waiting",
        "reopen advanced AC refuse / pending: A waiting, C waiting",
        "reopen advanced AC not_found / pending: A waiting, C planned WH1",
        "reopen basic AC not_found / pending: A waiting, C waiting",
    ],
)
def test_what_comes_back_is_planned_again_as_the_planner_says(case: str) -> None:
    given, old, *new = case.split(" / ")
    replan, how, skus, word = given.split()
    world = did(seven(skus, planner={"replan": replan, "not_found": how}), **{word: EVENTS[word]})
    assert shown(world) == old
    assert plan_of(world, 7).avoid == {"WH1"}
    plans = (7, 1001) if new else (7,)
    assert (order_of(world, 7).plans, world.contents.ids) == (plans, plans)
    if new:
        assert shown(world, 1001) == f"start: {new[0]}"
        assert (plan_of(world, 1001).created, plan_of(world, 1001).avoid) == (world.now, frozenset({"WH1"}))
    back = (item for item in items(world, 1001 if new else 7).values() if item.state == "waiting")
    states = {item.order_item: item.state for item in back}
    assert all(row.state == states.get(row.id, row.state) for row in order_of(world, 7).items)


@REPLANS
@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_comes_back_is_placed_elsewhere_or_not_at_all(replan: str, elsewhere: bool) -> None:
    sections: dict[str, Any] = {"stock": BOTH} if elsewhere else {}
    world = later(did(seven("AC", planner={"replan": replan}, **sections), refuse=REFUSE), "4h")
    assert locations(world, 1001 if replan == "new" else 7) == (["WH2", "WH2"] if elsewhere else [None, None])


def test_a_plan_that_waits_on_avoids_the_location_that_refused_too() -> None:
    world = did(seven("AB"), refuse=REFUSE, restock=of("B", "WH1"))
    assert items(later(world, "30m"), 7)["B"].location is None
    world = happened(world, "40m", restock=of("B", "WH2"))
    assert items(later(world, "1h"), 7)["B"].location == "WH2"


@REPLANS
@pytest.mark.parametrize("skus", ["AC", "ABC"], ids=["completed", "pending"])
def test_a_refused_package_is_free_again_and_a_missing_unit_leaves_the_count(replan: str, skus: str) -> None:
    world = seven(skus, planner={"replan": replan}, **LIMITED)
    refused, missing = did(world, refuse=REFUSE), did(world, not_found=NOT_FOUND)
    assert (free(refused, "A", "WH1"), free(refused, "C", "WH1"), refused.contents.location("WH1").quota) == (1, 1, 0)
    assert (figures(missing, "A", "WH1"), figures(missing, "C", "WH1")) == ((0, 0), (1, 1))


def test_a_package_is_what_one_location_packs() -> None:
    world = seven("AC", planner={"not_found": "basic"}, stock={"A": {"WH1": 1}, "C": {"WH2": 1}})
    assert shown(did(world, not_found=NOT_FOUND)) == "completed: A not_found WH1, C planned WH2"


def test_a_missing_unit_of_a_transfer_is_missing_at_its_source() -> None:
    world = did(seven("AC", **TRANSFER), not_found={"plan": 7, "sku": "C"})
    assert (figures(world, "C", "WH2"), figures(world, "C", "WH1")) == ((0, 0), (0, 0))


@REPLANS
@pytest.mark.parametrize("state", ["completed", "pending"])
@pytest.mark.parametrize("backlog", [False, True], ids=["seeded", "backlog"])
def test_a_package_of_a_plan_with_private_stock_comes_back_to_it(replan: str, state: str, backlog: bool) -> None:
    made: dict[str, Any] = {"plans": [], "backlog": {"count": 20, "states": {state: 1}}}
    sections = made if backlog else {"plans": [{"id": 1, "state": state, "count": 20}]}
    world = opened(locations={"WH1": {}}, stock={"A": {"WH1": 9}}, planner={"replan": replan}, **sections)
    plan_id = next(number for number in range(1, 21) if any(locations(world, number)))
    after = did(world, refuse={"plan": plan_id, "location": "WH1"})
    stocks = ((order_of(each, plan_id).own_stock or {}).values() for each in (after, world))
    now, before = (sum(one.reserved for one in stock) for stock in stocks)
    assert now < before
    assert after.contents.stock == world.contents.stock


def test_the_plans_of_one_order_share_its_private_stock() -> None:
    world = opened(locations={"WH1": {}, "WH2": {}}, plans=[{"id": 5, "state": "completed"}])
    (sku, code), *_ = [(item.sku, item.location) for item in plan_of(world, 5).items]
    moved = later(did(world, refuse={"plan": 5, "location": code}), "1m")
    assert plan_of(moved, 1001).state == "completed"
    other = items(moved, 1001)[sku].location
    before, after = (
        [(order_of(one, 5).own_stock or {})[sku, str(at)].reserved for at in (code, other)] for one in (world, moved)
    )
    assert after == [before[0] - 1, before[1] + 1]


def test_the_order_shows_an_item_where_it_was_placed_last() -> None:
    # The old plan moves on after its items were given back; it has no more say in what became of them.
    world = did(seven("AB", stock=BOTH), refuse=REFUSE)
    done = later(happened(world, "20m", restock=of("B", "WH2")), "30m")
    assert [plan_of(done, plan_id).state for plan_id in (7, 1001)] == ["completed", "completed"]
    assert [item.state for item in order_of(done, 7).items] == ["planned", "planned"]


REFUSED = f"""
A 1m sell: {{sku: A, location: WH1, count: 1}}
    WH1 has 0 of A free: 1 cannot be sold.
A 1m quota: {{location: WH1}}
    The event says nothing of the quota of WH1; give `quota`, `max_quota` (null: no limit) or both.
A 1m order: {{items: [C], id: 7}}
    Plan 7 exists already; the next free id is 1001.
A 0s confirm: 7
    Plan 7 is start and not held: there is nothing to confirm.
A 1m confirm: 7
    Plan 7 is completed and not held: there is nothing to confirm.
A 1m cancel_item: {{plan: 7, sku: A}}
    Plan 7 is completed: its items can no longer be cancelled.
BAB 1m cancel_item: {{plan: 7, sku: C}}
    Plan 7 has no item C that could be cancelled; its items that could: B, A.
B 1m assign: {{plan: 7, sku: B, location: WH2}}
    WH2 has no unit of B free for plan 7; restock it first.
A 0s assign: {{plan: 7, sku: A, location: WH1}}
    Plan 7 is start: only the items of a pending plan are given by hand. Not before the first attempt: advance the clock by 60s first.
AB 1m assign: {{plan: 7, sku: A, location: WH2}}
    Plan 7 has no item A that could be assigned; its items that could: B.
A 1m refuse: {{plan: 7, location: WH2}}
    Plan 7 has no item at WH2: there is nothing to refuse.
B 1m not_found: {{plan: 7, sku: B}}
    Plan 7 has no item B that could be missing at a location; its items that could: none.
A 1m order: {{items: [A, Z]}}
    There is no SKU Z in this world; known: A, B, C. {WHERE_A_SKU_STANDS}
"""


@pytest.mark.parametrize(("skus", "at", "written", "says"), re.findall(r"(\w+) (\w+) (.+)\n    (.+)\n", REFUSED))
def test_what_contradicts_the_world_is_refused_with_the_reason(skus: str, at: str, written: str, says: str) -> None:
    assert refusal(seven(skus, at), **yaml.safe_load(written)) == says


def test_nothing_can_be_sold_where_more_is_reserved_than_there_is() -> None:
    world = seven(at="0s", stock={"A": {"WH1": {"count": 1, "reserved": 5}}})
    assert refusal(world, sell=of("A", "WH1")).startswith("WH1 has 0 of A free")


def test_an_item_of_a_plan_with_private_stock_is_placed_by_hand_rather_than_restocked() -> None:
    world = opened(plans=[{"id": 5, "state": "pending"}])
    sku = plan_of(world, 5).unplaced[0].sku
    assert refusal(world, assign={"plan": 5, "sku": sku, "location": "WH001"}) == (
        f"WH001 has no unit of {sku} free for plan 5, whose stock is its own; plan-complete places it by hand."
    )
    assert plan_of(did(world, command={"plan": 5, "run": "plan-complete"}), 5).state == "completed"


def test_after_the_highest_id_no_plan_gets_an_id_by_itself() -> None:
    world = did(seven(), order={"items": ["C"], "id": HIGHEST})
    assert refusal(world, order={"items": ["A"]}) == f"{NO_FURTHER} An order may name one that is free."
    assert refusal(world, order={"items": ["A"], "id": 7}) == "Plan 7 exists already; choose another id."
    assert refusal(world, refuse=REFUSE).startswith(NO_FURTHER)
    assert refusal(world, not_found=NOT_FOUND).startswith(NO_FURTHER)


def test_an_id_of_the_backlog_is_taken() -> None:
    world = opened(plans=[], stock={"A": {}}, backlog={"count": 5})
    assert refusal(world, order={"items": ["A"], "id": 3}) == "Plan 3 exists already; the next free id is 1001."


@pytest.mark.parametrize(
    "written",
    [
        *({word: of("A", "WH9")} for word in ("restock", "sell")),
        *(
            {"block": "WH9"},
            {"open": "WH9"},
            {"quota": {"location": "WH9"}},
            {"refuse": {"plan": 7, "location": "WH9"}},
        ),
        {"assign": {"plan": 7, "sku": "B", "location": "WH9"}},
    ],
    ids=str,
)
def test_an_unknown_location_is_refused_with_the_nearest(written: dict[str, Any]) -> None:
    says = r"There is no location WH9 in this world; the nearest is WH[12]\."
    assert re.fullmatch(says, refusal(seven("AB"), **written))


@pytest.mark.parametrize("word", ["restock", "sell"])
def test_an_unknown_sku_is_refused_with_the_nearest_or_some_of_many(word: str) -> None:
    world = seven(at="0s", stock={"TST-001": {}, "A": {}})
    assert refusal(world, **{word: of("TST-01", "WH1")}) == (
        f"There is no SKU TST-01 in this world; the nearest is TST-001. {WHERE_A_SKU_STANDS}"
    )
    many = opened(plans=[], stock={f"SKU-{number}": {} for number in range(9)})
    assert "SKU-6, SKU-7, …. " in refusal(many, order={"items": ["?"]})


@pytest.mark.parametrize(
    "written",
    [
        *({"confirm": 5}, {"command": {"plan": 5, "run": "plan-cancel"}}, {"refuse": {"plan": 5, "location": "WH1"}}),
        *({word: {"plan": 5, "sku": "A"}} for word in ("cancel_item", "not_found")),
        {"assign": {"plan": 5, "sku": "A", "location": "WH1"}},
    ],
    ids=str,
)
def test_an_unknown_plan_is_refused_and_a_captured_one_is_moved_by_commands_only(written: dict[str, Any]) -> None:
    assert refusal(seven(), **written) == "There is no plan 5 in this world; known: 7."
    if "command" not in written:
        world = opened(plans=[{"raw": {"id": 5, "state": "pending"}}], locations={"WH1": {}})
        assert refusal(world, **written) == "Plan 5 was captured, not simulated: only commands move it."


def test_of_many_plans_those_around_an_unknown_one_are_named_and_of_a_backlog_its_range() -> None:
    world = opened(plans=[{"state": "start", "count": 50, "id": 100}])
    assert refusal(world, confirm=130000) == (
        "There is no plan 130000 in this world; known: 142, 143, 144, 145, 146, 147, 148, 149."
    )
    assert refusal(world, confirm=99).startswith("There is no plan 99 in this world; known: 100, 101, 102,")
    backlog = opened(plans=[], backlog={"count": 50})
    assert refusal(backlog, confirm=60) == "There is no plan 60 in this world. Those of the backlog are 1 to 50."
    assert refusal(opened(plans=[]), confirm=8) == "There is no plan 8 in this world."


def test_a_captured_plan_is_never_attempted() -> None:
    world = opened(plans=[{"raw": {"id": 5, "state": "pending"}}])
    assert (world.next_due, plan_of(later(world, "5h"), 5)) == (None, plan_of(world, 5))


def test_a_refused_event_is_not_counted() -> None:
    world = seven()
    assert refusal(world, confirm=7)
    assert did(world, block="WH1").events == 1
