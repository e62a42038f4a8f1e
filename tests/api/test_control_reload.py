"""Ready or not, and worlds that are reset when their scenario has changed."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PosixPath
from threading import Event

import pytest
from werkzeug.test import TestResponse

from mock_oms.api.app import create_app
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
    app = create_app(simulation, library=library)
    return Server(simulation=simulation, client=app.test_client(), wall=wall)


def test_a_broken_file_at_the_start_is_named_with_503(tmp_path: Path) -> None:
    file = written(tmp_path, "mine", BROKEN)
    answer = server(library=Library(tmp_path)).ask("GET", READY)
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert str(file) in answer.get_json()["detail"]
    assert "planz" in answer.get_json()["errors"][str(file)][0]


def test_a_file_that_is_mended_makes_ready(tmp_path: Path) -> None:
    written(tmp_path, "mine", BROKEN)
    mock = server(library=Library(tmp_path))
    assert mock.ask("GET", READY).status_code == 503
    written(tmp_path, "mine", text_of(1))
    assert mock.done("GET", READY) == {
        "status": "ready",
        "plans": 1,
        "contract": "contract last checked against a real OMS: never",
    }


def test_a_file_that_breaks_later_is_a_warning(mock: Server, tmp_path: Path) -> None:
    mock.done("GET", READY)
    file = written(tmp_path, "play", BROKEN)
    told = mock.done("GET", READY)
    assert (told["status"], list(told["errors"])) == ("warning", [str(file)])


FROM_ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
KNOWN = {"HTTP_AUTHORIZATION": "Bearer hush-control"}
NO_REASON = ["cannot be used: ask on this machine, or with the control token, for the reason."]


@pytest.mark.parametrize(
    ("token", "environ", "told"),
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
    token: str | None, environ: dict[str, str], *, told: bool, tmp_path: Path
) -> None:
    file = written(tmp_path, "mine", BROKEN)
    mock = server(library=Library(tmp_path), control_token=token)
    said = mock.client.get(f"/_mock{READY}", environ_overrides=environ).get_json()
    if told:
        assert "planz" in said["errors"][str(file)][0]
    else:
        assert said["errors"] == {"mine.yaml": NO_REASON}
        assert (str(tmp_path) in str(said), "planz" in str(said)) == (False, False)


def test_a_warning_tells_others_the_names_of_the_files_alone(mock: Server, tmp_path: Path) -> None:
    mock.done("GET", READY)
    written(tmp_path, "play", BROKEN)
    said = mock.client.get(f"/_mock{READY}", environ_overrides=FROM_ELSEWHERE).get_json()
    assert (said["status"], said["errors"]) == ("warning", {"play.yaml": NO_REASON})


@pytest.mark.parametrize("later", [False, True])
def test_no_secret_that_the_server_knows_is_told_with_what_is_wrong(tmp_path: Path, *, later: bool) -> None:
    written(tmp_path, "mine", text_of(1) if later else BROKEN)
    mock = server(library=Library(tmp_path), control_token="hush-control")
    mock.ask("GET", READY)
    written(tmp_path, "mine", "description: x\nhush-control: 1\n")
    said = mock.ask("GET", READY)
    assert (said.status_code, "unknown key" in said.text, "hush-control" in said.text) == (
        200 if later else 503,
        True,
        False,
    )


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
    return create_app(server().simulation, library=library).test_client().get(f"/_mock{READY}")


@pytest.mark.parametrize("reading", [Library.look, lambda library: library.named("mine")])
def test_while_others_read_the_files_for_the_first_time_nothing_is_known_yet(
    slow: Library, reading: Callable[[Library], object]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        under_way = threads.submit(reading, slow)
        assert Slow.begun.wait(30)
        answer = ready_of(slow)
        Slow.may.set()
        under_way.result()
    assert answer.status_code == 503
    assert answer.get_json()["detail"] == "The mock is still reading the scenario files; ask again in a moment."
    assert ready_of(slow).get_json()["status"] == "ready"


@pytest.mark.parametrize("reading", [Library.look, lambda library: library.named("mine")])
def test_while_others_read_the_files_again_what_was_known_before_is_told(
    slow: Library, tmp_path: Path, reading: Callable[[Library], object]
) -> None:
    Slow.may.set()
    assert ready_of(slow).get_json()["status"] == "ready"
    Slow.begun, Slow.may = Event(), Event()
    written(tmp_path, "mine", text_of(2, more="profiles: [nobody]\n"))
    with ThreadPoolExecutor(1) as threads:
        under_way = threads.submit(reading, slow)
        assert Slow.begun.wait(30)
        answer = ready_of(slow)
        Slow.may.set()
        under_way.exception()
    assert answer.get_json()["status"] == "ready"
    assert ready_of(slow).get_json()["status"] == "warning"


def test_a_reset_begins_with_the_new_version_under_the_same_name_and_token(mock: Server, tmp_path: Path) -> None:
    before = mock.opened("mine", scenario="play", ttl="10m")
    written(tmp_path, "play", text_of(3, seed=8))
    after = mock.done("POST", RESET)
    assert (after["renewed"], after["plans"], after["seed"]) == (True, 3, 8)
    assert [after[key] for key in ("name", "token", "ttl")] == [before[key] for key in ("name", "token", "ttl")]
    assert after["scenario"]["digest"] != before["scenario"]["digest"]
    assert after["scenario"]["digest"] in mock.vendor(after["token"]).headers["X-Mock-Oms"]
    assert mock.vendor(after["token"]).get_json()["count"] == 3


def test_a_reset_whose_file_is_as_it_was_renews_nothing(mock: Server) -> None:
    mock.opened("mine", scenario="play")
    assert mock.done("POST", RESET)["renewed"] is False


def test_an_open_world_keeps_its_version_until_its_reset(mock: Server, tmp_path: Path) -> None:
    token = mock.opened("mine", scenario="play")["token"]
    before = mock.vendor(token).data
    written(tmp_path, "play", text_of(3))
    assert mock.vendor(token).data == before


def test_a_new_world_takes_the_new_version(mock: Server, tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(3))
    assert mock.opened("mine", scenario="play")["plans"] == 3


def test_new_worlds_and_resets_take_the_last_good_version_of_a_broken_file(mock: Server, tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(3))
    mock.done("GET", READY)
    written(tmp_path, "play", BROKEN)
    assert mock.opened("mine", scenario="play")["plans"] == 3
    assert mock.done("POST", "/worlds/default/reset")["plans"] == 3


def test_a_renewed_world_has_the_faults_of_its_new_version(mock: Server, tmp_path: Path) -> None:
    mock.opened("mine", scenario="play")
    written(tmp_path, "play", text_of(1, more=FAULTS))
    assert mock.done("POST", RESET)["faults"] == 1


def test_a_seed_that_was_wished_stays_in_a_new_version(mock: Server, tmp_path: Path) -> None:
    mock.opened("mine", scenario="play", seed=99)
    written(tmp_path, "play", text_of(3, seed=8))
    assert mock.done("POST", RESET)["seed"] == 99


def test_without_following_a_reset_keeps_its_version(tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(1))
    mock = server(library=Library(tmp_path))
    mock.opened("mine", scenario="play")
    written(tmp_path, "play", text_of(3))
    after = mock.done("POST", RESET)
    assert (after["renewed"], after["plans"]) == (False, 1)


def test_a_renewed_world_can_be_changed_and_reset_again(mock: Server, tmp_path: Path) -> None:
    mock.opened("mine", scenario="play")
    written(tmp_path, "play", text_of(3))
    mock.done("POST", RESET)
    mock.done("POST", "/worlds/mine/events", {"block": "WH001"})
    after = mock.done("POST", RESET)
    assert (after["renewed"], after["plans"], after["events"]) == (False, 3, 0)


def test_the_default_world_keeps_the_version_that_it_has_where_its_file_is_gone(mock: Server, tmp_path: Path) -> None:
    written(tmp_path, "play", text_of(3))
    assert mock.done("POST", "/worlds/default/reset")["plans"] == 3
    (tmp_path / "play.yaml").unlink()
    after = mock.done("POST", "/worlds/default/reset")
    assert (after["renewed"], after["plans"]) == (False, 3)
