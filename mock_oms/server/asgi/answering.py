"""Making the answer to a request: from cached bytes, by Flask in one of a few threads, or by the fault that it meets."""

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes

from flask import Flask

from mock_oms.api.failures import TOO_LARGE, failing_answer
from mock_oms.api.rest_framework import indented, page_size
from mock_oms.api.state import WORLDS
from mock_oms.api.vendor import LIST
from mock_oms.contract.ledger import AssumedClaims
from mock_oms.metrics import MetricName
from mock_oms.server.asgi.cached_answers import CachedAnswer, CachedAnswers, Key, key_of
from mock_oms.server.asgi.connection import Headers, Outgoing, Scope, on_the_wire
from mock_oms.server.asgi.http_protocol import packed
from mock_oms.server.asgi.request import CLOSE
from mock_oms.server.asgi.visit import VendorRequest, WatchedView
from mock_oms.traffic.faults.active import MetFault
from mock_oms.traffic.faults.body_changes import broken_body, reshaped_body
from mock_oms.traffic.faults.fault import Effect
from mock_oms.traffic.hints import HintFacts, hint
from mock_oms.traffic.journal.journal import Filter
from mock_oms.urls import Operation
from mock_oms.worlds.world_header import HEADER, NO_WORLD, line_text

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


T = TypeVar("T")

#: Threads that run Flask. A body has arrived before one is taken, so that none of them ever waits for a client.
WORKERS = 8
#: Those that change worlds: the fewer are at work, the sooner the loop, which sends all answers, has Python to itself.
CHANGING = 2
_UNPREFIXED = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


class FlaskCaller:
    """The Flask app behind the front; it sees what `more` adds to the environ of a request."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(WORKERS, "mock-oms-flask")
        self._changing = ThreadPoolExecutor(CHANGING, "mock-oms-control")
        self._running: set[Future[Any]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a thread is at work."""
        return any(not one.done() for one in self._running)

    async def run(self, act: Callable[[], T], *, changes: bool = False) -> T:
        """Let something that may take its time run in a thread; in one of a few, if it `changes` worlds."""
        work = (self._changing if changes else self._threads).submit(act)
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(work)

    def answer(self, scope: Scope, body: bytes, more: Mapping[str, Any]) -> Outgoing:
        """What Flask answers; its errors are answers too."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            started.append((status, headers))
            return _refuse_writing

        chunks = self._app.wsgi_app({**_environ(scope, body), **more}, start_response)
        try:
            content = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        status, headers = started[-1]
        return Outgoing(status=int(status[:3]), headers=on_the_wire(headers), body=content)


def _refuse_writing(_: bytes) -> None:
    raise NotImplementedError("Flask returns its bodies; nobody uses WSGI's write().")


def _environ(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """The environ of PEP 3333, with the path as the client sent it: ASGI's decoded one has lost what is no UTF-8."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "REQUEST_URI": scope["raw_path"].decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.get("client"):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = scope["client"][0], str(scope["client"][1])
    for name, value in scope["headers"]:
        _add_header(environ, name, value.decode("latin-1"))
    return environ


def _add_header(environ: dict[str, Any], name: bytes, value: str) -> None:
    """A header that is repeated becomes one, its values joined by commas."""
    variable = _UNPREFIXED.get(name) or f"HTTP_{name.decode('latin-1')}".upper().replace("-", "_")
    environ[variable] = f"{environ[variable]},{value}" if variable in environ else value


_REDIRECT = 300
#: Digits that an id has at most; Python refuses to read numbers of many thousands.
_LONGEST_ID = 19


def hint_of(visit: VendorRequest, answer: Outgoing, met: MetFault | None) -> str | None:
    """One sentence on what was probably meant; None where nothing went wrong and nothing was ignored."""
    if met is None and answer.status < _REDIRECT and not visit.scope["query_string"]:
        return None
    said = hint(_facts(visit, answer, met))
    return None if said is None else visit.record.redactor.without_known(said)


def _facts(visit: VendorRequest, answer: Outgoing, met: MetFault | None) -> HintFacts:
    scope, aim, gate = visit.scope, visit.record.aim, visit.gate
    simulation, lease = gate.simulation, gate.lease
    return HintFacts(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=visit.body,
        status=answer.status,
        answer=answer.body,
        operation=aim.operation,
        plan=aim.plan,
        answers=gate.answers,
        known_token=lease is not None and lease.token == gate.token,
        worlds=[one.world.origin.name for one in simulation.leases()],
        pages=_pages(visit),
        fault=met.effect.name if met else None,
        fault_origin=_origin(visit, met),
        fault_id=met.id if met else None,
        limit=gate.limit,
        worlds_with=lambda plan: _worlds_with(visit, plan),
        plan_of_order=lambda text: _plan_of_order(visit, text),
        last_served=lambda page: _last_served(visit, page),
    )


