"""The ASGI application: it finds the world, lets a fault happen, lets the answer be made, and writes it down."""

from asyncio import CancelledError
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from secrets import token_hex
from time import perf_counter

from flask import Flask

from mock_oms.api import guard
from mock_oms.api.state import LOAD, STREAM, state_of
from mock_oms.api.vendor import PLANS
from mock_oms.contract.ledger import AssumedClaims
from mock_oms.contract.observation import confirmed
from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.server.asgi.answering import Answerer, MadeAnswer
from mock_oms.server.asgi.cached_answers import key_of
from mock_oms.server.asgi.connection import Client, Headers, Outgoing, Receive, Scope, Send
from mock_oms.server.asgi.event_streams import Streams, StreamSlot, StreamTimer, each_second
from mock_oms.server.asgi.http_limits import HttpLimits
from mock_oms.server.asgi.http_protocol import leaves_at_once, packed
from mock_oms.server.asgi.journal_record import JournalRecord
from mock_oms.server.asgi.perform_faults import leave
from mock_oms.server.asgi.request import (
    CLOSE,
    CONTROL_TARGET,
    MAX_BODY,
    TOO_SLOW,
    ClientGoneError,
    HeaderFields,
    TooLargeError,
    body_of,
    fields_of,
    is_control,
    target_of,
)
from mock_oms.server.asgi.visit import SLOW_TOKEN_DELAY, RequestWorlds, VendorRequest, journal_of, lease_for
from mock_oms.traffic.faults.active import MetFault
from mock_oms.traffic.faults.fault import Connection, DelayPlace
from mock_oms.traffic.journal.entry import HEADER
from mock_oms.traffic.journal.journal import Journal
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT
from mock_oms.worlds.traffic import Traffic

_SCHEMES = {"bearer": "Bearer"}


async def warm(answering: Answerer, simulation: WorldManager, redactor: Redactor) -> None:
    """Have an answer made about one plan of the default world, in a list and alone.

    It meets a journal, faults and limits of its own, and nobody writes it down; what is answered does not matter.
    """
    lease = simulation.lease(DEFAULT)
    lease = replace(lease, traffic=Traffic(lease.world.origin))
    reading = lease.world.reading()
    scheme = _SCHEMES.get(reading.answers.auth, "Token")
    asked = [(f"{PLANS}/", f"{reading.answers.page_size_parameter}=1")]
    for path, query in (*asked, *((f"{PLANS}/{plan}/", "") for plan in reading.rows(1, 1))):
        scope, now = _scope(path, query, f"{scheme} {lease.token}"), simulation.time()
        record = JournalRecord(redactor, scope, None, lease.traffic.journal.next_number(), now, "")
        record.aim = target_of(scope)
        gate = RequestWorlds(simulation, lease.token, lease, now)
        visit = VendorRequest(
            scope=scope, fields=fields_of(scope), body=b"", gate=gate, record=record, started=perf_counter()
        )
        await answering.made(visit, None)


def _scope(path: str, query: str, authorization: str) -> Scope:
    """A request with a field that keeps its answer from being kept."""
    headers = [
        (b"host", b"localhost"),
        (b"accept", b"*/*"),
        (b"authorization", authorization.encode("latin-1")),
        (b"content-length", b"0"),
    ]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
    }


_HINT = b"x-mock-hint"
#: Seconds that a client has to send the body it announced.
PATIENCE = 10.0
#: Broken connections on which no status line is sent.
_SILENT = frozenset({Connection.RESET, Connection.EMPTY})
#: Requests for the control API that change nothing; one of them has a body.
_READS, _VERIFY = frozenset({"GET", "HEAD", "OPTIONS"}), "/verify"


