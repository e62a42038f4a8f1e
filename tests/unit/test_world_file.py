"""The file of a world: whatever became of it, it is the same world, or a clear error; and nothing else is touched."""

import json
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.building import Scenario
from mock_oms.traffic.faults.fault import Effect, Fault, FaultTarget
from mock_oms.worlds import world_file
from mock_oms.worlds.store import DEFAULT, CannotWriteError, StoredWorldError
from tests.stored_worlds import SetByHand, plain, seen, simulated_in
from tests.worlds import event, scenario

AWAY = "; move the file away to start without this world."
AT = "2024-03-05T09:00:00Z"


@pytest.fixture
def of() -> Scenario:
    return scenario(stock={"A": {"WH001": 5}}, plans=[{"id": 1, "items": ["A"]}], clock={"rate": 0})


def file_of(folder: Path, name: str = DEFAULT) -> Path:
    return folder / "worlds" / f"{name}.jsonl"


def live(folder: Path, of: Scenario) -> bytes:
    """What stands in the file of a world that had an event, a fault and another time."""
    with simulated_in(folder, of, wall=SetByHand()) as simulation:
        lease = simulation.lease(DEFAULT)
        lease.world.apply(event(order={"items": ["A"]}))
        lease.traffic.add([Fault(on=FaultTarget.LIST, effect=Effect(status=503))], of.starts(SetByHand().now), "test")
        lease.world.advance(timedelta(hours=1))
    return file_of(folder).read_bytes()


def refusal(folder: Path, of: Scenario) -> str:
    """The sentence with which a start is refused; empty where it is not."""
    try:
        with simulated_in(folder, of, wall=SetByHand()):
            return ""
    except StoredWorldError as refused:
        return str(refused)


# Damage


def test_no_flipped_bit_passes(of: Scenario, tmp_path: Path) -> None:
    content = live(tmp_path, of)
    passed = []
    for place in range(0, len(content) - 1, 3):  # every kind of letter; the last line end is that of a torn line
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        file_of(tmp_path).write_bytes(damaged)
        said = refusal(tmp_path, of)
        if not said.startswith(f"{file_of(tmp_path)}:") or not said.endswith(AWAY):
            passed.append((place, said))
        assert file_of(tmp_path).read_bytes() == damaged
    assert passed == []


def test_a_line_that_is_missing_changed_or_out_of_order_is_named(of: Scenario, tmp_path: Path) -> None:
    one = live(tmp_path, of).splitlines(keepends=True)
    said = {}
    for number, changed in {
        2: [one[0], one[2], one[3]],
        3: [one[0], one[1], one[3], one[2]],
        1: [one[0].replace(b'"rate": 0', b'"rate": 1'), *one[1:]],
        4: [*one[:3], plain(one[3])],
    }.items():
        file_of(tmp_path).write_bytes(b"".join(changed))
        said[number] = refusal(tmp_path, of)
    damaged = f"the line was changed or damaged after it was written: its checksum does not fit{AWAY}"
    assert said == {number: f"{file_of(tmp_path)}:{number}: {damaged}" for number in said}


def test_a_file_without_checksums_is_read_and_gets_them_as_it_goes_on(of: Scenario, tmp_path: Path) -> None:
    older = plain(live(tmp_path, of))
    file_of(tmp_path).write_bytes(older)
    with simulated_in(tmp_path, of, wall=SetByHand()) as simulation:
        assert file_of(tmp_path).read_bytes() == older
        simulation.lease(DEFAULT).world.advance(timedelta(hours=1))
        before = seen(simulation)
    written = file_of(tmp_path).read_bytes()
    assert written.startswith(older)
    with simulated_in(tmp_path, of, wall=SetByHand()) as simulation:
        assert seen(simulation) == before
    file_of(tmp_path).write_bytes(written.replace(b'["A"]', b'["B"]'))
    assert f":{len(older.splitlines()) + 1}: the line was changed" in refusal(tmp_path, of)


