"""A request before anybody answers it: its headers, operation, plan and page, its body within bounds; and its journal record."""

import asyncio
import re
from contextlib import nullcontext
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from mock_oms.api.rest_framework import presented_token
from mock_oms.api.vendor import DETAIL, LIST, LOGIN, View, resolve
from mock_oms.contract.wording import GATEWAY_MAX_BODY
from mock_oms.dataclass import dataclass
from mock_oms.server.asgi.connection import Headers, Message, Outgoing, Peer, Receive, Scope
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.urls import Operation

if TYPE_CHECKING:
    from mock_oms.traffic.faults.active import MetFault

#: Bytes of a body that vendor paths take, by any method.
MAX_BODY = GATEWAY_MAX_BODY
#: What an answer says whose request was not read to its end.
CLOSE = (b"connection", b"close")
_TEXT = b"The body of the request did not arrive in time.\n"
TOO_SLOW = Outgoing(
    status=408,
    headers=[(b"content-type", b"text/plain"), (b"content-length", str(len(_TEXT)).encode()), CLOSE],
    body=_TEXT,
)
#: Header fields that decide about an answer; with these, those that say that a body follows.
_DECISIVE = frozenset({b"authorization", b"accept", b"host"})
_SEEN = _DECISIVE | {b"content-length", b"transfer-encoding", b"content-type"}
#: Methods whose bodies something behind us reads.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OPERATIONS = {LIST: Operation.LIST, DETAIL: Operation.DETAIL, LOGIN: Operation.LOGIN}
#: Bits of the numbers that the control API describes as int64.
_MOST_BITS = 63
#: More digits than any id has; Python refuses to read numbers of many thousands.
_LONGEST_NUMBER = 20
#: Where a scope says what its head weighs; bytes of a record with the headers of its answer, and of a header besides its
#: text. A redirect repeats the address, quoted.
_WEIGHT, _BARE, _HEADER, _REPEATED = "mock_oms.weight", 1_000, 100, 3
#: An id that a client may give: visible ASCII without blanks.
_REQUEST_ID = re.compile("[!-~]{1,128}")


class HeaderFields(NamedTuple):
    """Header fields that decide about an answer, as sent; `odd`: one of them is repeated, or there is a body."""

    authorization: bytes | None
    accept: bytes | None
    host: bytes | None
    odd: bool

    @property
    def token(self) -> str | None:
        """The token that names the world, read as the vendor's framework reads it."""
        return None if self.authorization is None else presented_token(self.authorization.split())


def fields_of(scope: Scope) -> HeaderFields:
    """The fields of a request; the values of one that is repeated are joined by commas."""
    found: dict[bytes, bytes] = {}
    odd = False
    for name, value in scope["headers"]:
        if name in _SEEN:
            odd = odd or name in found or name not in _DECISIVE
            found[name] = found[name] + b"," + value if name in found else value
    return HeaderFields(found.get(b"authorization"), found.get(b"accept"), found.get(b"host"), odd)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTarget:
    """What a request is for. `view` and `operation` None: its path leads nowhere; `page` is 1 where the query has none.

    `word` is what the request is counted as, one of `mock_oms.traffic.metrics.OPERATIONS`.
    """

    view: View | None = None
    operation: Operation | None = None
    plan: int | None = None
    page: int | None = None
    word: str = "other"


NOWHERE, CONTROL_TARGET = RequestTarget(), RequestTarget(word="control")


def target_of(scope: Scope) -> RequestTarget:
    """Read a request's path and query; whatever cannot be read is None, for the framework to refuse."""
    found = resolve(scope["path"])
    if found is None:
        return NOWHERE
    view, parts = found
    operation, plan, page = _OPERATIONS[view], None, None
    if operation is Operation.DETAIL:
        plan = number_in(parts.get("pk", ""))
    elif operation is Operation.LIST:
        page = number_in(parse_qs(scope["query_string"].decode("latin-1")).get("page", ["1"])[-1])
    return RequestTarget(view=view, operation=operation, plan=plan, page=page, word=operation.value)


def number_in(text: str) -> int | None:
    """A number, None where it is none, or has more than 63 bits as no id has."""
    try:
        number = int(text) if len(text) <= _LONGEST_NUMBER else None
    except ValueError:
        return None
    return None if number is None or number.bit_length() > _MOST_BITS else number


class TooLargeError(Exception):
    """A body is longer than whoever would read it allows; the rest of it is still to come."""


