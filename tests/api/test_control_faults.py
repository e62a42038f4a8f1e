"""Faults and limits through the control API: what is added, shown, refused and taken away."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.library import Library
from mock_oms.traffic.faults.active import FaultOccasion
from mock_oms.traffic.faults.fault import KINDS
from mock_oms.urls import Operation
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.state_folder import state_folder
from mock_oms.worlds.traffic import MAX_FAULTS
from tests.api.control import Server, server

BUSY = {"on": "list", "effect": {"status": 503}, "times": 2}
SLOW = {"on": "detail", "plan": 41207, "effect": {"delay": {"uniform": ["1s", "3s"]}}}
LIMITS = {"quota": {"limit": 100, "window": "1m"}, "token": {"after": "1h"}}
FAULTS, LIMITS_PATH = "/worlds/default/faults", "/worlds/default/limits"


@pytest.fixture
def mock() -> Server:
    return server(performs=KINDS)


def ids(mock: Server, world: str = "default") -> list[int]:
    return [one["id"] for one in mock.done("GET", f"/worlds/{world}/faults")["faults"]]


@pytest.mark.parametrize("fault", [BUSY, SLOW])
def test_a_fault_that_was_added_is_shown_as_it_was_sent_with_what_became_of_it(mock: Server, fault: Any) -> None:
    mock.done("POST", "/worlds/default/clock/advance", {"by": "45m"})
    (added,) = mock.done("POST", FAULTS, fault)["faults"]
    beside = {"id": 1, "origin": "control API", "since": "2024-03-05T09:45:00Z", "seen": 0, "met": 0}
    assert added == {**beside, **fault}
    assert mock.done("GET", f"{FAULTS}/1") == added
    assert mock.done("GET", FAULTS) == {"performed": True, "faults": [added]}
    assert mock.done("GET", "/worlds/default")["faults"] == 1


def test_the_profiles_are_listed_by_name_and_each_says_what_it_is(mock: Server) -> None:
    listed = {one["name"]: one["description"] for one in mock.done("GET", "/profiles")["profiles"]}
    assert list(listed) == ["down", "drifting", "flaky", "rate-limited", "slow"]
    assert listed["flaky"] == "A third of all requests fails, in one of three ways, and others take their time."


def test_a_world_has_the_profiles_that_can_be_added_to_it_and_a_broken_one_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "busy.yaml").write_text("description: >\n  Too\n  many.\nfaults: [{on: list, status: 429}]\n")
    (folder / "broken.yaml").write_text("description: Nothing.\n")
    mock = server(library=Library(tmp_path), performs=KINDS)
    sent = {"scenario": {"description": "x", "plans": [], "profiles": ["own"]}}
    own = {"own": {"description": "Its own.", "faults": [{"on": "list", "status": 503}]}}
    mock.done("POST", "/worlds", {"name": "mine", **sent, "profiles": own})
    of_all, of_mine = (
        {one["name"]: one["description"] for one in mock.done("GET", f"/profiles{query}")["profiles"]}
        for query in ("", "?world=mine")
    )
    assert (of_all["busy"], of_mine.pop("own"), of_mine) == ("Too many.", "Its own.", of_all)
    assert of_all["broken"].startswith("cannot be used: ")
    assert "a profile needs `faults` or `limits`" in of_all["broken"]
    mock.done("POST", "/worlds/mine/faults", {"profile": "own"})


def test_profiles_of_no_world_are_refused_with_the_nearest(mock: Server) -> None:
    status, problem = mock.refused("GET", "/profiles?world=defualt")
    assert (status, "There is no world defualt; the nearest is default." in problem["detail"]) == (404, True)
    assert list(mock.refused("GET", "/profiles?wrold=default")[1]["errors"]) == ["wrold"]


def test_a_profile_is_added_with_all_its_faults_and_its_limits(mock: Server) -> None:
    added = mock.done("POST", FAULTS, {"profile": "flaky"})
    assert [one["origin"] for one in added["faults"]] == ["profile flaky"] * 4
    assert (ids(mock), added["limits"]) == ([1, 2, 3, 4], {})
    mock.done("PUT", LIMITS_PATH, {"token": {"after": "1h"}})
    added = mock.done("POST", FAULTS, {"profile": "rate-limited"})
    assert (added["faults"], set(added["limits"])) == ([], {"quota", "login"})
    assert set(mock.done("GET", LIMITS_PATH)) == {"quota", "token", "login"}


def test_a_fault_that_is_none_is_refused_at_its_place(mock: Server) -> None:
    for place, sentence, body in (
        ("body", "the fault does nothing", {"on": "list"}),
        ("status", "found 200", {"status": 200}),
        ("on", "the nearest is list", {"on": "lists", "effect": {"status": 503}}),
        ("effect.status", "found 200", {"on": "list", "effect": {"status": 200}}),
        ("on", "unknown key", {"profile": "flaky", "on": "list"}),
        ("profile", "there is no profile flakey; the nearest is flaky.", {"profile": "flakey"}),
        ("body", "found a list of 0", []),
    ):
        status, problem = mock.refused("POST", FAULTS, body)
        assert (status, list(problem["errors"])) == (422, [place])
        assert sentence in problem["errors"][place][0]
    assert ids(mock) == []


def test_an_unknown_fault_is_not_found_and_the_known_are_named(mock: Server) -> None:
    mock.done("POST", FAULTS, BUSY)
    for method in ("GET", "DELETE"):
        status, problem = mock.refused(method, f"{FAULTS}/9")
        assert (status, problem["detail"]) == (404, "There is no fault 9 in this world; known: 1.")


def test_faults_are_taken_away_one_by_one_or_all_and_no_id_is_given_again(mock: Server) -> None:
    mock.done("POST", FAULTS, BUSY)
    mock.done("DELETE", f"{FAULTS}/1")
    mock.done("POST", FAULTS, BUSY)
    assert ids(mock) == [2]
    mock.done("PUT", LIMITS_PATH, LIMITS)
    mock.done("DELETE", FAULTS)
    assert (ids(mock), mock.done("GET", LIMITS_PATH)) == ([], LIMITS)


def test_limits_are_set_whole(mock: Server) -> None:
    assert mock.done("PUT", LIMITS_PATH, LIMITS) == LIMITS
    assert mock.done("PUT", LIMITS_PATH, {"token": {"requests": 5}}) == {"token": {"requests": 5}}
    assert mock.done("PUT", LIMITS_PATH, {}) == mock.done("GET", LIMITS_PATH) == {}


def test_a_world_takes_so_many_faults_and_no_more(mock: Server) -> None:
    for _ in range(MAX_FAULTS):
        mock.done("POST", FAULTS, BUSY)
    status, problem = mock.refused("POST", FAULTS, {"profile": "flaky"})
    assert (status, len(ids(mock))) == (429, MAX_FAULTS)
    assert problem["detail"] == f"100 faults stand in this world, and it takes {MAX_FAULTS}; take some away first."


# What cannot be performed


def test_an_app_without_a_front_refuses_what_it_could_not_perform() -> None:
    mock = server()
    for method, path, body in (
        *(("POST", FAULTS, BUSY), ("POST", FAULTS, {"profile": "rate-limited"})),
        ("PUT", LIMITS_PATH, LIMITS),
    ):
        status, problem = mock.refused(method, path, body)
        assert (status, "there is no front before this app" in problem["detail"]) == (409, True)
    assert (ids(mock), mock.done("GET", LIMITS_PATH)) == ([], {})
    shown = server("rough-day").done("GET", FAULTS)  # a scenario with faults is opened all the same
    assert (shown["performed"], len(shown["faults"]) > 0) == (False, True)


def test_a_front_refuses_the_kind_of_fault_that_it_cannot_perform() -> None:
    mock = server(performs=frozenset({"status"}))
    mock.done("POST", FAULTS, BUSY)
    status, problem = mock.refused("POST", FAULTS, {"on": "list", "effect": {"connection": "reset"}})
    sentence = "This server cannot perform connection: it performs status; start the mock with mock-oms serve."
    assert (status, problem["detail"]) == (409, sentence)


def test_a_fault_whose_time_is_over_is_told_no_more(mock: Server) -> None:
    mock.done("POST", FAULTS, {**BUSY, "ttl": "30m"})
    mock.done("POST", "/worlds/default/clock/advance", {"by": "30m"})
    assert (ids(mock), mock.done("GET", "/worlds/default")["faults"]) == ([], 0)
    assert mock.refused("GET", f"{FAULTS}/1")[0] == 404


# With the world


def test_a_reset_returns_to_the_faults_and_limits_of_the_scenario() -> None:
    mock = server("rough-day", performs=KINDS)
    before = mock.done("GET", FAULTS), mock.done("GET", LIMITS_PATH)
    mock.done("DELETE", FAULTS)
    mock.done("PUT", LIMITS_PATH, LIMITS)
    mock.done("POST", "/worlds/default/reset")
    assert (mock.done("GET", FAULTS), mock.done("GET", LIMITS_PATH)) == before


def test_a_restored_snapshot_leaves_the_faults_and_another_world_has_none_of_them(mock: Server) -> None:
    snapshot = mock.done("GET", "/worlds/default/snapshot")
    mock.opened()
    mock.done("POST", FAULTS, BUSY)
    mock.done("PUT", "/worlds/default/snapshot", snapshot)
    assert (ids(mock), ids(mock, "mine")) == ([1], [])


# After a restart


def started(folder: Path, act: Any) -> Any:
    """What somebody does with a mock that keeps its worlds in a folder, and that ends afterwards."""
    with state_folder(folder) as store:
        return act(server(simulation=WorldManager(Library().load("restock"), store=store), performs=KINDS))


def restore(mock: Server) -> None:
    mock.done("PUT", "/worlds/default/snapshot", mock.done("GET", "/worlds/default/snapshot"))


def test_faults_and_limits_survive_a_restart_and_snapshots_but_not_how_often_a_fault_was_met(tmp_path: Path) -> None:
    def around(mock: Server) -> Any:
        return mock.done("GET", FAULTS), mock.done("GET", LIMITS_PATH)

    def act(mock: Server) -> Any:
        mock.done("POST", FAULTS, BUSY)
        mock.done("POST", "/worlds/default/clock/advance", {"by": "1h"})
        mock.done("POST", FAULTS, SLOW)
        restore(mock)
        mock.done("DELETE", f"{FAULTS}/1")
        mock.done("POST", FAULTS, BUSY)
        mock.done("PUT", LIMITS_PATH, LIMITS)
        before = around(mock)
        traffic = mock.simulation.lease("default").traffic
        on_list: dict[str, Any] = {"operation": Operation.LIST, "plan": None, "page": 1, "number": 1}
        occasion = FaultOccasion(**on_list, now=traffic.faults[0].since + timedelta(hours=2), state=lambda: None)
        traffic.met(occasion)
        assert mock.done("GET", f"{FAULTS}/3")["met"] == 1
        mock.done("PUT", LIMITS_PATH, LIMITS)
        return before

    before = started(tmp_path, act)
    started(tmp_path, restore)
    assert started(tmp_path, around) == before
    assert started(tmp_path, lambda mock: mock.done("POST", FAULTS, BUSY)["faults"][0]["id"]) == 4


def test_faults_that_were_taken_away_do_not_come_back_with_a_restart(tmp_path: Path) -> None:
    def act(mock: Server) -> None:
        mock.done("POST", FAULTS, BUSY)
        mock.done("POST", "/worlds/default/reset")
        mock.opened("rough", scenario="rough-day", ttl=None)
        mock.done("DELETE", "/worlds/rough/faults")

    started(tmp_path, act)
    assert started(tmp_path, lambda mock: (ids(mock), ids(mock, "rough"))) == ([], [])
