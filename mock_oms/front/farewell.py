"""The end of a connection whose client may still be sending: what comes is dropped, within bounds."""

import asyncio
from collections.abc import Callable, Iterable

from uvicorn.protocols.http.flow_control import FlowControl

from mock_oms.front.threshold import Bounds


class Farewell:
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


class Unread(asyncio.Transport):
    """The transport that the answer to a request gets which has not arrived whole: `close` may be a farewell."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        super().__init__()
        self._transport, self._close = transport, close

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """As the transport."""
        self._transport.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """As the transport."""
        self._transport.writelines(list_of_data)

    def is_closing(self) -> bool:
        """As the transport."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close when everything has been sent, and the client knows it."""
        self._close()
