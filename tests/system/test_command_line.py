"""The commands other than `serve`, as people type them."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.scenarios.building import load_scenario
from mock_oms.scenarios.checking import check
from mock_oms.testing import running_server
from tests.system.running import program, serving

ANYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there for long

BROKEN = "description: x\nplans: [{state: complete}]\n"


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    return file


def test_the_version_is_the_packages() -> None:
    assert invoke("--version").output.startswith("mock-oms, version 0.")


def every_command() -> list[list[str]]:
    names: list[list[str]] = []
    for name, command in main.commands.items():
        inner = getattr(command, "commands", {})
        names += [[name, one] for one in inner] if inner else [[name]]
    return names


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_help_shows_an_example(command: list[str]) -> None:
    result = invoke(*command, "--help")
    assert result.exit_code == 0
    assert f"  mock-oms {' '.join(command)}" in result.output or f"(mock-oms {' '.join(command)}" in result.output


def test_scenarios_list_names_each_with_its_description() -> None:
    lines = invoke("scenarios", "list").output.splitlines()
    assert any(line.startswith("restock ") and "restock" in line.split(maxsplit=1)[1] for line in lines)


def test_scenarios_list_prints_json() -> None:
    listed = json.loads(invoke("scenarios", "list", "--json").output)
    assert {"default", "large", "restock"} <= {one["name"] for one in listed}


def test_a_folder_of_ones_own_is_listed_beside_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: Mine.\nplans: []\n", encoding="utf-8")
    (tmp_path / "restock.yaml").write_text("description: Hidden ours.\nplans: []\n", encoding="utf-8")
    listed = json.loads(invoke("scenarios", "list", "--json", "--scenarios", str(tmp_path)).output)
    found = {one["name"]: one["description"] for one in listed}
    assert (found["mine"], found["restock"], "default" in found) == ("Mine.", "Hidden ours.", True)


def test_a_folder_that_does_not_exist_is_one_clear_sentence(tmp_path: Path) -> None:
    result = invoke("scenarios", "list", "--scenarios", str(tmp_path / "none"))
    assert (result.exit_code, result.stderr) == (2, f"Error: {tmp_path / 'none'}: there is no such folder.\n")


def test_scenarios_show_tells_every_transition_with_its_cause() -> None:
    lines = [line.split() for line in invoke("scenarios", "show", "restock").output.splitlines()[3:-2]]
    assert [(line[0], line[-2], line[-1]) for line in lines] == [
        ("0s", "the", "scenario"),
        ("1m", "attempt", "1"),
        ("30m", "attempt", "2"),
        ("1h", "attempt", "3"),
    ]


def test_scenarios_show_says_what_it_does_not_show() -> None:
    last = invoke("scenarios", "show", "large").output.splitlines()[-1]
    assert last.startswith("Shown up to ")
    assert last.endswith("; not shown: a backlog of 1,000,000.")


def test_scenarios_show_prints_json() -> None:
    shown = json.loads(invoke("scenarios", "show", "restock", "--json").output)
    assert shown["story"][-1] == {
        "time": "1h",
        "plan": 41207,
        "from": "pending",
        "to": "completed",
        "cause": "attempt 3",
    }


def test_scenarios_check_passes_what_is_shipped() -> None:
    result = invoke("scenarios", "check", "restock", "default")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.output.count("ok  ") == 2


def test_scenarios_check_fails_with_the_place_on_standard_error(broken: Path) -> None:
    result = invoke("scenarios", "check", str(broken))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{broken}:2: plans[0].state: found 'complete'")


def test_scenarios_check_fails_for_an_expectation_that_is_not_met(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = "description: x\nplans: [{id: 7, items: [A]}]\nexpect:\n  - {at: 1h, plan: 7, state: pending}\n"
    file.write_text(text, encoding="utf-8")
    result = invoke("scenarios", "check", str(file))
    assert result.exit_code == 1
    assert result.stderr == f"{file}:4: expect[0].state: at 1h: expected pending, found completed (plan 7).\n"


def test_scenarios_check_prints_json(broken: Path) -> None:
    result = invoke("scenarios", "check", "--json", str(broken), "restock")
    reports = json.loads(result.stdout)
    assert (result.exit_code, [bool(report["problems"]) for report in reports]) == (1, [True, False])


def test_scenarios_schema_is_a_json_schema() -> None:
    assert json.loads(invoke("scenarios", "schema").output)["$schema"].endswith("2020-12/schema")


def test_scenarios_new_writes_one_that_holds_together(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert invoke("scenarios", "new", str(file)).exit_code == 0
    assert check(load_scenario(file)) == []


def test_scenarios_new_leaves_an_existing_file_alone(broken: Path) -> None:
    result = invoke("scenarios", "new", str(broken))
    assert (result.exit_code, broken.read_text(encoding="utf-8")) == (2, BROKEN)
    assert result.stderr == f"Error: {broken} cannot be written: File exists.\n"


def test_plans_prints_what_the_server_serves() -> None:
    printed = json.loads(invoke("plans", "--scenario", "restock").stdout)
    with serving("--scenario", "restock") as running:
        served = json.loads(running.get("/api/v1/oms/orderexecutionplans/")[1])["results"]
    assert printed == served


@pytest.mark.parametrize(("at", "state"), [("0s", "start"), ("1m", "pending"), ("59m", "pending"), ("1h", "completed")])
def test_plans_shows_the_world_at_a_time(at: str, state: str) -> None:
    (plan,) = json.loads(invoke("plans", "--scenario", "restock", "--at", at).stdout)
    assert plan["state"] == state


def test_plans_chooses_by_state_and_limit() -> None:
    plans = json.loads(invoke("plans", "--state", "completed", "--limit", "3").stdout)
    assert [plan["state"] for plan in plans] == ["completed"] * 3


def test_plans_chooses_one_of_a_million() -> None:
    (plan,) = json.loads(invoke("plans", "--scenario", "large", "--id", "123456").stdout)
    assert plan["id"] == 123_456


def test_plans_says_that_an_id_does_not_exist() -> None:
    result = invoke("plans", "--scenario", "restock", "--id", "1")
    assert (result.exit_code, result.stderr) == (2, "Error: This scenario has no plan 1 at that time.\n")


def test_plans_takes_another_seed() -> None:
    assert invoke("plans", "--seed", "5").stdout != invoke("plans", "--seed", "6").stdout


def test_plans_refuses_a_state_for_one_plan() -> None:
    result = invoke("plans", "--id", "41207", "--state", "completed")
    assert (result.exit_code, "Give --id or --state" in result.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [["--at", "9999d"], ["--at", "-1h"], ["--limit", "99999999999999999999"]])
def test_plans_refuses_what_would_never_end(arguments: list[str]) -> None:
    result = invoke("plans", *arguments)
    assert (result.exit_code, arguments[0] in result.stderr) == (2, True)


def test_one_broken_scenario_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    result = invoke("scenarios", "list", "--json", "--scenarios", str(tmp_path))
    assert result.exit_code == 2
    assert "broken.yaml:2: plans[0].state" in result.stderr
    assert "restock" in {one["name"] for one in json.loads(result.stdout)}


@pytest.mark.parametrize("arguments", [["--timeout", "inf"], ["--port", "abc"], ["--url", "http://127.0.0.1:x"]])
def test_healthcheck_refuses_what_it_cannot_ask(arguments: list[str]) -> None:
    result = invoke("healthcheck", *arguments)
    assert result.exit_code in {1, 2}
    assert result.stderr


def test_a_duration_that_is_none_names_what_is_accepted() -> None:
    result = invoke("plans", "--at", "tomorrow")
    assert result.exit_code == 2
    assert "'tomorrow' is no duration; accepted: 90s, 30m, 1h30m, 2d, up to" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    assert "_MOCK_OMS_COMPLETE" in invoke("completion", shell).output


def test_healthcheck_agrees_with_a_server_that_is_ready() -> None:
    with serving("--scenario", "restock") as running:
        result = invoke("healthcheck", "--url", running.address)
    assert (result.exit_code, json.loads(result.stdout)["status"]) == (0, "ready")


def test_healthcheck_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving("--scenario", "restock") as running:
        assert invoke("healthcheck", "--url", running.address).exit_code == 0


def test_healthcheck_asks_the_port_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("--scenario", "restock") as running:
        monkeypatch.setenv("MOCK_OMS_PORT", running.address.rpartition(":")[2])
        assert invoke("healthcheck").exit_code == 0


@pytest.mark.parametrize(
    ("listens", "asked"),
    [("::1", "::1"), ("::", "::"), ("127.0.0.9", "127.0.0.9"), (ANYWHERE, ANYWHERE), (ANYWHERE, "127.0.0.9")],
)
def test_healthcheck_asks_the_host_of_the_environment(
    listens: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(scenario="restock", host=listens) as server:
        monkeypatch.setenv("MOCK_OMS_HOST", asked)
        assert invoke("healthcheck", "--port", server.url.rpartition(":")[2]).exit_code == 0


@pytest.mark.parametrize("url", ["http://user:hush@127.0.0.1:1", "http://user:hush@127.0.0.1", "//user:hush@127.0.0.1"])
@pytest.mark.parametrize("command", [["healthcheck"], ["world", "list"]])
def test_an_error_shows_no_password_in_an_address(command: list[str], url: str) -> None:
    result = invoke(*command, "--url", url)
    assert (result.exit_code > 0, "hush" in result.stderr, "…@127.0.0.1" in result.stderr) == (True, False, True)


def test_scenarios_check_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    result = invoke("scenarios", "check", str(tmp_path / "pipe.yaml"))
    assert (result.exit_code, "it is no ordinary file" in result.stderr) == (1, True)


def test_healthcheck_fails_without_a_server() -> None:
    with serving("--scenario", "restock") as running:
        address = running.address
    result = invoke("healthcheck", "--url", address)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {address}/_mock/health/ready is not ready: ")


def test_the_installed_command_is_this_one() -> None:
    assert Path(program()).exists()
