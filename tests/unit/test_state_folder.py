"""The folder that keeps worlds: what stands in it, what it refuses, and what becomes of it when something fails."""

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.building import Scenario, load_scenario
from mock_oms.traffic.faults.fault import Effect, Fault, FaultTarget
from mock_oms.traffic.faults.limits import Limits, Quota
from mock_oms.worlds.leases import MAX_WORLDS, NameTakenError, TooManyWorldsError, WorldExpiredError
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.snapshot import read_snapshot, write_snapshot
from mock_oms.worlds.store import DEFAULT, CannotWriteError, Store, StoredWorldError, WorldOrigin
from tests.stored_worlds import TODAY, SetByHand, of_lease, plain, seen, simulated_in
from tests.worlds import event, scenario

FAULT = Fault(on=FaultTarget.LIST, effect=Effect(status=503))
ORDER = event(order={"items": ["A"]})


@pytest.fixture
def of() -> Scenario:
    return scenario(stock={"A": {"WH001": 5}}, plans=[{"id": 1, "items": ["A"]}])


def world_file(folder: Path, name: str = DEFAULT) -> Path:
    return folder / "worlds" / f"{name}.jsonl"


def lines(folder: Path, name: str = DEFAULT) -> list[Any]:
    found = [json.loads(line) for line in world_file(folder, name).read_text().splitlines()]
    assert all(len(line.pop("crc32")) == 8 for line in found)
    return found


def order(simulation: WorldManager, name: str = DEFAULT) -> None:
    simulation.lease(name).world.apply(ORDER)


def start(folder: Path, of: Scenario, **more: Any) -> None:
    """Start, and end at once."""
    with simulated_in(folder, of, **more):
        pass


def refusal(folder: Path, of: Scenario, **more: Any) -> str:
    """The sentence with which a start is refused."""
    with pytest.raises(StoredWorldError) as refused:
        start(folder, of, **more)
    assert str(refused.value).endswith(".")
    return str(refused.value)


def test_a_world_is_a_file_of_lines_that_people_can_read(of: Scenario, tmp_path: Path) -> None:
    wall = SetByHand()
    with simulated_in(tmp_path, of, wall=wall, token="mine") as simulation:
        order(simulation)
        simulation.lease(DEFAULT).world.set_clock(rate=60)
    opening, happened, clock = lines(tmp_path)
    assert (opening["name"], opening["token"], opening["ttl"]) == (DEFAULT, "mine", None)
    path = str(of.lines.file.resolve())
    assert opening["scenario"] == {"name": "test", "digest": of.digest, "file": "test.yaml", "path": path}
    assert happened == {"event": {"number": 1, "at": opening["start"], "order": {"items": ["A"]}}}
    assert clock == {"clock": {"shown": opening["start"], "set_at": "2026-05-01T12:00:00Z", "rate": 60}}


