"""The commands that drive a running mock, as people and programs type them."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.client import Control, World
from mock_oms.testing import running_server
from tests.system.running import plain_environment, program

pytestmark = pytest.mark.oms(scenario="restock")

PLAN = "41207"


@pytest.fixture
def run(oms: World, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("MOCK_OMS_URL", oms.url)
    monkeypatch.setenv("MOCK_OMS_WORLD", oms.name)
    return Run()


class Run:
    """Types commands, in a world that the environment names."""

    def __call__(self, *arguments: str, typed: str | None = None) -> str:
        result = self.result(*arguments, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> object:
        return json.loads(self(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        result = self.result(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr

    def result(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=typed, catch_exceptions=False)


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines()]


# Worlds


def test_a_new_world_is_shown_with_its_token(run: Run, oms_control: Control) -> None:
    shown = dict(line.split(maxsplit=1) for line in run("world", "new", "--name", "typed", "--seed", "3").splitlines())
    with oms_control.world("typed") as world:
        assert (shown["token"], shown["lives"]) == (world.token, "1h without use")
        assert shown["scenario"].endswith("seed 3")


def test_a_new_world_is_opened_as_it_was_wished(run: Run, oms_control: Control) -> None:
    wishes = ["--scenario", "restock", "--start", "2025-01-01T00:00:00Z", "--rate", "0", "--keep"]
    opened = run.json("world", "new", *wishes)
    assert isinstance(opened, dict)
    with oms_control.world(str(opened["name"])):
        assert (opened["scenario"], opened["ttl"]) == ("restock", None)
        assert opened["clock"] == {"now": "2025-01-01T00:00:00Z", "rate": 0}


def test_a_world_that_lives_no_time_is_refused(run: Run) -> None:
    assert run.refused("world", "new", "--ttl", "0s").startswith("Error: ttl: found '0s'; accepted: ")


def test_a_world_that_is_kept_has_no_ttl(run: Run) -> None:
    assert "Give --ttl or --keep" in run.refused("world", "new", "--ttl", "1h", "--keep")


def test_worlds_are_listed_without_their_tokens(run: Run, oms: World) -> None:
    listed = run("world", "list")
    assert [row[0] for row in rows(listed)][:2] == ["world", "default"]
    assert oms.name in listed
    assert oms.token not in listed + run("world", "list", "--json")


def test_a_world_is_shown(run: Run, oms: World) -> None:
    assert f"token     {oms.token}" in run("world", "show").splitlines()


def test_a_world_is_shown_with_the_line_of_its_answers(run: Run, oms: World) -> None:
    assert f"line      {oms.facts().line}" in run("world", "show").splitlines()


@pytest.mark.parametrize("name", ["", ".", "default/clock", "default/plans"])
def test_what_is_no_name_of_a_world_is_refused(run: Run, name: str) -> None:
    for command in ("show", "rm"):
        assert run.refused("world", command, "--world", name).startswith(
            f"Error: world: found {name!r}; accepted: 1 to 63 "
        )


def test_a_world_is_named_by_an_option_too(run: Run) -> None:
    assert "world     default" in run("world", "show", "--world", "default").splitlines()


def test_a_world_is_reset(run: Run, oms: World) -> None:
    start = oms.now
    oms.advance("1h")
    run("world", "reset")
    assert oms.now == start


def test_a_world_is_closed(run: Run, oms: World) -> None:
    assert run("world", "rm") == f"world {oms.name} is closed\n"
    assert f"There is no world {oms.name}" in run.refused("world", "show")


def test_a_snapshot_makes_another_world_and_restores_this_one(
    run: Run, oms: World, oms_control: Control, tmp_path: Path
) -> None:
    oms.advance("1m")
    saved = tmp_path / "saved.json"
    saved.write_text(run("world", "snapshot"), encoding="utf-8")
    run("world", "new", "--name", "again", "--snapshot", str(saved))
    with oms_control.world("again") as again:
        assert again.now == oms.now
    then = oms.now
    oms.advance("1h")
    run("world", "restore", str(saved))
    assert oms.now == then


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '{"seed": ' + "9" * 10_000 + "}"])
@pytest.mark.parametrize("command", [["restore"], ["new", "--snapshot"]])
def test_a_file_that_is_no_snapshot_is_one_sentence(run: Run, tmp_path: Path, command: list[str], text: str) -> None:
    (tmp_path / "saved.json").write_text(text, encoding="utf-8")
    said = run.refused("world", *command, str(tmp_path / "saved.json"))
    assert "saved.json is no snapshot: " in said
    assert "set_int_max_str_digits" not in said


# Time


def test_the_clock_is_shown(run: Run, oms: World) -> None:
    assert run("clock", "show") == f"world {oms.name}: 2024-03-05T09:00:00Z, frozen\n"
    assert run.json("clock", "show") == {"now": "2024-03-05T09:00:00Z", "rate": 0}


def test_advancing_the_clock_shows_what_became_of_plans(run: Run, oms: World) -> None:
    assert run("clock", "advance", "1m").splitlines() == [
        "time                  plan   from   to       cause",
        "2024-03-05T09:01:00Z  41207  start  pending  attempt 1",
        f"world {oms.name}: 2024-03-05T09:01:00Z, frozen",
    ]


def test_advancing_until_a_plan_is_in_a_state_prints_json_like_the_control_api(run: Run) -> None:
    turned = run.json("clock", "advance", "--until", "41207=completed", "--within", "2h")
    assert isinstance(turned, dict)
    assert (list(turned), turned["now"]) == (["now", "rate", "transitions"], "2024-03-05T10:00:00Z")
    assert turned["transitions"][-1] == {
        "at": "2024-03-05T10:00:00Z",
        "plan": 41207,
        "from": "pending",
        "to": "completed",
        "cause": "attempt 3",
    }


@pytest.mark.parametrize("wish", [[], ["1m", "--until", "41207=pending"], ["--until", "41207"]])
def test_advancing_is_by_a_duration_or_until_a_state(run: Run, wish: list[str]) -> None:
    assert "as in" in run.refused("clock", "advance", *wish) or "PLAN=STATE" in run.refused("clock", "advance", *wish)


def test_a_clock_runs_and_is_frozen_again(run: Run, oms: World) -> None:
    assert "60 times real time" in run("clock", "rate", "60")
    assert run("clock", "freeze").endswith("frozen\n")
    assert oms.clock.rate == 0


def test_a_rate_is_set_and_told_in_json(run: Run) -> None:
    set_, frozen = run.json("clock", "rate", "60"), run.json("clock", "freeze")
    assert isinstance(set_, dict)
    assert isinstance(frozen, dict)
    assert (set_["rate"], frozen["rate"], frozen["transitions"]) == (60, 0, [])


@pytest.mark.parametrize("rate", ["nan", "inf", "86401"])
@pytest.mark.parametrize("command", [["clock", "rate"], ["world", "new", "--rate"]])
def test_a_rate_that_no_clock_runs_at_is_refused(run: Run, command: list[str], rate: str) -> None:
    said = run.refused(*command, rate)
    assert said.startswith("Error: rate: found ")
    assert said.endswith(" to 86400.\n")


# Plans


def test_plans_are_listed_with_their_next_attempt(run: Run) -> None:
    run("clock", "advance", "1m")
    header, plan = rows(run("plan", "list", "--state", "pending"))
    assert plan == [PLAN, "pending", "2024-03-05T09:01:00Z", "2024-03-05T09:30:00Z"]
    assert header[0] == "plan"


@pytest.mark.oms(scenario="default")
def test_a_long_list_says_how_many_there_are(run: Run) -> None:
    assert run("plan", "list", "--limit", "1").splitlines()[-1].startswith("1 of ")
    listed = run.json("plan", "list", "--limit", "1")
    assert isinstance(listed, dict)
    assert len(listed["plans"]) == 1


def test_a_plan_is_shown_with_its_commands(run: Run) -> None:
    assert run("plan", "show", PLAN).splitlines()[-1] == "commands      plan-cancel (2)"
    shown = run.json("plan", "show", PLAN)
    assert isinstance(shown, dict)
    assert shown["state"] == "start"


def test_a_command_is_run(run: Run, oms: World) -> None:
    assert "start  cancelled" in run("plan", "run", PLAN, "plan-cancel")
    assert oms.plan(int(PLAN)).state == "cancelled"


def test_a_command_that_was_run_prints_json(run: Run) -> None:
    ran = run.json("plan", "run", PLAN, "2")
    assert isinstance(ran, dict)
    assert (ran["from"], ran["to"]) == ("start", "cancelled")


def test_a_command_that_may_not_run_says_which_may(run: Run) -> None:
    assert "plan-cancel" in run.refused("plan", "run", PLAN, "plan-complete", "--json")


def test_why_tells_history_and_what_is_missing(run: Run) -> None:
    run("clock", "advance", "1m")
    told = run("why", PLAN)
    assert told.splitlines()[0] == f"plan {PLAN} is pending"
    assert "start  pending  attempt 1" in told
    assert "TST-002-L has no place: WH001 has 0" in told
    assert told.splitlines()[-1] == "the next attempt is at 2024-03-05T09:30:00Z"


def test_why_of_a_completed_plan_waits_for_nothing(run: Run) -> None:
    run("clock", "advance", "1h")
    assert run("why", PLAN).splitlines()[-1] == "2024-03-05T10:00:00Z  pending  completed  attempt 3"


def test_why_prints_json(run: Run) -> None:
    told = run.json("why", PLAN)
    assert isinstance(told, dict)
    assert [step["from"] for step in told["history"]] == [None]


# Events


def test_an_event_is_added_as_a_timeline_has_it(run: Run, oms: World) -> None:
    run("event", "add", "restock: {sku: TST-002-L, location: WH001, count: 10}")
    run("event", "add", "block: WH001")
    assert [one.word for one in oms.events()] == ["restock", "block"]


def test_an_event_shows_its_transitions(run: Run) -> None:
    assert "start  cancelled" in run("event", "add", f"command: {{plan: {PLAN}, run: plan-cancel}}")
    added = run.json("event", "add", "block: WH001")
    assert added == {"number": 2, "at": "2024-03-05T09:00:00Z", "transitions": []}


def test_events_are_listed(run: Run) -> None:
    run("event", "add", "block: WH001")
    assert rows(run("event", "list"))[1] == ["1", "2024-03-05T09:00:00Z", "block", '{"location":', '"WH001"}']
    listed = run.json("event", "list")
    assert isinstance(listed, list)
    assert listed[0]["word"] == "block"


@pytest.mark.parametrize("event", ["block", "{", "restok: {}", "restock: {sku: A, count: .nan}", "block: !!set {a}"])
def test_what_is_no_event_is_refused(run: Run, event: str) -> None:
    assert run.refused("event", "add", event).startswith("Error: ")


# The server


def test_a_server_that_is_not_there_is_one_clear_sentence(run: Run) -> None:
    said = run.refused("world", "list", "--url", "http://127.0.0.1:9")
    assert said.startswith("Error: No mock-oms answers at http://127.0.0.1:9 (")
    assert said.endswith("Start one with: mock-oms serve\n")


@pytest.mark.parametrize("url", ["nonsense", "https://"])
def test_an_address_that_is_none_is_called_so(run: Run, url: str) -> None:
    assert run.refused("world", "list", "--url", url) == (
        f"Error: {url!r} is no address of a mock; accepted: one such as http://127.0.0.1:8080.\n"
    )


@pytest.mark.parametrize("token", ["gehéim", "", "two words"])
def test_a_control_token_that_no_header_carries_is_refused_by_name(run: Run, token: str) -> None:
    said = run.refused("world", "list", "--control-token", token)
    assert "--control-token" in said
    assert "visible ASCII" in said


@pytest.mark.parametrize(
    ("command", "way_out"),
    [
        (["why", "1"], "mock-oms plan list --world {name} lists them."),
        (["world", "show", "--world", "nowhere"], "mock-oms world new opens one."),
        (["world", "new", "--scenario", "nothing"], "mock-oms scenarios list lists them."),
    ],
)
def test_the_way_out_of_a_refusal_is_a_command(run: Run, oms: World, command: list[str], way_out: str) -> None:
    assert run.refused(*command).rstrip().endswith(way_out.format(name=oms.name))


def test_a_scenario_in_other_letters_is_near(run: Run) -> None:
    assert "the nearest is restock" in run.refused("world", "new", "--scenario", "RESTOCK")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    "command", [["clock", "show"], ["scenarios", "schema"], ["--help"], ["clock", "show", "--help"]]
)
def test_an_output_that_takes_no_more_is_one_sentence(oms: World, command: list[str]) -> None:
    environment = plain_environment({"MOCK_OMS_URL": oms.url, "MOCK_OMS_WORLD": oms.name})
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [program(), *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    said = "Error: The output cannot be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_a_server_with_a_control_token_wants_it(run: Run) -> None:
    with running_server(scenario="restock", control_token="secret") as server:
        address = ["--url", server.url, "--world", "default"]
        ways = "--control-token TOKEN, --control-token-file FILE, MOCK_OMS_CONTROL_TOKEN or MOCK_OMS_CONTROL_TOKEN_FILE"
        said = run.refused("clock", "show", *address)
        assert said == f"Error: The mock at {server.url} wants its control token, and none was given: say {ways}.\n"
        said = run.refused("clock", "show", *address, "--control-token", "wrong-one")
        assert said == (
            f"Error: The control token that was given is not that of the mock at {server.url}: say its own by {ways}.\n"
        )
        assert run("clock", "show", *address, "--control-token", "secret")
