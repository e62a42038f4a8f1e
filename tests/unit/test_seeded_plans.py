"""Seeded plans and the backlog: each is in its state, and got there in a way that the simulation allows."""

import sys
from collections import Counter, defaultdict
from datetime import timedelta
from hashlib import sha256
from time import process_time
from typing import Any

import pytest

from mock_oms.domain.errors import IllegalEventError
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan
from mock_oms.domain.setup import customer_of
from mock_oms.domain.world import NeverComesError, World, done, open_world
from tests.worlds import START, event, happened, later, opened, order_of, plan_of, scenario, span

MANY = 40
RESCHEDULE = {"plan": 3, "run": "plan-reschedule"}


def seeded(state: str, **sections: Any) -> World:
    return opened(**sections, plans=[{"state": state, "count": MANY}])


def backlog(state: str = "pending", count: int = 20, **sections: Any) -> World:
    return opened(**sections, plans=[], backlog={"count": count, "states": {state: 1}})


def plans(world: World) -> list[Plan]:
    return [plan_of(world, plan_id) for plan_id in (*world.contents.backlog, *world.contents.ids)]


KINDS = pytest.mark.parametrize("make", [seeded, backlog])


@KINDS
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("sections", [
    {}, {"locations": {"ONLY": {"active": False}}}, {"planner": {"allow": []}},
    {"planner": {"first": "0s", "every": "7d"}}, {"planner": {"first": "3d", "every": "1h"}},
    {"planner": {"select_by_quota": True}, "locations": {"WH1": {"max_quota": 0}}},
    {"planner": {"rules": [{"when": {"channel": "web", "payment_type": "credit_card", "delivery_type": "standard"}}]}},
])  # fmt: skip
def test_a_plan_has_come_into_its_state_by_attempts_before_the_start(make: Any, state: str, sections: Any) -> None:
    for plan in plans(make(state, **sections)):
        assert plan.state == state
        assert plan.created < START
        assert plan.created <= plan.modified <= START
        assert [step.at for step in plan.history] == sorted(step.at for step in plan.history)
        times = [attempt.at for attempt in plan.attempts]
        assert max(times[:1] if state == "pending" else times, default=plan.created) < START


def test_most_orders_are_paid_by_card_some_otherwise_and_those_of_a_marketplace_by_it() -> None:
    orders = [order_of(world, plan_id) for world in [backlog(count=400)] for plan_id in world.contents.backlog]
    assert {one.payment_type for one in orders if one.channel == "marketplace"} == {"marketplace"}
    paid = Counter(one.payment_type for one in orders if one.channel != "marketplace")
    assert paid.keys() == {"credit_card", "cash_on_delivery", "bank_transfer"}
    assert 0.6 < paid["credit_card"] / paid.total() < 0.8
    assert min(paid.values()) > 20
    assert 0.6 < sum(one.delivery_type == "standard" for one in orders) / len(orders) < 0.9


def test_a_customer_who_comes_back_lives_in_one_city() -> None:
    world, cities = backlog(count=400), defaultdict(set)
    for plan_id in world.contents.backlog:
        order = order_of(world, plan_id)
        cities[customer_of(world.setup.seed, order.id)].add(order.city)
    assert len(cities) < 350
    assert {len(one) for one in cities.values()} == {1}


@KINDS
def test_the_retry_at_the_start_sees_a_line_of_that_instant(make: Any) -> None:
    for plan in plans(make("pending", timeline=[{"at": "0s", "block": "WH001"}])):
        seen = {attempt.at: "WH001" in {one.location for one in attempt.seen} for attempt in plan.attempts}
        assert not seen.pop(START)
        assert all(seen.values())


@KINDS
def test_a_pending_plan_is_retried_on_the_grid_of_the_world(make: Any) -> None:
    world = make("pending")
    counts = [[len(plan.attempts) for plan in plans(later(world, at))] for at in ("0s", "29m", "30m", "1h")]
    assert counts == [[count + more for count in counts[0]] for more in (0, 0, 1, 2)]


@KINDS
def test_a_started_plan_is_planned_within_minutes_and_the_younger_the_larger_its_id(make: Any) -> None:
    world = make("start", count=60) if make is backlog else make("start")
    assert {plan.state for plan in plans(later(world, "1s"))} == {"start"}
    assert {plan.state for plan in plans(later(world, "11m"))} == {"pending", "completed"}
    created = [plan.created for plan in plans(world)]
    assert created == sorted(created)


def test_a_pending_plan_waits_for_one_item_that_no_location_has() -> None:
    for plan in plans(seeded("pending")):
        (waiting,) = plan.unplaced
        seen = [one.figures for one in plan.attempts[0].seen if one.order_item == waiting.order_item]
        assert all(figures.quantity == 0 for figures in seen)


