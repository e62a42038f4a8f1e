"""What happens in a scenario, told as a list of steps."""

from datetime import timedelta
from itertools import chain
from typing import Any

from mock_oms.domain.opening import open_world
from mock_oms.domain.plan import Plan
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.document import START
from mock_oms.scenario.fields import write_duration


def told(scenario: Scenario) -> list[dict[str, Any]]:
    """Every step of the plans that are simulated, in the order of time, up to the last line of the file.

    A step is `{time, plan, from, to, cause}`; plans that were told their state appear from the start on.
    """
    document = scenario.document
    last = max(chain((line.at for line in document.timeline), (one.at for one in document.expect)), default=timedelta())
    world = open_world(scenario.setup(seed=None, opened=START))
    world = world.advance(world.setup.start + last)
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
        if at >= start or _is_simulated(plan)
    ]


def _is_simulated(plan: Plan) -> bool:
    return plan.own_stock is None and plan.raw is None
