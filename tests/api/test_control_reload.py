"""Ready or not, and worlds that are reset when their scenario has changed."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PosixPath
from threading import Event

import pytest
from werkzeug.test import TestResponse

from mock_oms.scenarios.library import Library
from mock_oms.worlds.manager import WorldManager
from tests.api.control import Server, Wall, server
from tests.scenarios import BROKEN, FAULTS, text_of, written

READY = "/health/ready"
RESET = "/worlds/mine/reset"


@pytest.fixture
def mock(tmp_path: Path) -> Server:
    """A mock that follows the files of a folder, in which its default world's `play` has one plan."""
    written(tmp_path, "play", text_of(1))
    library, wall = Library(tmp_path, own="play", tell=lambda _: None), Wall()
    simulation = WorldManager(library.load("play"), wall=wall, latest=library.latest)
    return server(library=library, simulation=simulation, wall=wall)


def test_a_broken_file_at_the_start_is_named_with_503_until_it_is_mended(tmp_path: Path) -> None:
    file = written(tmp_path, "mine", BROKEN)
    mock = server(library=Library(tmp_path))
    status, problem = mock.refused("GET", READY)
    assert (status, str(file) in problem["detail"], "planz" in problem["errors"][str(file)][0]) == (503, True, True)
    written(tmp_path, "mine", text_of(1))
    contract = "contract last checked against a real OMS: never"
    assert mock.done("GET", READY) == {"status": "ready", "plans": 1, "contract": contract}


FROM_ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
KNOWN = {"HTTP_AUTHORIZATION": "Bearer hush-control"}
NO_REASON = ["cannot be used: ask on this machine, or with the control token, for the reason."]


