"""The Flask app around the vendor's API: what it leaves to Flask, and where it differs from Django on purpose."""

import json
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mock_oms.api.app import create_app
from mock_oms.api.rest_framework import compact
from mock_oms.api.state import current_state
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from mock_oms.worlds.manager import WorldManager
from tests.drf.cases import TOKEN
from tests.drf.fake_world import FakeReading, FakeSimulation, app_of
from tests.drf.tables import LIST, LOGIN
from tests.drf.wire import Sent, call


class BrokenSimulation(FakeSimulation):
    """A simulation with a bug."""

    def reading(self, token: str) -> NoReturn:
        raise RuntimeError(token)


@pytest.fixture
def app() -> Flask:
    return app_of(FakeSimulation(Switches()))


def test_what_is_registered_under_mock_is_routed_by_flask(app: Flask) -> None:
    app.add_url_rule("/_mock/thing", view_func=lambda: str(current_state().simulation.default().count))
    assert app.test_client().get("/_mock/thing").text == "25"


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/nothing"])
def test_nothing_under_mock_is_answered_by_the_vendor(app: Flask, path: str) -> None:
    assert "X-Frame-Options" not in app.test_client().get(path).headers


def test_a_host_name_with_an_underscore_is_let_through_and_stands_in_the_links(app: Flask) -> None:
    received = call(app.wsgi_app, Sent(target=LIST, headers={**TOKEN, "Host": "mock_oms:8080"}))
    assert b'"next":"http://mock_oms:8080/api/v1/oms/orderexecutionplans/?page=2"' in received.body


def test_a_stale_cookie_of_djangos_own_is_ignored(app: Flask) -> None:
    received = call(app.wsgi_app, Sent(target=LIST, headers={**TOKEN, "Cookie": "sessionid=1; csrftoken=2"}))
    assert (received.status, {"set-cookie", "vary"} & set(dict(received.headers))) == ("200 OK", set())


def test_behind_a_prefix_the_links_carry_it(app: Flask) -> None:
    response = app.test_client().get(
        LIST, base_url="https://oms.test/shop", headers={"Authorization": "Token mock-oms-token"}
    )
    assert response.get_json()["next"] == f"https://oms.test/shop{LIST}?page=2"


def test_a_bug_of_ours_looks_like_a_bug_of_theirs(caplog: pytest.LogCaptureFixture) -> None:
    received = call(app_of(BrokenSimulation(Switches())).wsgi_app, Sent(target=LIST, headers=TOKEN))
    assert (received.status, b"Server Error (500)" in received.body) == ("500 Internal Server Error", True)
    assert "RuntimeError" in caplog.text


def test_a_bug_in_the_control_api_is_not_dressed_up(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.add_url_rule("/_mock/bug", view_func=lambda: str(1 // 0))
    assert app.test_client().get("/_mock/bug").headers["Content-Type"] == "application/problem+json"
    assert "ZeroDivisionError" in caplog.text


def test_a_body_larger_than_django_reads_is_refused_before_it_is_read(app: Flask) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "2621441"}
    assert call(app.wsgi_app, Sent(method="POST", target=LOGIN, headers=headers)).status == "400 Bad Request"


def test_the_world_behind_the_token_decides_how_it_wants_to_be_authenticated() -> None:
    simulation = FakeSimulation(Switches())
    simulation.worlds["bearer-world"] = FakeReading(Switches(auth="bearer"), {})
    app = app_of(simulation)
    statuses = {
        scheme: app.test_client().get(LIST, headers={"Authorization": f"{scheme} bearer-world"}).status_code
        for scheme in ("Token", "Bearer")
    }
    assert statuses == {"Token": 401, "Bearer": 200}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """The app around a real simulation."""
    return create_app(WorldManager(Library().load("default"))).test_client()


def test_every_plan_is_written_as_the_framework_would_write_it(client: FlaskClient) -> None:
    body = client.get(f"{LIST}?limit=100", headers=TOKEN).data
    assert compact(json.loads(body)) == body


def test_a_plan_is_the_same_in_the_list_and_by_itself(client: FlaskClient) -> None:
    for plan in client.get(LIST, headers=TOKEN).get_json()["results"]:
        assert client.get(f"{LIST}{plan['id']}/", headers=TOKEN).get_json() == plan


def test_a_client_that_logs_in_can_walk_all_pages(client: FlaskClient) -> None:
    key = client.post(LOGIN, json={"username": "sdk", "password": "mock-oms"}).get_json()["key"]
    url: str | None = f"http://oms.test{LIST}?limit=7"
    seen: list[int] = []
    while url:
        page = client.get(url, headers={"Authorization": f"Token {key}"}).get_json()
        seen += [plan["id"] for plan in page["results"]]
        url = page["next"]
    assert (len(seen), len(set(seen))) == (page["count"], page["count"])
