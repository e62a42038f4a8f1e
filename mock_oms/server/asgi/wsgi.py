"""Asking the Flask app, whole request in and whole answer out, in one of a few threads."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask

from mock_oms.server.asgi.connection import Outgoing, Scope, on_the_wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

T = TypeVar("T")

#: Threads that run Flask. A body has arrived before one is taken, so that none of them ever waits for a client.
WORKERS = 8
#: Those that change worlds: the fewer are at work, the sooner the loop, which sends all answers, has Python to itself.
CHANGING = 2
_UNPREFIXED = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


class FlaskSide:
    """The Flask app behind the front; it sees what `more` adds to the environ of a request."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(WORKERS, "mock-oms-flask")
        self._changing = ThreadPoolExecutor(CHANGING, "mock-oms-control")
        self._running: set[Future[Any]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a thread is at work."""
        return any(not one.done() for one in self._running)

    async def run(self, act: Callable[[], T], *, changes: bool = False) -> T:
        """Let something that may take its time run in a thread; in one of a few, if it `changes` worlds."""
        work = (self._changing if changes else self._threads).submit(act)
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(work)

    def answer(self, scope: Scope, body: bytes, more: Mapping[str, Any]) -> Outgoing:
        """What Flask answers; its errors are answers too."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            started.append((status, headers))
            return _refuse_writing

        chunks = self._app.wsgi_app({**_environ(scope, body), **more}, start_response)
        try:
            content = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        status, headers = started[-1]
        return Outgoing(status=int(status[:3]), headers=on_the_wire(headers), body=content)


def _refuse_writing(_: bytes) -> None:
    raise NotImplementedError("Flask returns its bodies; nobody uses WSGI's write().")


def _environ(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """The environ of PEP 3333, with the path as the client sent it: ASGI's decoded one has lost what is no UTF-8."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "REQUEST_URI": scope["raw_path"].decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.get("client"):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = scope["client"][0], str(scope["client"][1])
    for name, value in scope["headers"]:
        _add_header(environ, name, value.decode("latin-1"))
    return environ


def _add_header(environ: dict[str, Any], name: bytes, value: str) -> None:
    """A header that is repeated becomes one, its values joined by commas."""
    variable = _UNPREFIXED.get(name) or f"HTTP_{name.decode('latin-1')}".upper().replace("-", "_")
    environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
