"""A real server inside a test's own process."""

import socket
import threading
from pathlib import Path

import httpx
import pytest

from mock_oms.client import Control, ControlTokenRefusedError
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.server.run import CannotServeError
from mock_oms.testing import running_server

PLANS = "/api/v1/oms/orderexecutionplans/"


def test_it_answers_the_vendors_request() -> None:
    with running_server(scenario="restock") as server:
        answer = httpx.get(server.url + PLANS, headers={"Authorization": f"Token {server.token}"}, trust_env=False)
    assert (answer.status_code, answer.json()["count"]) == (200, 1)
    assert answer.headers["Date"]


def test_its_control_opens_worlds() -> None:
    with running_server() as server, server.control.open_world(scenario="restock") as world:
        assert world.url == server.url


def test_it_is_gone_afterwards() -> None:
    with running_server() as server:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)


def test_it_stops_though_a_client_keeps_its_connection() -> None:
    with httpx.Client(trust_env=False) as client:
        with running_server() as server:
            client.get(f"{server.url}/_mock/health/live")
        with pytest.raises(httpx.ConnectError):
            client.get(f"{server.url}/_mock/health/live")


def servers() -> int:
    return sum(thread.name.startswith("mock-oms_") for thread in threading.enumerate())


def test_its_thread_ends_with_it() -> None:
    before = servers()
    with running_server():
        assert servers() == before + 1
    assert servers() == before


def test_several_run_beside_each_other() -> None:
    with running_server() as first, running_server(scenario="restock") as second:
        assert first.url != second.url


def test_it_plays_scenarios_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: Mine.\nplans: []\n", encoding="utf-8")
    with running_server(scenario="mine", scenarios=tmp_path) as server:
        assert server.control.world().scenario == "mine"


def test_it_takes_the_settings_of_a_server() -> None:
    with running_server(seed=5, token="mine", control_token="secret") as server:
        world = server.control.world()
        assert (world.seed, world.token, server.token) == (5, "mine", "mine")


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


def test_a_scenario_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no scenario of this name"), running_server(scenario="restok"):
        pass


def test_a_setting_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with (
        pytest.raises(CannotServeError, match="There is no setting portt; the nearest is port"),
        running_server(portt=1),
    ):
        raise AssertionError


@pytest.mark.parametrize("token", ["", "gehéim"])
def test_a_control_token_that_no_client_sends_is_refused(token: str) -> None:
    with pytest.raises(CannotServeError, match="visible ASCII"), running_server(control_token=token):
        raise AssertionError


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServeError, match="is taken"), running_server(port=port):
            pass


def test_an_error_in_its_block_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), running_server():
        raise ZeroDivisionError


@pytest.mark.parametrize("token", ["gehéim", "geh eim", "fail-geh"])
def test_a_token_that_no_client_can_send_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(CannotServeError, match=r"^The token ") as caught, running_server(token=token):
        raise AssertionError
    assert "geh" not in str(caught.value)
