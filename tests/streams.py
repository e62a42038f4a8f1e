"""A raw socket that reads a stream of server-sent events."""

import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

STREAM = "/_mock/worlds/{}/stream"
LIST = "/api/v1/oms/orderexecutionplans/"


@dataclass(frozen=True, slots=True)
class Event:
    """One event, its data read from JSON."""

    id: str
    kind: str
    data: Any


class Reader:
    """One reader of one stream; `window` is the size of its receive buffer, in bytes.

    It leaves out what is said of the world itself, unless it reads that, and nothing else.
    """

    def __init__(
        self,
        url: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        window: int | None = None,
        of_world: bool = False,
    ) -> None:
        self._of_world = of_world
        where = urlsplit(url)
        self.socket = socket.socket()
        self.socket.settimeout(20)
        if window is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.connect((where.hostname, where.port))
        lines = [f"GET {path} HTTP/1.1", f"Host: {where.netloc}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._file = self.socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        head = iter(lambda: self._file.readline().rstrip().decode(), "")
        self.headers = dict(line.lower().split(": ", 1) for line in head)

    def event(self) -> Event | None:
        """The next event; None at the end of the stream."""
        said: dict[str, str] = {}
        for line in iter(self._line, None):
            name, _, value = line.partition(": ")
            if line:
                said[name] = value
            elif "data" in said:
                if (said["event"] == "world") is self._of_world:
                    return Event(said["id"], said["event"], json.loads(said["data"]))
                said = {}
        return None

    def events(self, number: int) -> list[Event]:
        """So many events."""
        found = [self.event() for _ in range(number)]
        return [one for one in found if one is not None]

    def rest(self) -> list[Event]:
        """Every event up to the end of the stream."""
        return list(iter(self.event, None))

    def body(self) -> Any:
        """The JSON of an answer that has a length."""
        return json.loads(self._file.read(int(self.headers["content-length"])))

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    _left = b""
    _over = False

    def _line(self) -> str | None:
        """The next line, whichever chunks it came in."""
        while b"\n" not in self._left and not self._over:
            size = int(self._file.readline() or b"0", 16)
            self._left += self._file.read(size)
            self._file.readline()
            self._over = size == 0
        line, end, self._left = self._left.partition(b"\n")
        return line.decode() if end else None
