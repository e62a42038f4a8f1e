"""The file of an observation is read as it was written, and refused with the places that are wrong."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_oms.conformance.observation_file import (
    objection,
    objection_to,
    read_observation,
    saved_observation,
    write_observation,
)
from mock_oms.contract.observation import (
    CheckCount,
    ClaimSeen,
    Evidence,
    Host,
    Observation,
    PatchOperation,
    last_checked,
)
from mock_oms.scenarios.errors import ScenarioError
from tests.crawls import NOW

SEEN = Observation(
    contract="0.1.0",
    date=NOW,
    host=Host.PUBLIC,
    whole=True,
    plans=3,
    requests={"walk": 2, "no plan": 1},
    answers={"page_size": 20, "list": "array"},
    evidence={"page_size": Evidence(seen={"20": 2})},
    checks={"ids-unique": CheckCount(looked=3, findings=0)},
    claims={
        "Context": ClaimSeen(seen=3),
        "Order": ClaimSeen(seen=3, unfit=1, types={"null": 1, "object": 2}, added=("risk",)),
    },
    patch=(PatchOperation(op="replace", path="/a/b", value=None), PatchOperation(op="remove", path="/c")),
)


def written(folder: Path, **changed: Any) -> Path:
    data = yaml.safe_load(write_observation(SEEN))
    file = folder / "oms-observed.yaml"
    kept = {name: value for name, value in {**data, **changed}.items() if value != "gone"}
    file.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return file


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "oms-observed.yaml"
    file.write_text(write_observation(SEEN), encoding="utf-8")
    assert read_observation(file) == SEEN


def test_the_same_observation_is_the_same_text() -> None:
    assert write_observation(SEEN) == write_observation(SEEN)
    assert write_observation(SEEN).startswith("# What a visit to an OMS has shown")


@pytest.mark.parametrize(("changed", "said"), [
    ({"answers": {"list": "arry"}}, "answers.list: found 'arry'; accepted: envelope, array; the nearest is array."),
    ({"answers": {"lists": "array"}}, "answers.lists: unknown key; the nearest is list."),
    ({"answers": {"page_size": 50, "max_page_size": 20}}, "answers.page_size: is above `max_page_size`, which is 20."),
    ({"version": 2}, "version: found 2; accepted: a whole number from 1 to 1."),
    ({"date": "now"}, "date: found 'now'; accepted: a time with its zone"),
    ({"host": "moon"}, "host: found 'moon'; accepted: loopback, private, public, mock, captured."),
    ({"claims": "gone"}, "claims: is missing."),
    ({"claims": {"Context": {"seen": -1}}}, "claims.Context.seen: found -1; accepted: a whole number"),
    ({"patch": [{"op": "move", "path": "/a"}]}, "patch[0].op: found 'move'; accepted: add, remove, replace"),
    ({"plan": 1}, "plan: unknown key; the nearest is plans."),
])  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as found:
        read_observation(written(tmp_path, **changed))
    assert said in str(found.value)


@pytest.mark.parametrize("text", ["", "[]", "7"])
def test_what_is_no_observation_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "oms-observed.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError):
        read_observation(file)


def test_a_large_page_that_an_earlier_version_saved_lifts_the_maximum() -> None:
    earlier = {"kind": "mock-oms portrait 2", "target": "public", "shown": {"page_size": 250}, "notes": []}
    found = saved_observation({**earlier, "situations": {}})
    assert found is not None
    assert (found.shown, found.switches.max_page_size) == ({"page_size": 250}, 250)


def a_mock() -> Observation:
    return Observation(**{name: getattr(SEEN, name) for name in Observation.__slots__} | {"host": Host.MOCK})


@pytest.mark.parametrize(
    ("days", "told"), [(0, "2026-11-24 (today)"), (1, "2026-11-24 (1 day ago)"), (1500, "2026-11-24 (1,500 days ago)")]
)
def test_it_says_when_the_contract_was_last_checked(days: int, told: str) -> None:
    assert last_checked(SEEN, NOW + timedelta(days=days)) == f"contract last checked against a real OMS: {told}"


def test_without_an_observation_of_a_real_oms_it_was_never_checked() -> None:
    assert last_checked(None, NOW) == "contract last checked against a real OMS: never"
    assert last_checked(a_mock(), NOW).startswith("contract last checked against a real OMS: never (")


def test_an_observation_holds_until_its_limit_and_not_after() -> None:
    limit = timedelta(days=60)
    assert objection(SEEN, NOW + limit, limit) is None
    said = objection(SEEN, NOW + timedelta(days=61), limit) or ""
    assert "on 2026-11-24, 61 days ago; accepted: 60d at most." in said
    assert "mock-oms contract URL --observe FILE" in said


def test_an_observation_of_a_moment_to_come_is_refused() -> None:
    said = objection(SEEN, SEEN.date - timedelta(seconds=1), timedelta(days=60), file="o.yaml") or ""
    assert "o.yaml is dated 2026-11-24" in said
    assert "has not come yet" in said


def test_an_observation_of_a_mock_is_none() -> None:
    assert "is an observation of a mock" in (objection(a_mock(), NOW, timedelta(days=1), file="o.yaml") or "")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert f"there is no {tmp_path / 'o.yaml'}" in (objection_to(tmp_path / "o.yaml", NOW, "60d") or "")
    assert "no file of an observation was named" in (objection_to(None, NOW, "60d") or "")
    assert objection_to(written(tmp_path), NOW, "60d") is None


def test_a_limit_that_is_no_duration_is_refused(tmp_path: Path) -> None:
    assert "'60 days' is no duration" in (objection_to(written(tmp_path), NOW, "60 days") or "")


def test_a_scenario_by_mistake_is_called_one(tmp_path: Path) -> None:
    file = tmp_path / "rec.yaml"
    file.write_text("description: x\nclock: {rate: 0}\nplans: []\nanswers: {list: array}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_observation(file)
    (problem,) = refused.value.problems
    assert problem.message.startswith("this is a scenario, not an observation")
