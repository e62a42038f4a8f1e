"""Test files of somebody who uses `oms` beside another tool: what each tool pretends, the mock goes on with its work."""

#: Beside each of them: uses a world from end to end, by the control API alone.
USING = """
import pytest

def used(oms):
    assert oms.plan(41207).state == "start"
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("30m")
    assert oms.plan(41207).state == "completed"
    oms.restore(oms.snapshot())
    oms.reset()
    assert (oms.plans().count, oms.clock.rate) == (1, 0)
    with pytest.raises(AssertionError):
        oms.verify("detail", plan=41207)
"""
_HEAD = """
import pytest
from using import used

pytestmark = pytest.mark.oms(scenario="restock")
"""

CLIENTS = {
    "pytest_httpx": """
import httpx

def test_it(httpx_mock, oms):
    httpx_mock.add_response(json={"mine": 1})
    used(oms)
    assert httpx.get("http://shop.example/").json() == {"mine": 1}
    assert len(httpx_mock.get_requests()) == 1
""",
    "respx": """
import httpx, respx

@respx.mock
def test_it(oms):
    respx.get("http://shop.example/").respond(json={"mine": 1})
    used(oms)
    assert httpx.get("http://shop.example/").json() == {"mine": 1}
    assert len(respx.calls) == 1

def test_the_fixture(respx_mock, oms):
    used(oms)
    assert len(respx_mock.calls) == 0
""",
    "responses": """
import requests, responses

@responses.activate
def test_it(oms):
    responses.get("http://shop.example/", json={"mine": 1})
    used(oms)
    assert requests.get("http://shop.example/").json() == {"mine": 1}
    assert len(responses.calls) == 1
""",
    "requests_mock": """
import requests

def test_it(requests_mock, oms):
    requests_mock.get("http://shop.example/", json={"mine": 1})
    used(oms)
    assert requests.get("http://shop.example/").json() == {"mine": 1}
    assert requests_mock.call_count == 1
""",
    "vcrpy": """
import vcr, vcr.errors, urllib.request

def test_nothing_is_recorded(oms, tmp_path):
    with vcr.use_cassette(str(tmp_path / "tape.yaml"), record_mode="all") as tape:
        used(oms)
    assert len(tape) == 0

@pytest.fixture
def strict(tmp_path):
    with vcr.use_cassette(str(tmp_path / "tape.yaml"), record_mode="none"):
        yield

def test_nothing_is_forbidden(strict, oms):
    used(oms)
    with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
        urllib.request.urlopen(oms.url)
""",
    "aioresponses": """
import asyncio, aiohttp
from aioresponses import aioresponses

def test_it(oms):
    async def asked():
        with aioresponses() as fake:
            fake.get("http://shop.example/", payload={"mine": 1})
            used(oms)
            async with aiohttp.ClientSession() as session, session.get("http://shop.example/") as answer:
                return await answer.json()
    assert asyncio.run(asked()) == {"mine": 1}
""",
}

_TRAVEL = """
import datetime, time
from contextlib import contextmanager

WHENS = ["2020-01-01T00:00:00+00:00", (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).isoformat()]

def world_runs(oms_control):
    with oms_control.open_world(scenario="restock", clock={"rate": 86400}, ttl="1h") as world:
        before = world.now
        end = time.clock_gettime(time.CLOCK_MONOTONIC) + 30
        while world.now - before < datetime.timedelta(minutes=1):
            assert time.clock_gettime(time.CLOCK_MONOTONIC) < end
        assert world.now - before < datetime.timedelta(days=1)

@pytest.mark.parametrize("when", WHENS)
def test_inside(oms, oms_control, when):
    with travel(when):
        used(oms)
        world_runs(oms_control)
    used(oms)

@pytest.fixture(params=WHENS)
def travelled(request):
    with travel(request.param):
        yield request.param

def test_around(travelled, oms, oms_control):
    used(oms)
    world_runs(oms_control)
    assert datetime.datetime.now(datetime.timezone.utc).isoformat()[:10] == travelled[:10]

def test_what_begins_now_begins_today(travelled, oms_control, tmp_path):
    (tmp_path / "now").touch()
    with oms_control.open_world(scenario="today") as world:
        assert abs(world.now.timestamp() - (tmp_path / "now").stat().st_mtime) < 600
"""
TIMES = {
    "freezegun": """
import freezegun
travel = freezegun.freeze_time
"""
    + _TRAVEL
    + """
@freezegun.freeze_time(WHENS[0], tick=True)
def test_decorated(oms):
    used(oms)
""",
    "time_machine": """
import time_machine

def travel(when):
    return time_machine.travel(when, tick=False)
"""
    + _TRAVEL
    + """
@time_machine.travel(WHENS[1])
def test_decorated(oms):
    used(oms)

def test_its_fixture(time_machine, oms):
    time_machine.move_to(WHENS[1])
    used(oms)
    time_machine.move_to(WHENS[0])
    used(oms)
""",
}

