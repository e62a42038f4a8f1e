"""What holds in every world, whatever its scenario says and whatever happens to it."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mock_oms.domain.errors import WorldError
from mock_oms.domain.events import Block, StockService
from mock_oms.domain.lifecycle import State, commands_in
from mock_oms.domain.plan import LIVE, ItemState, Plan
from mock_oms.domain.stock import Figures, Key
from mock_oms.domain.world import World
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.switches import Switches
from mock_oms.worlds.view import CachedRenderer, WorldView
from tests.profiles import examples
from tests.worlds import (
    INSTANT,
    START,
    Tale,
    digest,
    documents,
    opened,
    rendered,
    replayed,
    scribe_of,
    tales,
    written_log,
)

ROOT = Path(__file__).parents[2]

SPANS = st.sampled_from([timedelta(minutes=minutes) for minutes in (0, 1, 10, 25, 30, 61, 120)])


def plans_in(world: World) -> list[Plan]:
    """Every plan of the world that is not captured, the backlog's too."""
    ids = [*world.contents.backlog, *world.contents.ids]
    return [plan for plan, _ in (world.contents.found(plan_id, world.now) for plan_id in ids) if plan.raw is None]


def private_stock(world: World) -> dict[int, Mapping[Key, Figures]]:
    """The private stock of every order that has some."""
    orders = [world.contents.found(plan.id, world.now)[1] for plan in plans_in(world)]
    return {order.id: order.own_stock for order in orders if order.own_stock is not None}


def reserved_by_others(world: World) -> dict[int, dict[Key, int]]:
    """What is reserved on private stock, by order, without the items of the order's own plans."""
    taken = Counter((plan.order, item.sku, item.source) for plan in plans_in(world) for item in plan.items)
    return {
        order: {key: figures.reserved - taken[order, *key] for key, figures in stock.items()}
        for order, stock in private_stock(world).items()
    }


def every_plan_is_lawful(world: World) -> None:
    for plan in plans_in(world):
        # It was modified when its last step was taken.
        assert plan.modified == plan.history[-1].at
        assert all(attempt.at <= plan.modified for attempt in plan.attempts)
        assert plan.created <= plan.modified <= world.now
        assert [step.at for step in plan.history] == sorted(step.at for step in plan.history)
        # Exactly the placed items hold a reservation.
        assert all((item.source is not None) == (item.state is ItemState.PLANNED) for item in plan.items)
        # The state of a plan follows from its items.
        waits = any(item.location is None for item in plan.live)
        if plan.state is State.COMPLETED:
            assert not waits
        elif plan.state is State.CANCELLED:
            assert not plan.live
        elif plan.items:
            assert waits


def reservations_are_those_of_the_start_and_those_of_live_items(world: World) -> None:
    private = private_stock(world)
    shared = [plan for plan in plans_in(world) if plan.order not in private]
    taken = Counter((item.sku, item.source) for plan in shared for item in plan.items if item.source)
    expected = {key: one.reserved + taken[key] for key, one in world.setup.stock.items()}
    assert {key: one.reserved for key, one in world.contents.stock.items()} == expected


def nothing_is_oversold_that_was_not_oversold_at_the_start_and_no_quota_is_negative(world: World) -> None:
    for key, figures in world.contents.stock.items():
        assert figures.quantity >= min(0, world.setup.stock[key].quantity)
        assert figures.count >= 0
    for stock in private_stock(world).values():
        assert all(figures.quantity >= 0 <= figures.count for figures in stock.values())
    assert all(one.quota >= 0 for one in world.contents.locations.values())


def every_item_has_an_id_and_an_order_item_the_state_of_the_one_plan_that_has_it_last(world: World) -> None:
    every = [item for plan in plans_in(world) for item in plan.items]
    latest = {item.order_item: item.state for item in every}
    for order in world.contents.orders.values():
        assert all(item.state is latest[item.id] for item in order.items)
    live = [item.order_item for item in every if item.state in LIVE]
    for ids in ([item.id for item in every], live):
        assert len(ids) == len(set(ids))


@examples(16)
@given(tales())
def test_every_law_holds_in_every_world_at_every_moment(tale: Tale) -> None:
    for world in tale.worlds():
        every_plan_is_lawful(world)
        reservations_are_those_of_the_start_and_those_of_live_items(world)
        nothing_is_oversold_that_was_not_oversold_at_the_start_and_no_quota_is_negative(world)
        every_item_has_an_id_and_an_order_item_the_state_of_the_one_plan_that_has_it_last(world)


