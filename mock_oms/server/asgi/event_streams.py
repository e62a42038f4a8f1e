"""Streams of what happens in worlds: each holds a connection, and no thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from mock_oms.dataclass import dataclass
from mock_oms.server.asgi.answering import FlaskCaller
from mock_oms.server.asgi.connection import Client, Outgoing, Scope
from mock_oms.server.asgi.http_protocol import ENDLESS
from mock_oms.server.asgi.request import CLOSE
from mock_oms.traffic.journal.journal import Journal
from mock_oms.worlds.event_stream import EventStream
from mock_oms.worlds.leases import TooManyStreamsError
from mock_oms.worlds.manager import WorldManager

if TYPE_CHECKING:
    from mock_oms.worlds.open_world import OpenWorld

#: Streams that are open at once, over all worlds.
MAX_STREAMS = 32
#: Looks at a world, one each second, after which a reader that was sent nothing is told that the stream is alive.
_SILENT_LOOKS = 15
_ALIVE = b": nothing happened\n\n"
#: Events that are written at once, and bytes that are sent at once: nobody else is answered meanwhile.
_TOGETHER, _PIECE = 50, 16_384
#: Bytes that may wait for a reader. Beyond twice as many uvicorn would wait for him, and he could not be cut off.
_FULL = 8_192
#: Seconds until it is looked again whether a reader has read on.
_GLANCE = 0.05

StreamTimer = Callable[[], Awaitable[None]]


class Stream:
    """One reader at the other end of a connection. Only the event loop touches it, but for `wake_from_any_thread`.

    What was not sent yet is never more than a few events: whoever reads slowly falls behind in the journal, not here.
    """

    def __init__(self, events: EventStream, client: Client, flask: FlaskCaller) -> None:
        self.events, self._client, self._flask = events, client, flask
        self._loop, self.awake = asyncio.get_running_loop(), asyncio.Event()
        self._unsent, self._silence = b"", 0
        self._over = self._in_haste = False

    def wake_from_any_thread(self) -> None:
        """Look whether something has happened."""
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self.awake.set)

    def end(self) -> None:
        """End, when what has happened so far is sent."""
        self._over = True
        self.awake.set()

    def end_at_once(self) -> None:
        """End without waiting for a reader that does not read."""
        self._in_haste = True
        self.end()

    def looked(self) -> None:
        """Take note that a second has passed, and the world was looked at."""
        self._silence += 1
        if self._silence >= _SILENT_LOOKS and not self._unsent:
            self._unsent = _ALIVE
        self.awake.set()

    async def run(self, answer: Outgoing) -> None:
        """Send everything until the end, or until the reader has gone or is cut off."""
        await self._client.start(answer)
        leaving = asyncio.create_task(self._client.until_gone())
        leaving.add_done_callback(lambda _: self.end())
        try:
            while not self._over:
                await self._step()
            if self._in_haste and self._client.backlog > _FULL:
                self._client.abort()
                await leaving
            else:
                await self._client.end(self._unsent or self._written())
        finally:
            leaving.cancel()

    async def _step(self) -> None:
        self.awake.clear()
        blocked = self._client.backlog > _FULL
        if blocked and self.events.is_overtaken:
            self._unsent += self._written(1)
            self._over = True
        elif blocked:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GLANCE):
                    await self.awake.wait()
        elif written := self._unsent or await self._fetched():
            self._silence, self._unsent = 0, written[_PIECE:]
            await self._client.more(written[:_PIECE])
            await asyncio.sleep(0)  # sending alone lets nobody else run
        else:
            await self.awake.wait()

    async def _fetched(self) -> bytes:
        """What is to be sent next; after an advance by years, or long requests, it is fetched in a thread."""
        if not self.events.takes_long(_TOGETHER):
            return self._written()
        return await self._flask.run_control(self._written, self.events.lease.world, changes=False)

    def _written(self, events: int = _TOGETHER) -> bytes:
        from mock_oms.api.control.stream import text_of  # noqa: PLC0415  the control API comes with its first request

        return text_of([*self.events.changed(), *self.events.next(events)]).encode("ascii")


@dataclass(slots=True)
class StreamSlot:
    """The place in which the app puts what is to be streamed, from any thread."""

    _places: BoundedSemaphore
    events: EventStream | None = None

    def take(self, following: EventStream) -> None:
        """Stream this, instead of the body of the answer.

        :raises TooManyStreamsError: no further stream can be open.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyStreamsError(
                f"There are {MAX_STREAMS} streams open, which is all that this server holds: end one of them."
            )
        self.events = following


class Streams:
    """All streams of a server. `open` are those that have begun; only the event loop touches it."""

    def __init__(self, manager: WorldManager, flask: FlaskCaller, timer: StreamTimer) -> None:
        self._manager, self._flask, self._timer = manager, flask, timer
        self.open: list[Stream] = []
        self._places = BoundedSemaphore(MAX_STREAMS)
        self._looking: asyncio.Task[None] | None = None
        self._moving: dict[OpenWorld, asyncio.Task[None]] = {}

    @contextmanager
    def slot(self) -> Iterator[StreamSlot]:
        """A place in which the app may put what is to be streamed; what it has taken is given back at the end."""
        slot = StreamSlot(self._places)
        try:
            yield slot
        finally:
            if slot.events is not None:
                self._places.release()

    def notify(self, journal: Journal) -> None:
        """Tell the readers of a journal that a request was appended."""
        for stream in self.open:
            if stream.events.journal is journal:
                stream.awake.set()

    def wake(self, world: object) -> None:
        """Have the readers of a world look whether it has changed."""
        for stream in self.open:
            if stream.events.lease.world is world:
                stream.awake.set()

    def sweep(self) -> None:
        """End the streams of worlds that are closed."""
        for stream in self.open:
            if not self._manager.holds(stream.events.lease):
                stream.end()

    async def answer(self, slot: StreamSlot, answer: Outgoing, client: Client, scope: Scope) -> None:
        """Send an answer as it is; or its headers, and then the stream that the app has put into the slot."""
        if slot.events is None or answer.status != HTTPStatus.OK:
            await client.answer(answer)
            return
        stream = Stream(slot.events, client, self._flask)
        # Nobody knows the length of the answer, and after it the connection ends.
        headers = [*(one for one in answer.headers if one[0] != b"content-length"), CLOSE]
        endless: set[Callable[[], None]] = scope.get(ENDLESS, set())
        world = stream.events.lease.world
        self.open.append(stream)
        endless.add(stream.end_at_once)
        world.listen(stream.wake_from_any_thread)
        self._looking = self._looking or asyncio.create_task(self._look())
        try:
            await stream.run(Outgoing(status=answer.status, headers=headers, body=b""))
        finally:
            world.ignore(stream.wake_from_any_thread)
            endless.discard(stream.end_at_once)
            self.open.remove(stream)
            if not self.open:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        """Look at the worlds whose clocks run: their plans move by themselves, and nobody else may ask for them."""
        while True:
            await self._timer()
            # Not waited for: a world that takes long holds up no reader of another.
            moving, self._moving = self._moving, {}
            for world in {stream.events.lease.world for stream in self.open}:
                task = moving.get(world)
                if task is None or task.done():
                    task = asyncio.create_task(self._flask.take_steps(world))
                self._moving[world] = task
            self.sweep()
            for stream in self.open:
                stream.looked()