@pytest.mark.parametrize(
    ("token", "environ", "given"),
    [
        (None, {}, True),
        (None, FROM_ELSEWHERE, False),
        (None, {"HTTP_HOST": "evil.example"}, False),
        (None, {"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        (None, {**FROM_ELSEWHERE, **KNOWN}, False),
        ("hush-control", {}, True),
        ("hush-control", FROM_ELSEWHERE, False),
        ("hush-control", {**FROM_ELSEWHERE, **KNOWN}, True),
        ("hush-control", {**FROM_ELSEWHERE, "HTTP_AUTHORIZATION": "Bearer other"}, False),
    ],
)
def test_what_is_wrong_with_a_file_is_told_on_this_machine_or_to_who_has_the_control_token(
    token: str | None, environ: dict[str, str], *, given: bool, tmp_path: Path
) -> None:
    file = written(tmp_path, "mine", BROKEN)
    mock = server(library=Library(tmp_path), control_token=token)
    said = mock.client.get(f"/_mock{READY}", environ_overrides=environ).get_json()
    if given:
        assert "planz" in said["errors"][str(file)][0]
    else:
        assert said["errors"] == {"mine.yaml": NO_REASON}
        assert (str(tmp_path) in str(said), "planz" in str(said)) == (False, False)


def test_a_file_that_breaks_later_is_a_warning_that_shows_others_its_name_alone(mock: Server, tmp_path: Path) -> None:
    mock.done("GET", READY)
    file = written(tmp_path, "play", BROKEN)
    warning = mock.done("GET", READY)
    assert (warning["status"], list(warning["errors"])) == ("warning", [str(file)])
    said = mock.client.get(f"/_mock{READY}", environ_overrides=FROM_ELSEWHERE).get_json()
    assert (said["status"], said["errors"]) == ("warning", {"play.yaml": NO_REASON})


@pytest.mark.parametrize("later", [False, True])
def test_no_secret_that_the_server_knows_is_told_with_what_is_wrong(tmp_path: Path, *, later: bool) -> None:
    written(tmp_path, "mine", text_of(1) if later else BROKEN)
    mock = server(library=Library(tmp_path), control_token="hush-control")
    mock.ask("GET", READY)
    written(tmp_path, "mine", "description: x\nhush-control: 1\n")
    said = mock.ask("GET", READY)
    found = said.status_code, "unknown key" in said.text, "hush-control" in said.text
    assert found == (200 if later else 503, True, False)


class Slow(PosixPath):
    """A folder in which everything called `where` does not say what is in it before it may."""

    where = ""
    begun, may = Event(), Event()

    def iterdir(self) -> Generator["Slow", None, None]:
        if self.name == self.where:
            Slow.begun.set()
            assert Slow.may.wait(30)
        return super().iterdir()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Library]:
    """The scenario `mine`, in a folder whose profiles are listed slowly; at the end nothing waits any more."""
    (tmp_path / "profiles").mkdir()
    written(tmp_path, "mine", text_of(1))
    Slow.where, Slow.begun, Slow.may = "profiles", Event(), Event()
    yield Library(Slow(tmp_path), own="mine")
    Slow.may.set()


def ready_of(library: Library) -> TestResponse:
    """What ready answers where worlds begin with these scenarios."""
    return server(library=library, simulation=server().simulation).ask("GET", READY)


def meanwhile(library: Library, reading: Callable[[Library], object]) -> TestResponse:
    """What ready answers while somebody reads the files of a slow folder."""
    with ThreadPoolExecutor(1) as threads:
        under_way = threads.submit(reading, library)
        assert Slow.begun.wait(30)
        answer = ready_of(library)
        Slow.may.set()
        under_way.exception()
    return answer


@pytest.mark.parametrize("reading", [Library.look, lambda library: library.named("mine")])
def test_while_the_files_are_read_what_was_known_before_is_answered_and_the_first_time_nothing(
    slow: Library, tmp_path: Path, reading: Callable[[Library], object]
) -> None:
    answer = meanwhile(slow, reading)
    assert answer.status_code == 503
    assert answer.get_json()["detail"] == "The mock is still reading the scenario files; ask again in a moment."
    assert ready_of(slow).get_json()["status"] == "ready"
    Slow.begun, Slow.may = Event(), Event()
    written(tmp_path, "mine", text_of(2, more="profiles: [nobody]\n"))
    assert meanwhile(slow, reading).get_json()["status"] == "ready"
    assert ready_of(slow).get_json()["status"] == "warning"


def test_a_reset_begins_with_the_new_version_under_the_same_name_and_token(mock: Server, tmp_path: Path) -> None:
    before = mock.opened("mine", scenario="play", ttl="10m")
    seeded = mock.opened("seeded", scenario="play", seed=99)
    body = mock.vendor(before["token"]).data
    written(tmp_path, "play", text_of(3, seed=8, more=FAULTS))
    assert mock.vendor(before["token"]).data == body
    after = mock.done("POST", RESET)
    assert (after["renewed"], after["plans"], after["seed"], after["faults"]) == (True, 3, 8, 1)
    assert [after[key] for key in ("name", "token", "ttl")] == [before[key] for key in ("name", "token", "ttl")]
    assert after["scenario"]["digest"] != before["scenario"]["digest"]
    assert after["scenario"]["digest"] in mock.vendor(after["token"]).headers["X-Mock-Oms"]
    assert mock.vendor(after["token"]).get_json()["count"] == mock.opened("new", scenario="play")["plans"] == 3
    assert (seeded["seed"], mock.done("POST", "/worlds/seeded/reset")["seed"]) == (99, 99)
    mock.done("POST", "/worlds/mine/events", {"block": "WH001"})  # a renewed world can be changed and reset again
    after = mock.done("POST", RESET)
    assert (after["renewed"], after["plans"], after["events"]) == (False, 3, 0)


def test_new_worlds_and_resets_take_the_last_good_version_of_a_broken_file(mock: Server, tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(3))
    mock.done("GET", READY)
    written(tmp_path, "play", BROKEN)
    assert mock.opened("mine", scenario="play")["plans"] == 3
    assert mock.done("POST", "/worlds/default/reset")["plans"] == 3


def test_without_following_a_reset_keeps_its_version(tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(1))
    mock = server(library=Library(tmp_path))
    mock.opened("mine", scenario="play")
    written(tmp_path, "play", text_of(3))
    after = mock.done("POST", RESET)
    assert (after["renewed"], after["plans"]) == (False, 1)


def test_the_default_world_keeps_the_version_that_it_has_where_its_file_is_gone(mock: Server, tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(3))
    assert mock.done("POST", "/worlds/default/reset")["plans"] == 3
    (tmp_path / "play.yaml").unlink()
    after = mock.done("POST", "/worlds/default/reset")
    assert (after["renewed"], after["plans"]) == (False, 3)