FILES = {
    "pyfakefs": """
import os, http.client, json

def answered(oms):
    connection = http.client.HTTPConnection(oms.url.removeprefix("http://"))
    connection.request("GET", "/api/v1/oms/orderexecutionplans/", headers=oms.headers)
    answer = json.load(connection.getresponse())
    connection.close()
    return answer["count"]

def test_files_first(fs, oms):
    fs.create_file("/mine.txt")
    used(oms)
    assert (answered(oms), os.path.exists("/mine.txt"), os.path.exists("/etc")) == (1, True, False)

def test_world_first(oms, fs):
    used(oms)
    assert (answered(oms), os.path.exists("/etc")) == (1, False)

def test_another_scenario(fs, oms, oms_control):
    assert "large" in {one.name for one in oms_control.scenarios()}
    with oms_control.open_world(scenario="default") as world:
        assert (world.plans().count, answered(world)) == (25, 25)

@pytest.mark.xfail(strict=True, raises=ZeroDivisionError)
def test_a_failure_is_reported(fs, oms):
    1 / 0

def test_without_files(oms):
    used(oms)
    assert os.path.exists("/etc")
"""
}

SOCKETS = {
    "pytest_socket": """
import socket, pytest_socket
from mock_oms.testing import running_server

@pytest.fixture(params=["fixture", "hosts"])
def blocked(request):
    if request.param == "hosts":
        pytest_socket.socket_allow_hosts(["192.0.2.1"])
    else:
        pytest_socket.disable_socket()
    yield request.param
    pytest_socket.enable_socket()

def test_it(blocked, oms):
    used(oms)
    with pytest.raises(RuntimeError), pytest.warns(UserWarning, match="A test tried to use"):
        socket.create_connection(("127.0.0.1", int(oms.url.rpartition(":")[2])))

@pytest.mark.parametrize("tls", ["off", "on"])
def test_a_server_of_its_own_starts(blocked, tls):
    with running_server(scenario="restock", tls=tls) as server:
        assert server.control.ready().plans == 1

@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_mock_may_be_allowed(oms):
    used(oms)
    socket.create_connection(("127.0.0.1", int(oms.url.rpartition(":")[2]))).close()
"""
}

LOOPS = {
    "pytest_asyncio": """
import asyncio, aiohttp

@pytest.mark.asyncio
async def test_it(oms):
    used(oms)
    async with aiohttp.ClientSession(headers=oms.headers) as session:
        async with session.get(oms.url + "/api/v1/oms/orderexecutionplans/") as answer:
            assert (await answer.json())["count"] == 1
    await asyncio.gather(*(asyncio.to_thread(oms.plans) for _ in range(20)))
""",
    "pytest_trio": """
import trio

@pytest.mark.trio
async def test_it(oms):
    used(oms)
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(trio.to_thread.run_sync, oms.plans)
""",
    "unittest": """
import unittest

class TestIt(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _world(self, oms):
        self.oms = oms

    def test_it(self):
        used(self.oms)
""",
    "randomly": """
import random, faker

@pytest.mark.parametrize("number", range(3))
def test_our_answers_are_not_shuffled_and_neither_are_yours(oms, number):
    random.seed(7)
    faker.Faker.seed(7)
    name, expected = faker.Faker().name(), random.Random(7).random()
    faker.Faker.seed(7)
    used(oms)
    oms.order(["TST-001-M"])
    assert (random.random(), faker.Faker().name()) == (expected, name)
""",
}

DJANGO = {
    "pytest_django": """
@pytest.mark.django_db
def test_it(live_server, oms, client):
    used(oms)
    assert client.get("/").status_code == 404
"""
}

FLASK = {
    "pytest_flask": """
import flask

@pytest.fixture
def app():
    app = flask.Flask("shop")
    app.add_url_rule("/", view_func=lambda: flask.request.path)
    return app

def test_it(oms, client):
    used(oms)
    assert (client.get("/").text, flask.current_app.name) == ("/", "shop")
"""
}
#: Whether `patch_all` comes before the mock or after it.
GEVENT_BEFORE = (
    """
from gevent import monkey
monkey.patch_all()
"""
    + _HEAD
    + """
def test_it(oms): ...
"""
)
GEVENT_AFTER = (
    """
import warnings
"""
    + _HEAD
    + """
def test_1_before(oms):
    used(oms)
    from gevent import monkey
    with warnings.catch_warnings(action="ignore"):
        monkey.patch_all()
    assert oms.plans().count == 1

@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of threads that were there before
def test_2_after(oms): ...
"""
)


def file_of(text: str) -> str:
    """A test file whose head every one has."""
    return _HEAD + text
