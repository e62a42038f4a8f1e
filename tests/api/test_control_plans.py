"""Plans through the control API beyond their list: found, with their attempts, as the vendor shows them; and the lifecycle."""

import pytest

from mock_oms.domain.lifecycle import TRANSITIONS
from tests.api.control import LIST, PLAN, SKU, Server, server

WORLD = "/worlds/default"
PLANS = f"{WORLD}/plans"
TOKEN = "mock-oms-token"
RESTOCK = {"restock": {"sku": SKU, "location": "WH001", "count": 5}}


@pytest.fixture
def mock() -> Server:
    return server()


def test_a_line_has_the_number_of_the_order_and_counts_of_items(mock: Server) -> None:
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "2m"})
    line = next(one for one in mock.done("GET", PLANS)["plans"] if one["plan"] == PLAN)
    vendor = mock.vendor(TOKEN, f"{LIST}{PLAN}/").get_json()
    items = vendor["orderexecutionplanitem_set"]
    assert line["order_number"] == vendor["order"]["number"]
    assert (line["item_count"], line["placed_count"]) == (len(items), 1)
    mock.done("POST", f"{WORLD}/events", RESTOCK)
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "1h"})
    plan = mock.done("GET", f"{PLANS}/{PLAN}")
    assert (plan["order_number"], plan["placed_count"]) == (line["order_number"], len(items))


def test_a_plan_is_found_by_its_id_its_order_and_its_sku_and_a_state_narrows_that(mock: Server) -> None:
    line = mock.done("GET", f"{PLANS}/{PLAN}")
    for search in (PLAN, line["order"], line["order_number"], SKU.lower(), SKU[-5:]):
        found = mock.done("GET", f"{PLANS}?search={search}")
        assert PLAN in {one["plan"] for one in found["plans"]}, search
        assert found["looked_at"] == mock.done("GET", PLANS)["count"]
    assert mock.done("GET", f"{PLANS}?search={PLAN}&state=completed")["plans"] == []
    assert mock.done("GET", f"{PLANS}?search=nothing")["count"] == 0


def test_an_item_says_when_it_was_placed_and_a_plan_how_often_it_was_tried(mock: Server) -> None:
    plan = mock.done("GET", f"{PLANS}/{PLAN}")
    assert ([one["placed_at"] for one in plan["items"]], plan["attempts"]) == ([None, None], 0)
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "2m"})
    mock.done("POST", f"{WORLD}/events", RESTOCK)
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "30m"})
    plan = mock.done("GET", f"{PLANS}/{PLAN}")
    assert [one["placed_at"] for one in plan["items"]] == ["2024-03-05T09:01:00Z", "2024-03-05T09:30:00Z"]
    assert plan["attempts"] == 2


def test_attempts_are_listed_from_the_newest_on_with_what_they_saw_as_the_vendor_shows_it(mock: Server) -> None:
    mock.done("POST", f"{WORLD}/events", {"stock_service": "down"})
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "2m"})
    mock.done("POST", f"{WORLD}/events", {"stock_service": "up"})
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "30m"})
    found = mock.done("GET", f"{PLANS}/{PLAN}/attempts")
    assert [(one["number"], one["at"]) for one in found["attempts"]] == [
        (2, "2024-03-05T09:30:00Z"),
        (1, "2024-03-05T09:01:00Z"),
    ]
    assert (found["count"], found["attempts"][1]["seen"]) == (2, [])
    context = mock.vendor(TOKEN, f"{LIST}{PLAN}/").get_json()["context"]["2"]["stock_locations"]
    keys = ("stock_count", "reservation_count", "quantity")
    rows = [
        {"sku": one["sku"], "location": code, **{key: int(one[key].removesuffix(".00")) for key in keys}}
        for code, place in context.items()
        for one in place.values()
    ]
    assert found["attempts"][0]["seen"] == rows != []
    alone = mock.done("GET", f"{PLANS}/{PLAN}/attempts?seen=false")
    assert alone == {"count": 2, "attempts": [{**one, "seen": []} for one in found["attempts"]]}
    window = mock.done("GET", f"{PLANS}/{PLAN}/attempts?limit=1&offset=1")
    assert window == {"count": 2, "attempts": found["attempts"][1:]}


def test_two_items_of_one_sku_are_one_row_of_an_attempt() -> None:
    mock = server()
    document = {"description": "Two.", "stock": {"A": {"WH001": 0}}, "plans": [{"id": 7, "items": ["A", "A"]}]}
    mock.opened(scenario=document)
    mock.done("POST", "/worlds/mine/clock/advance", {"by": "1m"})
    (attempt,) = mock.done("GET", "/worlds/mine/plans/7/attempts")["attempts"]
    rows = [(one["sku"], one["location"]) for one in attempt["seen"]]
    assert len(rows) == len(set(rows)) > 0


