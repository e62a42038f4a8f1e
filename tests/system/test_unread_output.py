"""What is said on standard output and error, where nobody reads it, or where letters are missing: it decides about nothing."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from tests.system.forked import Forked
from tests.system.running import TOKEN, plain_environment

PLANS = "/api/v1/oms/orderexecutionplans/"
#: Run as a command, with this stream closed as `2>&-` closes it.
CLOSED = """
import os, sys
number = int(sys.argv.pop(2))
os.close(number)
name = ("stdin", "stdout", "stderr")[number]
setattr(sys, name, None), setattr(sys, f"__{name}__", None)
from mock_oms.cli.main import main
main(sys.argv[2:], prog_name="mock-oms")
"""

#: A command whose Python took this encoding from its environment at its start.
RECODED = """
import os, sys
sys.stdout = sys.__stdout__ = open(1, "w", encoding=os.environ["PYTHONIOENCODING"], closefd=False)
from mock_oms.cli.main import main
main(sys.argv[2:], prog_name="mock-oms")
"""


@contextmanager
def ended(process: Forked) -> Iterator[Forked]:
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


@contextmanager
def opened(kind: str) -> Iterator[int]:
    """A file to write to: a device that is full, a pipe whose reader has left, or one that nobody reads."""
    with ExitStack() as stack:
        if kind == "full":
            yield stack.enter_context(Path("/dev/full").open("w")).fileno()
            return
        reading, writing = os.pipe()
        stack.callback(os.close, writing)
        if kind == "unread":
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
            stack.callback(os.close, reading)
        else:
            os.close(reading)
        yield writing


def port_of(process: Forked) -> int:
    """Where it listens, which it may have told nobody."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(psutil.AccessDenied):
            for one in psutil.Process(process.pid).net_connections("tcp"):
                if one.status == psutil.CONN_LISTEN:
                    return int(one.laddr.port)
    raise AssertionError("it does not listen")


def serves(process: Forked, requests: int) -> None:
    connection = HTTPConnection("127.0.0.1", port_of(process), timeout=30)
    for _ in range(requests):
        connection.request("GET", f"{PLANS}?limit=1", headers=TOKEN)
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
    connection.close()


@pytest.mark.parametrize("kind", ["full", "left", "unread"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_server_serves_whatever_becomes_of_its_log(kind: str, form: str) -> None:
    command = ("mock-oms", "serve", "--port", "0", "--scenario", "restock", "--log", form)
    with Path(os.devnull).open("r+") as nothing, opened(kind) as stream:
        streams = (nothing.fileno(), stream, stream)
        with ended(Forked(command, plain_environment(), streams)) as process:
            serves(process, 120)
            process.terminate()
            assert process.wait(30) == 0


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_server_serves_without_a_standard_stream(number: int) -> None:
    command = ("python", "-c", CLOSED, str(number), "serve", "--port", "0", "--scenario", "restock")
    with (
        Path(os.devnull).open("r+") as nothing,
        ended(Forked(command, plain_environment(), (nothing.fileno(),) * 3)) as process,
    ):
        serves(process, 3)
        process.terminate()
        assert process.wait(30) == 0


def said(command: tuple[str, ...], out: int, more: dict[str, str]) -> tuple[int, str]:
    """Exit code and errors of a command with this output."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as errors, Path(os.devnull).open() as nothing:
        with os.fdopen(writing) as its:
            process = Forked(command, plain_environment(more), (nothing.fileno(), out, its.fileno()))
        with ended(process):
            return process.wait(60), errors.read()


COMMANDS = ("plans", "openapi", "scenario list", "scenario schema", "--help", "assumptions", "config --json")


@pytest.mark.parametrize("kind", ["full", "left"])
def test_a_command_whose_output_takes_no_more_shows_no_traceback_and_is_no_finding(kind: str) -> None:
    sentence = "Error: The output cannot be written: No space left on device.\n" if kind == "full" else ""
    with opened(kind) as out:
        found = {words: said(("mock-oms", *words.split()), out, {}) for words in COMMANDS}
    if kind == "left":  # click ends what it does before a command is run, such as a help text
        assert found.pop("--help") == (1, "")
    assert found == dict.fromkeys(found, (2, sentence))


def test_json_and_yaml_are_utf_8_and_tables_replace_letters_that_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("description: Ağaç — şöyle.\nplans: []\n", encoding="utf-8")
    found = []
    for words in (["plans"], ["openapi"], ["scenario", "show", str(file)], ["scenarios", "show", str(file), "--json"]):
        with (tmp_path / "out").open("w+b") as out:
            command = ("python", "-c", RECODED, *words)
            assert said(command, out.fileno(), {"PYTHONIOENCODING": "cp1252"}) == (0, "")
            out.seek(0)
            found.append(out.read())
    plans, openapi, table, facts = found
    assert json.loads(facts.decode())["description"] == "Ağaç — şöyle."
    assert b"A?a\xe7 \x97 ?\xf6yle." in table
    assert openapi == Path(__file__).parents[2].joinpath("openapi.yaml").read_bytes()
    assert not plans.decode().isascii()
