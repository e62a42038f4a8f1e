"""A real `mock-oms serve` in a process of its own, and raw requests to it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from tests.system import forked
from tests.system.forked import Forked

TOKEN = {"Authorization": "Token mock-oms-token"}
ANNOUNCED = "Serving on "


def program() -> str:
    """The installed command, beside the Python that runs the tests."""
    return str(Path(sys.executable).with_name("mock-oms"))


def plain_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without the developer's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_OMS_")}
    return {**kept, **(more or {})}


@dataclass
class Running:
    """A server that answers; `banner` is what it said up to its address, `log` what it has said since."""

    process: subprocess.Popen[str] | Forked
    banner: list[str]
    log: list[str] = field(default_factory=list)
    reader: Thread = field(init=False)

    def __post_init__(self) -> None:
        # Somebody must read on, or the server would stop in the middle of a line when the pipe is full.
        self.reader = Thread(target=lambda: self.log.extend(self.process.stderr or ()), daemon=True)
        self.reader.start()

    @property
    def address(self) -> str:
        return said(self.banner[-1]).removeprefix(ANNOUNCED)

    def stopped(self) -> list[str]:
        """Stop it, and answer with all that it logged."""
        self.process.terminate()
        self.process.wait(timeout=30)
        self.reader.join()
        return self.log

    def get(self, target: str, headers: Mapping[str, str] = TOKEN, method: str = "GET") -> tuple[int, bytes]:
        """Status and body for a target that is sent as it stands."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """Everything that comes back for these bytes, until the server closes."""
        where = urlsplit(self.address)
        with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


@contextmanager
def serving(
    *arguments: str, program: str | None = None, more: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[Running]:
    """A server on a free port with these arguments, stopped at the end; it runs in `folder`, if one is given.

    It is forked, unless a `program` is named.
    """
    with _started(program, ["serve", "--port", "0", *arguments], plain_environment(more), folder) as process:
        running = Running(process, banner_of(process))
        yield running
        running.stopped()


@contextmanager
def _started(
    program: str | None, words: list[str], environment: Mapping[str, str], folder: Path | None
) -> Iterator[subprocess.Popen[str] | Forked]:
    if program is None:
        with forked.started("mock-oms", *words, environment=environment, folder=folder) as process:
            yield process
        return
    with subprocess.Popen([program, *words], stderr=subprocess.PIPE, text=True, env=environment, cwd=folder) as fresh:
        try:
            yield fresh
        finally:
            fresh.kill()


def said(line: str) -> str:
    """What a line tells people, be it of the form `text` or `json`."""
    return str(json.loads(line).get("message", "")) if line.startswith("{") else line


def banner_of(process: subprocess.Popen[str] | Forked) -> list[str]:
    """What a server says up to its address."""
    banner: list[str] = []
    for line in process.stderr or ():
        banner.append(line.rstrip("\n"))
        if said(line).startswith(ANNOUNCED):
            return banner
    raise AssertionError("\n".join(["The server said no address:", *banner]))


def refused(*arguments: str, more: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and standard error of a server that does not start, whoever listens on the usual port."""
    environment = plain_environment({"MOCK_OMS_PORT": "0", **(more or {})})
    done = forked.run("mock-oms", "serve", *arguments, environment=environment, timeout=30)
    return done.returncode, done.stderr
