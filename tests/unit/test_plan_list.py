"""Which plans a filter and a search find, in which order, and how many plans are made for that."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS
from mock_oms.domain.seeded_plans import make
from mock_oms.domain.world import World
from mock_oms.rendering.fake_data.ids import order_number, order_of_number
from mock_oms.worlds.plan_list import NEWEST, found_plans, item_counts, order_number_of
from tests.profiles import examples
from tests.worlds import Tale, after, event, happened, items, later, opened, order_of, plan_of, tales

EACH_STATE = [{"state": state, "count": 20} for state in State]
#: A captured plan, with an order and three rows, two of which have a place.
CAPTURED = {
    "id": 777,
    "state": "pending",
    "order": {"id": 31337, "number": "990011"},
    "orderexecutionplanitem_set": [
        {"order_item": {"id": 1, "product": {"sku": "Cap-1"}}, "stock_location": {"erp_code": "WH9"}},
        {"order_item": {"id": 2, "product": {"sku": "Cap-2"}}, "stock_location": "WH9"},
        {"order_item": 3, "stock_location": None},
    ],
}


def found(world: World, order: str = "-id", *, limit: int = 1000, offset: int = 0, **wanted: Any) -> list[int]:
    return [plan.id for plan, _ in found_plans(world, order, limit=limit, offset=offset, **wanted).plans]


def made_for(world: World, **wanted: Any) -> int:
    """How many plans are made for a list that shows none of them."""
    count = 0

    def note(frame: Any, what: str, _value: object) -> None:
        nonlocal count
        count += what == "call" and frame.f_code is make.__code__

    sys.setprofile(note)
    try:
        found_plans(world, "-id", limit=1, offset=10**6, **wanted)
    finally:
        sys.setprofile(None)
    return count


@examples(10)
@given(tales())
def test_state_and_skus_of_a_plan_are_known_as_they_are_when_it_is_made(tale: Tale) -> None:
    for world in tale.worlds():
        contents = world.contents
        for plan_id in (*contents.backlog, *contents.ids):
            known = contents.state_of(plan_id, world.now), contents.skus_of(plan_id)
            plan = plan_of(world, plan_id)
            assert known == (plan.state, tuple(item.sku for item in plan.items)), plan_id


@pytest.mark.parametrize("at", ["0s", "45s", "2m", "31m"])
def test_so_are_those_of_a_backlog_and_of_seeded_plans_whose_first_attempts_come(at: str) -> None:
    world = later(opened(plans=EACH_STATE, backlog={"count": 60, "states": dict.fromkeys(State, 1)}), at)
    for plan_id in (*world.contents.backlog, *world.contents.ids):
        known = world.contents.state_of(plan_id, world.now), world.contents.skus_of(plan_id)
        plan = plan_of(world, plan_id)
        assert known == (plan.state, tuple(item.sku for item in plan.items)), plan_id


def test_the_state_of_a_plan_of_the_backlog_is_that_of_its_own_world_where_another_began_alike() -> None:
    begun = opened(locations={"WH1": {}}, plans=[], backlog={"count": 40, "states": {"start": 1}})
    blocked = begun.apply(event(block="WH1"))
    for world in (later(begun, "2m"), later(blocked, "2m"), later(begun, "2m")):
        states = [world.contents.state_of(one, world.now) for one in world.contents.backlog]
        assert states == [plan_of(world, one).state for one in world.contents.backlog]
    assert "completed" not in {plan_of(later(blocked, "2m"), one).state for one in begun.contents.backlog}


@pytest.mark.parametrize("order", ["-id", "id", "modified_date", "unstable"])
def test_plans_in_a_state_stand_in_the_order_of_the_list_each_once(order: str) -> None:
    world = opened(plans=EACH_STATE, backlog={"count": 15, "states": {"pending": 1, "completed": 1}})
    whole = [plan.id for plan, _ in found_plans(world, order, limit=1000, offset=0).plans]
    pending = found(world, order, state=State.PENDING)
    if order == "unstable":
        assert sorted(pending) == sorted(one for one in whole if plan_of(world, one).state is State.PENDING)
    else:
        assert pending == [one for one in whole if plan_of(world, one).state is State.PENDING]
    assert found(world, order, state=State.PENDING, limit=3, offset=2) == pending[2:5]


def test_a_part_of_a_sku_in_any_case_finds_the_plans_that_have_it() -> None:
    stock: dict[str, Any] = {"TST-RED-M": {}, "TST-BLUE-L": {}}
    orders = [{"id": 7, "items": ["TST-RED-M", "TST-BLUE-L"]}, {"id": 8, "items": ["TST-BLUE-L"]}]
    world = opened(stock=stock, plans=[*orders, *EACH_STATE, {"raw": CAPTURED}])
    assert found(world, search="red-m") == [7]
    assert found(world, search="TST-B") == [8, 7]
    assert found(world, search="cAP-2") == [777]
    assert found(world, search="no such") == []
    sku = plan_of(world, 1025).items[0].sku
    assert found(world, search=sku.lower()) == [
        one for one in found(world) if sku in {item.sku for item in plan_of(world, one).items}
    ]
    assert found(world, search="tst", state=State.COMPLETED) == []


def test_digits_that_number_nothing_are_a_part_of_a_sku() -> None:
    world = opened(
        locations={"WH001": {}}, stock={"TST-40233-S": {"WH001": 1}}, plans=[{"id": 7, "items": ["TST-40233-S"]}]
    )
    assert found(world, search="40233") == [7]


def test_digits_find_a_plan_by_its_id_and_the_plans_of_an_order_by_its_id_and_its_number() -> None:
    stock = {"A": {"WH001": 9}}
    world = later(opened(stock=stock, plans=[{"id": 7, "items": ["A"]}, {"id": 77, "items": ["A"]}]), "1m")
    world = happened(world, "2m", refuse={"plan": 7, "location": "WH001"})
    (second,) = {*order_of(world, 7).plans} - {7}
    number = order_number_of(world, *world.contents.found(second, world.now))
    assert found(world, search="7") == [7]
    assert found(world, search=str(7 + ORDER_IDS)) == [second, 7] == found(world, search=number)
    assert found(world, search=str(second + ORDER_IDS)) == [] == found(world, search="8")
    assert found(world, search="7", state=State.PENDING) == []
    assert found(world, search="9" * 200) == []


def test_a_captured_plan_is_found_by_the_order_that_its_json_names() -> None:
    world = opened(plans=[{"raw": CAPTURED}, {"raw": {"id": 778, "state": "pending", "order": 31338}}])
    for digits, ids in (("990011", [777]), ("31337", [777]), ("31338", [778]), ("777", [777])):
        assert found(world, search=digits) == ids, digits
    assert found(world, search=order_number(777 + ORDER_IDS, world.setup.seed)) == []


@examples(30)
@given(st.integers(0, 10**12 - 1), st.integers(0, 2**63 - 1))
def test_an_order_is_known_again_by_its_number(own: int, seed: int) -> None:
    assert order_of_number(order_number(own, seed), seed) == own


@pytest.mark.parametrize("number", ["", "1", "2000000000000", "10000000000000", "1 0000000000", "x" * 13])
def test_what_is_no_number_of_an_order_names_none(number: str) -> None:
    assert order_of_number(number, 7) is None


def test_a_search_makes_no_seeded_plan_but_those_that_it_shows() -> None:
    world = later(opened(plans=EACH_STATE), "31m")
    assert made_for(world, state=State.COMPLETED) == 0
    assert made_for(world, search="mck-1") == 0
    assert made_for(world, search="1065") == 0
    assert made_for(world, search=str(1065 + ORDER_IDS)) == 1
    assert made_for(world, search=order_number(1066 + ORDER_IDS, world.setup.seed)) == 1


def test_of_a_large_backlog_the_newest_are_looked_at_and_what_something_happened_to() -> None:
    count = 1_000_000
    world = opened(plans=[{"state": "pending", "count": 3}], backlog={"count": count})
    assert made_for(world, state=State.PENDING) == made_for(world, search="mck-1") == 0
    page = found_plans(world, "-id", state=State.COMPLETED, limit=1, offset=0)
    assert page.looked_at == NEWEST + 3
    assert found_plans(world, "-id", limit=1, offset=0).looked_at == count + 3
    old = next(one for one in range(1, 100) if plan_of(world, one).state is State.COMPLETED)
    touched = world.apply(event(refuse={"plan": old, "location": plan_of(world, old).items[0].location}))
    found_in_it = found_plans(touched, "id", state=State.COMPLETED, limit=1, offset=0)
    assert [plan.id for plan, _ in found_in_it.plans] == [old]
    assert found_in_it.looked_at == NEWEST + 5  # it, and the plan that its item went to


def test_plans_of_a_backlog_that_were_tried_since_the_start_are_made_once_for_a_filter() -> None:
    world = later(opened(plans=[], backlog={"count": 200, "states": {"start": 1}}), "1m")
    assert 0 < made_for(world, state=State.COMPLETED) < 200
    assert made_for(later(world, "1h"), state=State.PENDING) == 0


def test_a_line_says_how_many_items_count_and_how_many_of_them_have_a_place() -> None:
    world = later(opened(stock={"A": {"WH001": 1}}, plans=[{"id": 7, "items": ["A", "A", "A"]}]), "1m")
    assert item_counts(plan_of(world, 7)) == (3, 1)
    cancelled = happened(world, "2m", cancel_item={"plan": 7, "sku": "A"})
    assert item_counts(plan_of(cancelled, 7)) == (2, 1)
    assert item_counts(plan_of(opened(plans=[{"raw": CAPTURED}]), 777)) == (3, 2)


def test_the_number_of_a_captured_order_is_what_its_json_says_or_unknown() -> None:
    world = opened(plans=[{"raw": CAPTURED}, {"raw": {"id": 778, "state": "pending", "order": 31338}}])
    numbers = [order_number_of(world, *world.contents.found(one, world.now)) for one in (777, 778)]
    assert numbers == ["990011", None]


def test_an_item_says_when_it_got_the_place_that_it_has_or_had_last() -> None:
    world = opened(
        stock={"A": {"WH001": 1}, "B": {}}, plans=[{"id": 7, "items": ["A", "B"]}], planner={"replan": "reopen"}
    )
    assert items(world, 7)["A"].placed_at is None
    placed = later(world, "1m")
    assert [items(placed, 7)[sku].placed_at for sku in "AB"] == [after("1m"), None]
    back = happened(placed, "2m", refuse={"plan": 7, "location": "WH001"})
    assert (items(back, 7)["A"].location, items(back, 7)["A"].placed_at) == (None, after("1m"))
    gone = happened(placed, "2m", command={"plan": 7, "run": "plan-cancel"})
    assert items(gone, 7)["A"].placed_at == after("1m")
    by_hand = happened(placed, "5m", command={"plan": 7, "run": "plan-complete"})
    assert [items(by_hand, 7)[sku].placed_at for sku in "AB"] == [after("1m"), after("5m")]


def test_so_do_those_of_seeded_plans() -> None:
    world = opened(plans=EACH_STATE)
    for plan_id in world.contents.ids:
        plan = plan_of(world, plan_id)
        times = {attempt.at for attempt in plan.attempts}
        for item in plan.items:
            assert (item.placed_at in times) if item.location else item.placed_at is None or item.placed_at in times
