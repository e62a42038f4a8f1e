"""The header `X-Mock-Oms`: on every answer of the vendor's API, of the very instant that it was made from."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient

from mock_oms.api.app import create_app
from mock_oms.api.failures import TOKENS
from mock_oms.domain.events import Block
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.replay import replayed, without_snapshot
from mock_oms.worlds.store import DEFAULT
from mock_oms.worlds.world_header import HEADER, WorldHeader
from tests.api.control import LIST, PLAN
from tests.drf.cases import CASES
from tests.drf.fake_world import EMPTY, FULL, FakeReading, FakeSimulation, app_of
from tests.drf.tables import LOGIN
from tests.drf.wire import Received, Sent, call
from tests.worlds import scenario

KEY = HEADER.lower()
NONE = "world=none"
STATUSES = {"200", "301", "400", "401", "403", "404", "405", "406", "415", "429", "500"}

DEFAULT_ANSWERS = Switches()
ROWS = [sent for rows in CASES.values() for sent in rows if not sent.target.startswith("/_mock")]


def received(sent: Sent, *, answers: Switches = DEFAULT_ANSWERS, on: bool = True) -> Received:
    return call(app_of(FakeSimulation(answers), world_header=on).wsgi_app, sent)


def said(sent: Sent, answers: Switches = DEFAULT_ANSWERS) -> str:
    """The world that the header names, or none."""
    value = dict(received(sent, answers=answers).headers)[KEY]
    return NONE if value == NONE else WorldHeader.parse(value).world


def asked(text: str | None, target: str = LIST, method: str = "GET", **more: str) -> Sent:
    """A request with this `Authorization`."""
    headers = {} if text is None else {"Authorization": text}
    return Sent(method=method, target=target, headers={"Host": "oms.test", **headers, **more})


# Where it is


def test_it_is_on_every_answer_and_the_rest_is_as_without_it() -> None:
    on = app_of(FakeSimulation(DEFAULT_ANSWERS), world_header=True).wsgi_app
    off = app_of(FakeSimulation(DEFAULT_ANSWERS)).wsgi_app
    reached = set()
    for sent in ROWS:
        with_it, without = call(on, sent), call(off, sent)
        kept = tuple(pair for pair in with_it.headers if pair[0] != KEY)
        assert replace(with_it, headers=kept) == without, sent
        assert len(with_it.headers) == len(kept) + 1, sent
        reached.add(with_it.status[:3])
    assert reached == STATUSES


@pytest.mark.parametrize("path", ["/_mock", "/_mock/health/live", "/_mock/worlds", "/_mock/nothing"])
def test_the_control_api_does_not_carry_it(path: str) -> None:
    simulation = WorldManager(Library().load("restock"))
    assert HEADER not in create_app(simulation).test_client().get(path).headers


def test_it_is_switched_off_for_every_answer() -> None:
    off = app_of(FakeSimulation(DEFAULT_ANSWERS)).wsgi_app
    assert [sent for sent in ROWS if KEY in dict(call(off, sent).headers)] == []


class BrokenReading(FakeReading):
    """A world that cannot be read to its end."""

    def page(self, number: int, size: int) -> NoReturn:
        raise RuntimeError(number, size)


class BrokenSimulation(FakeSimulation):
    """A simulation that finds no world."""

    def reading(self, token: str) -> NoReturn:
        raise RuntimeError(token)


def test_a_bug_of_ours_is_told_with_the_world_that_it_struck() -> None:
    simulation = FakeSimulation(DEFAULT_ANSWERS)
    simulation.worlds["broken"] = BrokenReading(DEFAULT_ANSWERS, {1: b"{}"}, "broken")
    answer = call(app_of(simulation, world_header=True).wsgi_app, asked("Token broken"))
    assert (answer.status[:3], WorldHeader.parse(dict(answer.headers)[KEY]).world) == ("500", "broken")


def test_a_bug_before_there_was_a_world_is_told_with_none() -> None:
    app = app_of(BrokenSimulation(DEFAULT_ANSWERS), world_header=True)
    answer = call(app.wsgi_app, asked("Token x"))
    assert (answer.status[:3], dict(answer.headers)[KEY]) == ("500", NONE)


# Which world


@pytest.mark.parametrize(
    "sent",
    [
        asked(f"Token {EMPTY}"),
        asked(f"bearer  {EMPTY}"),
        asked(f"Token {EMPTY}", f"{LIST}?page=9"),
        asked(f"Token {EMPTY}", f"{LIST}1/", "PUT"),
        asked(f"Token {EMPTY}", LIST[:-1]),
        asked(f"Token {EMPTY}", "/nowhere"),
        asked(f"Token {EMPTY}", LOGIN),
        asked(f"Token {EMPTY}", Accept="text/html"),
        asked(f"Token {EMPTY}", Host="a b"),
    ],
    ids=str,
)
def test_the_token_names_the_world_whatever_becomes_of_the_request(sent: Sent) -> None:
    assert said(sent) == EMPTY


@pytest.mark.parametrize("text", [None, "", "Token", "Token nope", f"Basic {FULL}", f"Token {FULL} x", "Token \xff"])
@pytest.mark.parametrize("target", [LIST, "/nowhere", LOGIN])
def test_who_names_no_world_is_told_so(text: str | None, target: str) -> None:
    assert said(asked(text, target)) == NONE


@pytest.mark.parametrize("text", [None, "Token nope", "Basic x", "Token a b"])
def test_where_nobody_must_say_who_he_is_the_world_is_the_default(text: str | None) -> None:
    assert said(asked(text), Switches(auth="off")) == FULL


def test_where_nobody_must_say_who_he_is_a_token_still_names_its_world() -> None:
    assert said(asked(f"Token {EMPTY}"), Switches(auth="off")) == EMPTY


@pytest.mark.parametrize("token", sorted(TOKENS))
@pytest.mark.parametrize("auth", ["token", "off"])
def test_a_magic_token_is_answered_by_the_default_world(token: str, auth: Any) -> None:
    assert said(asked(f"Token {token}"), Switches(auth=auth)) == FULL


# Which instant


@dataclass(slots=True)
class RestlessWall:
    """A wall clock on which half a minute and a few microseconds pass between any two looks."""

    now: datetime = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=30, microseconds=7)
        return self.now


MOVING = scenario(
    stock={"A": {"WH001": 1}, "B": {}},
    clock={"rate": 1},
    plans=[{"items": ["A"], "count": 2}, {"items": ["B"]}],
    timeline=[{"at": "7m", "restock": {"sku": "B", "location": "WH001", "count": 1}}],
    answers={"list": "array"},
)


def client_of(of: Scenario) -> FlaskClient:
    return create_app(WorldManager(of, wall=RestlessWall())).test_client()


def test_it_is_of_the_instant_of_the_body_while_the_world_moves() -> None:
    client, times = client_of(MOVING), set()
    for _ in range(40):
        answer = client.get(LIST, headers={"Authorization": "Token mock-oms-token"})
        line = WorldHeader.parse(answer.headers[HEADER])
        again = replayed(line, without_snapshot(line, MOVING))
        assert answer.data == b"[%s]" % b",".join(again.bodies())
        times.add(line.now)
    assert len(times) == 40


def test_it_counts_the_events_and_names_the_world() -> None:
    of = Library().load("restock")
    simulation = WorldManager(of)
    lease = simulation.open(scenario=of, name="tour", seed=3)
    lease.world.apply(Block(location="WH001"))
    answer = create_app(simulation).test_client().get(LIST, headers={"Authorization": f"Token {lease.token}"})
    expected = f"world=tour scenario=restock@{of.digest} seed=3 now=2024-03-05T09:00:00Z event=1"
    assert answer.headers[HEADER] == expected


def test_a_world_that_was_reset_has_had_no_event() -> None:
    simulation = WorldManager(Library().load("restock"))
    live = simulation.lease(DEFAULT).world
    live.apply(Block(location="WH001"))
    live.reset()
    path = f"{LIST}{PLAN}/"
    answer = create_app(simulation).test_client().get(path, headers={"Authorization": "Token mock-oms-token"})
    assert answer.headers[HEADER].endswith(" event=0")


def test_the_control_api_tells_the_same_line() -> None:
    client = create_app(WorldManager(Library().load("restock"))).test_client()
    vendor = client.get(LIST, headers={"Authorization": "Token mock-oms-token"})
    world = client.get("/_mock/worlds/default", base_url="http://127.0.0.1").get_json()
    assert world["line"] == vendor.headers[HEADER]
