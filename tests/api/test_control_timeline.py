"""The scenario's own timeline through the control API: what will happen, what has, and what was refused."""

from typing import Any

import pytest

from mock_oms.scenarios.library import Library
from mock_oms.scenarios.schema import read_event
from tests.api.control import Server, server

WORLD = "/worlds/mine"
TIMELINE = f"{WORLD}/timeline"
#: Not in the order of time, as a file may have it; the last two have the same.
LINES: list[dict[str, Any]] = [
    {"at": "2h", "cancel_item": {"plan": 41206, "sku": "A"}},
    {"at": "25m", "confirm": 41210},
    {"at": "25m", "stock_service": "down"},
]


def _opened(timeline: list[dict[str, Any]]) -> Server:
    mock = server()
    plans = [{"id": 41206, "items": ["A"]}, {"id": 41210, "items": ["A"], "hold": True}]
    start = {"start": "2024-03-05T09:00:00Z", "rate": 0}
    mock.opened(scenario={"description": "Three.", "clock": start, "plans": plans, "timeline": timeline})
    return mock


def test_the_lines_stand_in_the_order_of_time_in_the_words_of_events() -> None:
    found = _opened(LINES).done("GET", TIMELINE)
    origin = "timeline[{}] of inline"
    coming = {"done": False, "refused": None}
    assert found == {
        "count": 3,
        "upcoming": 3,
        "lines": [
            {"at": "2024-03-05T09:25:00Z", "origin": origin.format(1), "confirm": {"plan": 41210}, **coming},
            {"at": "2024-03-05T09:25:00Z", "origin": origin.format(2), "stock_service": {"state": "down"}, **coming},
            {
                "at": "2024-03-05T11:00:00Z",
                "origin": origin.format(0),
                "cancel_item": {"plan": 41206, "sku": "A"},
                **coming,
            },
        ],
    }


def test_a_line_is_done_from_its_time_on_until_the_world_begins_again() -> None:
    mock = server()
    mock.opened()
    (line,) = mock.done("GET", TIMELINE)["lines"]
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "44m"})
    assert mock.done("GET", TIMELINE) == {"count": 1, "upcoming": 1, "lines": [line]}
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "1m"})
    assert mock.done("GET", TIMELINE) == {"count": 1, "upcoming": 0, "lines": [{**line, "done": True}]}
    mock.done("POST", f"{WORLD}/reset")
    assert mock.done("GET", TIMELINE)["lines"] == [line]


def test_the_origin_of_a_line_is_what_the_causes_of_transitions_call_it() -> None:
    mock = _opened([{"at": "10s", "command": {"plan": 41206, "run": "plan-cancel"}}])
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "1m"})
    (line,) = mock.done("GET", TIMELINE)["lines"]
    assert mock.done("GET", f"{WORLD}/plans/41206")["history"][-1]["cause"] == f"{line['origin']}: command"


def test_a_line_that_the_world_refused_says_why() -> None:
    mock = _opened(LINES)
    mock.done("POST", f"{WORLD}/events", {"confirm": 41210})
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "25m"})
    found = mock.done("GET", TIMELINE)
    (missed,) = mock.done("GET", WORLD)["missed"]
    assert [(one["done"], one["refused"]) for one in found["lines"]] == [
        (True, missed["reason"]),
        (True, None),
        (False, None),
    ]
    assert (found["upcoming"], found["lines"][0]["origin"]) == (1, missed["origin"])


def test_a_page_of_lines_says_how_many_there_are_in_all() -> None:
    mock = _opened(LINES)
    every = mock.done("GET", TIMELINE)["lines"]
    assert mock.done("GET", f"{TIMELINE}?limit=1&offset=1") == {"count": 3, "upcoming": 3, "lines": every[1:2]}
    assert mock.done("GET", f"{TIMELINE}?offset=9") == {"count": 3, "upcoming": 3, "lines": []}


def test_an_event_from_outside_is_no_line_and_a_world_may_have_none() -> None:
    mock = _opened([])
    mock.done("POST", f"{WORLD}/events", {"confirm": 41210})
    assert mock.done("GET", TIMELINE) == {"count": 0, "upcoming": 0, "lines": []}


def test_events_are_listed_from_a_number_on() -> None:
    mock = _opened([])
    for event in ({"block": "WH001"}, {"open": "WH001"}, {"confirm": 41210}):
        mock.done("POST", f"{WORLD}/events", event)
    every = mock.done("GET", f"{WORLD}/events")["events"]
    assert [one["number"] for one in every] == [1, 2, 3]
    for since in (0, 2, 3, 10_000):
        assert mock.done("GET", f"{WORLD}/events?since={since}")["events"] == every[since:]
    for query in ("since=-1", "since=all", "limit=1"):
        status, problem = mock.refused("GET", f"{WORLD}/events?{query}")
        assert (status, [*problem["errors"]]) == (422, [query.partition("=")[0]])


@pytest.mark.parametrize("name", [name for name in Library().files() if name != "large"])
def test_every_line_of_a_shipped_scenario_is_an_event_that_reads_back(name: str) -> None:
    mock = server(name)
    lines = mock.done("GET", "/worlds/default/timeline?limit=1000")["lines"]
    wanted = mock.simulation.default().world.setup.timeline
    words = [{key: one[key] for key in one if key not in {"at", "origin", "done", "refused"}} for one in lines]
    assert [read_event(one) for one in words] == [one.event for one in wanted]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "state=done"])
def test_a_query_for_lines_that_cannot_be_is_refused(query: str) -> None:
    status, problem = server().refused("GET", f"/worlds/default/timeline?{query}")
    assert (status, [*problem["errors"]]) == (422, [query.partition("=")[0]])


def test_a_world_that_is_not_there_is_refused() -> None:
    assert server().refused("GET", "/worlds/gone/timeline")[0] == 404
