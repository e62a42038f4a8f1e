"""What the state of an order looks like from outside, read off its items."""

from datetime import UTC, datetime

import pytest

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ItemState, Order, OrderItem
from mock_oms.rendering.encoding import instant
from mock_oms.rendering.orders import ITEM_VALUES, ORDER, ORDER_ITEM, PLAN, order_value

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)


def an_order(*states: ItemState, held: bool = False) -> Order:
    items = tuple(OrderItem(id=place, sku="X", state=state) for place, state in enumerate(states, start=1))
    return Order(id=1, created=NOW, modified=NOW, city="Rize", items=items, plans=(1,), held=held)


@pytest.mark.parametrize(
    ("states", "value"),
    [
        (["cancelled", "cancelled"], "100"),
        (["waiting", "waiting"], "200"),
        (["waiting", "cancelled"], "200"),
        ([], "200"),
        (["planned"], "450"),
        (["planned", "cancelled"], "450"),
        (["planned", "out_of_stock"], "400"),
        (["planned", "waiting"], "400"),
        (["refused"], "400"),
        (["not_found", "planned"], "400"),
    ],
    ids=str,
)
def test_an_order_is_as_far_as_its_items_say(states: list[str], value: str) -> None:
    assert order_value(an_order(*map(ItemState, states))) == value


@pytest.mark.parametrize(("state", "value"), [("waiting", "350"), ("planned", "350"), ("cancelled", "100")])
def test_a_held_order_waits_for_confirmation_unless_it_is_cancelled(state: str, value: str) -> None:
    assert order_value(an_order(ItemState(state), held=True)) == value


def test_every_item_state_and_plan_state_has_a_state_object() -> None:
    assert set(ITEM_VALUES) == set(ItemState)
    assert set(ITEM_VALUES.values()) <= set(ORDER_ITEM.objects(instant))
    assert set(PLAN.objects(instant)) == set(State)


def test_no_two_state_objects_share_an_id() -> None:
    ids = [one["id"] for family in (ORDER, ORDER_ITEM, PLAN) for one in family.objects(instant).values()]
    assert len(ids) == len(set(ids)) == 14


def test_a_cancelled_order_is_spelled_with_one_l_and_a_plan_with_two() -> None:
    assert ORDER.objects(instant)["100"]["name"] == "Canceled"
    assert PLAN.objects(instant)["cancelled"]["name"] == "Cancelled"
