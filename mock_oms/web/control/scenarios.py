"""What worlds can begin with."""

from typing import Any

from mock_oms.scenario.library import UnknownScenarioError
from mock_oms.scenario.problems import ScenarioError
from mock_oms.web.control import facts, told
from mock_oms.web.control.routes import routes
from mock_oms.web.state import State, current_state

scenarios = routes("scenarios", "What worlds can begin with.")


@scenarios.route("/scenarios")
@scenarios.response(200, told.ScenarioList)
def list_scenarios() -> dict[str, Any]:
    """The scenarios that can be started, by name. One that is broken says so."""
    state = current_state()
    return {"scenarios": [_line(state, name) for name in state.library.files()]}


@scenarios.route("/scenarios/<scenario:scenario>")
@scenarios.response(200, told.ScenarioDetail)
@scenarios.refuses(404, 422)
def show_scenario(scenario: str) -> dict[str, Any]:
    """What a scenario says of itself; 422 where its file cannot be used."""
    return facts.of_scenario(current_state().scenario(scenario))


def _line(state: State, name: str) -> dict[str, Any]:
    try:
        description = " ".join(state.library.named(name).document.description.split())
    except (ScenarioError, UnknownScenarioError) as error:
        description = f"cannot be used: {error}"
    return {"name": name, "description": description}
