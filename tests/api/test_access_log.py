"""One line for each request: for machines with everything that one searches by, for people with what they look at."""

import asyncio
import json
import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.server.asgi.request import NOWHERE, JournalRecord
from mock_oms.traffic.faults.fault import Effect, Fault, FaultTarget
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from tests.api.fronted import Fronted
from tests.drf.tables import LIST, LOGIN
from tests.drf.wire import Sent
from tests.worlds import scenario

TOKEN = {"Authorization": "Token mock-oms-token"}
CLOCK = r"\d\d:\d\d:\d\d"


class Logged:
    """A front with its log."""

    def __init__(self, form: Any, *, colour: bool = False) -> None:
        self._stream = StringIO()
        simulation = WorldManager(scenario(clock={"rate": 0}, plans=[{"id": 7001, "items": ["A"]}]))
        self.front = Fronted(simulation, log=AccessLog(form, self._stream, colour=colour))

    def line(self, target: str = LIST, body: bytes = b"", **headers: str) -> str:
        """The one line that a request leaves."""
        said = {"X-Request-Id": "mine", **TOKEN, **headers}
        self.front.ask(Sent(target=target, headers=said, method="POST" if body else "GET", body=body))
        self.front.flush()
        (line,) = self._stream.getvalue().splitlines()
        return line

    def json(self, target: str = LIST, body: bytes = b"", **headers: str) -> dict[str, Any]:
        """The same, read."""
        found: dict[str, Any] = json.loads(self.line(target, body, **headers))
        return found

    def breaks(self, status: int) -> None:
        """Let lists fail from now on."""
        lease = self.front.simulation.lease("default")
        fault = Fault(on=FaultTarget.LIST, effect=Effect(status=status))
        lease.traffic.add([fault], lease.world.latest.world.now, "test")


def test_a_line_for_machines_says_everything_under_its_name() -> None:
    logged = Logged("json")
    logged.breaks(503)
    line = logged.json(f"{LIST}?page=1")
    assert line.pop("duration_ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert "503" in line.pop("hint")
    assert line == {
        "level": "info",
        "request_id": "mine",
        "client": "127.0.0.1:50000",
        "method": "GET",
        "path": f"{LIST}?page=1",
        "status": 503,
        "world": "default",
        "operation": "list",
        "fault": "status 503",
    }


def test_a_line_says_what_the_request_was_after() -> None:
    for target, token, operation, world in (
        ("/nothing/", "mock-oms-token", "other", "default"),
        (LIST, "unknown", "list", None),
        ("/_mock/health/live", "", "control", None),
    ):
        line = Logged("json").json(target, Authorization=f"Token {token}", Host="127.0.0.1")
        assert (line["operation"], line["world"]) == (operation, world)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_tells_of_people_or_secrets_in_a_query_or_in_a_login(form: str) -> None:
    for query in (
        *("token=hidden", "user=hidden", "email=hidden", "q=hidden@a.com", "hidden@a.com"),
        "first%5Fname=hidden",
    ):
        line = Logged(form).line(f"{LIST}?page=1&{query}")
        assert ("hidden" in line, "page=1" in line) == (False, True), query
    body = b'{"username": "hidden-name", "password": "hidden-word"}'
    line = Logged(form).line(LOGIN, body, **{"Content-Type": "application/json"})
    assert ("hidden" in line, "wrong" in line) == (False, True)


def test_a_line_for_people_is_plain_unless_colour_is_wanted() -> None:
    line = Logged("text").line()
    assert re.fullmatch(rf'{CLOCK} 127\.0\.0\.1:50000 "GET {LIST}" 200 world=default id=mine', line)
    assert "\x1b" not in Logged("text").line(f"{LIST}?q=\x1b[31m")


def test_the_status_has_the_colour_of_its_class() -> None:
    for target, colour in ((LIST, "32"), (LIST.rstrip("/"), "36"), ("/nothing/", "33")):
        assert re.search(rf"\x1b\[{colour}m\d\d\d\x1b\[0m", Logged("text", colour=True).line(target))


def test_a_fault_stands_out_and_its_hint_stands_back() -> None:
    logged = Logged("text", colour=True)
    logged.breaks(503)
    line = logged.line()
    assert "\x1b[31m\x1b[1m503\x1b[0m" in line
    assert "\x1b[31m\x1b[1m fault='status 503'\x1b[0m" in line
    assert re.search(r"\x1b\[2m - .*503.*\x1b\[0m$", line)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_is_short_however_long_the_address_is(form: str) -> None:
    for target, shown in (
        (f"/x?a={'b' * 8_000}", "/x?… (8,002 letters)"),
        (f"/{'b' * 8_000}?a=1", "/… (8,001 letters)?a=1"),
        (f"/x?a={'b' * 498}", f"/x?a={'b' * 498}"),
    ):
        line = Logged(form).line(target)
        assert (shown in line, len(line) < 1_000) == (True, True), target[:10]


class Pieces(StringIO):
    """A stream that counts the lines of each piece that is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []

    def write(self, text: str) -> int:
        self.lines.append(text.count("\n"))
        return super().write(text)


def test_lines_are_written_in_pieces_of_so_many_lines_or_letters() -> None:
    async def pieces(query: bytes) -> list[int]:
        stream, at = Pieces(), datetime(2026, 5, 1, tzinfo=UTC)
        log = AccessLog("text", stream)
        record = JournalRecord(
            redactor=Redactor(b"a key"),
            scope={"method": "GET", "raw_path": b"/x", "query_string": query, "headers": []},
            target=NOWHERE,
            world=None,
            number=1,
            arrived=at,
            at=at,
            started=0.0,
            made_id="made",
            peer=None,
        )
        for _ in range(100):
            log.add(record)
        return stream.lines

    assert [asyncio.run(pieces(query))[:2] for query in (b"page=1", b"a" * 500)] == [[50, 50], [8, 8]]
