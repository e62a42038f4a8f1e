"""The bodies of requests: read whole, within bounds, before anybody behind the front is asked."""

import asyncio

from mock_oms.front.messages import Message, Outgoing, Receive, Scope

#: Bytes of a body that are read for Flask; what announces more is refused by it unread, as Django would.
MAX_BODY = 2_621_440
#: Methods whose bodies something behind us reads.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_TEXT = b"The body of the request did not arrive in time.\n"

TOO_SLOW = Outgoing(
    status=408,
    headers=[
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(_TEXT)).encode()),
        (b"connection", b"close"),
    ],
    body=_TEXT,
)


class ClientGoneError(Exception):
    """The client hung up in the middle of its request."""


async def body_of(scope: Scope, receive: Receive, patience: float) -> bytes:
    """The body of a method that has one for anything behind us; no more of it than was announced.

    :raises TimeoutError: it did not arrive within `patience` seconds.
    :raises ClientGoneError: the client hung up before.
    """
    wanted = _announced(scope) if scope["method"] in _WITH_BODY else 0
    if not 0 < wanted <= MAX_BODY:
        return b""
    async with asyncio.timeout(patience):
        return await _read(receive, wanted)


async def _read(receive: Receive, wanted: int) -> bytes:
    body = bytearray()
    while len(body) < wanted:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body)


def _announced(scope: Scope) -> int:
    given = dict(scope["headers"]).get(b"content-length", b"")
    return int(given) if given.isdigit() else 0
