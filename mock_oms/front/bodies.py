"""The bodies of requests: read whole, within bounds, before anybody behind the front is asked."""

import asyncio

from mock_oms.front.messages import Message, Outgoing, Receive, Scope

#: Bytes of a body that vendor paths take, by any method; nothing that a client has to say there is longer. What the
#: gateway in front of the vendor's Django allows is not documented: it is ours.
MAX_BODY = 65_536
#: Methods whose bodies something behind us reads.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_TEXT = b"The body of the request did not arrive in time.\n"
#: What an answer says whose request was not read to its end.
CLOSE = (b"connection", b"close")

TOO_SLOW = Outgoing(
    status=408,
    headers=[(b"content-type", b"text/plain"), (b"content-length", str(len(_TEXT)).encode()), CLOSE],
    body=_TEXT,
)


class ClientGoneError(Exception):
    """The client hung up in the middle of its request."""


class TooLargeError(Exception):
    """A body is longer than whoever would read it allows; the rest of it is still to come."""


async def body_of(scope: Scope, receive: Receive, patience: float, most: int) -> bytes:
    """The body of a request, empty where nothing behind us would read it.

    A body in chunks, whose length nobody has announced, is read only to know its length, as Django never sees it.

    :raises TooLargeError: it is longer than `most` bytes, or says so.
    :raises TimeoutError: it did not arrive within `patience` seconds.
    :raises ClientGoneError: the client hung up before.
    """
    announced = _announced(scope)
    if announced == 0:
        return b""
    if announced is not None and announced > most:
        raise TooLargeError
    async with asyncio.timeout(patience):
        body = await _read(receive, most)
    return body if announced and scope["method"] in _WITH_BODY else b""


async def _read(receive: Receive, most: int) -> bytes:
    body, is_more = bytearray(), True
    while is_more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLargeError
        is_more = message.get("more_body", False)
    return bytes(body)


def _announced(scope: Scope) -> int | None:
    """The length of the body, None where it comes in chunks."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    given = headers.get(b"content-length", b"")
    return int(given) if given.isdigit() else 0