def _origin(visit: VendorRequest, met: MetFault | None) -> str:
    """Where the fault comes from, in words."""
    standing = visit.lease.traffic.faults if visit.lease and met else ()
    return next((f"the {one.origin}" for one in standing if met and one.id == met.id), "the token")


def _worlds_with(visit: VendorRequest, plan: int) -> list[str]:
    others = (one.world for one in visit.gate.simulation.leases() if one is not visit.lease)
    return [world.origin.name for world in others if plan in world.glance(visit.record.arrived)[0]]


def _last_served(visit: VendorRequest, page: int) -> int | None:
    """The number of the newest request that got this page of the list."""
    entries = visit.journal.page(Filter(operation=Operation.LIST, status=200), visit.journal.size).entries
    return next((one.number for one in reversed(entries) if one.page == page), None)


def _plan_of_order(visit: VendorRequest, text: str) -> int | None:
    """The stored plan whose order has this id."""
    if visit.lease is None or not text.isdecimal() or len(text) > _LONGEST_ID:
        return None
    plans = visit.lease.world.glance(visit.record.arrived)[0].contents.plans.values()
    return next((plan.id for plan in plans if plan.order == int(text)), None)


def _pages(visit: VendorRequest) -> int | None:
    """How many pages the list has, in the size that was asked for."""
    witness = visit.gate.witness
    if witness is None or visit.record.aim.operation is not Operation.LIST:
        return None
    parameters = dict(parse_qsl(visit.scope["query_string"].decode("latin-1")))
    return max(1, -(-witness.count // page_size(parameters, witness.answers)))


_NAME = HEADER.lower().encode()
_ASSUMED = b"x-mock-assumed"
_OK = 200
_READS = frozenset({"GET", "HEAD"})
#: How an answer begins that is not compact.
_INDENT = re.compile(rb"[\[{]\n( +)")


@dataclass(frozen=True, slots=True)
class MadeAnswer:
    """An answer. `performed`: the fault that wanted to spoil it could, because it was a success."""

    answer: Outgoing
    hint: str | None = None
    performed: bool = True
    kept: CachedAnswer | None = None


class Answerer:
    """Answers vendor requests. `says_world`: answers name in a header their world and instant.

    `shown` knows what they show that is assumed, which another header tells (None: it does not).
    """

    def __init__(self, app: Flask, *, says_world: bool, shown: AssumedClaims | None = None) -> None:
        self.flask, self.lane = FlaskCaller(app), CachedAnswers()
        self._says_world, self._shown = says_world, shown

    def named(self, line: str | None, now: datetime, events: int) -> Headers:
        """The header that names an instant of a world, whose `line` was read before it; None: it is of no world."""
        if not self._says_world:
            return []
        text = NO_WORLD if line is None else line_text(line, now, events)
        return [(_NAME, text.encode())]

    async def made(self, visit: VendorRequest, met: MetFault | None) -> MadeAnswer:
        """The answer to a visit that meets a fault, or none."""
        effect = met.effect if met else None
        if effect is not None and effect.status is not None:
            answer = self._failing(visit, effect.status, effect.retry_after)
            return MadeAnswer(answer, hint_of(visit, answer, met))
        key = None if visit.lease is None else key_of(visit.lease.world, visit.scope, visit.fields)
        if key is not None and not (effect and _spoils(effect)):
            kept = self._kept(key, visit)
            visit.gate.simulation.meters.count(MetricName.CACHE, "lane", "hit" if kept else "miss")
            if kept is not None:
                return kept
        made = await self.flask.run(partial(self._asked, visit, met, key))
        if key is not None and made.kept is not None:
            self.lane.keep(key, made.kept)
        return made

    def _assumed(self, visit: VendorRequest, status: int) -> Headers:
        """The header that names what an answer of this status shows and nobody has seen in a real OMS."""
        asked = visit.record.aim.operation
        if self._shown is None or asked is None:
            return []
        said = self._shown.of(visit.gate.answers, asked, status)
        return [(_ASSUMED, said.encode())] if said else []

    def _kept(self, key: Key, visit: VendorRequest) -> MadeAnswer | None:
        line, (world, now) = key.world.line, key.world.glance(visit.record.arrived)
        kept = self.lane.find(key, world.contents, now)
        if kept is None or not visit.gate.passes():
            return None
        visit.record.state, visit.record.at = kept.state, now
        return MadeAnswer(kept.answer(self.named(line, now, world.events)), kept.hint)

    def too_large(self, visit: VendorRequest) -> MadeAnswer:
        """The answer to a request whose body is refused unread; its connection ends."""
        headers = [*on_the_wire(TOO_LARGE.headers), *self._named(visit), CLOSE]
        answer = Outgoing(status=TOO_LARGE.status, headers=headers, body=TOO_LARGE.body)
        return MadeAnswer(answer, hint_of(visit, answer, None))

    def _failing(self, visit: VendorRequest, status: int, wait: int) -> Outgoing:
        view = visit.record.aim.view or LIST
        lease = visit.lease
        auth = "token" if lease is None else lease.world.origin.scenario.answers.auth
        answer = failing_answer(status, allow=view.allow_header, auth=auth, retry_after=wait)
        headers = on_the_wire(answer.headers) + self._named(visit) + self._assumed(visit, status)
        return Outgoing(status=status, headers=headers, body=answer.body)

    def _named(self, visit: VendorRequest) -> Headers:
        """The header of an answer that nobody behind us has made."""
        lease = visit.lease
        line = lease.world.line if lease else None
        events = lease.world.glance(visit.record.arrived)[0].events if lease else 0
        return self.named(line, visit.record.at, events)

    def _asked(self, visit: VendorRequest, met: MetFault | None, key: Key | None) -> MadeAnswer:
        """What Flask answers, spoilt as the fault wants it; in a thread."""
        answer = self.flask.answer(visit.scope, visit.body, {WORLDS: visit.gate})
        if self._shown is not None:  # before it is kept, so that what is kept has it
            answer = replace(answer, headers=answer.headers + self._assumed(visit, answer.status))
        witness = visit.gate.witness
        if witness is not None:
            _note(visit, witness, answer)
        if met is not None and _spoils(met.effect):
            if not _can_be_spoilt(visit, answer, met.effect):
                return MadeAnswer(answer, hint_of(visit, answer, None), performed=False)
            whole = self._with_body(visit, answer)
            return MadeAnswer(_spoilt(whole, met.effect, visit.gate.witness), hint_of(visit, answer, met))
        made = MadeAnswer(answer, hint_of(visit, answer, met))
        # What is said of a fault is not true of the next request.
        if met is not None or key is None or witness is None or answer.status != _OK:
            return made
        return replace(made, kept=_kept(made, visit, witness))

    def _with_body(self, visit: VendorRequest, answer: Outgoing) -> Outgoing:
        """The answer to GET instead of that to HEAD, whose headers must fit the body that it does not have."""
        if visit.scope["method"] != "HEAD":
            return answer
        return self.flask.answer({**visit.scope, "method": "GET"}, visit.body, {WORLDS: visit.gate})


def _spoils(effect: Effect) -> bool:
    return effect.body is not None or effect.shape is not None


def _can_be_spoilt(visit: VendorRequest, answer: Outgoing, effect: Effect) -> bool:
    """Whether it is a success, and shows plans if they shall have another shape."""
    return answer.status == _OK and (effect.shape is None or visit.scope["method"] in _READS)


def _note(visit: VendorRequest, witness: WatchedView, answer: Outgoing) -> None:
    """Write down of which instant the answer is, and in which state it shows its plan."""
    world = witness.reading.world
    visit.record.at = world.now if visit.lease else visit.record.arrived
    if answer.status == _OK and visit.record.aim.operation is Operation.DETAIL:
        visit.record.state = next((found[0].state for found in map(world.find, witness.rows) if found), None)


def _kept(made: MadeAnswer, visit: VendorRequest, witness: WatchedView) -> CachedAnswer | None:
    """The answer as it may be kept, if it is one of list or detail and its order cannot change by itself."""
    if not witness.rows and visit.record.aim.operation is not Operation.LIST:
        return None
    if not witness.reading.is_steady:
        return None
    headers = [one for one in made.answer.headers if one[0] != _NAME]
    return CachedAnswer(
        contents=witness.reading.world.contents,
        until=witness.reading.lasts(witness.rows),
        headers=headers,
        packed=packed(headers),
        body=made.answer.body,
        aim=visit.record.aim,
        state=visit.record.state,
        hint=made.hint,
    )


def _spoilt(answer: Outgoing, effect: Effect, witness: WatchedView | None) -> Outgoing:
    body, content_type = answer.body, answer.value(b"content-type") or ""
    if effect.body is not None:
        body, content_type = broken_body(effect.body, body, content_type)
    elif effect.shape is not None:
        body = _indented_as(
            body, reshaped_body(effect.shape, body, previous=witness.last_row_before() if witness else None)
        )
    changed = {b"content-type": content_type.encode("latin-1"), b"content-length": str(len(body)).encode()}
    headers = [(name, changed.get(name, value)) for name, value in answer.headers]
    return Outgoing(status=answer.status, headers=headers, body=body)


def _indented_as(before: bytes, body: bytes) -> bytes:
    found = _INDENT.match(before)
    return indented(body, len(found[1])) if found else body
