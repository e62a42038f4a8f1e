"""Plans as the mock sees them: why they are where they are, and commands on them."""

from typing import Any

from mock_oms.domain.errors import UnknownNameError
from mock_oms.domain.events import RunCommand
from mock_oms.web.control import asked, facts, told
from mock_oms.web.control.problems import UnknownPlanError
from mock_oms.web.control.routes import leased, routes
from mock_oms.why import explained

plans = routes("plans", "Plans as the mock sees them, and commands on them.")


@plans.route("/worlds/<world:world>/plans")
@plans.arguments(asked.PlanQuery, location="query")
@plans.response(200, told.PlanList)
@plans.of_a_world
def list_plans(query: dict[str, Any], world: str) -> dict[str, Any]:
    """Plans in the order of the vendor's list, all of them or those in one state."""
    live = leased(world).world
    order = live.origin.scenario.answers.order
    return facts.plans_of(live.instant().world, order, query.get("state"), query["limit"], query["offset"])


@plans.route("/worlds/<world:world>/plans/<plan:plan>")
@plans.response(200, told.PlanDetail)
@plans.of_a_world
def show_plan(world: str, plan: int) -> dict[str, Any]:
    """A plan: the commands that are legal, its history with causes, and what its items wait for."""
    now = leased(world).world.instant().world
    found = explained(now, plan)
    if found is None:
        raise UnknownPlanError(f"There is no plan {plan} in world {world}: GET /_mock/worlds/{world}/plans lists them.")
    return facts.of_explanation(now, found)


@plans.route("/worlds/<world:world>/plans/<plan:plan>/commands", methods=["POST"])
@plans.reads(asked.Command, {"run": "plan-cancel"})
@plans.response(200, told.CommandRun)
@plans.of_a_world
@plans.refuses(409, 429, 503)
def run_command(wanted: dict[str, Any], world: str, plan: int) -> dict[str, Any]:
    """Run a command on a plan. One that is not legal now is refused with those that are."""
    try:
        passage = leased(world).world.apply(RunCommand(plan=plan, run=wanted["run"]))
    except UnknownNameError as error:
        raise UnknownPlanError(str(error)) from error
    step = next(step for moved, step in passage.steps if moved == plan)
    return {"plan": plan, **facts.of_step(step), "transitions": facts.of_passage(passage)}