def test_nobody_else_may_read_the_tokens(of: Scenario, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    start(folder, of)
    found = {str(one.relative_to(folder)): oct(one.stat().st_mode & 0o777) for one in folder.rglob("*")}
    scenarios = {"scenarios": "0o700", f"scenarios/test@{of.digest}.yaml": "0o600"}
    assert found == {"lock": "0o600", "worlds": "0o700", "worlds/default.jsonl": "0o600", **scenarios}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


def test_a_copied_world_and_one_put_back_while_its_clock_ran_come_back(of: Scenario, tmp_path: Path) -> None:
    wall = SetByHand()
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        live = simulation.lease(DEFAULT).world
        order(simulation)
        live.advance(timedelta(hours=1))
        snapshot = read_snapshot(write_snapshot(live.origin, live.instant()), lambda _: of)
        assert len(of_lease(simulation.restore(snapshot, name="mine"))["log"]) == 1
        live.set_clock(rate=60)
        wall.now += timedelta(minutes=1)
        order(simulation)
        live.put(live.instant())
        before = seen(simulation)
    assert [next(iter(line)) for line in lines(tmp_path, "mine")] == ["version", "event", "clock"]
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        assert seen(simulation) == before


def test_faults_and_limits_are_a_line_that_holds_the_whole_set(of: Scenario, tmp_path: Path) -> None:
    limits = Limits(quota=Quota(limit=5, window=timedelta(minutes=1)))
    with simulated_in(tmp_path, of) as simulation:
        traffic, now = simulation.lease(DEFAULT).traffic, of.starts(TODAY)
        traffic.add([FAULT], now, "control API")
        traffic.limit(limits, now)
        since = lines(tmp_path)[0]["start"]
        fault = {"id": 1, "since": since, "origin": "control API", "on": "list", "effect": {"status": 503}}
        first = {"traffic": {"faults": [fault], "next_id": 2, "limits": {}}}
        set_too = {"traffic": {**first["traffic"], "limits": {"quota": {"limit": 5, "window": "1m"}}}}
        assert lines(tmp_path)[1:] == [first, set_too]


def test_a_world_keeps_the_profile_that_it_was_opened_with_unless_its_file_is_gone(tmp_path: Path) -> None:
    own, state = tmp_path / "own", tmp_path / "state"
    (own / "profiles").mkdir(parents=True)
    (own / "mine.yaml").write_text("description: x\nplans: []\nprofiles: [rainy, slow]\n")
    profile = own / "profiles" / "rainy.yaml"
    profile.write_text("description: x\nfaults:\n  - {on: list, effect: {status: 503}}\n")
    with simulated_in(state, load_scenario(own / "mine.yaml")) as simulation:
        before = simulation.lease(DEFAULT).traffic.faults
    profile.write_text("description: x\nfaults:\n  - {on: list, effect: {status: 500}}\n")
    with simulated_in(state, load_scenario(own / "mine.yaml")) as simulation:
        assert simulation.lease(DEFAULT).traffic.faults == before
    assert [one.fault.effect.name for one in before] == ["status 503", "delay"]
    next((state / "scenarios").glob("*/profiles/rainy.yaml")).unlink()
    assert "profiles[0]: found rainy, which is no profile" in refusal(state, load_scenario(own / "mine.yaml"))


def test_a_reset_leaves_the_opening_and_the_clock(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of) as simulation:
        order(simulation)
        simulation.lease(DEFAULT).world.reset()
        order(simulation)
    assert [next(iter(line)) for line in lines(tmp_path)] == ["version", "clock", "event"]


def test_a_world_that_was_closed_or_expired_leaves_nothing_and_its_ttl_counts_from_the_restart(
    of: Scenario, tmp_path: Path
) -> None:
    wall = SetByHand()
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        for name in ("closed", "expired"):
            simulation.open(scenario=of, name=name, ttl=timedelta(minutes=1))
        assert world_file(tmp_path, "closed").exists()
        simulation.close("closed")
    wall.now += timedelta(days=1)
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        assert simulation.lease("expired").ttl == timedelta(minutes=1)
        wall.now += timedelta(minutes=2)
        with pytest.raises(WorldExpiredError):
            simulation.lease("expired")
        assert [one.name for one in (tmp_path / "worlds").iterdir()] == ["default.jsonl"]


def test_worlds_come_back_in_the_order_of_their_opening(of: Scenario, tmp_path: Path) -> None:
    wall = SetByHand()
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        for name in ("c", "a", "b"):
            wall.now += timedelta(seconds=1)
            simulation.open(scenario=of, name=name)
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        assert list(seen(simulation)) == [DEFAULT, "c", "a", "b"]


def test_a_world_outlives_a_change_of_its_scenario(tmp_path: Path) -> None:
    file = tmp_path / "a b%ş.yml"
    file.write_text("description: One.\nplans: [{id: 1, state: pending}]\n", encoding="utf-8")
    old = load_scenario(file)
    with simulated_in(tmp_path / "state", scenario(plans=[])) as simulation:
        before = of_lease(simulation.open(scenario=old, name="mine", rate=0))
    file.write_text("description: Two.\nplans: []\n", encoding="utf-8")
    with simulated_in(tmp_path / "state", scenario(plans=[])) as simulation:
        assert of_lease(simulation.lease("mine")) == before
        kept = simulation.lease("mine").world.origin.scenario
        assert (kept.name, kept.lines.file.name) == (old.name, old.lines.file.name)


def test_a_closed_world_never_writes_into_the_next_one_of_its_name(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of) as simulation:
        old = simulation.open(scenario=of, name="mine").world
        simulation.close("mine")
        old.apply(ORDER)
        old.reset()
        assert not world_file(tmp_path, "mine").exists()
        simulation.open(scenario=of, name="mine")
        before = world_file(tmp_path, "mine").read_bytes()
        old.apply(ORDER)
        old.advance(timedelta(hours=1))
        old.reset()
        assert world_file(tmp_path, "mine").read_bytes() == before


def test_a_world_that_is_being_opened_has_its_name_and_counts_already(of: Scenario) -> None:
    meanwhile: list[Any] = []

    class Slow(Store):
        def create(self, origin: WorldOrigin, changes: Any = ()) -> Any:
            for name in meanwhile:
                simulation.open(scenario=of, name=name)
            return super().create(origin, changes)

    simulation = WorldManager(of)
    for _ in range(MAX_WORLDS - 2):
        simulation.open(scenario=of)
    simulation._store = Slow()  # noqa: SLF001
    for name, refused in (("mine", NameTakenError), (None, TooManyWorldsError)):
        meanwhile[:] = [name]
        with pytest.raises(refused):
            simulation.open(scenario=of, name=name)
    meanwhile.clear()
    simulation.open(scenario=of, name="mine")


def test_after_the_end_nothing_is_written(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of) as simulation:
        pass
    before = world_file(tmp_path).read_bytes()
    order(simulation)
    simulation.lease(DEFAULT).world.reset()
    simulation.open(scenario=of, name="mine")
    assert [file.read_bytes() for file in (tmp_path / "worlds").iterdir()] == [before]


def test_a_folder_that_is_in_use_or_a_file_is_refused(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of):
        assert refusal(tmp_path, of) == (
            f"The folder {tmp_path} is in use by another mock-oms: stop that one, or name another."
        )
    start(tmp_path, of)
    file = tmp_path / "file"
    file.touch()
    assert refusal(file, of) == f"The folder {file} cannot be used: File exists; name another."
    assert "Not a directory" in refusal(file / "inside", of)


def filled(folder: Path, of: Scenario) -> list[bytes]:
    """The lines of a world with three changes, as version 0.1 wrote them."""
    with simulated_in(folder, of) as simulation:
        for _ in range(3):
            order(simulation)
    return plain(world_file(folder).read_bytes()).splitlines(keepends=True)


@pytest.mark.parametrize("line", [
    b"\n", b"{\n", b"[]\n", b"12\n", b"{}\n",
    b'{"event": {"number": 2, "at": "2024-03-05T09:00:00Z"}}\n',
    b'{"event": {"number": 2, "at": "soon", "block": "WH001"}}\n',
    b'{"event": {"number": 2, "at": "2024-03-05T09:00:00Z", "blok": "WH001"}}\n',
    b'{"event": {"number": 2, "at": "2024-03-05T09:00:00Z", "block": 3}}\n',
    b'{"clock": {"shown": "2024-03-05T09:00:00Z"}}\n',
    b'{"clock": null}\n',
    b'{"traffic": {"faults": [{}], "next_id": 1, "limits": {}}}\n',
    b'{"traffic": {"faults": [], "next_id": 1, "limits": {"quota": 5}}}\n',
    b'{"traffic": {"faults": [], "next_id": "x", "limits": {}}}\n',
])  # fmt: skip
def test_a_broken_line_in_the_middle_is_refused_with_its_place(of: Scenario, tmp_path: Path, line: bytes) -> None:
    written = filled(tmp_path, of)
    world_file(tmp_path).write_bytes(b"".join([*written[:2], line, *written[3:]]))
    refused = refusal(tmp_path, of)
    assert refused.startswith(f"{world_file(tmp_path)}:3: found a line that mock-oms does not write")
    assert refused.endswith("; move the file away to start without this world.")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: [*one[:2], one[3]], ":3: this cannot have happened: its number is 3, and 2 is next. To go on, move "),
        (lambda one: [one[0], one[2], one[1], one[3]], ":2: this cannot have happened: its number is 2, and 1 is next."),
        (lambda one: [one[0], one[1].replace(b'"order": {"items": ["A"]}', b'"block": {"location": "NOWHERE"}')],
         ":2: this cannot have happened: There is no location NOWHERE"),
    ],
    ids=["a line is missing", "lines out of order", "an event that the world refuses"],
)  # fmt: skip
def test_a_log_that_does_not_replay_is_refused_with_its_place(
    of: Scenario, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], reason: str
) -> None:
    world_file(tmp_path).write_bytes(b"".join(change(filled(tmp_path, of))))
    assert f"{world_file(tmp_path)}{reason}" in refusal(tmp_path, of)


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 1}', b'{"version": 1}\n', b"null\n", b"\xff\n"])
def test_a_file_without_an_opening_is_refused(of: Scenario, tmp_path: Path, content: bytes) -> None:
    start(tmp_path, of)
    world_file(tmp_path).write_bytes(content)
    assert refusal(tmp_path, of).startswith(f"{world_file(tmp_path)}:1: found ")


