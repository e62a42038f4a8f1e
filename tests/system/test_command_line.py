"""The commands other than `serve`, as people type them."""

import json
import os
from pathlib import Path

import httpx
import pytest

from mock_oms.cli.main import main
from mock_oms.scenarios.building import load_scenario
from mock_oms.scenarios.checking import check
from mock_oms.testing import running_server
from tests.typed import printed, printed_json, refused, typed

ANYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there for long

BROKEN = "description: x\nplans: [{state: complete}]\n"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    return file


def test_the_version_is_the_packages() -> None:
    assert printed("--version").startswith("mock-oms, version 0.")


def every_command() -> list[list[str]]:
    names: list[list[str]] = []
    for name, command in main.commands.items():
        inner = getattr(command, "commands", {})
        names += [[name, one] for one in inner] if inner else [[name]]
    return names


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_help_shows_an_example(command: list[str]) -> None:
    text = printed(*command, "--help")
    assert f"  mock-oms {' '.join(command)}" in text or f"(mock-oms {' '.join(command)}" in text


# Scenarios


def test_scenarios_list_names_each_with_its_description() -> None:
    lines = printed("scenarios", "list").splitlines()
    assert any(line.startswith("restock ") and "restock" in line.split(maxsplit=1)[1] for line in lines)
    assert {"default", "large", "restock"} <= {one["name"] for one in printed_json("scenarios", "list")}


def test_a_folder_of_ones_own_is_listed_beside_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: Mine.\nplans: []\n", encoding="utf-8")
    (tmp_path / "restock.yaml").write_text("description: Hidden ours.\nplans: []\n", encoding="utf-8")
    listed = printed_json("scenarios", "list", "--scenarios", str(tmp_path))
    found = {one["name"]: one["description"] for one in listed}
    assert (found["mine"], found["restock"], "default" in found) == ("Mine.", "Hidden ours.", True)


def test_one_broken_scenario_does_not_hide_the_others(broken: Path) -> None:
    result = typed("scenarios", "list", "--json", "--scenarios", str(broken.parent))
    assert result.exit_code == 2
    assert "broken.yaml:2: plans[0].state" in result.stderr
    assert "restock" in {one["name"] for one in json.loads(result.stdout)}


def test_scenarios_show_prints_every_transition_with_its_cause() -> None:
    lines = [line.split() for line in printed("scenarios", "show", "restock").splitlines()[3:-2]]
    assert [(line[0], line[-2], line[-1]) for line in lines] == [
        ("0s", "the", "scenario"),
        ("1m", "attempt", "1"),
        ("30m", "attempt", "2"),
        ("1h", "attempt", "3"),
    ]
    step = {"time": "1h", "plan": 41207, "from": "pending", "to": "completed", "cause": "attempt 3"}
    assert printed_json("scenarios", "show", "restock")["story"][-1] == step


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("large", "a backlog of 1,000,000"),
        ("default", "how 16 seeded plans came into their states"),
    ],
)
def test_scenarios_show_says_what_it_does_not_show(name: str, hidden: str) -> None:
    last = printed("scenarios", "show", name).splitlines()[-1]
    assert last.startswith("Shown up to ")
    assert last.endswith(f"; not shown: {hidden}.")


def test_scenarios_check_passes_what_is_shipped() -> None:
    result = typed("scenarios", "check", "restock", "default")
    assert (result.exit_code, result.stderr, result.output.count("ok  ")) == (0, "", 2)


def test_scenarios_check_fails_with_the_place_on_standard_error(broken: Path) -> None:
    result = typed("scenarios", "check", str(broken))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{broken}:2: plans[0].state: found 'complete'")
    result = typed("scenarios", "check", "--json", str(broken), "restock")
    assert [bool(report["problems"]) for report in json.loads(result.stdout)] == [True, False]


