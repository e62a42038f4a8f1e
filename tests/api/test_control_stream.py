"""The stream of a world where no front takes over: what there is, and then it ends."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.api.control import Server, server
from tests.entries import Kept, entry

STREAM = "/worlds/default/stream"


@pytest.fixture
def mock() -> Server:
    return server()


def events(mock: Server, path: str = STREAM) -> list[tuple[str, Any]]:
    answer = mock.ask("GET", path)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in answer.text.split("\n\n") if block]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def asked(mock: Server, number: int, **changes: Any) -> None:
    mock.simulation.lease("default").traffic.journal.append(Kept(entry(number, **changes)))


def test_it_answers_with_what_there_is_and_from_now_on_with_nothing(mock: Server) -> None:
    mock.done("POST", "/worlds/default/clock/advance", {"by": "2m"})
    asked(mock, 1)
    assert [kind for kind, _ in events(mock)] == ["request", "transition"]
    assert events(mock, f"{STREAM}?since=now") == []


def test_a_running_clock_is_read_before_the_answer(mock: Server) -> None:
    mock.done("PATCH", "/worlds/default/clock", {"rate": 60})
    mock.wall.now += timedelta(seconds=2)
    assert [kind for kind, _ in events(mock)] == ["transition"]


def test_the_description_says_what_kind_of_answer_it_is(mock: Server) -> None:
    described = mock.done("GET", "/openapi.json")["paths"]["/_mock/worlds/{world}/stream"]["get"]
    assert list(described["responses"]["200"]["content"]) == ["text/event-stream"]
    assert [one["name"] for one in described["parameters"]] == ["since", "Last-Event-ID"]


def test_a_request_has_the_fields_of_the_journal(mock: Server) -> None:
    asked(mock, 1, headers=(("accept", "*/*"),), hint="Add the final slash.")
    ((_, data),) = events(mock)
    assert (data["headers"], data["hint"], data["operation"]) == ([["accept", "*/*"]], "Add the final slash.", "list")
    assert data["at"] == data["wall"] == "2024-03-05T09:00:00Z"


@pytest.mark.parametrize("since", ["", "x", "0", "12345678-1.2", "12345678-1.2.3x", "1" * 300])
def test_what_is_no_id_is_refused_in_the_query_and_in_the_header(mock: Server, since: str) -> None:
    status, problem = mock.refused("GET", f"{STREAM}?since={since}")
    assert (status, list(problem["errors"])) == (422, ["since"])
    answer = mock.client.get(f"/_mock{STREAM}", headers={"Last-Event-ID": since})
    assert answer.status_code == (422 if since else 200)
    if since == "x":
        sentence = "found 'x'; accepted: the id of an event of the stream, or now."
        assert answer.get_json()["errors"] == {"Last-Event-ID": [sentence]}