def the_json_of_a_plan_is_lawful(plan: Any, attempts: int) -> None:
    # The context has an entry for each attempt, and the quantity in it is the count without the reservations.
    assert list(plan["context"]) == [str(number) for number in range(1, attempts + 1)]
    assert plan["context"] or plan["state"] in {"start", "cancelled"}
    entries = [cells for entry in plan["context"].values() for cells in entry["stock_locations"].values()]
    for cell in (cell for cells in entries for cell in cells.values()):
        assert Decimal(cell["quantity"]) == Decimal(cell["stock_count"]) - Decimal(cell["reservation_count"])
    # An order is on its way when all its items have a place that were not cancelled, and these say so too.
    values = {one["state"]["enum_value"] for one in plan["order"]["orderitem_set"]} - {"100"}
    assert values == {plan["order"]["state"]["enum_value"]} or plan["order"]["state"]["enum_value"] < "450"
    assert plan["order"]["date_placed"] <= plan["order"]["created_date"] <= plan["order"]["modified_date"]
    # The commands are those of the state, and the amounts of an order the sums of its items.
    assert [one["slug"] for one in plan["commands"]] == [one.slug for one in commands_in(State(plan["state"]))]
    for whole, part in (("amount", "net_amount"), ("discount_amount", "discount_amount")):
        parts = (Decimal(one[part]) for one in plan["order"]["orderitem_set"])
        assert Decimal(plan["order"][whole]) == sum(parts, Decimal(0))


@examples(10)
@given(tales(), st.sampled_from((0, 0, 2)))
def test_every_law_holds_in_the_json_of_every_plan(tale: Tale, days: int) -> None:
    worlds = tale.worlds()
    worlds.append(worlds[-1].advance(worlds[-1].now + timedelta(days=days)))
    attempts = {plan.id: len(plan.attempts) for plan in plans_in(worlds[-1])}
    before, after = rendered(worlds[0], tale.scenario), rendered(worlds[-1], tale.scenario)
    for plan_id, plan in after.items():
        if plan_id in attempts:
            the_json_of_a_plan_is_lawful(plan, attempts[plan_id])
    for plan_id, plan in before.items():
        older = plan.get("context", {})
        assert {number: after[plan_id]["context"][number] for number in older} == older


@examples(10)
@given(tales())
def test_what_has_happened_to_a_plan_and_its_private_stock_stays(tale: Tale) -> None:
    worlds = tale.worlds()
    worlds.append(worlds[-1].advance(worlds[-1].now + timedelta(hours=2)))
    for earlier, world in pairwise(worlds):
        for plan in plans_in(earlier):
            now, _ = world.contents.found(plan.id, world.now)
            assert now.created == plan.created
            assert now.modified >= plan.modified
            assert now.attempts[: len(plan.attempts)] == plan.attempts
            assert now.history[: len(plan.history)] == plan.history
            assert [item.id for item in now.items] == [item.id for item in plan.items]
    at_the_start, *later = map(reserved_by_others, worlds)
    assert all(one[order] == others for one in later for order, others in at_the_start.items())


@examples(10)
@given(tales(), SPANS, SPANS)
def test_two_steps_lead_where_one_step_leads(tale: Tale, first: timedelta, second: timedelta) -> None:
    world = tale.worlds()[-1]
    twice = world.advance(world.now + first).advance(world.now + first + second)
    once = world.advance(world.now + first + second)
    assert twice == once
    assert digest(twice, tale.scenario) == digest(once, tale.scenario)


@examples(20)
@given(tales(), SPANS)
def test_a_world_changes_exactly_when_its_next_step_is_due(tale: Tale, most: timedelta) -> None:
    world = tale.worlds()[-1]
    due = world.next_due
    before = world.now + most if due is None else min(world.now + most, due - INSTANT)
    assume(before >= world.now)
    assert world.advance(before) == replace(world, now=before)
    assert due is None or world.advance(due) != replace(world, now=due)


@examples(20)
@given(tales())
def test_a_plan_moves_next_when_the_world_says_so(tale: Tale) -> None:
    world = tale.worlds()[-1]
    for plan in plans_in(world) if world.line == len(world.setup.timeline) else ():
        due = world.next_due_of(plan)
        if due is not None:
            before, then = world.advance(due - INSTANT).find(plan.id), world.advance(due).find(plan.id)
            assert before is not None
            assert then is not None
            assert (before[0], then[0].attempts != plan.attempts) == (plan, True)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Callable[[Tale, datetime], str]]:
    """What another process, which hashes otherwise, makes of a tale's log: the digest of all plans."""
    command = [sys.executable, "-c", "from tests.worlds import replay_lines; replay_lines()"]
    seeded = {**os.environ, "PYTHONHASHSEED": "4321"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, env=seeded, text=True, bufsize=1) as process:

        def ask(tale: Tale, end: datetime) -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            given = {"sections": tale.sections, "log": written_log(tale.log()), "end": end.isoformat()}
            process.stdin.write(f"{json.dumps(given)}\n")
            return process.stdout.readline().strip()

        yield ask


