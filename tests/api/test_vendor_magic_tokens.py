"""The tokens that always fail, on every route that needs a token."""

from itertools import product

import pytest

from mock_oms.api.failures import SLOW, TOKENS
from mock_oms.switches import Switches
from tests.drf.fake_world import FakeSimulation, app_of
from tests.drf.tables import LIST
from tests.drf.wire import Received, Sent, call

#: token → status line, content type, what the body says, headers that matter
EXPECTED: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "fail-inactive": (
        "401 Unauthorized", "application/json", b'{"detail":"User inactive or deleted."}', {"www-authenticate": "Token"}
    ),
    "fail-403": (
        "403 Forbidden", "application/json", b'{"detail":"You do not have permission to perform this action."}', {}
    ),
    "fail-429": (
        "429 Too Many Requests", "application/json",
        b'{"detail":"Request was throttled. Expected available in 17 seconds."}', {"retry-after": "17"},
    ),
    "fail-500": ("500 Internal Server Error", "text/html; charset=utf-8", b"<h1>Server Error (500)</h1>", {}),
    "fail-502": ("502 Bad Gateway", "text/html", b"<h1>502 Bad Gateway</h1>", {}),
    "fail-503": ("503 Service Unavailable", "text/html", b"<h1>503 Service Unavailable</h1>", {"retry-after": "17"}),
}  # fmt: skip


def _ask(token: str, *, method: str = "GET", target: str = LIST, answers: Switches | None = None) -> Received:
    app = app_of(FakeSimulation(answers or Switches()))
    return call(app.wsgi_app, Sent(method=method, target=target, headers={"Authorization": f"Token {token}"}))


@pytest.mark.parametrize(("token", "method"), [*product(EXPECTED, ("GET", "POST", "OPTIONS"))])
def test_a_magic_token_fails_in_its_own_way_whatever_is_asked(token: str, method: str) -> None:
    status, content_type, text, headers = EXPECTED[token]
    for target in (LIST, f"{LIST}7001/", f"{LIST}no-such-id/", f"{LIST}?page=99"):
        received = _ask(token, method=method, target=target)
        assert (received.status, dict(received.headers)["content-type"]) == (status, content_type)
        assert text in received.body
        assert headers.items() <= dict(received.headers).items()


@pytest.mark.parametrize("token", ["fail-502", "fail-503"])
def test_a_gateway_sends_none_of_the_headers_that_django_sends(token: str) -> None:
    assert set(dict(_ask(token).headers)) <= {"content-type", "content-length", "retry-after"}


@pytest.mark.parametrize("token", EXPECTED)
def test_a_magic_token_fails_even_where_authentication_is_off_but_nobody_is_inactive_there(token: str) -> None:
    status = "200 OK" if token == "fail-inactive" else EXPECTED[token][0]
    assert _ask(token, answers=Switches(auth="off")).status == status


def test_every_magic_token_has_its_expectation_here() -> None:
    assert set(EXPECTED) | {SLOW} == TOKENS
