"""The guard behind a real socket: no spelling of a request that a library would not send slips past it."""

import json
from collections.abc import Iterator

import pytest

from tests.system.running import Running, serving

SECRET = "secret-of-16-or-more"


@pytest.fixture(scope="module")
def here() -> Iterator[Running]:
    """A mock that answers whoever sits on this machine."""
    with serving("--scenario", "restock") as running:
        yield running


@pytest.fixture(scope="module")
def locked() -> Iterator[Running]:
    """A mock that answers whoever has the control token."""
    with serving("--scenario", "restock", "--control-token", SECRET) as running:
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


PAGE = ("/_mock/", "/_mock/docs", "/_mock/page/main.js")
#: Targets as no library would send them; what they lead to where paths of requests are paths of files.
NO_FILES = (
    *(
        "/_mock/page/../guard.py",
        "/_mock/page/..%2fguard.py",
        "/_mock/page/%2e%2e/guard.py",
        "/_mock/page/..\\guard.py",
    ),
    *(
        "/_mock/page//etc/passwd",
        "/_mock/page/%2fetc%2fpasswd",
        "/_mock/page/main.js%00",
        "/_mock/page/%00",
        "/_mock/page/",
    ),
    *(
        "/_mock/page/../../worlds",
        "/_mock/page/..%2f..%2fworlds",
        "/_mock/page/%2e%2e/%2e%2e/worlds",
        "/_mock/page/\xff",
    ),
    *("/_mock/page/../../control/api.py", "/_mock/page/%c0%ae%c0%ae/guard.py", "/_mock/page/main.js/../../worlds"),
)


def test_with_a_control_token_a_browser_from_anywhere_gets_the_page_and_nothing_else(locked: Running) -> None:
    sent = ("Host: mock.example.com", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Via: 1.1 proxy")
    for path in PAGE:
        answer = asked(locked, f"GET {path} HTTP/1.1", *sent)
        assert (status_of(answer), b"require-trusted-types-for" in answer) == (200, True), path
    moved = asked(locked, "GET /_mock?world=mine HTTP/1.1", *sent)
    assert (status_of(moved), b"location: _mock/?world=mine\r\n" in moved.lower()) == (302, True)
    for path in ("/_mock/worlds", "/_mock/openapi.json", "/_mock/docs/../worlds", "/_mock/nothing"):
        assert status_of(asked(locked, f"GET {path} HTTP/1.1", *sent)) == 401, path


def test_without_one_a_page_of_another_site_and_another_name_get_no_page(here: Running) -> None:
    for path in PAGE:
        assert status_of(asked(here, f"GET {path} HTTP/1.1", "Host: localhost")) == 200, path
        assert status_of(asked(here, f"GET {path} HTTP/1.1", "Host: mock.example.com")) == 421, path
        assert status_of(asked(here, f"GET {path} HTTP/1.1", "Host: localhost", "Sec-Fetch-Site: cross-site")) == 403


def test_no_odd_target_gets_another_file_than_the_pages_or_anything_of_a_world(here: Running, locked: Running) -> None:
    for target in NO_FILES:
        for mock in (here, locked):
            answer = asked(mock, f"GET {target} HTTP/1.1", "Host: localhost")
            assert status_of(answer) in {400, 404}, target
            assert not [one for one in (b"root:", b"import", b"mock-oms-token") if one in answer], target


def test_a_page_that_has_not_changed_is_not_sent_again(here: Running) -> None:
    known = asked(here, "GET /_mock/page/main.js HTTP/1.1", "Host: localhost").partition(b"\r\n\r\n")[0]
    (etag,) = (line for line in known.decode().split("\r\n") if line.lower().startswith("etag: "))
    again = asked(here, "GET /_mock/page/main.js HTTP/1.1", "Host: localhost", f"If-None-Match: {etag[6:]}")
    assert (status_of(again), again.partition(b"\r\n\r\n")[2]) == (304, b"")
