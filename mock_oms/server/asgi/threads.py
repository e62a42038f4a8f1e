"""Threads that make answers beside the event loop: one, for as long as it keeps up."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds in which a thread must have finished something, or another one helps it.
_PATIENCE = 0.01


class Threads:
    """At most `most` threads for work that may take its time. All methods are for the event loop.

    Each thread more fights for Python with the others and the loop. So a second one begins only where work waits and
    nothing was finished for a moment: because the first one is long at it, or waits for a lock.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most, self._pool = most, ThreadPoolExecutor(most, name)
        self._waiting: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._finished: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._at_work: set[Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_told = self._is_watched = False
        self._count = 0

    @property
    def is_busy(self) -> bool:
        """Whether a thread is at work, also when the loop has ended."""
        return any(not one.done() for one in self._at_work)

    def end(self) -> None:
        """Let go of the threads; of one at work, when its work is done."""
        self._pool.shutdown(wait=not self.is_busy, cancel_futures=True)

    async def run(self, act: Callable[[], T]) -> T:
        """What `act` returns, or raises, in a thread; it is not begun any more when whoever waits for it is cancelled."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # what an earlier one was told is no news to this one
            self._loop, self._is_told, self._is_watched, self._at_work = loop, False, False, set()
        result: asyncio.Future[T] = loop.create_future()
        self._waiting.append((act, result))
        if not self._at_work:
            self._begin(loop)
        return await result

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        work = self._pool.submit(self._work)
        self._at_work.add(work)
        work.add_done_callback(lambda _: _tell(loop, self._rest, loop, work))
        if not self._is_watched:
            self._is_watched = True
            loop.call_later(_PATIENCE, self._watch, loop, self._count)

    def _work(self) -> None:
        """Do what waits, one after the other; in a thread."""
        while self._waiting:
            try:
                act, result = self._waiting.popleft()
            except IndexError:  # another thread was quicker
                return
            if result.cancelled():
                continue
            value, error = None, None
            try:
                value = act()
            except BaseException as raised:  # noqa: BLE001  for whoever waits
                error = raised
            self._finished.append((result, value, error))
            if not self._is_told:
                self._is_told = True
                _tell(result.get_loop(), self._settle)

    def _settle(self) -> None:
        self._is_told = False
        while self._finished:
            result, value, error = self._finished.popleft()
            self._count += 1
            if result.cancelled():
                continue
            if error is None:
                result.set_result(value)
            else:
                result.set_exception(error)

    def _rest(self, loop: asyncio.AbstractEventLoop, work: Future[None]) -> None:
        self._at_work.discard(work)
        if self._waiting and not self._at_work:  # it came when the thread had just looked for the last time
            self._begin(loop)

    def _watch(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        self._is_watched = bool(self._at_work)
        if self._waiting and self._count == before and len(self._at_work) < self._most:
            self._begin(loop)
        if self._is_watched:
            loop.call_later(_PATIENCE, self._watch, loop, self._count)


def _tell(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *arguments: object) -> None:
    with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
        loop.call_soon_threadsafe(act, *arguments)