@examples(12)
@given(tale=tales())
def test_a_log_replays_to_the_same_bytes_anywhere(elsewhere: Callable[[Tale, datetime], str], tale: Tale) -> None:
    world = tale.worlds()[-1]
    assert replayed(tale.scenario, log=tale.log()).advance(world.now) == world
    assert elsewhere(tale, world.now) == digest(world, tale.scenario)


@examples(8)
@given(tales(), st.data())
def test_an_event_is_lawful_or_leaves_the_world_as_it_was(tale: Tale, data: st.DataObject) -> None:
    world = data.draw(st.sampled_from(tale.worlds()))
    events = [read_event(written) for _, written in tale.events]
    before = digest(world, tale.scenario), repr(world.contents.stock), world.contents.locations.copy()  # type: ignore[attr-defined]
    for event in events:
        assert read_event(json.loads(json.dumps(write_event(event)))) == event
        try:
            after = world.apply(event)
        except WorldError as error:
            assert str(error).endswith(".")  # noqa: PT017
        else:
            assert (after.events, after.now) == (world.events + 1, world.now)
        assert (digest(world, tale.scenario), repr(world.contents.stock), world.contents.locations) == before


@examples(15)
@given(tales(), st.integers(1, 30), st.sampled_from(("-id", "id", "modified_date", "unstable")))
def test_the_pages_hold_every_plan_once_and_each_as_its_detail(tale: Tale, size: int, order: Any) -> None:
    view = WorldView(tale.worlds()[-1], CachedRenderer(1, "tr_TR", Switches(order=order), start=START))
    rows = [body for number in range(1, view.count // size + 3) for body in view.page(number, size)]
    ids = [json.loads(body)["id"] for body in rows]
    assert rows == [view.detail(plan_id) for plan_id in ids]
    if order != "unstable":
        assert sorted(ids) == sorted({*view.world.contents.backlog, *view.world.contents.plans})
        assert order == "modified_date" or ids == sorted(ids, reverse=order == "-id")


@examples(6)
@given(tales(), st.sampled_from((0, 0, 2)))
def test_cached_bytes_are_those_that_would_be_written_also_of_an_earlier_world(tale: Tale, days: int) -> None:
    cached = scribe_of(tale.scenario)
    worlds = tale.worlds()
    worlds.append(worlds[-1].advance(worlds[-1].now + timedelta(days=days)))
    fresh = [list(WorldView(world, scribe_of(tale.scenario)).bodies()) for world in worlds]
    for number, bodies in enumerate(fresh):
        assert list(WorldView(worlds[number], cached).bodies()) == bodies
        earlier = max(0, number - 1)
        assert list(WorldView(worlds[earlier], cached).bodies()) == fresh[earlier]


@examples(20)
@given(documents(), st.sampled_from(("block", "stock_service")), st.sampled_from((0, 1, 30, 45)))
def test_circumstances_change_private_plans_from_then_on(sections: dict[str, Any], what: str, minutes: int) -> None:
    world = opened(**{**sections, "timeline": []})
    at = START + timedelta(minutes=minutes)
    event = Block(location="WH1") if what == "block" else StockService(state="down")
    calm, changed = world.advance(at), world.apply(event, at)
    later = changed.advance(at + timedelta(hours=2))
    private = private_stock(calm)
    for plan in (plan for plan in plans_in(calm) if plan.order in private):
        now, _ = later.contents.found(plan.id, later.now)
        assert now.attempts[: len(plan.attempts)] == plan.attempts
        for attempt in now.attempts[len(plan.attempts) :]:
            assert "WH1" not in {seen.location for seen in attempt.seen}
            assert not attempt.seen or what == "block"


@examples(20)
@given(documents(), SPANS, SPANS)
def test_a_touched_plan_lived_as_an_untouched(sections: dict[str, Any], first: timedelta, second: timedelta) -> None:
    world = opened(**{**sections, "timeline": []}).advance(START + first)
    for plan_id in world.contents.backlog:
        untouched, order = world.contents.found(plan_id, world.now)
        touched = replace(world, contents=world.contents.with_plan(untouched).with_order(order))
        end = world.now + second
        if all(one.max_quota is None for one in world.contents.locations.values()):
            assert touched.advance(end).find(plan_id) == world.advance(end).find(plan_id)
        assert touched.find(plan_id) == world.find(plan_id)
