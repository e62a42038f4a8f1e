"""Quota, tokens that expire and throttled logins on the wire: the framework's order, and waits that are right."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mock_oms.switches import Switches
from tests.drf.fake_world import FULL
from tests.drf.project import django_app, rate_throttle
from tests.drf.wire import Sent, call
from tests.system.wired import LIST, LOGIN, Wired, World, wired

DETAIL = f"{LIST}41207/"
JSON = {"Content-Type": "application/json"}


WALL = SimpleNamespace(now=datetime(2026, 5, 1, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired(wall=lambda: WALL.now) as running:
        yield running


def limited(server: Wired, *faults: Any, rate: float = 0, **limits: Any) -> World:
    return server.world(*faults, limits=limits, clock={"rate": rate})


NONE = f"{LIST}404404/"
HTML, NOPE = {"Accept": "text/html"}, {"Authorization": "Token nope"}
#: Seconds that pass before the request, method, target and more headers.
ORDER: list[tuple[int, str, str, dict[str, str]]] = [
    *((0, "GET", LIST, headers) for headers in (HTML, NOPE, {"Authorization": ""})),
    *((0, "GET", target, {}) for target in ("/nowhere/", LIST[:-1])),
    *((0, "POST", LIST, {}), (10, "GET", NONE, {}), (10, "GET", f"{LIST}?page=999", {}), (5, "GET", LIST, {})),
    *((0, method, LIST, {}) for method in ("POST", "OPTIONS", "HEAD")),
    *((0, "GET", NONE, {}), (0, "GET", f"{LIST}x/", {"Accept": "application/json; indent=4"})),
    *((0, "GET", LIST, headers) for headers in (HTML, NOPE, {"Authorization": "Token fail-403"})),
    *((0, "GET", "/nowhere/", {}), (34, "DELETE", NONE, {}), (1, "DELETE", NONE, {})),
    *((seconds, "GET", NONE, {}) for seconds in (0, 9, 1)),
]


def test_checks_come_in_the_frameworks_order_with_its_waits(server: Wired) -> None:
    world, at = limited(server, quota={"limit": 3, "window": "1m"}), [0.0]
    real = django_app(Switches(), throttle=rate_throttle("3/m", lambda: at[0]))
    statuses = []
    for seconds, method, target, headers in ORDER:
        at[0] += seconds
        world.lease.world.advance(timedelta(seconds=seconds))
        own = {"Authorization": f"Token {FULL}", "Host": "shop", **headers}
        wanted = call(real, Sent(method=method, target=target, headers=own))
        answer = world.ask(target, method, **headers)
        statuses.append(answer.status)
        assert f"{answer.status} " == wanted.status[:4], (method, target, headers)
        if answer.status != 200:
            assert (answer.vendors, answer.body) == (dict(wanted.headers), wanted.body)
    assert {301, 401, 403, 404, 405, 406, 429} <= set(statuses)


def test_logins_are_throttled_as_by_the_framework(server: Wired) -> None:
    at = [0.0]
    real = django_app(Switches(), of_logins=rate_throttle("2/m", lambda: at[0]))
    world = limited(server, login={"limit": 2, "window": "1m"})
    name, statuses = world.lease.world.origin.name, []
    plain = {"Content-Type": "text/plain"}
    for seconds, headers, password in (
        *((0, JSON, "wrong"), (0, {**JSON, **HTML}, "wrong"), (0, plain, "mock-oms"), (20, JSON, "wrong")),
        *((0, JSON, "wrong"), (0, JSON, "mock-oms"), (0, {**JSON, **HTML}, "mock-oms"), (40, JSON, "wrong")),
    ):
        at[0] += seconds
        world.lease.world.advance(timedelta(seconds=seconds))
        body = '{"username": "NAME", "password": "%s"}' % password  # noqa: UP031
        wanted = call(real, Sent(method="POST", target=LOGIN, headers=headers, body=body.encode()))
        answer = world.ask(LOGIN, "POST", body.replace("NAME", name).encode(), **headers, Authorization="")
        statuses.append(answer.status)
        found = f"{answer.status} ", answer.vendors, answer.body
        assert found == (wanted.status[:4], dict(wanted.headers), wanted.body)
    assert statuses == [400, 406, 415, 429, 429, 429, 406, 400]
    assert server.default.login().status == 200


@pytest.mark.parametrize("rate", [0, 1, 60, 0.5])
def test_who_waits_as_long_as_he_is_told_is_let_in_and_nobody_before(server: Wired, rate: float) -> None:
    world = limited(server, quota={"limit": 1, "window": "1h"}, rate=rate)

    def pass_by(seconds: float) -> None:
        if rate:
            WALL.now += timedelta(seconds=seconds)
        else:
            world.lease.world.advance(timedelta(seconds=seconds))

    assert world.ask().status == 200
    pass_by(10.5)
    refused = world.ask()
    wait = int(refused["retry-after"])
    assert (refused.status, wait) == (429, {0: 3590, 1: 3590, 60: 50, 0.5: 7190}[rate])
    assert refused.body == b'{"detail":"Request was throttled. Expected available in %d seconds."}' % wait
    pass_by(wait - 2)
    assert world.ask().status == 429
    pass_by(2)
    assert world.ask().status == 200


def test_a_token_that_expires_in_mid_paging_is_refused_until_somebody_logs_in(server: Wired) -> None:
    world = limited(server, token={"requests": 2})
    pages = [f"{LIST}?limit=5&page={page}" for page in range(1, 6)]
    assert [world.ask(page).status for page in pages[:4]] == [200, 200, 401, 401]
    assert world.login("wrong").status == 400
    assert world.ask(pages[2]).status == 401
    login = world.login(Authorization="")
    assert login.body == b'{"key":"%s"}' % world.token.encode()
    assert [world.ask(page).status for page in pages[2:]] == [200, 200, 401]


@pytest.mark.parametrize("auth", ["bearer", "both"])
def test_an_expired_token_is_refused_in_the_words_of_its_own_world(server: Wired, auth: str) -> None:
    world = server.world(limits={"token": {"requests": 1}}, answers={"auth": auth})
    bearer = {"Authorization": f"Bearer {world.token}"}
    assert world.ask(**bearer).status == 200
    answer = world.ask(**bearer)
    assert (answer.status, answer.body) == (401, b'{"detail":"Invalid token."}')
    assert answer["www-authenticate"] == {"bearer": "Bearer", "both": "Token"}[auth]


@pytest.mark.parametrize("effect", [{"status": 503}, {"connection": "reset"}])
def test_a_request_that_never_reaches_the_framework_uses_no_quota(server: Wired, effect: dict[str, Any]) -> None:
    fault = {"on": "any", "times": 3, "effect": effect}
    world = limited(server, fault, quota={"limit": 1, "window": "1m"})
    found = [world.ask().status for _ in range(5)]
    assert found[:3] == [effect.get("status")] * 3
    assert found[3:] in ([200, 429], [429, 429])


def test_a_limit_leaves_the_connection_open_and_is_in_the_journal_with_its_hint_until_a_reset(server: Wired) -> None:
    world = limited(server, quota={"limit": 2, "window": "1m"})
    with world.connected() as wire:
        targets = ((DETAIL, "GET"), (DETAIL, "GET"), (DETAIL, "GET"), (LIST, "HEAD"), ("/nowhere/", "GET"))
        found = [wire.ask(target, method).status for target, method in targets]
    assert found == [200, 200, 429, 429, 404]
    entries = world.entries()
    assert [entry.status for entry in entries] == found
    assert [entry.retry_after for entry in entries] == [None, None, 60, 60, None]
    assert (entries[2].hint or "").startswith("This is the quota of 2 requests in 1m: wait")
    world.lease.traffic.restart(world.lease.world.reset)
    assert world.ask().status == 200


@pytest.mark.smoke
def test_a_token_expires_after_a_time_of_the_world(server: Wired) -> None:
    world = limited(server, token={"after": "10m"})
    found = []
    for minutes in (0, 9, 1):
        world.lease.world.advance(timedelta(minutes=minutes))
        found.append(world.ask().status)
    assert found == [200, 200, 401]
    assert (world.entries()[-1].hint or "").startswith("The token is no longer valid (tokens live for 10m): log in")
    assert (world.login().status, world.ask().status) == (200, 200)
