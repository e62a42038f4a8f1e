"""Who may touch the control API, over its whole URL map: what the guard does not know, it denies."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mock_oms.api.guard import OPEN
from tests.api.control import Server, server

LOOPBACK = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", ""]
ELSEWHERE = ["10.0.0.1", "192.0.2.7", "::ffff:10.0.0.1", "2001:db8::1", "0.0.0.0", "localhost.example.com"]  # noqa: S104
SECRET = {"Authorization": "Bearer secret"}


def rules() -> Iterator[tuple[str, str]]:
    """Every method of every path that the app has, with something in the place of its names."""
    for rule in server().client.application.url_map.iter_rules():
        path = re.sub("<.*?>", "1", rule.rule)
        yield from ((method, path) for method in sorted(rule.methods or ()))


EVERY = [
    *sorted(set(rules())),
    ("GET", "/_mock"),
    ("GET", "/_mock/"),
    ("GET", "/_mock/nothing"),
    ("POST", "/_mock/worlds/../x"),
]
GUARDED = [(method, path) for method, path in EVERY if path not in OPEN]
each = pytest.mark.parametrize(("method", "path"), GUARDED)


def ask(mock: Server, method: str, path: str, address: str = "127.0.0.1", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return mock.client.open(path, method=method, headers=named, environ_base={"REMOTE_ADDR": address})


def problem_of(answer: TestResponse) -> tuple[int, bool]:
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]
    return answer.status_code, answer.content_type == "application/problem+json"


def test_the_app_has_no_path_outside_the_control_api() -> None:
    assert all(path.startswith("/_mock") for _, path in EVERY)


def test_health_alone_is_open() -> None:
    assert {path for _, path in rules()} >= OPEN == {"/_mock/health/live", "/_mock/health/ready"}


@pytest.mark.parametrize("path", sorted(OPEN))
@pytest.mark.parametrize("token", [None, "secret"])
def test_health_is_open_to_everyone(path: str, token: str | None) -> None:
    answer = ask(server(control_token=token), "GET", path, "192.0.2.7", Host="elsewhere", Origin="null")
    assert answer.status_code == 200


@each
def test_without_a_token_nobody_from_elsewhere_may(method: str, path: str) -> None:
    assert problem_of(ask(server(), method, path, "192.0.2.7")) == (403, True)


@each
def test_without_a_token_nobody_may_by_another_name(method: str, path: str) -> None:
    assert problem_of(ask(server(), method, path, Host="rebound.example.com")) == (421, True)


@each
def test_no_page_from_elsewhere_may(method: str, path: str) -> None:
    assert problem_of(ask(server(), method, path, Origin="http://example.com")) == (403, True)
    assert problem_of(ask(server(), method, path, Sec_Fetch_Site="cross-site")) == (403, True)


@each
def test_with_a_token_nobody_may_without_it(method: str, path: str) -> None:
    mock = server(control_token="secret")
    answer = ask(mock, method, path)
    assert problem_of(answer) == (401, True)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@each
def test_with_the_token_whoever_has_it_may_from_anywhere(method: str, path: str) -> None:
    mock = server(control_token="secret")
    assert ask(mock, method, path, "192.0.2.7", Host="mock.internal", **SECRET).status_code not in {401, 403, 421}


@each
def test_from_here_it_is_answered(method: str, path: str) -> None:
    assert ask(server(), method, path).status_code not in {401, 403, 421, 500}


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_has_many_addresses(address: str) -> None:
    assert ask(server(), "GET", "/_mock/worlds", address).status_code == 200


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_only_looks_like_loopback_is_not(address: str) -> None:
    assert ask(server(), "GET", "/_mock/worlds", address).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "[::1]", "127.1.2.3"])
def test_this_machine_has_many_names(host: str) -> None:
    assert ask(server(), "GET", "/_mock/worlds", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["", ":80", "localhost.example.com", "127.0.0.1.nip.io", "0.0.0.0", "localhost,evil", "[::2]", "[", "x:localhost"],  # noqa: S104
)
def test_what_only_looks_like_this_machine_is_not(host: str) -> None:
    assert ask(server(), "GET", "/_mock/worlds", Host=host).status_code == 421


@pytest.mark.parametrize(
    "host",
    [
        "localhost@evil.example",
        "localhost:80@evil.example",
        "localhost:x",
        "localhost:80,evil.example",
        "localhost.",
        "localhost evil.example",
        "[::1]evil.example",
        "[::1%25lo]",
        "[::1%lo]",
        "[127.0.0.1",
        "::1",
        "127.1",
    ],
)
def test_a_host_that_is_no_name_and_port_is_not_this_machine(host: str) -> None:
    assert ask(server(), "GET", "/_mock/worlds", Host=host).status_code == 421


def test_a_request_without_a_host_names_nobody() -> None:
    answer = server().client.get("/_mock/worlds", environ_overrides={"HTTP_HOST": ""})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "given", ["", "secret", "Bearer", "Bearer Secret", "Token secret", "Bearer secret ", "Bearer \u015f"]
)
def test_a_token_that_is_not_quite_the_one_is_none(given: str) -> None:
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": given.encode().decode("latin-1")}
    answer = server(control_token="secret").client.get("/_mock/worlds", environ_overrides=environ)
    assert answer.status_code == 401


def test_the_token_is_not_in_what_is_printed_of_the_app() -> None:
    assert "secret" not in repr(server(control_token="secret").client.application.extensions["mock_oms"])


def test_who_has_only_a_browser_is_told_how_to_look() -> None:
    answer = ask(server(control_token="secret"), "GET", "/_mock/docs")
    assert "a browser does not send it: save /_mock/docs with curl" in answer.get_json()["detail"]


@pytest.mark.parametrize("origin", ["http://localhost", "HTTP://LOCALHOST", "https://localhost"])
def test_a_page_of_the_mocks_own_may(origin: str) -> None:
    assert ask(server(), "GET", "/_mock/docs", Origin=origin, Sec_Fetch_Site="same-origin").status_code == 200


@pytest.mark.parametrize(
    "origin", ["null", "", "http://localhost:81", "http://localhost.example.com", "http://127.0.0.1"]
)
def test_every_other_page_may_not(origin: str) -> None:
    assert ask(server(), "POST", "/_mock/worlds", Origin=origin).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "new-word"])
def test_a_browser_that_says_another_site_asks_is_believed(site: str) -> None:
    assert ask(server(), "GET", "/_mock/worlds", Sec_Fetch_Site=site).status_code == 403


def test_the_token_does_not_help_a_page_from_elsewhere() -> None:
    mock = server(control_token="secret")
    assert ask(mock, "GET", "/_mock/worlds", Origin="http://example.com", **SECRET).status_code == 403


WRITES = [(method, path) for method, path in GUARDED if method not in {"GET", "HEAD", "OPTIONS"}]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/problem+json", ""]
)
def test_a_write_is_json_or_nothing(method: str, path: str, kind: str) -> None:
    """An old browser sends a form without an `Origin`: then its content type gives it away, with a body and without."""
    for body in (b'{"run":"plan-cancel"}', b""):
        answer = server().client.open(path, method=method, data=body, content_type=kind)
        assert problem_of(answer) == (415, True) or (not body and not kind)


def drive_by(**sent: Any) -> TestResponse:
    """What a page that somebody happened to open can send without being asked."""
    browser = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    mock = server()
    answer = mock.client.post("/_mock/worlds/default/plans/41207/commands", headers=browser, **sent)
    assert mock.done("GET", "/worlds/default/events")["events"] == []
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"run": "plan-cancel"}},
        {"data": b'{"run":"plan-cancel"}', "content_type": "text/plain"},
        {"json": {"run": "plan-cancel"}},
    ],
)
def test_a_drive_by_page_changes_nothing(sent: dict[str, Any]) -> None:
    assert problem_of(drive_by(**sent)) == (403, True)


def test_a_preflight_is_not_answered_with_leave() -> None:
    asked = {"Origin": "http://example.com", "Access-Control-Request-Method": "DELETE"}
    answer = server().client.options("/_mock/worlds/default", headers=asked)
    assert problem_of(answer) == (403, True)


@pytest.mark.parametrize(
    "path",
    [
        "/_mock/health/../worlds",
        "/_mock/health/live/../../worlds",
        "/_mock/health/%2e%2e/worlds",
        "/_mock//worlds",
        "//_mock/worlds",
        "/_MOCK/worlds",
        "/_mock/worlds/",
        "/_mock/./worlds",
        "/_mock/health/live%00",
        "/_mock/health/live/",
        "/%5fmock/worlds",
        "/_mock%2fworlds",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_no_spelling_of_a_path_slips_past_the_guard(path: str, method: str) -> None:
    answer = server(control_token="secret").client.open(path, method=method, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert "mock-oms-token" not in answer.text
    assert answer.status_code in {401, 404}


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_make_another_method_of_a_read(name: str) -> None:
    mock = server()
    mock.opened("mine")
    answer = mock.client.get("/_mock/worlds/mine?_method=DELETE", headers={name: "DELETE"})
    assert answer.status_code == 200
    assert mock.done("GET", "/worlds/mine")["name"] == "mine"


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Prefix"]
)
def test_nobody_comes_from_where_a_header_says(name: str) -> None:
    answer = server().client.get(
        "/_mock/worlds", headers={name: "127.0.0.1"}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert problem_of(answer) == (403, True)


def test_a_body_that_is_too_large_is_refused() -> None:
    body = b'{"name": "' + b"a" * 1_000_000 + b'"}'
    answer = server().client.post("/_mock/worlds", data=body, content_type="application/json")
    assert problem_of(answer) == (413, True)


def test_a_body_in_chunks_is_not_lost_in_silence() -> None:
    answer = server().client.post("/_mock/worlds", headers={"Transfer-Encoding": "chunked"}, json={"name": "a"})
    assert problem_of(answer) == (411, True)


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'{"seed": NaN}', b'{"a":1,"a":2}', b'{"seed": ' + b"9" * 5000 + b"}", b"[" * 100_000, b"1 2"],
)  # fmt: skip
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    answer = server().client.post("/_mock/worlds", data=body, content_type="application/json")
    assert problem_of(answer) == (400, True)


def test_a_method_that_a_path_does_not_take_is_told_those_that_it_does() -> None:
    answer = ask(server(), "PUT", "/_mock/worlds")
    assert problem_of(answer) == (405, True)
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
