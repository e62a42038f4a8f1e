"""Performing faults: delays that hold no thread, and broken connections."""

from mock_oms.server.asgi.connection import Client, Outgoing
from mock_oms.traffic.faults.active import MetFault
from mock_oms.traffic.faults.fault import Connection, DelayPlace, Effect

#: Into how many chunks at most a body is cut that is delayed between them, and how many a second a slow one has.
_CHUNKS = 10
_CHUNKS_A_SECOND = 10


async def send_as(answer: Outgoing, met: MetFault | None, client: Client) -> bool:
    """Send an answer as the fault wants it, a delay before it being over; whether the client gave up meanwhile."""
    effect = met.effect if met else Effect()
    if effect.connection is None:
        if met and effect.delay and effect.delay.place is DelayPlace.BETWEEN:
            size = max(1, -(-len(answer.body) // _CHUNKS))
            chunks = max(1, -(-len(answer.body) // size))
            return await _send_in_chunks(answer, met.delay / chunks, size, client)
        if not client.gets_at_once(answer):
            await client.answer(answer)
        return False
    if effect.connection is Connection.RESET:
        await client.reset()
        return False
    if effect.connection is Connection.DRIBBLE:
        # A slow body, until `max` is over: then the rest is cut off.
        size = max(1, effect.bytes_per_second // _CHUNKS_A_SECOND)
        pause = size / effect.bytes_per_second
        most = size * max(1, int(effect.max.total_seconds() / pause))
        return await _send_in_chunks(answer, pause, size, client, most=most)
    if effect.connection is Connection.TRUNCATE:
        await client.start(answer)
        await client.more(answer.body[: int(len(answer.body) * effect.fraction)])
    elif effect.connection is Connection.STALL:
        await client.start(answer)
        if await client.leaves_within(effect.max.total_seconds()):
            return True
    await client.close()
    return False


async def _send_in_chunks(answer: Outgoing, pause: float, size: int, client: Client, most: int | None = None) -> bool:
    """Send a body in chunks of a size, with a pause in seconds before each; `most` bytes of it, and then hang up."""
    await client.start(answer)
    body = answer.body[:most]
    for first in range(0, len(body), size):
        if await client.leaves_within(pause):
            return True
        await client.more(body[first : first + size])
    if len(body) == len(answer.body):
        await client.end()
    else:
        await client.close()
    return False
