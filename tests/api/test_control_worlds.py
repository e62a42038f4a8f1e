"""Worlds through the control API: opened, used, reset, expired, closed; their snapshots."""

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.library import Library
from mock_oms.worlds.leases import MAX_WORLDS
from tests.api.control import PLAN, SKU, Server, server

CANCEL = {"run": "plan-cancel"}
RESTOCK = {"restock": {"sku": SKU, "location": "WH001", "count": 5}}


@pytest.fixture
def mock() -> Server:
    return server()


def test_the_scenarios_are_listed_by_name_and_each_says_what_it_is(mock: Server) -> None:
    listed = {one["name"]: one["description"] for one in mock.done("GET", "/scenarios")["scenarios"]}
    assert list(listed) == list(Library().files())
    assert listed["restock"].startswith("Out of stock at first")
    found = mock.done("GET", "/scenarios/restock")
    assert (found["name"], found["seed"], found["locale"], found["expectations"]) == ("restock", 7, "tr_TR", 4)
    assert (found["clock"], len(found["digest"])) == ({"start": "2024-03-05T09:00:00Z", "rate": 0}, 12)


def test_a_broken_scenario_says_so_and_spoils_nothing_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: 1\n")
    mock = server(library=Library(tmp_path))
    lines = {one["name"]: one["description"] for one in mock.done("GET", "/scenarios")["scenarios"]}
    assert lines["mine"].startswith("cannot be used: ")
    assert mock.refused("GET", "/scenarios/mine")[0] == 422
    assert list(mock.refused("POST", "/worlds", {"scenario": "mine"})[1]["errors"]) == ["scenario"]
    for text in ("First.", "The second."):
        (tmp_path / "mine.yaml").write_text(f"description: {text}\nplans: []\n")
        assert mock.done("GET", "/scenarios/mine")["description"] == text


def test_a_world_is_opened_over_a_scenario_and_located_and_listed_after_the_default_one(mock: Server) -> None:
    wanted = {"scenario": "restock", "name": "a-1", "seed": 3, "ttl": "1h30m", "clock": {"rate": 60}}
    answer = mock.ask("POST", "/worlds", wanted)
    world = answer.get_json()
    assert (answer.status_code, answer.headers["Location"]) == (201, "/_mock/worlds/a-1")
    assert (world["name"], world["seed"], world["ttl"], world["events"]) == ("a-1", 3, "1h30m", 0)
    assert world["clock"] == {"now": "2024-03-05T09:00:00Z", "rate": 60}
    assert mock.done("GET", "/worlds/a-1") == world
    assert [one["name"] for one in mock.done("GET", "/worlds")["worlds"]] == ["default", "a-1"]


def test_a_world_is_of_the_default_scenario_unless_another_is_wanted(mock: Server) -> None:
    world = mock.done("POST", "/worlds")
    assert (world["scenario"]["name"], world["ttl"], world["name"][:6]) == ("default", "1h", "world-")
    world = mock.opened(ttl=None, clock={"start": "2025-01-01T12:00:00+03:00"})
    assert (world["clock"]["now"], world["ttl"]) == ("2025-01-01T09:00:00Z", None)


NO_NAMES = ("", "-a", "A", "a_b", "a" * 64, "ş", "a/b", "..", "a\n", 7, None)
NO_SCENARIOS = ("restok", "./scenarios/restock.yaml", "/etc/passwd", "../restock", "restock.yaml")


def test_what_no_world_can_be_opened_with_is_refused_by_its_path(mock: Server) -> None:
    refused: dict[str, list[Any]] = {
        "name": [{"name": name} for name in NO_NAMES],
        "scenario": [{"scenario": name} for name in NO_SCENARIOS],
        "seed": [{"seed": -1}, {"seed": True}],
        "ttl": [{"ttl": "0s"}, {"ttl": 5}],
        "clock.rate": [{"clock": {"rate": -1}}],
        "clock.start": [{"clock": {"start": "now"}}, {"clock": {"start": "2024-03-05T09:00:00"}}],
        "clok": [{"clok": {}}],
        "snapshot.version": [{"snapshot": {}}],
        "body": [[], None],
    }
    for path, body in ((path, body) for path, bodies in refused.items() for body in bodies):
        answer = mock.client.post("/_mock/worlds", data=json.dumps(body), content_type="application/json")
        assert (answer.status_code, path in answer.get_json()["errors"]) == (422, True), body
    assert len(mock.done("GET", "/worlds")["worlds"]) == 1


