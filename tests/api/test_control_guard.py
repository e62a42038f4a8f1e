"""Who may touch the control API, over its whole URL map: what the guard does not know, it denies."""

import re
from itertools import product
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mock_oms.api.guard import OPEN, is_page
from tests.api.control import Server, server

ELSEWHERE = "192.0.2.7"
SECRET = {"Authorization": "Bearer secret"}
#: Every method of every path that the app has, with something in the place of its names.
ROUTES = sorted(
    (method, re.sub("<.*?>", "1", rule.rule))
    for rule in server().app.control.url_map.iter_rules()
    for method in rule.methods or ()
)
NOWHERE = [("GET", "/_mock"), ("GET", "/_mock/"), ("GET", "/_mock/nothing"), ("POST", "/_mock/worlds/../x")]
GUARDED = [(method, path) for method, path in (*ROUTES, *NOWHERE) if path not in OPEN]
WRITES = [(method, path) for method, path in GUARDED if method not in {"GET", "HEAD", "OPTIONS"}]


@pytest.fixture(scope="module")
def mock() -> Server:
    """A mock for requests that must not change it."""
    return server()


@pytest.fixture(scope="module")
def locked() -> Server:
    return server(control_token="secret")


def ask(
    mock: Server, path: str = "/_mock/worlds", address: str = "127.0.0.1", method: str = "GET", **headers: str
) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = mock.client.open(path, method=method, headers=named, environ_base={"REMOTE_ADDR": address})
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]
    assert answer.status_code < 400 or answer.content_type == "application/problem+json"
    return answer


def test_health_is_open_to_everyone_and_there_is_no_path_outside_the_control_api(mock: Server, locked: Server) -> None:
    paths = {path for _, path in ROUTES}
    assert all(path.startswith("/_mock") for path in paths)
    assert paths >= OPEN == {"/_mock/health/live", "/_mock/health/ready"}
    for one, path in product((mock, locked), OPEN):
        assert ask(one, path, ELSEWHERE, Host="elsewhere", Origin="null").status_code == 200


@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        (None, ELSEWHERE, {}, 403),
        (None, "127.0.0.1", {"Host": "rebound.example.com"}, 421),
        (None, "127.0.0.1", {"Origin": "http://example.com"}, 403),
        (None, "127.0.0.1", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("secret", "127.0.0.1", {}, 401),
    ],
)
def test_every_path_is_refused_to_who_may_not_use_it(
    token: str | None, address: str, headers: dict[str, str], status: int
) -> None:
    mock = server(control_token=token)
    for method, path in GUARDED:
        if token and is_page(method, path):
            continue
        answer = ask(mock, path, address, method, **headers)
        assert answer.status_code == status, (method, path)
        assert answer.headers.get("WWW-Authenticate") == ("Bearer" if token else None)


@pytest.mark.parametrize(
    ("token", "address", "headers"),
    [(None, "127.0.0.1", {}), ("secret", ELSEWHERE, {"Host": "mock.internal", **SECRET})],
)
def test_every_path_is_open_on_this_machine_or_with_the_token_from_anywhere(
    token: str | None, address: str, headers: dict[str, str]
) -> None:
    mock = server(control_token=token)
    for method, path in GUARDED:
        status = ask(mock, path, address, method, **headers).status_code
        assert status not in {401, 403, 421, 500}, (method, path)


def test_loopback_has_many_addresses_and_what_only_looks_like_one_is_none(mock: Server) -> None:
    far = ("10.0.0.1", ELSEWHERE, "::ffff:10.0.0.1", "2001:db8::1", "0.0.0.0", "localhost.example.com")  # noqa: S104
    for address in ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "", *far):
        assert ask(mock, address=address).status_code == (403 if address in far else 200), address


NO_NAMES = (
    "", ":80", "localhost.example.com", "127.0.0.1.nip.io", "0.0.0.0", "localhost,evil", "[::2]", "[", "x:localhost",  # noqa: S104
    "localhost@evil.example", "localhost:80@evil.example", "localhost:x", "localhost:80,evil.example", "localhost.",
    "localhost evil.example", "[::1]evil.example", "[::1%25lo]", "[::1%lo]", "[127.0.0.1", "::1", "127.1",
)  # fmt: skip


