"""A scenario run in memory: whether it does what it expects, its steps, and warnings about tokens."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mock_oms.dataclass import dataclass
from mock_oms.domain.events import PlaceOrder
from mock_oms.domain.plan import Plan
from mock_oms.domain.setup import START, SimulatedPlan
from mock_oms.domain.stock import NOTHING
from mock_oms.domain.world import World, open_world
from mock_oms.rendering.fake_data.geography import known_cities
from mock_oms.rendering.fake_data.locales import locale_named
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.document import Expectation
from mock_oms.scenarios.errors import Place, Problem
from mock_oms.scenarios.fields import write_duration
from mock_oms.text import nearest, words
from mock_oms.tokens import lines_with_real_tokens


def warnings_of(scenario: Scenario) -> list[Problem]:
    """A warning for each line with a real-looking token, and each city that is nearly one we know; it can be played."""
    tokens = [
        Problem(file=str(scenario.lines.file), line=line, path="", message=said)
        for line, said in lines_with_real_tokens(scenario.text)
    ]
    return [*tokens, *_unknown_cities(scenario)]


def _unknown_cities(scenario: Scenario) -> Iterator[Problem]:
    document = scenario.document
    named: dict[Place, str | None] = {("locations", code, "city"): one.city for code, one in document.locations.items()}
    named |= {("plans", n, "city"): getattr(one, "city", None) for n, one in enumerate(document.plans or ())}
    named |= {
        ("timeline", n, "order", "city"): one.event.city
        for n, one in enumerate(document.timeline)
        if isinstance(one.event, PlaceOrder)
    }
    known = known_cities(locale_named(document.locale).country)
    spelt = [words(city) for city in known]
    for place, city in named.items():
        close = None if city is None or words(city) in spelt else nearest(city, known, 0.75)
        if close:
            yield scenario.lines.problem(
                place, f"{city} is in no table of cities, so its address is of nowhere; {close} is."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRun:
    """What happens up to `until`, counted from the start: `steps` of `{time, plan, from, to, cause}`, oldest first.

    `seeded` plans, captured ones among them, appear from the start on only, and the `backlog` does not until an event
    touches one of its plans. `missed` are the lines of the timeline that the world refused, in a sentence each.
    """

    until: timedelta
    steps: list[dict[str, Any]]
    missed: tuple[str, ...]
    seeded: int
    backlog: int


def run_scenario(scenario: Scenario) -> ScenarioRun:
    """The story of a scenario up to the last line of its file, and on to what this leads to by itself."""
    setup, document = scenario.setup(seed=None, opened=START), scenario.document
    # The last line, a first attempt and two retries later: a restock in the last line is followed to its end.
    times = [*(line.at for line in document.timeline), *(one.at for one in document.expect)]
    last = max(times, default=timedelta())
    until = last + setup.planner.first + 2 * setup.planner.every
    world = open_world(setup).advance(setup.start + until)
    moves = [
        (step, plan)
        for plan in world.contents.plans.values()
        for step in plan.history
        if step.at >= setup.start or (world.contents.orders[plan.order].own_stock is None and plan.raw is None)
    ]
    moves.sort(key=lambda move: (move[0].at, move[1].id))
    steps = [
        {
            "time": write_duration(step.at - setup.start),
            "plan": plan.id,
            "from": step.source or "",
            "to": step.target,
            "cause": step.cause,
        }
        for step, plan in moves
    ]
    return ScenarioRun(
        until=until,
        steps=steps,
        missed=tuple(f"{one.origin} was refused: {one.reason}" for one in world.missed),
        seeded=sum(group.count for group in setup.plans if not isinstance(group, SimulatedPlan)),
        backlog=setup.backlog.count if setup.backlog else 0,
    )


def check(scenario: Scenario) -> list[Problem]:
    """Run a scenario to its end; each line that the world refused and each failed expectation is a problem."""
    world = open_world(scenario.setup(seed=None, opened=START))
    start, found = world.now, list[tuple[Place, str]]()
    for number, one in sorted(enumerate(scenario.document.expect), key=lambda pair: pair[1].at):
        world = world.advance(max(world.now, start + one.at))
        at = write_duration(one.at)
        found += [(("expect", number, key), f"at {at}: {message}") for key, message in expectation_failures(world, one)]
    last = max((line.at for line in world.setup.timeline), default=timedelta())
    for missed in world.advance(max(world.now, start + last)).missed:
        number = int(missed.origin.partition("[")[2].partition("]")[0])  # of `timeline[N] of FILE`
        found.append((("timeline", number), f"the world refused this line: {missed.reason}"))
    return [scenario.lines.problem(place, message) for place, message in found]


def expectation_failures(world: World, expected: Expectation) -> Iterator[tuple[str, str]]:
    """What is otherwise than expected: the key of the expectation, and a sentence."""
    found = world.find(expected.plan) if expected.plan is not None else None
    if found:
        yield from _plan_failures(found[0], expected)
    elif expected.plan is not None:
        yield "plan", f"there is no plan {expected.plan}."
    if expected.count:
        ids = {*world.contents.plans, *world.contents.backlog}
        states = Counter(world.contents.found(plan_id, world.now)[0].state for plan_id in ids)
        for state, wanted in expected.count.items():
            if states[state] != wanted:
                yield "count", f"expected {wanted} plans in {state}, found {states[state]}."
    for sku, cells in (expected.stock or {}).items():
        for code, wanted in cells.items():
            actual = world.contents.stock.get((sku, code), NOTHING).quantity
            if actual != wanted:
                yield "stock", f"expected {wanted} of {sku} to be free at {code}, found {actual}."


def _plan_failures(plan: Plan, expected: Expectation) -> Iterator[tuple[str, str]]:
    if expected.state not in {None, plan.state}:
        yield "state", f"expected {expected.state}, found {plan.state} (plan {plan.id})."
    if expected.attempts not in {None, len(plan.attempts)}:
        yield "attempts", f"expected {expected.attempts}, found {len(plan.attempts)} (plan {plan.id})."
    for key, facts, name in (("location", expected.location, "location"), ("items", expected.items, "state")):
        for sku, wanted in (facts or {}).items():
            actual = {getattr(item, name) for item in plan.items if item.sku == sku}
            if actual != {wanted}:
                shown = ", ".join(sorted(one or "none" for one in actual)) or "no such item"
                yield key, f"expected {wanted or 'none'} for {sku}, found {shown} (plan {plan.id})."
