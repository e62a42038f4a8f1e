"""`mock-oms drift`: what its words mean, its exit codes, its files, and that no token goes where it does not belong."""

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.testing import running_server
from tests.system.running import plain_environment

#: A short list, so that each side is asked some thirty requests only.
SCENARIO = """\
description: Two plans.
seed: 5
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
plans:
  - {id: 1, state: pending}
  - {id: 2, state: completed}
"""
NOWHERE = "https://oms.customer.invalid"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "two.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


@pytest.fixture
def other(tmp_path: Path) -> Path:
    file = tmp_path / "other.yaml"
    file.write_text(f"{SCENARIO}answers: {{not_found: model, state: object}}\n", encoding="utf-8")
    return file


def drift(*arguments: object, **more: str) -> Result:
    return CliRunner().invoke(main, ["drift", *map(str, arguments)], env=plain_environment(more))


def test_a_scenario_and_a_server_of_it_do_not_differ(scenario: Path) -> None:
    with running_server(scenario=str(scenario)) as server:
        done = drift(scenario, server.url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "No findings." in done.stdout


def test_differences_are_shown_reported_and_patched_with_exit_code_1(
    scenario: Path, other: Path, tmp_path: Path
) -> None:
    reports = [tmp_path / name for name in ("drift.xml", "drift.md", "drift.json")]
    words = [word for file in reports for word in ("--report", file)]
    done = drift(scenario, other, "--patch", tmp_path / "patch.yaml", *words)
    assert done.exit_code == 1, done.stderr
    assert "answers: {state: object, not_found: model}" in done.stdout
    assert [file for file in reports if "model" not in file.read_text(encoding="utf-8")] == []
    document = json.loads(reports[2].read_text(encoding="utf-8"))
    assert (document["exit"], document["facts"]["B"]) == (1, str(other))
    patch = yaml.safe_load((tmp_path / "patch.yaml").read_text(encoding="utf-8"))
    assert patch == {"answers": {"state": "object", "not_found": "model"}, "contract": []}


def test_a_side_that_was_saved_is_compared_again_without_being_asked(
    scenario: Path, other: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    assert drift(scenario, other, "--save-b", saved).exit_code == 1
    again = drift(saved, other)
    assert again.exit_code == 0, again.output
    assert re.search(r"^requests: none to A, which is a file, \d+ to B$", again.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", ["captured.json", "captured"])
def test_a_captured_list_is_known_by_its_name_or_its_first_sign(name: str, scenario: Path, tmp_path: Path) -> None:
    captured = tmp_path / name
    mark = "" if name.endswith(".json") else "\ufeff\n"
    captured.write_text(f'{mark}[{{"id": "1", "state": "pending"}}]', encoding="utf-8")
    done = drift(captured, scenario)
    assert done.exit_code == 1, done.stderr
    assert "plan.order is new" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", "{", "is no JSON"),
        ("a.json", '{"answer": 42}', "holds no plan, no list of plans"),
        ("a.json", '{"kind": "mock-oms portrait 0"}', "accepted: 'mock-oms portrait 2'"),
        ("a.yaml", "description: x\nplanz: []\n", "planz"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_exit_code_2(name: str, text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    done = drift(file, "default")
    assert done.exit_code == 2
    assert words in done.stderr
    assert str(file) in done.stderr


def test_a_word_that_means_nothing_is_answered_with_the_scenarios_there_are() -> None:
    done = drift("restok", "default")
    assert done.exit_code == 2
    assert "restock" in done.stderr


def test_a_host_elsewhere_is_not_asked_unless_somebody_agrees(scenario: Path) -> None:
    done = drift(scenario, NOWHERE, OMS_TOKEN_B="s3cr3t-of-a-customer")
    assert done.exit_code == 2
    assert "--yes" in done.stderr


def test_a_host_elsewhere_is_not_asked_without_a_token_of_its_own(scenario: Path) -> None:
    done = drift(scenario, NOWHERE, "--yes", OMS_TOKEN="s3cr3t-of-a-customer", OMS_TOKEN_A="s3cr3t-of-a-customer")
    assert done.exit_code == 2
    assert "OMS_TOKEN_B" in done.stderr


def test_a_host_that_does_not_answer_is_exit_code_2_and_no_token_is_shown(scenario: Path) -> None:
    done = drift(scenario, NOWHERE, "--yes", OMS_TOKEN_B="s3cr3t-of-a-customer")
    assert done.exit_code == 2
    assert "gave no answer" in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr


def test_a_wrong_token_is_exit_code_2(scenario: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cr3t-of-nobody\n", encoding="utf-8")
    with running_server(scenario=str(scenario)) as server:
        done = drift(server.url, scenario, "--token-file-a", token)
    assert done.exit_code == 2
    assert "is the token right" in done.stderr
    assert "say --keyword-a Bearer." in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr


def test_the_variable_of_a_side_can_have_another_name(scenario: Path) -> None:
    with running_server(scenario=str(scenario), token="token-of-this-test") as server:
        done = drift(server.url, scenario, "--token-env-a", "MINE", MINE="token-of-this-test")
    assert done.exit_code == 0, done.stderr


def test_a_budget_that_is_spent_is_said(scenario: Path) -> None:
    done = drift(scenario, scenario, "--max-requests", "5")
    assert "The budget of 5 requests is spent" in done.stdout
