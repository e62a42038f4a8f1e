"""Scenario files of this machine that a client reads, checks and sends: a server elsewhere needs no folder."""

import json
import os
from pathlib import Path

import pytest

from mock_oms.client import Control, ControlError, WishError
from mock_oms.server.run import CannotServeError
from mock_oms.testing import running_server
from tests.scenarios import written
from tests.typed import printed, printed_json, refused

BUSY = "description: Busy.\nseed: 5\nplans:\n  - {items: [A], count: 2}\n"
PROFILE = "description: Slow.\nlimits: {quota: {limit: 5, window: 1h}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario with a profile beside it, and one that is shipped."""
    (tmp_path / "profiles").mkdir()
    written(tmp_path / "profiles", "mine", PROFILE)
    return written(tmp_path, "busy", f"{BUSY}profiles: [mine, flaky]\n")


def test_a_file_is_sent_with_the_profiles_beside_it(file: Path, oms_control: Control) -> None:
    for given in (file, str(file)):
        with oms_control.open_world(scenario=given) as world:
            assert (world.scenario, world.seed, {*world.limits()}) == ("busy", 5, {"quota"})
            assert {one.origin for one in world.faults()} == {"profile flaky"}
            assert {*world.snapshot()["scenario"]["profiles"]} == {"mine", "flaky"}


def test_a_path_begins_in_the_current_folder_and_needs_no_ending(
    file: Path, oms_control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    file.rename("plain")
    for given in (Path("plain"), "./plain"):
        with oms_control.open_world(scenario=given) as world:
            assert world.scenario == "plain"


def test_a_file_of_json_is_sent_too(tmp_path: Path, oms_control: Control) -> None:
    file = tmp_path / "busy.json"
    file.write_text(json.dumps({"description": "Busy.", "plans": [{"state": "completed", "count": 3}]}))
    with oms_control.open_world(scenario=file) as world:
        assert (world.scenario, world.plans().count) == ("busy", 3)


def test_a_mapping_is_sent_as_it_is_and_its_errors_have_its_paths(oms_control: Control) -> None:
    with oms_control.open_world(scenario={"description": "x", "plans": [{"state": "pending"}]}) as world:
        assert (world.scenario, world.plans().plans[0].state) == ("inline", "pending")
    with pytest.raises(ControlError, match=r"^scenario\.plans\[0\]\.items: found 3; accepted: a list\.$"):
        oms_control.open_world(scenario={"description": "x", "plans": [{"items": 3}]})


def test_errors_in_a_file_name_its_lines_before_anything_is_sent(tmp_path: Path) -> None:
    file = written(tmp_path, "busy", "description: x\nplans:\n  - {items: 3}\n  - {items: [A], city: 3}\n")
    lines = rf"^{file}:3: plans\[0\]\.items: found 3; .*\n{file}:4: plans\[1\]\.city: found 3; "
    with Control("http://127.0.0.1:9") as nobody:
        with pytest.raises(WishError, match=lines):
            nobody.open_world(scenario=file)
        with pytest.raises(WishError, match=r"nowhere\.yaml: the file cannot be read: No such file or directory"):
            nobody.open_world(scenario="nowhere.yaml")


def test_a_profile_that_only_the_server_may_know_is_asked_for_there(tmp_path: Path) -> None:
    file = written(tmp_path, "busy", f"{BUSY}profiles: [theirs]\n")
    folder = tmp_path / "of-the-server"
    (folder / "profiles").mkdir(parents=True)
    with running_server(scenarios=folder) as server:
        with pytest.raises(ControlError, match=r"^scenario\.profiles\[0\]: found theirs, which is no profile"):
            server.control.open_world(scenario=file)
        written(folder / "profiles", "theirs", PROFILE)
        with server.control.open_world(scenario=file) as world:
            assert {*world.limits()} == {"quota"}


def test_a_file_that_has_changed_is_read_again(file: Path, oms_control: Control) -> None:
    seeds = []
    for seed in (5, 6):
        written(file.parent, "busy", BUSY.replace("5", str(seed)))
        with oms_control.open_world(scenario=file) as world:
            seeds.append(world.seed)
    assert seeds == [5, 6]


def test_the_command_sends_a_file(file: Path, oms_control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_OMS_URL", oms_control.url)
    monkeypatch.chdir(file.parent)
    opened = printed_json("world", "new", "--scenario", "busy.yaml", "--name", "sent")
    assert (opened["scenario"], opened["seed"]) == ("busy", 5)
    assert printed("world", "show", "--world", "sent").splitlines()[3].startswith(f"scenario  busy@{opened['digest']}")
    printed("world", "rm", "--world", "sent")
    file.write_text("description: x\nplan: []\n")
    assert refused("world", "new", "--scenario", "./busy.yaml").startswith("busy.yaml:2: plan: unknown key")
    said = refused("world", "new", "--scenario", "busy")
    assert said.startswith("scenario: There is no scenario busy; known: ")
    assert said.endswith(". GET /_mock/scenarios lists them. Send a file: --scenario ./busy.yaml.")


def test_a_server_in_a_test_takes_a_path_or_a_mapping(file: Path) -> None:
    for given, name in ((file, "busy"), ({"description": "x", "plans": [{"state": "completed"}]}, "inline")):
        with running_server(scenario=given) as server, server.control.open_world(scenario=name) as another:
            world = server.control.world()
            assert (world.scenario, another.scenario) == (name, name)
            assert world.reset().scenario == name


def test_a_restart_and_a_reset_lead_a_sent_scenario_to_what_it_was(file: Path, tmp_path: Path) -> None:
    found = []
    for number in range(2):
        with running_server(state=tmp_path / "state", reload="on") as server:
            if not number:
                server.control.open_world(scenario=file, name="mine", ttl=None)
                server.control.world("mine").advance("1h")
                file.unlink()
            world = server.control.world("mine")
            found.append((world.facts().line, world.snapshot(), world.reset().line))
    assert [one[0] for one in found] == [found[0][0], found[0][2]]
    assert found[0][1]["scenario"] == found[1][1]["scenario"]


def test_a_default_world_that_a_path_began_names_the_path(file: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running_server(scenario=os.path.relpath(file), state=state):
        pass
    said = f"settings ask for default; start with --scenario {file}, or move the file"
    with pytest.raises(CannotServeError, match=said), running_server(state=state):
        pass


def test_a_snapshot_of_a_sent_scenario_makes_its_world_on_a_server_that_has_no_such_file(
    file: Path, oms_control: Control
) -> None:
    with oms_control.open_world(scenario=file) as world, running_server() as other:
        world.advance("10m")
        with other.control.open_world(snapshot=world.snapshot()) as again:
            assert again.plans() == world.plans()
            assert again.reset().line.split()[1:] == world.reset().line.split()[1:]


def test_the_folder_of_a_running_server_takes_a_new_file_as_the_refusal_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(scenarios=tmp_path) as server:
        monkeypatch.setenv("MOCK_OMS_URL", server.url)
        said = refused("world", "new", "--scenario", "busy")
        ways = f"Put busy.yaml into {tmp_path}, which needs no restart; or send a file: --scenario ./busy.yaml."
        assert said.endswith(f" GET /_mock/scenarios lists them. {ways}")
        written(tmp_path, "busy", BUSY)
        assert printed_json("world", "new", "--scenario", "busy")["scenario"] == "busy"