def change_opening(folder: Path, **changes: Any) -> None:
    opening, *others = plain(world_file(folder).read_bytes()).decode().splitlines(keepends=True)
    world_file(folder).write_text("".join((json.dumps({**json.loads(opening), **changes}) + "\n", *others)))


def test_another_version_and_a_file_under_another_name_are_refused(of: Scenario, tmp_path: Path) -> None:
    start(tmp_path, of)
    world_file(tmp_path, "b").write_bytes(world_file(tmp_path).read_bytes())
    assert "b.jsonl:1: this is the file of world default; call it so, or move the file away" in refusal(tmp_path, of)
    world_file(tmp_path, "b").unlink()
    change_opening(tmp_path, version=4)
    assert ":1: found version 4; accepted: 1 to 3, which this mock-oms writes; move the file" in refusal(tmp_path, of)


@pytest.mark.parametrize(("text", "reason"), [
    ("description: Another.\nplans: []\n", "has been changed: found the digest "),
    ("description: [\n", "cannot be used (test.yaml:1:14: this is not YAML"),
    ("description: 1\nplans: 2\n", "cannot be used (test.yaml:1: description: found 1"),
    (None, "cannot be used (the file cannot be read: No such file"),
])  # fmt: skip
def test_a_stored_scenario_that_was_changed_is_refused(of: Scenario, tmp_path: Path, text: Any, reason: str) -> None:
    start(tmp_path, of)
    (file,) = (tmp_path / "scenarios").iterdir()
    file.unlink()
    if text:
        file.write_text(text)
    assert f":1: its scenario in {file} {reason}" in refusal(tmp_path, of)


