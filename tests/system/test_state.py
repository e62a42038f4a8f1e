"""`mock-oms serve --state`: worlds outlive the process, however it ends."""

import json
from pathlib import Path

import pytest

from mock_oms.client import Control
from mock_oms.server.run import CannotServeError
from mock_oms.testing import running_server
from tests.system.killing import Drivers
from tests.system.running import Running, refused, serving

PLAN = 41207
PLANS = "/api/v1/oms/orderexecutionplans/"


def bytes_of(running: Running, token: str) -> list[tuple[int, bytes]]:
    header = {"Authorization": f"Token {token}"}
    return [running.get(target, header) for target in (PLANS, f"{PLANS}{PLAN}/")]


@pytest.mark.parametrize(
    ("seed", "kills"),
    [pytest.param(2, 1, marks=pytest.mark.smoke), *(pytest.param(seed, 5, marks=pytest.mark.slow) for seed in (0, 1))],
)
def test_a_server_that_is_killed_loses_nothing_that_it_answered(tmp_path: Path, seed: int, kills: int) -> None:
    drivers = Drivers(seed)
    for _ in range(kills):
        with serving("--state", str(tmp_path), "--scenario", "restock") as running:
            drivers.verify(running.address)
            drivers.load_until_killed(running)
    with serving("--state", str(tmp_path), "--scenario", "restock") as running:
        drivers.verify(running.address)
    assert drivers.answered > 10 * kills


def test_a_restart_shows_the_same_bytes(tmp_path: Path) -> None:
    arguments = ["--state", str(tmp_path), "--scenario", "restock"]
    with serving(*arguments) as running, Control(running.address) as control:
        assert f"  1 world kept in {tmp_path}" in running.banner
        world = control.open_world(scenario="restock", name="mine", seed=3, ttl=None)
        world.advance("1m")
        world.restock("TST-002-L", "WH001", 10)
        world.advance("30m")
        control.world().block("WH001")
        before = [bytes_of(running, world.token), bytes_of(running, "mock-oms-token")]
    with serving(*arguments) as running:
        assert f"  2 worlds kept in {tmp_path}" in running.banner
        assert [bytes_of(running, world.token), bytes_of(running, "mock-oms-token")] == before


def test_a_clock_that_runs_goes_on_while_no_server_runs(tmp_path: Path) -> None:
    arguments = ["--state", str(tmp_path), "--scenario", "restock"]
    with serving(*arguments) as running, Control(running.address) as control:
        world = control.world()
        world.run_at(3600)
        before = world.now
    with serving(*arguments) as running, Control(running.address) as control:
        assert "3600 times as fast as real time" in running.banner[1]
        assert control.world().now > before


def test_a_folder_in_use_or_a_world_that_cannot_be_used_is_one_clear_sentence(tmp_path: Path) -> None:
    sentence = f"Error: The folder {tmp_path} is in use by another mock-oms: stop that one, or name another.\n"
    with serving("--state", str(tmp_path), "--seed", "3"):
        assert refused("--state", str(tmp_path), "--port", "0") == (2, sentence)
    code, error = refused("--state", str(tmp_path), "--seed", "4", "--port", "0")
    assert (code, error.count("\n"), "start with --seed 3" in error) == (2, 1, True)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_torn_line_is_a_warning_in_the_log(tmp_path: Path, form: str) -> None:
    with serving("--state", str(tmp_path)) as running, Control(running.address) as control:
        control.world().advance("1m")
    file = tmp_path / "worlds" / "default.jsonl"
    file.write_bytes(file.read_bytes()[:-1])
    with serving("--state", str(tmp_path), "--log", form) as running:
        said = json.loads(running.banner[0])["message"] if form == "json" else running.banner[0].split(maxsplit=1)[1]
    (kept,) = file.parent.glob("*.torn")
    assert said == f"{file}:2: the last line was not written to its end; it is cut off, and kept in {kept}."


def test_a_server_inside_a_test_keeps_its_worlds_and_lets_go_of_the_folder(tmp_path: Path) -> None:
    with running_server(scenario="restock", state=tmp_path) as server:
        token = server.control.open_world(name="mine").token
        with pytest.raises(CannotServeError, match="in use"), running_server(state=str(tmp_path)):
            pass
    for _ in range(2):
        with pytest.raises(CannotServeError, match="--scenario restock"), running_server(state=tmp_path):
            pass
    with running_server(scenario="restock", state=str(tmp_path)) as server:
        assert server.control.world("mine").token == token
