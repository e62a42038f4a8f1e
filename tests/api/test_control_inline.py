"""Scenarios that are sent with a request instead of named: read as a file is, and kept with the world."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mock_oms.scenarios.library import Library
from mock_oms.scenarios.yaml_file import MAX_DEPTH, MAX_NODES, parse_yaml
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.state_folder import state_folder
from tests.api.control import Server, server
from tests.scenarios import FULL, written

BUSY: Mapping[str, Any] = {
    "description": "Busy: ş, 😀.",
    "seed": 5,
    "locations": {"Z9": {"city": "Bursa"}, "A1": {}},
    "stock": {"A": {"Z9": 3}},
    "plans": [{"items": ["A"], "count": 3}, {"raw": {"id": 9, "state": "pending", "big": 1e20, "text": "on"}}],
    "timeline": [{"at": "5m", "sell": {"sku": "A", "location": "Z9", "count": 9}}],
}
PROFILE = {"description": "Slow.", "limits": {"quota": {"limit": 5, "window": "1h"}}}


def opened(mock: Server, **wanted: Any) -> Any:
    """A world, from a body whose keys stay in their order."""
    body = json.dumps({"name": "mine", "scenario": BUSY, **wanted})
    answer = mock.client.post("/_mock/worlds", data=body, content_type="application/json")
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def errors_of(mock: Server, **body: Any) -> Any:
    status, problem = mock.refused("POST", "/worlds", body)
    assert status == 422
    return problem["errors"]


def seen(mock: Server, name: str) -> Any:
    """What the vendor's client reads in a world, and what its line says of the scenario."""
    world = mock.done("GET", f"/worlds/{name}")
    return world["scenario"], world["missed"], mock.vendor(world["token"]).data


def test_a_scenario_that_is_sent_makes_the_world_that_its_file_makes(tmp_path: Path) -> None:
    written(tmp_path, "busy", yaml.safe_dump(BUSY, sort_keys=False))
    written(tmp_path, "full", FULL)
    mock = server(library=Library(tmp_path))
    for name, sent in (("busy", BUSY), ("full", parse_yaml(FULL, tmp_path)[0])):
        of_file = opened(mock, name=f"{name}-file", scenario=name)
        inline = opened(mock, name=f"{name}-inline", scenario=sent, scenario_name=name)
        assert of_file["scenario"] == inline["scenario"]
        if name == "busy":  # the other begins when it is opened
            assert mock.bytes_of(of_file["token"]) == mock.bytes_of(inline["token"])


def test_a_scenario_without_a_name_is_called_inline_and_so_are_its_lines() -> None:
    mock = server()
    world = opened(mock)
    assert f" scenario=inline@{world['scenario']['digest']} seed=5 " in world["line"]
    mock.done("POST", "/worlds/mine/clock/advance", {"by": "10m"})
    assert [one["origin"] for one in mock.done("GET", "/worlds/mine")["missed"]] == ["timeline[0] of inline"]


def test_every_error_stands_at_its_path_in_the_body() -> None:
    mock = server()
    found = errors_of(
        mock,
        scenario={"descripton": 3, "plans": [{"items": 3}, {"state": "x"}], "timeline": [{"at": "1h", "blok": "A"}]},
    )
    assert found["scenario.plans[0].items"] == ["found 3; accepted: a list."]
    assert found["scenario.descripton"] == ["unknown key; the nearest is description."]
    assert {*found} >= {"scenario.description", "scenario.plans[1].state", "scenario.timeline[0]"}
    found = errors_of(mock, scenario={**BUSY, "timeline": [{"at": "1h", "block": "Z99"}]})
    sentence = "found Z99, which is no location of this scenario; the nearest is Z9."
    assert found == {"scenario.timeline[0].block.location": [sentence]}
    found = errors_of(mock, scenario={**BUSY, "profiles": ["slw"]})
    assert found == {"scenario.profiles[0]": ["found slw, which is no profile; the nearest is slow."]}
    found = errors_of(mock, scenario={"description": "x", "plans": [{"items": 3}] * 60})
    assert len(found) == 51
    assert found["scenario"] == ["10 more errors are not told."]


def test_a_scenario_called_like_a_profile_keeps_its_own_paths() -> None:
    found = errors_of(server(), scenario={**BUSY, "seed": -1}, scenario_name="profiles.mine")
    assert [*found] == ["scenario.seed"]


