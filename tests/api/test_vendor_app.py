"""The Flask app around the vendor's API: what it leaves to Flask, where it differs from Django, tokens that fail."""

import json
from itertools import product
from typing import Any, NoReturn

import pytest

from mock_oms.api.app import MockApp, create_app
from mock_oms.api.failing_tokens import SLOW, TOKENS
from mock_oms.api.state import current_state
from mock_oms.contract.ledger import ledger
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from mock_oms.text import framework_json
from mock_oms.worlds.manager import WorldManager
from tests.drf.cases import TOKEN
from tests.drf.fake_world import FakeReading, FakeSimulation, app_of
from tests.drf.tables import LIST, LOGIN
from tests.drf.wire import Received, Sent, call


class BrokenSimulation(FakeSimulation):
    """A simulation with a bug."""

    def reading(self, token: str) -> NoReturn:
        raise RuntimeError(token)


@pytest.fixture
def app() -> MockApp:
    return app_of(FakeSimulation(Switches()))


def test_what_is_registered_under_mock_is_routed_by_flask_and_nothing_there_is_the_vendors(app: MockApp) -> None:
    app.control.add_url_rule("/_mock/thing", view_func=lambda: str(current_state().simulation.default().count))
    assert app.test_client().get("/_mock/thing").text == "25"
    for path in ("/_mock", "/_mock/", "/_mock/nothing"):
        assert "X-Frame-Options" not in app.test_client().get(path).headers


def test_at_the_root_a_browser_is_told_where_the_page_for_people_is_and_a_program_what_django_says(
    app: MockApp,
) -> None:
    programs = [call(app.wsgi_app, Sent(target="/", headers=one)).body for one in ({}, {"Accept": "application/json"})]
    elsewhere = call(app.wsgi_app, Sent(target="/nothing/", headers={"Accept": "text/html"}))
    browser = call(app.wsgi_app, Sent(target="/", headers={"Accept": "text/html,*/*;q=0.8"}))
    assert programs == [elsewhere.body] * 2
    assert (browser.status, b'<a href="_mock/">' in browser.body) == ("404 Not Found", True)
    assert {name for name, _ in browser.headers} == {name for name, _ in elsewhere.headers}


def test_a_host_name_with_an_underscore_is_let_through_and_stands_in_the_links(app: MockApp) -> None:
    received = call(app.wsgi_app, Sent(target=LIST, headers={**TOKEN, "Host": "mock_oms:8080"}))
    assert b'"next":"http://mock_oms:8080/api/v1/oms/orderexecutionplans/?page=2"' in received.body


def test_a_stale_cookie_of_djangos_own_is_ignored(app: MockApp) -> None:
    received = call(app.wsgi_app, Sent(target=LIST, headers={**TOKEN, "Cookie": "sessionid=1; csrftoken=2"}))
    assert (received.status, {"set-cookie", "vary"} & set(dict(received.headers))) == ("200 OK", set())


def test_behind_a_prefix_the_links_carry_it(app: MockApp) -> None:
    headers = {"Authorization": "Token mock-oms-token"}
    response = app.test_client().get(LIST, base_url="https://oms.test/shop", headers=headers)
    assert response.get_json()["next"] == f"https://oms.test/shop{LIST}?page=2"


