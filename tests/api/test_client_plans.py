"""The client of the control API, about plans: searched, their attempts, the vendor's JSON of one, their lifecycle, and the timeline."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from mock_oms.client import Control, ControlError, PlanFacts, StockFacts, TimelineLine, TimelinePage, World
from mock_oms.contract.control_bodies import Explanation, ItemFacts, PlanPage

pytestmark = pytest.mark.oms(scenario="restock")

PLAN, SKU, START = 41207, "TST-002-L", datetime(2024, 3, 5, 9, tzinfo=UTC)


def test_plans_are_searched_also_in_one_state(oms: World) -> None:
    oms.order([SKU])
    plan = oms.plan(PLAN)
    for search in (PLAN, str(PLAN), plan.order, plan.order_number, "001-m"):
        found = oms.plans(search=search)
        assert [one.plan for one in found.plans] == [PLAN], search
        assert (found.count, found.looked_at) == (1, 2)
    assert oms.plans(search=SKU, state="start").count == 2
    assert oms.plans(search=SKU, state="completed").plans == ()


def test_a_plan_says_how_many_items_are_placed_since_when_and_how_often_it_was_tried(oms: World) -> None:
    oms.advance("1m")
    plan = oms.plan(PLAN)
    assert (plan.item_count, plan.placed_count, plan.attempts) == (2, 1, 1)
    assert [one.placed_at for one in plan.items] == [START.replace(minute=1), None]


def test_attempts_are_read_from_the_newest_on(oms: World) -> None:
    assert oms.attempts(PLAN).count == 0
    oms.advance("30m")
    page = oms.attempts(PLAN, limit=1)
    assert (page.count, [one.number for one in page.attempts]) == (2, [2])
    assert page.attempts[0].at == START.replace(minute=30)
    seen = StockFacts(sku=SKU, location="STORE01", stock_count=1, reservation_count=3, quantity=-2)
    assert seen in page.attempts[0].seen
    assert oms.attempts(PLAN, offset=1).attempts[0].number == 1


def test_the_vendors_json_of_a_plan_is_what_the_vendors_api_answers(oms: World) -> None:
    answer = httpx.get(f"{oms.url}/api/v1/oms/orderexecutionplans/{PLAN}/", headers=oms.headers, trust_env=False)
    assert oms.vendor_plan(PLAN) == answer.json()


@pytest.mark.parametrize("method", ["plan", "attempts", "vendor_plan"])
def test_a_plan_that_is_not_there_is_a_sentence(oms: World, method: str) -> None:
    with pytest.raises(ControlError, match="There is no plan 5 in world"):
        getattr(oms, method)(5)


def test_the_lifecycle_is_read_with_and_without_the_numbers_of_a_world(oms: World, oms_control: Control) -> None:
    oms.advance("1m")
    counted, plain = oms.lifecycle(), oms_control.lifecycle()
    assert {one.name: one.plans for one in counted.states} == {"start": 0, "pending": 1, "cancelled": 0, "completed": 0}
    assert [(one.name, one.terminal) for one in counted.states] == [(one.name, one.terminal) for one in plain.states]
    taken = {(one.id, one.from_, one.to): one.taken for one in counted.transitions}
    assert [*taken] == [(one.id, one.from_, one.to) for one in plain.transitions]
    assert {key for key, count in taken.items() if count} == {(11, "start", "pending")}
    assert (counted.new, counted.estimated) == (0, False)


def test_the_timeline_of_the_scenario_is_read_with_what_became_of_its_lines(oms: World) -> None:
    origin, said = "timeline[0] of restock.yaml", {"sku": SKU, "location": "WH001", "count": 10}
    line = TimelineLine(at=START.replace(minute=45), origin=origin, word="restock", said=said, done=False, refused=None)
    assert oms.timeline() == TimelinePage(count=1, upcoming=1, lines=(line,))
    oms.advance("45m")
    assert oms.timeline(limit=1) == TimelinePage(count=1, upcoming=0, lines=(replace(line, done=True),))
    assert oms.timeline(offset=1).lines == ()


def test_what_an_earlier_mock_answers_is_read_without_what_it_does_not_know() -> None:
    line = {"plan": 7, "state": "start", "order": 500_007, "created": "2024-03-05T09:00:00Z",
            "modified": "2024-03-05T09:00:00Z", "next_attempt": None}  # fmt: skip
    page = PlanPage.read({"count": 1, "plans": [line]})
    assert page.plans[0] == PlanFacts.read(line)
    item = {"order_item": 1, "sku": "A", "state": "waiting", "location": None, "since": None, "places": []}
    more = {"legal": [], "history": [], "missing": [], "kind": "simulated", "summary": "", "items": [item]}
    plan = Explanation.read({**line, **more})
    assert (plan.items[0], plan.order_number) == (ItemFacts.read(item), None)