def test_a_name_that_is_taken_or_one_world_too_many_is_refused(mock: Server) -> None:
    for number in range(MAX_WORLDS - 2):
        mock.simulation.open(scenario=mock.simulation.lease("default").world.origin.scenario, name=f"w{number}")
    for name in ("default", "w0"):
        assert mock.refused("POST", "/worlds", {"name": name})[0] == 409
    mock.opened("last")
    status, problem = mock.refused("POST", "/worlds", {})
    assert (status, "close some" in problem["detail"]) == (429, True)
    mock.done("DELETE", "/worlds/w0")
    mock.opened("w0")


def test_a_world_that_never_was_is_not_found(mock: Server) -> None:
    mock.opened()
    paths = ("", "/snapshot", "/clock", "/plans", f"/plans/{PLAN}", "/events", "/stream", "/faults", "/requests")
    for method, path in (*(("GET", path) for path in paths), ("DELETE", ""), ("POST", "/reset")):
        status, problem = mock.refused(method, f"/worlds/mind{path}")
        assert (status, "the nearest is mine" in problem["detail"]) == (404, True), (method, path)


def test_a_closed_world_is_gone_for_both_sides_and_the_default_world_stays(mock: Server) -> None:
    token = mock.opened()["token"]
    assert mock.ask("DELETE", "/worlds/mine").status_code == 204
    assert mock.vendor(token).status_code == 401
    assert mock.refused("GET", "/worlds/mine")[0] == 404
    status, problem = mock.refused("DELETE", "/worlds/default")
    assert (status, "reset it instead" in problem["detail"]) == (409, True)


@pytest.mark.parametrize("use", ["vendor", "control"])
def test_a_world_that_is_used_lives_on_and_one_that_nobody_uses_expires(mock: Server, use: str) -> None:
    token = mock.opened(ttl="10m")["token"]
    for _ in range(3):
        mock.wall.now += timedelta(minutes=9)
        answer = mock.vendor(token) if use == "vendor" else mock.ask("GET", "/worlds/mine/clock")
        assert answer.status_code == 200
    mock.wall.now += timedelta(minutes=10, seconds=1)
    assert mock.vendor(token).status_code == 401
    status, problem = mock.refused("GET", "/worlds/mine")
    assert (status, problem["detail"]) == (410, "World mine expired: nobody used it for 10m. Open it again.")
    assert mock.opened()["events"] == 0


def test_two_worlds_never_meet(mock: Server) -> None:
    one, two = mock.opened("one"), mock.opened("two")
    before = mock.bytes_of(two["token"])
    mock.done("POST", f"/worlds/one/plans/{PLAN}/commands", CANCEL)
    mock.done("POST", "/worlds/one/clock/advance", {"by": "1d"})
    assert mock.bytes_of(two["token"]) == before
    assert mock.bytes_of(one["token"]) != before
    assert mock.done("GET", "/worlds/two")["clock"]["now"] == "2024-03-05T09:00:00Z"
    assert one["token"] != two["token"]


def test_a_reset_gives_the_first_bytes_back(mock: Server) -> None:
    token = mock.opened(clock={"rate": 2})["token"]
    before = mock.bytes_of(token)
    mock.done("POST", "/worlds/mine/events", RESTOCK)
    mock.done("POST", "/worlds/mine/clock/advance", {"by": "3h"})
    mock.done("PATCH", "/worlds/mine/clock", {"rate": 0})
    assert mock.bytes_of(token) != before
    world = mock.done("POST", "/worlds/mine/reset")
    assert (world["events"], world["clock"]["rate"]) == (0, 2)
    assert mock.bytes_of(token) == before


