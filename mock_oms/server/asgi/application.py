"""The ASGI application: it finds the world, lets a fault happen, lets the answer be made, and writes it down."""

import json
import re
from asyncio import CancelledError, sleep
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import count
from secrets import token_hex

from mock_oms.api import guard
from mock_oms.api.app import MockApp
from mock_oms.api.failing_tokens import TOO_LARGE
from mock_oms.api.state import LOAD, STREAM, Load, state_of
from mock_oms.api.vendor import PLANS
from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.server.asgi.answering import Answerer
from mock_oms.server.asgi.cached_answers import Parsed, key_of
from mock_oms.server.asgi.connection import (
    Client,
    Headers,
    Outgoing,
    Peer,
    Receive,
    Scope,
    Send,
    on_the_wire,
    packed,
    sends_at_once,
)
from mock_oms.server.asgi.event_streams import Streams, StreamTimer
from mock_oms.server.asgi.http_limits import HttpLimits, WrongTokens
from mock_oms.server.asgi.http_protocol import HEAD
from mock_oms.server.asgi.perform_faults import send_as
from mock_oms.server.asgi.request import (
    CLOSE,
    CONTROL_TARGET,
    MAX_BODY,
    TOO_SLOW,
    HeaderFields,
    JournalRecord,
    RequestTarget,
    TooLargeError,
    announced_bytes,
    body_of,
    fields_of,
    target_of,
)
from mock_oms.server.asgi.vendor_request import SLOW_TOKEN_DELAY, VendorRequest, lease_for
from mock_oms.settings import OFF
from mock_oms.traffic.faults.fault import Connection, DelayPlace
from mock_oms.traffic.journal.entry import HEADER
from mock_oms.traffic.journal.journal import Journal
from mock_oms.worlds.host_clock import elapsed
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.store import DEFAULT
from mock_oms.worlds.traffic import Traffic

_HINT = b"x-mock-hint"
#: Seconds that a client has to send the body it announced.
PATIENCE = 10.0
#: Broken connections on which no status line is sent.
_SILENT = frozenset({Connection.RESET, Connection.EMPTY})
#: How a path of the control API ends that changes nothing by a POST.
_VERIFY = "/verify"
#: Where nobody waits for a thread that others need.
_LIVE, _READY = "/_mock/health/live", "/_mock/health/ready"
#: What all worlds were asked takes seconds to tell where it is much.
_REQUESTS = "/_mock/requests"
#: How a path begins that names a world.
_NAMED = re.compile("/_mock/worlds/([^/]+)")


