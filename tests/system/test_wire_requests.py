"""What the standard clients of other languages send along, and methods that nobody knows, on a real socket."""

import json
import socket
from collections.abc import Iterator

import pytest

from mock_oms.api import guard
from mock_oms.server.asgi.request import MAX_BODY
from tests.system.wired import LIST, LOGIN, PATIENCE, Wired, wired

#: Each is sent by some client by itself, or asks for something that a server need not give.
ANNOUNCED = (
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB",  # java.net.http
    "Connection: upgrade\r\nUpgrade: h2c, websocket\r\nUpgrade: foo/2",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA",
    "Connection: keep-alive, Upgrade\r\nUpgrade: TLS/1.2",
    "Connection: TE\r\nTE: trailers, deflate",  # libwww-perl
    "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100",
    "Proxy-Connection: keep-alive",
    "Expect: 100-continue",  # curl, .NET
    "Upgrade-Insecure-Requests: 1\r\nPriority: u=1, i",
)
GOOD = json.dumps({"username": "demo", "password": "mock-oms"}).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def request(line: str, headers: str, body: bytes = b"", *, in_chunks: bool = False) -> bytes:
    framing = "Transfer-Encoding: chunked" if in_chunks else f"Content-Length: {len(body)}"
    more = f"{headers}\r\n" if headers else ""
    head = f"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}{framing}\r\n\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (body[:7], body[7:]) if one) + b"0\r\n\r\n"
    return head.encode() + (chunks if in_chunks else body)


