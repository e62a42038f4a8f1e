"""https on a real socket: what clients see of it, whom they trust, and that nothing else is different."""

import json
import logging
import select
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from mock_oms.client import Control, Requested, UntrustedError, WishError, World
from mock_oms.server.asgi.http_limits import Bounds
from mock_oms.server.run import CannotServeError
from mock_oms.server.tls import Tls, tls_for
from mock_oms.testing import RunningServer, running_server
from tests.system import forked
from tests.system.running import plain_environment, refused, serving
from tests.system.wired import PATIENCE, Wired, wired
from tests.typed import typed

LIST = "/api/v1/oms/orderexecutionplans/"
DETAIL = f"{LIST}41207/"


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenarios")
    text = "description: Paged.\nclock: {rate: 0}\nplans: [{id: 41207, items: [A]}, {state: completed, count: 24}]\n"
    (folder / "twenty-five.yaml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def server(scenarios: Path) -> Iterator[RunningServer]:
    with running_server(scenario="twenty-five", scenarios=scenarios, tls="on") as running:
        yield running


@pytest.fixture
def world(server: RunningServer) -> Iterator[World]:
    with server.control.open_world(scenario="twenty-five", clock={"rate": 0}, seed=1) as opened:
        yield opened


def trusting(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


@contextmanager
def client(ca: Path | None) -> Iterator[httpx.Client]:
    with httpx.Client(verify=trusting(ca), timeout=30, trust_env=False) as opened:
        yield opened


# What is answered


def test_links_and_the_archive_of_the_journal_are_https_and_a_stream_too(world: World) -> None:
    stream = world.stream()
    with client(world.ca) as asking:
        first = asking.get(world.url + LIST, headers=world.headers).json()
        journal = f"{world.url}/_mock/worlds/{world.name}/requests"
        archive = asking.get(journal, headers={"Accept": "application/har+json"}).json()
    assert first["next"] == f"{world.url}{LIST}?page=2"
    assert world.url.startswith("https://127.0.0.1:")
    assert archive["log"]["entries"][0]["request"]["url"] == world.url + LIST
    event = next(stream)
    assert isinstance(event, Requested)
    assert event.request.path == LIST
    world.close()
    assert list(stream) == []


@pytest.mark.smoke
def test_an_answer_is_that_of_http_but_for_the_address(server: RunningServer, scenarios: Path) -> None:
    with running_server(scenario="twenty-five", scenarios=scenarios) as plain, client(server.ca) as asking:
        for path in (LIST, f"{LIST}?page=2", DETAIL, f"{LIST}999/", LIST.rstrip("/")):
            for _ in range(3):
                http, https = (
                    asking.get(one.url + path, headers={"Authorization": f"Token {one.token}"})
                    for one in (plain, server)
                )
                assert http.text.replace(plain.url, "") == https.text.replace(server.url, "")
                assert (http.status_code, list(http.headers)) == (https.status_code, list(https.headers))


# Connections that break


def ending(world: World) -> tuple[bytes, str]:
    """What is answered, and how it ends: `reset`, `closed` (close_notify), or `cut`, without one.

    TLS is done by hand: Python's own sockets hide how a connection ended.
    """
    where, arrived, leaving, answer = urlsplit(world.url), ssl.MemoryBIO(), ssl.MemoryBIO(), b""
    secured = trusting(world.ca).wrap_bio(arrived, leaving, server_hostname=where.hostname)
    request = f"GET {DETAIL} HTTP/1.1\r\nHost: x\r\nAuthorization: Token {world.token}\r\n\r\n".encode()
    with socket.create_connection((where.hostname, where.port), timeout=30) as wire:
        while True:
            try:
                if request:
                    secured.do_handshake()
                    secured.write(request)
                    wire.sendall(leaving.read())
                    request = b""
                got = secured.read(65_536)
                if not got:
                    return answer, "closed"
                answer += got
            except ssl.SSLZeroReturnError:
                return answer, "closed"
            except ssl.SSLWantReadError:
                try:
                    wire.sendall(leaving.read())  # a reset is met here too, also by nothing that is sent
                    octets = wire.recv(65_536)
                except ConnectionResetError:
                    return answer, "reset"
                if not octets:
                    return answer, "cut"
                arrived.write(octets)


ENDS = {"reset": (b"", "reset"), "empty": (b"", "closed")}


@pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "stall"])
def test_a_connection_breaks_as_the_fault_says(world: World, kind: str) -> None:
    world.fault(connection=kind, **({"max": "20ms"} if kind == "stall" else {}))
    answer, end = ending(world)
    assert (answer[:17], end) == ENDS.get(kind, (b"HTTP/1.1 200 OK\r\n", "closed"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() not in head.lower()


# Connections that never shake hands


@pytest.fixture(scope="module")
def tls() -> Iterator[Tls]:
    with tls_for("", [], None) as made:
        yield made


def secured(stack: ExitStack, server: Wired, tls: Tls) -> ssl.SSLSocket:
    """A connection that has shaken hands and stays until the end of the block."""
    plain = socket.create_connection(server.address, timeout=PATIENCE)
    return stack.enter_context(trusting(tls.ca).wrap_socket(plain, server_hostname="localhost"))


def answer_over(connection: ssl.SSLSocket, path: bytes = b"/_mock/health/live") -> bytes:
    connection.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path)
    return b"".join(iter(lambda: connection.recv(65_536), b""))[9:]


def test_a_client_takes_the_place_of_those_that_never_shake_hands(tls: Tls) -> None:
    with wired(tls=tls, bounds=Bounds(connections=3)) as server, ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(server.address, timeout=PATIENCE)) for _ in range(9)]
        assert answer_over(secured(stack, server, tls)).startswith(b"200")
        while len(idle) > 2:  # those accepted in the same moment are equally old
            for one in select.select(idle, [], [], PATIENCE)[0]:
                assert one.recv(1) == b""
                idle.remove(one)
        assert (server.http_limits.closed["idle"], server.http_limits.refused.total()) == (7, 0)


