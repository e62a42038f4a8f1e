"""The commands other than `serve`, as people type them."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mock_oms.cli.main import main
from mock_oms.scenarios.building import load_scenario
from mock_oms.scenarios.checking import check
from mock_oms.testing import running_server
from tests.system.running import serving
from tests.typed import printed, printed_json, refused, typed

BROKEN = "description: x\nplans: [{state: complete}]\n"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    return file


def every_command() -> list[list[str]]:
    inner = {name: getattr(command, "commands", {}) for name, command in main.commands.items()}
    return [words for name in inner for words in ([[name, one] for one in inner[name]] or [[name]])]


def test_the_help_of_every_command_shows_an_example() -> None:
    helps = {" ".join(command): printed(*command, "--help") for command in every_command()}
    wanted = {name: (f"  mock-oms {name}", f"(mock-oms {name}") for name in helps}
    assert [name for name, text in helps.items() if not any(one in text for one in wanted[name])] == []


def test_scenarios_list_names_each_with_its_description_and_those_of_a_folder_beside_the_shipped(
    tmp_path: Path,
) -> None:
    lines = printed("scenario", "list").splitlines()
    assert any(line.startswith("restock ") and "restock" in line.split(maxsplit=1)[1] for line in lines)
    (tmp_path / "mine.yaml").write_text("description: Mine.\nplans: []\n", encoding="utf-8")
    (tmp_path / "restock.yaml").write_text("description: Hidden ours.\nplans: []\n", encoding="utf-8")
    listed = printed_json("scenario", "list", "--scenarios", tmp_path)
    found = {one["name"]: one["description"] for one in listed}
    assert (found["mine"], found["restock"]) == ("Mine.", "Hidden ours.")
    assert {"default", "large"} <= set(found)


def test_no_description_obeys_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "loud.yaml"
    file.write_text('description: "a\\e[31mred"\nplans: []\n', encoding="utf-8")
    assert "loud.yaml: a\\x1b[31mred" in printed("scenario", "show", file)
    with serving("--scenario", str(file)) as running:
        assert "plays the scenario loud: a\\x1b[31mred" in running.banner[0]


def test_one_broken_scenario_does_not_hide_the_others(broken: Path) -> None:
    result = typed("scenario", "list", "--json", "--scenarios", broken.parent)
    assert (result.exit_code, "broken.yaml:2: plans[0].state" in result.stderr) == (2, True)
    assert "restock" in {one["name"] for one in json.loads(result.stdout)}


def test_scenarios_show_prints_every_transition_with_its_cause() -> None:
    lines = [line.split() for line in printed("scenario", "show", "restock").splitlines()[3:-2]]
    shown = [f"{line[0]} {line[-2]} {line[-1]}" for line in lines]
    assert shown == ["0s the scenario", "1m attempt 1", "30m attempt 2", "1h attempt 3"]
    step = {"time": "1h", "plan": 41207, "from": "pending", "to": "completed", "cause": "attempt 3"}
    assert printed_json("scenario", "show", "restock")["story"][-1] == step


@pytest.mark.parametrize(
    ("name", "hidden"), [("large", "a backlog of 1,000,000"), ("default", "how 16 seeded plans came into their states")]
)
def test_scenarios_show_says_what_it_does_not_show(name: str, hidden: str) -> None:
    last = printed("scenario", "show", name).splitlines()[-1]
    assert (last[:12], last.partition("; ")[2]) == ("Shown up to ", f"not shown: {hidden}.")


def test_scenarios_check_fails_with_the_place_on_standard_error_and_passes_what_is_shipped(broken: Path) -> None:
    result = typed("scenario", "check", broken)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{broken}:2: plans[0].state: found 'complete'")
    result = typed("scenario", "check", "--json", broken, "restock")
    assert [bool(report["problems"]) for report in json.loads(result.stdout)] == [True, False]
    result = typed("scenario", "check", "restock", "default")
    assert (result.exit_code, result.stderr, result.stdout.splitlines()[-1]) == (0, "", "2 ok")


def test_scenarios_check_fails_where_the_named_folder_holds_no_scenario(tmp_path: Path) -> None:
    said = f"{tmp_path} holds no scenario, so there is nothing to check; name the files."
    assert refused("scenario", "check", "--scenarios", tmp_path) == said
    (tmp_path / "mine.yaml").write_text("description: x\nplans: [{items: [A]}]\n")
    assert "ok  mine (0 expectations)" in printed("scenario", "check", "--scenarios", tmp_path)


def test_scenarios_check_fails_for_an_expectation_that_is_not_met(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("description: x\nplans: [{id: 7, items: [A]}]\nexpect:\n  - {at: 1h, plan: 7, state: pending}\n")
    result = typed("scenario", "check", file)
    said = f"{file}:4: expect[0].state: at 1h: expected pending, found completed (plan 7).\n"
    assert (result.exit_code, result.stderr) == (1, said)


def test_scenarios_new_writes_one_that_holds_together_and_leaves_it_alone_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    printed("scenario", "new", file)
    assert check(load_scenario(file)) == []
    file.write_text(BROKEN, encoding="utf-8")
    assert refused("scenario", "new", file) == f"{file} cannot be written: File exists."
    assert file.read_text(encoding="utf-8") == BROKEN


@pytest.mark.smoke
def test_plans_prints_what_the_server_serves() -> None:
    with running_server(scenario="restock") as server:
        url, headers = f"{server.url}/api/v1/oms/orderexecutionplans/", {"Authorization": f"Token {server.token}"}
        answer = httpx.get(url, headers=headers, timeout=30, trust_env=False)
    assert json.loads(printed("plans", "--scenario", "restock")) == answer.json()["results"]


@pytest.mark.parametrize(("at", "state"), [("0s", "start"), ("1m", "pending"), ("59m", "pending"), ("1h", "completed")])
def test_plans_shows_the_world_at_a_time(at: str, state: str) -> None:
    assert [one["state"] for one in json.loads(printed("plans", "--scenario", "restock", "--at", at))] == [state]


def test_plans_chooses_by_state_limit_id_and_seed() -> None:
    plans = json.loads(printed("plans", "--state", "completed", "--limit", "3"))
    assert [plan["state"] for plan in plans] == ["completed"] * 3
    (plan,) = json.loads(printed("plans", "--scenario", "large", "--id", "123456"))
    assert plan["id"] == 123_456
    assert printed("plans", "--seed", "5") != printed("plans", "--seed", "6")


REFUSED = {
    "plans --scenario restock --id 1": "This scenario has no plan 1 at that time.",
    "plans --id 41207 --state completed": "Give --id or --state",
    "plans --at 9999d": "--at",
    "plans --at -1h": "--at",
    "plans --limit 99999999999999999999": "--limit",
    "plans --at tomorrow": "'tomorrow' is no duration; accepted: 90s, 30m, 1h30m, 2d, up to",
    "scenario list --scenarios /nowhere": "/nowhere: there is no such folder.",
    "healthcheck --timeout inf": "--timeout",
    "healthcheck --port abc": "--port",
}


def test_what_cannot_be_done_is_one_clear_sentence() -> None:
    said = {words: refused(*words.split()) for words in REFUSED}
    assert {words: error for words, error in said.items() if REFUSED[words] not in error} == {}


def test_completion_prints_a_script_for_the_shell() -> None:
    scripts = {printed("completion", shell) for shell in ("bash", "zsh", "fish")}
    assert [len(scripts), *("_MOCK_OMS_COMPLETE" in one for one in scripts)] == [3, True, True, True]


def test_the_package_is_run_as_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "mock_oms", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: mock-oms [OPTIONS] COMMAND")


ALL = "0.0.0.0"  # noqa: S104  nothing listens there for long


@pytest.mark.parametrize(
    ("listens", "asked"), [("::1", "::1"), ("::", "::"), ("127.0.0.9", "127.0.0.9"), (ALL, ALL), (ALL, "127.0.0.9")]
)
def test_healthcheck_asks_the_host_and_port_of_the_environment_and_no_proxy(
    listens: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with running_server(scenario="restock", host=listens) as server:
        where = {"MOCK_OMS_HOST": asked, "MOCK_OMS_PORT": server.url.rpartition(":")[2]}
        assert json.loads(printed("healthcheck", "--timeout", "60", **where))["status"] == "ready"
        assert json.loads(printed("healthcheck", "--timeout", "60", "--url", server.url))["status"] == "ready"


def test_healthcheck_fails_without_a_server() -> None:
    with running_server() as server:
        pass
    result = typed("healthcheck", "--url", server.url)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {server.url}/_mock/health/ready is not ready: ")
    assert typed("healthcheck", "--url", "http://127.0.0.1:x").exit_code == 1
    for url in ("", "file:///etc/hostname", "ftp://localhost", "127.0.0.1:8080"):
        assert "is no address of a mock" in typed("healthcheck", "--url", url).stderr


def test_an_error_shows_no_query_of_an_address() -> None:
    for url in ("http://127.0.0.1:1/?token=hush", "http://127.0.0.1:1/#access_token=hush"):
        for command in (["healthcheck"], ["world", "list"]):
            result = typed(*command, "--url", url)
            assert (result.exit_code > 0, "hush" in result.stderr, "127.0.0.1:1/" in result.stderr) == (
                True,
                False,
                True,
            )


def test_an_error_shows_no_password_in_an_address() -> None:
    for url in ("http://user:hush@127.0.0.1:1", "http://user:hush@127.0.0.1", "//user:hush@127.0.0.1"):
        for command in (["healthcheck"], ["world", "list"]):
            result = typed(*command, "--url", url)
            assert (result.exit_code > 0, "hush" in result.stderr, "…@127.0.0.1" in result.stderr) == (
                True,
                False,
                True,
            )
