"""What the mock says about itself, and who may hear it."""

import pytest
from flask.testing import FlaskClient

from mock_oms.contract import contract_text
from mock_oms.scenario.library import Library
from mock_oms.simulation import Simulation
from mock_oms.web.app import create_app

CONTRACT = "/_mock/openapi.yaml"
LOOPBACK = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", ""]
ELSEWHERE = ["10.0.0.1", "192.0.2.7", "::ffff:10.0.0.1", "2001:db8::1", "0.0.0.0", "localhost.example.com"]  # noqa: S104
HEALTH = ["/_mock/health/live", "/_mock/health/ready"]


def client(control_token: str | None = None) -> FlaskClient:
    return create_app(Simulation(Library().load("restock")), control_token=control_token).test_client()


@pytest.mark.parametrize("address", LOOPBACK)
def test_without_a_token_loopback_may_read_the_contract(address: str) -> None:
    answer = client().get(CONTRACT, environ_base={"REMOTE_ADDR": address})
    assert (answer.status_code, answer.text) == (200, contract_text())


@pytest.mark.parametrize("address", ELSEWHERE)
def test_without_a_token_nobody_else_may(address: str) -> None:
    answer = client().get(CONTRACT, environ_base={"REMOTE_ADDR": address})
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert answer.json == {
        "status": 403,
        "title": "Forbidden",
        "detail": "Only loopback may ask this: start the mock with a control token to let others in.",
    }


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
def test_with_a_token_whoever_knows_it_may(address: str) -> None:
    headers = {"Authorization": "Bearer secret"}
    answer = client("secret").get(CONTRACT, headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "given", ["", "secret", "Bearer", "Bearer Secret", "Token secret", "Bearer secret ", "Bearer \u015f"]
)
def test_with_a_token_nobody_else_may_not_even_loopback(given: str) -> None:
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": given.encode().decode("latin-1")}
    assert client("secret").get(CONTRACT, environ_overrides=environ).status_code == 403


def test_a_token_may_hold_any_letter() -> None:
    environ = {"HTTP_AUTHORIZATION": "Bearer şifre".encode().decode("latin-1")}
    assert client("şifre").get(CONTRACT, environ_overrides=environ).status_code == 200


@pytest.mark.parametrize("path", HEALTH)
@pytest.mark.parametrize("token", [None, "secret"])
def test_health_is_open_to_everyone(path: str, token: str | None) -> None:
    assert client(token).get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/_mock/health/../openapi.yaml",
        "/_mock/health/%2e%2e/openapi.yaml",
        "/_mock//openapi.yaml",
        "/_MOCK/openapi.yaml",
    ],
)
def test_no_spelling_of_a_path_slips_past_the_guard(path: str) -> None:
    answer = client("secret").get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert contract_text() not in answer.text
    assert answer.status_code in {308, 403, 404}


def test_an_unknown_control_path_is_not_found() -> None:
    assert client().get("/_mock/nothing").status_code == 404


def test_ready_says_how_many_plans_the_default_world_has() -> None:
    answer = client().get("/_mock/health/ready")
    assert answer.json is not None
    assert (answer.json["status"], answer.json["plans"]) == ("ready", 1)
