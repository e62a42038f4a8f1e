"""`mock-oms requests tail` in a process of its own, as people and programs read it."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from mock_oms.client import World
from tests.streams import LIST
from tests.system.running import plain_environment, program

pytestmark = pytest.mark.oms(scenario="restock")

Tail = subprocess.Popen[str]


@contextmanager
def tail(world: World, *options: str) -> Iterator[Tail]:
    command = [program(), "requests", "tail", *options]
    environment = plain_environment({"MOCK_OMS_URL": world.url, "MOCK_OMS_WORLD": world.name})
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        try:
            yield run
        finally:
            run.kill()


def line(run: Tail) -> str:
    assert run.stdout is not None
    return run.stdout.readline().rstrip("\n")


def get(world: World, path: str = LIST) -> None:
    httpx.get(world.url + path, headers=world.headers, trust_env=False)


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
        output, _ = run.communicate(timeout=20)
    assert "found 'yesterday'; accepted: the id of an event of the stream, or now." in output
    assert run.returncode == 2


@pytest.mark.parametrize("end", ["Ctrl+C", "close"])
def test_ctrl_c_and_the_end_of_the_world_end_it_well(oms: World, end: str) -> None:
    get(oms)
    with tail(oms) as run:
        line(run)
        oms.close() if end == "close" else run.send_signal(signal.SIGINT)
        assert (run.communicate(timeout=20)[0], run.returncode) == ("", 0)
