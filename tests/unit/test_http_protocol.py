"""How connections end, and which is worth least; the transport is a small fake."""

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


async def nothing(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001  how uvicorn knows an application
    """An application that answers nobody."""
    await asyncio.Event().wait()


def connected(wire: Wire) -> HttpProtocol:
    config = uvicorn.Config(nothing, http=HttpProtocol, interface="asgi3", lifespan="off", log_config=None)
    config.load()
    protocol = HttpProtocol(config, ServerState(), {})
    protocol.connection_made(wire)
    return protocol


@pytest.mark.parametrize(
    ("tls", "waiting", "ended"), [(True, 0, ["close", "abort"]), (True, 1, ["close"]), (False, 0, ["close"])]
)
def test_under_tls_nobody_waits_for_the_farewell_of_a_served_client(tls: bool, waiting: int, ended: list[str]) -> None:
    async def end() -> list[str]:
        wire = Wire(tls=tls, waiting=waiting)
        connected(wire).shutdown()
        return wire.ended

    assert asyncio.run(end()) == ended


def test_who_has_perhaps_gone_gives_way_to_a_new_client_sooner_than_who_waits_for_an_answer() -> None:
    async def uses() -> list[Any]:
        protocol = connected(Wire(tls=False, waiting=0))
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        waits = protocol.use
        return [waits, protocol.eof_received(), protocol.use]

    assert asyncio.run(uses()) == [None, True, (3, 0.0)]
