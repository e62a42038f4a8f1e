"""A plan is followed to its end, however long that takes."""

import pytest
from client import Client

from mock_oms.client import World


@pytest.mark.oms(scenario="restock")
def test_it_follows_a_plan_until_it_is_completed(client: Client) -> None:
    assert list(client.watch(41207)) == ["start", "pending", "completed"]


@pytest.mark.oms(scenario="restock")
def test_it_stops_where_somebody_cancels_the_plan(client: Client, oms: World) -> None:
    states = client.watch(41207)
    assert next(states) == "start"
    oms.run(41207, "plan-cancel")
    assert list(states) == ["cancelled"]


@pytest.mark.oms(scenario="never-in-stock")
def test_it_does_not_ask_more_often_than_it_was_told(client: Client, oms: World) -> None:
    (plan,) = (one.plan for one in oms.plans().plans)
    states = client.watch(plan, every=600)
    assert [next(states), next(states)] == ["start", "pending"]
    oms.verify("list", max=2)
