"""`mock-oms contract` writes down what it saw, expects it the next time, and fails where nobody has looked for long."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from mock_oms.testing import RunningServer, running_server
from tests.drf.customer import customers_plans
from tests.drf.serving import real_oms
from tests.strange_oms import as_json, orderly, strange_oms
from tests.typed import typed

OTHER = """\
description: An OMS that answers otherwise wherever that is open.
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
backlog: {count: 24}
answers: {not_found: model, state: object, page_size: 20, page_size_parameter: page_size, order: id, dates: date}
"""


@pytest.fixture(scope="module")
def oms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_oms(tmp_path_factory.mktemp("real"), customers_plans(24), page_size=20, not_found="model") as url:
        yield url


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningServer]:
    with running_server(scenario="restock") as server:
        yield server


def contract(*words: object) -> Result:
    # Requests enough for every question, with a few plans.
    return typed("contract", "--max-requests", "45", *words, "--rate", "1000", "--no-schemathesis")


def observed(file: Path) -> Any:
    return yaml.safe_load(file.read_bytes())


def empty(folder: Path) -> Path:
    file = folder / "empty.yaml"
    file.write_text("description: x\nplans: []\nstock: {}\n")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "oms-observed.yaml"


def test_a_real_oms_differs_until_what_was_observed_is_expected(oms: str, file: Path) -> None:
    assert contract(oms, "--observe", file).exit_code == 1
    answers = observed(file)["answers"]
    assert (answers["page_size"], answers["not_found"]) == (20, "model")
    again = contract(oms, "--observed", file, "--max-age", "1d")
    assert again.exit_code == 0, again.output
    given = contract(oms, "--observed", file, "--switch", "page_size=10", "--max-requests", "9")
    assert (given.exit_code, "default-page-size" in given.stdout) == (1, True)


@pytest.mark.parametrize("words", [(), ("--observed", "missing.yaml")])
def test_where_nobody_ever_looked_it_fails_and_the_report_says_so(
    words: tuple[str, ...], mock: RunningServer, tmp_path: Path
) -> None:
    found = contract(mock.url, "--max-age", "60d", "--report", tmp_path / "report.json", *words)
    assert found.exit_code == 1
    assert "The contract was never checked against a real OMS" in found.stderr
    told = json.loads((tmp_path / "report.json").read_bytes())
    (finding,) = found_by(told, "knowledge-is-fresh")
    assert finding["message"].startswith("The contract was never checked against a real OMS")
    assert told["exit"] == 1


def test_an_oms_without_a_plan_shows_nothing_and_teaches_nothing(file: Path) -> None:
    file.write_text("what was seen before")
    with running_server(scenarios=file.parent, scenario=str(empty(file.parent))) as server:
        found = contract(server.url, "--observe", file)
    assert (found.exit_code, found.stdout.count("shows no plan"), found.stdout.count("No findings.")) == (2, 1, 1)
    assert "met no plan, and that is no observation" in found.stderr
    assert file.read_text() == "what was seen before"


@pytest.mark.smoke
def test_what_was_seen_of_a_mock_says_nothing_of_a_real_oms(mock: RunningServer, file: Path) -> None:
    found = contract(mock.url, "--observe", file, "--max-age", "60d")
    assert found.exit_code == 1
    assert "is an observation of a mock" in found.stderr
    assert "for a real OMS" not in found.stderr


def test_a_mock_without_its_header_is_known_by_its_hints_or_said_to_be_taken_for_a_real_oms(file: Path) -> None:
    with running_server(scenario="restock", world_header="off", hints="on") as server:
        found = contract(server.url, "--observe", file)
    assert (observed(file)["host"], found.stderr) == ("mock", "")
    with running_server(scenario="restock", world_header="off") as server:
        found = contract(server.url, "--observe", file)
    assert (found.exit_code, observed(file)["host"]) == (0, "loopback")
    assert found.stderr.startswith(f"{file} takes {server.url} for a real OMS: ")
    assert "--world-header off" in found.stderr


def test_a_file_that_cannot_be_written_is_named(mock: RunningServer, tmp_path: Path) -> None:
    found = contract(mock.url, "--observe", tmp_path / "none" / "file.yaml")
    assert (found.exit_code, "The observation cannot be written to" in found.stderr) == (2, True)


def test_a_crawl_that_was_cut_short_leaves_the_file_alone_and_says_so_and_a_spent_budget_does_not(file: Path) -> None:
    file.write_text("as it was", encoding="utf-8")
    with strange_oms(lambda asked: as_json({}, 429) if asked.number > 5 else orderly(3)(asked)) as oms:
        found = contract(oms.url, "--observe", file)
    assert file.read_text(encoding="utf-8") == "as it was"
    assert f"{file} was left alone: the crawl was cut short" in found.stderr
    with strange_oms(orderly(300)) as oms:
        contract(oms.url, "--observe", file, "--max-requests", "5")
    assert observed(file)["whole"] is False


def test_the_switches_that_an_oms_answers_by_are_said_first_and_the_command_line_named_finds_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "other.yaml").write_text(OTHER, encoding="utf-8")
    with running_server(scenario=str(tmp_path / "other.yaml")) as server:
        first = contract(server.url, "--report", tmp_path / "report.json")
        said = first.stdout.splitlines()[1]
        words = said.partition(f"mock-oms contract {server.url} ")[2].partition(";")[0].split()
        again = contract(server.url, *words)
    assert said.startswith("The answers speak for other switches: ")
    assert "dates=date (expected: datetime)" in said
    assert (first.stdout.count(said), first.stdout.count("\n") < 1000) == (1, True)
    assert json.loads((tmp_path / "report.json").read_bytes())["advice"] == said
    assert again.exit_code == 0, again.output
    assert "other switches" not in again.stdout


def test_a_bare_array_is_said_to_be_one_with_its_rows() -> None:
    with running_server(scenario="bare-array") as server:
        told = json.loads(contract(server.url, "--json").stdout)
    (found,) = {one["found"] for one in found_by(told, "schema-of-lists") if one["place"] == ""}
    assert re.fullmatch(r"an array of \d+ objects?", found)


def found_by(told: dict[str, Any], check: str) -> list[dict[str, str]]:
    return [one for result in told["results"] if result["check"] == check for one in result["findings"]]
