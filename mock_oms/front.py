"""Every request passes here: a small ASGI application around the Flask app."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

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
    """Hands every HTTP request to Flask, with the path and the query as the client sent them."""

    def __init__(self, app: Flask) -> None:
        self._flask = WSGIMiddleware(_with_raw_path(app), workers=WORKERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request; anything but HTTP is not for us."""
        if scope["type"] != "http":
            raise NotImplementedError(f"mock-oms speaks HTTP only, not {scope['type']}.")
        # A query may hold any byte on the wire; WSGI wants it to be ASCII.
        asked = {**scope, "query_string": quote(scope["query_string"], safe=_ASCII).encode()}
        await self._flask(asked, receive, send)  # type: ignore[arg-type]


_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def _with_raw_path(app: Flask) -> Callable[["WSGIEnvironment", "StartResponse"], "Iterable[bytes]"]:
    """The app behind a path that keeps bytes which are no UTF-8: ASGI's decoded path has lost them."""

    def call(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        raw_path: bytes = environ["asgi.scope"]["raw_path"]
        environ["PATH_INFO"] = unquote_to_bytes(raw_path.partition(b"?")[0]).decode("latin-1")
        return app.wsgi_app(environ, start_response)

    return call
