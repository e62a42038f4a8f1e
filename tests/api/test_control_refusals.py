"""What the control API says of bodies that cannot be used: short, in one order, and in bounded time."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mock_oms.api.control.errors import MAX_ERRORS
from mock_oms.api.control.routes import MAX_DIGITS
from mock_oms.contract.document import nodes
from mock_oms.scenarios.fields import Word
from mock_oms.scenarios.library import Library
from tests.api.control import PLAN, SKU, Server, server

CLOCK, EVENTS, WORLD = "/worlds/default/clock", "/worlds/default/events", "/worlds/default"
ADVANCE, SNAPSHOT = f"{CLOCK}/advance", f"{WORLD}/snapshot"
#: A refusal is for people: what is longer than this nobody reads.
SHORT = 20_000


@pytest.fixture
def mock() -> Server:
    return server()


def errors_of(mock: Server, method: str, path: str, body: Any) -> dict[str, list[str]]:
    """The errors of a body that cannot be used; sent as it is, also where it is no object."""
    answer = mock.client.open(f"/_mock{path}", method=method, data=json.dumps(body), content_type="application/json")
    assert (answer.status_code, len(answer.data) < SHORT) == (422, True), answer.text[:500]
    errors: dict[str, list[str]] = answer.get_json()["errors"]
    return errors


# Size


def test_of_many_errors_the_first_are_told_and_the_rest_is_counted(mock: Server) -> None:
    log = [{"number": number, "at": 5, "block": 7} for number in range(1, 91)]
    errors = errors_of(mock, "PUT", SNAPSHOT, {**mock.done("GET", SNAPSHOT), "log": log})
    assert [*errors][:2] == ["log[0].at", "log[0].block.location"]
    assert len(errors) == MAX_ERRORS + 1
    assert errors["body"] == [f"{180 - MAX_ERRORS} more errors are not told."]


def test_after_so_many_errors_a_list_is_read_no_further_and_of_too_long_a_log_nothing(mock: Server) -> None:
    snapshot = mock.done("GET", SNAPSHOT)
    errors = errors_of(mock, "PUT", SNAPSHOT, {**snapshot, "log": [1] * 9000})
    assert [*errors][:3] == ["log", "log[0]", "log[1]"]
    assert errors["log"] == ["the last 8900 of 9000 entries were not looked at."]
    errors = errors_of(mock, "PUT", SNAPSHOT, {**snapshot, "log": [1] * 10_001})
    assert errors == {"log": ["found a list of 10001; accepted: a list of up to 10000."]}


def test_of_many_unknown_keys_the_first_are_told_and_the_rest_is_counted(mock: Server) -> None:
    errors = errors_of(mock, "POST", EVENTS, {f"k{number}": 1 for number in range(60_000)})
    assert [*errors][:3] == ["k0", "k1", "k2"]
    assert errors["body"] == ["59980 more unknown keys."]


def test_unknown_keys_are_told_in_the_order_of_the_body(mock: Server) -> None:
    """Hashes differ in every process: a set would be seen here."""
    keys = [f"k{number}" for number in range(9)]
    assert [*errors_of(mock, "POST", EVENTS, dict.fromkeys(keys, 1))] == keys


LONG = "x" * 5000
COMMANDS = f"{WORLD}/plans/{PLAN}/commands"
LONG_NAMES: list[tuple[str, str, Any]] = [
    ("POST", EVENTS, {LONG * 180: 1}),
    ("POST", EVENTS, {"order": {LONG: 1, "items": [SKU]}}),
    ("POST", EVENTS, {"restock": {"sku": LONG, "location": "WH001", "count": 1}}),
    ("POST", "/worlds", {"scenario": LONG}),
    *(("POST", COMMANDS, {"run": run}) for run in (LONG, int("9" * MAX_DIGITS))),
    *(("GET", f"{path}{LONG}", None) for path in ("/worlds/", "/scenarios/", "/")),
    ("POST", f"/worlds/{LONG}", {}),
    *(("GET", f"{WORLD}/plans?{query}", None) for query in (f"{LONG}=1", f"{LONG}=1&{LONG}=2")),
]


def test_a_long_name_is_cut(mock: Server) -> None:
    for method, path, body in LONG_NAMES:
        answer = mock.ask(method, path, body)
        assert (answer.status_code in {404, 405, 409, 422}, len(answer.data) < 2000) == (True, True), path[:200]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{" + ",".join(f'"{number}":1' for number in [*range(80_000), 79_999]) + "}", "'79999' stands twice"),
        (f'{{"{LONG}":1,"{LONG}":1}}', "stands twice"),
        *(
            (f'{{"seed":{number}}}', "it has a number of 10000 digits; accepted: up to 100. Send one JSON object.")
            for number in ("9" * 10_000, "-" + "9" * 10_000)
        ),
    ],
    ids=["among many", "long", "digits", "minus"],
)
def test_a_key_that_stands_twice_or_a_number_that_is_too_long_is_refused_in_short(
    mock: Server, body: str, sentence: str
) -> None:
    answer = mock.client.post("/_mock/worlds", data=body, content_type="application/json")
    assert (answer.status_code, sentence in answer.get_json()["detail"], len(answer.data) < 2000) == (400, True, True)


# Words


def test_a_body_that_is_no_object_and_an_order_of_too_many_items_say_what_was_found(mock: Server) -> None:
    for body, found in ((None, "nothing"), ([], "a list of 0"), ([1, 2], "a list of 2"), ("x", "'x'"), (1, "1")):
        (error,) = errors_of(mock, "POST", EVENTS, body)["body"]
        assert error.startswith(f"found {found}; accepted: a mapping with restock, sell")
    for items in ([1] * 200_000, [SKU] * 1000, list[int]()):
        errors = errors_of(mock, "POST", EVENTS, {"order": {"items": items}})
        assert errors == {"order.items": [f"found a list of {len(items)}; accepted: a list of 1 to 999."]}


def test_a_null_may_be_left_out_only_where_nothing_is_required(mock: Server) -> None:
    nulls: list[tuple[str, str, Any]] = [
        (ADVANCE, "until.state", {"until": {"plan": PLAN, "state": None}}),
        (ADVANCE, "until.plan", {"until": {"plan": None, "state": "start"}}),
        (EVENTS, "order.items", {"order": {"items": None}}),
        (EVENTS, "order.items[0]", {"order": {"items": [None]}}),
        (ADVANCE, "by", {"by": None}),
    ]
    for path, place, body in nulls:
        way_out = "leave the key out or give it a value" if place == "by" else "give it a value"
        assert errors_of(mock, "POST", path, body) == {place: [f"found nothing; {way_out}."]}


def test_until_of_a_plan_that_does_not_exist_says_which_there_are(mock: Server) -> None:
    status, problem = mock.refused("POST", ADVANCE, {"until": {"plan": 41208, "state": "pending"}})
    sentence = f"There is no plan 41208 in this world; known: {PLAN}. None comes up to 2024-03-06T09:00:00Z."
    assert (status, problem["detail"]) == (422, sentence)


def test_until_waits_for_a_plan_that_is_still_to_come(tmp_path: Path) -> None:
    lines = f"timeline: [{{at: 1h, order: {{items: [{SKU}], id: 9}}}}]"
    (tmp_path / "later.yaml").write_text(f"description: One comes later.\nplans: []\n{lines}\n")
    mock = server("later", library=Library(tmp_path))
    in_vain = mock.refused("POST", ADVANCE, {"until": {"plan": 9, "state": "cancelled"}, "within": "61m"})[1]["detail"]
    assert "It is not there yet and completed by then, and a completed plan does not change by itself" in in_vain
    assert mock.done("POST", ADVANCE, {"until": {"plan": 9, "state": "start"}})["now"] == "2024-03-05T10:00:00Z"


def test_until_that_is_in_vain_says_what_the_plan_is_and_how_long_was_waited(mock: Server) -> None:
    mock.done("POST", "/worlds/default/events", {"block": "WH001"})
    for more, within in (({}, "1d"), ({"within": "90m"}, "1h30m")):
        body = {"until": {"plan": PLAN, "state": "completed"}, **more}
        status, problem = mock.refused("POST", ADVANCE, body)
        assert status == 409
        assert problem["detail"].startswith(f"Plan {PLAN} does not become completed between 2024-03-05T09:00:00Z and ")
        assert problem["detail"].endswith(
            f". It is start now and pending by then, and `within` was {within}: wait longer, or let something happen first."
        )
        assert mock.done("GET", CLOCK)["now"] == "2024-03-05T09:00:00Z"


def test_a_name_that_differs_in_its_case_is_the_nearest(mock: Server) -> None:
    assert "the nearest is restock." in mock.refused("GET", "/scenarios/RESTOCK")[1]["detail"]


# What the description says is what is accepted


NO_TIMES = (
    "2024-W10-2T10:00:00Z", "20240305T100000Z", "2024-03-05T10:00:00+0000", "2024-03-05T10:00:00+00",
    "2024-03-05T10:00:00+00:00:30", "2024-03-05 10:00:00Z", "2024-03-05T10:00Z", "2024-03-05T10:00:00Z\n",
    "2024-03-05T10:00:00,5Z", "2024-03-05T10:00:00+15:00",
)  # fmt: skip
TIMES = ("2024-03-05T10:00:00Z", "2024-03-05T10:00:00.5Z", "2024-03-05T10:00:00.123456-14:00")


def test_a_time_and_a_duration_have_one_form(mock: Server) -> None:
    for span in (" 1m", "1m ", "1m\n", "\t1m", "١m"):
        assert [*errors_of(mock, "POST", ADVANCE, {"by": span})] == ["by"], span
    for time in NO_TIMES:
        assert [*errors_of(mock, "PATCH", CLOCK, {"now": time})] == ["now"], time
    for time in TIMES:
        assert mock.done("PATCH", CLOCK, {"now": time})["now"] >= "2024-03-05T10:00:00"


EDGES = (
    "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00", "1970-01-01T00:30:00+01:00",
    "1969-12-31T23:00:00-02:00", "2999-12-31T23:59:59Z", "2999-12-31T23:59:59-01:00", "3000-01-01T00:00:00Z",
    "3000-01-01T00:30:00+01:00", "1960-01-01T00:00:00Z", "3001-01-01T00:00:00Z",
)  # fmt: skip


def test_a_time_that_fits_the_pattern_of_a_clock_is_one_that_it_may_show(mock: Server) -> None:
    pattern = mock.done("GET", "/openapi.json")["components"]["schemas"]["TurnOfClock"]["properties"]["now"]["pattern"]
    for time in (*NO_TIMES, *TIMES, *EDGES):
        status = mock.client.patch(f"/_mock{CLOCK}", json={"now": time}).status_code
        assert (status != 422) == bool(re.fullmatch(pattern, time)), (time, status)


def test_the_pattern_of_a_word_knows_the_signs_that_are_refused(mock: Server) -> None:
    pattern = Word.shape["pattern"]
    told = [chr(code) for code in range(0x10000) if not re.search(pattern, chr(code))]
    assert [one for one in told if one.isprintable()] == []
    for letter in (*map(chr, range(0x7F, 0xA1)), "\u2028", "\u202e", "\ufeff"):
        assert letter in told
        assert [*errors_of(mock, "POST", "/worlds", {"scenario": f"a{letter}b"})] == ["scenario"]


def test_the_bounds_of_a_number_in_a_query_are_accepted_themselves(mock: Server) -> None:
    paths = mock.done("GET", "/openapi.json")["paths"]
    asked = [
        (path.format(world="default", plan=PLAN), one["name"], value)
        for path, item in paths.items()
        for one in item.get("get", {}).get("parameters", ())
        if one["in"] == "query" and one["schema"].get("type") == "integer"
        for value in (one["schema"]["minimum"], one["schema"]["maximum"])
    ]
    assert len(asked) > 8
    for path, name, value in asked:
        assert mock.client.get(f"{path}?{name}={value}").status_code == 200, (path, name, value)


def test_clients_can_be_generated_from_the_description(mock: Server) -> None:
    """Every operation has a name, every body has members, and long numbers are told to be long."""
    document = mock.done("GET", "/openapi.json")
    names = [one["operationId"] for item in document["paths"].values() for one in item.values() if "responses" in one]
    assert len(names) == len(set(names)) > 30
    assert [one["url"] for one in document["servers"]] == ["/", "http://127.0.0.1:8080"]
    every = dict(nodes(document["components"]["schemas"]))
    untyped = [trail for trail, one in every.items() if "properties" in one and {"oneOf", "anyOf"} & one.keys()]
    arrays = [trail for trail, one in every.items() if one.get("type") == "array" and "items" not in one]
    short = [trail for trail, one in every.items() if (one.get("maximum") or 0) >= 2**31 and "format" not in one]
    assert (untyped, arrays, short) == ([], [], [])


@pytest.mark.parametrize("token", [None, "secret"])
def test_every_guarded_operation_tells_what_the_guard_refuses(token: str | None) -> None:
    mock = server(control_token=token)
    document = mock.client.get("/_mock/openapi.json", headers={"Authorization": "Bearer secret"}).get_json()
    guard = {"401", "403", "413"} if token else {"421", "403", "413"}
    for path, item in document["paths"].items():
        for method in set(item) & {"get", "post", "put", "patch", "delete"}:
            wanted = (guard if method == "get" else guard | {"415"}) if "health" not in path else set()
            assert wanted <= set(item[method]["responses"]), (method, path)


def test_the_description_tells_of_a_method_that_a_path_does_not_take(mock: Server) -> None:
    document = mock.done("GET", "/openapi.json")
    assert "405" in document["info"]["description"]
    assert document["components"]["responses"]["METHOD_NOT_ALLOWED"]["headers"]["Allow"]


# Numbers


def test_a_rate_is_never_minus_nothing(mock: Server) -> None:
    answer = mock.client.patch(f"/_mock{CLOCK}", data='{"rate":-0.0}', content_type="application/json")
    assert (answer.status_code, '"rate":0.0' in answer.text) == (200, True)
    assert '"rate":0.0' in mock.ask("GET", SNAPSHOT).text