def test_scenarios_check_fails_for_an_expectation_that_is_not_met(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = "description: x\nplans: [{id: 7, items: [A]}]\nexpect:\n  - {at: 1h, plan: 7, state: pending}\n"
    file.write_text(text, encoding="utf-8")
    result = typed("scenarios", "check", str(file))
    assert result.exit_code == 1
    assert result.stderr == f"{file}:4: expect[0].state: at 1h: expected pending, found completed (plan 7).\n"


def test_scenarios_check_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    result = typed("scenarios", "check", str(tmp_path / "pipe.yaml"))
    assert (result.exit_code, "it is no ordinary file" in result.stderr) == (1, True)


def test_scenarios_schema_is_a_json_schema() -> None:
    assert json.loads(printed("scenarios", "schema"))["$schema"].endswith("2020-12/schema")


def test_scenarios_new_writes_one_that_holds_together_and_leaves_it_alone_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    printed("scenarios", "new", str(file))
    assert check(load_scenario(file)) == []
    file.write_text(BROKEN, encoding="utf-8")
    assert refused("scenarios", "new", str(file)) == f"{file} cannot be written: File exists."
    assert file.read_text(encoding="utf-8") == BROKEN


# Plans


def test_plans_prints_what_the_server_serves() -> None:
    with running_server(scenario="restock") as server:
        answer = httpx.get(
            f"{server.url}/api/v1/oms/orderexecutionplans/",
            headers={"Authorization": f"Token {server.token}"},
            trust_env=False,
        )
    assert json.loads(printed("plans", "--scenario", "restock")) == answer.json()["results"]


@pytest.mark.parametrize(("at", "state"), [("0s", "start"), ("1m", "pending"), ("59m", "pending"), ("1h", "completed")])
def test_plans_shows_the_world_at_a_time(at: str, state: str) -> None:
    (plan,) = json.loads(printed("plans", "--scenario", "restock", "--at", at))
    assert plan["state"] == state


def test_plans_chooses_by_state_limit_id_and_seed() -> None:
    plans = json.loads(printed("plans", "--state", "completed", "--limit", "3"))
    assert [plan["state"] for plan in plans] == ["completed"] * 3
    (plan,) = json.loads(printed("plans", "--scenario", "large", "--id", "123456"))
    assert plan["id"] == 123_456
    assert printed("plans", "--seed", "5") != printed("plans", "--seed", "6")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plans", "--scenario", "restock", "--id", "1"], "This scenario has no plan 1 at that time."),
        (["plans", "--id", "41207", "--state", "completed"], "Give --id or --state"),
        (["plans", "--at", "9999d"], "--at"),
        (["plans", "--at", "-1h"], "--at"),
        (["plans", "--limit", "99999999999999999999"], "--limit"),
        (["plans", "--at", "tomorrow"], "'tomorrow' is no duration; accepted: 90s, 30m, 1h30m, 2d, up to"),
        (["scenarios", "list", "--scenarios", "/nowhere"], "/nowhere: there is no such folder."),
        (["healthcheck", "--timeout", "inf"], "--timeout"),
        (["healthcheck", "--port", "abc"], "--port"),
    ],
)
def test_what_cannot_be_done_is_one_clear_sentence(arguments: list[str], says: str) -> None:
    assert says in refused(*arguments)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    assert "_MOCK_OMS_COMPLETE" in printed("completion", shell)


# The health check


@pytest.mark.parametrize(
    ("listens", "asked"),
    [("::1", "::1"), ("::", "::"), ("127.0.0.9", "127.0.0.9"), (ANYWHERE, ANYWHERE), (ANYWHERE, "127.0.0.9")],
)
def test_healthcheck_asks_the_host_and_port_of_the_environment_and_no_proxy(
    listens: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with running_server(scenario="restock", host=listens) as server:
        monkeypatch.setenv("MOCK_OMS_HOST", asked)
        monkeypatch.setenv("MOCK_OMS_PORT", server.url.rpartition(":")[2])
        assert json.loads(printed("healthcheck"))["status"] == "ready"
        assert json.loads(printed("healthcheck", "--url", server.url))["status"] == "ready"


def test_healthcheck_fails_without_a_server() -> None:
    with running_server() as server:
        pass
    result = typed("healthcheck", "--url", server.url)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {server.url}/_mock/health/ready is not ready: ")
    assert typed("healthcheck", "--url", "http://127.0.0.1:x").exit_code == 1


@pytest.mark.parametrize("url", ["http://user:hush@127.0.0.1:1", "http://user:hush@127.0.0.1", "//user:hush@127.0.0.1"])
@pytest.mark.parametrize("command", [["healthcheck"], ["world", "list"]])
def test_an_error_shows_no_password_in_an_address(command: list[str], url: str) -> None:
    result = typed(*command, "--url", url)
    assert (result.exit_code > 0, "hush" in result.stderr, "…@127.0.0.1" in result.stderr) == (True, False, True)