def test_the_default_world_has_the_token_of_the_settings(of: Scenario, tmp_path: Path) -> None:
    start(tmp_path, of, token="old")
    with simulated_in(tmp_path, of, token="new") as simulation:
        assert simulation.reading("old") is None
        assert simulation.reading("new") is not None


def test_settings_that_name_another_scenario_or_seed_are_refused(of: Scenario, tmp_path: Path) -> None:
    start(tmp_path, of, seed=3)
    other = tmp_path / "other.yaml"
    other.write_text("description: Another.\nplans: []\n")
    assert refusal(tmp_path, load_scenario(other)) == (
        f"{world_file(tmp_path)}: the default world that is kept has the scenario test, the settings ask for other; "
        "start with --scenario test, or move the file away to let it begin anew."
    )
    assert "has the seed 3, the settings ask for 4; start with --seed 3, or" in refusal(tmp_path, of, seed=4)
    start(tmp_path, of)


def test_two_worlds_with_one_token_are_refused(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of) as simulation:
        token = simulation.open(scenario=of, name="mine").token
    sentence = refusal(tmp_path, of, token=token)
    assert "mine.jsonl: world mine has the token of the default world, which is that of --token; move" in sentence
    assert token not in sentence
    text = plain(world_file(tmp_path, "mine").read_bytes()).decode()
    world_file(tmp_path, "other").write_text(text.replace('"mine"', '"other"'))
    assert "other.jsonl: world other has the token of world mine; move" in refusal(tmp_path, of)


