"""`mock-oms request tail` in a process of its own, as people and programs read it."""

import json
import signal
from contextlib import AbstractContextManager

import httpx
import pytest

from mock_oms.client import World
from tests.streams import LIST
from tests.system.forked import Forked, started
from tests.system.running import plain_environment

pytestmark = pytest.mark.oms(scenario="restock")


def tail(world: World, *options: str) -> AbstractContextManager[Forked]:
    environment = plain_environment({"MOCK_OMS_URL": world.url, "MOCK_OMS_WORLD": world.name})
    return started("mock-oms", "request", "tail", *options, environment=environment)


def line(run: Forked) -> str:
    assert run.stderr is not None
    return run.stderr.readline().rstrip("\n")


def rest(run: Forked) -> tuple[str, int]:
    """What it says until its end, and its exit code."""
    assert run.stderr is not None
    return run.stderr.read(), run.wait(30)


def get(world: World, path: str = LIST) -> None:
    httpx.get(world.url + path, headers=world.headers, timeout=30, trust_env=False)


@pytest.mark.smoke
def test_each_request_and_each_transition_is_a_line(oms: World) -> None:
    get(oms, f"{LIST}?page=1")
    with tail(oms) as run:
        assert line(run) == f"2024-03-05T09:00:00Z  GET {LIST}?page=1 200"
        oms.advance("2m")
        assert line(run) == "2024-03-05T09:01:00Z  plan 41207: start -> pending, attempt 1"
        get(oms, LIST.removesuffix("/"))
        assert line(run).startswith(f"2024-03-05T09:02:00Z  GET {LIST.removesuffix('/')} 301 - ")


def test_programs_read_a_line_of_json_each_and_go_on_after_what_must_be_an_id(oms: World) -> None:
    get(oms)
    oms.advance("2m")
    with tail(oms, "--json") as run:
        request, moved = json.loads(line(run)), json.loads(line(run))
    assert (request["event"], request["request"]["number"], request["request"]["status"]) == ("request", 1, 200)
    step = moved["transition"]
    assert (moved["event"], step["from"], step["to"]) == ("transition", "start", "pending")
    with tail(oms, "--json", "--since", request["id"]) as again:
        assert json.loads(line(again)) == moved
    with tail(oms, "--since", "yesterday") as run:
        output, code = rest(run)
    assert "found 'yesterday'; accepted: the id of an event of the stream, or now." in output
    assert code == 2


@pytest.mark.parametrize("end", ["Ctrl+C", "close"])
def test_ctrl_c_and_the_end_of_the_world_end_it_well(oms: World, end: str) -> None:
    get(oms)
    with tail(oms) as run:
        line(run)
        oms.close() if end == "close" else run.send_signal(signal.SIGINT)
        assert rest(run) == ("", 0)
