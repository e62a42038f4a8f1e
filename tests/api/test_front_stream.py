"""Streams through the front without a socket: the looks at a world that nobody asks for, one each time we say so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import current_thread, main_thread
from typing import Any

import httpx
import pytest

from mock_oms.api.app import create_app
from mock_oms.scenarios.library import Library
from mock_oms.server.asgi.application import Application
from mock_oms.worlds.event_stream import EventStream, StreamItem
from mock_oms.worlds.manager import WorldManager
from tests.api.control import LIST, Wall
from tests.faults import fault


class Beats:
    """The pause between two looks, over when the test says so."""

    def __init__(self) -> None:
        self._due: asyncio.Queue[None] = asyncio.Queue()
        self._began = False

    async def __call__(self) -> None:
        if self._began:
            self._due.task_done()
        self._began = False
        await self._due.get()
        self._began = True

    async def look(self, times: int = 1) -> None:
        """Let so many looks be taken, and return after the last."""
        for _ in range(times):
            self._due.put_nowait(None)
            await self._due.join()


class Stream:
    """One stream of the world `mine`; `chunks` is what was sent and nobody has taken yet, `told` the world at first."""

    def __init__(self, front: Application) -> None:
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._hung_up, self._asked, self.told = asyncio.Event(), False, b""
        path = "/_mock/worlds/mine/stream"
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
        }
        self.task = asyncio.create_task(front(scope, self._receive, self._send))

    def hang_up(self) -> None:
        """Leave."""
        self._hung_up.set()

    async def _receive(self) -> dict[str, Any]:
        if self._asked:
            await self._hung_up.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Any) -> None:
        self.chunks.put_nowait(message.get("body", b"started"))


class Mock:
    """A front whose wall clock and looks are set by hand, with a world `mine` that lives for an hour."""

    def __init__(self, rate: float) -> None:
        self.wall, self.beats = Wall(), Beats()
        scenario = Library().load("restock")
        self.simulation = WorldManager(scenario, wall=self.wall)
        self.simulation.open(scenario=scenario, name="mine", rate=rate)
        self.front = Application(create_app(self.simulation), timer=self.beats)

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[Stream]:
        """A stream that has been looked at once."""
        stream = Stream(self.front)
        assert await stream.chunks.get() == b"started"
        stream.told = await stream.chunks.get()
        await self.beats.look()
        try:
            yield stream
        finally:
            stream.hang_up()
            await stream.task


def played(act: Callable[[Mock, Stream], Awaitable[None]], *, rate: float = 60) -> None:
    """Play a scene with one stream."""

    async def scene() -> None:
        mock = Mock(rate)
        async with mock.stream() as stream:
            await act(mock, stream)

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_a_running_clocks_transitions_appear_though_nobody_asks_for_the_world() -> None:
    async def act(mock: Mock, stream: Stream) -> None:
        mock.wall.now += timedelta(seconds=2)
        await mock.beats.look()
        assert b'"to": "pending", "cause": "attempt 1"' in await stream.chunks.get()

    played(act)


def test_a_reader_is_told_of_the_world_at_once_where_the_control_api_has_changed_it_and_else_at_the_next_look() -> None:
    async def act(mock: Mock, stream: Stream) -> None:
        assert b"event: world\n" in stream.told
        lease, transport = mock.simulation.lease("mine"), httpx.ASGITransport(mock.front)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            (await client.patch("/_mock/worlds/mine/clock", json={"rate": 0.5})).raise_for_status()
            assert b'"rate": 0.5' in await stream.chunks.get()
            await client.get("/_mock/worlds/mine")
        lease.traffic.add([fault()], mock.wall.now, "by hand")
        await mock.beats.look()
        assert b'"faults": 1' in await stream.chunks.get()
        mock.wall.now += timedelta(seconds=1)
        await mock.beats.look()
        assert stream.chunks.empty()

    played(act, rate=0)


def test_the_steps_of_an_advance_by_years_are_fetched_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched_by, next_of = [], EventStream.next

    def noted(events: EventStream, limit: int) -> list[StreamItem]:
        fetched_by.append(current_thread())
        return next_of(events, limit)

    async def act(mock: Mock, stream: Stream) -> None:
        monkeypatch.setattr(EventStream, "next", noted)
        for most, is_main in ((0, False), (1, True)):
            monkeypatch.setattr("mock_oms.worlds.event_stream.FAR_BEHIND", most)
            mock.simulation.lease("mine").world.advance(timedelta(minutes=29))
            assert b"transition" in await stream.chunks.get()
            assert (fetched_by[0] is main_thread()) is is_main
            fetched_by.clear()

    played(act, rate=0)


def test_events_of_long_requests_are_made_in_a_thread_because_each_is_searched_for_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_by, next_of = [], EventStream.next

    def noted(events: EventStream, limit: int) -> list[StreamItem]:
        made_by.append(current_thread())
        return next_of(events, limit)

    async def act(mock: Mock, stream: Stream) -> None:
        monkeypatch.setattr(EventStream, "next", noted)
        transport = httpx.ASGITransport(mock.front)
        token = f"Token {mock.simulation.lease('mine').token}"
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for letters, is_main in ((6_800, False), (1, True)):
                await client.get(f"{LIST}?long={letters * 'a'}", headers={"Authorization": token})
                assert b"event: request" in await stream.chunks.get()
                assert (made_by[0] is main_thread()) is is_main
                made_by.clear()

    played(act, rate=0)


def test_a_frozen_world_is_not_looked_at() -> None:
    async def act(mock: Mock, stream: Stream) -> None:
        before = mock.simulation.lease("mine").world.latest
        mock.wall.now += timedelta(seconds=2)
        await mock.beats.look()
        assert mock.simulation.lease("mine").world.latest is before
        assert stream.chunks.empty()

    played(act, rate=0)


def test_a_reader_of_a_quiet_world_is_told_each_fifteen_looks_that_the_stream_lives() -> None:
    async def act(mock: Mock, stream: Stream) -> None:
        await mock.beats.look(13)
        assert stream.chunks.empty()
        for _ in range(2):
            await mock.beats.look(15)
            assert (await stream.chunks.get()).startswith(b":")
            assert stream.chunks.empty()

    played(act, rate=0)


def test_a_stream_ends_when_its_world_has_expired_or_was_closed_from_within() -> None:
    async def expire(mock: Mock, stream: Stream) -> None:
        mock.wall.now += timedelta(hours=2)
        await ended(mock, stream)

    async def close(mock: Mock, stream: Stream) -> None:
        mock.simulation.close("mine")
        await ended(mock, stream)

    async def ended(mock: Mock, stream: Stream) -> None:
        assert not stream.task.done()
        await mock.beats.look()
        await stream.task

    played(expire, rate=0)
    played(close)


def test_nothing_is_looked_at_when_the_last_reader_has_gone_until_the_next_one_comes() -> None:
    async def scene() -> None:
        mock, before = Mock(60), asyncio.all_tasks()
        async with mock.stream():
            assert asyncio.all_tasks() != before
        await asyncio.sleep(0)  # a task that is cancelled ends in its next turn
        assert asyncio.all_tasks() == before
        mock.wall.now += timedelta(seconds=2)
        async with mock.stream() as stream:
            assert b"attempt 1" in stream.told

    asyncio.run(scene())
