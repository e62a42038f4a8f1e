"""What the app answers is what leaves the socket: a real server beside the app itself, request by request."""

from collections.abc import Iterator
from dataclasses import replace
from email.parser import BytesParser
from http import HTTPMethod

import pytest

from mock_oms.scenario.library import Library
from mock_oms.simulation import Simulation
from mock_oms.web.app import create_app
from tests.drf.cases import CASES, TOKEN
from tests.drf.wire import Received, Sent, call
from tests.system.running import TOKEN as KNOWN
from tests.system.running import Running, serving

#: Added by every HTTP server, or about the connection only.
OF_THE_SERVER = {"date", "connection"}
#: Of the thousands of rows that are compared without a socket, every so manieth.
STRIDE = 5


@pytest.fixture(scope="module")
def restock() -> Iterator[Running]:
    with serving("--scenario", "restock") as running:
        yield running


def is_plain(sent: Sent) -> bool:
    """Whether HTTP/1.1 can carry the request: the rest the parser answers 400, or it is about framing."""
    texts = (sent.target, *sent.headers.values())
    printable = all(text.isascii() and text.isprintable() and text == text.strip() for text in texts)
    if sent.method not in HTTPMethod.__members__:
        return False
    framing = {"Content-Length", "Transfer-Encoding", "Upgrade", "Expect", "Connection"}
    return printable and " " not in sent.target and not framing & set(sent.headers) and "Host" in sent.headers


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
    kept = sorted(pair for pair in headers if pair[0] not in OF_THE_SERVER)
    return Received(status=first.removeprefix(b"HTTP/1.1 ").decode(), headers=tuple(kept), body=body)


def test_the_socket_says_what_the_app_says(restock: Running) -> None:
    app = create_app(Simulation(Library().load("restock"))).wsgi_app
    assert len(ROWS) > 200
    different = [sent for sent in ROWS if received(restock.raw(octets(sent))) != call(app, sent)]
    assert different == []


def test_the_rows_reach_plans_and_refusals(restock: Running) -> None:
    statuses = {received(restock.raw(octets(sent))).status[:3] for sent in ROWS}
    assert {"200", "301", "400", "401", "404", "405", "406"} <= statuses
