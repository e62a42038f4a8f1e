"""An observation means the same to every command, to a server and to the pytest plugin, which say how old it is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from mock_oms import __version__
from mock_oms.cli.doctor.command import DoctorFinding
from mock_oms.cli.doctor.diagnosis import observation
from mock_oms.conformance.observation_file import write_observation
from mock_oms.contract.observation import Host, PatchOperation
from mock_oms.contract.openapi import contract_text
from mock_oms.settings import Settings
from mock_oms.testing import running_server
from tests.crawls import PLANS
from tests.system.test_pytest_plugin import CONFIG
from tests.typed import printed, printed_json, refused, typed
from tests.unit.test_amending import NOWHERE, PAGE, RISK
from tests.unit.test_observation_file import SEEN

pytest_plugins = ["pytester"]

#: A scenario's own word against the observation's, which counts after it.
OWN = """\
description: It says some of its switches itself.
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
plans: [{id: 7, state: pending}, {id: 8, state: completed}]
answers: {state: string, dates: date}
"""
TURNED = {"list": "array", "state": "object", "commands": "json", "not_found": "model"}
NOW = datetime.now(UTC).replace(microsecond=0)


def written(folder: Path, *patch: PatchOperation, **changed: Any) -> Path:
    said = replace(SEEN, **{"date": NOW - timedelta(days=3), "answers": TURNED, "patch": patch, **changed})
    file = folder / "oms-observed.yaml"
    file.write_text(write_observation(said), encoding="utf-8")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, RISK)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.yaml"
    file.write_text(OWN, encoding="utf-8")
    return file


@contextmanager
def served(scenario: object, file: Path) -> Iterator[httpx.Client]:
    with running_server(scenario=str(scenario), observed=file) as server:
        headers = {"Authorization": f"Token {server.token}"}
        with httpx.Client(base_url=server.url, trust_env=False, headers=headers, timeout=30) as client:
            yield client


@pytest.mark.parametrize("scenario", ["restock", "raw", "own"])
def test_plans_and_the_contract_are_byte_for_byte_those_that_are_served(scenario: str, file: Path, own: Path) -> None:
    named = own if scenario == "own" else scenario
    with served(named, file) as client:
        plans, contract = client.get(PLANS, params={"limit": 100}), client.get("/_mock/openapi.yaml")
        as_json = client.get("/_mock/contract.json").json()
    listed = json.loads(printed("plans", "--scenario", named, "--observed", file))
    assert len(listed) > 0
    assert plans.text.removesuffix("}").endswith(json.dumps(listed, ensure_ascii=False, separators=(",", ":")))
    assert printed("openapi", "--scenario", named, "--observed", file) == contract.text
    assert "risk:" in contract.text
    assert as_json == yaml.safe_load(contract.text)


def test_a_server_starts_with_the_switches_that_were_observed_and_says_how_old_they_are(file: Path) -> None:
    with served("restock", file) as client:
        assert isinstance(client.get(PLANS).json(), list)
        missing, plan = client.get(f"{PLANS}987654321/").json(), client.get(f"{PLANS}41207/")
        ready = client.get("/_mock/health/ready").json()["contract"]
    assert missing == {"detail": "No OrderExecutionPlan matches the given query."}
    assert (ready.startswith("contract last checked against a real OMS: "), ready[-12:]) == (True, "(3 days ago)")
    line = ("replay", plan.headers["X-Mock-Oms"], "--plan", "41207", "--json")
    assert printed(*line, "--observed", file) == plan.text
    assert "with --observed the observation that it was served with" in refused(*line)


def test_a_scenario_counts_before_what_was_observed_and_that_before_the_defaults(file: Path, own: Path) -> None:
    (plan, _) = json.loads(printed("plans", "--scenario", own, "--observed", file))
    assert (plan["state"], len(plan["modified_date"])) == ("completed", len("2024-03-05"))
    assert isinstance(plan["commands"], str)


def test_without_a_scenario_the_contract_is_that_of_the_observation(file: Path) -> None:
    said = printed("openapi", "--observed", file)
    assert "`list` is `array`, `not_found` is `model`, `state` is `object`" in said
    assert said == printed("openapi", "--scenario", "restock", "--observed", file)
    assert printed_json("openapi", "--observed", file) == yaml.safe_load(said)


def test_changes_that_have_no_place_are_counted_beside_the_contract_and_none_is_taken_of_a_mock(tmp_path: Path) -> None:
    file = written(tmp_path, RISK, PAGE, NOWHERE, answers={})
    result = typed("openapi", "--scenario", "bare-array", "--observed", file)
    assert (result.exit_code, "risk:" in result.stdout) == (0, True)
    assert result.stderr.startswith("Note: 1 of 3 changes that the observation proposes are made; ")
    written(tmp_path, RISK, answers={}, host=Host.MOCK)
    assert printed("openapi", "--observed", file) == contract_text()


def test_the_variable_of_the_setting_counts_as_for_serve(file: Path) -> None:
    for command in (["plans", "--scenario", "restock"], ["openapi"]):
        assert printed(*command, MOCK_OMS_OBSERVED=str(file)) == printed(*command, "--observed", file)
        assert printed(*command, MOCK_OMS_OBSERVED=str(file)) != printed(*command)
    (found,) = (
        one for one in printed_json("config", MOCK_OMS_OBSERVED=str(file))["settings"] if one["name"] == "observed"
    )
    assert (found["value"], found["source"], found["origin"]) == (str(file), "environment", "MOCK_OMS_OBSERVED")


NOBODY = "http://127.0.0.1:1"
COMMANDS = {
    "serve": "serve --port 0",
    **{name: name for name in ("plans", "openapi", "assumptions")},
    "contract": f"contract {NOBODY} --no-schemathesis",
    "drift between scenarios": "drift restock restock",
    "drift between addresses": f"drift {NOBODY} {NOBODY}",
}
LINE = "world=a scenario=restock@4f64d6298716 seed=7 now=2024-03-05T09:29:00Z event=0"
BAD = {
    "an unknown key": write_observation(SEEN) + "plan: 1\n",
    "an unknown value": write_observation(replace(SEEN, answers={"list": "arry"})),
}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        *((words.split(), "date: [") for words in COMMANDS.values()),
        (["replay", LINE], "date: ["),
        *((["plans"], text) for text in (None, *BAD.values())),
    ],
    ids=[*COMMANDS, "replay", "missing", *BAD],
)
def test_every_command_refuses_it_with_the_same_words(words: list[str], text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "oms-observed.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    said = refused(*words, "--observed", file)
    assert said == refused("assumptions", "--observed", file)
    assert said.startswith(str(file))


def test_the_ledger_shows_what_was_observed(file: Path) -> None:
    text = printed("assumptions", "--observed", file)
    assert [word in text for word in ("observed on ", "contradicted on ")] == [True, True]
    assert text.endswith("(3 days ago)\n")
    entries = printed_json("assumptions", "--observed", file)["entries"]
    context = next(one for one in entries if one["id"] == "Context")
    assert (context["mark"], context["open"], context["observed"]) == ("assumed", False, {"seen": 3, "unfit": 0})


def test_open_claims_and_switches_can_be_listed_alone() -> None:
    assert {one["mark"] for one in printed_json("assumptions", "--open")["entries"]} == {"inferred", "assumed"}
    switches = printed_json("assumptions", "--switches")["entries"]
    assert ({one["kind"] for one in switches}, len(switches)) == ({"switch"}, 12)


@pytest.mark.parametrize(
    ("named", "age", "problem"),
    [
        (True, "60d", None),
        (True, "1d", "*3 days ago; accepted: 1d at most.*"),
        (True, "soon", "*'soon' is no duration*"),
        (False, "60d", "*never checked against a real OMS*"),
    ],
)
@pytest.mark.usefixtures("_modules_stay")
def test_tests_start_with_what_was_observed_or_fail_at_once_where_it_is_too_old(
    pytester: pytest.Pytester, named: bool, age: str, problem: str | None
) -> None:
    pytester.makeini(f"{CONFIG}{'oms_observed = oms-observed.yaml' if named else ''}\n")
    written(pytester.path)
    pytester.makepyfile(f"""
        import httpx
        def test_list(oms):
            assert isinstance(httpx.get(oms.url + "{PLANS}", headers=oms.headers, timeout=30, trust_env=False).json(), list)
        """)
    result = pytester.runpytest_inprocess("--oms-max-age", age)
    if problem is None:
        result.assert_outcomes(passed=1)
    else:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([problem])


def examined(**settings: Any) -> list[DoctorFinding]:
    return list(observation(Settings(**settings)))


DOCTOR: list[tuple[dict[str, Any], str, str]] = [
    ({"contract": __version__}, "ok", "(3 days ago)."),
    ({"host": Host.MOCK}, "warning", "was a mock)."),
    ({"date": NOW + timedelta(days=9)}, "warning", "(not come yet)."),
    ({"contract": "0.0.9"}, "warning", "was read against version 0.0.9 of the contract; here it is"),
]


def test_the_doctor_says_how_old_it_is_and_warns_of_one_that_says_little(tmp_path: Path) -> None:
    told = [
        [(one.level, bool(one.way_out)) for one in examined(observed=written(tmp_path, **changed)) if said in one.says]
        for changed, _, said in DOCTOR
    ]
    assert told == [[(level, level == "warning")] for _, level, _ in DOCTOR]


def test_the_doctor_names_the_switches_that_the_scenario_says_otherwise_or_that_none_is_in_use(
    file: Path, own: Path
) -> None:
    found = examined(observed=file, scenario=str(own))
    assert found[-1].says == f"The scenario {own} counts first: state string (observed: object)."
    (found_none,) = examined()
    assert (found_none.level, found_none.says[:14]) == ("ok", "No observation")


def test_a_broken_one_is_an_error_and_the_scenarios_are_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("date: yesterday\n", encoding="utf-8")
    result = typed("doctor", "--port", "0", "--observed", tmp_path / "bad.yaml")
    assert (result.exit_code, "bad.yaml:1: date: found 'yesterday'" in result.stdout) == (1, True)
    assert "scenarios hold together" in result.stdout
