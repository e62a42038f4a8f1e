"""A server in the test's own process, whose worlds the test can reach, and requests to it as octets on a socket."""

import asyncio
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any

import uvicorn

from mock_oms.api.app import create_app
from mock_oms.server.asgi.application import PATIENCE as BODY_PATIENCE
from mock_oms.server.asgi.application import Application
from mock_oms.server.asgi.http_limits import Bounds, HttpLimits
from mock_oms.server.asgi.vendor_request import SLOW_TOKEN_DELAY
from mock_oms.server.run import bind, configuration
from mock_oms.server.tls import Tls
from mock_oms.settings import Settings
from mock_oms.traffic.faults.fault import KINDS
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.host_clock import Wall, wall_clock
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.manager import WorldManager
from tests.worlds import scenario

LIST = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"
#: Seconds after which a test gives up: nothing here takes a tenth of it, on a machine that has nothing else to do.
PATIENCE = 30.0
#: Seconds by which a timer of the server's loop may fire early: it counts in whole milliseconds.
EARLY = 0.005
#: Headers that the HTTP server adds, or that name the instant.
OF_THE_SERVER = {"date", "connection", "x-mock-oms"}
PLANS = [{"id": 41207, "items": ["A"]}, {"state": "completed", "count": 24}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `end`: `complete`, `eof` (closed before that) or `reset`; `took` is in seconds."""

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    end: str
    took: float

    def __getitem__(self, name: str) -> str:
        return dict(self.headers)[name]

    @property
    def vendors(self) -> dict[str, str]:
        """The headers that are the vendor's, by their names."""
        return {name: value for name, value in self.headers if name not in OF_THE_SERVER}


@dataclass(frozen=True, slots=True)
class World:
    """A world of the server, with its token."""

    address: tuple[str, int]
    lease: Lease

    @property
    def token(self) -> str:
        return self.lease.token

    def entries(self) -> tuple[JournalEntry, ...]:
        """What its journal holds."""
        return self.lease.traffic.journal.entries()

    def ask(self, target: str = LIST, method: str = "GET", body: bytes = b"", /, **headers: str) -> Answer:
        """One request over a connection of its own, under the world's token."""
        with self.connected() as wire:
            return wire.ask(target, method, body, **headers)

    def login(self, password: str = Settings().password, /, **headers: str) -> Answer:
        """Log in as the user of this world."""
        name = self.lease.world.origin.name
        body = f'{{"username": "{name}", "password": "{password}"}}'.encode()
        return self.ask(LOGIN, "POST", body, **{"Content-Type": "application/json", **headers})

    @contextmanager
    def connected(self) -> Iterator["Wire"]:
        """A connection that sends this world's token."""
        with socket.create_connection(self.address, timeout=PATIENCE) as connection:
            yield Wire(connection, {"Host": "shop", "Authorization": f"Token {self.token}"})


class Wire:
    """One connection; answers are read to the last octet, and no further."""

    def __init__(self, connection: socket.socket, headers: Mapping[str, str]) -> None:
        self.socket, self._headers, self._rest = connection, headers, b""

    def send(self, *targets: str) -> None:
        """Send GETs in one piece, and wait for no answer."""
        self.socket.sendall(b"".join(self._octets(target, "GET", b"", {}) for target in targets))

    def _octets(self, target: str, method: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        length = {"Content-Length": str(len(body))} if body else {}
        lines = [f"{name}: {value}" for name, value in {**self._headers, **length, **headers}.items()]
        return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body

    def ask(self, target: str = LIST, method: str = "GET", body: bytes = b"", /, **headers: str) -> Answer:
        """Send a request and read its answer."""
        began = time.perf_counter()
        self.socket.sendall(self._octets(target, method, body, headers))
        return self.answer(has_body=method != "HEAD", began=began)

    def answer(self, *, has_body: bool = True, began: float | None = None) -> Answer:
        """Read the next answer."""
        began = time.perf_counter() if began is None else began
        got, end = self._rest, "complete"
        while not _is_whole(got, has_body):
            try:
                more = self.socket.recv(65_536)
            except ConnectionResetError:
                end = "reset"
                break
            if not more:
                end = "eof"
                break
            got += more
        return self._taken(got, end, time.perf_counter() - began, has_body=has_body)

    def _taken(self, got: bytes, end: str, took: float, *, has_body: bool) -> Answer:
        head, _, body = got.partition(b"\r\n\r\n")
        status, headers = _head(head)
        length = _length(head) if has_body else 0
        self._rest = body[length:]
        return Answer(status=status, headers=headers, body=body[:length], end=end, took=took)


def _head(head: bytes) -> tuple[int | None, tuple[tuple[str, str], ...]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = tuple((name.lower(), value) for name, _, value in pairs)
    return int(first.split()[1]) if first else None, headers


def _length(head: bytes) -> int:
    return int(dict(_head(head)[1]).get("content-length", "0"))


def _is_whole(got: bytes, has_body: bool) -> bool:
    head, blank, body = got.partition(b"\r\n\r\n")
    return bool(blank) and (not has_body or len(body) >= _length(head))


@dataclass(frozen=True, slots=True)
class Wired:
    """A server with its simulation."""

    address: tuple[str, int]
    simulation: WorldManager
    http_limits: HttpLimits

    @property
    def default(self) -> World:
        """The default world."""
        return World(self.address, self.simulation.lease("default"))

    def world(self, *faults: Mapping[str, Any], **sections: Any) -> World:
        """A world of its own with these faults, and 25 plans if nothing else is said."""
        document = {"clock": {"rate": 0}, "plans": PLANS, "faults": list(faults), **sections}
        return World(self.address, self.simulation.open(scenario=scenario(**document), ttl=None))

    def faulty(self, **effect: Any) -> World:
        """A world whose every request meets this effect."""
        return self.world({"on": "any", "effect": effect})


@contextmanager
def wired(
    *,
    wall: Wall = wall_clock,
    late: timedelta = SLOW_TOKEN_DELAY,
    bounds: Bounds | None = None,
    patience: float = BODY_PATIENCE,
    tls: Tls | None = None,
    **sections: Any,
) -> Iterator[Wired]:
    """Serve as `mock-oms serve` does, in a thread, within bounds of the test's own.

    `late` is how late the answers of the token `fail-slow` come, `patience` how long a body may take.
    """
    simulation = WorldManager(scenario(**{"clock": {"rate": 0}, "plans": PLANS, **sections}), wall=wall)
    settings = Settings(port=0)
    config = configuration(settings, simulation, None, tls=tls, log_config=None)
    limits = HttpLimits(bounds)
    config.app = Application(create_app(simulation, performs=KINDS), late=late, http_limits=limits, patience=patience)
    config.timeout_keep_alive = limits.bounds.idle_seconds
    with bind(settings) as listener, in_thread(config, listener):
        yield Wired(listener.getsockname(), simulation, limits)


@contextmanager
def in_thread(config: uvicorn.Config, listener: socket.socket) -> Iterator[None]:
    """Let uvicorn serve while the block runs."""
    server = _Server(config)
    with ThreadPoolExecutor(1, "wired") as threads:
        running = threads.submit(server.run, [listener])
        try:
            assert server.answers.wait(PATIENCE)
            yield
        finally:
            server.should_exit = True
        running.result(PATIENCE)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        asyncio.get_running_loop().call_soon(self.answers.set)
