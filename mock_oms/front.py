"""Every request passes here: a small ASGI application around the Flask app."""

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

#: Threads that run Flask. Answers take a millisecond and wait for nothing, so that more would only queue for the GIL.
WORKERS = 8


class Front:
    """Hands every HTTP request to Flask, with the path as the client sent it."""

    def __init__(self, app: Flask) -> None:
        self._flask = WSGIMiddleware(_with_raw_path(app), workers=WORKERS)  # type: ignore[arg-type]  # WSGI in its own words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request; anything but HTTP is not for us."""
        if scope["type"] != "http":
            raise NotImplementedError(f"mock-oms speaks HTTP only, not {scope['type']}.")
        await self._flask(scope, receive, send)  # type: ignore[arg-type]  # as above


def _with_raw_path(app: Flask) -> Callable[["WSGIEnvironment", "StartResponse"], "Iterable[bytes]"]:
    """The app behind a path that keeps bytes which are no UTF-8: ASGI's decoded path has lost them."""

    def call(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        environ["PATH_INFO"] = unquote_to_bytes(environ["asgi.scope"]["raw_path"]).decode("latin-1")
        return app.wsgi_app(environ, start_response)

    return call
