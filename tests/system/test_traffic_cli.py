"""The commands for faults, limits and requests, as people and programs type them."""

import json

import httpx
import pytest

from mock_oms.client import World
from tests.typed import printed, printed_json, refused, typed

pytestmark = pytest.mark.oms(scenario="restock")

PLAN = 41207
LIST = "/api/v1/oms/orderexecutionplans/"


@pytest.fixture
def world(oms: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that the environment names."""
    monkeypatch.setenv("MOCK_OMS_URL", oms.url)
    monkeypatch.setenv("MOCK_OMS_WORLD", oms.name)
    return oms


def ask(world: World, path: str = LIST) -> int:
    return httpx.get(f"{world.url}{path}", headers=world.headers, timeout=30, trust_env=False).status_code


def test_a_fault_is_added_by_options_or_as_text_and_a_profile_with_its_limits(world: World) -> None:
    options = ["--on", "list", "--status", "503", "--times", "1"]
    for arguments in (options, ["{on: list, effect: {status: 503}, times: 1}"]):
        assert '{"on": "list", "status": 503, "times": 1}' in printed("fault", "add", *arguments)
        assert [ask(world), ask(world)] == [503, 200]
    printed("fault", "clear")
    assert printed("fault", "add", "--profile", "rate-limited").startswith('limits: {"quota": {"limit": 10, ')
    assert printed_json("fault", "add", "--profile", "slow")["faults"][0]["origin"] == "profile slow"
    assert len(world.faults()) == 1


@pytest.mark.usefixtures("world")
def test_the_profiles_that_can_be_added_are_listed() -> None:
    listed = printed("fault", "profiles")
    assert "\nflaky         A third of all requests fails" in listed
    assert listed.endswith("\n5 profiles\n")
    assert printed_json("fault", "profiles")[0]["name"] == "down"


def test_what_is_no_fault_is_refused(world: World) -> None:
    for arguments, says in (
        ([], "Give the fault as text, or say it by options"),
        (["{on: list, effect: {status: 503}}", "--times", "2"], "Give the fault as text, or say it by options"),
        (["[]"], "'[]' is no fault; write one as in a scenario"),
        (["--shape", "missing-nex"], "shape: found 'missing-nex'"),
    ):
        assert says in refused("fault", "add", *arguments)
    assert world.faults() == ()


def test_faults_are_listed_and_taken_away(world: World) -> None:
    for status in ("500", "502", "503"):
        printed("fault", "add", "--status", status, "--page", "1", "--on", "list")
    assert [one["id"] for one in printed_json("fault", "list")] == [1, 2, 3]
    assert printed("fault", "rm", "2") == "fault 2 is gone\n"
    assert [row.split()[0] for row in printed("fault", "list").splitlines()[:-1]] == ["id", "1", "3"]
    assert "There is no fault 2 in this world; known: 1, 3." in refused("fault", "rm", "2")
    printed("fault", "clear")
    assert world.faults() == ()


def test_limits_are_set_whole_shown_and_lifted_and_what_says_nothing_or_two_things_is_refused(world: World) -> None:
    printed("limit", "set", "--quota", "100/1m", "--login", "5/1h")
    assert printed("limit", "set", "--quota", "7/1m", "--token", "50") == (
        'quota  {"limit": 7, "window": "1m"}\ntoken  {"requests": 50}\n'
    )
    assert printed_json("limit", "set", "--token", "1h") == world.limits() == {"token": {"after": "1h"}}
    assert printed("limit", "set", "--none") == printed("limits", "show") == "nothing is limited\n"
    for arguments in ([], ["--none", "--token", "5"], ["--quota", "100"], ["--quota", "x/1m"]):
        refused("limit", "set", *arguments)
    assert world.limits() == {}


@pytest.mark.smoke
def test_requests_are_listed_with_fault_and_hint(world: World) -> None:
    world.fault(status=503, times=1)
    ask(world), ask(world, f"{LIST}{PLAN}")
    listed = printed("request", "list")
    assert "503     status 503  This is fault 1" in listed
    assert "The final slash is missing" in listed
    assert listed.endswith("\n2 requests\n")
    assert printed_json("request", "list", "--fault", "true")["requests"][0]["number"] == 1
    assert [one["number"] for one in printed_json("request", "list", "--before", "2")["requests"]] == [1]


def test_a_request_is_shown_without_its_token_and_forgotten(world: World) -> None:
    ask(world)
    shown = printed("request", "show", "1")
    assert "authorization" in shown
    assert world.token not in shown + printed("request", "show", "1", "--json")
    assert f"There is no request 2 of world {world.name}" in refused("request", "show", "2")
    printed("request", "clear")
    assert world.requests().total == 0
    httpx.get(f"{world.url}{LIST}", headers={"Authorization": "Token nobody"}, timeout=30, trust_env=False)
    assert "No world has this token" in printed("request", "list", "--strangers", "--limit", "1")


def test_a_verification_says_what_was_found_and_one_that_fails_ends_with_1_and_the_nearest(world: World) -> None:
    ask(world, f"{LIST}{PLAN}/")
    failed = typed("verify", "detail", "--plan", str(PLAN), "--min", "2")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: expected at least 2 detail requests of plan 41207, found 1: number 1.\n")
    failed = typed("verify", "list", "--json")
    assert (failed.exit_code, json.loads(failed.stdout)["nearest"][0]["request"]["number"]) == (1, 1)
    ask(world), ask(world, f"{LIST}{PLAN}/")
    assert printed("verify", "detail", "--plan", str(PLAN)).endswith("found 2: numbers 1, 3.\n")
    assert printed("verify", "--order", "list", "--order", "detail", "--within", "1h").startswith("ok: the 2 steps")
    assert printed_json("verify", "list", "--max", "1")["ok"] is True


def test_clients_are_reported_on(world: World) -> None:
    assert printed("report") == f"nobody has asked world {world.name} for anything\n"
    ask(world)
    assert ": 1 request (1 list)\n  unknown  poll interval" in printed("report")
    assert printed_json("report")[0]["operations"] == {"list": 1}
