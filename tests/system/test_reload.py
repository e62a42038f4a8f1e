"""A real server that follows its scenario files, and what it says before anybody has asked it anything."""

from collections.abc import Callable
from json import loads
from pathlib import Path
from time import monotonic

import pytest
from click.testing import Result

from mock_oms.testing import running_server
from tests.scenarios import BROKEN, FAULTS, text_of, written
from tests.system.running import Running, serving
from tests.typed import typed

LIST = "/api/v1/oms/orderexecutionplans/"
PATIENCE = 30


def healthcheck(mock: Running) -> Result:
    return typed("healthcheck", "--timeout", "60", "--url", mock.address)


def until(mock: Running, holds: Callable[[], bool]) -> None:
    """Wait until something holds, by requests that look at no file."""
    end = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < end, mock.log
        mock.get("/_mock/health/live")


def logged(mock: Running, text: str) -> int:
    return sum(text in line for line in list(mock.log))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the scenario `play`, of one plan."""
    found = tmp_path / "scenarios"
    found.mkdir()
    written(found, "play", text_of(1))
    return found


def test_a_file_that_breaks_is_reported_once_as_scenarios_check_does_and_so_is_its_mending(folder: Path) -> None:
    with serving("--scenario", "play", "--scenarios", str(folder), "--reload") as mock:
        file = written(folder, "play", BROKEN)
        error = typed("scenario", "check", str(file)).stderr.strip()
        until(mock, lambda: logged(mock, error) > 0)
        result = healthcheck(mock)
        assert (result.exit_code, "planz" in result.stderr) == (0, True)
        assert loads(result.stdout)["status"] == "warning"
        written(folder, "play", text_of(3))
        until(mock, lambda: logged(mock, "can be used again") > 0)
        checked = "contract last checked against a real OMS: never"
        assert loads(healthcheck(mock).stdout) == {"status": "ready", "plans": 1, "contract": checked}
        assert logged(mock, f"{file}:2:") == 1


def test_a_profile_in_a_folder_that_comes_later_is_followed_and_a_scenario_that_is_given_as_a_path(
    folder: Path,
) -> None:
    with serving("--scenario", str(folder / "play.yaml"), "--scenarios", str(folder), "--reload", "on") as mock:
        written(folder, "play", text_of(1, more="profiles: [own]\n"))
        until(mock, lambda: logged(mock, "found own, which is no profile") > 0)
        (folder / "profiles").mkdir()
        written(folder / "profiles", "own", f"description: Own.\n{FAULTS}")
        until(mock, lambda: logged(mock, "can be used again") > 0)
        written(folder / "profiles", "own", BROKEN)
        until(mock, lambda: logged(mock, "profiles/own.yaml:2:") > 0)


def test_a_broken_file_at_the_start_is_why_the_mock_is_not_ready_and_counts_no_request(folder: Path) -> None:
    file = written(folder, "mine", BROKEN)
    with serving("--scenarios", str(folder)) as mock:
        result = healthcheck(mock)
        assert loads(mock.get("/_mock/worlds/default", {})[1])["requests"] == 0
        assert loads(mock.get("/_mock/requests", {})[1])["total"] == 0
    assert result.exit_code == 1
    assert f"{file}:2:" in result.stderr


def test_a_renewed_world_outlives_a_kill(folder: Path, tmp_path: Path) -> None:
    settings = ("--scenario", "play", "--scenarios", str(folder), "--state", str(tmp_path / "state"))
    with serving(*settings, "--reload") as mock:
        written(folder, "play", text_of(3))
        assert loads(mock.get("/_mock/worlds/default/reset", {"Content-Length": "0"}, "POST")[1])["renewed"]
        before = mock.get(LIST)
        mock.process.kill()
        mock.process.wait()
    with serving(*settings) as mock:
        assert mock.get(LIST) == before
        assert loads(before[1])["count"] == 3


@pytest.mark.smoke
def test_the_client_is_told_that_a_reset_took_a_new_version(folder: Path) -> None:
    with running_server(scenario="play", scenarios=folder, reload="on") as server:
        world = server.control.world()
        written(folder, "play", text_of(3, seed=9))
        facts = world.reset()
        assert (facts.renewed, facts.plans, world.seed) == (True, 3, 9)
        written(folder, "play", BROKEN)
        assert list(server.control.ready().errors) == [str(folder / "play.yaml")]
