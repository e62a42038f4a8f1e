"""Plans as the mock sees them: why they are where they are, and commands on them."""

from typing import Any

from mock_oms.api.control import bodies, request_schemas, response_schemas
from mock_oms.api.control.errors import UnknownPlanError
from mock_oms.api.control.routes import leased, routes
from mock_oms.domain.errors import UnknownNameError
from mock_oms.domain.events import RunCommand
from mock_oms.worlds.explanation import explanation_of

plans = routes("plans", "Plans as the mock sees them, and commands on them.")


@plans.route("/worlds/<world:world>/plans")
@plans.arguments(request_schemas.PlanQuery, location="query")
@plans.response(200, response_schemas.PlanList)
@plans.of_a_world
def list_plans(query: dict[str, Any], world: str) -> dict[str, Any]:
    """Plans in the order of the vendor's list, all of them or those in one state."""
    live = leased(world).world
    order = live.origin.scenario.answers.order
    return bodies.plan_bodies(live.instant().world, order, query.get("state"), query["limit"], query["offset"])


@plans.route("/worlds/<world:world>/plans/<plan:plan>")
@plans.response(200, response_schemas.PlanDetail)
@plans.of_a_world
def show_plan(world: str, plan: int) -> dict[str, Any]:
    """A plan: the commands that are legal, its history with causes, and what its items wait for."""
    now = leased(world).world.instant().world
    found = explanation_of(now, plan)
    if found is None:
        raise UnknownPlanError(f"There is no plan {plan} in world {world}: GET /_mock/worlds/{world}/plans lists them.")
    return bodies.explanation_body(now, found)


@plans.route("/worlds/<world:world>/plans/<plan:plan>/commands", methods=["POST"])
@plans.reads(request_schemas.Command, {"run": "plan-cancel"})
@plans.response(200, response_schemas.CommandRun)
@plans.of_a_world
@plans.refuses(409, 429, 503)
def run_command(wanted: dict[str, Any], world: str, plan: int) -> dict[str, Any]:
    """Run a command on a plan. One that is not legal now is refused with those that are."""
    try:
        passage = leased(world).world.apply(RunCommand(plan=plan, run=wanted["run"]))
    except UnknownNameError as error:
        raise UnknownPlanError(str(error)) from error
    step = next(step for moved, step in passage.steps if moved == plan)
    return {"plan": plan, **bodies.step_body(step), "transitions": bodies.advance_body(passage)}
