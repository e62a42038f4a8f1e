"""Requests of clients, while somebody looks at the page."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event, Thread
from urllib.parse import urlsplit

from mock_oms.client import World

LIST = "/api/v1/oms/orderexecutionplans/"


def ask(world: World, target: str = LIST, headers: Mapping[str, str] | None = None) -> int:
    """Send a request with the world's token, on a connection of its own, and answer with the status."""
    connection = HTTPConnection(urlsplit(world.url).netloc, timeout=30)
    try:
        connection.request("GET", target, headers={**world.headers, **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@contextmanager
def traffic(world: World, rate: int) -> Iterator[list[int]]:
    """So many requests a second on one connection, until the end; how many were made stands in the list.

    Where the machine cannot keep up they are fewer, and never more.
    """
    made, ended = [0], Event()

    def send() -> None:
        connection = HTTPConnection(urlsplit(world.url).netloc, timeout=30)
        begun = time.monotonic()
        while not ended.is_set():
            for _ in range(min(rate, int((time.monotonic() - begun) * rate) - made[0])):
                connection.request("GET", f"{LIST}?limit=1", headers=world.headers)
                connection.getresponse().read()
                made[0] += 1
            ended.wait(0.01)
        connection.close()

    sender = Thread(target=send)
    sender.start()
    try:
        yield made
    finally:
        ended.set()
        sender.join()