def test_a_handshake_has_as_long_as_a_head_has(tls: Tls) -> None:
    with wired(tls=tls, bounds=Bounds(head_seconds=0.5)) as server, ExitStack() as stack:
        for sent in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"):
            with socket.create_connection(server.address, timeout=PATIENCE) as silent:
                silent.sendall(sent)
                assert not silent.recv(65_536).startswith(b"HTTP")
        metrics = answer_over(secured(stack, server, tls), b"/_mock/metrics")
        assert b"\nmock_oms_connections_open 1.0\n" in metrics
        assert server.http_limits.refused.total() == 0


def test_where_every_connection_is_in_use_a_new_one_is_a_503_when_it_has_shaken_hands(tls: Tls) -> None:
    with wired(tls=tls, bounds=Bounds(connections=1)) as server, ExitStack() as stack:
        busy = secured(stack, server, tls)
        more = b"Content-Length: 9\r\nExpect: 100-continue"
        busy.sendall(b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n" % more)
        assert busy.recv(65_536).startswith(b"HTTP/1.1 100")  # it is waited for
        assert answer_over(secured(stack, server, tls)).startswith(b"503")


# Whom clients trust


def _with_httpx(url: str, headers: dict[str, str], ca: Path | None) -> bytes:
    with client(ca) as asking:
        return asking.get(url, headers=headers).content


def _with_requests(url: str, headers: dict[str, str], ca: Path | None) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers=headers, verify=str(ca) if ca else True, timeout=30).content


def _with_urllib(url: str, headers: dict[str, str], ca: Path | None) -> bytes:
    direct, secured = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting(ca))
    with urllib.request.build_opener(direct, secured).open(urllib.request.Request(url, headers=headers)) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


@pytest.mark.parametrize("asked", [_with_httpx, _with_requests, _with_urllib])
def test_who_trusts_the_authority_is_answered_and_who_does_not_refuses_of_which_the_mock_says_nothing(
    world: World, asked: Callable[..., bytes], caplog: pytest.LogCaptureFixture
) -> None:
    refusals = (httpx.ConnectError, requests.exceptions.SSLError, urllib.error.URLError)
    with caplog.at_level(logging.WARNING), pytest.raises(refusals, match="CERTIFICATE_VERIFY_FAILED"):
        asked(world.url + DETAIL, world.headers, None)
    assert world.requests().total == 0
    assert caplog.messages == []
    assert json.loads(asked(world.url + DETAIL, world.headers, world.ca))["id"] == 41207


