"""A thousand answers that are held back at the same time hold no thread, and nobody else up."""

import asyncio
import resource
import threading
import time
from collections.abc import Iterator

import pytest

from mock_oms.server.asgi.answering import WORKERS
from tests.system.wired import EARLY, LIST, World, wired

MANY = 1_000


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for both ends of every connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 3 * MANY)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"This machine allows {hard} open files, and {wanted} are needed.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def all_at_once(world: World) -> tuple[list[bytes], int]:
    """The answers, and how many threads there were while they were waited for."""
    octets = f"GET {LIST}41207/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {world.token}\r\nConnection: close\r\n\r\n"

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection(*world.address)
        writer.write(octets.encode())
        answer = await reader.read()
        writer.close()
        return answer

    asked = asyncio.gather(*(one() for _ in range(MANY)))
    await asyncio.sleep(0.5)
    threads = threading.active_count()
    return await asked, threads


def test_a_thousand_requests_that_are_delayed_by_a_second_wait_side_by_side(many_files: None) -> None:  # noqa: ARG001
    """One after another in our threads they would take two minutes; `make bench` says how long they do take."""
    with wired() as server:
        world = server.world({"on": "any", "effect": {"delay": "1s"}})
        before, began = threading.active_count(), time.perf_counter()
        answers, threads = asyncio.run(all_at_once(world))
        took = time.perf_counter() - began
    assert {answer[:15] for answer in answers} == {b"HTTP/1.1 200 OK"}
    assert threads <= before + WORKERS
    assert 1 - EARLY <= took < MANY / WORKERS / 2
