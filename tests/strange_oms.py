"""An OMS of a test's own, on a free port of this machine: it answers as a function says, and keeps what was asked."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIST = "/api/v1/oms/orderexecutionplans/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: `number` counts from 1."""

    number: int
    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def page(self) -> int:
        found = parse_qs(urlsplit(self.target).query).get("page", ["1"])[0]
        return int(found) if found.isdecimal() else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[Asked], Answered]


@dataclass(slots=True, kw_only=True)
class StrangeOms:
    url: str
    asked: list[Asked] = field(default_factory=list)


def listed(asked: Asked, *, count: int, size: int = 10, following: str | None = None) -> Answered:
    """A page of a list of so many plans, their ids from `count` down; `following` replaces the link to the next one."""
    host = asked.headers["Host"]
    start = (asked.page - 1) * size
    rows = [{"id": count - place, "state": "pending"} for place in range(start, min(start + size, count))]
    link = f"http://{host}{LIST}?page={asked.page + 1}" if start + size < count else None
    return as_json({"count": count, "next": following or link, "previous": None, "results": rows})


def as_json(content: object, status: int = 200, **headers: str) -> Answered:
    plain = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"Content-Type": "application/json", **plain}
    return Answered(status=status, body=json.dumps(content).encode(), headers=sent)


def orderly(count: int, size: int = 10) -> Answering:
    """An OMS that has so many plans, and finds whatever is asked for."""

    def answer(asked: Asked) -> Answered:
        path = urlsplit(asked.target).path
        return listed(asked, count=count, size=size) if path == LIST else as_json({"id": path, "state": "pending"})

    return answer


@contextmanager
def strange_oms(answer: Answering) -> Iterator[StrangeOms]:
    running = StrangeOms(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one piece: else the client's delayed acknowledgement costs 40 ms

        def do_GET(self) -> None:
            number, headers = len(running.asked) + 1, dict(self.headers)
            running.asked.append(Asked(number=number, method=self.command, target=self.path, headers=headers))
            found = answer(running.asked[number - 1])
            self.send_response(found.status)
            for name, value in {"Content-Length": str(len(found.body)), **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_GET  # noqa: N815  http.server's names

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


def never(released: Event) -> Answering:
    """One that answers only when the test is over."""

    def answer(_: Asked) -> Answered:
        released.wait()
        return Answered()

    return answer
