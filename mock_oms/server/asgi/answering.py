"""Making the answer to a request: from cached bytes, by Flask in one of a few threads, or by the fault that it meets."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes

from flask import Flask
from werkzeug.test import run_wsgi_app

from mock_oms.api.failing_tokens import TOO_LARGE, failing_answer
from mock_oms.api.rest_framework import page_size
from mock_oms.api.state import WORLDS
from mock_oms.api.vendor import LIST
from mock_oms.contract.ledger import AssumedClaims
from mock_oms.metrics import MetricName
from mock_oms.server.asgi.cached_answers import CachedAnswer, CachedAnswers, Key, key_of
from mock_oms.server.asgi.connection import Headers, Outgoing, Scope, on_the_wire
from mock_oms.server.asgi.http_limits import packed
from mock_oms.server.asgi.request import CLOSE
from mock_oms.server.asgi.vendor_request import VendorRequest
from mock_oms.text import framework_json
from mock_oms.traffic.faults.active import MetFault
from mock_oms.traffic.faults.body_changes import broken_body, reshaped_body
from mock_oms.traffic.faults.fault import Effect
from mock_oms.traffic.hints import HintFacts, hint
from mock_oms.traffic.journal.journal import Filter
from mock_oms.urls import Operation
from mock_oms.worlds.world_header import HEADER, NO_WORLD, line_text

T = TypeVar("T")

#: Threads that run Flask. A body has arrived before one is taken, so that none of them ever waits for a client.
WORKERS = 8
#: Those that change worlds: the fewer are at work, the sooner the loop, which sends all answers, has Python to itself.
CHANGING = 2
_UNPREFIXED = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
_OK, _REDIRECT = 200, 300
#: Digits that an id has at most; Python refuses to read numbers of many thousands.
_LONGEST_ID = 19
_NAME, _ASSUMED = HEADER.lower().encode(), b"x-mock-assumed"
#: How an answer begins that is not compact.
_INDENT = re.compile(rb"[\[{]\n( +)")


class FlaskCaller:
    """The Flask app, called in threads."""

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
        """What Flask answers, with `more` in the environ of PEP 3333; its errors are answers too."""
        host, port = scope.get("server") or ("localhost", 80)
        # The path as the client sent it: ASGI's decoded one has lost what is no UTF-8.
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
            **more,
        }
        if scope.get("client"):
            environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = scope["client"][0], str(scope["client"][1])
        for name, value in scope["headers"]:
            # A header that is repeated becomes one, its values joined by commas.
            variable = _UNPREFIXED.get(name) or f"HTTP_{name.decode('latin-1')}".upper().replace("-", "_")
            text = value.decode("latin-1")
            environ[variable] = f"{environ[variable]},{text}" if variable in environ else text
        chunks, status, headers = run_wsgi_app(self._app.wsgi_app, environ, buffered=True)
        return Outgoing(status=int(status[:3]), headers=on_the_wire(headers), body=b"".join(chunks))


def hint_of(request: VendorRequest, answer: Outgoing, met: MetFault | None) -> str | None:
    """One sentence on what was probably meant; None where nothing went wrong and nothing was ignored."""
    if met is None and answer.status < _REDIRECT and not request.scope["query_string"]:
        return None
    scope, target, arrived, lease = request.scope, request.target, request.record.arrived, request.lease
    query = scope["query_string"].decode("latin-1")
    faults = lease.traffic.faults if lease and met else ()
    view = request.view if target.operation is Operation.LIST else None

    def worlds_with(plan: int) -> list[str]:
        others = (one.world for one in request.manager.leases() if one is not lease)
        return [world.origin.name for world in others if plan in world.glance(arrived)[0]]

    def plan_of_order(text: str) -> int | None:
        if lease is None or not text.isdecimal() or len(text) > _LONGEST_ID:
            return None
        plans = lease.world.glance(arrived)[0].contents.plans.values()
        return next((plan.id for plan in plans if plan.order == int(text)), None)

    def last_served(page: int) -> int | None:
        entries = request.journal.page(Filter(operation=Operation.LIST, status=200), request.journal.size).entries
        return next((one.number for one in reversed(entries) if one.page == page), None)

    facts = HintFacts(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=query,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=request.body,
        status=answer.status,
        answer=answer.body,
        operation=target.operation,
        plan=target.plan,
        answers=request.answers,
        known_token=lease is not None and lease.token == request.token,
        worlds=[one.world.origin.name for one in request.manager.leases()],
        pages=max(1, -(-view.count // page_size(dict(parse_qsl(query)), view.answers))) if view else None,
        fault=met.effect.name if met else None,
        fault_origin=next((f"the {one.origin}" for one in faults if met and one.id == met.id), "the token"),
        fault_id=met.id if met else None,
        limit=request.limit,
        worlds_with=worlds_with,
        plan_of_order=plan_of_order,
        last_served=last_served,
    )
    sentence = hint(facts)
    return None if sentence is None else request.record.redactor.without_known(sentence)


@dataclass(frozen=True, slots=True)
class MadeAnswer:
    """An answer. `performed`: the fault that wanted to change its body could, because it was a success."""

    answer: Outgoing
    hint: str | None = None
    performed: bool = True
    cached: CachedAnswer | None = None


class Answerer:
    """Answers vendor requests. `says_world`: answers name in a header their world and instant.

    `shown` knows which assumed things an answer shows; another header names them (None: it does not).
    """

    def __init__(self, app: Flask, *, says_world: bool, shown: AssumedClaims | None = None) -> None:
        self.flask, self.cache = FlaskCaller(app), CachedAnswers()
        self._says_world, self._shown = says_world, shown

    def named(self, line: str | None, now: datetime, events: int) -> Headers:
        """The header that names an instant of a world, whose `line` was read before it; None: it is of no world."""
        if not self._says_world:
            return []
        text = NO_WORLD if line is None else line_text(line, now, events)
        return [(_NAME, text.encode())]

    async def made(self, request: VendorRequest, met: MetFault | None) -> MadeAnswer:
        """The answer to a request that meets a fault, or none."""
        effect = met.effect if met else None
        if effect is not None and effect.status is not None:
            view, status = request.target.view or LIST, effect.status
            auth = "token" if request.lease is None else request.answers.auth
            failing = failing_answer(status, allow=view.allow_header, auth=auth, retry_after=effect.retry_after)
            headers = on_the_wire(failing.headers) + self._named(request) + self._assumed(request, status)
            answer = Outgoing(status=status, headers=headers, body=failing.body)
            return MadeAnswer(answer, hint_of(request, answer, met))
        key = None if request.lease is None else key_of(request.lease.world, request.scope, request.fields)
        if key is not None and not (effect and _changes_body(effect)):
            cached = self._cached(key, request)
            request.manager.metrics.count(MetricName.CACHE, "lane", "hit" if cached else "miss")
            if cached is not None:
                return cached
        made = await self.flask.run(partial(self._made_by_flask, request, met, key))
        if key is not None and made.cached is not None:
            self.cache.keep(key, made.cached)
        return made

    def _cached(self, key: Key, request: VendorRequest) -> MadeAnswer | None:
        line, (world, now) = key.world.line, key.world.glance(request.record.arrived)
        cached = self.cache.find(key, world.contents, now)
        if cached is None or not request.passes():
            return None
        request.record.state, request.record.at = cached.state, now
        return MadeAnswer(cached.answer(self.named(line, now, world.events)), cached.hint)

    def too_large(self, request: VendorRequest) -> MadeAnswer:
        """The answer to a request whose body is refused unread; its connection ends."""
        headers = [*on_the_wire(TOO_LARGE.headers), *self._named(request), CLOSE]
        answer = Outgoing(status=TOO_LARGE.status, headers=headers, body=TOO_LARGE.body)
        return MadeAnswer(answer, hint_of(request, answer, None))

    def _named(self, request: VendorRequest) -> Headers:
        """The header of an answer that nobody behind us has made."""
        lease = request.lease
        line = lease.world.line if lease else None
        events = lease.world.glance(request.record.arrived)[0].events if lease else 0
        return self.named(line, request.record.at, events)

    def _assumed(self, request: VendorRequest, status: int) -> Headers:
        """The header that names what an answer of this status shows and nobody has seen in a real OMS."""
        operation = request.target.operation
        if self._shown is None or operation is None:
            return []
        claims = self._shown.of(request.answers, operation, status)
        return [(_ASSUMED, claims.encode())] if claims else []

    def _made_by_flask(self, request: VendorRequest, met: MetFault | None, key: Key | None) -> MadeAnswer:
        """What Flask answers, changed as the fault wants it; in a thread."""
        scope, record, more = request.scope, request.record, {WORLDS: request}
        answer = self.flask.answer(scope, request.body, more)
        if self._shown is not None:  # before it is cached, so that what is cached has it
            answer = replace(answer, headers=answer.headers + self._assumed(request, answer.status))
        watched = request.view
        if watched is not None:
            world = watched.view.world
            record.at = world.now if request.lease else record.arrived
            if answer.status == _OK and request.target.operation is Operation.DETAIL:
                record.state = next((found[0].state for found in map(world.find, watched.rows) if found), None)
        if met is not None and _changes_body(met.effect):
            reads = scope["method"] in {"GET", "HEAD"}
            if answer.status != _OK or (met.effect.shape is not None and not reads):
                return MadeAnswer(answer, hint_of(request, answer, None), performed=False)
            if scope["method"] == "HEAD":  # its headers must fit the body that it does not have
                answer = self.flask.answer({**scope, "method": "GET"}, request.body, more)
            watched = request.view
            previous = watched.last_row_before() if watched and met.effect.shape is not None else None
            changed = _changed(answer, met.effect, previous)
            return MadeAnswer(changed, hint_of(request, answer, met))
        made = MadeAnswer(answer, hint_of(request, answer, met))
        # What is said of a fault is not true of the next request; and the order of a list may change by itself.
        if met is not None or key is None or watched is None or answer.status != _OK or not watched.view.is_steady:
            return made
        headers = [one for one in answer.headers if one[0] != _NAME]
        return replace(
            made,
            cached=CachedAnswer(
                contents=watched.view.world.contents,
                until=watched.view.lasts(watched.rows),
                headers=headers,
                packed=packed(headers),
                body=answer.body,
                target=request.target,
                state=record.state,
                hint=made.hint,
            ),
        )


def _changes_body(effect: Effect) -> bool:
    return effect.body is not None or effect.shape is not None


def _changed(answer: Outgoing, effect: Effect, previous: bytes | None) -> Outgoing:
    """A success with its body broken, or in another shape; `previous` is the last row of the page before."""
    body, content_type = answer.body, answer.value(b"content-type") or ""
    if effect.body is not None:
        body, content_type = broken_body(effect.body, body, content_type)
    elif effect.shape is not None:
        body = reshaped_body(effect.shape, body, previous=previous)
        indent = _INDENT.match(answer.body)
        body = framework_json(json.loads(body), len(indent[1])) if indent else body
    changed = {b"content-type": content_type.encode("latin-1"), b"content-length": str(len(body)).encode()}
    headers = [(name, changed.get(name, value)) for name, value in answer.headers]
    return Outgoing(status=answer.status, headers=headers, body=body)
