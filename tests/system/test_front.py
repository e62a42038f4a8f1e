"""What the app answers is what leaves the socket: a real server beside the app itself, request by request."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from email.parser import BytesParser
from http import HTTPMethod
from urllib.parse import urlsplit

import pytest

from mock_oms.api.app import create_app
from mock_oms.scenarios.library import Library
from mock_oms.server.asgi.answering import WORKERS
from mock_oms.server.asgi.http_limits import Bounds
from mock_oms.server.asgi.request import MAX_BODY
from mock_oms.worlds.manager import WorldManager
from tests.drf.cases import CASES, TOKEN
from tests.drf.wire import Received, Sent, call
from tests.system.running import TOKEN as KNOWN
from tests.system.running import Running, serving
from tests.system.wired import Wire

#: Of the thousands of rows that are compared without a socket, every so manieth.
STRIDE = 17


@pytest.fixture(scope="module")
def restock() -> Iterator[Running]:
    with serving("--scenario", "restock") as running:
        yield running


def is_plain(sent: Sent) -> bool:
    """Whether HTTP/1.1 can carry the request: the rest the parser answers 400, or it is about framing."""
    texts = (sent.target, *sent.headers.values())
    framing = {"Content-Length", "Transfer-Encoding", "Upgrade", "Expect", "Connection"}
    return (
        all(text.isascii() and text.isprintable() and text == text.strip() for text in texts)
        and sent.method in HTTPMethod.__members__
        and sent.target.startswith("/")
        and not {"#", " "} & set(sent.target)
        and len(sent.target) <= Bounds().target
        and len(sent.body) <= MAX_BODY
        and not framing & set(sent.headers)
        and "Host" in sent.headers
    )


def known(sent: Sent) -> Sent:
    """The same request of a client that this server knows."""
    if sent.headers.get("Authorization") != TOKEN["Authorization"]:
        return sent
    return replace(sent, target=sent.target.replace("7001", "41207"), headers={**sent.headers, **KNOWN})


ROWS = [known(sent) for rows in CASES.values() for sent in rows if is_plain(sent)][::STRIDE]


def octets(sent: Sent) -> bytes:
    """The request as it goes over the wire."""
    headers = {**sent.headers, "Connection": "close", **({"Content-Length": str(len(sent.body))} if sent.body else {})}
    lines = [f"{sent.method} {sent.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + sent.body


def received(answer: bytes) -> Received:
    """An answer taken apart as the app's own is."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, _, rest = head.partition(b"\r\n")
    headers = ((name.lower(), value) for name, value in BytesParser().parsebytes(rest + b"\r\n\r\n").items())
    # Those are added by every HTTP server, or about the connection only.
    kept = sorted(pair for pair in headers if pair[0] not in {"date", "connection"})
    return Received(status=first.removeprefix(b"HTTP/1.1 ").decode(), headers=tuple(kept), body=body)


def test_the_socket_says_what_the_app_says(restock: Running) -> None:
    app = create_app(WorldManager(Library().load("restock"))).wsgi_app
    found = [(sent, received(restock.raw(octets(sent)))) for sent in ROWS]
    assert len(ROWS) > 60
    assert {"200", "301", "400", "401", "404", "405", "406"} <= {one.status[:3] for _, one in found}
    assert [sent for sent, one in found if one != call(app, sent)] == []


@pytest.mark.parametrize("target", ["/api/v1/oms/orderexecutionplans/", "/api/v1/oms/orderexecutionplans/41207/"])
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_kept_answer_leaves_with_the_very_octets_of_the_first(restock: Running, target: str, version: str) -> None:
    query = f"?version={version}"  # nobody else asks for that
    lines = [f"GET {target}{query} HTTP/{version}", "Host: x", *(f"{name}: {value}" for name, value in KNOWN.items())]
    request = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
    first, *others = (re.sub(rb"\r\ndate: [^\r]*", b"", restock.raw(request)) for _ in range(3))
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nconnection: close\r\n" in first
    assert others == [first, first]


def test_a_request_that_comes_again_is_answered_as_before_however_its_octets_arrive(restock: Running) -> None:
    headers = {"Host": "x", **KNOWN}
    lines = ["GET /api/v1/oms/orderexecutionplans/41207/ HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    head = "\r\n".join([*lines, "", ""]).encode()
    arrivals = [[head], [head], [head], [head[:40], head[40:]], [head, head], [head * 3], [head + head[:40], head[40:]]]
    with connect(restock) as client:
        wire = Wire(client, {})
        for pieces in arrivals * 3:
            for piece in pieces:
                client.sendall(piece)
            answers = [wire.answer() for _ in range(b"".join(pieces).count(head))]
            assert {one.end for one in answers} == {"complete"}
            assert {one.body for one in answers} == {restock.get("/api/v1/oms/orderexecutionplans/41207/", KNOWN)[1]}


def login_head(length: int, more: str = "Connection: close\r\n") -> bytes:
    head = f"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {length}\r\n\r\n".encode()


def connect(running: Running) -> socket.socket:
    where = urlsplit(running.address)
    return socket.create_connection((where.hostname, where.port), timeout=30)


def test_clients_that_do_not_finish_their_request_hold_nobody_up_and_hanging_up_leaves_no_trace_in_the_log() -> None:
    with serving("--scenario", "restock") as running, ExitStack() as held:
        for _ in range(WORKERS * 3):
            with connect(running) as gone:
                gone.sendall(login_head(500, "") + b"{")
            held.enter_context(connect(running)).sendall(login_head(500, "") + b"{")
        assert running.get("/_mock/health/live", {})[0] == 200
        held.close()
        log = running.stopped()
    assert running.process.returncode == 0
    assert [line for line in log if "health" not in line] == []


@pytest.mark.smoke
def test_a_body_that_comes_in_pieces_is_read_whole(restock: Running) -> None:
    body = b'{"username": "demo", "password": "mock-oms"}'
    head = login_head(len(body))
    with connect(restock) as client:
        for piece in (head[:20], head[20:], body[:7], body[7:]):
            client.sendall(piece)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.endswith(b'{"key":"mock-oms-token"}')


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 12_000])
def test_a_body_nested_without_end_is_refused(restock: Running, body: bytes) -> None:
    assert restock.raw(login_head(len(body)) + body).startswith(b"HTTP/1.1 400 Bad Request")


def test_forwarded_headers_let_nobody_in_and_change_no_link(restock: Running) -> None:
    headers = {**KNOWN, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    assert restock.get("/_mock/openapi.yaml", headers)[0] == 403
    status, body = restock.get("/api/v1/oms/orderexecutionplans/?limit=1", headers)
    assert (status, b'"next":"https' in body) == (200, False)
