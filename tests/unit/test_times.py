"""Laws of time: plans obey the planner's own rules, whenever they were made up, and who waits is young."""

from collections import Counter
from datetime import timedelta
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

from mock_oms.domain.clock import next_retry
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Order, Plan
from mock_oms.domain.seeded_plans import begun_as_seeded
from mock_oms.domain.world import World, open_world
from mock_oms.rendering.order_steps import delivery_steps
from mock_oms.scenarios.building import Scenario, load_scenario
from tests.worlds import START, scenario

ROOT = Path(__file__).parents[2]
#: Every state as a group, and a backlog; with the usual planner, an eager one, and one that gives up quickly.
GROUPS = [{"state": state, "count": 30} for state in State]
PLANNERS: tuple[dict[str, str], ...] = ({}, {"first": "7m", "every": "10m"}, {"first": "2s", "every": "90s"})
WEIGHTS: tuple[dict[str, int], ...] = ({}, {"pending": 1}, {"start": 1, "completed": 2}, {"pending": 3, "cancelled": 2})


def scenarios() -> list[Scenario]:
    shipped = [load_scenario(ROOT / "scenarios" / f"{name}.yaml") for name in ("default", "large", "bare-array")]
    own: list[dict[str, Any]] = [{"planner": planner, "plans": GROUPS} for planner in PLANNERS]
    own += [{"plans": [], "backlog": {"count": 1_000, **({"states": it} if it else {})}} for it in WEIGHTS]
    return [*shipped, *(scenario(**one) for one in own)]


@cache
def worlds() -> tuple[World, ...]:
    return tuple(open_world(one.setup(seed=seed, opened=START)) for one in scenarios() for seed in (1, 2))


def some_of(world: World) -> list[tuple[Plan, Order]]:
    """All plans of a small world; of a large one the youngest, the oldest, and some from everywhere between."""
    backlog, ids = world.contents.backlog, world.contents.ids
    step = max(1, len(backlog) // 60)
    chosen = {*ids, *backlog[::step], *backlog[-20:], *backlog[-len(backlog) // 25 :: step]}
    return [world.contents.found(plan_id, world.now) for plan_id in sorted(chosen)]


@cache
def plans() -> tuple[tuple[World, Plan, Order], ...]:
    return tuple((world, plan, order) for world in worlds() for plan, order in some_of(world) if plan.raw is None)


def test_no_plan_waits_that_is_older_than_two_days_or_96_retries() -> None:
    for world, plan, _ in plans():
        planner = world.setup.planner
        longest = planner.first + min(timedelta(days=2), 96 * planner.every)
        if plan.state is State.PENDING:
            assert world.now - plan.created <= longest, plan


def test_a_plan_in_start_is_younger_than_its_first_attempt_and_waits_for_half_of_that_time_at_least() -> None:
    for world, plan, order in plans():
        first = world.setup.planner.first
        if plan.state is State.START and not order.held:
            assert world.now - plan.created <= first / 2 or plan.created == world.now, plan


def test_the_first_attempt_comes_exactly_so_long_after_the_creation_as_the_planner_says() -> None:
    for world, plan, order in plans():
        times = [*[one.at for one in plan.attempts], *filter(None, [plan.due])]
        if times and not order.held:
            assert times[0] - plan.created == world.setup.planner.first, plan


def test_each_retry_of_the_world_tries_a_plan_that_waits_and_nothing_else_does() -> None:
    for world, plan, _ in plans():
        times = [one.at for one in plan.attempts]
        until = world.now if plan.state is State.PENDING else plan.modified
        for last, following in zip_longest(times, times[1:]):
            due = next_retry(world.setup.start, world.setup.planner.every, last)
            assert due == following or (following is None and due > until), plan


def test_times_never_run_backwards() -> None:
    for world, plan, order in plans():
        times = [order.created, plan.created, *(one.at for one in plan.attempts), plan.modified, world.now]
        assert all(before <= after for before, after in pairwise(times)), plan


def test_an_order_is_as_far_as_its_age_says() -> None:
    for world, plan, order in plans():
        steps = delivery_steps(world.setup.seed, "tr_TR", order)
        assert bool(steps) is (plan.state is State.COMPLETED)
        late, soon = world.now - order.modified > timedelta(days=11), world.now - order.modified < timedelta(hours=2)
        assert not late or not steps or steps[-1].at <= world.now
        assert not soon or not steps or steps[0].at > world.now


def test_the_larger_its_id_the_younger_a_plan_of_the_backlog_is() -> None:
    for world in worlds():
        created = [plan.created for plan, _ in some_of(world) if plan.id in world.contents.backlog]
        assert created == sorted(created)


def test_of_a_group_of_a_hundred_thousand_each_has_its_own_time_without_the_others() -> None:
    setup = scenario(plans=[]).setup(seed=1, opened=START)
    places = (99_999, 99_000, 50_000, 0)
    begun = [begun_as_seeded(setup, one, State.PENDING, one, 100_000, 0) for one in places]
    ages = [START - one.created for one in begun]
    assert ages == sorted(ages)
    assert timedelta(minutes=1) < ages[0] < timedelta(minutes=2) < ages[-1] < timedelta(days=1, minutes=2)


def test_among_the_youngest_of_a_backlog_most_wait_and_all_that_are_older_have_come_to_rest() -> None:
    world = open_world(scenario(plans=[], backlog={"count": 1_000}).setup(seed=1, opened=START))
    states = [world.contents.found(plan_id, START)[0].state for plan_id in world.contents.backlog][::-1]
    assert set(states[:10]) == {State.START}
    assert Counter(states[10:70])[State.PENDING] > 30
    assert set(states[10 + 3 * 60 :]) == {State.COMPLETED, State.CANCELLED}
    assert 40 < Counter(states)[State.PENDING] < 80


def test_where_a_new_plan_never_waits_one_that_is_in_start_is_held_and_says_so() -> None:
    world = open_world(
        scenario(planner={"first": "0s"}, plans=[{"state": "start", "count": 3}]).setup(seed=1, opened=START)
    )
    for plan, order in some_of(world.advance(START + timedelta(days=1))):
        assert (plan.state, plan.due, order.held) == (State.START, None, True)
