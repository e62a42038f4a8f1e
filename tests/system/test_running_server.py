"""A real server inside a test's own process."""

import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_oms.client import Control, ControlTokenRefusedError
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.server.run import CannotServeError
from mock_oms.testing import running_server
from mock_oms.worlds.world_header import HEADER

PLANS = "/api/v1/oms/orderexecutionplans/"
HINT = "x-mock-hint"


def servers() -> int:
    return sum(thread.name.startswith("mock-oms_") for thread in threading.enumerate())


def test_it_answers_in_a_thread_of_its_own_until_its_block_ends() -> None:
    before = servers()
    with httpx.Client(trust_env=False) as client:
        with running_server(scenario="restock") as server:
            answer = client.get(server.url + PLANS, headers={"Authorization": f"Token {server.token}"})
            assert (answer.status_code, answer.json()["count"], servers()) == (200, 1, before + 1)
            assert answer.headers["Date"]
        with pytest.raises(httpx.ConnectError):  # though the client kept its connection
            client.get(f"{server.url}/_mock/health/live")
    assert servers() == before


def test_several_run_beside_each_other_and_open_worlds() -> None:
    with (
        running_server() as first,
        running_server(scenario="restock") as second,
        first.control.open_world(scenario="restock") as world,
    ):
        assert world.url == first.url != second.url


def test_it_takes_scenarios_of_ones_own_and_the_settings_of_a_server(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: Mine.\nplans: []\n", encoding="utf-8")
    own = {"scenario": "mine", "scenarios": str(tmp_path)}
    with running_server(**own, seed=5, token="mine", control_token="secret") as server:
        world = server.control.world()
        assert (world.scenario, world.seed, world.token, server.token) == ("mine", 5, "mine", "mine")


def test_a_control_token_that_is_wrong_or_missing_is_said_to_be_so_without_being_shown() -> None:
    with running_server(control_token="secret") as server:
        with Control(server.url, "wrong-one") as stranger, pytest.raises(ControlTokenRefusedError) as wrong:
            stranger.worlds()
        with Control(server.url) as stranger, pytest.raises(ControlTokenRefusedError) as missing:
            next(iter(stranger.world().stream()))
    assert str(wrong.value) == (
        f"The control token that was given is not that of the mock at {server.url}: say its own by Control(url, token)."
    )
    assert str(missing.value) == (
        f"The mock at {server.url} wants its control token, and none was given: say Control(url, token)."
    )
    assert (wrong.value.status, missing.value.status) == (401, 401)


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"scenario": "restok"}, ScenarioError, "no scenario of this name"),
        ({"portt": 1}, CannotServeError, "There is no setting portt; the nearest is port"),
        ({"control_token": ""}, CannotServeError, "visible ASCII"),
        ({"control_token": "gehéim"}, CannotServeError, "visible ASCII"),
        ({"token": "gehéim"}, CannotServeError, "^The token "),
        ({"token": "geh eim"}, CannotServeError, "^The token "),
        ({"token": "fail-geh"}, CannotServeError, "^The token "),
    ],
)
def test_what_cannot_be_used_is_refused_and_a_secret_not_shown(
    settings: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as caught, running_server(**settings):
        raise AssertionError
    assert "geh" not in str(caught.value)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotServeError, match="is taken"):
        running_server(port=taken.getsockname()[1]).__enter__()


def test_an_error_in_its_block_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), running_server():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("settings", "world_header", "hint"), [({}, True, False), ({"hints": "on", "world_header": "off"}, False, True)]
)
def test_answers_carry_the_headers_of_our_own_that_the_settings_name(
    settings: dict[str, Any], world_header: bool, hint: bool
) -> None:
    with running_server(scenario="restock", **settings) as server:
        headers = {"Authorization": f"Token {server.token}"}
        with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
            # The second answer to the same request may come from cached bytes.
            plain = [client.get(PLANS) for _ in range(2)]
            meant = [client.get(f"{PLANS}?state=pending") for _ in range(2)]
            refused = [client.get(f"{PLANS}99/") for _ in range(2)]
    assert [HEADER in one.headers for one in (*plain, *meant, *refused)] == [world_header] * 6
    assert [HINT in one.headers for one in (*plain, *meant, *refused)] == [False, False, *[hint] * 4]