def answers(server: Wired, *pieces: bytes) -> list[tuple[int, bytes]]:
    """Status and body of every answer but interim ones; the last request says that no other follows."""
    last = request("GET /_mock/health/live", "Connection: close")
    with socket.create_connection(server.address, timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (*pieces, last):
            connection.sendall(piece)
        got = b"".join(iter(lambda: connection.recv(65_536), b""))
    found = [one.partition(b"\r\n\r\n") for one in got.split(b"HTTP/1.1 ")[1:]]
    assert found[-1][2].startswith(b'{"status":"live"}'), got[-300:]
    return [(int(head[:3]), body) for head, _, body in found[:-1] if not head.startswith(b"100")]


def test_what_a_client_announces_changes_neither_its_request_nor_the_next(server: Wired) -> None:
    wrong = []
    for headers in ANNOUNCED:
        login = request(f"POST {LOGIN}", headers, GOOD)
        reading = request(f"GET {LIST}?limit=1", f"Authorization: Token {server.default.token}\r\n{headers}")
        sent = login + request(f"POST {LOGIN}", headers, GOOD, in_chunks=True) + reading + reading
        for cut in (0, 30, len(login) - 10, len(sent) - 10):
            first, second, *others = answers(server, *filter(None, (sent[:cut], sent[cut:])))
            key = (200, b'{"key":"%s"}' % server.default.token.encode())
            if (first, second) != (key, key) or [status for status, _ in others] != [200, 200]:
                wrong.append((headers, cut, first, second, others))
    assert wrong == []


def test_an_offer_to_upgrade_is_in_the_journal_and_costs_no_line_in_the_log(
    server: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    world = server.world()
    sent = request(f"GET {LIST}", f"Authorization: Token {world.token}\r\n{ANNOUNCED[0]}")
    assert [status for status, _ in answers(server, sent)] == [200]
    assert caplog.messages == []
    (entry,) = world.entries()
    assert [value for name, value in entry.headers if name == "upgrade"] == ["h2c"]


@pytest.mark.parametrize("offer", [ANNOUNCED[0].replace("Upgrade,", "close, Upgrade,"), ANNOUNCED[3]])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_that_offers_to_upgrade_and_asks_once_is_answered_too(server: Wired, offer: str, version: str) -> None:
    sent = request(f"POST {LOGIN}", offer, GOOD).replace(b"HTTP/1.1", f"HTTP/{version}".encode(), 1)
    with socket.create_connection(server.address, timeout=PATIENCE) as connection:
        connection.sendall(sent)
        assert int(connection.recv(65_536)[9:12]) == 200


@pytest.mark.parametrize("method", ["FOO", "BREW", "CONNECT", "PLAY", "PROPFIND", "M-SEARCH", "QUERY"])
def test_a_method_that_nobody_knows_is_not_allowed_and_the_connection_goes_on(server: Wired, method: str) -> None:
    token = f"Authorization: Token {server.default.token}"
    asked = [request(f"{method} {path}", token, body) for path in (LIST, LOGIN) for body in (b"", b"GET / HTTP/1.1")]
    with socket.create_connection(server.address, timeout=PATIENCE) as connection:
        statuses = []
        for one in asked:
            connection.sendall(one)
            got = connection.recv(65_536)
            statuses.append(int(got[9:12]))
            assert f'Method \\"{method}\\" not allowed'.encode() in got
    assert statuses == [405] * 4
    assert answers(server, request(f"{method} /_mock/worlds", ""))[0][0] == 405
    assert answers(server, request(f"GET {LIST}", token) + request(f"CONNECT {LIST}", token))[1][0] == 405


@pytest.mark.parametrize("line", ["get /", "PRI *", "F(O /", "X" * 33 + " /"])
def test_what_is_no_method_is_no_request(server: Wired, line: str) -> None:
    with socket.create_connection(server.address, timeout=PATIENCE) as connection:
        connection.sendall(request(line, ""))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 ")


def test_a_target_in_its_absolute_form_is_its_path(server: Wired) -> None:
    token = f"Authorization: Token {server.default.token}"
    plain, whole = answers(
        server, request(f"GET {LIST}?limit=1", token), request(f"GET http://localhost{LIST}?limit=1", token)
    )
    assert (plain[0], plain) == (200, whole)


def test_bodies_in_chunks_are_read_within_the_same_bounds(server: Wired) -> None:
    world = json.dumps({"name": "in-chunks"}).encode()
    pad = b" " * guard.MAX_WORLD
    sent = {
        "login": request(f"POST {LOGIN}", "", GOOD, in_chunks=True),
        "world": request("POST /_mock/worlds", "", world, in_chunks=True),
        "nothing": request("POST /_mock/worlds/in-chunks/reset", "", in_chunks=True),
        "no JSON": request("POST /_mock/worlds", "", b"{", in_chunks=True),
    }
    found = {name: answers(server, one)[0][0] for name, one in sent.items()}
    assert found == {"login": 200, "world": 201, "nothing": 200, "no JSON": 400}
    for line, most in ((f"POST {LOGIN}", MAX_BODY), ("POST /_mock/worlds", guard.MAX_WORLD)):
        with socket.create_connection(server.address, timeout=PATIENCE) as connection:
            connection.sendall(request(line, "", pad[:most] + GOOD, in_chunks=True))
            assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_a_request_that_names_no_next_one_is_the_last_whatever_else_it_names(server: Wired) -> None:
    for connection in ("close, TE", "TE, close", "close, Upgrade, HTTP2-Settings"):
        sent = request(f"POST {LOGIN}", f"Connection: {connection}\r\nTE: deflate\r\nUpgrade: h2c", GOOD)
        with socket.create_connection(server.address, timeout=PATIENCE) as client:
            client.sendall(sent)
            got = b"".join(iter(lambda: client.recv(65_536), b""))
        assert (got[9:12], got.count(b"HTTP/1.1 ")) == (b"200", 1), connection


def test_the_journal_holds_no_number_that_a_long_integer_does_not(server: Wired) -> None:
    world = server.world()
    for number in (2**63 - 1, 2**63):
        assert world.ask(f"{LIST}{number}/").status == 404
    assert [entry.plan for entry in world.entries()] == [2**63 - 1, None]


def test_long_heads_that_come_one_behind_the_other_are_each_measured_alone(server: Wired) -> None:
    one = request("GET /_mock/health/live", f"X-Long: {'a' * 27_000}")
    assert [status for status, _ in answers(server, one * 40)] == [200] * 40
