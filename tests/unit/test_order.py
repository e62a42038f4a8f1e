"""One order with several plans: its items follow the plan that holds them now."""

from mock_oms.domain.plan import ItemState
from tests.worlds import happened, later, opened, order_of


def test_an_item_that_left_a_plan_follows_its_new_plan_only() -> None:
    """The old plan is tried again later; what it says of the item that it gave back is history."""
    world = opened(
        locations={"S1": {"type": "store", "priority": 1}, "W1": {"priority": 2}},
        stock={"A": {"S1": 1, "W1": 1}, "B": {"S1": 0}},
        plans=[{"id": 7, "items": ["A", "B"]}],
    )
    world = happened(world, "5m", refuse={"plan": 7, "location": "S1"})
    world = later(world, "2h")
    assert [item.state for item in order_of(world, 7).items] == [ItemState.PLANNED, ItemState.OUT_OF_STOCK]