def test_completed_plans_differ_in_size_and_past_and_a_cancelled_one_keeps_no_reservation() -> None:
    completed = plans(seeded("completed"))
    assert {len(plan.items) for plan in completed} == {1, 2, 3} == {len(plan.attempts) for plan in completed}
    by_hand = plans(seeded("completed", planner={"allow": []}))[0]  # no rule can place it
    assert by_hand.history[-1].cause == "command plan-complete"
    assert plans(seeded("completed", planner={"first": "3d"}))[0].created <= START - span("3d")
    assert all(item.source is None for plan in plans(seeded("cancelled")) for item in plan.items)


def test_seeded_plans_leave_the_stock_of_the_world_alone() -> None:
    world = opened(stock={"A": {"WH001": 3}}, plans=[{"state": state, "count": 9} for state in State])
    assert later(world, "2h").contents.stock == world.contents.stock


def test_a_seeded_plan_depends_on_the_seed_and_its_id_alone() -> None:
    first, second = (plans(seeded("completed", seed=seed)) for seed in (1, 2))
    assert [plan.created for plan in first] != [plan.created for plan in second]
    alone, among = opened(plans=[{"id": 1005, "state": "pending"}]), seeded("pending")
    assert [item.sku for item in plan_of(alone, 1005).items] == [item.sku for item in plan_of(among, 1005).items]


def test_a_seeded_plan_is_made_when_somebody_looks_at_it_and_looks_find_the_same_object() -> None:
    begun = process_time()
    world = opened(plans=[{"state": state, "count": 400} for state in State])
    opening, begun = process_time() - begun, process_time()
    found = plans(world)
    assert 4 * opening < process_time() - begun
    moved = later(happened(world, "1s", block="WH001"), "29m").contents
    assert all(moved.plans[plan.id] is plan for plan in found if plan.state is not State.START)


