"""How a connection without a request ends when the server stops; the transport is a small fake."""

import asyncio
import ssl
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from mock_oms.server.asgi.http_protocol import HttpProtocol


class Wire(asyncio.Transport):
    """A transport that writes down how it is ended; `waiting` bytes have not left."""

    def __init__(self, *, tls: bool, waiting: int) -> None:
        super().__init__({"sslcontext": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)} if tls else {})
        self.ended: list[str] = []
        self.waiting = waiting

    def close(self) -> None:
        self.ended.append("close")

    def abort(self) -> None:
        self.ended.append("abort")

    def is_closing(self) -> bool:
        return bool(self.ended)

    def get_write_buffer_size(self) -> int:
        return self.waiting


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application that is never asked."""


@pytest.mark.parametrize(
    ("tls", "waiting", "ended"), [(True, 0, ["close", "abort"]), (True, 1, ["close"]), (False, 0, ["close"])]
)
def test_under_tls_nobody_waits_for_the_farewell_of_a_served_client(tls: bool, waiting: int, ended: list[str]) -> None:
    async def end() -> list[str]:
        config = uvicorn.Config(nothing, http=HttpProtocol, interface="asgi3", lifespan="off", log_config=None)
        config.load()
        protocol, wire = HttpProtocol(config, ServerState(), {}), Wire(tls=tls, waiting=waiting)
        protocol.connection_made(wire)
        protocol.shutdown()
        return wire.ended

    assert asyncio.run(end()) == ended