class Application:
    """Answers every HTTP request. `log` None: no line is written about it; `hints`: answers carry them as a header.

    With `hints`, another header names what an answer shows that is assumed.
    `beat` is waited for between two looks at the worlds whose streams are open; `late` is how late the answers to the
    magic token `fail-slow` come. `threshold` is for the protocol below: its bounds, and whom it has turned away.
    `redactor` takes out of a text the secrets that the app knows.
    """

    def __init__(
        self,
        app: Flask,
        *,
        patience: float = PATIENCE,
        log: AccessLog | None = None,
        hints: bool = False,
        beat: StreamTimer = each_second,
        late: timedelta = SLOW_TOKEN_DELAY,
        threshold: HttpLimits | None = None,
    ) -> None:
        state = state_of(app)
        self._simulation, self._patience, self._log, self._late = state.simulation, patience, log, late
        shown = AssumedClaims(confirmed(state.observed)) if hints else None
        self._answering = Answerer(app, says_world=state.world_header, shown=shown)
        self.redactor = state.redactor
        self._meters = state.simulation.meters
        self._mark, self._serials = token_hex(4), count(1)
        self._hints = hints
        self._streams = Streams(state.simulation, self._answering.flask, beat)
        self._open_streams = self._streams.open
        self.threshold = threshold or HttpLimits()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being made."""
        return self._answering.flask.is_busy

    async def warm(self) -> None:
        """Do now what the first request would take longer for than the others; it leaves no trace."""
        await warm(self._answering, self._simulation, self.redactor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is not for us."""
        if scope["type"] != "http":
            raise NotImplementedError(f"mock-oms speaks HTTP only, not {scope['type']}.")
        # Whoever is cancelled here is so by the end of the server, which has closed the connection before.
        with suppress(CancelledError):
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        if is_control(scope):
            await self._control(scope, Client(scope, receive, send), receive, started)
        elif not await self._quick(scope, send, started):
            await self._vendor(scope, Client(scope, receive, send), receive, started)

    async def _quick(self, scope: Scope, send: Send, started: float) -> bool:
        """Answer from kept bytes, if there are some and nothing stands in the way; whether it did."""
        fields, arrived = fields_of(scope), self._simulation.time()
        token = fields.token
        lease = self._simulation.visit(token, arrived) if token else None
        key = key_of(lease.world, scope, fields) if lease is not None and lease.traffic.is_quiet else None
        if lease is None or key is None:
            return False
        line, (world, now) = lease.world.line, lease.world.glance(arrived)
        kept = self._answering.lane.find(key, world.contents, now)
        if kept is None:
            return False
        named = self._answering.named(line, now, world.events) + self._hinted(kept.hint)
        answer = kept.answer(named)
        journal = lease.traffic.journal
        record = self._record(scope, fields, lease.world.origin.name, journal.next_number(), arrived)
        record.at, record.aim, record.state, record.hint = now, kept.aim, kept.state, kept.hint
        record.answered(answer)
        record.duration = perf_counter() - started
        self._meters.hits += 1
        self._keep(journal, record)
        if leaves_at_once(send, kept.packed + packed(named), kept.body):
            return True
        await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})
        return True

    async def _vendor(self, scope: Scope, client: Client, receive: Receive, started: float) -> None:
        try:
            visit = self._visit(scope, await body_of(scope, receive, self._patience, MAX_BODY), started)
        except ClientGoneError:
            return
        except TooLargeError:
            await self._refuse(self._visit(scope, b"", started), client)
            return
        except TimeoutError:
            await self._leave(self._visit(scope, b"", started), TOO_SLOW, None, client)
            return
        met = visit.met(self._late)
        if met is not None and await self._is_given_up(visit, met, client):
            return
        made = await self._answering.made(visit, met)
        if met is not None and visit.lease is not None and not made.performed:
            visit.lease.traffic.returned(met.id)
        await self._leave_made(visit, made, met, client)

    async def _refuse(self, visit: VendorRequest, client: Client) -> None:
        """Answer a request whose body is too large; it never comes as far as faults and limits."""
        await self._leave_made(visit, self._answering.too_large(visit), None, client)

    async def _leave_made(self, visit: VendorRequest, made: MadeAnswer, met: MetFault | None, client: Client) -> None:
        visit.record.hint = made.hint
        answer = replace(made.answer, headers=made.answer.headers + self._hinted(made.hint))
        await self._leave(visit, answer, met if made.performed else None, client)

    def _hinted(self, hint: str | None) -> Headers:
        return [(_HINT, hint.encode())] if self._hints and hint else []

    def _visit(self, scope: Scope, body: bytes, started: float) -> VendorRequest:
        fields, aim, arrived = fields_of(scope), target_of(scope), self._simulation.time()
        lease = lease_for(self._simulation, fields.token, arrived, aim.operation, body)
        name = None if lease is None else lease.world.origin.name
        number = journal_of(self._simulation, lease).next_number()
        record = self._record(scope, fields, name, number, arrived)
        record.aim = aim
        if lease is not None:
            record.at = lease.world.glance(arrived)[1]
        gate = RequestWorlds(self._simulation, fields.token, lease, record.at)
        return VendorRequest(scope=scope, fields=fields, body=body, gate=gate, record=record, started=started)

    def _record(
        self, scope: Scope, fields: HeaderFields, world: str | None, number: int, arrived: datetime
    ) -> JournalRecord:
        made = f"{self._mark}-{next(self._serials)}"
        record = JournalRecord(self.redactor, scope, world, number, arrived, made)
        record.given = fields.request_id
        return record

    async def _is_given_up(self, visit: VendorRequest, met: MetFault, client: Client) -> bool:
        """Hold the answer back, if the fault delays it; whether the client hung up before it was over."""
        delay = met.effect.delay
        if delay is None or delay.place is DelayPlace.BETWEEN or not await client.leaves_within(met.delay):
            return False
        self._write(visit, None, met)
        visit.journal.amend(visit.record.number, gave_up=round(visit.record.duration, 3))
        return True

    async def _leave(self, visit: VendorRequest, answer: Outgoing, met: MetFault | None, client: Client) -> None:
        """Write the request down, then let its answer leave."""
        self._write(visit, None if met and met.effect.connection in _SILENT else answer, met)
        gave_up = await leave(answer, met, client)
        if gave_up is not None:
            visit.journal.amend(visit.record.number, gave_up=round(gave_up, 3))

    def _write(self, visit: VendorRequest, answer: Outgoing | None, met: MetFault | None) -> None:
        record = visit.record
        record.met, record.duration = met, perf_counter() - visit.started
        if answer is not None:
            record.answered(answer)
        self._keep(visit.journal, record)

    def _keep(self, journal: Journal, record: JournalRecord) -> None:
        """Let the journal have a request, then whoever listens, then the meters and the log."""
        journal.append(record)
        if self._open_streams:
            self._streams.tell(journal)
        met = None if record.met is None else record.met.effect.kind
        self._meters.answered(record.aim.word, record.status, met, record.duration)
        if self._log is not None:
            self._log.add(record)

    async def _control(self, scope: Scope, client: Client, receive: Receive, started: float) -> None:
        record = self._record(scope, fields_of(scope), None, 0, self._simulation.time())
        record.aim = CONTROL_TARGET
        body, last = b"", []
        try:
            body = await body_of(scope, receive, self._patience, guard.MAX_BODY)
        except ClientGoneError:
            return
        except TooLargeError:
            last = [CLOSE]  # the guard refuses it, or what it was after
        except TimeoutError:
            await client.answer(self._noted(record, TOO_SLOW, started))
            return
        flask = self._answering.flask
        with StreamSlot(self._streams) as slot:
            load = self.threshold.load(len(self._open_streams), client.peers)
            changes = scope["method"] not in _READS and not scope["path"].endswith(_VERIFY)
            answer = await flask.run(partial(flask.answer, scope, body, {STREAM: slot, LOAD: load}), changes=changes)
            answer = replace(answer, headers=answer.headers + last)
            self._streams.sweep()
            await self._streams.answer(slot, self._noted(record, answer, started), client, scope)

    def _noted(self, record: JournalRecord, answer: Outgoing, started: float) -> Outgoing:
        """Count and log a request for the control API; its answer with its id."""
        record.answered(answer)
        record.duration = perf_counter() - started
        self._meters.answered(record.aim.word, record.status, None, record.duration)
        if self._log is not None:
            self._log.add(record)
        return replace(answer, headers=[*answer.headers, (HEADER, record.request_id.encode("ascii"))])
