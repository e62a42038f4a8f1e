"""A vendor request before anybody answers it: its headers, operation, plan and page, and its body within bounds."""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs

from mock_oms.api.rest_framework import presented_token
from mock_oms.api.vendor import DETAIL, LIST, LOGIN, View, resolve
from mock_oms.contract.wording import GATEWAY_MAX_BODY
from mock_oms.server.asgi.connection import Message, Outgoing, Receive, Scope
from mock_oms.urls import Operation

#: Paths under which the control API lies, decoded.
CONTROL = "/_mock"
#: The fields of a request that decide whether kept bytes may answer it, and its id.
_SEEN = frozenset(
    {b"authorization", b"accept", b"host", b"content-length", b"transfer-encoding", b"content-type", b"x-request-id"}
)


class HeaderFields(NamedTuple):
    """Header fields that the front looks at, as sent; `odd`: one of them is repeated, or there is a body.

    `request_id` decides about no answer; one that is repeated is none.
    """

    authorization: bytes | None
    accept: bytes | None
    host: bytes | None
    odd: bool
    request_id: bytes | None

    @property
    def token(self) -> str | None:
        """The token that names the world, read as the vendor's framework reads it."""
        return None if self.authorization is None else presented_token(self.authorization.split())


def fields_of(scope: Scope) -> HeaderFields:
    """The fields of a request."""
    authorization = accept = host = request_id = None
    odd = False
    for name, value in scope["headers"]:
        if name not in _SEEN:
            continue
        if name == b"authorization":
            odd |= authorization is not None
            authorization = value if authorization is None else authorization + b"," + value
        elif name == b"accept":
            odd |= accept is not None
            accept = value
        elif name == b"host":
            odd |= host is not None
            host = value
        elif name == b"x-request-id":
            request_id = value if request_id is None else b""
        else:
            odd = True
    return HeaderFields(authorization, accept, host, odd, request_id)


def is_control(scope: Scope) -> bool:
    """Whether a request is for the control API."""
    path: str = scope["path"]
    return path.startswith(CONTROL) and path[len(CONTROL) : len(CONTROL) + 1] in {"", "/"}


_OPERATIONS = {LIST: Operation.LIST, DETAIL: Operation.DETAIL, LOGIN: Operation.LOGIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTarget:
    """`view` and `operation` None: the path leads nowhere; `page` is the first where the query names none.

    `word` is what the request is counted as, one of `mock_oms.metrics.OPERATIONS`.
    """

    view: View | None = None
    operation: Operation | None = None
    plan: int | None = None
    page: int | None = None
    word: str = "other"


#: What a request for the control API is after.
CONTROL_TARGET = RequestTarget(word="control")


def target_of(scope: Scope) -> RequestTarget:
    """Read a request's path and query; whatever cannot be read is None, for the framework to refuse."""
    found = resolve(scope["path"])
    if found is None:
        return RequestTarget()
    view, said = found
    operation = _OPERATIONS[view]
    plan = _number(said.get("pk", "")) if operation is Operation.DETAIL else None
    page = _page(scope["query_string"].decode("latin-1")) if operation is Operation.LIST else None
    return RequestTarget(view=view, operation=operation, plan=plan, page=page, word=operation.value)


def _page(query: str) -> int | None:
    return _number(parse_qs(query).get("page", ["1"])[-1])


def _number(text: str) -> int | None:
    """A text as a whole number; None where it is none, or has too many digits to name anything."""
    try:
        return int(text[:20]) if len(text) <= 20 else None  # noqa: PLR2004  more digits than any id has
    except ValueError:
        return None


#: Bytes of a body that vendor paths take, by any method.
MAX_BODY = GATEWAY_MAX_BODY
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
