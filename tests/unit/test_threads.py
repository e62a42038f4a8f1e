"""Threads beside the event loop: one while it keeps up, others where it does not."""

import asyncio
from functools import partial
from threading import Event, current_thread

import pytest

from mock_oms.server.asgi.threads import Threads


def test_one_thread_does_what_is_quick() -> None:
    async def names() -> set[str]:
        threads = Threads(8, "test")
        return set(await asyncio.gather(*(threads.run(lambda: current_thread().name) for _ in range(100))))

    assert asyncio.run(names()) == {"test_0"}


def test_work_that_waits_holds_up_no_other() -> None:
    async def done() -> list[str]:
        threads, go_on = Threads(3, "test"), Event()
        held = [asyncio.create_task(threads.run(lambda: go_on.wait(30))) for _ in range(2)]
        found = [await threads.run(lambda: "quick")]
        go_on.set()
        return [*found, *map(str, await asyncio.gather(*held))]

    assert asyncio.run(done()) == ["quick", "True", "True"]


def test_no_more_threads_begin_than_are_allowed() -> None:
    async def most() -> set[str]:
        threads, go_on, began = Threads(2, "test"), Event(), []

        def hold() -> None:
            began.append(current_thread().name)
            go_on.wait(30)

        held = [asyncio.create_task(threads.run(hold)) for _ in range(6)]
        while len(began) < 2:  # noqa: ASYNC110  threads tell no event
            await asyncio.sleep(0)
        assert threads.is_busy
        go_on.set()
        await asyncio.gather(*held)
        return set(began)

    assert asyncio.run(most()) == {"test_0", "test_1"}


def test_an_error_is_raised_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Threads(1, "test").run(lambda: 1 // 0))


def test_another_loop_may_use_the_same_threads() -> None:
    threads = Threads(1, "test")
    assert [asyncio.run(threads.run(partial(int, number))) for number in range(3)] == [0, 1, 2]


def test_work_that_nobody_waits_for_any_more_is_not_begun() -> None:
    async def begun() -> list[str]:
        threads, go_on, found = Threads(1, "test"), Event(), list[str]()
        first = asyncio.create_task(threads.run(lambda: go_on.wait(30)))
        second = asyncio.create_task(threads.run(lambda: found.append("second")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await first
        await threads.run(lambda: found.append("third"))
        return found

    assert asyncio.run(begun()) == ["third"]
