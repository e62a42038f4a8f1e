"""The guard behind a real socket: no spelling of a request that a library would not send slips past it."""

import json
from collections.abc import Iterator

import pytest

from tests.system.running import Running, serving


@pytest.fixture(scope="module")
def here() -> Iterator[Running]:
    """A mock that answers whoever sits on this machine."""
    with serving("--scenario", "restock") as running:
        yield running


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def asked(mock: Running, line: str, *headers: str) -> bytes:
    return mock.raw("\r\n".join([line, *headers, "Connection: close", "", ""]).encode("latin-1"))


ODD = [
    ("GET /_mock/worlds HTTP/1.0", []),
    ("GET /_mock/worlds HTTP/1.0", ["Host: evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host:"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: localhost", "Host: evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: evil.example", "Host: localhost"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: localhost:80", "Host: evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: localhost@evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: user:localhost@evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: localhost:80@evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: [::1]evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: [::1%25lo]"]),
    ("GET http://localhost/_mock/worlds HTTP/1.1", ["Host: evil.example"]),
    ("GET /%5fmock/worlds HTTP/1.1", ["Host: evil.example"]),
    ("GET /_mock%2fworlds HTTP/1.1", ["Host: evil.example"]),
    ("GET /_mock/health/live/../../worlds HTTP/1.1", ["Host: evil.example"]),
    ("GET /_mock/health/live%2f..%2f..%2fworlds HTTP/1.1", ["Host: evil.example"]),
    ("GET /_mock/worlds?/_mock/health/live HTTP/1.1", ["Host: evil.example"]),
    ("GET /_mock/worlds#/_mock/health/live HTTP/1.1", ["Host: evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: localhost", "Origin: http://evil.example"]),
    ("GET /_mock/worlds HTTP/1.1", ["Host: localhost", "Sec-Fetch-Site: none", "Sec_Fetch_Site: cross-site"]),
    ("GET //_mock/worlds HTTP/1.1", ["Host: localhost"]),
    ("GET /x/../_mock/worlds HTTP/1.1", ["Host: localhost"]),
    ("GET /%2e/_mock/worlds HTTP/1.1", ["Host: localhost"]),
    ("GET /_mock%00/worlds HTTP/1.1", ["Host: localhost"]),
    ("GET \\_mock\\worlds HTTP/1.1", ["Host: localhost"]),
    ("CONNECT localhost:80 HTTP/1.1", ["Host: localhost"]),
    ("TRACE /_mock/worlds HTTP/1.1", ["Host: localhost"]),
]


def test_no_odd_request_learns_a_token(here: Running) -> None:
    known = asked(here, "GET /_mock/worlds HTTP/1.1", "Host: localhost")
    assert (status_of(known), b"mock-oms-token" in known) == (200, True)
    answers = [(line, headers, asked(here, line, *headers)) for line, headers in ODD]
    assert [(line, headers) for line, headers, answer in answers if b"mock-oms-token" in answer] == []
    odd = [(line, headers, status_of(answer)) for line, headers, answer in answers]
    assert [one for one in odd if one[2] not in {400, 401, 403, 404, 405, 421}] == []


def test_a_body_of_two_lengths_is_refused(here: Running) -> None:
    head = ["POST /_mock/worlds HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 5"]
    for second in ("Transfer-Encoding: chunked", "Content-Length: 6"):
        assert status_of(asked(here, *head, second)) == 400


@pytest.mark.smoke
def test_health_is_open_to_be_read_and_for_nothing_else(here: Running) -> None:
    for method in ("PUT", "DELETE", "POST"):
        answer = asked(here, f"{method} /_mock/health/ready HTTP/1.1", "Host: evil.example", "Content-Length: 0")
        assert (status_of(answer), json.loads(answer.partition(b"\r\n\r\n")[2])["status"]) == (405, 405)
