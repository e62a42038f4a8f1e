"""`mock-oms requests tail` in a process of its own, as people and programs read it."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import httpx
import pytest

from mock_oms.client import World
from tests.streams import LIST
from tests.system.running import plain_environment, program

pytestmark = pytest.mark.oms(scenario="restock")

WAIT = 20


class Tail:
    """The command while it runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    @property
    def _output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def line(self) -> str:
        return self._output.readline().rstrip("\n")

    def rest(self) -> tuple[str, int]:
        """What it still prints, and its exit code."""
        output, _ = self.process.communicate(timeout=WAIT)
        return output, self.process.returncode


@contextmanager
def tail(world: World, *options: str) -> Iterator[Tail]:
    command = [program(), "requests", "tail", *options]
    environment = plain_environment({"MOCK_OMS_URL": world.url, "MOCK_OMS_WORLD": world.name})
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        try:
            yield Tail(run)
        finally:
            run.kill()


def asked(world: World, path: str = LIST) -> None:
    httpx.get(world.url + path, headers=world.headers, trust_env=False)


def test_each_request_and_each_transition_is_a_line(oms: World) -> None:
    asked(oms, f"{LIST}?page=1")
    with tail(oms) as run:
        assert run.line() == f"2024-03-05T09:00:00Z  GET {LIST}?page=1 200"
        oms.advance("2m")
        assert run.line() == "2024-03-05T09:01:00Z  plan 41207: start -> pending, attempt 1"
        asked(oms, LIST.removesuffix("/"))
        assert run.line().startswith(f"2024-03-05T09:02:00Z  GET {LIST.removesuffix('/')} 301 - ")


def test_programs_read_a_line_of_json_each(oms: World) -> None:
    asked(oms)
    oms.advance("2m")
    with tail(oms, "--json") as run:
        request, moved = json.loads(run.line()), json.loads(run.line())
    assert (request["event"], request["request"]["number"], request["request"]["status"]) == ("request", 1, 200)
    assert (moved["event"], moved["transition"]["from"], moved["transition"]["to"]) == (
        "transition",
        "start",
        "pending",
    )


def test_it_goes_on_after_an_id(oms: World) -> None:
    asked(oms)
    asked(oms)
    with tail(oms, "--json") as run:
        first, second = json.loads(run.line()), json.loads(run.line())
    with tail(oms, "--json", "--since", first["id"]) as again:
        assert json.loads(again.line()) == second


def test_ctrl_c_ends_it_well(oms: World) -> None:
    asked(oms)
    with tail(oms) as run:
        run.line()
        run.process.send_signal(signal.SIGINT)
        assert run.rest() == ("", 0)


def test_it_ends_with_the_world(oms: World) -> None:
    asked(oms)
    with tail(oms) as run:
        run.line()
        oms.close()
        assert run.rest() == ("", 0)


def test_what_is_no_id_is_refused(oms: World) -> None:
    with tail(oms, "--since", "yesterday") as run:
        output, code = run.rest()
    assert (code, "found 'yesterday'; accepted: the id of an event of the stream, or now." in output) == (2, True)
