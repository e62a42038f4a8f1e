"""The file of an observation is read as it was written, and refused with the places that are wrong."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_oms.api.state import last_checked
from mock_oms.conformance import observation_file as files
from mock_oms.conformance.observation_file import objection_to, read_observation, write_observation
from mock_oms.contract import observation as contract
from mock_oms.contract.observation import Host, Observation, PatchOperation
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
    evidence={"page_size": contract.Evidence(seen={"20": 2})},
    checks={"ids-unique": contract.CheckCount(looked=3, findings=0)},
    claims={
        "Context": contract.ClaimSeen(seen=3),
        "Order": contract.ClaimSeen(seen=3, unfit=1, types={"null": 1, "object": 2}, added=("risk",)),
    },
    patch=(PatchOperation(op="replace", path="/a/b", value=None), PatchOperation(op="remove", path="/c")),
)


def written(folder: Path, **changed: Any) -> Path:
    data = yaml.safe_load(write_observation(SEEN))
    file = folder / "oms-observed.yaml"
    kept = {name: value for name, value in {**data, **changed}.items() if value != "gone"}
    file.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return file


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


def test_a_large_page_that_an_earlier_version_saved_lifts_the_maximum() -> None:
    earlier = {"kind": "mock-oms portrait 2", "target": "public", "shown": {"page_size": 250}, "notes": []}
    found = files.saved_observation({**earlier, "situations": {}})
    assert found is not None
    assert (found.shown, found.switches.max_page_size) == ({"page_size": 250}, 250)


MOCK = Observation(**{name: getattr(SEEN, name) for name in Observation.__slots__} | {"host": Host.MOCK})


def test_it_says_when_the_contract_was_last_checked_if_ever() -> None:
    said = "contract last checked against a real OMS: "
    for days, told in ((0, "today"), (1, "1 day ago"), (1500, "1,500 days ago")):
        assert last_checked(SEEN, NOW + timedelta(days=days)) == f"{said}2026-11-24 ({told})"
    assert last_checked(None, NOW) == f"{said}never"
    assert last_checked(MOCK, NOW).startswith(f"{said}never (")


def test_an_observation_holds_until_its_limit_and_neither_after_nor_before_its_date_nor_of_a_mock(
    tmp_path: Path,
) -> None:
    file, limit = written(tmp_path), timedelta(days=60)
    assert objection_to(file, NOW + limit, "60d") is None
    late = objection_to(file, NOW + limit + timedelta(days=1), "60d") or ""
    assert "on 2026-11-24, 61 days ago; accepted: 60d at most. Run `mock-oms contract URL --observe FILE`" in late
    early = objection_to(file, SEEN.date - timedelta(seconds=1), "60d") or ""
    assert early.startswith(f"{file} is dated 2026-11-24")
    assert "has not come yet" in early
    assert "is an observation of a mock" in (objection_to(written(tmp_path, host="mock"), NOW, "1d") or "")
    assert "oms-observed.yaml has seen none" in (objection_to(written(tmp_path, plans=0), NOW, "1d") or "")


def test_a_file_that_is_not_there_is_named_and_a_limit_that_is_no_duration_refused(tmp_path: Path) -> None:
    assert f"there is no {tmp_path / 'o.yaml'}" in (objection_to(tmp_path / "o.yaml", NOW, "60d") or "")
    assert "no file of an observation was named" in (objection_to(None, NOW, "60d") or "")
    assert "'60 days' is no duration" in (objection_to(written(tmp_path), NOW, "60 days") or "")


def test_it_is_read_as_it_was_written_always_as_the_same_text(tmp_path: Path) -> None:
    file = tmp_path / "oms-observed.yaml"
    file.write_text(write_observation(SEEN), encoding="utf-8")
    assert read_observation(file) == SEEN
    assert write_observation(SEEN) == write_observation(SEEN)
    assert write_observation(SEEN).startswith("# What a visit to an OMS has shown")


@pytest.mark.parametrize(("text", "said"), [
    *(("", ""), ("[]", ""), ("7", "")),
    ("description: x\nclock: {rate: 0}\nplans: []\nanswers: {list: array}\n", "this is a scenario, not an observation"),
], ids=range(4))  # fmt: skip
def test_what_is_no_observation_is_refused_and_a_scenario_called_one(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "rec.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_observation(file)
    assert refused.value.problems[0].message.startswith(said)
