"""A scenario run in memory: whether it does what it expects, its steps, warnings about tokens; and a template for new files."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Item, Plan
from mock_oms.domain.planner import NOTHING
from mock_oms.domain.setup import Setup, SimulatedPlan
from mock_oms.domain.world import World, open_world
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.document import START, Document, Expectation
from mock_oms.scenarios.errors import Lines, Place, Problem
from mock_oms.scenarios.fields import write_duration
from mock_oms.tokens import lines_with_real_tokens

TEMPLATE = """\
# A world to test against. Check it: mock-oms scenarios check THIS-FILE
description: One plan that waits for stock and is completed after a restock.
seed: 1
clock: {start: 2024-03-05T09:00:00Z, rate: 0}   # rate 0: frozen, 1: real time, 60: a minute a second
locations:
  WH001: {type: warehouse, priority: 10}
  STORE01: {type: store, priority: 20}
stock:                                          # SKU, location, count (or {count, reserved})
  SHIRT-M: {WH001: 5}
  SHOES-42: {WH001: 0, STORE01: {count: 1, reserved: 1}}
plans:
  - {id: 41207, items: [SHIRT-M, SHOES-42]}     # simulated: planned against the stock above
  - {state: completed, count: 3}                # told: made up so that it is truly in this state
timeline:
  - {at: 45m, restock: {sku: SHOES-42, location: WH001, count: 10}}
expect:                                         # what `scenarios check` verifies
  - {at: 1m, plan: 41207, state: pending, attempts: 1, location: {SHIRT-M: WH001, SHOES-42: null}}
  - {at: 1h, plan: 41207, state: completed, attempts: 3, location: {SHOES-42: WH001}}
"""


def warnings_of(lines: Lines) -> list[Problem]:
    """One warning for each such token; the scenario can be played all the same."""
    return [
        Problem(file=str(lines.file), line=line, path="", message=said)
        for line, said in lines_with_real_tokens(lines.text)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRun:
    """What happens up to `until`, counted from the start: `steps` of `{time, plan, from, to, cause}`, oldest first.

    `seeded` plans, captured ones among them, appear from the start on only, and the `backlog` does not until an event
    touches one of its plans.
    """

    until: timedelta
    steps: list[dict[str, Any]]
    seeded: int
    backlog: int


def run_scenario(scenario: Scenario) -> ScenarioRun:
    """The story of a scenario up to the last line of its file, and on to what this leads to by itself."""
    setup = scenario.setup(seed=None, opened=START)
    until = _horizon(scenario.document, setup)
    return ScenarioRun(
        until=until,
        steps=_steps(open_world(setup).advance(setup.start + until)),
        seeded=sum(group.count for group in setup.plans if not isinstance(group, SimulatedPlan)),
        backlog=setup.backlog.count if setup.backlog else 0,
    )


def _horizon(document: Document, setup: Setup) -> timedelta:
    """The last line, a first attempt and two retries later: a restock in the last line is followed to its end."""
    last = max(chain((line.at for line in document.timeline), (one.at for one in document.expect)), default=timedelta())
    return last + setup.planner.first + 2 * setup.planner.every


def _steps(world: World) -> list[dict[str, Any]]:
    steps = [(step.at, plan, step) for plan in world.contents.plans.values() for step in plan.history]
    steps.sort(key=lambda found: (found[0], found[1].id))
    start = world.setup.start
    return [
        {
            "time": write_duration(at - start),
            "plan": plan.id,
            "from": step.source or "",
            "to": step.target,
            "cause": step.cause,
        }
        for at, plan, step in steps
        if at >= start or _is_simulated(world, plan)
    ]


def _is_simulated(world: World, plan: Plan) -> bool:
    return world.contents.orders[plan.order].own_stock is None and plan.raw is None


def check(scenario: Scenario) -> list[Problem]:
    """Live through a scenario in a moment; each line that was refused and each failed expectation is a problem."""
    world = open_world(scenario.setup(seed=None, opened=START))
    found: list[tuple[Place, str]] = []
    for number, one in sorted(enumerate(scenario.document.expect), key=lambda pair: pair[1].at):
        world = world.advance(max(world.now, world.setup.start + one.at))
        at = write_duration(one.at)
        found += [(("expect", number, key), f"at {at}: {message}") for key, message in expectation_failures(world, one)]
    world = _lived_to_the_end(world)
    found += [(_place(missed.origin), f"the world refused this line: {missed.reason}") for missed in world.missed]
    return [scenario.lines.problem(place, message) for place, message in found]


def _lived_to_the_end(world: World) -> World:
    last = max((line.at for line in world.setup.timeline), default=timedelta())
    return world.advance(max(world.now, world.setup.start + last))


def _place(origin: str) -> Place:
    """The place of a timeline line, whose origin is `timeline[N] of FILE`."""
    return ("timeline", int(origin.partition("[")[2].partition("]")[0]))


def expectation_failures(world: World, expected: Expectation) -> Iterator[tuple[str, str]]:
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
