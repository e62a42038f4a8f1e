"""HTTP over TLS within the limits of HTTP: they hold from the accept on, so that a handshake is a part of the first head."""

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from uvicorn.protocols.utils import is_ssl

from mock_oms.server.asgi.connection import socket_class
from mock_oms.server.asgi.http_limits import BoundedFlow
from mock_oms.server.asgi.http_protocol import HttpProtocol


class HttpsProtocol(HttpProtocol):
    """HTTP over TLS under this `context`. A client that has not shaken hands is idle, and has as long as a head has.

    uvicorn leaves the handshake to the loop, which tells nobody of a connection before it is secured. Here a connection
    is accepted without TLS, and its socket is then given to a second transport, which shakes hands.
    """

    def __init__(self, context: ssl.SSLContext, **more: Any) -> None:  # noqa: ANN401  uvicorn's
        super().__init__(**more)
        self._context, self._accepted = context, 0.0
        self._is_secured = self._is_detached = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Count a connection, if need be in the place of another one, and shake hands; or go on when that is done."""
        if is_ssl(transport):
            self._is_secured = True
            self.transport, self.scheme = transport, "https"
            self.flow = BoundedFlow(transport, self.pipeline, self._limits)
            if self._refused is not None:
                self._turn_away()
            return
        loop = asyncio.get_running_loop()
        self._accepted = loop.time()
        try:
            own = socket_class()(fileno=os.dup(transport.get_extra_info("socket").fileno()))
        except OSError:  # there is no file left for it
            transport.abort()
            return
        handshake = loop.create_task(self._shake_hands(own))
        super().connection_made(transport)
        transport.abort()
        stand_in = SimpleNamespace(close=handshake.cancel, abort=handshake.cancel, is_closing=handshake.cancelling)
        self.transport = cast("asyncio.Transport", stand_in)
        handshake.add_done_callback(partial(self._shook_hands, own))

    async def _shake_hands(self, own: socket.socket) -> None:
        with suppress(OSError):  # it was no TLS, or came too late
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self,
                own,
                ssl=self._context,
                ssl_handshake_timeout=self._bounds.head_seconds,
                ssl_shutdown_timeout=self._bounds.lingering_seconds,
            )

    def _shook_hands(self, own: socket.socket, _: object) -> None:
        if not self._is_secured:
            own.close()
            super().connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection; the end of its first transport is none."""
        if self._is_detached:
            super().connection_lost(exc)
        self._is_detached = True

    def eof_received(self) -> bool:  # type: ignore[override]  # as in HttpProtocol
        """End: a TLS transport sends nothing more when its client has ended."""
        super().eof_received()
        return False

    @property
    def use(self) -> tuple[int, float] | None:
        """As over HTTP; who has not shaken hands is idle."""
        return super().use if self._is_secured else (1, self._accepted)

    def _turn_away(self) -> None:
        if self._is_secured:  # else when it is
            super()._turn_away()
