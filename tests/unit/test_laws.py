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
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from mock_oms.domain.errors import WorldError
from mock_oms.domain.events import Block, StockService
from mock_oms.domain.lifecycle import State, commands_in
from mock_oms.domain.plan import LIVE, ItemState, Plan
from mock_oms.domain.planner import Key
from mock_oms.domain.stock import Figures
from mock_oms.domain.world import World
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.switches import Switches
from mock_oms.worlds.view import CachedRenderer, WorldView
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


def law(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """So many examples, none of them timed; worlds are large, which is no fault of the strategy."""
    checks = (HealthCheck.too_slow, HealthCheck.data_too_large)
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    return settings(max_examples=examples, deadline=None, database=None, suppress_health_check=checks, phases=phases)


def plans_in(world: World) -> list[Plan]:
    """Every plan of the world that is not captured, the backlog's too."""
    ids = [*world.contents.backlog, *world.contents.ids]
    return [plan for plan, _ in (world.contents.found(plan_id, world.now) for plan_id in ids) if plan.raw is None]


def shelves(world: World) -> dict[int, Mapping[Key, Figures]]:
    """The private stock of every order that has some."""
    orders = [world.contents.found(plan.id, world.now)[1] for plan in plans_in(world)]
    return {order.id: order.own_stock for order in orders if order.own_stock is not None}


def reserved_by_others(world: World) -> dict[int, dict[Key, int]]:
    """What is reserved on private stock, by order, without the items of the order's own plans."""
    taken = Counter((plan.order, item.sku, item.source) for plan in plans_in(world) for item in plan.items)
    return {
        order: {key: figures.reserved - taken[order, *key] for key, figures in shelf.items()}
        for order, shelf in shelves(world).items()
    }


def as_json(world: World, tale: Tale) -> list[Any]:
    """Every plan of the world that is not captured, as its readers see it."""
    return [plan for plan in rendered(world, tale.scenario).values() if "order" in plan]


# Time


@law(40)
@given(tales(), SPANS, SPANS)
def test_two_steps_lead_where_one_step_leads(tale: Tale, first: timedelta, second: timedelta) -> None:
    world = tale.worlds()[-1]
    twice = world.advance(world.now + first).advance(world.now + first + second)
    once = world.advance(world.now + first + second)
    assert twice == once
    assert digest(twice, tale.scenario) == digest(once, tale.scenario)


@law(60)
@given(tales(), SPANS)
def test_nothing_changes_before_the_next_step_is_due(tale: Tale, most: timedelta) -> None:
    world = tale.worlds()[-1]
    due = world.next_due
    before = world.now + most if due is None else min(world.now + most, due - INSTANT)
    assume(before >= world.now)
    assert world.advance(before) == replace(world, now=before)


@law(60)
@given(tales())
def test_something_changes_when_the_next_step_is_due(tale: Tale) -> None:
    world = tale.worlds()[-1]
    due = world.next_due
    assume(due is not None)
    assert due is not None
    assert world.advance(due) != replace(world, now=due)


@law(40)
@given(tales())
def test_a_plan_moves_next_when_the_world_says_so(tale: Tale) -> None:
    world = tale.worlds()[-1]
    for plan in plans_in(world):
        due = world.next_due_of(plan)
        if due is None:
            continue
        before, then = world.advance(due - INSTANT).find(plan.id), world.advance(due).find(plan.id)
        if not world.setup.timeline or world.line == len(world.setup.timeline):
            assert before is not None
            assert then is not None
            assert before[0] == plan
            assert then[0].attempts != plan.attempts


@law(40)
@given(tales())
def test_history_only_grows(tale: Tale) -> None:
    worlds = tale.worlds()
    for earlier, world in pairwise([*worlds, worlds[-1].advance(worlds[-1].now + timedelta(hours=2))]):
        for plan in plans_in(earlier):
            now, _ = world.contents.found(plan.id, world.now)
            assert now.created == plan.created
            assert now.modified >= plan.modified
            assert now.attempts[: len(plan.attempts)] == plan.attempts
            assert now.history[: len(plan.history)] == plan.history
            assert [item.id for item in now.items] == [item.id for item in plan.items]


@law(25)
@given(tales())
def test_older_entries_of_the_context_are_never_rewritten(tale: Tale) -> None:
    worlds = tale.worlds()
    first, last = rendered(worlds[0], tale.scenario), rendered(worlds[-1], tale.scenario)
    for plan_id, plan in first.items():
        for number, entry in plan.get("context", {}).items():
            assert last[plan_id]["context"][number] == entry


@law(40)
@given(tales())
def test_a_plan_was_modified_when_its_last_step_was_taken(tale: Tale) -> None:
    for world in tale.worlds():
        for plan in plans_in(world):
            assert plan.modified == plan.history[-1].at
            assert all(attempt.at <= plan.modified for attempt in plan.attempts)
            assert plan.created <= plan.modified <= world.now
            assert [step.at for step in plan.history] == sorted(step.at for step in plan.history)


# One law for many processes


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Callable[[Tale, datetime], str]]:
    """What another process, which hashes otherwise, makes of a tale's log: the digest of all plans."""
    program = "from tests.worlds import replay_lines; replay_lines()"
    seeded = {**os.environ, "PYTHONHASHSEED": "4321"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=seeded, text=True
    ) as process:

        def ask(tale: Tale, end: datetime) -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            given = {"sections": tale.sections, "log": written_log(tale.log()), "end": end.isoformat()}
            process.stdin.write(f"{json.dumps(given)}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask


@law(30)
@given(tale=tales())
def test_a_log_replays_to_the_same_bytes_in_another_process(
    elsewhere: Callable[[Tale, datetime], str], tale: Tale
) -> None:
    world = tale.worlds()[-1]
    assert elsewhere(tale, world.now) == digest(world, tale.scenario)


@law(40)
@given(tales())
def test_a_log_replays_to_the_same_world(tale: Tale) -> None:
    world = tale.worlds()[-1]
    again = replayed(tale.scenario, log=tale.log())
    assert again.advance(world.now) == world


# Stock


@law(60)
@given(tales())
def test_reservations_are_those_of_the_start_and_those_of_live_items(tale: Tale) -> None:
    for world in tale.worlds():
        private = shelves(world)
        shared = [plan for plan in plans_in(world) if plan.order not in private]
        taken = Counter((item.sku, item.source) for plan in shared for item in plan.items if item.source)
        expected = {key: one.reserved + taken[key] for key, one in world.setup.stock.items()}
        assert {key: one.reserved for key, one in world.contents.stock.items()} == expected


@law(60)
@given(tales())
def test_nothing_is_oversold_that_was_not_oversold_at_the_start(tale: Tale) -> None:
    for world in tale.worlds():
        for key, figures in world.contents.stock.items():
            assert figures.quantity >= min(0, world.setup.stock[key].quantity)
            assert figures.count >= 0


@law(40)
@given(tales())
def test_private_stock_is_never_oversold(tale: Tale) -> None:
    for shelf in shelves(tale.worlds()[-1]).values():
        assert all(figures.quantity >= 0 <= figures.count for figures in shelf.values())


@law(60)
@given(tales())
def test_reservations_of_private_stock_are_those_of_the_start_and_those_of_the_plans_of_its_order(tale: Tale) -> None:
    at_the_start, *later = map(reserved_by_others, tale.worlds())
    assert all(one[order] == others for one in later for order, others in at_the_start.items())


@law(60)
@given(tales())
def test_only_live_items_hold_a_reservation_and_every_placed_item_holds_one(tale: Tale) -> None:
    for world in tale.worlds():
        for item in (item for plan in plans_in(world) for item in plan.items):
            assert (item.source is not None) == (item.state is ItemState.PLANNED)


@law(40)
@given(tales())
def test_quotas_never_fall_below_zero(tale: Tale) -> None:
    for world in tale.worlds():
        assert all(one.quota >= 0 for one in world.contents.locations.values())


# Plans


@law(60)
@given(tales())
def test_the_state_of_a_plan_follows_from_its_items(tale: Tale) -> None:
    for world in tale.worlds():
        for plan in plans_in(world):
            waits = any(item.location is None for item in plan.live)
            if plan.state is State.COMPLETED:
                assert not waits
            elif plan.state is State.CANCELLED:
                assert not plan.live
            elif plan.items:
                assert waits


@law(40)
@given(tales())
def test_the_context_is_empty_exactly_until_the_first_attempt(tale: Tale) -> None:
    world = tale.worlds()[-1]
    attempts = {plan.id: len(plan.attempts) for plan in plans_in(world)}
    for plan in as_json(world, tale):
        assert list(plan["context"]) == [str(number) for number in range(1, attempts[plan["id"]] + 1)]
        assert plan["context"] or plan["state"] in {"start", "cancelled"}


@law(40)
@given(tales())
def test_the_quantity_in_a_context_is_the_count_without_the_reservations(tale: Tale) -> None:
    for plan in as_json(tale.worlds()[-1], tale):
        for entry in plan["context"].values():
            for cell in (cell for cells in entry["stock_locations"].values() for cell in cells.values()):
                assert Decimal(cell["quantity"]) == Decimal(cell["stock_count"]) - Decimal(cell["reservation_count"])


@law(40)
@given(tales())
def test_the_commands_in_json_are_those_of_the_state(tale: Tale) -> None:
    for plan in as_json(tale.worlds()[-1], tale):
        assert [one["slug"] for one in plan["commands"]] == [one.slug for one in commands_in(State(plan["state"]))]


@law(40)
@given(tales())
def test_the_amounts_of_an_order_are_the_sums_of_its_items(tale: Tale) -> None:
    for plan in as_json(tale.worlds()[-1], tale):
        order = plan["order"]
        for whole, part in (("amount", "net_amount"), ("discount_amount", "discount_amount")):
            assert Decimal(order[whole]) == sum((Decimal(one[part]) for one in order["orderitem_set"]), Decimal(0))


@law(60)
@given(tales())
def test_the_items_of_an_order_are_in_the_state_of_the_plan_that_has_them_last(tale: Tale) -> None:
    for world in tale.worlds():
        latest = {item.order_item: item.state for plan in plans_in(world) for item in plan.items}
        for order in world.contents.orders.values():
            for item in order.items:
                assert item.state is latest[item.id]


@law(40)
@given(tales())
def test_order_item_ids_and_plan_item_ids_never_meet(tale: Tale) -> None:
    plans = plans_in(tale.worlds()[-1])
    ids = Counter(item.id for plan in plans for item in plan.items)
    assert set(ids.values()) <= {1}


@law(40)
@given(tales())
def test_an_order_item_lives_in_one_plan_at_most(tale: Tale) -> None:
    plans = plans_in(tale.worlds()[-1])
    ids = Counter(item.order_item for plan in plans for item in plan.items if item.state in LIVE)
    assert set(ids.values()) <= {1}


# Events


@law(30)
@given(tales(), st.data())
def test_an_event_is_lawful_or_leaves_the_world_as_it_was(tale: Tale, data: st.DataObject) -> None:
    world = data.draw(st.sampled_from(tale.worlds()))
    events = [read_event(written) for _, written in tale.events]
    before = digest(world, tale.scenario), repr(world.contents.stock), world.contents.locations.copy()  # type: ignore[attr-defined]
    for event in events:
        try:
            after = world.apply(event)
        except WorldError as error:
            assert str(error).endswith(".")  # noqa: PT017
        else:
            assert (after.events, after.now) == (world.events + 1, world.now)
        assert (digest(world, tale.scenario), repr(world.contents.stock), world.contents.locations) == before


@law(50)
@given(tales())
def test_an_event_that_was_written_down_is_read_as_the_same_event(tale: Tale) -> None:
    for _, written in tale.events:
        event = read_event(written)
        assert read_event(json.loads(json.dumps(write_event(event)))) == event


# The list


@law(40)
@given(tales(), st.integers(1, 30), st.sampled_from(("-id", "id", "modified_date", "unstable")))
def test_a_row_of_the_list_is_the_plan_by_itself(tale: Tale, size: int, order: Any) -> None:
    world = tale.worlds()[-1]
    reading = WorldView(world, CachedRenderer(tale.scenario.document.seed, "tr_TR", Switches(order=order)))
    for number in range(1, 3):
        for body in reading.page(number, size):
            assert body == reading.detail(json.loads(body)["id"])


@law(40)
@given(tales(), st.integers(1, 30), st.sampled_from(("-id", "id", "modified_date")))
def test_the_pages_hold_every_plan_once(tale: Tale, size: int, order: Any) -> None:
    reading = WorldView(tale.worlds()[-1], CachedRenderer(1, "tr_TR", Switches(order=order)))
    pages = [reading.page(number, size) for number in range(1, reading.count // size + 3)]
    ids = [json.loads(body)["id"] for page in pages for body in page]
    known = {*reading.world.contents.backlog, *reading.world.contents.plans}
    assert Counter(ids) == Counter(known)
    assert len(ids) == reading.count
    assert ids == sorted(ids, reverse=True) or order != "-id"
    assert ids == sorted(ids) or order != "id"


# Plans with private stock


@law(25)
@given(tales())
def test_bytes_that_were_kept_are_the_bytes_that_would_be_written(tale: Tale) -> None:
    worlds, kept = tale.worlds(), scribe_of(tale.scenario)
    for world in worlds:
        assert list(WorldView(world, kept).bodies()) == list(WorldView(world, scribe_of(tale.scenario)).bodies())


@law(25)
@given(tales())
def test_an_older_reading_is_not_changed_by_a_newer_one(tale: Tale) -> None:
    worlds, kept = tale.worlds(), scribe_of(tale.scenario)
    for earlier, world in pairwise(worlds):
        before = list(WorldView(earlier, scribe_of(tale.scenario)).bodies())
        list(WorldView(world, kept).bodies())
        assert list(WorldView(earlier, kept).bodies()) == before


@law(40)
@given(documents(), st.sampled_from(("block", "stock_service")), st.sampled_from((0, 1, 30, 45)))
def test_circumstances_change_private_plans_from_then_on_only(
    sections: dict[str, Any], what: str, minutes: int
) -> None:
    world = opened(**{**sections, "timeline": []})
    at = START + timedelta(minutes=minutes)
    event = Block(location="WH1") if what == "block" else StockService(state="down")
    calm, changed = world.advance(at), world.apply(event, at)
    later = changed.advance(at + timedelta(hours=2))
    private = shelves(calm)
    for plan in (plan for plan in plans_in(calm) if plan.order in private):
        now, _ = later.contents.found(plan.id, later.now)
        assert now.attempts[: len(plan.attempts)] == plan.attempts
        for attempt in now.attempts[len(plan.attempts) :]:
            assert "WH1" not in {seen.location for seen in attempt.seen}
            assert not attempt.seen or what == "block"


@law(40)
@given(documents(), SPANS, SPANS)
def test_a_touched_plan_of_the_backlog_has_lived_as_an_untouched_one(
    sections: dict[str, Any], first: timedelta, second: timedelta
) -> None:
    world = opened(**{**sections, "timeline": []}).advance(START + first)
    for plan_id in world.contents.backlog:
        untouched, order = world.contents.found(plan_id, world.now)
        touched = replace(world, contents=world.contents.with_plan(untouched).with_order(order))
        end = world.now + second
        if all(one.max_quota is None for one in world.contents.locations.values()):
            assert touched.advance(end).find(plan_id) == world.advance(end).find(plan_id)
        assert touched.find(plan_id) == world.find(plan_id)
