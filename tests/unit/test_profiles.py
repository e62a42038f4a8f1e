"""Profiles: named faults and limits, shipped or one's own, that a scenario has beside those that it says itself."""

from datetime import timedelta
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.building import Scenario, build_scenario, load_scenario
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.library import Library
from mock_oms.scenarios.profiles import FOLDER, Profiles, load_profile
from mock_oms.settings import shipped
from mock_oms.traffic.faults.fault import FaultTarget
from mock_oms.traffic.faults.limits import Limits, Quota
from mock_oms.urls import Operation
from tests.faults import START, fault, met, request

SHIPPED = sorted((shipped("scenarios") / FOLDER).glob("*.yaml"))
DOWN = "description: Down.\nfaults: [{on: any, effect: {status: 503}}]\n"
LIMITED = "description: Limited.\nlimits: {quota: {limit: 7, window: 1h}}\n"


def scenario(**sections: Any) -> Scenario:
    data = {"description": "A test.", "plans": [], **sections}
    return build_scenario(data, Lines(file=Path("nowhere/test.yaml"), numbers={}))


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def refused(file: Path) -> list[str]:
    with pytest.raises(ScenarioError) as found:
        load_scenario(file)
    return [str(one).removeprefix(f"{file.parent}/") for one in found.value.problems]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_profile_can_be_used_and_says_what_it_is_in_a_sentence(file: Path) -> None:
    profile = load_profile(file)
    assert profile.document.description.endswith(".")
    assert scenario(profiles=[file.stem]).document.faults == profile.faults


@pytest.mark.parametrize(("name", "effects", "left_alone"), [
    ("flaky", {"status 503", "status 500", "connection reset", "delay"}, (0.0, 0.67)),
    ("down", {"status 503"}, (0, 0)), ("slow", {"delay"}, (0, 0)),
    ("drifting", {f"shape {one.fault.effect.shape}" for one in load_profile(SHIPPED[1]).faults}, (0.02, 0.3)),
])  # fmt: skip
def test_a_shipped_profile_shows_every_effect_and_leaves_as_many_answers_alone_as_it_should(
    name: str, effects: set[str], left_alone: tuple[float, float]
) -> None:
    occasions = [request(number, Operation.LIST) for number in range(1, 3001)]
    found = met(scenario(profiles=[name]).document.active_faults(START), *occasions, seed=1)
    names = [one.effect.name for one in found if one]
    assert set(names) == effects
    assert left_alone[0] <= 1 - len(names) / 3000 <= left_alone[1]
    if name == "flaky":  # a third of the answers fails, others are late
        assert (len(names) - names.count("delay")) / 3000 == pytest.approx(1 / 3, abs=0.03)


def test_a_scenarios_own_faults_and_limits_come_first_and_each_knows_its_origin() -> None:
    faults = [{"on": "login", "effect": {"status": 503}}]
    limits = {"quota": {"limit": 1, "window": "5s"}}
    document = scenario(faults=faults, limits=limits, profiles=["slow", "down", "rate-limited"]).document
    for given in (document.faults, document.active_faults(START).active):
        assert [one.origin for one in given] == ["scenario", "profile slow", "profile down"]
    assert document.faults[0].fault == fault(on=FaultTarget.LOGIN.value)
    assert document.limits.quota == Quota(limit=1, window=timedelta(seconds=5))
    assert document.limits.login is not None


def test_a_profile_that_has_changed_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, "mine.yaml", OWN)
    write(tmp_path / FOLDER, "own.yaml", DOWN)
    library = Library(tmp_path)
    before = library.load("mine")
    write(tmp_path / FOLDER, "own.yaml", LIMITED)
    after = library.load("mine")
    assert before.document.limits.quota is None
    assert after.document.limits.quota == Quota(limit=7, window=timedelta(hours=1))
    assert before.digest != after.digest  # what a profile says is part of the digest


OWN = "description: x\nplans: []\nprofiles: [own]\n"


def test_a_profile_beside_a_scenario_hides_a_shipped_one_and_that_of_the_users_folder_is_found_elsewhere(
    tmp_path: Path,
) -> None:
    write(tmp_path / FOLDER, "slow.yaml", DOWN)
    file = write(tmp_path, "mine.yaml", OWN.replace("own", "slow, down"))
    assert [one.fault.effect.name for one in load_scenario(file).document.faults] == ["status 503", "status 503"]
    write(tmp_path / "library" / FOLDER, "own.yml", DOWN)
    library, other = Library(tmp_path / "library"), write(tmp_path, "other.yaml", OWN)
    assert [one.origin for one in library.load(str(other)).document.faults] == ["profile own"]
    assert list(library.profiles.files()) == sorted([*Profiles().files(), "own"])


@pytest.mark.parametrize(("text", "sentence"), [
    ("description: x\n", "profiles/own.yaml:1: a profile needs `faults` or `limits`."),
    ("faults: []\nplans: []\n", "profiles/own.yaml:1: description: is missing."),
    (
        "description: x\nfaults: [{on: lst, effect: {status: 503}}]\n",
        "profiles/own.yaml:2: faults[0].on: found 'lst'; accepted: list, detail, login, any; the nearest is list.",
    ),
    (
        "description: x\nfaults: [{on: detail, plan: 5, effect: {status: 503}}]\n",
        "mine.yaml:3: profiles[0]: found 5, which is no plan of this scenario.",
    ),
])  # fmt: skip
def test_a_profile_that_cannot_be_used_is_told_with_its_file(tmp_path: Path, text: str, sentence: str) -> None:
    write(tmp_path / FOLDER, "own.yaml", text)
    file = write(tmp_path, "mine.yaml", OWN)
    assert refused(file)[0] == sentence


def test_two_profiles_that_set_one_limit_are_refused_unless_the_scenario_says_which(tmp_path: Path) -> None:
    write(tmp_path / FOLDER, "own.yaml", LIMITED)
    text = "description: x\nplans: []\nprofiles: [own, rate-limited]\n"
    assert refused(write(tmp_path, "mine.yaml", text)) == [
        "mine.yaml:3: profiles[1]: sets the limit `quota`, as own does; say under `limits` which one is meant."
    ]
    said = write(tmp_path, "said.yaml", f"{text}limits: {{quota: {{limit: 1, window: 1s}}}}\n")
    assert load_scenario(said).document.limits.quota == Quota(limit=1, window=timedelta(seconds=1))


def test_five_profiles_are_shipped_and_are_no_scenarios() -> None:
    assert [file.stem for file in SHIPPED] == ["down", "drifting", "flaky", "rate-limited", "slow"]
    assert not {"flaky", FOLDER} & set(Library().files())
    quota = scenario(profiles=["rate-limited"]).document.limits.quota
    assert quota
    assert quota.window == timedelta(minutes=1)


def test_a_scenario_without_any_has_none_and_the_digest_of_its_own_file() -> None:
    document = scenario().document
    assert (document.faults, document.limits, document.active_faults(START).active) == ((), Limits(), ())
    data = {"description": "A test.", "plans": []}
    assert scenario().digest == sha256(dumps(data, sort_keys=True).encode()).hexdigest()[:12]