def test_this_machine_has_many_names_and_what_only_looks_like_one_is_none(mock: Server) -> None:
    for host in ("localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "[::1]", "127.1.2.3", *NO_NAMES):
        try:
            status = ask(mock, Host=host).status_code
        except ValueError:  # older clients of werkzeug's look into the address that they have asked
            status = 421 if host in NO_NAMES else 0
        assert status == (421 if host in NO_NAMES else 200), host
    assert mock.client.get("/_mock/worlds", environ_overrides={"HTTP_HOST": ""}).status_code == 421


def test_a_token_that_is_not_quite_the_one_is_none_and_the_one_is_not_printed(locked: Server) -> None:
    for given in ("", "secret", "Bearer", "Bearer Secret", "Token secret", "Bearer secret ", "Bearer \u015f"):
        environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": given.encode().decode("latin-1")}
        assert locked.client.get("/_mock/worlds", environ_overrides=environ).status_code == 401, given
    assert "a browser does not send it: open /_mock/ in it" in ask(locked).get_json()["detail"]
    assert "secret" not in repr(locked.client.application.extensions["mock_oms"])


def test_a_page_of_the_mocks_own_may_and_every_other_not_even_with_the_token(mock: Server, locked: Server) -> None:
    for origin in ("http://localhost", "HTTP://LOCALHOST", "https://localhost"):
        assert ask(mock, "/_mock/", Origin=origin, Sec_Fetch_Site="same-origin").status_code == 200
    origins = ("null", "", "http://localhost:81", "http://localhost.example.com", "http://127.0.0.1")
    sites = ("cross-site", "same-site", "", "new-word")
    for headers in (*({"Origin": one} for one in origins), *({"Sec_Fetch_Site": one} for one in sites)):
        assert ask(mock, method="POST", **headers).status_code == 403, headers
        assert ask(locked, **headers, **SECRET).status_code == 403, headers


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/problem+json", ""]
)
def test_a_write_is_json_or_nothing(kind: str) -> None:
    """An old browser sends a form without an `Origin`: then its content type gives it away, with a body and without."""
    mock = server()
    for method, path in WRITES:
        for body in (b'{"run":"plan-cancel"}', *([b""] if kind else [])):
            answer = mock.client.open(path, method=method, data=body, content_type=kind)
            assert (answer.status_code, answer.mimetype) == (415, "application/problem+json"), (method, path, body)


def test_a_page_that_somebody_opens_changes_nothing_and_gets_no_preflight(mock: Server) -> None:
    browser = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    run = {"run": "plan-cancel"}
    text: dict[str, Any] = {"data": b'{"run":"plan-cancel"}', "content_type": "text/plain"}
    for sent in ({"data": run}, text, {"json": run}):
        answer = mock.client.post("/_mock/worlds/default/plans/41207/commands", headers=browser, **sent)
        assert answer.status_code == 403
    assert mock.done("GET", "/worlds/default/events")["events"] == []
    headers = {"Origin": "http://example.com", "Access_Control_Request_Method": "DELETE"}
    assert ask(mock, "/_mock/worlds/default", method="OPTIONS", **headers).status_code == 403


SPELLINGS = (
    "/_mock/health/../worlds", "/_mock/health/live/../../worlds", "/_mock/health/%2e%2e/worlds", "/_mock//worlds",
    "//_mock/worlds", "/_MOCK/worlds", "/_mock/worlds/", "/_mock/./worlds", "/_mock/health/live%00",
    "/_mock/health/live/", "/%5fmock/worlds", "/_mock%2fworlds",
)  # fmt: skip


def test_no_spelling_of_a_path_slips_past_the_guard(locked: Server) -> None:
    for method, path in product(("GET", "HEAD", "OPTIONS", "POST"), SPELLINGS):
        answer = locked.client.open(path, method=method, environ_base={"REMOTE_ADDR": ELSEWHERE})
        assert (answer.status_code in {401, 404}, "mock-oms-token" in answer.text) == (True, False), (method, path)


def test_a_header_makes_no_other_method_of_a_read_and_nobody_comes_from_where_one_says(mock: Server) -> None:
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert mock.client.get("/_mock/worlds/default?_method=DELETE", headers={name: "DELETE"}).status_code == 200
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Prefix"):
        assert ask(mock, address=ELSEWHERE, **{name: "127.0.0.1"}).status_code == 403


