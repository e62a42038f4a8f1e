"""Making the answer to a request: from cached bytes, by Flask in one of a few threads, or by the fault that it meets."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes
from weakref import WeakValueDictionary

from mock_oms.api.app import MockApp
from mock_oms.api.exchange import Answer
from mock_oms.api.failing_tokens import failing_answer
from mock_oms.api.rest_framework import page_size
from mock_oms.api.state import WORLDS
from mock_oms.api.vendor import LIST
from mock_oms.server.asgi.cached_answers import CachedAnswer, CachedAnswers, Key
from mock_oms.server.asgi.connection import Headers, Outgoing, Scope, on_the_wire, packed
from mock_oms.server.asgi.request import number_in
from mock_oms.server.asgi.threads import Threads
from mock_oms.server.asgi.vendor_request import VendorRequest, WatchedView
from mock_oms.switches import Switches
from mock_oms.text import framework_json
from mock_oms.traffic.faults.body_changes import broken_body, reshaped_body
from mock_oms.traffic.faults.fault import Effect
from mock_oms.traffic.hints import HintFacts, hint
from mock_oms.traffic.journal.journal import Filter
from mock_oms.traffic.metrics import MetricName
from mock_oms.urls import Operation
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.world_header import HEADER, NO_WORLD, line_text

if TYPE_CHECKING:
    from mock_oms.contract.ledger import AssumedClaims

T = TypeVar("T")

#: Threads that answer as the vendor. Before one is taken the body has arrived and all due steps are taken, so that none
#: of them ever waits for a client or for a world.
WORKERS = 8
#: Those of the control API and of steps that are due; they may wait for a world.
CONTROL_WORKERS = 32
#: Those that say whether the server is ready: one may be reading scenario files that have changed.
HEALTH_WORKERS = 2
#: How many requests about one world are answered at once; those that change it, one after the other.
READING = 2
#: How many worlds are opened at once: the fewer, the sooner the loop, which sends all answers, has Python to itself. One
#: that takes longer than so many seconds gives its place to the next; so many of those there may be.
OPENING, SOON, LONG = 4, 1.0, 12
_UNPREFIXED = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
_OK, _REDIRECT = 200, 300
_NAME, _ASSUMED = HEADER.lower().encode(), b"x-mock-assumed"
#: How an answer begins that is not compact.
_INDENT = re.compile(rb"[\[{]\n( +)")

#: For a clock that stands, mostly on a whole second: one that runs shows nothing twice.
_line_again = lru_cache(256)(line_text)


@lru_cache(64)
def _variable(header: bytes) -> str:
    """What PEP 3333 calls a header."""
    return _UNPREFIXED.get(header) or f"HTTP_{header.decode('latin-1')}".upper().replace("-", "_")


class FlaskCaller:
    """The Flask app, called in threads."""

    def __init__(self, app: MockApp) -> None:
        self._app = app
        self._threads = Threads(WORKERS, "mock-oms-flask")
        self._control_threads = Threads(CONTROL_WORKERS, "mock-oms-control")
        self._health_threads = Threads(HEALTH_WORKERS, "mock-oms-health")
        self._pools = self._threads, self._control_threads, self._health_threads
        self._queues: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()
        self._control: asyncio.Task[Any] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a thread is at work."""
        return any(one.is_busy for one in self._pools)

    def end(self) -> None:
        """Let go of the threads."""
        for one in self._pools:
            one.end()

    async def run(self, act: Callable[[], T], world: OpenWorld | None) -> T:
        """Let an answer of the vendor, about a world if it is of one, be made in a thread."""
        if world is None:
            return await self._threads.run(act)
        async with self._queue(world, READING):
            return await self._threads.run(act)

    async def run_control(self, act: Callable[[], T], about: OpenWorld | str | None, *, changes: bool) -> T:
        """Let the answer to a request of the control API, which may take its time, be made in a thread.

        `about` is the world that it is about, or the path of what is long to show; nobody else waits for others of these.
        """
        if about is not None:
            async with self._queue((about, changes), 1 if changes else READING):
                return await self._control_threads.run(act)
        async with self._queue(("all", changes), LONG):
            async with self._queue(("first", changes), OPENING if changes else WORKERS):
                work = asyncio.ensure_future(self._control_threads.run(act))
                await asyncio.wait({work}, timeout=SOON)
            return await work

    async def run_health(self, act: Callable[[], T]) -> T:
        """Let somebody be told whether the server is ready, whatever the other threads are doing."""
        return await self._health_threads.run(act)

    async def take_steps(self, world: OpenWorld) -> None:
        """Take the steps of a world that are due; nobody waits for them but who reads this world."""
        if world.is_due():
            before = world.latest.world.contents
            async with self._queue((world, "steps"), 1):
                # Of a world that cannot keep up, everybody is content with the steps that another has waited for.
                if world.is_due() and not (world.lags and world.latest.world.contents is not before):
                    await self._control_threads.run(world.instant)

    def _queue(self, name: Hashable, width: int) -> asyncio.Semaphore:
        """The places of a queue, for which one waits without a thread; it is there while somebody is in it."""
        return self._queues.setdefault(name, asyncio.Semaphore(width))

    async def make_control(self) -> None:
        """Make the app of the control API, once, in one thread: a crowd that waits for it holds no other."""
        if self._control is None or (
            self._control.done() and self._control.exception()
        ):  # it may be made the next time
            self._control = asyncio.ensure_future(self._control_threads.run(lambda: self._app.control))
        await asyncio.shield(self._control)

    def refuses(self, scope: Scope) -> bool:
        """Whether the control API, once it is made, refuses a request whatever its body says."""
        return self._app.refuses(_environ(scope, b"", {}))

    def answer(self, scope: Scope, body: bytes, more: Mapping[str, Any]) -> Outgoing:
        """What Flask answers, with `more` in the environ of PEP 3333; its errors are answers too."""
        started: list[tuple[int, Headers]] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
            started.append((int(status[:3]), on_the_wire(headers)))
            return body_parts.append

        body_parts: list[bytes] = []
        made = self._app.wsgi_app(_environ(scope, body, more), start)
        body_parts += made
        if close := getattr(made, "close", None):
            close()
        status, headers = started[-1]
        return Outgoing(status=status, headers=headers, body=b"".join(body_parts))