OPENING: dict[str, list[Any]] = {
    "version": [3, "1", None, 1.5, True],
    "token": [12345, "", "two words", "fail-401", None, []],
    "name": ["Default", "", 3, "../default"],
    "seed": [-1, 2**63, 1.5, "1", float("inf"), None],
    "start": ["9999-12-31T00:00:00Z", "3000-01-01T00:00:00Z", "1969-01-01T00:00:00Z", "2024-03-05T09:00:00", 3, "now"],
    "opened": ["9999-12-31T00:00:00Z", "soon", None],
    "rate": [float("nan"), float("inf"), -1, 1e300, "1", True, None],
    "ttl": [-1, float("nan"), 1e300, "1m"],
    "mock_oms": [None, 1],
    "scenario": [None, {}, {"file": 1, "digest": 2, "name": 3}],
}
CHANGES: list[Any] = [
    {"clock": {"shown": AT, "set_at": AT, "rate": float("nan")}},
    {"clock": {"shown": AT, "set_at": AT, "rate": -1}},
    {"clock": {"shown": AT, "set_at": AT, "rate": 10**400}},
    {"clock": {"shown": "9999-12-31T23:59:59Z", "set_at": AT, "rate": 0}},
    {"clock": {"shown": "2999-12-31T23:59:59Z", "set_at": AT, "rate": 0}},
    {"clock": {"shown": "2024-03-05T08:59:59Z", "set_at": AT, "rate": 0}},
    {"clock": {"shown": AT, "set_at": "0001-01-01T00:00:00Z", "rate": 0}},
    {"clock": {"shown": AT, "set_at": AT, "rate": 0, "more": 1}},
    {"event": {"number": 1, "at": "9999-12-31T23:59:59Z", "block": {"location": "WH001"}}},
    {"event": {"number": 1, "at": "2999-12-31T23:59:59Z", "block": {"location": "WH001"}}},
    {"event": {"number": float("inf"), "at": AT, "block": {"location": "WH001"}}},
    {"event": {"number": 1.7, "at": AT, "block": {"location": "WH001"}}},
    {"event": {"number": True, "at": AT, "block": {"location": "WH001"}}},
    {"event": {"number": 1, "at": AT, "block": {"location": "NOWHERE"}}},
    {"traffic": {"faults": [], "next_id": float("nan"), "limits": {}}},
    {"traffic": {"faults": [], "next_id": 0, "limits": {}}},
    {"traffic": {"faults": "none", "next_id": 1, "limits": {}}},
    {"traffic": {"faults": [3], "next_id": 1, "limits": {}}},
    *(
        {"traffic": {"faults": [{**fault, "on": "list", "effect": {"status": 503}}], "next_id": 2, "limits": {}}}
        for fault in (
            {"id": 2, "since": AT, "origin": "x"},
            {"id": 0, "since": AT, "origin": "x"},
            {"id": 1, "since": "9999-12-31T23:59:59Z", "origin": "x"},
            {"id": 1, "since": AT, "origin": 3},
        )
    ),
    {},
    [],
    None,
]


def test_a_value_that_is_none_is_a_clear_error_with_its_line(of: Scenario, tmp_path: Path) -> None:
    opening = json.loads(plain(live(tmp_path, of)).splitlines()[0])
    files = [(1, [{**opening, key: value}]) for key, values in OPENING.items() for value in values]
    files += [(1, [{other: value for other, value in opening.items() if other != key}]) for key in opening]
    wrong = []
    for line, documents in [*files, *((2, [opening, change]) for change in CHANGES)]:
        file_of(tmp_path).write_text("".join(f"{json.dumps(one)}\n" for one in documents))
        said = refusal(tmp_path, of)
        good = said.startswith(f"{file_of(tmp_path)}:{line}: ") and said.endswith(AWAY) and "12345" not in said
        if not good and "To go on, move the file away" not in said:
            wrong.append((documents[-1], said))
    assert wrong == []


# What is not ours


def strange_file(place: Path, kind: str) -> None:
    match kind:
        case "link":
            place.symlink_to(place.parents[2] / "else.txt")
        case "hard link":
            place.hardlink_to(place.parents[2] / "else.txt")
        case "dangling":
            place.symlink_to(place.parents[2] / "nothing")
        case "device":
            place.symlink_to("/dev/zero")
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "sparse":
            with place.open("wb") as stream:
                stream.truncate(10**12)
        case _:
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(os.path.relpath(place))


