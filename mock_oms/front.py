"""Every request passes here: a small ASGI application around the Flask app."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from a2wsgi import WSGIMiddleware
from flask import Flask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Threads that run Flask. A body has arrived before one is taken, so that none of them ever waits for a client.
WORKERS = 8
#: Bytes of a body that are read for Flask; what announces more is refused by it unread, as Django would.
MAX_BODY = 2_621_440
#: Methods whose bodies something behind us reads.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
#: Seconds that a client has to send the body it announced.
PATIENCE = 10.0


class _ClientGoneError(Exception):
    """The client hung up in the middle of its request."""


class Front:
    """Hands every HTTP request to Flask, with the path as the client sent it and with its body complete."""

    def __init__(self, app: Flask, *, patience: float = PATIENCE) -> None:
        self._flask = WSGIMiddleware(_with_raw_path(app), workers=WORKERS)  # type: ignore[arg-type]  # WSGI in its own words
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request; anything but HTTP is not for us."""
        if scope["type"] != "http":
            raise NotImplementedError(f"mock-oms speaks HTTP only, not {scope['type']}.")
        try:
            async with asyncio.timeout(self._patience):
                body = await _body(scope, receive)
        except TimeoutError:
            await _too_slow(send)
        except _ClientGoneError:
            return
        else:
            await self._flask(scope, _once(body), send)  # type: ignore[arg-type]  # as above


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body of a method that has one for anything behind us; no more of it than was announced."""
    wanted = _announced(scope) if scope["method"] in _WITH_BODY else 0
    body = b""
    while len(body) < wanted <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGoneError
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body


def _announced(scope: Scope) -> int:
    given = dict(scope["headers"]).get(b"content-length", b"")
    return int(given) if given.isdigit() else 0


def _once(body: bytes) -> Receive:
    """Flask's end of the request: the body, all of it at once."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _too_slow(send: Send) -> None:
    text = b"The body of the request did not arrive in time.\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text)), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 408, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _with_raw_path(app: Flask) -> Callable[["WSGIEnvironment", "StartResponse"], "Iterable[bytes]"]:
    """The app behind a path that keeps bytes which are no UTF-8: ASGI's decoded path has lost them."""

    def call(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        environ["PATH_INFO"] = unquote_to_bytes(environ["asgi.scope"]["raw_path"]).decode("latin-1")
        return app.wsgi_app(environ, start_response)

    return call