def _environ(scope: Scope, body: bytes, more: Mapping[str, Any]) -> dict[str, Any]:
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
        variable = _variable(name)
        text = value.decode("latin-1")
        environ[variable] = f"{environ[variable]},{text}" if variable in environ else text
    if environ.pop("HTTP_TRANSFER_ENCODING", None):  # nobody announced the length, but now it is known
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
    return environ


def hint_of(request: VendorRequest, answer: Outgoing) -> str | None:
    """One sentence on what was probably meant; None where nothing went wrong and nothing was ignored."""
    record, scope = request.record, request.record.scope
    is_good = record.met is None and answer.status < _REDIRECT
    if is_good and not scope["query_string"]:
        return None
    facts = HintFacts(
        method=scope["method"],
        path=record.redactor.redacted_text(scope["raw_path"].decode("latin-1")),
        query=record.redactor.redacted_text(scope["query_string"].decode("latin-1")),
        status=answer.status,
        operation=record.target.operation,
        answers=request.answers,
    )
    # What a good answer has ignored stands in the address; to find out the rest takes as long as to answer.
    sentence = hint(facts if is_good else _facts_of_failure(facts, request, answer))
    return None if sentence is None else record.redactor.without_known(sentence)


def _facts_of_failure(facts: HintFacts, request: VendorRequest, answer: Outgoing) -> HintFacts:
    """These facts with all the others, any of which may be the reason."""
    record, lease = request.record, request.lease
    scope, target, met, arrived, redactor = record.scope, record.target, record.met, record.arrived, record.redactor
    faults = lease.traffic.faults if lease and met else ()
    view = request.view if target.operation is Operation.LIST else None
    is_known = lease is not None and lease.token == request.token

    def worlds_with(plan: int) -> list[str]:
        others = (one.world for one in request.manager.leases() if one is not lease)
        return [world.origin.name for world in others if plan in world.glance(arrived)[0]]

    def plan_of_order(text: str) -> int | None:
        number = number_in(text) if text.isdecimal() else None
        order = lease.world.glance(arrived)[0].contents.orders.get(number) if lease and number is not None else None
        return order.plans[0] if order else None

    def last_served(page: int) -> int | None:
        served = request.journal.page(Filter(operation=Operation.LIST, status=_OK, page=page), 1).entries
        return served[0].number if served else None

    credentials = [
        ("authorization", value.decode("latin-1")) for name, value in scope["headers"] if name == b"authorization"
    ]
    return replace(
        facts,
        headers=dict([*redactor.redacted(scope["headers"]), *credentials]),
        authorizations=len(credentials),
        body=request.body,
        answer=answer.body,
        plan=target.plan,
        known_token=is_known,
        worlds=[] if is_known else [one.world.origin.name for one in request.manager.leases()],
        pages=max(1, -(-view.count // page_size(dict(parse_qsl(facts.query)), view.answers))) if view else None,
        fault=record.fault,
        fault_origin=next((f"the {one.origin}" for one in faults if met and one.id == met.id), "the token"),
        fault_id=met.id if met else None,
        limit=request.limit,
        worlds_with=worlds_with,
        plan_of_order=plan_of_order,
        last_served=last_served,
    )


class Answerer:
    """Answers vendor requests. `says_world`: answers name in a header their world and instant.

    `shown` knows which assumed things an answer shows; another header names them (None: it does not).
    """

    def __init__(self, app: MockApp, *, says_world: bool, shown: "AssumedClaims | None" = None) -> None:
        self.flask, self.cache = FlaskCaller(app), CachedAnswers()
        self._says_world, self._shown = says_world, shown
        self._under_way: dict[Key, asyncio.Event] = {}

    async def look_at_plan(self, request: VendorRequest) -> None:
        """Look in which state the plan of a request is, if a fault asks: of one that waits for years that takes long."""
        if request.lease is not None and request.needs_state:
            await self.flask.take_steps(request.lease.world)
            await self.flask.run(request.look_at_plan, request.lease.world)

    async def made(self, request: VendorRequest) -> Outgoing:
        """The answer to a request with the fault that its record says, and in the record its hint.

        A fault that changes bodies only changes successes; where there is none, the record says that no fault was met.
        Where a crowd asks the same at once, Flask answers the first of it, and the others from the cache if that holds.
        """
        record = request.record
        effect = record.met.effect if record.met else None
        if effect is not None and effect.status is not None:
            view, answers = record.target.view or LIST, Switches() if request.lease is None else request.answers
            failing = failing_answer(effect.status, answers, allow=view.allow_header, retry_after=effect.retry_after)
            return self.without_flask(request, failing, self._assumed(request, effect.status))
        key, under_way = request.key, asyncio.Event()
        if key is not None and not (effect and _changes_body(effect)):
            if key in self._under_way:  # waited for once only: what is made may be nothing to cache
                await self._under_way[key].wait()
            found = self.cached(key, record.arrived)
            is_hit = found is not None and request.passes()
            request.manager.metrics.count(MetricName.CACHE, "lane", "hit" if is_hit else "miss")
            if found is not None and is_hit:
                cached, record.at, named = found
                record.state, record.hint = cached.state, cached.hint
                return Outgoing(status=_OK, headers=cached.headers + named, body=cached.body)
            under_way = self._under_way.setdefault(key, under_way)
        try:
            world = request.lease.world if request.lease else None
            if world is not None:
                await self.flask.take_steps(world)
            answer, made = await self.flask.run(partial(self._made_by_flask, request), world)
            if key is not None and made is not None:
                self.cache.store(key, made)
        finally:
            under_way.set()
            if key is not None and self._under_way.get(key) is under_way:
                del self._under_way[key]
        return answer

    def cached(self, key: Key, arrived: datetime) -> tuple[CachedAnswer, datetime, Headers] | None:
        """A cached answer that holds when a request arrives, the time in its world, and the header that names both."""
        line, (world, now) = key.world.line, key.world.glance(arrived)
        found = self.cache.find(key, world.contents, now)
        return None if found is None else (found, now, self._named(line, now, world.events))

    def without_flask(self, request: VendorRequest, answer: Answer, more: Headers) -> Outgoing:
        """An answer that is made already, with the header that names the world and `more`; its hint is in the record."""
        record, world = request.record, request.lease and request.lease.world
        line, events = (world.line, world.glance(record.arrived)[0].events) if world else (None, 0)
        headers = [*on_the_wire(answer.headers), *self._named(line, record.at, events), *more]
        outgoing = Outgoing(status=answer.status, headers=headers, body=answer.body)
        record.hint = hint_of(request, outgoing)
        return outgoing

    def _named(self, line: str | None, now: datetime, events: int) -> Headers:
        """The header that names an instant of a world, whose `line` was read before it; None: it is of no world."""
        if not self._says_world:
            return []
        line_at: Callable[[str, datetime, int], str] = line_text if now.microsecond else _line_again
        text = NO_WORLD if line is None else line_at(line, now, events)
        return [(_NAME, text.encode())]

    def _assumed(self, request: VendorRequest, status: int) -> Headers:
        """The header that names what an answer of this status shows and nobody has seen in a real OMS."""
        operation = request.record.target.operation
        if self._shown is None or operation is None:
            return []
        claims = self._shown.of(request.answers, operation, status)
        return [(_ASSUMED, claims.encode())] if claims else []

    def _made_by_flask(self, request: VendorRequest) -> tuple[Outgoing, CachedAnswer | None]:
        """What Flask answers, changed as the fault wants it, and what to cache of it; in a thread."""
        record, more = request.record, {WORLDS: request}
        scope, met, is_detail = record.scope, record.met, record.target.operation is Operation.DETAIL
        answer = self.flask.answer(scope, request.body, more)
        if self._shown is not None:  # before it is cached, so that what is cached has it
            answer = replace(answer, headers=answer.headers + self._assumed(request, answer.status))
        watched = request.view
        if watched is not None:
            world = watched.view.world
            record.at = world.now if request.lease else record.arrived
            if answer.status == _OK and is_detail and watched.rows and (found := world.find(watched.rows[0])):
                record.state = found[0].state
        if met is not None and _changes_body(met.effect):
            if answer.status != _OK or (met.effect.shape is not None and scope["method"] not in {"GET", "HEAD"}):
                record.met = None
                if request.lease is not None:
                    request.lease.traffic.returned(met.id)
            else:
                if scope["method"] == "HEAD":  # its headers must fit the body that it does not have
                    answer = self.flask.answer({**scope, "method": "GET"}, request.body, more)
                answer = _changed(answer, met.effect, request.view)
        record.hint = hint_of(request, answer)
        # What is said of a fault is not true of the next request, but nothing is said of a mere delay; and the order of
        # a list may change by itself.
        if (
            (met is not None and met.effect.kind != "delay")
            or request.key is None
            or watched is None
            or answer.status != _OK
            or not watched.view.is_steady
        ):
            return answer, None
        headers = [one for one in answer.headers if one[0] != _NAME]
        return answer, CachedAnswer(
            contents=watched.view.world.contents,
            since=watched.view.world.now,
            until=watched.view.lasts(watched.rows),
            headers=headers,
            packed=packed(headers),
            body=answer.body,
            target=record.target,
            state=record.state,
            hint=record.hint,
        )


def _changes_body(effect: Effect) -> bool:
    return effect.body is not None or effect.shape is not None


def _changed(answer: Outgoing, effect: Effect, view: WatchedView | None) -> Outgoing:
    """A success with its body broken, or in another shape; `view` is what it was made from."""
    body, content_type = answer.body, answer.value(b"content-type") or ""
    if effect.body is not None:
        body, content_type = broken_body(effect.body, body, content_type)
    elif effect.shape is not None:
        body = reshaped_body(effect.shape, body, previous=view.last_row_before() if view else None)
        indent = _INDENT.match(answer.body)
        body = framework_json(json.loads(body), len(indent[1])) if indent else body
    changed = {b"content-type": content_type.encode("latin-1"), b"content-length": str(len(body)).encode()}
    headers = [(name, changed.get(name, value)) for name, value in answer.headers]
    return Outgoing(status=answer.status, headers=headers, body=body)
