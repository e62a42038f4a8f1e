"""`mock-oms drift`: what its words mean, its exit codes, its files, and that no token goes where it does not belong."""

import json
import re
from pathlib import Path

import pytest
import yaml

from mock_oms.testing import running_server
from tests.typed import printed, refused, typed

#: A short list, so that each side is asked some thirty requests only.
SCENARIO = """\
description: Two plans.
seed: 5
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
plans: [{id: 1, state: pending}, {id: 2, state: completed}]
"""
SECRET, ELSEWHERE = "s3cr3t-of-a-customer", "https://oms.customer.invalid"


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


@pytest.mark.smoke
def test_a_scenario_and_a_server_of_it_do_not_differ_and_the_variable_of_a_side_can_have_another_name(
    scenario: Path,
) -> None:
    with running_server(scenario=str(scenario), token="token-of-this-test") as server:
        done = typed("drift", server.url, scenario, "--token-env-a", "MINE", MINE="token-of-this-test")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "No findings." in done.stdout


def test_differences_are_shown_reported_and_patched_and_a_saved_side_is_not_asked_again(
    scenario: Path, other: Path, tmp_path: Path
) -> None:
    reports = [tmp_path / name for name in ("drift.xml", "drift.md", "drift.json")]
    files = ("--patch", tmp_path / "patch.yaml", "--save-b", tmp_path / "saved.json")
    done = typed("drift", scenario, other, *files, *(word for file in reports for word in ("--report", file)))
    assert done.exit_code == 1, done.stderr
    assert "answers: {state: object, not_found: model}" in done.stdout
    assert [file for file in reports if "model" not in file.read_text(encoding="utf-8")] == []
    document = json.loads(reports[2].read_bytes())
    assert (document["exit"], document["facts"]["B"]) == (1, str(other))
    patch = yaml.safe_load((tmp_path / "patch.yaml").read_bytes())
    assert patch == {"answers": {"state": "object", "not_found": "model"}, "contract": []}
    again = printed("drift", tmp_path / "saved.json", other)
    assert re.search(r"^requests: none to A, which is a file, \d+ to B$", again, re.MULTILINE)


@pytest.mark.parametrize(("name", "mark"), [("captured.json", ""), ("captured", "\ufeff\n")])
def test_a_captured_list_is_known_by_its_name_or_its_first_sign(
    name: str, mark: str, scenario: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(f'{mark}[{{"id": "1", "state": "pending"}}]', encoding="utf-8")
    done = typed("drift", tmp_path / name, scenario)
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
    said = refused("drift", file, "default")
    assert (words in said, str(file) in said) == (True, True)


@pytest.mark.parametrize("sides", ["empty.yaml empty.yaml", "empty.yaml empty.json", "empty.json restock"])
def test_where_a_side_shows_no_plan_nothing_is_compared_and_that_is_no_success(sides: str, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("description: x\nplans: []\nstock: {}\n")
    (tmp_path / "empty.json").write_text('{"count": 0, "next": null, "previous": null, "results": []}')
    words = [tmp_path / name if name.startswith("empty") else name for name in sides.split()]
    saved = tmp_path / "saved.json"
    result = typed("drift", *words, "--rate", "1000", "--report", tmp_path / "report.json", "--save-a", saved)
    assert (saved.exists(), "saved.json was left alone" in result.stderr) == (False, True)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert (result.exit_code, report["exit"], "shows no plan" in report["cut_short"]) == (2, 2, True), result.output


@pytest.mark.parametrize(
    ("words", "token", "said"),
    [
        ("restok", None, "restock"),  # the scenarios there are
        (ELSEWHERE, SECRET, "--yes"),
        (f"{ELSEWHERE} --yes", SECRET, "gave no answer"),
        (f"{ELSEWHERE} --yes", None, "OMS_TOKEN_B"),  # a token of its own
    ],
)
def test_what_cannot_be_compared_is_exit_code_2_and_no_token_is_shown(
    words: str, token: str | None, said: str, scenario: Path
) -> None:
    tokens = {"OMS_TOKEN": SECRET, "OMS_TOKEN_A": SECRET, "OMS_TOKEN_B": token}
    error = refused("drift", scenario, *words.split(), **tokens)
    assert (said in error, SECRET in error) == (True, False)


def test_a_wrong_token_is_exit_code_2(scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n", encoding="utf-8")
    with running_server(scenario=str(scenario)) as server:
        said = refused("drift", server.url, scenario, "--token-file-a", tmp_path / "token")
    assert [text in said for text in ("is the token right", "say --keyword-a Bearer.", SECRET)] == [True, True, False]
