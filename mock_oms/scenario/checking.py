"""Whether a scenario does what it says: its timeline and its expectations, verified by simulation."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from mock_oms.domain.lifecycle import State
from mock_oms.domain.opening import open_world
from mock_oms.domain.plan import Item, Plan
from mock_oms.domain.planner import NOTHING
from mock_oms.domain.world import World
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.document import START, Expectation
from mock_oms.scenario.fields import write_duration
from mock_oms.scenario.problems import Place, Problem


def check(scenario: Scenario) -> list[Problem]:
    """Live through a scenario in a moment; each line that was refused and each failed expectation is a problem."""
    world = open_world(scenario.setup(seed=None, opened=START))
    found: list[tuple[Place, str]] = []
    for number, one in sorted(enumerate(scenario.document.expect), key=lambda pair: pair[1].at):
        world = world.advance(max(world.now, world.setup.start + one.at))
        at = write_duration(one.at)
        found += [(("expect", number, key), f"at {at}: {message}") for key, message in failures(world, one)]
    world = _lived_to_the_end(world)
    found += [(_place(missed.origin), f"the world refused this line: {missed.reason}") for missed in world.missed]
    return [scenario.lines.problem(place, message) for place, message in found]


def _lived_to_the_end(world: World) -> World:
    last = max((line.at for line in world.setup.timeline), default=timedelta())
    return world.advance(max(world.now, world.setup.start + last))


def _place(origin: str) -> Place:
    """The place of a timeline line, whose origin is `timeline[N] of FILE`."""
    return ("timeline", int(origin.partition("[")[2].partition("]")[0]))


def failures(world: World, expected: Expectation) -> Iterator[tuple[str, str]]:
    """What is otherwise than expected: the key of the expectation, and a sentence."""
    found = world.find(expected.plan) if expected.plan is not None else None
    if found:
        yield from _plan_failures(found[0], expected)
    elif expected.plan is not None:
        yield "plan", f"there is no plan {expected.plan}."
    yield from _world_failures(world, expected)


def _plan_failures(plan: Plan, expected: Expectation) -> Iterator[tuple[str, str]]:
    facts: tuple[tuple[str, object, object], ...] = (
        ("state", expected.state, plan.state),
        ("attempts", expected.attempts, len(plan.attempts)),
    )
    for key, wanted, actual in facts:
        if wanted not in {None, actual}:
            yield key, f"expected {wanted}, found {actual} (plan {plan.id})."
    yield from _item_failures("location", expected.location or {}, plan, lambda item: item.location)
    yield from _item_failures("items", expected.items or {}, plan, lambda item: item.state)


def _item_failures(
    key: str, expected: Mapping[str, str | None], plan: Plan, fact: Callable[[Item], str | None]
) -> Iterator[tuple[str, str]]:
    for sku, wanted in expected.items():
        actual = {fact(item) for item in plan.items if item.sku == sku}
        if actual != {wanted}:
            shown = ", ".join(sorted(one or "none" for one in actual)) or "no such item"
            yield key, f"expected {wanted or 'none'} for {sku}, found {shown} (plan {plan.id})."


def _world_failures(world: World, expected: Expectation) -> Iterator[tuple[str, str]]:
    states = _states(world) if expected.count else Counter[State]()
    for state, wanted in (expected.count or {}).items():
        if states[state] != wanted:
            yield "count", f"expected {wanted} plans in {state}, found {states[state]}."
    for sku, cells in (expected.stock or {}).items():
        for code, wanted in cells.items():
            actual = world.contents.stock.get((sku, code), NOTHING).quantity
            if actual != wanted:
                yield "stock", f"expected {wanted} of {sku} to be free at {code}, found {actual}."


def _states(world: World) -> Counter[State]:
    ids = {*world.contents.plans, *world.contents.backlog}
    return Counter(world.contents.found(plan_id, world.now)[0].state for plan_id in ids)