def test_what_is_nested_very_deeply_is_refused_wherever_it_stands() -> None:
    mock, deep = server(), dict[str, Any]()
    for _ in range(300):
        deep = {"a": deep}
    named = mock.done("GET", "/worlds/default/snapshot")
    snapshot = {**named, "scenario": {**named["scenario"], "document": deep}}
    for path, body in (
        ("scenario", {"scenario": deep}),
        ("scenario", {"scenario": BUSY, "profiles": {"mine": deep}}),
        ("snapshot.scenario.document", {"snapshot": snapshot}),
    ):
        assert errors_of(mock, **body) == {path: ["nested more than 50 levels deep."]}


def test_what_no_file_could_hold_is_refused() -> None:
    mock, deep = server(), dict(BUSY)
    for _ in range(MAX_DEPTH):
        deep = {"a": deep}
    for sent, path, sentence in (
        (deep, "scenario", "nested more than 50 levels deep."),
        ({"description": "x", "plans": [0] * MAX_NODES}, "scenario", "holds more than 500,000 values."),
        (
            {"description": "x" * 5_000_000},
            "scenario",
            "takes 5,000,025 bytes as JSON in UTF-8; accepted: 5,000,000. *",
        ),
        ({"description": "\ud800", "plans": []}, "scenario.description", "found '\\ud800'; accepted: text."),
        ({"description": "x", "plans": [{"raw": {"a": "\ud800"}}]}, "scenario.plans[0].raw.a", "found '\\ud800'; *"),
    ):
        (found,) = errors_of(mock, scenario=sent).items()
        assert found[0] == path
        assert found[1][0].startswith(sentence.removesuffix("*"))


def test_a_name_or_profiles_go_with_a_scenario_that_is_sent_alone() -> None:
    mock = server()
    found = errors_of(mock, scenario="restock", scenario_name="x", profiles={})
    assert found == {key: ["goes with a scenario that is sent, not named."] for key in ("scenario_name", "profiles")}
    for name in ("../up", "a/b", ".hidden", "", "x" * 101, "ş" * 101, "😀" * 51, "a\n"):
        assert "scenario_name" in errors_of(mock, scenario=BUSY, scenario_name=name)
        assert f"profiles.{name}" in errors_of(mock, scenario=BUSY, profiles={name: PROFILE})


def test_profiles_are_sent_with_it_and_known_in_its_world() -> None:
    mock = server()
    opened(mock, scenario={**BUSY, "profiles": ["mine", "flaky"]}, profiles={"mine": PROFILE})
    assert mock.done("GET", "/worlds/mine/limits") == PROFILE["limits"]
    assert {one["origin"] for one in mock.done("GET", "/worlds/mine/faults")["faults"]} == {"profile flaky"}
    found = errors_of(mock, scenario=BUSY, profiles={"mine": {"description": "x", "limits": {"quota": 3}}})
    assert found == {"profiles.mine.limits.quota": ["found 3; accepted: a mapping with limit, window."]}
    found = errors_of(mock, scenario=BUSY, profiles={"mine": PROFILE})
    assert found == {"profiles.mine": ["the scenario does not name it under `profiles`."]}


def test_a_snapshot_holds_it_whole_so_that_a_server_without_it_restores_the_world() -> None:
    mock, other = server(), server("default")
    opened(mock, scenario={**BUSY, "profiles": ["mine"]}, scenario_name="busy", profiles={"mine": PROFILE})
    mock.done("POST", "/worlds/mine/clock/advance", {"by": "10m"})
    whole = mock.client.get("/_mock/worlds/mine/snapshot").data
    body = b'{"name": "mine", "snapshot": %b}' % whole
    answer = other.client.post("/_mock/worlds", data=body, content_type="application/json")
    assert answer.status_code == 201, answer.text
    assert seen(other, "mine") == seen(mock, "mine")
    for one in (mock, other):
        one.done("POST", "/worlds/mine/reset")
    assert seen(other, "mine") == seen(mock, "mine")
    assert (
        mock.client.put("/_mock/worlds/mine/snapshot", data=whole, content_type="application/json").status_code == 200
    )


def test_a_snapshot_whose_scenario_was_edited_is_refused_by_its_place() -> None:
    mock = server()
    opened(mock)
    snapshot = mock.done("GET", "/worlds/mine/snapshot")
    document = snapshot["scenario"]["document"]
    snapshot["scenario"]["document"] = {**document, "seed": -1}
    assert [*errors_of(mock, snapshot=snapshot)] == ["snapshot.scenario.document.seed"]
    snapshot["scenario"]["document"] = {**document, "seed": 8}
    status, problem = mock.refused("POST", "/worlds", {"snapshot": snapshot})
    assert status == 409
    assert "; its document has been changed since, to inline@" in problem["detail"]
    snapshot["scenario"] |= {"document": document, "name": "a/b"}
    assert [*errors_of(mock, snapshot=snapshot)] == ["snapshot.scenario.name"]


