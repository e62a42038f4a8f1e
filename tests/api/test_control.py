"""What the mock says about itself: health and its contracts."""

import json
import re
from itertools import product

import yaml
from openapi_spec_validator import validate

from mock_oms.api.app import create_app
from mock_oms.api.guard import OPEN
from mock_oms.cli.main import main
from mock_oms.contract.openapi import contract_text
from tests.api.control import server
from tests.typed import runner

#: The descriptions themselves, and the dashboard.
UNDESCRIBED = {
    "/_mock/openapi.json",
    "/_mock/openapi.yaml",
    "/_mock/docs",
    "/_mock",
    "/_mock/",
    "/_mock/page/<path:name>",
}


def test_the_mock_serves_the_contract_and_is_live_and_ready() -> None:
    mock = server()
    assert mock.ask("GET", "/openapi.yaml").text == contract_text()
    assert mock.done("GET", "/health/live") == {"status": "live"}
    contract = "contract last checked against a real OMS: never"
    assert mock.done("GET", "/health/ready") == {"status": "ready", "plans": 1, "contract": contract}


def test_the_contract_as_json_is_the_one_as_yaml_with_its_marks() -> None:
    for scenario in ("restock", "bare-array"):
        mock = server(scenario)
        answer = mock.ask("GET", "/contract.json")
        assert (answer.status_code, answer.content_type) == (200, "application/json")
        assert answer.get_json() == yaml.safe_load(mock.ask("GET", "/openapi.yaml").text)
        listed = answer.get_json()["paths"]["/api/v1/oms/orderexecutionplans/"]["get"]
        assert (listed["x-provenance"], listed["x-source"][:10]) == ("documented", "plans page")


def test_health_needs_no_control_api_and_is_what_that_describes() -> None:
    app = create_app(server().simulation)
    cases = list(product(sorted(OPEN), ("GET", "HEAD", "OPTIONS", "POST", "DELETE")))
    answers = [app.test_client().open(path, method=method) for path, method in cases]
    assert app._control is None  # noqa: SLF001  nobody has made it
    described = [app.control.test_client().open(path, method=method) for path, method in cases]
    seen, wanted = ([(it.status, sorted(it.headers), it.data) for it in some] for some in (answers, described))
    assert seen == wanted


def test_an_encoded_slash_ends_no_name_and_what_only_looks_like_one_is_none() -> None:
    mock = server()
    for path in ("/worlds/default%2Fclock", "/worlds/default%2fplans", "/scenarios%2Frestock"):
        status, problem = mock.refused("GET", path)
        assert (status, f"/_mock{path}" in problem["detail"]) == (404, True)
    for path in ("/worlds?x=%2F", "/worlds/default%2"):
        assert "encoded slash" not in mock.ask("GET", path).text


def test_the_description_is_whole_and_says_whether_a_token_is_demanded() -> None:
    guarded = server(control_token="secret").client
    document = guarded.get("/_mock/openapi.json", headers={"Authorization": "Bearer secret"}).get_json()
    validate(document)
    assert document["security"] == [{"controlToken": []}]
    open_to_this_machine = server().done("GET", "/openapi.json")
    assert open_to_this_machine["security"] == [*document["security"], {}]
    assert open_to_this_machine["components"]["securitySchemes"] == document["components"]["securitySchemes"]


def test_the_command_line_prints_the_same_description_and_nothing_of_a_scenario_beside_it() -> None:
    served = server().done("GET", "/openapi.json")
    printed = [runner().invoke(main, ["openapi", "--control", *form]).stdout for form in (["--json"], [])]
    assert [json.loads(printed[0]), yaml.safe_load(printed[1])] == [served, served]
    assert served["servers"][1]["url"] == "http://127.0.0.1:8080"
    refused = runner().invoke(main, ["openapi", "--control", "--scenario", "restock"])
    assert (refused.exit_code, "Give --control alone" in refused.stderr) == (2, True)


def test_every_route_is_described() -> None:
    mock = server()
    rules = mock.app.control.url_map.iter_rules()
    served = {
        (re.sub("<(?:.*?:)?(.*?)>", r"{\1}", rule.rule), method)
        for rule in rules
        if rule.rule not in UNDESCRIBED
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    paths = mock.done("GET", "/openapi.json")["paths"]
    assert served == {
        (path, method.upper()) for path, item in paths.items() for method in item if method != "parameters"
    }