def lived(mock: Server) -> tuple[Any, str]:
    """A snapshot of a world to which something has happened, and the world's token."""
    token = mock.opened("lived", seed=5)["token"]
    mock.done("POST", "/worlds/lived/clock/advance", {"by": "20m"})
    mock.done("POST", "/worlds/lived/events", RESTOCK)
    mock.done("POST", "/worlds/lived/events", {"order": {"items": [SKU], "id": 777}})
    mock.done("POST", "/worlds/lived/clock/advance", {"by": "31m30s"})
    return mock.done("GET", "/worlds/lived/snapshot"), token


def test_a_snapshot_makes_the_same_bytes_elsewhere_and_where_it_is_put_back(mock: Server) -> None:
    snapshot, token = lived(mock)
    before = mock.bytes_of(token)
    elsewhere = server("default")
    world = elsewhere.opened(snapshot=snapshot)
    assert elsewhere.bytes_of(world["token"]) == before
    assert elsewhere.done("GET", "/worlds/mine/snapshot") == snapshot
    assert world["events"] == 2
    mock.done("POST", "/worlds/lived/reset")
    assert mock.bytes_of(token) != before
    mock.done("PUT", "/worlds/lived/snapshot", snapshot)
    assert mock.bytes_of(token) == before


def test_a_restored_world_is_reset_to_the_beginning_of_its_scenario(mock: Server) -> None:
    snapshot, _ = lived(mock)
    token = mock.opened("again", snapshot=snapshot)["token"]
    mock.done("POST", "/worlds/again/reset")
    assert mock.bytes_of(token) == mock.bytes_of(mock.opened("fresh", seed=5)["token"])


def test_a_snapshot_in_another_zone_means_the_same(mock: Server) -> None:
    snapshot, token = lived(mock)
    moved = {**snapshot, "start": "2024-03-05T12:00:00+03:00"}
    assert mock.bytes_of(mock.opened("moved", snapshot=moved)["token"]) == mock.bytes_of(token)


def test_a_snapshot_that_makes_no_world_or_what_it_says_already_is_refused(mock: Server) -> None:
    snapshot, _ = lived(mock)
    changes: list[tuple[int, str, dict[str, Any]]] = [
        (409, "version 4", {"version": 4}),
        (409, "another world", {"scenario": {"name": "restock", "digest": "000000000000"}}),
        (409, "default@", {"scenario": {"name": "default", "digest": "000000000000"}}),
        (422, "cannot be used", {"log": [{"number": 1, "at": "2024-03-05T09:00:00Z"}]}),
        (422, "cannot be used", {"seed": "x"}),
    ]
    for status, word, change in changes:
        found, problem = mock.refused("POST", "/worlds", {"snapshot": {**snapshot, **change}})
        assert (found, word in problem["detail"]) == (status, True)
    extras: tuple[dict[str, Any], ...] = ({"scenario": "restock"}, {"seed": 5}, {"clock": {}})
    for extra in extras:
        status, problem = mock.refused("POST", "/worlds", {"snapshot": snapshot, **extra})
        assert (status, list(problem["errors"])) == (422, list(extra))
    assert len(mock.done("GET", "/worlds")["worlds"]) == 2


def test_a_snapshot_of_another_world_cannot_be_put(mock: Server) -> None:
    snapshot, token = lived(mock)
    before = mock.bytes_of(token)
    for change, sentence in (
        ({"seed": 6}, "The seed of this world is 5, of the snapshot 6: open a world from it instead."),
        ({"start": "2024-03-05T08:00:00Z"}, "The start of this world is 2024-03-05T09:00:00Z, of the snapshot 2024"),
    ):
        status, problem = mock.refused("PUT", "/worlds/lived/snapshot", {**snapshot, **change})
        assert (status, sentence in problem["detail"]) == (409, True)
    assert mock.bytes_of(token) == before


def test_a_token_is_in_no_repr_and_in_no_log(mock: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = mock.opened()["token"]
    mock.bytes_of(token)
    mock.refused("POST", "/worlds", {"name": "mine"})
    lease = mock.simulation.lease("mine")
    assert len(token) > 27
    assert token not in f"{lease!r}{lease.world!r}{lease.world.origin!r}{mock.simulation!r}{caplog.text}"
