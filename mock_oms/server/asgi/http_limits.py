"""What a server takes from its clients at most, and what happens to a connection that goes beyond."""

import asyncio
import resource
from collections import Counter, deque
from dataclasses import asdict
from enum import Enum
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from mock_oms.dataclass import dataclass
from mock_oms.server.asgi.connection import Headers, packed

#: File descriptors that are not for connections: the listener, the loop, the logs, the store, and whoever is let go.
RESERVE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Every limit below the application. Sizes are bytes, times are seconds; docs list them in one table."""

    #: The address in the request line, with its query: what nginx takes by default.
    target: int = 8_192
    #: Request line and headers together, as nginx's four buffers of 8 KiB.
    head: int = 32_768
    #: How many headers there may be: what gunicorn and Apache take.
    headers: int = 100
    #: From the first byte of a request, or from the connect, to the end of its headers.
    head_seconds: float = 10.0
    #: Between the end of an answer and the next request.
    idle_seconds: int = 5
    #: How long a client may leave unread what no longer fits into its buffers and ours.
    unread_seconds: float = 30.0
    #: A body with the framing of its chunks and what trails it; the application counts without the framing.
    framed: int = 8_388_608
    #: Requests that wait behind another on one connection: from so many on, no more is read, then none is taken.
    waiting: int = 64
    most_waiting: int = 1_024
    #: What is still read of a request that was refused, so that its client meets the answer and no reset.
    lingering: int = 1_048_576
    lingering_seconds: float = 2.0
    #: Connections that are open at once, if the process may have that many files; they take 8 kB each.
    connections: int = 2_048


class HttpLimits:
    """The bounds of one server, and whom it turned away. `refused` counts by status, only what no application saw.

    `closed` counts connections: `idle` ones that made room for others, and those whose clients left answers `unread`.
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self.refused: Counter[int] = Counter()
        self.closed = Counter(idle=0, unread=0)
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = self.bounds.connections + RESERVE if soft == resource.RLIM_INFINITY else soft
        self.most = min(self.bounds.connections, max(1, files - RESERVE))


class WrongTokens:
    """How long answers to wrong control tokens wait: some leave at once, then so many a second.

    Those that would wait for longer than `LONGEST` seconds are refused then, and at once where `MOST` wait: they hold
    connections, which others need. The right token is for others to recognise, and never waits: nobody can lock its
    owner out. `waiting` counts those that wait.
    """

    AT_ONCE, EACH_SECOND, LONGEST, MOST = 10, 10, 10.0, 1_024

    def __init__(self) -> None:
        self.waiting, self._due = 0, 0.0

    def wait(self, now: float) -> tuple[float, bool]:
        """Seconds that one more answer waits, at this time of any clock, and whether it is refused then."""
        due = max(self._due, now) + 1 / self.EACH_SECOND
        wait = due - now - self.AT_ONCE / self.EACH_SECOND
        if wait > self.LONGEST:
            return (self.LONGEST if self.waiting < self.MOST else 0.0), True
        self._due = due
        return max(0.0, wait), False


class HttpRefusal(Enum):
    """An answer in plain text that no application sees: its status, and a sentence with the bound in it."""

    MALFORMED = 400, "This is no valid HTTP request."
    TOO_SLOW = 408, "The headers of the request did not arrive within {head_seconds:g} seconds."
    TOO_MUCH_FRAMING = 413, "The body with its framing is larger than {framed:,} bytes, which is all that is read."
    TOO_LONG = 414, "The address of the request is longer than {target:,} bytes, which is all that is read."
    TOO_LARGE = 431, "Request line and headers are larger than {head:,} bytes, which is all that is read."
    TOO_MANY_HEADERS = 431, "The request has more than {headers} headers, which is all that is read."
    TOO_MANY_WAITING = 503, "More than {most_waiting:,} requests wait on this connection: read some answers first."
    TOO_MANY_CONNECTIONS = 503, "There are {connections:,} connections, and a request under way on each: close some."

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.value[0]

    def text(self, limits: HttpLimits) -> str:
        """The sentence, with the bounds of a server."""
        return self.value[1].format_map({**asdict(limits.bounds), "connections": limits.most})

    def octets(self, limits: HttpLimits, headers: Headers) -> bytes:
        """The whole answer, with these headers of the server's before its own."""
        body = f"{self.text(limits)}\n".encode()
        own = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        return b"".join((STATUS_LINE[self.status], packed([*headers, *own]), b"\r\n", body))


def raise_file_limit(bounds: Bounds | None = None) -> None:
    """Let this process have as many files as the bounds want, as far as the machine allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = (bounds or Bounds()).connections + RESERVE
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


class BoundedFlow(FlowControl):
    """Flow control with limits. uvicorn's own reads on while any number of requests wait, and waits for a reader for ever."""

    def __init__(self, transport: asyncio.Transport, pipeline: deque[Any], limits: HttpLimits) -> None:
        super().__init__(transport)
        self._pipeline, self._limits = pipeline, limits
        self._timer: asyncio.TimerHandle | None = None

    def resume_reading(self) -> None:
        """Read on, unless enough is waiting."""
        if len(self._pipeline) < self._limits.bounds.waiting:
            super().resume_reading()

    def pause_writing(self) -> None:
        """Wait until the client has read on."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Write on: the client has read, or has gone."""
        super().resume_writing()
        if self._timer is not None:
            self._timer.cancel()

    def _watch(self) -> None:
        left, seconds = self._transport.get_write_buffer_size(), self._limits.bounds.unread_seconds
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look, left)

    def _look(self, before: int) -> None:
        """Hang up on a client that has read nothing since; a slow one has all the time it wants."""
        if self._transport.get_write_buffer_size() < before:
            self._watch()
            return
        self._limits.closed["unread"] += 1
        self._transport.abort()


class LingeringClose:
    """To close at once would be a reset where something is left unread, and its client would never see the answer.

    So the sending half is closed, which says that nothing more will come, and the other half is read until the client
    closes too, has sent `lingering` more bytes, or has taken `lingering_seconds` for it.
    """

    def __init__(self, transport: asyncio.Transport, flow: FlowControl, bounds: Bounds) -> None:
        self._transport, self._left = transport, bounds.lingering
        if transport.can_write_eof():
            transport.write_eof()
        flow.resume_reading()
        self._timer = asyncio.get_running_loop().call_later(bounds.lingering_seconds, transport.close)

    def drop(self, data: bytes) -> None:
        """Take note of what came too late."""
        self._left -= len(data)
        if self._left < 0:
            self.end()

    def end(self) -> None:
        """Close, or take note that it is closed."""
        self._timer.cancel()
        self._transport.close()
