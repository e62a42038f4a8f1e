"""Every request has an id: the client's own, if it gives a good one without a secret, or one that no other has."""

import json
import re
from io import StringIO
from typing import Any

import pytest

from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.manager import WorldManager
from tests.api.fronted import Fronted
from tests.drf.tables import LIST
from tests.drf.wire import Sent
from tests.worlds import scenario

TOKEN = "mock-oms-token"
REAL = "0123456789abcdef0123456789abcdef01234567"
MADE = "mock-" + "aB3_-xyz0" * 3
HERE = {"Host": "127.0.0.1"}
HASH = "[0-9a-f]{8}"


def fronted(log: StringIO | None = None) -> Fronted:
    simulation = WorldManager(scenario(clock={"rate": 0}, plans=[{"id": 7001, "items": ["A"]}]), token=TOKEN)
    return Fronted(simulation, log=AccessLog("json", log) if log is not None else None)


def asked(request_id: str | None = None, token: str = TOKEN, target: str = LIST) -> Sent:
    given = {} if request_id is None else {"X-Request-Id": request_id}
    return Sent(target=target, headers={"Authorization": f"Token {token}", **given})


def control(request_id: str | None = None, target: str = "/_mock/health/live") -> Sent:
    return Sent(target=target, headers={**HERE, **({} if request_id is None else {"X-Request-Id": request_id})})


def entries(mock: Fronted) -> tuple[JournalEntry, ...]:
    return mock.simulation.lease("default").traffic.journal.entries()


def strangers(mock: Fronted) -> tuple[JournalEntry, ...]:
    return mock.simulation.unknown_tokens.entries()


def test_an_id_that_the_client_gives_is_its_id_whoever_answers_and_one_that_is_none_is_ignored() -> None:
    for given in ("a", "4bf92f35-77b3", "!~;", "x" * 128):
        mock = fronted()
        mock.asked([asked(given)] * 3)
        assert [one.request_id for one in entries(mock)] == [given] * 3
        assert mock.from_cache > 0
    for none in ("", "a b", "x" * 129, "\xe9", "a\tb", "\x7f", None):
        mock = fronted()
        mock.ask(asked(none))
        (entry,) = entries(mock)
        assert re.fullmatch(f"{HASH}-1", entry.request_id), none


def test_no_two_requests_get_the_same_id_whatever_they_are_about_and_after_a_reset() -> None:
    mock = fronted()
    mock.asked([asked(), asked(), asked(token="unknown"), control(), asked(target="/nothing/")])
    found = [one.request_id for one in (*entries(mock), *strangers(mock))]
    lease = mock.simulation.lease("default")
    lease.traffic.restart()
    mock.asked([asked(), asked(token="unknown")])
    found += [one.request_id for one in (*entries(mock), strangers(mock)[-1])]
    assert (len(found), len(set(found))) == (6, 6)


def test_the_vendor_does_not_say_the_id_and_the_control_api_does() -> None:
    mock = fronted()
    answers = mock.asked([asked("mine"), asked("mine"), control("mine")])
    assert [one.value(b"x-request-id") for one in answers] == [None, None, "mine"]
    assert re.fullmatch(f"{HASH}-4", mock.ask(control()).value(b"x-request-id") or "")


@pytest.mark.parametrize("given", [TOKEN, f"x-{TOKEN}-1", REAL, f"x.{REAL.upper()}", MADE, f"id={MADE}"])
def test_a_token_in_an_id_becomes_a_hash_in_journal_and_log_and_goes_back_as_it_came(given: str) -> None:
    log = StringIO()
    mock = fronted(log)
    mock.asked([asked(given), asked(given), asked(given, token="unknown"), control(given)])
    shown = [one.request_id for one in (*entries(mock), *strangers(mock))]
    assert all(re.fullmatch(HASH, one) for one in shown)
    (echoed,) = [one.value(b"x-request-id") for one in mock.asked([control(given)])]
    assert {*shown} == {shown[0]}
    assert echoed == given  # a hash would tell who guesses that this is a secret
    mock.flush()
    everything = [log.getvalue(), *map(repr, (*entries(mock), *strangers(mock)))]
    assert not [one for one in everything if given in one]


@pytest.mark.parametrize(
    ("given", "token", "shown"),
    [("mine", "unknown", "mine"), ("it-is-hunter2-x", "hunter2", HASH), (f"two words {TOKEN}", TOKEN, f"{HASH}-1")],
)
def test_no_id_shows_a_token_also_where_nobody_knows_it(given: str, token: str, shown: str) -> None:
    mock = fronted()
    mock.ask(asked(given, token=token))
    (entry,) = (*entries(mock), *strangers(mock))
    assert re.fullmatch(shown, entry.request_id)
    assert token not in repr(entry)


def test_the_control_api_an_archive_and_the_stream_show_the_id_of_a_request() -> None:
    mock, path = fronted(), "/_mock/worlds/default"
    mock.ask(asked("mine"))
    listed = json.loads(mock.ask(control(target=f"{path}/requests")).body)
    wanted = Sent(target=f"{path}/requests", headers={**HERE, "Accept": "application/har+json"})
    archive: Any = json.loads(mock.ask(wanted).body)
    # Flask alone answers with what there is, and ends.
    stream = (
        mock.alone(control(target=f"{path}/stream"))
        .body.decode()
        .partition("event: request\ndata:")[2]
        .partition("\n")[0]
    )
    assert [one["request_id"] for one in (*listed["requests"], json.loads(stream))] == ["mine", "mine"]
    assert [one["_requestId"] for one in archive["log"]["entries"]] == ["mine"]
