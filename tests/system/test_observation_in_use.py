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
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.conformance.observation_file import write_observation
from mock_oms.contract.observation import Host, PatchOperation
from mock_oms.contract.openapi import contract_text
from mock_oms.testing import running_server
from tests.crawls import PLANS
from tests.system.running import plain_environment
from tests.unit.test_amending import NOWHERE, PAGE, RISK
from tests.unit.test_observation_file import SEEN

pytest_plugins = ["pytester"]

#: A scenario's own word against the observation's, which counts after it.
OWN = """\
description: It says some of its switches itself.
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
plans:
  - {id: 7, state: pending}
  - {id: 8, state: completed}
answers: {state: string, dates: date}
"""
TURNED = {"list": "array", "state": "object", "commands": "json", "not_found": "model"}


def written(folder: Path, *patch: PatchOperation, answers: dict[str, Any] = TURNED, **changed: Any) -> Path:
    date = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    file = folder / "oms-observed.yaml"
    said = replace(SEEN, **{"date": date, "answers": answers, "patch": patch, **changed})
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


def run(*words: object, **more: str) -> Result:
    return CliRunner().invoke(main, list(map(str, words)), env=plain_environment(more), catch_exceptions=False)


def shown(*words: object, **more: str) -> str:
    result = run(*words, **more)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@contextmanager
def served(scenario: object, file: Path) -> Iterator[httpx.Client]:
    with running_server(scenario=str(scenario), observed=file) as server:
        headers = {"Authorization": f"Token {server.token}"}
        with httpx.Client(base_url=server.url, trust_env=False, headers=headers, timeout=30) as client:
            yield client


# What serve answers, without a server


@pytest.mark.parametrize("scenario", ["restock", "raw", "own"])
def test_plans_and_the_contract_are_byte_for_byte_those_that_are_served(scenario: str, file: Path, own: Path) -> None:
    named = own if scenario == "own" else scenario
    with served(named, file) as client:
        plans, contract = client.get(PLANS, params={"limit": 100}), client.get("/_mock/openapi.yaml")
    printed = json.loads(shown("plans", "--scenario", named, "--observed", file))
    assert len(printed) > 0
    assert plans.text.removesuffix("}").endswith(json.dumps(printed, ensure_ascii=False, separators=(",", ":")))
    assert shown("openapi", "--scenario", named, "--observed", file) == contract.text
    assert "risk:" in contract.text


def test_a_server_starts_with_the_switches_that_were_observed_and_says_how_old_they_are(file: Path) -> None:
    with served("restock", file) as client:
        assert isinstance(client.get(PLANS).json(), list)
        missing = client.get(f"{PLANS}987654321/").json()
        ready, page = client.get("/_mock/health/ready").json()["contract"], client.get("/_mock/docs").text
    assert missing == {"detail": "No OrderExecutionPlan matches the given query."}
    assert ready.startswith("contract last checked against a real OMS: ")
    assert ready.endswith("(3 days ago)")
    assert ready in page


def test_a_scenario_counts_before_what_was_observed_and_that_before_the_defaults(file: Path, own: Path) -> None:
    (plan, _) = json.loads(shown("plans", "--scenario", own, "--observed", file))
    assert (plan["state"], len(plan["modified_date"])) == ("completed", len("2024-03-05"))
    assert isinstance(plan["commands"], str)


def test_without_a_scenario_the_contract_is_that_of_the_observation(file: Path) -> None:
    said = shown("openapi", "--observed", file)
    assert "`list` is `array`, `not_found` is `model`, `state` is `object`" in said
    assert said == shown("openapi", "--scenario", "restock", "--observed", file)
    assert json.loads(shown("openapi", "--observed", file, "--json")) == yaml.safe_load(said)


def test_changes_that_have_no_place_are_counted_beside_the_contract(tmp_path: Path) -> None:
    file = written(tmp_path, RISK, PAGE, NOWHERE, answers={})
    result = run("openapi", "--scenario", "bare-array", "--observed", file)
    assert (result.exit_code, "risk:" in result.stdout) == (0, True)
    assert result.stderr.startswith("Note: 1 of 3 changes that the observation proposes are made; ")


def test_of_a_mock_the_switches_are_taken_and_no_change(tmp_path: Path) -> None:
    file = written(tmp_path, RISK, answers={}, host=Host.MOCK)
    assert shown("openapi", "--observed", file) == contract_text()


def test_the_line_of_an_answer_is_replayed_with_the_observation_and_not_without(file: Path) -> None:
    with served("restock", file) as client:
        answer = client.get(f"{PLANS}41207/")
    line = answer.headers["X-Mock-Oms"]
    words = ("replay", line, "--plan", "41207", "--json")
    assert run(*words, "--observed", file).stdout_bytes == answer.content
    refused = run(*words)
    assert (refused.exit_code, "with --observed the observation that it was served with" in refused.stderr) == (2, True)


@pytest.mark.parametrize("command", [["plans", "--scenario", "restock"], ["openapi"]])
def test_the_variable_of_the_setting_counts_as_for_serve(command: list[str], file: Path) -> None:
    assert shown(*command, MOCK_OMS_OBSERVED=str(file)) == shown(*command, "--observed", file)
    assert shown(*command, MOCK_OMS_OBSERVED=str(file)) != shown(*command)


def test_config_shows_where_the_observation_was_named(file: Path) -> None:
    settings = json.loads(shown("config", "--json", MOCK_OMS_OBSERVED=str(file)))["settings"]
    (found,) = [one for one in settings if one["name"] == "observed"]
    assert (found["value"], found["source"], found["origin"]) == (str(file), "environment", "MOCK_OMS_OBSERVED")


