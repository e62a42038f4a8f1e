"""Orders that are shipped and delivered: when, and that every view and every cached byte is of its own moment."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.plan import ItemState, Order, OrderItem
from mock_oms.domain.world import World
from mock_oms.rendering.encoding import instant
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.fake_data.locales import LOCALES
from mock_oms.rendering.order_steps import OrderStep, delivery_steps
from mock_oms.worlds.view import CachedRenderer, WorldView
from tests.profiles import examples
from tests.worlds import INSTANT, START, event, happened, later, opened, order_of, scenario

DELIVERED, LONGEST = "550", timedelta(days=11)
ZONES = {"tr_TR": timedelta(hours=3), "en_US": timedelta(hours=-6)}
TWO_PLACES: dict[str, Any] = {
    "locations": {"WH1": {"priority": 1}, "WH2": {"priority": 2}},
    "stock": {"A": {"WH1": 1, "WH2": 1}, "B": {"WH1": 0, "WH2": 1}},
    "plans": [{"items": ["A", "B"]}],
}


def placed(number: int, at: datetime, **more: Any) -> Order:
    items = (OrderItem(id=1, sku="A", state=ItemState.PLANNED), OrderItem(id=2, sku="B", state=ItemState.CANCELLED))
    return Order(id=number, created=at, modified=at, city="Rize", items=items, plans=(1,), **more)


def renderer() -> CachedRenderer:
    return CachedRenderer(1, "tr_TR", scenario(plans=[]).answers, start=START)


def shown(world: World, plan_id: int, cached: CachedRenderer | None = None) -> Any:
    body = WorldView(world, cached or renderer()).detail(plan_id)
    assert body is not None
    return json.loads(body)


def value_of(world: World, plan_id: int) -> str:
    value: str = shown(world, plan_id)["order"]["state"]["enum_value"]
    return value


def steps_in(world: World, plan_id: int) -> tuple[OrderStep, ...]:
    return delivery_steps(1, "tr_TR", order_of(world, plan_id))


MOMENTS = st.integers(0, 10 * 366 * 24 * 3600 * 10**6).map(lambda one: START + one * INSTANT)


@examples(200)
@given(
    st.integers(1, 10**6), MOMENTS, st.sampled_from(sorted(ZONES)), st.sampled_from(("standard", "click_and_collect"))
)
def test_an_order_is_shipped_told_and_delivered_in_this_order_in_working_hours_and_never_on_a_sunday(
    number: int, at: datetime, locale: str, kind: str
) -> None:
    steps = delivery_steps(7, locale, placed(number, at, delivery_type=kind))
    assert [one.value for one in steps] in (
        [["520", "550"]] if kind == "click_and_collect" else [["500", "510", "550"], ["500", "510", "540", "550"]]
    )
    assert at + timedelta(hours=2) <= steps[0].at
    assert all(before.at < after.at for before, after in pairwise(steps))
    assert steps[-1].at <= at + LONGEST
    for one in steps:
        local = one.at + ZONES[locale]
        assert local.weekday() != 6
        assert one.value == "510" or 9 <= local.hour < 18


def test_every_locale_has_its_local_time() -> None:
    assert set(LOCALES) == set(ZONES)


def test_delays_differ_from_order_to_order_and_are_the_same_for_one() -> None:
    steps = [delivery_steps(7, "tr_TR", placed(number, START)) for number in range(200)]
    assert len({one[0].at for one in steps}) == 200
    assert 5 < sum(len(one) == 4 for one in steps) < 40
    assert steps == [delivery_steps(7, "tr_TR", placed(number, START)) for number in range(200)]


def test_an_order_whose_items_have_not_all_a_place_or_that_is_held_has_no_steps() -> None:
    for state in (ItemState.WAITING, ItemState.OUT_OF_STOCK, ItemState.CANCELLED):
        order = replace(placed(1, START), items=(OrderItem(id=1, sku="A", state=state),))
        assert delivery_steps(7, "tr_TR", order) == ()
    assert delivery_steps(7, "tr_TR", placed(1, START, held=True)) == ()


def beside(steps: tuple[OrderStep, ...]) -> Iterator[datetime]:
    for step in steps:
        yield from (step.at - INSTANT, step.at, step.at + INSTANT)


KINDS = pytest.mark.parametrize(("plan", "sections"), [
    (1001, {"plans": [{"items": ["A"]}]}),
    (1001, {"plans": [{"items": ["A"], "delivery_type": "store-pickup"}]}),
    (1001, {"plans": [{"state": "completed"}]}),
    (3, {"plans": [], "backlog": {"count": 3, "states": {"completed": 1}}}),
])  # fmt: skip


@KINDS
def test_cached_bytes_beside_each_step_are_those_that_a_fresh_renderer_makes_forward_and_back(
    plan: int, sections: dict[str, Any]
) -> None:
    world, cached = later(opened(**sections), "1m"), renderer()
    steps = steps_in(world, plan)
    moments = [at for at in beside(steps) if at > world.now]
    fresh = [WorldView(world.advance(at), renderer()).detail(plan) for at in moments]
    assert len(set(fresh)) == 1 + len([one for one in steps if one.at > world.now])
    for way in (1, -1, 1):
        found = [WorldView(world.advance(at), cached).detail(plan) for at in moments[::way]]
        assert found == fresh[::way]


@KINDS
def test_an_answer_lasts_until_the_next_step_of_an_order_and_for_ever_after_the_last(
    plan: int, sections: dict[str, Any]
) -> None:
    world, cached = later(opened(**sections), "1m"), renderer()
    for step in (one for one in steps_in(world, plan) if one.at > world.now):
        before = WorldView(world.advance(step.at - INSTANT), cached)
        before.detail(plan)
        assert before.lasts([plan]) == step.at
    after = WorldView(world.advance(world.now + LONGEST), cached)
    after.detail(plan)
    assert after.lasts([plan]) is None


def test_an_answer_with_more_plans_than_are_cached_lasts_no_longer() -> None:
    world = later(opened(plans=[{"items": ["A"], "count": 3}]), "1m")
    cached = CachedRenderer(1, "tr_TR", scenario(plans=[]).answers, start=START, most=1)
    first = min(steps_in(world, plan)[0].at for plan in (1001, 1002, 1003))
    view = WorldView(world, cached)
    view.page(1, 3)
    assert view.lasts([1001, 1002, 1003]) == first


def test_an_order_that_is_delivered_shows_so_with_its_placed_items_and_the_plan_did_not_move() -> None:
    world = later(opened(plans=[{"items": ["A", "B"]}], stock={"A": {"WH001": 1}, "B": {}}), "1m")
    world = happened(world, "10m", cancel_item={"plan": 1001, "sku": "B"})
    before, last = shown(world, 1001), steps_in(world, 1001)[-1]
    after = shown(world.advance(last.at), 1001)
    assert after["order"]["state"]["enum_value"] == DELIVERED
    assert [one["state"]["enum_value"] for one in after["order"]["orderitem_set"]] == [DELIVERED, "100"]
    assert after["order"]["modified_date"] == instant(last.at) > before["order"]["modified_date"]
    own = ("state", "commands", "created_date", "modified_date", "context")
    assert [after[name] for name in own] == [before[name] for name in own]


@pytest.mark.parametrize("replan", ["new", "reopen"])
def test_a_shipped_order_of_which_an_item_is_given_back_is_approved_again_and_shipped_anew_with_all(
    replan: str,
) -> None:
    world = later(opened(**TWO_PLACES, planner={"replan": replan}), "1m")
    shipped = world.advance(steps_in(world, 1001)[0].at)
    assert value_of(shipped, 1001) == "500"
    refused = shipped.apply(event(refuse={"plan": 1001, "location": "WH1"}))
    assert value_of(refused, 1001) == "400"
    again = refused.advance(refused.now + timedelta(hours=1))
    assert value_of(again, 1001) == "450"
    (first, *_) = steps_in(again, 1001)
    assert first.at > refused.now
    plans = order_of(again, 1001).plans
    assert [value_of(again.advance(first.at), one) for one in plans] == ["500"] * len(plans)


def test_an_order_whose_only_item_is_given_back_is_approved_and_not_new_again() -> None:
    world = later(opened(**{**TWO_PLACES, "plans": [{"items": ["A"]}]}), "1m")
    assert value_of(opened(**TWO_PLACES), 1001) == "200"
    given_back = shown(happened(world, "2m", refuse={"plan": 1001, "location": "WH1"}), 1001)["order"]
    assert (given_back["state"]["enum_value"], given_back["orderitem_set"][0]["state"]["enum_value"]) == ("400", "400")


def test_an_order_of_several_plans_is_shipped_when_all_of_them_are_done() -> None:
    world = opened(
        locations={"WH1": {}, "WH2": {}}, stock={"A": {"WH1": 1}, "B": {"WH2": 1}}, plans=[{"items": ["A", "B"]}]
    )
    refused = happened(later(world, "1m"), "2m", refuse={"plan": 1001, "location": "WH1"})
    waits = later(refused, "20d")
    assert [value_of(waits, plan) for plan in (1001, 1002)] == ["400", "400"]
    done = happened(waits, "20d", command={"plan": 1002, "run": "plan-complete"})
    last = steps_in(done, 1002)[-1]
    assert [value_of(done.advance(last.at), plan) for plan in (1001, 1002)] == [DELIVERED] * 2


def test_a_year_old_backlog_is_delivered_and_its_young_orders_are_on_their_way() -> None:
    world = opened(plans=[], backlog={"count": 4_000, "states": {"completed": 1}})
    assert {value_of(world, plan) for plan in range(1, 100, 9)} == {DELIVERED}
    youngest = [shown(world, plan) for plan in range(3_400, 4_001, 12)]
    assert {"450", "510"} <= {one["order"]["state"]["enum_value"] for one in youngest}
    for one in youngest:
        dates = [one["created_date"], one["modified_date"], one["order"]["modified_date"]]
        assert one["order"]["date_placed"] <= one["order"]["created_date"] <= dates[0]
        assert dates == sorted(dates)


@pytest.mark.parametrize(
    "kind",
    ["standard", "Click & Collect", "pick-up point", "store", "digital", "store_pickup", "collect-from-a-locker"],
)
def test_an_order_that_nobody_brings_is_ready_and_never_shipped(kind: str) -> None:
    order = placed(501_001, START, delivery_type=kind)
    company = Generator(1, "tr_TR", START).particulars(order).cargo_company
    values = {one.value for one in delivery_steps(1, "tr_TR", order)}
    assert (company is None, "520" in values, "500" not in values) == ((kind != "standard",) * 3)
