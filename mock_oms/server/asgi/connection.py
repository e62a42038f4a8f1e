"""The client at the other end of a request: ASGI messages, whether it is still there, and the socket under it."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from mock_oms.dataclass import dataclass

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
#: Header names in lower case and values, as they stand on the wire; a client's address and port, where they are known.
Headers = list[tuple[bytes, bytes]]
Peer = tuple[str, int] | None


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


#: Where our protocol leaves the transport of a connection in the scope of its requests.
TRANSPORT = "mock_oms.transport"
#: Close at once, and say so with a reset: nothing that is still to be sent is worth waiting for.
LINGER = struct.pack("ii", 1, 0)
#: Seconds to wait until a connection that we closed is gone.
_CLOSING = 5.0


class Client:
    """One request's client. Only one of its methods runs at a time, but for `until_gone`."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
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
        """Wait until the client hangs up."""
        message: Message = {}
        while message.get("type") != "http.disconnect":
            message = await self._receive()