class Application:
    """Answers every HTTP request. `log` None: no line is written about it; `hints`: answers carry them as a header.

    `cors` is the setting of that name. With `hints`, another header names what an answer shows that is assumed. `patience`
    is how many seconds a body may take, `timer` is waited for between two looks at the worlds whose streams are open, and
    `late` is how late the answers to the magic token `fail-slow` come. `http_limits` are for the protocol below: its
    bounds, and whom it has turned away. `redactor` takes out of a text the secrets that the app knows.
    """

    def __init__(
        self,
        app: MockApp,
        *,
        patience: float = PATIENCE,
        log: AccessLog | None = None,
        hints: bool = False,
        cors: str = OFF,
        timer: StreamTimer = lambda: sleep(1),
        late: timedelta = SLOW_TOKEN_DELAY,
        http_limits: HttpLimits | None = None,
    ) -> None:
        state = state_of(app)
        self._manager, self._patience, self._log, self._late = state.simulation, patience, log, late
        shown = None
        if hints:
            from mock_oms.contract.ledger import AssumedClaims  # noqa: PLC0415  no other start needs it

            shown = AssumedClaims(state.observed)
        self._answerer = Answerer(app, says_world=state.world_header, shown=shown)
        self.redactor = state.redactor
        self._metrics = state.simulation.metrics
        self._mark, self._serials = token_hex(4), count(1)
        self._hints, self._cors = hints, None
        if cors != OFF:
            from mock_oms.server.asgi.cors import Cors  # noqa: PLC0415  no other start needs it

            self._cors = Cors(cors)
        self._control_token, self._wrong_tokens = state.control_token, WrongTokens()
        self._streams = Streams(state.simulation, self._answerer.flask, timer)
        self.http_limits = http_limits or HttpLimits()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being made."""
        return self._answerer.flask.is_busy

    async def make_control(self) -> None:
        """Make the app of the control API, which else its first request waits for."""
        await self._answerer.flask.make_control()

    def end(self) -> None:
        """Let go of the threads, when the loop has ended; of one at work, when its work is done."""
        self._answerer.flask.end()

    async def warm(self) -> None:
        """Have answers made about one plan of the default world, so that the first request takes no longer than others.

        They meet a journal, faults and limits of their own; what is answered does not matter.
        """
        lease = self._manager.lease(DEFAULT)
        lease = replace(lease, traffic=Traffic(lease.world.origin))
        view = lease.world.reading()
        scheme = {"bearer": "Bearer"}.get(view.answers.auth, "Token")
        details = [(f"{PLANS}/{plan}/", "") for plan in view.rows(1, 1)]
        for path, query in ((f"{PLANS}/", f"{view.answers.page_size_parameter}=1"), *details):
            scope = {
                "type": "http",
                "http_version": "1.1",
                "method": "GET",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query.encode(),
                "headers": [
                    (b"host", b"localhost"),
                    (b"accept", b"*/*"),
                    (b"authorization", f"{scheme} {lease.token}".encode("latin-1")),
                    (b"content-length", b"0"),  # which keeps the answer from being cached
                ],
            }
            await self._answerer.made(self._vendor_request(scope, fields_of(scope), b"", elapsed(), lease))
        self._serials = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is not for us."""
        if scope["type"] != "http":
            raise NotImplementedError(f"mock-oms speaks HTTP only, not {scope['type']}.")
        started = elapsed()
        # Whoever is cancelled here is so by the end of the server, which has closed the connection before.
        with suppress(CancelledError):
            if guard.is_control(scope["path"]):
                await self._control(scope, Client(scope, receive, send), receive, started)
                return
            if self._cors and (preflight := self._cors.preflight(scope)):
                # Of the vendor's side nothing is asked: it counts for no journal, fault or limit.
                self._note(self._record(scope, target_of(scope), started, self._manager.time()), preflight)
                await Client(scope, receive, send).answer(preflight)
                return
            fields = fields_of(scope)
            if not await self._from_cache(scope, fields, send, started):
                await self._vendor(scope, fields, Client(scope, receive, send), receive, started)

    async def _from_cache(self, scope: Scope, fields: HeaderFields, send: Send, started: float) -> bool:
        """Answer from cached bytes, if there are some and nothing forbids it; whether it did."""
        head = scope.pop(HEAD, None)
        request = scope, fields, fields.token
        answer = self._cached(request, scope.get("client"), started)
        if answer is None:
            return False
        headers, body, octets = answer
        if not sends_at_once(send, octets, body):
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        elif head is not None:
            self._answerer.cache.learn(head, request)
        return True

    def answer_again(self, head: bytes, peer: Peer) -> tuple[Headers, bytes, bytes] | None:
        """Answer the octets of an earlier request from cached bytes, as `_cached` does; None: they must be parsed."""
        request = self._answerer.cache.known.get(head)
        return None if request is None else self._cached(request, peer, elapsed())

    def _cached(self, request: Parsed, peer: Peer, started: float) -> tuple[Headers, bytes, bytes] | None:
        """Headers, body, and the headers packed, which leave at once: the request is written down. None: none hold."""
        (scope, fields, token), arrived = request, self._manager.time()
        lease = self._manager.lease_of_token(token, arrived) if token else None
        key = key_of(lease.world, scope, fields) if lease is not None and lease.traffic.is_quiet else None
        found = None if key is None else self._answerer.cached(key, arrived)
        if lease is None or found is None:
            return None
        cached, now, named = found
        named += self._added(scope, cached.hint)
        headers, journal = cached.headers + named, lease.traffic.journal
        record = self._record(scope, cached.target, started, arrived, lease, journal)
        record.at, record.state, record.hint, record.peer = now, cached.state, cached.hint, peer
        record.status, record.headers, record.size = 200, headers, len(cached.body)
        self._metrics.hits += 1
        self._note(record, None, journal)
        return headers, cached.body, cached.packed + packed(named)

    async def _vendor(
        self, scope: Scope, fields: HeaderFields, client: Client, receive: Receive, started: float
    ) -> None:
        try:
            body = await body_of(scope, receive, self._patience, MAX_BODY) if fields.odd else b""
        except (TooLargeError, TimeoutError) as error:  # it never comes as far as faults and limits
            request, is_late = self._vendor_request(scope, fields, b"", started), isinstance(error, TimeoutError)
            answer = TOO_SLOW if is_late else self._answerer.without_flask(request, TOO_LARGE, [CLOSE])
            await self._send(request, answer, client)
            return
        if body is None:
            return
        request = self._vendor_request(scope, fields, body, started)
        record = request.record
        with request.journal.under_way(record):
            await self._answerer.look_at_plan(request)
            record.met = met = request.met(self._late)
            delay = met.effect.delay if met else None
            if met and delay and delay.place is not DelayPlace.BETWEEN and await client.leaves_within(met.delay):
                self._note(record, None, request.journal)
                request.journal.amend(record.number, gave_up=round(record.duration, 3))
                return
            await self._send(request, await self._answerer.made(request), client)

    def _vendor_request(
        self, scope: Scope, fields: HeaderFields, body: bytes, started: float, lease: Lease | None = None
    ) -> VendorRequest:
        target, arrived = target_of(scope), self._manager.time()
        token = fields.token
        lease = lease or lease_for(self._manager, token, arrived, target.operation, body)
        journal, key = self._manager.unknown_tokens, None
        if lease is not None:
            journal, key = lease.traffic.journal, key_of(lease.world, scope, fields)
        record = self._record(scope, target, started, arrived, lease, journal)
        if lease is not None:
            record.at = lease.world.glance(arrived)[1]
        return VendorRequest(
            manager=self._manager, token=token, key=key, body=body, lease=lease, journal=journal, record=record
        )

    def _record(
        self,
        scope: Scope,
        target: RequestTarget,
        started: float,
        arrived: datetime,
        lease: Lease | None = None,
        journal: Journal | None = None,
    ) -> JournalRecord:
        return JournalRecord(
            redactor=self.redactor,
            scope=scope,
            target=target,
            world=None if lease is None else lease.world.origin.name,
            number=0 if journal is None else journal.next_number(),
            arrived=arrived,
            at=arrived,
            started=started,
            made_id=f"{self._mark}-{next(self._serials)}",
            peer=scope.get("client"),
        )

    def _added(self, scope: Scope, hint: str | None) -> Headers:
        hinted = [(_HINT, hint.encode())] if self._hints and hint else []
        return [*hinted, *self._cors.headers(scope)] if self._cors else hinted

    async def _send(self, request: VendorRequest, answer: Outgoing, client: Client) -> None:
        """Write the request down, then send its answer."""
        record, met = request.record, request.record.met
        added = self._added(record.scope, record.hint)
        answer = replace(answer, headers=answer.headers + added) if added else answer
        self._note(record, None if met and met.effect.connection in _SILENT else answer, request.journal)
        began = elapsed()
        if await send_as(answer, met, client):
            request.journal.amend(record.number, gave_up=round(elapsed() - began, 3))

    def _note(self, record: JournalRecord, answer: Outgoing | None, journal: Journal | None = None) -> None:
        """Complete a record, with an answer that leaves; then the journal, its listeners, metrics and log get it."""
        record.duration = elapsed() - record.started
        if answer is not None:
            record.status, record.headers, record.size = answer.status, answer.headers, len(answer.body)
        if journal is not None:
            journal.append(record)
            if self._streams.open:
                self._streams.notify(journal)
        kind = None if record.met is None else record.met.effect.kind
        self._metrics.answered(record.target.word, record.status, kind, record.duration)
        if self._log is not None:
            self._log.add(record)

    def _about(self, path: str) -> OpenWorld | str | None:
        """What a request of the control API is about, if only requests about the same may wait for it."""
        if path == _REQUESTS:
            return path
        found = _NAMED.match(path)
        lease = self._manager.known(found[1]) if found else None  # this does not use it
        return lease.world if lease else None

    async def _control(self, scope: Scope, client: Client, receive: Receive, started: float) -> None:
        record = self._record(scope, CONTROL_TARGET, started, self._manager.time())
        body: bytes | None = b""
        last: Headers = []

        def noted(answer: Outgoing) -> Outgoing:
            """Count and log the request; its answer with its id."""
            self._note(record, answer)
            return replace(answer, headers=[*answer.headers, *last, (HEADER, record.answered_id.encode("ascii"))])

        flask, is_open, most = self._answerer.flask, scope["path"] in guard.OPEN, guard.most_of_body(scope["path"])
        if not is_open:
            await flask.make_control()
        try:
            if self._is_guess(scope):
                wait, is_refused = self._wrong_tokens.wait(elapsed())
                self._wrong_tokens.waiting += 1
                try:
                    body = None if await client.leaves_within(wait) else b""
                finally:
                    self._wrong_tokens.waiting -= 1
                if is_refused and body is not None:
                    await client.answer(noted(_too_many_guesses()))
                    return
                last = [CLOSE]  # nobody reads what such a client sends besides
            elif not is_open and announced_bytes(scope) != 0 and flask.refuses(scope):
                last = [CLOSE]
            else:
                body = await body_of(scope, receive, self._patience, most)
        except TooLargeError:
            body, last = bytes(most + 1), [CLOSE]  # as long as the guard does not allow, also in chunks
        except TimeoutError:
            await client.answer(noted(TOO_SLOW))
            return
        if body is None:
            return
        with self._streams.slot() as slot:
            refused, closed = dict(self.http_limits.refused), dict(self.http_limits.closed)
            load = Load(streams=len(self._streams.open), connections=client.peers, refused=refused, closed=closed)
            changes = scope["method"] not in guard.READS and not scope["path"].endswith(_VERIFY)
            act = partial(flask.answer, scope, body, {STREAM: slot, LOAD: load})
            if scope["path"] == _LIVE:
                answer = act()
            elif scope["path"] == _READY:
                answer = await flask.run_health(act)
            else:
                answer = await flask.run_control(act, about := self._about(scope["path"]), changes=changes)
                if changes:
                    self._streams.wake(about)
            self._streams.sweep()
            await self._streams.answer(slot, noted(answer), client, scope)

    def _is_guess(self, scope: Scope) -> bool:
        sent = fields_of(scope).authorization
        if self._control_token is None or sent is None or scope["path"] == _LIVE:
            return False
        if guard.is_page(scope["method"], scope["path"]):  # it is answered whatever was sent, so nobody learns a token
            return False
        return not guard.is_control_token(sent.decode("latin-1"), self._control_token)


def _too_many_guesses() -> Outgoing:
    """What the control API would say by itself; but that takes a thread."""
    status = HTTPStatus.TOO_MANY_REQUESTS
    problem = {"status": status, "title": status.phrase, "detail": guard.TOO_MANY_GUESSES}
    body = json.dumps(problem).encode()
    own = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Retry-After": f"{WrongTokens.LONGEST:.0f}",
    }
    return Outgoing(status=status, headers=[*on_the_wire((own | dict(guard.SAFE_HEADERS)).items()), CLOSE], body=body)