PROXIES = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded", "Forwarded", "Forwarded-For", "Via"),
    *(
        "X-Real-IP",
        "CF-Connecting-IP",
        "CF-Ray",
        "True-Client-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "Fastly-Client-IP",
    ),
    *(
        "X-Original-Forwarded-For",
        "X-Envoy-External-Address",
        "X-Azure-ClientIP",
        "X-Remote-User",
        "X-Remote-Addr",
        "CDN-Loop",
    ),
    *("X-Originating-IP", "Proxy-Client-IP", "X-Amz-Cf-Id", "Tailscale-User-Login", "X_Forwarded_For", "Fly-Client-IP"),
    *("X-Http-Forwarded-For", "HTTP_X_FORWARDED_FOR", "X-Rewrite-URL", "X-ProxyUser-Ip", "Ngrok-Trace-Id", "X-Varnish"),
)


def test_without_a_control_token_what_a_proxy_has_brought_is_refused_whatever_it_says(
    mock: Server, locked: Server
) -> None:
    for name, value in product(PROXIES, ("127.0.0.1", "")):
        answer = ask(mock, **{name: value})
        assert (answer.status_code, "A proxy" in answer.text) == (403, True), name
        assert ask(locked, **{name: value}, **SECRET).status_code == 200, name
        assert ask(locked, **{name: value}).status_code == 401, name
    for name in ("X-Request-Id", "Traceparent", "X-B3-TraceId", "User-Agent", "Connection", "Accept", "Client-Version"):
        assert ask(mock, **{name: "1"}).status_code == 200, name


def test_the_scheme_of_the_control_token_is_taken_in_any_case(locked: Server) -> None:
    for scheme in ("bearer", "BEARER", "BeArEr"):
        assert ask(locked, Authorization=f"{scheme} secret").status_code == 200


def test_a_401_says_whether_a_token_is_missing_wrong_or_behind_another_scheme_and_shows_none(locked: Server) -> None:
    sent = {
        "": "a browser does not send it",
        " ": "a browser does not send it",
        "Token secret": "`Bearer` and a blank stand before it",
        "Basic c2VjcmV0": "`Bearer` and a blank stand before it",
        "secret": "`Bearer` and a blank stand before it",
        "Bearer": "`Bearer` and a blank stand before it",
        "Bearer wrong-one": "is not the control token of this mock",
        "Bearer  secret-one": "is not the control token of this mock",
    }
    answers = {header: ask(locked, Authorization=header) for header in sent}
    answers["none"], sent["none"] = ask(locked), sent[""]
    assert {header: one.status_code for header, one in answers.items()} == dict.fromkeys(sent, 401)
    said = {header: one.get_json()["detail"] for header, one in answers.items()}
    assert [header for header, sentence in said.items() if sent[header] not in sentence] == []
    assert [header for header, sentence in said.items() if re.search("secret|wrong-one|c2V", sentence)] == []


def test_who_may_ask_only_with_a_control_token_is_told_the_flag_that_sets_one(mock: Server) -> None:
    answers = (ask(mock, address=ELSEWHERE), ask(mock, Host="rebound.example.com"), ask(mock, Forwarded="for=::1"))
    assert [one.status_code for one in answers] == [403, 421, 403]
    assert ["start it with --control-token" in one.text.replace("the mock", "it") for one in answers] == [True] * 3


JSON = {"content_type": "application/json"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b'{"name": "' + b"a" * 6_000_000 + b'"}', **JSON}, 413),
        ({"headers": {"Transfer-Encoding": "chunked"}}, 415),
        *(({"data": body, **JSON}, 400) for body in (b"{", b"\xff", b'{"seed": NaN}', b'{"a":1,"a":2}', b"1 2")),
        *(
            ({"data": body, **JSON}, 400)
            for body in (b'{"seed": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 90_000)
        ),
    ],
)
def test_a_body_that_is_too_large_or_says_no_type_or_is_no_json_is_refused(
    mock: Server, sent: dict[str, Any], status: int
) -> None:
    answer = mock.client.post("/_mock/worlds", **sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert len(answer.get_json()["detail"]) < 300


def test_a_method_that_a_path_does_not_take_is_refused_with_those_that_it_does(mock: Server) -> None:
    answer = ask(mock, method="PUT")
    allowed = answer.headers["Allow"].split(", ")
    assert (answer.status_code, {"GET", "POST"} <= {*allowed}, allowed == sorted(allowed)) == (405, True, True)
