"""uvicorn's HTTP protocol within limits, and opened: faults reach the connection, cached answers leave in one piece."""

import asyncio
import logging
import re
from collections import deque
from heapq import nsmallest
from operator import itemgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mock_oms.server.asgi.connection import ENDED, TRANSPORT, write_ok
from mock_oms.server.asgi.http_limits import BoundedFlow, HttpLimits, HttpRefusal, LingeringClose

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)
#: Of the connections that are allowed, one in so many is closed at once to make room: to find them is a look at all.
_ONE_IN = 64
#: What a header takes beside its name and its value.
_COLON_AND_END = 4
#: Where a request finds, in its scope, the calls that end answers without an end.
ENDLESS = "mock_oms.endless"
#: Where a request finds, in its scope, the octets that it came as, if they are few and no others came with them.
HEAD = "mock_oms.head"
_LONGEST_HEAD = 2_048
#: The headers where no head is being read: whatever is appended is forgotten.
_NO_HEAD = cast("list[tuple[bytes, bytes]]", deque(maxlen=0))
#: The method of a request that a piece begins with, and those that the parser takes as we do.
_METHOD = re.compile(rb"[\r\n]*([A-Z][A-Z0-9_-]{0,31}) ")
_USUAL = frozenset((b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PRI", b"PUT", b"TRACE"))
#: What the parser is told instead of another method; what it says of bodies and of connections is the same.
_STAND_IN = b"POST"


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol within the limits of the application; a request knows its connection and when it is lost.

    `overtaken` are the requests before the last one whose answers have not left: uvicorn forgets them. `endless` are
    calls that end answers without an end.
    """

    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # there is none before the first request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin a connection, if need be in the place of one that nobody uses."""
        super().connection_made(transport)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # uvicorn itself from 0.32 on
        self._limits: HttpLimits = getattr(self.config.app, "http_limits", None) or HttpLimits()  # the usual ones
        self._bounds = self._limits.bounds
        self.flow = BoundedFlow(transport, self.pipeline, self._limits)
        self.overtaken: deque[RequestResponseCycle] = deque()
        self.endless: set[Callable[[], None]] = set()
        self.headers = _NO_HEAD
        self._is_over = self._has_ended = False
        self._received = self._before = self._framed = 0
        self._refused: HttpRefusal | None = None
        self._lingering: LingeringClose | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._method: bytes | None = None
        self.access_log = (
            False  # the application has one of its own; uvicorn's would tell every query to the host's log
        )
        self._answer_again = getattr(self.config.app, "answer_again", None)
        self._start_head_timer()
        if len(self.connections) > self._limits.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection with all its timers, and tell every request that nobody waits for its answer."""
        super().connection_lost(exc)
        self._stop_head_timer()
        if self._lingering is not None:
            self._lingering.end()
        for cycle in self.overtaken:
            cycle.disconnected = True
            cycle.message_event.set()

    def shutdown(self) -> None:
        """End when the answer under way has left; one without an end, now."""
        super().shutdown()
        for end in self.endless:
            end()
        if self.scheme == "https" and self.transport.is_closing() and not self.transport.get_write_buffer_size():
            self.transport.abort()  # TLS has said that it closes; to wait for the client to say so takes half a minute

    def data_received(self, data: bytes) -> None:
        """Take what the client sends, as long as it is welcome."""
        if self._is_over:
            if self._lingering is not None:
                self._lingering.drop(data)
            return
        self._unset_keepalive_if_required()
        last, was_in_head = self.cycle, self._in_head
        is_between = not was_in_head and (last is None or (last.response_complete and not last.more_body))
        if is_between and self._is_answered_again(data):
            return
        self._received = self._received + len(data) if was_in_head else len(data)
        try:
            self._feed(data, may_begin=not was_in_head and (last is None or not last.more_body))
        except httptools.HttpParserError:
            self._refuse(self._refused or HttpRefusal.MALFORMED)
            return
        cycle = self.cycle
        if cycle is None or cycle.response_complete or self._in_head:
            if was_in_head and cycle is not last:  # that head has ended in this piece, and another has begun
                self._received = self._before = len(data)
            elif not was_in_head:
                # What stood before this head in the same piece is not known, unless the piece began with it.
                began = cycle is last and (last is None or last.response_complete)
                self._before = 0 if began else len(data)
            # Wait for the rest of a head, or for another request, but neither for ever nor for any length.
            if self._in_head and len(self.url) > self._bounds.target:
                self._refuse(HttpRefusal.TOO_LONG)
            elif self._in_head and self._received - self._before > self._bounds.head:
                self._refuse(HttpRefusal.TOO_LARGE)
            elif self._head_timer is None:
                self._start_head_timer()
        elif cycle.more_body:
            self._await_body(cycle, len(data))
        elif is_between and not self.pipeline and cycle.keep_alive and len(data) <= _LONGEST_HEAD:
            cycle.scope[HEAD] = data  # type: ignore[literal-required]

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn always lets the connection end
        """Answer what is whole, then close; without anything to answer, close now. Whether the connection stays."""
        owed = [] if self._lingering is not None else self._owed()
        for cycle in owed:
            cycle.scope[ENDED] = True  # type: ignore[literal-required]  # a key of our own
            cycle.message_event.set()
        if owed and self._refused is None:
            owed[-1].keep_alive = False
        self._is_over = self._has_ended = True
        return bool(owed)

    def _feed(self, data: bytes, *, may_begin: bool) -> None:
        """Let the parser read on. An offer to speak another protocol is none here: the head is read again without it."""
        found = _METHOD.match(data) if may_begin else None
        if found is not None and found[1] not in _USUAL:
            self._method, data = found[1], _STAND_IN + data[found.end(1) :]
        rest = memoryview(data)
        while rest:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as offer:
                rest = rest[offer.args[0] :]
                offers = [one for one in self.headers if one[0] == b"upgrade"]
                lines = (b"%s: %s\r\n" % one for one in self.headers if one[0] != b"upgrade")
                method, version = self.parser.get_method(), self.parser.get_http_version().encode()
                if method == b"CONNECT":
                    self._method, method = method, _STAND_IN
                # Another parser, made as uvicorn's, for this one may have seen that nothing follows the request.
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                self.parser.feed_data(b"%s %s HTTP/%s\r\n%s\r\n" % (method, self.url, version, b"".join(lines)))
                self.scope["headers"] = [*self.scope["headers"], *offers]  # the journal shows what was sent
            else:
                return

    def _should_upgrade(self) -> bool:
        """Leave a head alone that offers to upgrade: it comes once more."""
        return True

    def _is_answered_again(self, head: bytes) -> bool:
        """Answer a request that is, octet for octet, one that was answered from the cache before; whether it was."""
        again = None if self.flow.write_paused else self._answer_again
        answer = None if again is None else again(head, self.client)
        if answer is None:
            return False
        self._stop_head_timer()
        write_ok(self.transport, self.server_state.default_headers, answer[2], answer[1])
        self.on_response_complete()
        return True

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]  # a key of our own
        self.scope[ENDLESS] = self.endless  # type: ignore[literal-required]

    def on_headers_complete(self) -> None:
        """Answer a request, or let it wait, unless there is too much of it."""
        if self.parser.should_upgrade():
            return
        self._stop_head_timer()
        bounds = self._bounds
        if len(self.url) > bounds.target:
            self._refused = HttpRefusal.TOO_LONG
        elif len(self.headers) > bounds.headers:
            self._refused = HttpRefusal.TOO_MANY_HEADERS
        elif self._received > bounds.head:  # which may count what stood before this head
            size = len(self.url) + sum(len(name) + len(value) + _COLON_AND_END for name, value in self.headers)
            self._refused = HttpRefusal.TOO_LARGE if size > bounds.head else None
        if self._refused is not None:
            raise _RefusedError
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not None:  # uvicorn looks for itself from 0.48 on
            self.cycle.keep_alive &= self.parser.should_keep_alive()
        if self._method is not None:
            self.scope["method"], self._method = self._method.decode("ascii"), None
        if self.pipeline and before is not None:
            while self.overtaken and self.overtaken[0].response_complete:
                self.overtaken.popleft()
            self.overtaken.append(before)
            if len(self.pipeline) > bounds.most_waiting:
                self.pipeline.popleft()
                self.cycle = before
                self.overtaken.pop()
                self._refused = HttpRefusal.TOO_MANY_WAITING
                raise _RefusedError
        # The head ends here: what trails a body in chunks looks like headers too, and must not become some.
        self.headers = _NO_HEAD

    def _await_body(self, cycle: RequestResponseCycle, length: int) -> None:
        """Let an answer that comes before the end of its request be the end of the connection."""
        if cycle.transport is self.transport:
            own = self.transport  # the answer is written to it, but its end must not close it at once
            stand_in = SimpleNamespace(
                write=own.write, writelines=own.writelines, is_closing=own.is_closing, close=self._close
            )
            cycle.transport = cast("asyncio.Transport", stand_in)
            self._framed = 0
        self._framed += length
        if self._framed > self._bounds.framed:
            self._refuse(HttpRefusal.TOO_MUCH_FRAMING)

    def _close(self) -> None:
        if self.cycle is not None and self.cycle.more_body and self._lingering is None:
            self._is_over = True
            self.cycle.body = type(self.cycle.body)()  # nobody reads it any more; bytes before uvicorn 0.42
            self._lingering = LingeringClose(self.transport, self.flow, self._bounds)
        else:
            self.transport.close()

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.flow.read_paused or self._is_answering:
            self._start_head_timer()
        elif self._in_head:
            self._refuse(HttpRefusal.TOO_SLOW)
        else:
            self.transport.close()

    @property
    def _in_head(self) -> bool:
        return self.headers is not _NO_HEAD

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_head_timer(self) -> None:
        self._head_timer = asyncio.get_running_loop().call_later(self._bounds.head_seconds, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, refused: HttpRefusal) -> None:
        """Refuse what is arriving, when the answers to what has arrived before have left."""
        self._refused, self._is_over = refused, True
        self._stop_head_timer()
        owed = self._owed()
        if owed:
            owed[-1].on_response = self._turn_away
        else:
            self._turn_away()

    def _owed(self) -> list[RequestResponseCycle]:
        """The requests that wait for their answers, in their order. One whose body never ends is given up."""
        cycle = self.cycle
        if cycle is not None and not self._in_head and cycle.more_body and not cycle.response_started:
            cycle.disconnected, cycle.waiting_for_100_continue = True, False
            cycle.message_event.set()
            if self.pipeline:  # it is the one that came last
                self.pipeline.popleft()
        cycles = (*self.overtaken, *([] if cycle is None else [cycle]))
        return [one for one in cycles if not (one.response_complete or one.disconnected)]

    def _turn_away(self) -> None:
        refused = self._refused
        if refused is None or self.transport.is_closing():
            return
        self._limits.refused[refused.status] += 1
        who = "{}:{}".format(*self.client) if self.client else "somebody"
        text = refused.text(self._limits)
        _LOG.warning("Answered %s with %d before the request was read: %s", who, refused.status, text)
        self.transport.write(refused.octets(self._limits, self.server_state.default_headers))
        self._lingering = LingeringClose(self.transport, self.flow, self._bounds)

    def _make_room(self) -> None:
        """Close the connections that have been idle for longest; where none is, this one."""
        others = (one for one in self.connections if one is not self and isinstance(one, HttpProtocol))
        spare = ((use, one) for one in others if (use := one.use) is not None)
        found = [one for _, one in nsmallest(max(1, self._limits.most // _ONE_IN), spare, key=itemgetter(0))]
        for one in found:
            # It is lost in the next turn of the loop only, and another connection may come in this one.
            self.connections.discard(one)
            one.transport.abort()
        if found:
            self._limits.closed["idle"] += len(found)
        else:
            self._refuse(HttpRefusal.TOO_MANY_CONNECTIONS)

    @property
    def use(self) -> tuple[int, float] | None:
        """Least use first: being closed, idle, in the middle of a head, perhaps gone; and since when. None: in use."""
        idle, head = self.timeout_keep_alive_task, self._head_timer
        if self._lingering is not None or self.transport.is_closing():
            return 0, 0.0
        if self._has_ended:
            return 3, 0.0
        if self._is_answering or (idle is None and head is None):
            return None
        if head is not None:
            return 2 if self._in_head else 1, head.when() - self._bounds.head_seconds
        return 1, idle.when() - self.timeout_keep_alive if idle is not None else 0.0


class _RefusedError(Exception):
    """The way out of the parser."""
