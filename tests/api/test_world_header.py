"""The headers of our own: `X-Mock-Oms` on every answer of the vendor's API, `X-Mock-Assumed` where hints are on."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from mock_oms.api.app import create_app
from mock_oms.api.failing_tokens import TOKENS
from mock_oms.domain.events import Block
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.snapshot import replayed
from mock_oms.worlds.world_header import HEADER, WorldHeader
from tests.api.control import LIST
from tests.api.fronted import Fronted
from tests.api.test_cached_answers import STRIDES
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


@STRIDES
def test_it_is_on_every_answer_and_the_rest_is_as_without_it(stride: int) -> None:
    on = app_of(FakeSimulation(DEFAULT_ANSWERS), world_header=True).wsgi_app
    off = app_of(FakeSimulation(DEFAULT_ANSWERS)).wsgi_app
    reached = set()
    for sent in (*ROWS[::stride], *CASES["other worlds"], *CASES["authorization"]):
        with_it, without = call(on, sent), call(off, sent)
        rest = tuple(pair for pair in with_it.headers if pair[0] != KEY)
        assert replace(with_it, headers=rest) == without, sent
        assert (len(with_it.headers), KEY in dict(without.headers)) == (len(rest) + 1, False), sent
        reached.add(with_it.status[:3])
    assert reached == STATUSES


def test_the_control_api_does_not_carry_it() -> None:
    client = create_app(WorldManager(Library().load("restock"))).test_client()
    for path in ("/_mock", "/_mock/health/live", "/_mock/worlds", "/_mock/nothing"):
        assert HEADER not in client.get(path).headers


class Broken(FakeSimulation):
    """A simulation that finds no world, or one that cannot be read to its end."""

    def reading(self, token: str) -> FakeReading:
        if token != "broken":
            raise RuntimeError(token)
        plans: Any = None
        return FakeReading(DEFAULT_ANSWERS, plans, "broken")


@pytest.mark.parametrize(("token", "world"), [("broken", "broken"), ("x", None)])
def test_a_bug_of_ours_is_answered_with_the_world_that_it_struck_if_there_was_one(
    token: str, world: str | None
) -> None:
    answer = call(app_of(Broken(DEFAULT_ANSWERS), world_header=True).wsgi_app, asked(f"Token {token}"))
    value = dict(answer.headers)[KEY]
    assert (answer.status[:3], None if value == NONE else WorldHeader.parse(value).world) == ("500", world)


# Which world


def test_the_token_names_the_world_whatever_becomes_of_the_request() -> None:
    text = f"Token {EMPTY}"
    targets = (LIST, f"{LIST}?page=9", LIST[:-1], "/nowhere", LOGIN)
    odd = (asked(f"bearer  {EMPTY}"), asked(text, f"{LIST}1/", "PUT"), asked(text, Accept="text/html"))
    for sent in (*(asked(text, target) for target in targets), *odd, asked(text, Host="a b")):
        assert said(sent) == EMPTY, sent


def test_who_names_no_world_is_told_so() -> None:
    for text in (None, "", "Token", "Token nope", f"Basic {FULL}", f"Token {FULL} x", "Token \xff"):
        for target in (LIST, "/nowhere", LOGIN):
            assert said(asked(text, target)) == NONE, (text, target)


def test_where_authentication_is_off_the_world_is_the_default_or_that_of_the_token() -> None:
    off = Switches(auth="off")
    for text in (None, "Token nope", "Basic x", "Token a b"):
        assert said(asked(text), off) == FULL
    assert said(asked(f"Token {EMPTY}"), off) == EMPTY
    for token in sorted(TOKENS):  # a magic token is answered by the default world
        for answers in (DEFAULT_ANSWERS, off):
            assert said(asked(f"Token {token}"), answers) == FULL


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
        again = replayed(line, MOVING)
        assert answer.data == b"[%s]" % b",".join(again.bodies())
        times.add(line.now)
    assert len(times) == 40


def test_it_counts_the_events_since_the_beginning_and_is_what_the_control_api_says_of_the_world() -> None:
    of = Library().load("restock")
    simulation = WorldManager(of)
    client = create_app(simulation).test_client()
    lease = simulation.open(of, name="tour", seed=3)
    lease.world.apply(Block(location="WH001"))
    for events in (1, 0):
        answer = client.get(LIST, headers={"Authorization": f"Token {lease.token}"})
        expected = f"world=tour scenario=restock@{of.digest} seed=3 now=2024-03-05T09:00:00Z event={events}"
        world = client.get("/_mock/worlds/tour", base_url="http://127.0.0.1").get_json()
        assert answer.headers[HEADER] == world["line"] == expected
        lease.world.reset()


# What nobody has seen in a real OMS: X-Mock-Assumed


def assumed(targets: list[tuple[str, str]], *, hints: bool = True) -> list[tuple[int, list[str]]]:
    """What answers to these targets with these tokens name; the last from the cache where two are alike."""
    front = Fronted(WorldManager(Library().load("restock")), hints=hints)
    answers = front.asked(asked(f"Token {token}", target, Host="localhost") for target, token in targets)
    assert front.from_cache == len(targets) - len(set(targets))
    found = [[value for name, value in answer.headers if name == b"x-mock-assumed"] for answer in answers]
    return [(len(values), b", ".join(values).decode().split(", ") if values else []) for values in found]


def test_an_answer_names_what_is_assumed_in_it_once_also_from_the_cache_and_only_with_hints() -> None:
    twice = [(LIST, "mock-oms-token")] * 2
    (count, names), again = assumed(twice)
    assert (count, names) == again
    assert count == 1
    assert {"Context", "Command", "PlanItem.state"} <= set(names)
    assert assumed([*twice, (LIST, "fail-503")], hints=False) == [(0, [])] * 3


def test_a_refusal_names_the_page_of_a_gateway_alone() -> None:
    refused = [(LIST, "fail-502"), (LIST, "nobody"), ("/nowhere/", "mock-oms-token")]
    assert [names for _, names in assumed(refused)] == [["response.BadGateway"], [], []]