@pytest.mark.parametrize("sections", [
    {"timeline": [{"at": "40m", "block": "WH001"}]},
    {"planner": {"select_by_quota": True}},
    {"planner": {"select_by_quota": True}, "timeline": [
        {"at": "40m", "quota": {"location": "WH001", "max_quota": 0}},
        {"at": "70m", "quota": {"location": "WH001", "max_quota": None}},
    ]},
])  # fmt: skip
def test_the_steps_of_pending_plans_are_the_same_whether_somebody_looks_or_not(sections: dict[str, Any]) -> None:
    found = []
    for often in (False, True):
        world = begun = seeded("pending", **sections)
        for minutes in range(7, 130, 7):
            world = later(world, f"{minutes}m")
            if often:
                plan_of(world, 1000 + minutes // 7)
        told = [(plan.id, step) for plan in plans(world) for step in plan.history if step.at > START]
        assert world.steps_since(begun) == sorted(told, key=lambda one: (one[1].at, one[0]))
        assert len(told) == 4 * MANY
        found.append(plans(world))
    assert found[0] == found[1]


def test_pending_plans_under_a_rule_that_counts_quotas_are_not_made_at_the_start_where_none_is_set() -> None:
    world = later(seeded("pending", planner={"select_by_quota": True}), "31m")
    assert (world.contents.plans.seeded.looked_at, len(world.contents.plans.changed)) == ({}, 0)


def test_a_seeded_plan_can_be_completed_by_hand() -> None:
    world = happened(seeded("pending"), "5m", command={"plan": 1001, "run": "plan-complete"})
    assert (plan_of(world, 1001).state, plan_of(world, 1001).unplaced) == ("completed", ())
    assert all(item.state == "planned" for item in order_of(world, 1001).items)


def seeing(world: World, number: int) -> list[list[bool]]:
    """Of the last attempts of each plan, whether they see WH001."""
    last = [plan.attempts[-number:] for plan in plans(world)]
    return [["WH001" in {one.location for one in attempt.seen} for attempt in attempts] for attempts in last]


@KINDS
def test_a_blocked_location_is_seen_up_to_then_and_nothing_while_the_stock_service_is_down(make: Any) -> None:
    blocked = later(happened(later(make("pending"), "30m"), "30m", block="WH001"), "1h")
    assert all(one == [True, False] for one in seeing(blocked, 2))
    by_line = later(make("pending", timeline=[{"at": "30m", "block": "WH001"}]), "1h")
    assert all(one == [True, False, False] for one in seeing(by_line, 3))
    lines = [{"at": "10m", "stock_service": "down"}, {"at": "40m", "stock_service": "up"}]
    for plan in plans(later(make("pending", timeline=lines), "1h")):
        assert [bool(attempt.seen) for attempt in plan.attempts[-3:]] == [True, False, True]


def test_the_states_of_a_backlog_are_as_likely_as_their_weights() -> None:
    world = opened(plans=[], backlog={"count": 400, "states": {"completed": 3, "pending": 1, "start": 0}})
    states = [plan.state for plan in plans(world)]
    assert 240 < states.count(State.COMPLETED) < 360
    assert states.count(State.COMPLETED) + states.count(State.PENDING) == 400


@pytest.mark.parametrize("plan_id", [1, 2, 50_000_000, 100_000_000])
def test_a_plan_of_an_immense_backlog_is_made_alone(plan_id: int) -> None:
    assert plan_of(backlog(count=100_000_000), plan_id).id == plan_id


def test_a_plan_is_the_same_whether_it_was_read_early_often_or_only_late_and_is_not_stored() -> None:
    world = backlog()
    late = later(world, "5h")
    for minutes in range(0, 300, 17):
        world = later(world, f"{minutes}m")
        plans(world)
    assert plans(later(world, "5h")) == plans(late)
    assert len(world.contents.plans) == 0


def test_a_started_plan_that_an_event_touched_keeps_its_first_attempt() -> None:
    world = backlog("start", count=60)
    plan = next(one for one in plans(world) if len(one.items) > 1)
    touched = world.apply(event(cancel_item={"plan": plan.id, "sku": plan.items[0].sku}))
    assert touched.next_due == plan.due
    assert plan_of(later(touched, "11m"), plan.id).attempts[0].at == plan.due


def test_a_plan_that_an_event_touched_is_stored_and_goes_on_and_one_that_refused_it_is_not() -> None:
    world = happened(backlog(), "5m", command=RESCHEDULE)
    assert (list(world.contents.plans), world.contents.ids) == ([3], ())
    untouched = plan_of(later(backlog(), "1h"), 3)
    assert len(plan_of(later(world, "1h"), 3).attempts) == len(untouched.attempts) + 1
    untouched_world = backlog()
    with pytest.raises(IllegalEventError):
        untouched_world.apply(event(confirm=3))
    assert 3 not in untouched_world.contents.plans


def test_the_package_of_a_plan_of_the_backlog_takes_no_quota() -> None:
    world = backlog("completed", locations={"WH1": {"max_quota": 9}})
    refused = world.apply(event(refuse={"plan": 1, "location": "WH1"}))
    assert refused.contents.location("WH1").quota == 0
    assert order_of(refused, 1001).own_stock is not None


def test_to_look_twice_as_far_ahead_for_the_state_of_a_plan_of_the_backlog_takes_twice_the_calls() -> None:
    world, called = backlog(), Counter[int]()
    for days in (1, 2, 4):

        def note(_frame: object, what: str, _value: object, days: int = days) -> None:
            called[days] += what == "call"

        sys.setprofile(note)
        with pytest.raises(NeverComesError):
            done(world.first_time(3, State.COMPLETED, world.now + timedelta(days=days)))
        sys.setprofile(None)
    assert called[2] < 2.2 * called[1], called
    assert called[4] < 2.2 * called[2], called


def test_a_style_of_made_up_plans_has_letter_sizes_shoe_sizes_or_none() -> None:
    world = opened(plans=[], backlog={"count": 600})
    items = {item.sku for plan_id in range(1, 601) for item in plan_of(world, plan_id).items}
    styles: dict[str, set[str]] = {}
    for sku in items:
        mck, style, *size = sku.split("-")
        styles.setdefault(f"{mck}-{style}", set()).add(
            "shoe" if "".join(size).isdigit() else "letter" if size else "none"
        )
    assert max(map(len, styles.values())) == 1
    kinds = Counter(kind for (kind,) in styles.values())
    assert min(kinds[kind] for kind in ("letter", "shoe", "none")) > 20


def test_by_the_first_rules_seeded_plans_sell_what_they_sold_as_they_sold_it() -> None:
    groups = [{"state": state, "count": 30} for state in ("start", "pending", "completed", "cancelled")]
    backlog = {"count": 120, "states": {"pending": 1, "completed": 1}}
    world = open_world(scenario(seed=77, plans=groups, backlog=backlog).setup(seed=None, opened=START, seeding=1))
    ids = (*world.contents.backlog, *world.contents.ids)
    sold = [[item.sku for item in plan_of(world, plan_id).items] for plan_id in ids]
    assert sold[:3] == [["MCK-9010-M"], ["MCK-1176-M", "MCK-1128-XL"], ["MCK-9060-XL"]]
    assert sha256(repr(sold).encode()).hexdigest()[:12] == "5e26da6394b6"
    orders = [order_of(world, plan_id) for plan_id in ids]
    said = [(one.city, one.channel, one.payment_type, one.delivery_type) for one in orders]
    assert said[0] == ("Bursa", "web", "credit_card", "standard")
    assert sha256(repr(said).encode()).hexdigest()[:12] == "881b78fd0acc"