# One sentence for a file that cannot be used

BAD = {
    "missing": None,
    "broken": "date: [",
    "an unknown key": write_observation(SEEN) + "plan: 1\n",
    "an unknown value": write_observation(replace(SEEN, answers={"list": "arry"})),
}
COMMANDS = {
    "serve": ("serve", "--port", "0"),
    "plans": ("plans",),
    "openapi": ("openapi",),
    "assumptions": ("assumptions",),
    "contract": ("contract", "http://127.0.0.1:1", "--no-schemathesis"),
    "drift between scenarios": ("drift", "restock", "restock"),
    "drift between addresses": ("drift", "http://127.0.0.1:1", "http://127.0.0.1:1"),
    "replay": ("replay", "world=a scenario=restock@4f64d6298716 seed=7 now=2024-03-05T09:29:00Z event=0"),
}


@pytest.mark.parametrize(
    ("command", "bad"),
    [*((command, "broken") for command in COMMANDS), *(("plans", bad) for bad in BAD if bad != "broken")],
)
def test_every_command_refuses_it_with_the_same_words(command: str, bad: str, tmp_path: Path) -> None:
    file, text = tmp_path / "oms-observed.yaml", BAD[bad]
    if text is not None:
        file.write_text(text, encoding="utf-8")
    result = run(*COMMANDS[command], "--observed", file)
    expected = run("assumptions", "--observed", file).stderr
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", expected)
    assert result.stderr.startswith(f"Error: {file}")


# The ledger


def test_the_ledger_shows_what_was_observed(file: Path) -> None:
    lines = shown("assumptions", "--observed", file).splitlines()
    assert [word for word in ("observed on ", "contradicted on ") if not any(word in line for line in lines)] == []
    assert lines[-1].endswith("(3 days ago)")
    entries = json.loads(shown("assumptions", "--json", "--observed", file))["entries"]
    context = next(one for one in entries if one["id"] == "Context")
    assert (context["mark"], context["open"], context["observed"]) == ("assumed", False, {"seen": 3, "unfit": 0})


def test_open_claims_and_switches_can_be_listed_alone() -> None:
    entries = json.loads(shown("assumptions", "--open", "--json"))["entries"]
    assert {one["mark"] for one in entries} == {"inferred", "assumed"}
    switches = json.loads(shown("assumptions", "--switches", "--json"))["entries"]
    assert ({one["kind"] for one in switches}, len(switches)) == ({"switch"}, 10)


# The plugin

CONFIG = """
[pytest]
addopts = -p no:cacheprovider -p no:randomly -p no:schemathesis -p no:hypothesispytest -p no:faker -p no:anyio
"""


@pytest.mark.parametrize(
    ("named", "arguments", "problem"),
    [
        (True, ["--oms-max-age", "60d"], None),
        (True, ["--oms-max-age", "1d"], "*3 days ago; accepted: 1d at most.*"),
        (True, ["--oms-max-age", "soon"], "*'soon' is no duration*"),
        (False, ["--oms-max-age", "60d"], "*never checked against a real OMS*"),
    ],
)
def test_tests_start_with_what_was_observed_or_fail_at_once_where_it_is_too_old(
    pytester: pytest.Pytester, named: bool, arguments: list[str], problem: str | None
) -> None:
    pytester.makeini(f"{CONFIG}{'oms_observed = oms-observed.yaml' if named else ''}\n")
    written(pytester.path)
    pytester.makepyfile(
        f"""
        import httpx
        def test_list(oms):
            assert isinstance(httpx.get(oms.url + "{PLANS}", headers=oms.headers, trust_env=False).json(), list)
        """
    )
    result = pytester.runpytest_subprocess(*arguments)
    if problem is None:
        result.assert_outcomes(passed=1)
    else:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([problem])


# The doctor


def examined(*words: object) -> list[dict[str, str]]:
    checks = json.loads(run("doctor", "--port", "0", "--json", *words).stdout)["checks"]
    return [one for one in checks if one["check"] == "observed"]


def test_the_doctor_says_that_none_is_in_use() -> None:
    (found,) = examined()
    assert (found["level"], found["says"][:14]) == ("ok", "No observation")


def test_the_doctor_says_how_old_it_is(tmp_path: Path) -> None:
    (found,) = examined("--observed", written(tmp_path, contract="0.1.0"))
    assert (found["level"], found["says"].endswith("(3 days ago).")) == ("ok", True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": Host.MOCK}, "was a mock)."),
        ({"date": datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)}, "(not come yet)."),
        ({"contract": "0.0.9"}, "was read against version 0.0.9 of the contract; here it is"),
    ],
)
def test_the_doctor_warns_of_one_that_says_little(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    found = [one for one in examined("--observed", written(tmp_path, **changed)) if one["level"] == "warning"]
    assert [one for one in found if said in one["says"] and one["way_out"]] == found
    assert len(found) == 1


def test_the_doctor_names_the_switches_that_the_scenario_says_otherwise(file: Path, own: Path) -> None:
    found = examined("--observed", file, "--scenario", own)
    assert found[-1]["says"] == f"The scenario {own} counts first: state string (observed: object)."


def test_a_broken_one_is_an_error_and_the_scenarios_are_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("date: yesterday\n", encoding="utf-8")
    result = run("doctor", "--port", "0", "--observed", tmp_path / "bad.yaml")
    assert result.exit_code == 1
    assert "bad.yaml:1: date: found 'yesterday'" in result.stdout
    assert "scenarios hold together" in result.stdout
