"""Whatever reads a document that nobody vouches for refuses what would run, swell or nest without end."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mock_oms.cli.options import RefusedError, mapping_in, snapshot_in
from mock_oms.scenarios.building import load_scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.profiles import Profiles, load_profile
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.state_folder import state_folder
from mock_oms.worlds.store import StoredWorldError
from tests.stored_worlds import plain
from tests.typed import refused
from tests.worlds import scenario

EVIL = {
    "a tag that calls": "description: !!python/object/apply:os.system ['touch {0}']",
    "a tag that names": "description: !!python/name:os.system",
    "an object": "description: !!python/object/new:subprocess.Popen [['touch', '{0}']]",
    "a snake that eats itself": "description: &a [*a]",
    "a deep list": "description: " + "[" * 100_000,
    "a key twice": "description: A\ndescription: B",
    "another text beside it": "description: A\n---\ndescription: B",
    "no text": "description: \0",
}


def written(text: str, folder: Path) -> Path:
    (folder / "evil.yaml").write_text(text, encoding="utf-8")
    return folder / "evil.yaml"


@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("read", [
    lambda text, folder: load_scenario(written(text, folder), Profiles()),
    lambda text, folder: load_profile(written(text, folder)),
    lambda text, _: mapping_in(text, "Fault", "{on: list}"),
], ids=["scenario", "profile", "command line"])  # fmt: skip
def test_yaml_is_data_and_nothing_else(read: Callable[[str, Path], object], text: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises((ScenarioError, RefusedError)) as error:
        read(text.replace("{0}", str(made)), tmp_path)
    assert not made.exists()
    assert len(str(error.value)) < 1_000


SWOLLEN = {
    "nested too deeply": "[" * 200_000,
    "nested objects": '{"a":' * 200_000,
    "a number of many digits": '{"seed": ' + "9" * 5_000 + "}",
    "no JSON": "{",
}


@pytest.mark.parametrize("text", SWOLLEN.values(), ids=SWOLLEN)
def test_the_file_of_a_snapshot_is_refused_in_a_sentence(text: str) -> None:
    file: Any = StringIO(text)
    file.name = "saved.json"
    with pytest.raises(RefusedError, match="is no snapshot") as error:
        snapshot_in(file)
    assert len(str(error.value)) < 300


def test_a_document_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "endless.json"
    with file.open("wb") as stream:
        stream.truncate(10**13)
    told = [refused("scrub", file), refused("replay", "x", "--snapshot", file), refused("drift", file, file)]
    assert told == [f"{file} is larger than 100 MB, so it is not read."] * 3


@pytest.mark.parametrize(
    "line", ["[" * 200_000, '{"a":' * 200_000, '{"event": {"number": ' + "9" * 5_000 + "}}", "1", "null"]
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_line_of_a_kept_world_is_refused_in_a_sentence(line: str, place: int, tmp_path: Path) -> None:
    of = scenario(plans=[])
    with state_folder(tmp_path) as store:
        WorldManager(of, store=store)
    file = tmp_path / "worlds" / "default.jsonl"
    lines = plain(file.read_bytes()).decode().splitlines()
    lines[place:] = [line, json.dumps({"clock": {}})]
    file.write_text("\n".join(lines) + "\n")
    with (
        state_folder(tmp_path) as store,
        pytest.raises(StoredWorldError, match="found a line that mock-oms does not write"),
    ):
        WorldManager(of, store=store)
