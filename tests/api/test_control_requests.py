"""The journal and the stream through the control API, where no front takes over: listed, verified, reported, streamed."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mock_oms.traffic.faults.fault import KINDS
from mock_oms.traffic.journal.journal import JOURNAL_SIZE, Journal
from mock_oms.urls import Operation
from tests.api.control import PLAN, Server, server
from tests.entries import START, Kept, entry

WORLD = "/worlds/default"
REQUESTS, VERIFY, STREAM = f"{WORLD}/requests", f"{WORLD}/verify", f"{WORLD}/stream"
#: A list, a detail, a refused detail, and one that leads nowhere.
ENTRIES = (
    entry(1, page=1, headers=(("accept", "*/*"),)),
    entry(2, operation=Operation.DETAIL, plan=PLAN, state="pending", path=f"/{PLAN}/"),
    entry(3, operation=Operation.DETAIL, plan=PLAN, status=503, fault="status 503", fault_id=1),
    entry(4, operation=None, path="/api", status=404, hint="Nothing is there."),
)


def fill(journal: Journal, entries: Any = ENTRIES) -> None:
    for one in entries:
        journal.next_number()
        journal.append(Kept(one))


@pytest.fixture
def mock() -> Server:
    mock = server(performs=KINDS)
    fill(mock.simulation.lease("default").traffic.journal)
    return mock


def numbers(answer: Any) -> list[int]:
    return [one["number"] for one in answer["requests"]]


def test_requests_are_listed_oldest_first_with_how_many_there_were_and_made_room(mock: Server) -> None:
    journal = mock.simulation.lease("default").traffic.journal
    answer = mock.done("GET", REQUESTS)
    assert numbers(answer) == [1, 2, 3, 4]
    assert [answer[key] for key in ("total", "evicted", "matched")] == [4, 0, 4]
    fill(journal, [entry(number) for number in range(5, JOURNAL_SIZE + 8)])
    answer = mock.done("GET", f"{REQUESTS}?limit=1000")
    assert [answer[key] for key in ("total", "evicted", "matched")] == [JOURNAL_SIZE + 7, 7, JOURNAL_SIZE]
    assert numbers(answer)[0] == 8
    mock.done("DELETE", REQUESTS)
    fill(journal, [entry(JOURNAL_SIZE + 8)])
    answer = mock.done("GET", REQUESTS)
    assert (answer["total"], numbers(answer)) == (1, [JOURNAL_SIZE + 8])


def test_a_filter_shows_the_requests_for_which_it_holds_and_one_that_means_nothing_is_refused(mock: Server) -> None:
    for query, found in {
        "since=2": [3, 4],
        "before=4": [1, 2, 3],
        "before=4&limit=2": [2, 3],
        "since=1&before=4": [2, 3],
        "before=1": [],
        "operation=detail": [2, 3],
        f"plan={PLAN}": [2, 3],
        "status=503": [3],
        "unmatched=true": [4],
        "unmatched=false": [1, 2, 3],
        "fault=true": [3],
        "fault=false": [1, 2, 4],
        "fault=status%20503": [3],
        "state=pending": [2],
        "limit=2": [3, 4],
        "operation=detail&status=200": [2],
    }.items():
        assert numbers(mock.done("GET", f"{REQUESTS}?{query}")) == found, query
    for query in (
        "limit=0",
        "limit=1001",
        "before=0",
        "before=x",
        "unmatched=1",
        "operation=lists",
        "status=99",
        "page=1",
    ):
        assert mock.refused("GET", f"{REQUESTS}?{query}")[0] == 422, query


def test_from_page_to_page_back_every_request_is_shown_once(mock: Server) -> None:
    seen, before = list[int](), ""
    while page := numbers(mock.done("GET", f"{REQUESTS}?limit=3{before}")):
        seen, before = [*page, *seen], f"&before={page[0]}"
    assert seen == [1, 2, 3, 4]


def test_requests_are_told_as_an_archive_to_whoever_accepts_one(mock: Server) -> None:
    answer = mock.client.get(f"/_mock{REQUESTS}?limit=1", headers={"Accept": "application/har+json"})
    assert answer.content_type == "application/har+json"
    log = answer.get_json(force=True)["log"]
    assert [one["_number"] for one in log["entries"]] == [4]
    assert log["comment"].endswith("Older ones left out: 3 by the limit.")


def test_a_request_is_shown_by_its_number_and_of_another_number_those_that_there_are(mock: Server) -> None:
    shown = mock.done("GET", f"{REQUESTS}/4")
    assert (shown["hint"], shown["operation"], shown["status"]) == ("Nothing is there.", None, 404)
    status, problem = mock.refused("GET", f"{REQUESTS}/9")
    sentence = "There is no request 9 of world default: numbers 1 to 4 are kept."
    assert (status, problem["detail"]) == (404, sentence)


def test_a_world_counts_its_requests_which_a_snapshot_leaves_and_a_reset_forgets(mock: Server) -> None:
    mock.done("PUT", f"{WORLD}/snapshot", mock.done("GET", f"{WORLD}/snapshot"))
    assert mock.done("GET", WORLD)["requests"] == 4
    assert mock.done("POST", f"{WORLD}/reset")["requests"] == 0


def test_requests_that_name_no_world_have_a_journal_of_their_own(mock: Server) -> None:
    fill(mock.simulation.unknown_tokens, [entry(1, world=None, status=401)])
    assert numbers(mock.done("GET", "/requests?status=401")) == [1]
    assert mock.done("GET", "/requests/1")["world"] is None
    mock.done("DELETE", "/requests")
    sentence = "There is no request 1 of those that name no world: none is kept."
    assert mock.refused("GET", "/requests/1")[1]["detail"] == sentence


# Verification


def test_what_was_done_as_expected_is_verified(mock: Server) -> None:
    for found, body in (
        (2, {"operation": "detail"}),
        (2, {"operation": "detail", "plan": PLAN, "count": {"exactly": 2}}),
        (0, {"status": 429, "count": {"max": 0}}),
        (1, {"page": 1}),
        (1, {"state": "pending", "method": "GET"}),
        (2, {"order": [{"operation": "list"}, {"operation": "detail", "status": 503}]}),
        (1, {"operation": "list", "within": "1h"}),
    ):
        answer = mock.done("POST", VERIFY, body)
        assert (answer["ok"], answer["found"], answer["evicted"]) == (True, found, 0), body


def test_what_was_not_done_as_expected_is_a_conflict_with_the_reason_and_the_nearest(mock: Server) -> None:
    status, problem = mock.refused("POST", VERIFY, {"operation": "detail", "status": 200, "count": {"min": 2}})
    sentence = "expected at least 2 detail requests with status 200, found 1: number 2."
    assert (status, problem["detail"], problem["found"], problem["evicted"]) == (409, sentence, 1, 0)
    nearest = [(one["request"]["number"], one["differs"]) for one in problem["nearest"]]
    assert nearest[0] == (3, ["status is 503, not 200"])


def test_nothing_that_many_requests_have_pushed_out_is_taken_for_absent(mock: Server) -> None:
    journal = mock.simulation.lease("default").traffic.journal
    fill(journal, [entry(number, at=START + timedelta(hours=1)) for number in range(5, JOURNAL_SIZE + 5)])
    status, problem = mock.refused("POST", VERIFY, {"plan": PLAN, "count": {"exactly": 0}})
    assert (status, problem["found"], problem["evicted"], problem["under_way"]) == (409, 0, 4, 0)
    assert problem["detail"].endswith("not looked at. Clear the requests before what is verified, or say `within`.")
    mock.done("POST", f"{WORLD}/clock/advance", {"by": "1h"})
    assert mock.done("POST", VERIFY, {"plan": PLAN, "count": {"exactly": 0}, "within": "30m"})["ok"] is True
    report = mock.done("GET", f"{WORLD}/client-report")
    assert (report["evicted"], {one["verdict"] for one in report["clients"][0]["findings"]}) == (4, {"bad", "unknown"})


def test_an_expectation_that_means_nothing_is_refused_at_its_place(mock: Server) -> None:
    for place, body in (
        ("body", {}),
        ("count", {"count": {"min": 1}}),
        ("count", {"operation": "detail", "count": {"min": 3, "max": 2}}),
        ("count", {"operation": "detail", "count": {"exactly": 1, "min": 1}}),
        ("count", {"operation": "detail", "count": {}}),
        ("count", {"operation": "detail", "count": {"min": 0}}),
        ("operation", {"operation": "details"}),
        ("order[0]", {"order": [{}]}),
    ):
        status, problem = mock.refused("POST", VERIFY, body)
        assert (status, list(problem["errors"])) == (422, [place]), body


def test_clients_are_reported_on(mock: Server) -> None:
    (client,) = mock.done("GET", f"{WORLD}/client-report")["clients"]
    assert (client["user_agent"], client["requests"]) == ("poller/1.0", 4)
    assert client["operations"] == {"detail": 2, "list": 1, "unmatched": 1}
    assert {one["verdict"] for one in client["findings"]} <= {"good", "warn", "bad", "unknown"}


def test_an_app_without_a_front_judges_no_journal_that_nobody_writes() -> None:
    for method, path, body in (("POST", VERIFY, {"operation": "list"}), ("GET", f"{WORLD}/client-report", None)):
        status, problem = server().refused(method, path, body)
        assert (status, "no front that writes a journal" in problem["detail"]) == (409, True)


# The stream: what there is, and then it ends


def events(mock: Server, path: str = STREAM) -> list[tuple[str, Any]]:
    answer = mock.ask("GET", path)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in answer.text.split("\n\n") if block]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_the_stream_answers_with_what_there_is_and_from_now_on_with_the_world_alone(mock: Server) -> None:
    mock.done("PATCH", f"{WORLD}/clock", {"rate": 60})
    mock.wall.now += timedelta(seconds=2)  # a running clock is read before the answer
    (kind, shown), *found = events(mock)
    assert (kind, shown) == ("world", mock.done("GET", WORLD))
    assert [kind for kind, _ in found] == ["request"] * 4 + ["transition"]
    assert events(mock, f"{STREAM}?since=now") == [("world", shown)]
    first, last = found[0][1], found[3][1]
    assert (first["headers"], first["operation"], last["hint"]) == ([["accept", "*/*"]], "list", "Nothing is there.")
    assert first["at"] == first["wall"] == "2024-03-05T09:00:00Z"


def test_the_description_says_what_kind_of_answer_a_stream_is(mock: Server) -> None:
    described = mock.done("GET", "/openapi.json")["paths"]["/_mock/worlds/{world}/stream"]["get"]
    assert list(described["responses"]["200"]["content"]) == ["text/event-stream"]
    assert [one["name"] for one in described["parameters"]] == ["since", "Last-Event-ID"]


@pytest.mark.parametrize("since", ["", "x", "0", "12345678-1.2", "12345678-1.2.3x", "1" * 300])
def test_what_is_no_id_is_refused_in_the_query_and_in_the_header(mock: Server, since: str) -> None:
    status, problem = mock.refused("GET", f"{STREAM}?since={since}")
    assert (status, list(problem["errors"])) == (422, ["since"])
    answer = mock.client.get(f"/_mock{STREAM}", headers={"Last-Event-ID": since})
    assert answer.status_code == (422 if since else 200)
    if since == "x":
        sentence = "found 'x'; accepted: the id of an event of the stream, or now."
        assert answer.get_json()["errors"] == {"Last-Event-ID": [sentence]}