def test_a_bug_of_ours_looks_like_a_bug_of_theirs_but_not_in_the_control_api(
    app: MockApp, caplog: pytest.LogCaptureFixture
) -> None:
    received = call(app_of(BrokenSimulation(Switches())).wsgi_app, Sent(target=LIST, headers=TOKEN))
    assert (received.status, b"Server Error (500)" in received.body) == ("500 Internal Server Error", True)
    assert "RuntimeError" in caplog.text
    app.control.add_url_rule("/_mock/bug", view_func=lambda: str(1 // 0))
    assert app.test_client().get("/_mock/bug").headers["Content-Type"] == "application/problem+json"
    assert "ZeroDivisionError" in caplog.text


def test_a_body_larger_than_django_reads_is_refused_before_it_is_read(app: MockApp) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "2621441"}
    assert call(app.wsgi_app, Sent(method="POST", target=LOGIN, headers=headers)).status == "400 Bad Request"


def test_the_world_behind_the_token_decides_how_it_wants_to_be_authenticated() -> None:
    simulation = FakeSimulation(Switches())
    simulation.worlds["bearer-world"] = FakeReading(Switches(auth="bearer"), {})
    client = app_of(simulation).test_client()
    for scheme, status in (("Token", 401), ("Bearer", 200)):
        assert client.get(LIST, headers={"Authorization": f"{scheme} bearer-world"}).status_code == status


@pytest.mark.parametrize("auth", ["token", "bearer"])
def test_an_unknown_token_is_asked_for_the_scheme_of_the_default_world(auth: Any) -> None:
    simulation = FakeSimulation(Switches(auth=auth))
    simulation.worlds["other-world"] = FakeReading(Switches(auth="bearer" if auth == "token" else "token"), {})
    client = app_of(simulation).test_client()
    answers = [client.get(LIST, headers={"Authorization": f"{word} nobody"}) for word in ("Token", "Bearer")]
    assert [answer.headers["WWW-Authenticate"] for answer in answers] == [auth.title()] * 2


def test_plans_are_written_as_the_framework_would_alike_in_list_and_detail_and_a_login_can_walk_all_pages() -> None:
    client = create_app(WorldManager(Library().load("default"))).test_client()
    body = client.get(f"{LIST}?limit=100", headers=TOKEN).data
    assert framework_json(json.loads(body)) == body
    key = client.post(LOGIN, json={"username": "sdk", "password": "mock-oms"}).get_json()["key"]
    headers = {"Authorization": f"Token {key}"}
    url: str | None = f"http://oms.test{LIST}?limit=7"
    seen: dict[int, Any] = {}
    while url:
        page = client.get(url, headers=headers).get_json()
        seen |= {plan["id"]: plan for plan in page["results"]}
        url = page["next"]
    assert [*seen.values()] == json.loads(body)["results"]
    assert len(seen) == page["count"]
    for plan in seen:
        assert client.get(f"{LIST}{plan}/", headers=headers).get_json() == seen[plan]


# Tokens that always fail, on every route that needs a token

#: token → status line, content type, what the body says, headers that matter
FAILURES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "fail-inactive": ("401 Unauthorized", "application/json", "User inactive or deleted.", {"www-authenticate": "Token"}),
    "fail-403": ("403 Forbidden", "application/json", "You do not have permission to perform this action.", {}),
    "fail-429": (
        "429 Too Many Requests", "application/json",
        "Request was throttled. Expected available in 17 seconds.", {"retry-after": "17"},
    ),
    "fail-500": ("500 Internal Server Error", "text/html; charset=utf-8", "<h1>Server Error (500)</h1>", {}),
    "fail-502": ("502 Bad Gateway", "text/html", "<h1>502 Bad Gateway</h1>", {}),
    "fail-503": ("503 Service Unavailable", "text/html", "<h1>503 Service Unavailable</h1>", {"retry-after": "17"}),
}  # fmt: skip


def fails(token: str, method: str = "GET", target: str = LIST, answers: Switches | None = None) -> Received:
    app = app_of(FakeSimulation(answers or Switches()))
    return call(app.wsgi_app, Sent(method=method, target=target, headers={"Authorization": f"Token {token}"}))


@pytest.mark.parametrize(("token", "method"), [*product(sorted(TOKENS - {SLOW}), ("GET", "POST", "OPTIONS"))])
def test_a_magic_token_fails_in_its_own_way_whatever_is_asked(token: str, method: str) -> None:
    status, content_type, text, wanted = FAILURES[token]
    body = json.dumps({"detail": text}, separators=(",", ":")) if content_type == "application/json" else text
    for target in (LIST, f"{LIST}7001/", f"{LIST}no-such-id/", f"{LIST}?page=99"):
        received = fails(token, method, target)
        headers = dict(received.headers)
        assert (received.status, headers["content-type"], body in received.body.decode()) == (
            status,
            content_type,
            True,
        )
        assert wanted.items() <= headers.items()
        if token in {"fail-502", "fail-503"}:  # a gateway sends none of the headers that Django sends
            assert set(headers) <= {"content-type", "content-length", "retry-after"}


@pytest.mark.parametrize("token", FAILURES)
def test_a_magic_token_fails_even_where_authentication_is_off_but_nobody_is_inactive_there(token: str) -> None:
    status = "200 OK" if token == "fail-inactive" else FAILURES[token][0]
    assert fails(token, answers=Switches(auth="off")).status == status


def test_the_root_of_the_vendors_routes_is_nowhere_and_the_ledger_says_that_this_is_assumed(app: MockApp) -> None:
    root = "/api/v1/oms/"
    answer = app.test_client().get(root, headers={"Authorization": "Token mock-oms-token"})
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert [(one.path, one.mark) for one in ledger() if one.id == f"operation.{root}"] == [(root, "assumed")]