def test_the_observed_switches_hold_for_it_and_a_snapshot_keeps_those_that_it_has() -> None:
    observing, other = server(library=Library(adopted={"list": "array"})), server()
    world = opened(observing)
    assert observing.vendor(world["token"]).data.startswith(b"[")
    snapshot = observing.done("GET", "/worlds/mine/snapshot")
    again = other.done("POST", "/worlds", {"snapshot": snapshot})
    assert again["scenario"] == world["scenario"]
    assert other.vendor(again["token"]).data.startswith(b"[")
    plain = opened(other)
    assert plain["scenario"] != world["scenario"]
    back = observing.done("POST", "/worlds", {"snapshot": other.done("GET", "/worlds/mine/snapshot")})
    assert back["scenario"] == plain["scenario"]


def test_a_reset_never_takes_a_file_of_the_same_name(tmp_path: Path) -> None:
    file = written(tmp_path, "busy", "description: Another.\nplans: []\n")
    mock = server(library=Library(tmp_path, tell=print))
    before = opened(mock, scenario_name=file.stem)
    after = mock.done("POST", "/worlds/mine/reset")
    assert (after["scenario"], after["renewed"]) == (before["scenario"], False)


def test_it_is_there_again_after_a_restart(tmp_path: Path) -> None:
    library = Library(tell=print)
    found = []
    for number in range(3):
        with state_folder(tmp_path) as store:
            manager = WorldManager(library.load("restock"), store=store, latest=library.latest)
            mock = server(simulation=manager, library=library)
            if not number:
                profiles = {"scenario": {**BUSY, "profiles": ["yavaş"]}, "profiles": {"yavaş": PROFILE}}
                opened(mock, scenario_name="restock", **profiles)
                mock.done("POST", "/worlds/mine/clock/advance", {"by": "10m"})
            found.append((seen(mock, "mine"), mock.done("GET", "/worlds/mine/snapshot")))
            if number == 1:
                mock.done("POST", "/worlds/mine/reset")
    assert found[0] == found[1]
    assert found[2][1]["scenario"] == found[0][1]["scenario"]


def test_the_order_of_locations_makes_another_world_also_after_a_restart(tmp_path: Path) -> None:
    locations = dict(reversed(BUSY["locations"].items()))
    found = []
    for number in range(2):
        with state_folder(tmp_path) as store:
            mock = server(simulation=WorldManager(Library().load("restock"), store=store))
            if not number:
                opened(mock)
                opened(mock, name="other", scenario={**BUSY, "locations": locations})
                for name in ("mine", "other"):
                    mock.done("POST", f"/worlds/{name}/clock/advance", {"by": "2m"})
            found.append([seen(mock, name) for name in ("mine", "other")])
    assert found[0] == found[1]
    (digest, _, first), (same, _, second) = found[0]
    assert (digest, first != second) == (same, True)


def test_the_largest_scenario_and_its_snapshot_are_taken() -> None:
    mock = server()
    most = {"description": "ş" * 833_300, "plans": []}
    opened(mock, scenario=most)
    whole = mock.client.get("/_mock/worlds/mine/snapshot").data
    assert len(whole) > 4_900_000
    assert (
        mock.client.put("/_mock/worlds/mine/snapshot", data=whole, content_type="application/json").status_code == 200
    )


def test_a_new_file_in_the_folder_is_found_while_the_server_runs(tmp_path: Path) -> None:
    mock = server(library=Library(tmp_path))
    sentence = (
        "There is no scenario busy; known: *. GET /_mock/scenarios lists them. "
        f"Put busy.yaml into {tmp_path}, which needs no restart; or send the scenario itself."
    )
    (said,) = errors_of(mock, scenario="busy")["scenario"]
    assert (said[:24], said[said.index(" GET") :]) == (sentence[:24], sentence[sentence.index(" GET") :])
    written(tmp_path, "busy", "description: Mine.\nplans: []\n")
    assert opened(mock, scenario="busy")["scenario"]["name"] == "busy"


def test_a_sent_scenario_makes_the_server_read_no_file(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"id": 9, "state": "pending"}', encoding="utf-8")
    (path,) = errors_of(server(library=Library(tmp_path)), scenario={"description": "x", "plans": [{"raw": str(file)}]})
    assert path == "scenario.plans[0].raw"