def test_http_on_its_port_is_no_answer_and_no_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    where = urlsplit(world.url)
    with caplog.at_level(logging.WARNING), socket.create_connection((where.hostname, where.port), timeout=30) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not wire.recv(65_536).startswith(b"HTTP/")
    assert caplog.messages == []


def test_the_control_client_trusts_what_it_is_told_to(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Control(server.url) as stranger, pytest.raises(UntrustedError, match="SSL_CERT_FILE names the authority"):
        stranger.worlds()
    with Control(server.url, ca=str(server.ca)) as told:
        assert told.worlds()[0].name == "default"
    for name, value in {"SSL_CERT_FILE": server.ca, "REQUESTS_CA_BUNDLE": server.ca, "NO_PROXY": "*"}.items():
        monkeypatch.setenv(name, str(value))
    with Control(server.url) as surrounded:
        assert surrounded.worlds()[0].name == "default"
    live = f"{server.url}/_mock/health/live"
    opened = urllib.request.urlopen(live)  # noqa: S310  https
    statuses = [httpx.get(live).status_code, requests.get(live, timeout=30).status_code, opened.status]
    assert statuses == [200, 200, 200]


def test_a_file_without_authorities_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name, reason in (("none.pem", "No such file"), ("ca.pem", "it holds no certificates")):
        file = tmp_path / name
        with pytest.raises(WishError, match=f"{file} is no file of authorities to trust: {reason}"):
            Control("https://127.0.0.1:1", ca=file)


# The server around it


def test_its_authority_is_gone_afterwards_unless_a_file_was_named(tmp_path: Path) -> None:
    with running_server(tls="on") as running:
        assert running.ca is not None
        assert running.ca.exists()
    assert not running.ca.parent.exists()
    with running_server(tls="on", tls_ca=str(tmp_path / "ca.pem")) as running:
        assert running.ca == tmp_path / "ca.pem"
    assert running.ca.exists()


def test_settings_that_cannot_be_served_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotServeError, match="No certificate holds"), running_server(tls="on", tls_names="a b"):
        raise AssertionError
    code, said = refused("--port", "0", "--tls", "--tls-ca", str(tmp_path / "missing" / "ca.pem"))
    assert (code, said.startswith("Error: The authority's certificate cannot be written to ")) == (2, True)


def test_the_command_serves_https_and_is_asked_for_its_health(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = tmp_path / "ca.pem"
    with serving("--scenario", "restock", "--tls", "--tls-ca", str(ca), "--tls-names", "oms.example") as running:
        assert running.banner[-1].startswith("Serving on https://127.0.0.1:")
        assert str(ca) in "\n".join(running.banner)
        assert typed("healthcheck", "--timeout", "60", "--url", running.address).exit_code == 1
        assert typed("healthcheck", "--timeout", "60", "--url", running.address, "--ca", str(ca)).exit_code == 0
        monkeypatch.setenv("MOCK_OMS_PORT", running.address.rpartition(":")[2])
        monkeypatch.setenv("MOCK_OMS_TLS", "on")
        assert typed("healthcheck", "--timeout", "60").exit_code == 0
        monkeypatch.setenv("MOCK_OMS_TLS_CA", str(ca))
        assert typed("healthcheck", "--timeout", "60").exit_code == 0
        ca.unlink()
        assert typed("healthcheck").stderr.startswith(f"Error: The authority cannot be read from {ca}: ")
        log = running.stopped()
    assert [line for line in log if "health/ready" not in line] == []


def test_a_command_trusts_what_the_servers_variable_names(tmp_path: Path) -> None:
    with running_server(tls="on", control_token="secret") as running:
        token = tmp_path / "token"
        token.write_text("secret\n")
        more = plain_environment({"MOCK_OMS_URL": running.url, "MOCK_OMS_TLS_CA": str(running.ca)})
        found = forked.run("mock-oms", "world", "list", "--control-token-file", str(token), environment=more)
    assert (found.returncode, "default" in found.stdout, found.stderr) == (0, True, "")


def test_who_wants_no_tls_does_not_wait_for_cryptography() -> None:
    asks = "import sys; from mock_oms.testing import running_server\nwith running_server(): print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert {"trustme", "cryptography"}.isdisjoint(done.stdout.split())
