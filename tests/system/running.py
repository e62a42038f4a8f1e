"""A real `mock-oms serve` in a process of its own, and raw requests to it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

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
    """A server that answers; `banner` is what it said before its address."""

    process: subprocess.Popen[str]
    banner: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.banner[-1].removeprefix(ANNOUNCED)

    def get(self, target: str, headers: Mapping[str, str] = TOKEN, method: str = "GET") -> tuple[int, bytes]:
        """Status and body for a target that is sent as it stands."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=10)
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
        with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


@contextmanager
def serving(*arguments: str, program: str = program(), more: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server on a free port with these arguments, stopped at the end."""
    command = [program, "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=plain_environment(more)) as process:
        running = Running(process)
        try:
            assert process.stderr is not None
            for line in process.stderr:
                running.banner.append(line.rstrip("\n"))
                if line.startswith(ANNOUNCED):
                    break
            else:
                raise AssertionError("\n".join(["The server said no address:", *running.banner]))
            yield running
        finally:
            process.terminate()


def refused(*arguments: str, more: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and standard error of a server that does not start."""
    done = subprocess.run(
        [program(), "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=plain_environment(more),
    )
    return done.returncode, done.stderr