def test_a_captured_plan_has_no_attempts_and_shows_what_its_json_says() -> None:
    mock = server()
    row = {"order_item": {"id": 1, "product": {"sku": "S"}}, "stock_location": {"erp_code": "WH9"}}
    raw = {"id": 7, "state": "pending", "order": {"number": "99"}, "orderexecutionplanitem_set": [row, {}]}
    mock.opened(scenario={"description": "One.", "plans": [{"raw": raw}]})
    assert mock.done("GET", "/worlds/mine/plans/7/attempts") == {"count": 0, "attempts": []}
    plan = mock.done("GET", "/worlds/mine/plans/7")
    facts = ("order_number", "item_count", "placed_count", "attempts")
    assert [plan[key] for key in facts] == ["99", 2, 1, 0]
    assert [one["placed_at"] for one in plan["items"]] == [None, None]


def test_the_vendors_json_of_a_plan_is_its_detail_to_the_byte_and_stands_in_no_journal() -> None:
    mock = server(performs=frozenset({"status"}))
    mock.done("POST", f"{WORLD}/faults", {"status": 503})
    before = mock.done("GET", f"{WORLD}/requests")["total"]
    answer = mock.ask("GET", f"{PLANS}/{PLAN}/vendor")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.data == mock.simulation.default().detail(PLAN)
    assert mock.done("GET", f"{WORLD}/requests")["total"] == before
    assert [one["met"] for one in mock.done("GET", f"{WORLD}/faults")["faults"]] == [0]


@pytest.mark.parametrize("path", ["", "/attempts", "/vendor"])
def test_a_plan_that_is_not_there_is_refused_with_where_plans_are_listed(mock: Server, path: str) -> None:
    status, problem = mock.refused("GET", f"{PLANS}/5{path}")
    sentence = "There is no plan 5 in world default: GET /_mock/worlds/default/plans lists them."
    assert (status, problem["detail"]) == (404, sentence)
    assert mock.refused("GET", f"/worlds/gone/plans/{PLAN}{path}")[0] == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "state=pending"])
def test_a_query_for_attempts_that_cannot_be_is_refused(mock: Server, query: str) -> None:
    status, problem = mock.refused("GET", f"{PLANS}/{PLAN}/attempts?{query}")
    assert (status, [*problem["errors"]]) == (422, [query.partition("=")[0]])


def test_the_lifecycle_is_the_table_of_states_and_transitions(mock: Server) -> None:
    found = mock.done("GET", "/lifecycle")
    assert {one["name"]: one["terminal"] for one in found["states"]} == {
        "start": False, "pending": False, "cancelled": True, "completed": True
    }  # fmt: skip
    assert [(one["id"], one["slug"], one["from"], one["to"]) for one in found["transitions"]] == [
        (row.id, row.slug, row.source, row.target) for row in TRANSITIONS
    ]
    assert found["transitions"][0] == {
        "id": 1, "slug": "plan-reschedule", "name": "Reschedule", "trigger": "command", "from": "pending", "to": "pending"
    }  # fmt: skip


def test_the_lifecycle_of_a_world_has_its_numbers(mock: Server) -> None:
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "2m"})
    mock.done("POST", f"{PLANS}/{PLAN}/commands", {"run": "plan-cancel"})
    mock.done("POST", f"{WORLD}/events", {"order": {"items": [SKU]}})
    found, plain = mock.done("GET", f"{WORLD}/lifecycle"), mock.done("GET", "/lifecycle")
    assert [{**one, "plans": 0} for one in found["states"]] == [{**one, "plans": 0} for one in plain["states"]]
    assert [{**one, "taken": 0} for one in found["transitions"]] == [
        {**one, "taken": 0} for one in plain["transitions"]
    ]
    taken = {one["id"]: one["taken"] for one in found["transitions"]}
    assert (taken[3], taken[11] > 0, found["new"], found["estimated"]) == (1, True, 1, False)
    listed = {one["name"]: mock.done("GET", f"{PLANS}?state={one['name']}")["count"] for one in found["states"]}
    assert {one["name"]: one["plans"] for one in found["states"]} == listed
    assert mock.refused("GET", "/worlds/gone/lifecycle")[0] == 404


def test_a_million_plans_are_counted_by_their_weights() -> None:
    mock = server("large")
    found = mock.done("GET", f"{WORLD}/lifecycle")
    assert found["estimated"]
    assert {one["name"]: one["plans"] for one in found["states"]} == {
        "start": 10_002, "pending": 60_000, "cancelled": 30_000, "completed": 900_000
    }  # fmt: skip
