"""Time, plans, commands and events through the control API."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.library import Library
from mock_oms.scenarios.schema import EVENT_SCHEMAS
from mock_oms.worlds.open_world import MAX_EVENTS
from tests.api.control import PLAN, SKU, Server, server

CLOCK, PLANS, EVENTS = "/worlds/default/clock", "/worlds/default/plans", "/worlds/default/events"
COMMANDS = f"{PLANS}/{PLAN}/commands"
ADVANCE = f"{CLOCK}/advance"


@pytest.fixture
def mock() -> Server:
    return server()


def test_advancing_a_clock_tells_what_it_caused(mock: Server) -> None:
    turned = mock.done("POST", ADVANCE, {"by": "2m"})
    step = {"at": "2024-03-05T09:01:00Z", "plan": PLAN, "from": "start", "to": "pending", "cause": "attempt 1"}
    assert turned == {"now": "2024-03-05T09:02:00Z", "rate": 0, "transitions": [step]}


def test_a_clock_is_advanced_until_a_plan_is_in_a_state(mock: Server) -> None:
    turned = mock.done("POST", ADVANCE, {"until": {"plan": PLAN, "state": "completed"}})
    assert turned["now"] == turned["transitions"][-1]["at"]
    assert turned["transitions"][-1]["to"] == "completed"
    assert mock.done("GET", CLOCK)["now"] == turned["now"]


def test_a_clock_is_set_forward_and_given_a_rate_and_never_turned_back_or_by_more_than_a_year(mock: Server) -> None:
    turned = mock.done("PATCH", CLOCK, {"now": "2024-03-05T12:30:00+03:00", "rate": 60})
    assert (turned["now"], turned["rate"], turned["transitions"] != []) == ("2024-03-05T09:30:00Z", 60, True)
    assert mock.done("PATCH", CLOCK, {"rate": 0})["rate"] == 0
    status, problem = mock.refused("PATCH", CLOCK, {"now": "2024-03-05T08:59:59Z", "rate": 5})
    assert (status, "reset the world" in problem["detail"]) == (409, True)
    assert mock.refused("PATCH", CLOCK, {"now": "2026-01-01T00:00:00Z"})[0] == 409
    assert mock.refused("POST", ADVANCE, {"by": "367d"})[0] == 422
    assert mock.done("GET", CLOCK) == {"now": "2024-03-05T09:30:00Z", "rate": 0}


def test_a_field_that_cannot_be_used_is_refused_by_its_path(mock: Server) -> None:
    until = {"plan": 1, "state": "start"}
    stock = {"sku": SKU, "location": "WH001"}
    refused: list[tuple[str, str, list[tuple[str, Any]]]] = [
        ("PATCH", CLOCK, [("body", {}), ("rate", {"rate": "1"}), ("rate", {"rate": True}), ("now", {"now": "now"})]),
        ("PATCH", CLOCK, [("now", {"now": 5})]),
        ("POST", ADVANCE, [("body", {}), ("body", {"by": "1h", "until": until}), ("by", {"by": "-1h"})]),
        ("POST", ADVANCE, [("within", {"by": "1h", "within": "1h"}), ("until.state", {"until": {"plan": 1}})]),
        ("POST", ADVANCE, [("until.state", {"until": {"plan": 1, "state": "pendin"}})]),
        ("POST", COMMANDS, [("run", {}), ("run", {"run": []})]),
        ("POST", EVENTS, [("body", {}), ("body", {"block": "WH001", "open": "WH001"}), ("blok", {"blok": "WH001"})]),
        ("POST", EVENTS, [("restock.count", {"restock": {**stock, "count": 0}})]),
        (
            "POST",
            EVENTS,
            [("restock.location", {"restock": {"sku": SKU}}), ("order.items[0]", {"order": {"items": [7]}})],
        ),
        ("POST", EVENTS, [("order.created", {"order": {"items": [SKU], "created": "-1h"}})]),
    ]
    queries = (
        "state=x",
        "limit=0",
        "limit=1001",
        "limit=1&limit=2",
        "offset=-1",
        "stat=pending",
        "search=",
        "search=a%0Ab",
    )
    refused += [("GET", f"{PLANS}?{query}", [(query.partition("=")[0], None)]) for query in queries]
    for method, path, cases in refused:
        for at, body in cases:
            status, problem = mock.refused(method, path, body)
            assert (status, at in problem["errors"]) == (422, True), (path, body, problem)


def test_plans_stand_in_the_order_of_the_vendors_list_in_windows_and_by_state() -> None:
    mock = server("default")
    every = mock.done("GET", PLANS)["plans"]
    rows = mock.vendor("mock-oms-token", "/api/v1/oms/orderexecutionplans/?limit=100").get_json()["results"]
    assert [(one["plan"], one["state"]) for one in every] == [(row["id"], row["state"]) for row in rows]
    pending = [one for one in every if one["state"] == "pending"]
    for query, count, shown in (
        ("limit=3&offset=2", len(rows), every[2:5]),
        ("offset=1000", len(rows), []),
        ("state=pending&limit=1&offset=1", len(pending), pending[1:2]),
    ):
        found = mock.done("GET", f"{PLANS}?{query}")
        assert found == {"count": count, "looked_at": len(rows), "plans": shown}


def test_a_plan_tells_why_it_is_where_it_is(mock: Server) -> None:
    mock.done("POST", ADVANCE, {"by": "2m"})
    plan = mock.done("GET", f"{PLANS}/{PLAN}")
    assert [(step["from"], step["to"]) for step in plan["history"]] == [(None, "start"), ("start", "pending")]
    assert [one["slug"] for one in plan["legal"]] == ["plan-reschedule", "plan-cancel", "plan-complete"]
    assert plan["next_attempt"] == "2024-03-05T09:30:00Z"
    assert any(SKU in sentence for sentence in plan["missing"])


def test_stock_is_every_sku_at_every_location_in_windows() -> None:
    mock = server("default")
    stock = "/worlds/default/stock"
    every = mock.done("GET", stock)
    codes, rows = [one["code"] for one in every["locations"]], every["stock"]
    skus = [*dict.fromkeys(one["sku"] for one in rows)]
    assert [(one["sku"], one["location"]) for one in rows] == [(sku, code) for sku in skus for code in codes]
    assert {one["stock_count"] - one["reservation_count"] - one["quantity"] for one in rows} == {0}
    assert (every["count"], every["seeded_plans"] > 0, every["stock_service"]) == (len(rows), True, "up")
    sku, code = rows[7]["sku"], rows[7]["location"]
    for query, count, shown in (
        ("limit=3&offset=5", len(rows), rows[5:8]),
        ("offset=1000", len(rows), []),
        (f"sku={sku}", len(codes), [one for one in rows if one["sku"] == sku]),
        (f"location={code}&limit=1", len(skus), [one for one in rows if one["location"] == code][:1]),
        (f"location={code}&sku={sku}", 1, rows[7:8]),
    ):
        found = mock.done("GET", f"{stock}?{query}")
        assert (found["count"], found["stock"]) == (count, shown), query
    assert [one["code"] for one in mock.done("GET", f"{stock}?location={code}")["locations"]] == [code]
    mock.done("POST", EVENTS, {"stock_service": "down"})
    assert mock.done("GET", f"{stock}?limit=1")["stock_service"] == "down"


def test_the_name_of_a_location_is_that_which_plans_show(mock: Server) -> None:
    mock.done("POST", ADVANCE, {"by": "1h"})
    names = {one["name"] for one in mock.done("GET", "/worlds/default/stock")["locations"]}
    detail = mock.vendor("mock-oms-token", f"/api/v1/oms/orderexecutionplans/{PLAN}/").get_json()
    assert {one["stock_location"]["name"] for one in detail["orderexecutionplanitem_set"]} <= names


def test_a_sku_or_a_location_that_is_not_there_is_refused_with_the_nearest(mock: Server) -> None:
    for query, near in (
        ("sku=TST-002-X", "TST-002-L"),
        ("location=WH01", "WH001"),
        ("sku=007", "TST-0"),
        ("sku=true", ""),
    ):
        status, problem = mock.refused("GET", f"/worlds/default/stock?{query}")
        assert (status, near in problem["detail"], query.partition("=")[2] in problem["detail"]) == (422, True, True)


def test_a_sku_of_digits_keeps_its_zeros_in_a_query(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text('description: x\nplans: []\nstock: {"007": {WH001: 1}}\n')
    found = server("digits", library=Library(tmp_path)).done("GET", "/worlds/default/stock?sku=007&location=WH001")
    assert [one["stock_count"] for one in found["stock"]] == [1]


def test_a_plan_that_is_not_there_is_not_found(mock: Server) -> None:
    for plan in ("1", "99999999999", "x", "-1"):
        assert mock.refused("GET", f"{PLANS}/{plan}")[0] == 404
        assert mock.refused("POST", f"{PLANS}/{plan}/commands", {"run": "plan-cancel"})[0] == 404


@pytest.mark.parametrize("run", ["plan-cancel", 2, "2"], ids=repr)
def test_a_command_is_run_by_slug_or_by_number_or_refused_with_those_that_are_legal(mock: Server, run: Any) -> None:
    status, problem = mock.refused("POST", COMMANDS, {"run": "plan-complete"})
    assert (status, problem["legal"]) == (409, ["plan-cancel"])
    done = mock.done("POST", COMMANDS, {"run": run})
    step = done["transitions"][0]
    assert (done["plan"], done["from"], done["to"], done["at"]) == (PLAN, "start", "cancelled", "2024-03-05T09:00:00Z")
    assert (step["plan"], step["cause"]) == (PLAN, "event 1: command")


def test_an_event_is_numbered_and_logged_with_its_time_and_an_order_is_a_plan_at_once(mock: Server) -> None:
    taken = mock.done("POST", EVENTS, {"block": "WH001"})
    assert (taken["number"], taken["at"], taken["transitions"]) == (1, "2024-03-05T09:00:00Z", [])
    assert mock.done("GET", EVENTS)["events"] == [{"number": 1, "at": taken["at"], "block": {"location": "WH001"}}]
    taken = mock.done("POST", EVENTS, {"order": {"items": [SKU], "id": 777}})
    assert [(step["plan"], step["from"], step["to"]) for step in taken["transitions"]] == [(777, None, "start")]
    assert mock.done("GET", f"{PLANS}/777")["state"] == "start"


def test_an_event_that_contradicts_the_world_or_names_what_it_does_not_have_has_not_happened(mock: Server) -> None:
    unknown, illegal = (
        ({"block": "WH01"}, {"confirm": 1}),
        ({"cancel_item": {"plan": PLAN, "sku": "no"}}, {"confirm": PLAN}),
    )
    for status, event in (*((422, one) for one in unknown), *((409, one) for one in illegal)):
        assert mock.refused("POST", EVENTS, event)[0] == status
    assert mock.done("GET", EVENTS)["events"] == []


def test_a_world_takes_so_many_events_and_no_more(mock: Server) -> None:
    live = mock.simulation.lease("default").world
    mock.done("POST", EVENTS, {"block": "WH001"})
    before = live.instant()
    log = tuple(replace(before.log[0], number=number) for number in range(1, MAX_EVENTS + 1))
    live.put(replace(before, world=replace(before.world, events=MAX_EVENTS), log=log))
    assert mock.refused("POST", EVENTS, {"open": "WH001"})[0] == 429
    assert mock.refused("POST", COMMANDS, {"run": "plan-cancel"})[0] == 429


@pytest.mark.slow
def test_a_snapshot_of_so_many_events_is_put(mock: Server) -> None:
    log = [{"number": n, "at": "2024-03-05T09:00:00Z", "block": "WH001"} for n in range(1, MAX_EVENTS + 1)]
    snapshot = "/worlds/default/snapshot"
    mock.done("PUT", snapshot, {**mock.done("GET", snapshot), "log": log})
    assert len(mock.simulation.lease("default").world.instant().log) == MAX_EVENTS


def test_the_words_of_events_are_those_of_timelines(mock: Server) -> None:
    schemas = mock.done("GET", "/openapi.json")["components"]["schemas"]
    assert set(schemas["Event"]["properties"]) == set(EVENT_SCHEMAS)
