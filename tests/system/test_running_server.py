"""A real server inside a test's own process."""

import _thread
import asyncio
import functools
import gc
import logging
import ssl
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from mock_oms.client import Control, ControlTokenRefusedError
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.server.asgi.application import Application
from mock_oms.server.run import CannotServeError
from mock_oms.testing import running_server
from mock_oms.worlds.world_header import HEADER

PLANS = "/api/v1/oms/orderexecutionplans/"


def servers() -> int:
    return sum(thread.name == "mock-oms" for thread in threading.enumerate())


@pytest.mark.smoke
def test_it_answers_in_a_thread_of_its_own_until_its_block_ends() -> None:
    before = servers()
    with httpx.Client(timeout=30, trust_env=False) as client:
        with running_server(scenario="restock") as server:
            answer = client.get(server.url + PLANS, headers={"Authorization": f"Token {server.token}"})
            assert (answer.status_code, answer.json()["count"], servers()) == (200, 1, before + 1)
            assert answer.headers["Date"]
        with pytest.raises(httpx.ConnectError):  # though the client kept its connection
            client.get(f"{server.url}/_mock/health/live")
    with pytest.raises(ZeroDivisionError), running_server():  # an error comes out as it is
        raise ZeroDivisionError
    assert servers() == before


def test_several_run_beside_each_other_with_scenarios_and_settings_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: Mine.\nplans: []\n", encoding="utf-8")
    own = {"scenario": "mine", "scenarios": str(tmp_path)}
    with (
        running_server() as first,
        running_server(**own, seed=5, token="mine", control_token="secret") as second,
        first.control.open_world(scenario="restock") as opened,
    ):
        assert opened.url == first.url != second.url
        world = second.control.world()
        assert (world.scenario, world.seed, world.token, second.token) == ("mine", 5, "mine", "mine")
        with pytest.raises(CannotServeError, match="is taken"):
            running_server(port=int(first.url.rpartition(":")[2])).__enter__()


def test_a_control_token_that_is_wrong_or_missing_is_said_to_be_so_without_being_shown() -> None:
    with running_server(control_token="secret") as server:
        with Control(server.url, "wrong-one") as stranger, pytest.raises(ControlTokenRefusedError) as wrong:
            stranger.worlds()
        with Control(server.url) as stranger, pytest.raises(ControlTokenRefusedError) as missing:
            next(iter(stranger.world().stream()))
    wanted = f"The control token that was given is not that of the mock at {server.url}: say its own by {{}}."
    silent = f"The mock at {server.url} wants its control token, and none was given: say {{}}."
    way = "Control(url, token)"
    assert [str(one.value) for one in (wrong, missing)] == [wanted.format(way), silent.format(way)]
    assert (wrong.value.status, missing.value.status) == (401, 401)


def test_what_cannot_be_used_is_refused_and_a_secret_not_shown() -> None:
    for name, value, says in (
        *(("portt", 1, "There is no setting portt; the nearest is port"), ("control_token", "", "visible ASCII")),
        *(("tls", True, "tls: found True; accepted: on, off"), ("log", "xml", "accepted: text, json")),
        *(("seed", "7", "seed: found '7'; accepted: a whole number"), ("port", 65_536, "from 0 to 65535")),
        *(("control_token", "gehéim", "visible ASCII"), ("scenario", "restok", "no scenario of this name")),
        *(("token", value, "^The token ") for value in ("gehéim", "geh eim", "fail-geh")),
    ):
        error = ScenarioError if name == "scenario" else CannotServeError
        settings: dict[str, Any] = {name: value}
        with pytest.raises(error, match=says) as caught, running_server(**settings):
            raise AssertionError
        assert "geh" not in str(caught.value)


def test_a_file_may_be_named_by_a_text() -> None:
    with pytest.raises(ScenarioError, match="nowhere"), running_server(observed="nowhere.yaml"):
        raise AssertionError


@pytest.mark.parametrize(
    ("settings", "world_header", "hint"), [({}, True, False), ({"hints": "on", "world_header": "off"}, False, True)]
)
def test_answers_carry_the_headers_of_our_own_that_the_settings_name(
    settings: dict[str, Any], world_header: bool, hint: bool
) -> None:
    with running_server(scenario="restock", **settings) as server:
        headers = {"Authorization": f"Token {server.token}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=30, trust_env=False) as client:
            targets = (PLANS, f"{PLANS}?state=pending", f"{PLANS}99/")
            # The second answer to the same request may come from cached bytes.
            answers = [client.get(target).headers for target in targets for _ in range(2)]
    assert [HEADER in one for one in answers] == [world_header] * 6
    assert ["x-mock-hint" in one for one in answers] == [False, False, *[hint] * 4]


# A guest in the process of the tests


@pytest.mark.parametrize("tls", ["off", "on"])
def test_nothing_is_left_of_it_and_nothing_of_it_is_logged(
    tls: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with running_server():  # libuv opens two pipes for the whole process
        pass
    access, handler = logging.getLogger("uvicorn.access"), logging.NullHandler()
    monkeypatch.setattr(access, "handlers", [handler])
    monkeypatch.setattr(access, "propagate", True)
    gc.collect()  # of other tests
    threads, files = set(threading.enumerate()), descriptors()
    with caplog.at_level(logging.INFO):
        with running_server(tls=tls) as server:
            with server.control.open_world() as world:
                assert world.plans().count == 25
            headers = {"Authorization": f"Token {server.token}"}
            httpx.get(f"{server.url}{PLANS}?secret=1", headers=headers, verify=trusting(server.ca), trust_env=False)
        ours = [one for one in caplog.record_tuples if one[0] != "httpx"]
    assert (ours, access.handlers, access.propagate) == ([], [handler], True)
    gc.collect()
    assert (set(threading.enumerate()) - threads, descriptors() - files, list(tmp_path.iterdir())) == (set(), set(), [])


def descriptors() -> set[str]:
    """The sockets and files that are open."""
    return {str(one.readlink()) for one in Path("/dev/fd").iterdir() if one.is_symlink()}


def trusting(ca: Path | None) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=ca) if ca else True


def test_a_start_that_hangs_says_where_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging(_: Application) -> None:
        await asyncio.Event().wait()

    before = servers()
    monkeypatch.setattr(Application, "make_control", hanging)
    monkeypatch.setattr("mock_oms.testing.PATIENCE", 0.1)
    says = r"The server did not start within 0.1 s: .*mock-oms is in .*server.py:\d+ run > .*"
    with pytest.raises(CannotServeError, match=says), running_server():
        raise AssertionError
    assert servers() == before


def test_where_threads_are_replaced_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = SimpleNamespace(is_module_patched=lambda name: name == "threading")
    monkeypatch.setitem(sys.modules, "gevent.monkey", replaced)
    with pytest.raises(CannotServeError, match=r"monkey\.patch_all.*mock-oms serve.* --oms-url"), running_server():
        raise AssertionError


def test_a_debugger_that_watches_threads_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = functools.partial(_thread.start_new_thread)  # as pydevd does
    monkeypatch.setattr(_thread, "start_new_thread", watched)
    with running_server() as server:
        assert server.control.ready().plans == 25