def test_a_torn_line_is_cut_off_with_a_warning_and_an_unfinished_file_removed(
    of: Scenario, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written = filled(tmp_path, of)
    world_file(tmp_path).write_bytes(b"".join(written)[:-5])
    left = tmp_path / "worlds" / "tmp123.unfinished"
    left.write_text("{")
    start(tmp_path, of)
    (kept,) = (tmp_path / "worlds").glob("default.jsonl.*.torn")
    said = f"{world_file(tmp_path)}:4: the last line was not written to its end; it is cut off, and kept in {kept}."
    assert caplog.messages == [said]
    assert world_file(tmp_path).read_bytes() == b"".join(written[:-1])
    assert kept.read_bytes() == written[-1][:-5]
    assert not left.exists()


def test_a_changed_scenario_and_another_release_are_warnings(
    of: Scenario, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    start(tmp_path, of)
    with simulated_in(tmp_path, scenario(plans=[])) as simulation:
        assert simulation.default().count == 1
    change_opening(tmp_path, mock_oms="0.0.9")
    start(tmp_path, of)
    changed, older = caplog.messages
    assert changed == (
        f"{world_file(tmp_path)}: the scenario test has changed since; the default world goes on with what it was; "
        "move the file away to let it begin anew."
    )
    assert "1 of its worlds were opened by mock-oms 0.0.9; this is " in older
    assert caplog.records[-1].levelno == logging.WARNING


def on_a_full_disk(folder: Path) -> None:
    """What is to be tried where no file can grow; run in a process of its own, for the limit is the process's."""
    of = scenario(stock={"A": {"WH001": 5}}, plans=[{"id": 1, "items": ["A"]}], clock={"rate": 0})
    with simulated_in(folder, of) as simulation:
        live = simulation.lease(DEFAULT).world
        order(simulation)
        size = world_file(folder).stat().st_size
        before, files = seen(simulation), sorted(folder.rglob("*"))
        attempts: list[tuple[int, Callable[[], object]]] = [
            (size + 7, lambda: order(simulation)),
            (size + 7, lambda: live.advance(timedelta(minutes=5))),
            (size + 7, lambda: live.set_clock(rate=60)),
            (40, live.reset),
            (40, lambda: simulation.open(scenario=of, name="mine")),
        ]
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        for room, attempt in attempts:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
            with pytest.raises(CannotWriteError, match=r"could not be written: File too large; nothing has changed\.$"):
                attempt()
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert world_file(folder).stat().st_size == size
        assert (seen(simulation), sorted(folder.rglob("*"))) == (before, files)
        order(simulation)
        simulation.open(scenario=of, name="mine")
        before = seen(simulation)
    with simulated_in(folder, of) as simulation:
        assert seen(simulation) == before


def test_what_cannot_be_written_has_not_happened(tmp_path: Path) -> None:
    script = "import sys, pathlib; from tests.unit.test_state_folder import on_a_full_disk as run; "
    command = [sys.executable, "-c", f"{script}run(pathlib.Path(sys.argv[1]))", str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_was_taken_away_or_shortened_is_not_made_or_filled_up(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of) as simulation:
        order(simulation)
        written = world_file(tmp_path).read_bytes()
        for changed in (written[:-10], written + b"x", written.replace(b"A", b"B"), written[:-1] + b" "):
            world_file(tmp_path).write_bytes(changed)
            for change in (partial(order, simulation), simulation.lease(DEFAULT).world.reset):
                with pytest.raises(CannotWriteError, match="not be written: somebody else has changed its file; "):
                    change()
            assert world_file(tmp_path).read_bytes() == changed
        world_file(tmp_path).unlink()
        lease = simulation.lease(DEFAULT)
        with pytest.raises(CannotWriteError, match="World default could not be written: No such file or directory; "):
            order(simulation)
        with pytest.raises(CannotWriteError):
            lease.traffic.add([FAULT], of.starts(TODAY), "control API")
        assert (len(lease.world.instant().log), lease.traffic.faults, lease.traffic.is_quiet) == (1, (), True)


def test_a_world_whose_file_cannot_be_removed_stays(of: Scenario, tmp_path: Path) -> None:
    wall = SetByHand()
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        simulation.open(scenario=of, name="mine", ttl=timedelta(minutes=1))
        world_file(tmp_path, "mine").unlink()
        world_file(tmp_path, "mine").mkdir()
        with pytest.raises(CannotWriteError, match="World mine could not be written: "):
            simulation.close("mine")
        wall.now += timedelta(hours=1)
        assert simulation.lease("mine").world.origin.name == "mine"