def announced_bytes(scope: Scope) -> int | None:
    """How long a request says that its body is; None where it comes in chunks."""
    headers = dict(scope["headers"])
    given = headers.get(b"content-length", b"")
    return None if b"transfer-encoding" in headers else int(given) if given.isdigit() else 0


async def body_of(scope: Scope, receive: Receive, patience: float, most: int) -> bytes | None:
    """The body of a request, empty where nothing behind us would read it; None where the client hung up before its end.

    :raises TooLargeError: it is longer than `most` bytes, or says so.
    :raises TimeoutError: it did not arrive within `patience` seconds.
    """
    announced = announced_bytes(scope)
    if announced is not None and announced > most:
        raise TooLargeError
    body, is_more = bytearray(), announced != 0
    async with asyncio.timeout(patience) if is_more else nullcontext():  # a timer costs more than all the rest
        while is_more:
            message: Message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > most:
                raise TooLargeError
            is_more = message.get("more_body", False)
    return bytes(body) if scope["method"] in _WITH_BODY else b""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)  # a repr would show tokens
class JournalRecord:
    """A request and what was answered, without the body: the journal of a busy world would hold hundreds of megabytes.

    Thousands are written each second, so it only holds on to what there is anyway; an entry is made of it when somebody
    reads it. `status` None: no status line is sent. `at` is world time, `arrived` wall time, `started` a time of the
    performance counter, `duration` in seconds. `made_id` is the id of a request whose client gave none. The
    scope may be of an earlier request with the same octets, but for the `peer`.
    """

    redactor: Redactor
    scope: Scope
    target: RequestTarget
    world: str | None
    number: int
    arrived: datetime
    at: datetime
    started: float
    made_id: str
    peer: Peer
    state: str | None = None
    status: int | None = None
    headers: Headers = field(default_factory=list)
    size: int = 0
    met: "MetFault | None" = None
    hint: str | None = None
    duration: float = 0.0

    @property
    def answered_id(self) -> str:
        """The id that the client gave, as it gave it; where it gave none, or several, the one that was made.

        For its answer alone: a hash there would tell who guesses secrets that this was one.
        """
        given = [value.decode("latin-1") for name, value in self.scope["headers"] if name == b"x-request-id"]
        return given[0] if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]) else self.made_id

    @property
    def request_id(self) -> str:
        """The same without a secret, for the journal and the log."""
        told = self.answered_id
        return told if told is self.made_id else self.redactor.redacted_id(told, self.scope["headers"])

    @property
    def operation(self) -> Operation | None:
        """What the request is for; None where its path leads nowhere."""
        return self.target.operation

    @property
    def plan(self) -> int | None:
        """The plan that it is for."""
        return self.target.plan

    @property
    def page(self) -> int | None:
        """The page of the list that it is for."""
        return self.target.page

    @property
    def fault(self) -> str | None:
        """The name of the fault that was met."""
        return None if self.met is None else self.met.effect.name

    @property
    def weight(self) -> int:
        """About how many bytes it holds on to, for a budget."""
        scope = self.scope
        weight: int | None = scope.get(_WEIGHT)
        if weight is None:
            target = len(scope["raw_path"]) + len(scope["query_string"])
            headers = sum(len(name) + len(value) + _HEADER for name, value in scope["headers"])
            scope[_WEIGHT] = weight = _BARE + _REPEATED * target + headers
        return weight

    @property
    def client(self) -> str:
        """The client's address and port."""
        return f"{self.peer[0]}:{self.peer[1]}" if self.peer else ""

    def entry(self) -> JournalEntry:
        """Everything about the request, without a secret."""
        scope, (headers, answered) = self.scope, map(self.redactor.redacted, (self.scope["headers"], self.headers))
        retry_after = dict(answered).get("retry-after", "")
        return JournalEntry(
            number=self.number,
            request_id=self.request_id,
            world=self.world,
            at=self.at,
            wall=self.arrived,
            method=scope["method"],
            path=self.redactor.redacted_text(scope["raw_path"].decode("latin-1")),
            query=self.redactor.redacted_text(scope["query_string"].decode("latin-1")),
            operation=self.operation,
            plan=self.plan,
            page=self.page,
            state=self.state,
            status=self.status,
            fault=self.fault,
            fault_id=self.met.id if self.met else None,
            duration=self.duration,
            size=self.size,
            client=self.client,
            user_agent=dict(headers).get("user-agent", ""),
            headers=headers,
            answer_headers=answered,
            retry_after=int(retry_after) if retry_after.isdigit() else None,
            location=dict(answered).get("location"),
            hint=self.hint,
            gave_up=None,
        )
