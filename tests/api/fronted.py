"""The front without a socket, beside the Flask app alone; it counts which answers Flask had a part in."""

import asyncio
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from mock_oms.api.app import create_app
from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.server.asgi.answering import FlaskCaller
from mock_oms.server.asgi.application import Application
from mock_oms.server.asgi.connection import Outgoing
from mock_oms.worlds.manager import WorldManager
from tests.drf.wire import Sent


class Fronted:
    """A front around a simulation. `by_flask` counts the answers that Flask made for it, `answers` all of them."""

    def __init__(
        self,
        simulation: WorldManager,
        *,
        world_header: bool = True,
        log: AccessLog | None = None,
        hints: bool = False,
        cors: str = "off",
        control_token: str | None = None,
    ) -> None:
        app = create_app(simulation, world_header=world_header, control_token=control_token)
        self._world_header = world_header
        self._inner = app.wsgi_app
        app.wsgi_app = self._counted  # type: ignore[method-assign]  # as Flask wants its middleware
        self.simulation, self._log = simulation, log
        self.front = Application(app, log=log, hints=hints, cors=cors)
        self.by_flask = self.answers = 0

    def _counted(self, environ: Any, start_response: Any) -> Any:
        self.by_flask += 1
        return self._inner(environ, start_response)

    @property
    def from_cache(self) -> int:
        """How many answers came from the cache."""
        return self.answers - self.by_flask

    @cached_property
    def _alone(self) -> FlaskCaller:
        return FlaskCaller(create_app(self.simulation, world_header=self._world_header))

    def alone(self, sent: Sent) -> Outgoing:
        """What Flask answers by itself, as it would leave a server: HEAD has no body."""
        return self._alone.answer(scope_of(sent), sent.body, {})

    def asked(self, sents: Iterable[Sent]) -> list[Outgoing]:
        """What the front answers to these requests, one after the other."""
        return _run(self.front, sents, self._counts)

    def ask(self, sent: Sent) -> Outgoing:
        """What the front answers to a request."""
        return self.asked([sent])[0]

    def at_once(self, sents: Iterable[Sent]) -> list[Outgoing]:
        """What the front answers to these requests, which all come before the first is answered."""

        async def all_of_them() -> list[Outgoing]:
            return await asyncio.gather(*(_answered(self.front, sent) for sent in sents))

        return asyncio.run(all_of_them())

    def flush(self) -> None:
        """Let the log write what waits."""
        if self._log is not None:
            self._log.flush()

    def unanswered(self, sent: Sent) -> None:
        """Let the front meet a request to which it sends nothing."""
        with suppress(ValueError):  # no message has come, of which the first would be taken
            self.ask(sent)

    def _counts(self) -> None:
        self.answers += 1


def _run(front: Application, sents: Iterable[Sent], counts: Callable[[], None]) -> list[Outgoing]:
    async def all_of_them() -> list[Outgoing]:
        found = []
        for sent in sents:
            counts()
            found.append(await _answered(front, sent))
        return found

    return asyncio.run(all_of_them())


async def _answered(front: Application, sent: Sent) -> Outgoing:
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": sent.body}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await front(scope_of(sent), receive, send)
    start, *parts = messages
    body = b"".join(part["body"] for part in parts)
    return Outgoing(status=start["status"], headers=list(start["headers"]), body=body)


def scope_of(sent: Sent) -> dict[str, Any]:
    """A request as uvicorn hands it on."""
    path, _, query = sent.target.partition("?")
    length = [(b"content-length", b"%d" % len(sent.body))] if sent.body else []
    return {
        "type": "http",
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": unquote(path) if "%" in path else path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers.items()),
            *length,
        ],
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 50_000),
    }
