"""uvicorn's HTTP protocol, opened: faults reach the connection, kept answers leave in one piece, streams can end."""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from mock_oms.front.bounded import BoundedProtocol
from mock_oms.front.client import TRANSPORT
from mock_oms.front.messages import Headers, Send

if TYPE_CHECKING:
    from collections.abc import Callable

#: Where a request finds, in its scope, the calls that end answers without an end.
ENDLESS = "mock_oms.endless"
#: Bytes of a body that are sooner copied behind the headers than sent by themselves.
_SMALL = 16_384


class OpenProtocol(BoundedProtocol):
    """As uvicorn's own; requests know their connection and when it is lost, and answers without an end when to end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin a connection."""
        self.endless: set[Callable[[], None]] = set()
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]  # a key of our own
        self.scope[ENDLESS] = self.endless  # type: ignore[literal-required]

    def shutdown(self) -> None:
        """End when the answer under way has left; one without an end, now."""
        super().shutdown()
        for end in self.endless:
            end()
        if self.scheme == "https" and self.transport.is_closing() and not self.transport.get_write_buffer_size():
            self.transport.abort()  # TLS has said farewell; to wait for the client's takes half a minute

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request that nobody waits for its answer."""
        super().connection_lost(exc)
        for cycle in self.overtaken:
            cycle.disconnected = True
            cycle.message_event.set()


def packed(headers: Headers) -> bytes:
    """Headers as they stand on the wire."""
    return b"".join(b"%s: %s\r\n" % header for header in headers)


def leaves_at_once(send: Send, headers: bytes, body: bytes) -> bool:
    """Write a 200 with these packed headers, where that is all that is left to do; whether it was.

    To read each header again and to write twice costs uvicorn as much as all that we do for a kept answer. What does
    not come from its protocol, or must wait until the client has read on, goes the usual way.
    """
    cycle = getattr(send, "__self__", None)
    if not isinstance(cycle, RequestResponseCycle) or not _is_free(cycle, cycle.flow):
        return False
    close = b"" if cycle.keep_alive else b"connection: close\r\n"
    head = b"".join((STATUS_LINE[200], packed(cycle.default_headers), headers, close, b"\r\n"))
    if len(body) <= _SMALL:
        cycle.transport.write(head + body)
    else:
        cycle.transport.writelines((head, body))
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


def _is_free(cycle: RequestResponseCycle, flow: FlowControl) -> bool:
    return not (flow.write_paused or cycle.disconnected or cycle.response_started or cycle.access_log)
