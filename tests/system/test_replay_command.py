"""`mock-oms replay`, as people and programs type it: from a line and a snapshot, without the server they came from."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import httpx
import pytest

from mock_oms.client import Control, World
from mock_oms.scenarios.library import Library
from mock_oms.testing import running_server
from mock_oms.worlds.world_header import HEADER
from tests.system.running import plain_environment, program
from tests.typed import printed, refused, typed

pytestmark = pytest.mark.oms(scenario="restock", seed=3)

PLAN = "41207"
LIST = "/api/v1/oms/orderexecutionplans/"
DIGEST = Library().load("restock").digest
START = f"world=tour scenario=restock@{DIGEST} seed=3 now=2024-03-05T09:00:00Z event=0"


def answered(world: World, path: str = f"{LIST}{PLAN}/") -> tuple[bytes, str]:
    answer = httpx.get(f"{world.url}{path}", headers=world.headers, timeout=30, trust_env=False)
    return answer.content, answer.headers[HEADER]


@pytest.fixture
def past(oms: World) -> tuple[bytes, str, str]:
    """The plan after one event, of a world that has gone on since: the answer, its line and a snapshot from then on."""
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("2m")
    body, line = answered(oms)
    oms.run(int(PLAN), "plan-reschedule")
    oms.advance("1h")
    assert answered(oms)[0] != body
    return body, line, json.dumps(oms.snapshot())


# What it shows


@pytest.mark.smoke
def test_the_bytes_of_an_answer_come_again_from_a_file_and_in_another_process(
    past: tuple[bytes, str, str], tmp_path: Path
) -> None:
    body, line, snapshot = past
    saved = tmp_path / "saved.json"
    saved.write_text(snapshot, encoding="utf-8")
    as_curl_prints_it = f"x-mock-oms: {line}\r"
    again = typed("replay", as_curl_prints_it, "--snapshot", str(saved), "--plan", PLAN, "--json")
    assert again.stdout_bytes == body
    command = [program(), "replay", line, "--snapshot", "-", "--plan", PLAN, "--json"]
    done = subprocess.run(command, input=snapshot.encode(), capture_output=True, check=True, env=plain_environment())
    assert (done.stdout, done.stderr) == (body, b"")
    assert printed("replay", line, "--snapshot", "-", text=snapshot).splitlines() == [
        line,
        "",
        "plan   state    modified              next attempt",
        "41207  pending  2024-03-05T09:01:00Z  2024-03-05T09:30:00Z",
        "1 plan",
    ]


def test_a_plan_is_explained_as_why_does_it_and_a_long_list_is_cut(oms: World, monkeypatch: pytest.MonkeyPatch) -> None:
    oms.advance("1m")
    monkeypatch.setenv("MOCK_OMS_URL", oms.url)
    why = printed("why", PLAN, "--world", oms.name)
    assert why.startswith("plan 41207 is pending\n")
    assert printed("replay", oms.facts().line, "--plan", PLAN) == f"{oms.facts().line}\n\n{why}"
    large = START.replace(f"restock@{DIGEST}", f"large@{Library().load('large').digest}")
    last = printed("replay", large).splitlines()[-1]
    assert re.fullmatch("10 of 1,000,[0-9]+ plans; one of them with --plan, all of them with --json", last)


@pytest.mark.parametrize("scenario", ["bare-array", "raw", "odd-data"])
def test_all_plans_are_printed_as_a_list_without_pages_has_them(scenario: str) -> None:
    with running_server(scenario=scenario) as server:
        body, line = answered(server.control.world(), f"{LIST}?limit=100")
    rows = body if scenario == "bare-array" else body.partition(b'"results":')[2].removesuffix(b"}")
    again = typed("replay", line, "--json").stdout_bytes
    assert again == rows
    assert len(json.loads(again)) > 0


def test_a_scenario_of_ones_own_is_found_in_its_folder(tmp_path: Path) -> None:
    text = "description: x\nclock: {start: now}\nplans: [{items: [A]}]\n"
    (tmp_path / "my ünits.yaml").write_text(text, encoding="utf-8")
    with running_server(scenario=str(tmp_path / "my ünits.yaml")) as server:
        body, line = answered(server.control.world(), f"{LIST}1001/")
    assert " scenario=my%20%C3%BCnits@" in line
    again = typed("replay", line, "--plan", "1001", "--json", "--scenarios", str(tmp_path))
    assert again.stdout_bytes == body
    (tmp_path / "mine.yaml").write_text("description: x\nplans: []\n", encoding="utf-8")
    line = START.replace(f"restock@{DIGEST}", f"mine@{Library(tmp_path).load('mine').digest}")
    assert printed("replay", line, "--scenarios", str(tmp_path), "--json") == "[]"
    (tmp_path / "restock.yaml").write_text("description: x\nplans: [{state: complete}]\n", encoding="utf-8")
    error = refused("replay", START, "--scenarios", str(tmp_path))
    assert "restock.yaml:2: plans[0].state: found 'complete'" in error


def test_a_scenario_that_was_sent_is_found_in_a_snapshot_or_in_the_folder_of_its_file(
    oms_control: Control, tmp_path: Path
) -> None:
    file = tmp_path / "busy.yaml"
    file.write_text("description: x\nplans: [{items: [A]}]\n", encoding="utf-8")
    with oms_control.open_world(scenario=file) as world:
        body, line = answered(world, f"{LIST}1001/")
        world.advance("1h")
        snapshot = json.dumps(world.snapshot())
    again = typed("replay", line, "--plan", "1001", "--json", "--scenarios", str(tmp_path))
    assert again.stdout_bytes == body
    again = typed("replay", line, "--plan", "1001", "--json", "--snapshot", "-", text=snapshot)
    assert again.stdout_bytes == body
    assert "a snapshot holds it: mock-oms world snapshot" in refused("replay", line)


# What it refuses


def test_an_event_needs_a_snapshot_and_the_way_out_is_a_command(past: tuple[bytes, str, str]) -> None:
    line = past[1]
    error = refused("replay", line)
    assert error.startswith("The line says event=1, but not which events these were; take a snapshot of that world, ")
    assert error.endswith("then --snapshot saved.json.")
    command = error.partition(": ")[2].partition(" > ")[0]
    world = line.split()[0].removeprefix("world=")
    assert shlex.split(command) == ["mock-oms", "world", "snapshot", "--world", world]


def test_a_snapshot_that_does_not_fit_the_line_is_one_sentence(oms: World) -> None:
    early = oms.snapshot()
    oms.block("WH001")
    later = json.dumps(oms.snapshot())
    cases = {
        json.dumps(early): "The line says event=1, but the snapshot has only 0 in its log; ",
        later.replace(
            "WH001", "WH009"
        ): "The snapshot's log[0] cannot happen: There is no location WH009 in this world",
        json.dumps({**early, "version": 4}): "version 4",
    }
    for text, says in cases.items():
        assert says in refused("replay", oms.facts().line, "--snapshot", "-", text=text)


def test_what_is_not_there_or_no_snapshot_is_one_sentence() -> None:
    for text, says in (
        ("{", "is no snapshot: "),
        ("[]", "is no snapshot: it holds no JSON object."),
        ('{"version": 1, "sed": 1}', "This is no snapshot:\n"),
        ('{"version": 1, "sed": 1}', "\nsed: unknown key; the nearest is seed."),
    ):
        assert says in refused("replay", START, "--snapshot", "-", text=text)
    restok = (
        "There is no scenario restok; the nearest is restock. Name the folder that holds it with --scenarios. "
        "Of one that was sent, a snapshot holds it: mock-oms world snapshot --world tour > saved.json, "
        "then --snapshot saved.json."
    )
    for line, says in (
        (START.replace("seed", "sede"), "The line has an unknown key, sede; the nearest is seed."),
        (START.replace("restock", "restok"), restok),
    ):
        assert refused("replay", line) == says
    no_plan = "There is no plan 7 in this world at that time; without --plan, plans are listed."
    for more in ([], ["--json"]):
        assert refused("replay", START, "--plan", "7", *more) == no_plan
