"""The client at the other end of a request: ASGI messages, whether it is still there, and the socket under it."""

import _socket
import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from mock_oms.dataclass import dataclass

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
#: Header names in lower case and values, as they stand on the wire; a client's address and port, where they are known.
Headers = list[tuple[bytes, bytes]]
Peer = tuple[str, int] | None
#: Bytes of a body that are sooner copied behind the headers than sent by themselves.
_SMALL = 16_384


def socket_class() -> type[socket.socket]:
    """The class of sockets that this interpreter brings: tools of tests, such as pytest-socket, may have replaced it."""
    found = (one for one in _socket.socket.__subclasses__() if one.__module__ == "socket")
    return cast("type[socket.socket]", next(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An answer as it will leave."""

    status: int
    headers: Headers
    body: bytes

    def value(self, name: bytes) -> str | None:
        """The first value of a header, or None."""
        return next((value.decode("latin-1") for one, value in self.headers if one == name), None)


def on_the_wire(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def packed(headers: Headers) -> bytes:
    """Headers as HTTP sends them."""
    return b"".join([b"%s: %s\r\n" % header for header in headers])  # quicker than without the list


def write_ok(transport: asyncio.Transport, default: Headers, headers: bytes, body: bytes) -> None:
    """Write a 200 with the headers of the server and others that are packed."""
    head = b"".join((STATUS_LINE[200], packed(default), headers, b"\r\n"))
    if len(body) <= _SMALL:
        transport.write(head + body)
    else:
        transport.writelines((head, body))


def sends_at_once(send: Send, headers: bytes, body: bytes) -> bool:
    """Write a 200 with these packed headers, where that is all that is left to do; whether it was.

    To read each header again and to write twice costs uvicorn as much as all that we do for a cached answer. What does
    not come from its protocol, or must wait until the client has read on, goes the usual way.
    """
    cycle = getattr(send, "__self__", None)
    if not isinstance(cycle, RequestResponseCycle):
        return False
    if cycle.flow.write_paused or cycle.disconnected or cycle.response_started or cycle.access_log or cycle.more_body:
        return False
    close = b"" if cycle.keep_alive else b"connection: close\r\n"
    write_ok(cycle.transport, cycle.default_headers, headers + close, body)
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


#: Where our protocol leaves the transport of a connection in the scope of its requests.
TRANSPORT = "mock_oms.transport"
#: Where our protocol says, in the scope of a request, that its client will send no more: it may read on, or have gone.
ENDED = "mock_oms.ended"
#: Close at once, and say so with a reset: nothing that is still to be sent is worth waiting for.
LINGER = struct.pack("ii", 1, 0)
#: Seconds to wait until a connection that we closed is gone.
_CLOSING = 5.0


class Client:
    """One request's client. Only one of its methods runs at a time, but for `until_gone`."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._is_get = scope["method"] == "GET"
        self._transport: asyncio.Transport | None = scope.get(TRANSPORT)

    async def start(self, answer: Outgoing) -> None:
        """Send the status line and the headers."""
        await self._send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})

    async def more(self, body: bytes) -> None:
        """Send a part of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self, body: bytes = b"") -> None:
        """Send the last part of the body."""
        await self._send({"type": "http.response.body", "body": body})

    async def answer(self, answer: Outgoing) -> None:
        """Send everything."""
        await self.start(answer)
        await self.end(answer.body)

    def gets_at_once(self, answer: Outgoing) -> bool:
        """Send everything in one piece, where a GET is answered well and the client reads; whether it was sent."""
        is_plain = self._is_get and answer.status == 200  # noqa: PLR2004
        return is_plain and sends_at_once(self._send, packed(answer.headers), answer.body)

    async def leaves_within(self, seconds: float) -> bool:
        """Wait so long, or until the client hangs up; whether it did."""
        try:
            async with asyncio.timeout(seconds):
                await self.until_gone()
        except TimeoutError:
            return False
        return True

    async def reset(self) -> None:
        """Break the connection: the client meets a TCP reset."""
        if self._transport is not None:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            self._transport.abort()
            await self.leaves_within(_CLOSING)

    async def close(self) -> None:
        """Close the connection when what was sent has left."""
        if self._transport is not None:
            self._transport.close()
            await self.leaves_within(_CLOSING)

    def abort(self) -> None:
        """Hang up, whatever is still to be sent."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def peers(self) -> int:
        """How many connections the server has, this one too."""
        protocol = None if self._transport is None else self._transport.get_protocol()
        return len(getattr(protocol, "connections", ()))  # uvicorn's knows all of them

    @property
    def backlog(self) -> int:
        """How many bytes have not left, because the client does not read them."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    async def until_gone(self) -> None:
        """Wait until the client hangs up; of one that only says that it will send no more, nobody waits for what it does."""
        message: Message = {}
        while message.get("type") != "http.disconnect":
            if self._transport is not None and ENDED in self._scope:
                self._transport.close()
            message = await self._receive()
