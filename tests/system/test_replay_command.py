"""`mock-oms replay`, as people and programs type it: from a line and a snapshot, without the server they came from."""

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.client import World
from mock_oms.scenarios.library import Library
from mock_oms.testing import running_server
from mock_oms.worlds.world_header import HEADER
from tests.system.running import plain_environment, program

pytestmark = pytest.mark.oms(scenario="restock", seed=3)

PLAN = "41207"
LIST = "/api/v1/oms/orderexecutionplans/"
DIGEST = Library().load("restock").digest
START = f"world=tour scenario=restock@{DIGEST} seed=3 now=2024-03-05T09:00:00Z event=0"
PENDING = START.replace("09:00:00", "09:01:00")


def typed(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["replay", *arguments], input=text, catch_exceptions=False)


def shown(*arguments: str, text: str | None = None) -> str:
    result = typed(*arguments, text=text)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, text: str | None = None) -> str:
    result = typed(*arguments, text=text)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.removeprefix("Error: ").rstrip("\n")


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, its line, and a snapshot that was taken when more had happened."""

    body: bytes
    line: str
    snapshot: str


def answered(world: World, path: str = f"{LIST}{PLAN}/") -> tuple[bytes, str]:
    answer = httpx.get(f"{world.url}{path}", headers=world.headers, trust_env=False)
    return answer.content, answer.headers[HEADER]


@pytest.fixture
def past(oms: World) -> Answered:
    """The plan after one event, of a world that has gone on since."""
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("2m")
    body, line = answered(oms)
    oms.run(int(PLAN), "plan-reschedule")
    oms.advance("1h")
    assert answered(oms)[0] != body
    return Answered(body, line, json.dumps(oms.snapshot()))


# What it shows


def test_the_bytes_of_an_answer_come_again(past: Answered) -> None:
    again = typed(past.line, "--snapshot", "-", "--plan", PLAN, "--json", text=past.snapshot)
    assert again.stdout_bytes == past.body


def test_they_come_from_a_file_and_a_line_as_curl_prints_it(past: Answered, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(past.snapshot, encoding="utf-8")
    again = typed(f"x-mock-oms: {past.line}\r", "--snapshot", str(saved), "--plan", PLAN, "--json")
    assert again.stdout_bytes == past.body


def test_they_come_in_a_process_of_its_own(past: Answered) -> None:
    command = [program(), "replay", past.line, "--snapshot", "-", "--plan", PLAN, "--json"]
    text = past.snapshot.encode()
    done = subprocess.run(command, input=text, capture_output=True, check=True, env=plain_environment())
    assert (done.stdout, done.stderr) == (past.body, b"")


@pytest.mark.parametrize("scenario", ["bare-array", "raw", "odd-data"])
def test_all_plans_are_printed_as_a_list_without_pages_has_them(scenario: str) -> None:
    with running_server(scenario=scenario) as server:
        world = server.control.world()
        body, line = answered(world, f"{LIST}?limit=100")
        array = scenario == "bare-array"
    printed = typed(line, "--json").stdout_bytes
    rows = body if array else body.partition(b'"results":')[2].removesuffix(b"}")
    assert printed == rows
    assert len(json.loads(printed)) > 0


def test_a_world_without_plans_prints_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: x\nplans: []\n", encoding="utf-8")
    digest = Library(tmp_path).load("mine").digest
    line = f"world=default scenario=mine@{digest} seed=1 now=2024-03-05T09:00:00Z event=0"
    assert shown(line, "--scenarios", str(tmp_path), "--json") == "[]"


def test_the_plans_are_listed_under_the_line(past: Answered) -> None:
    assert shown(past.line, "--snapshot", "-", text=past.snapshot).splitlines() == [
        past.line,
        "",
        "plan   state    modified              next attempt",
        "41207  pending  2024-03-05T09:01:00Z  2024-03-05T09:30:00Z",
    ]


def test_a_long_list_is_cut() -> None:
    digest = Library().load("large").digest
    line = f"world=default scenario=large@{digest} seed=1 now=2024-03-05T09:00:00Z event=0"
    *_, last = shown(line).splitlines()
    assert last.startswith("10 of 1,000,")
    assert last.endswith("; one of them with --plan, all of them with --json")


def test_a_plan_is_explained_as_why_does_it(oms: World, monkeypatch: pytest.MonkeyPatch) -> None:
    oms.advance("1m")
    monkeypatch.setenv("MOCK_OMS_URL", oms.url)
    why = CliRunner().invoke(main, ["why", PLAN, "--world", oms.name]).stdout
    assert why.startswith("plan 41207 is pending\n")
    assert shown(oms.facts().line, "--plan", PLAN) == f"{oms.facts().line}\n\n{why}"


def test_a_scenario_of_ones_own_is_found_in_its_folder(tmp_path: Path) -> None:
    text = "description: x\nclock: {start: now}\nplans: [{items: [A]}]\n"
    (tmp_path / "my ünits.yaml").write_text(text, encoding="utf-8")
    with running_server(scenario=str(tmp_path / "my ünits.yaml")) as server:
        body, line = answered(server.control.world(), f"{LIST}1001/")
    assert " scenario=my%20%C3%BCnits@" in line
    again = typed(line, "--plan", "1001", "--json", "--scenarios", str(tmp_path))
    assert again.stdout_bytes == body


# What it refuses


def test_an_event_needs_a_snapshot(past: Answered) -> None:
    said = refused(past.line)
    assert said.startswith("The line says event=1, but not which events these were; take a snapshot of that world, ")
    assert said.endswith("then --snapshot saved.json.")


def test_a_snapshot_that_was_taken_too_early_is_refused(oms: World) -> None:
    early = json.dumps(oms.snapshot())
    oms.block("WH001")
    said = refused(oms.facts().line, "--snapshot", "-", text=early)
    assert said.startswith("The line says event=1, but the snapshot has only 0 in its log; ")


def test_a_snapshot_whose_log_its_scenario_refuses_is_one_sentence(oms: World) -> None:
    oms.block("WH001")
    document = json.dumps(oms.snapshot()).replace("WH001", "WH009")
    said = refused(oms.facts().line, "--snapshot", "-", text=document)
    assert said.startswith("The snapshot's log[0] cannot happen: There is no location WH009 in this world")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no snapshot: "),
        ("[]", "is no snapshot: it holds no JSON object."),
        ('{"version": 1, "sed": 1}', "This is no snapshot:\n"),
        ('{"version": 1, "sed": 1}', "sed: unknown key; the nearest is seed."),
    ],
)
def test_a_file_that_is_no_snapshot_says_why(text: str, said: str) -> None:
    assert said in refused(START, "--snapshot", "-", text=text)


def test_a_snapshot_of_another_version_is_refused(oms: World) -> None:
    document: dict[str, Any] = {**oms.snapshot(), "version": 3}
    said = refused(START, "--snapshot", "-", text=json.dumps(document))
    assert "version 3" in said


def test_a_line_that_is_none_is_refused() -> None:
    said = refused(START.replace("seed", "sede"))
    assert said == "The line has an unknown key, sede; the nearest is seed."


def test_a_scenario_that_is_not_here_is_refused_with_the_nearest() -> None:
    said = refused(START.replace("restock", "restok"))
    assert said == (
        "There is no scenario restok; the nearest is restock. Name the folder that holds it with --scenarios."
    )


def test_a_scenario_that_cannot_be_read_any_more_says_where_it_is_broken(tmp_path: Path) -> None:
    (tmp_path / "restock.yaml").write_text("description: x\nplans: [{state: complete}]\n", encoding="utf-8")
    said = refused(START, "--scenarios", str(tmp_path))
    assert "restock.yaml:2: plans[0].state: found 'complete'" in said


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_plan_that_is_not_there_is_refused(more: list[str]) -> None:
    said = refused(PENDING, "--plan", "7", *more)
    assert said == "There is no plan 7 in this world at that time; without --plan, plans are listed."


def test_the_command_of_the_way_out_is_one_that_there_is(past: Answered) -> None:
    command = refused(past.line).partition(": ")[2].partition(" > ")[0]
    world = past.line.split()[0].removeprefix("world=")
    assert shlex.split(command) == ["mock-oms", "world", "snapshot", "--world", world]
