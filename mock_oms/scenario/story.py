"""What happens in a scenario, told as a list of steps."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from mock_oms.domain.opening import open_world
from mock_oms.domain.plan import Plan
from mock_oms.domain.setup import Setup, Simulated
from mock_oms.domain.world import World
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.document import START, Document
from mock_oms.scenario.fields import write_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens up to `until`, counted from the start: `steps` of `{time, plan, from, to, cause}`, oldest first.

    `told` plans, captured ones among them, appear from the start on only, and the `backlog` does not until an event
    touches one of its plans.
    """

    until: timedelta
    steps: list[dict[str, Any]]
    told: int
    backlog: int


def story_of(scenario: Scenario) -> Story:
    """The story of a scenario up to the last line of its file, and on to what this leads to by itself."""
    setup = scenario.setup(seed=None, opened=START)
    until = _horizon(scenario.document, setup)
    return Story(
        until=until,
        steps=_steps(open_world(setup).advance(setup.start + until)),
        told=sum(group.count for group in setup.plans if not isinstance(group, Simulated)),
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