@pytest.mark.parametrize("kind", ["link", "hard link", "dangling", "device", "folder", "pipe", "socket", "sparse"])
def test_what_is_no_file_of_ours_is_refused_and_left_alone(of: Scenario, tmp_path: Path, kind: str) -> None:
    state, other = tmp_path / "state", tmp_path / "else.txt"
    live(state, of)
    file_of(state).write_bytes(file_of(state).read_bytes()[:-1])  # which would be mended
    other.write_text("My own words\nthat end without a line")
    (state / "worlds" / "tmpabc.unfinished").write_text("{")
    strange_file(file_of(state, "b"), kind)
    before = {file: file.lstat().st_mtime_ns for file in tmp_path.rglob("*")}
    said = refusal(state, of)
    assert said.startswith(str(file_of(state, "b")))
    assert said.endswith(AWAY)
    assert other.read_text() == "My own words\nthat end without a line"
    assert {file: file.lstat().st_mtime_ns for file in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("torn", [0, 1])
def test_another_name_of_a_world_keeps_what_it_had(of: Scenario, tmp_path: Path, torn: int) -> None:
    content, copy = live(tmp_path, of), tmp_path / "copy"
    content = content[: len(content) - torn]
    file_of(tmp_path).write_bytes(content)
    copy.hardlink_to(file_of(tmp_path))
    with simulated_in(tmp_path, of, wall=SetByHand()) as simulation:
        simulation.lease(DEFAULT).world.advance(timedelta(hours=1))
    assert copy.read_bytes() == content
    assert file_of(tmp_path).read_bytes().startswith(content.rpartition(b"\n")[0])


def test_names_that_begin_with_a_dot_and_unfinished_files_of_others_are_left_alone(
    of: Scenario, tmp_path: Path
) -> None:
    live(tmp_path, of)
    left = [tmp_path / name for name in ("worlds/._default.jsonl", "tmpa.unfinished", "worlds/mine.unfinished")]
    for one in left:
        one.write_text("x")
    (tmp_path / "worlds" / "tmpa.unfinished").symlink_to(left[1])
    assert refusal(tmp_path, of) == ""
    assert [one.read_text() for one in left] == ["x"] * 3


def test_nothing_is_mended_where_another_world_cannot_come_back(of: Scenario, tmp_path: Path) -> None:
    torn = live(tmp_path, of)[:-1]
    file_of(tmp_path).write_bytes(torn)
    file_of(tmp_path, "b").write_text("{}\n")
    before = sorted(tmp_path.rglob("*"))
    assert file_of(tmp_path, "b").name in refusal(tmp_path, of)
    assert (file_of(tmp_path).read_bytes(), sorted(tmp_path.rglob("*"))) == (torn, before)


def test_zeros_that_a_crash_has_left_are_a_torn_line(of: Scenario, tmp_path: Path) -> None:
    content = live(tmp_path, of)
    file_of(tmp_path).write_bytes(content + b'{"clock": ' + bytes(50) + b"}\n")
    assert refusal(tmp_path, of) == ""
    assert file_of(tmp_path).read_bytes() == content


def test_a_file_that_is_there_already_is_not_replaced_by_a_new_world(of: Scenario, tmp_path: Path) -> None:
    with simulated_in(tmp_path, of) as simulation:
        other = tmp_path / "else.txt"
        other.write_text("x")
        file_of(tmp_path, "mine").symlink_to(other)
        with pytest.raises(CannotWriteError, match="somebody else has put something in the place of its file"):
            simulation.open(scenario=of, name="mine")
        assert (other.read_text(), file_of(tmp_path, "mine").is_symlink()) == ("x", True)


# Who owns the folder


@pytest.mark.parametrize("gone", [["lock"], ["worlds"], ["lock", "worlds"], ["."]], ids=str)
def test_whoever_takes_away_the_lock_or_the_folder_lets_nobody_write_beside(
    of: Scenario, tmp_path: Path, gone: list[str]
) -> None:
    folder = tmp_path / "state"
    with simulated_in(folder, of) as simulation:
        for name in gone:
            (folder / name).rename(tmp_path / f"{name}away")
        if gone in (["lock"], ["worlds"]):
            assert refusal(folder, of).startswith(f"The folder {folder} is in use by another mock-oms")
            return
        with simulated_in(folder, of) as second:
            for change in (lambda: simulation.open(scenario=of), simulation.lease(DEFAULT).world.reset):
                with pytest.raises(CannotWriteError, match="another folder is in the place of"):
                    change()
            second.lease(DEFAULT).world.apply(event(order={"items": ["A"]}))
            before = seen(second)
    with simulated_in(folder, of) as again:
        assert seen(again)[DEFAULT]["log"] == before[DEFAULT]["log"]


@pytest.mark.parametrize("name", ["worlds", "scenarios", "lock"])
def test_a_link_inside_the_folder_is_not_followed(of: Scenario, tmp_path: Path, name: str) -> None:
    state, other = tmp_path / "state", tmp_path / "else"
    state.mkdir()
    other.write_text("x") if name == "lock" else other.mkdir()
    (state / name).symlink_to(other)
    assert str(state) in refusal(state, of)
    assert (other.read_text() if name == "lock" else [*other.iterdir()]) == ("x" if name == "lock" else [])


# Length


def test_a_long_log_leaves_out_what_later_lines_replace(
    of: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_file, "_LONG", 3_000)
    with simulated_in(tmp_path, of) as simulation:
        lease, sizes = simulation.lease(DEFAULT), []
        for number in range(60):
            lease.world.advance(timedelta(minutes=1))
            if number % 20 == 0:
                lease.world.apply(event(order={"items": ["A"]}))
                lease.traffic.clear()
            sizes.append(file_of(tmp_path).stat().st_size)
        before = seen(simulation)
        assert max(sizes) < 3_300
        assert sizes[-1] < max(sizes)
    with simulated_in(tmp_path, of) as simulation:
        assert seen(simulation) == before
    assert refusal(tmp_path, of) == ""


def test_a_failed_write_leaves_half_a_line_that_the_next_one_cuts(
    of: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    with simulated_in(tmp_path, of) as simulation:
        world, before = simulation.lease(DEFAULT).world, file_of(tmp_path).read_bytes()
        monkeypatch.setattr(os, "fsync", fails)
        with pytest.raises(CannotWriteError, match="Input/output error"):
            world.advance(timedelta(hours=1))
        monkeypatch.setattr(os, "fsync", fsync)
        file_of(tmp_path).write_bytes(before + b'{"clock": {"shown"')  # as if it could not be cut either
        world.advance(timedelta(hours=1))
        after = file_of(tmp_path).read_bytes()
    assert (after.startswith(before), after.count(b"\n")) == (True, before.count(b"\n") + 1)
    assert refusal(tmp_path, of) == ""
