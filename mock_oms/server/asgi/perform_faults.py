"""Performing what `mock_oms.faults` decided: delays that hold no thread, broken connections, spoiled bodies."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mock_oms.server.asgi.connection import Client, Outgoing
from mock_oms.traffic.faults.active import MetFault
from mock_oms.traffic.faults.fault import Connection, DelayPlace, Effect

#: Into how many chunks at most a body is cut that is delayed between them, and how often in a second a slow one goes
#: on.
CHUNKS = 10
_BEATS = 10


async def leave(answer: Outgoing, met: MetFault | None, client: Client) -> float | None:
    """Let an answer leave as the fault wants it; the seconds after which the client gave up, None if it did not.

    A delay before the answer is over by now.
    """
    if met is None:
        await client.answer(answer)
        return None
    if met.effect.connection is not None:
        return await _BROKEN[met.effect.connection](answer, met.effect, client)
    if met.effect.delay is not None and met.effect.delay.place is DelayPlace.BETWEEN:
        size = max(1, -(-len(answer.body) // CHUNKS))
        chunks = max(1, -(-len(answer.body) // size))
        return await _in_pieces(answer, met.delay / chunks, size, client)
    await client.answer(answer)
    return None


async def _reset(_: Outgoing, __: Effect, client: Client) -> None:
    await client.reset()


async def _empty(_: Outgoing, __: Effect, client: Client) -> None:
    await client.close()


async def _truncate(answer: Outgoing, effect: Effect, client: Client) -> None:
    await client.start(answer)
    await client.more(answer.body[: int(len(answer.body) * effect.fraction)])
    await client.close()


async def _stall(answer: Outgoing, effect: Effect, client: Client) -> float | None:
    await client.start(answer)
    began = asyncio.get_running_loop().time()
    if await client.leaves_within(effect.max.total_seconds()):
        return asyncio.get_running_loop().time() - began
    await client.close()
    return None


async def _dribble(answer: Outgoing, effect: Effect, client: Client) -> float | None:
    """A slow body, until `max` is over: then the rest is cut off."""
    size = max(1, effect.bytes_per_second // _BEATS)
    pause = size / effect.bytes_per_second
    beats = max(1, int(effect.max.total_seconds() / pause))
    if len(answer.body) <= beats * size:
        return await _in_pieces(answer, pause, size, client)
    cut = Outgoing(status=answer.status, headers=answer.headers, body=answer.body[: beats * size])
    gave_up = await _in_pieces(cut, pause, size, client, whole=False)
    await client.close()
    return gave_up


async def _in_pieces(answer: Outgoing, pause: float, size: int, client: Client, *, whole: bool = True) -> float | None:
    await client.start(answer)
    began = asyncio.get_running_loop().time()
    for first in range(0, len(answer.body), max(1, size)):
        if await client.leaves_within(pause):
            return asyncio.get_running_loop().time() - began
        await client.more(answer.body[first : first + size])
    if whole:
        await client.end()
    return None


_BROKEN: Mapping[Connection, Callable[[Outgoing, Effect, Client], Awaitable[float | None]]] = {
    Connection.RESET: _reset,
    Connection.EMPTY: _empty,
    Connection.TRUNCATE: _truncate,
    Connection.STALL: _stall,
    Connection.DRIBBLE: _dribble,
}
