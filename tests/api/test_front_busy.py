"""The front while worlds are busy: whoever waits for a world holds no thread that others need."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Event, current_thread
from typing import Any

import httpx
import pytest

from mock_oms.api.app import MockApp, create_app
from mock_oms.api.state import state_of
from mock_oms.domain.world import Work
from mock_oms.scenarios.library import Library
from mock_oms.server.asgi import answering
from mock_oms.server.asgi.answering import CONTROL_WORKERS, WORKERS
from mock_oms.server.asgi.application import Application
from mock_oms.traffic.faults.fault import KINDS
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.pacing import Pacer, T
from mock_oms.worlds.store import Log, LogChange, Store, WorldOrigin
from tests.api.control import LIST, PLAN, SKU, Wall

EVENT = {"restock": {"sku": SKU, "location": "WH001", "count": 1}}
DETAIL = f"{LIST}{PLAN}/"


class Gate:
    """Something that takes its time: it has `begun`, and is over when it is opened."""

    def __init__(self) -> None:
        self.begun, self.opened = Event(), Event()

    def passed(self) -> None:
        """Wait until it is opened."""
        self.begun.set()
        assert self.opened.wait(30)

    async def is_reached(self) -> None:
        """Wait until somebody waits here."""
        assert await asyncio.to_thread(self.begun.wait, 30)


class SlowLog(Log):
    """A log that writes when its gate is opened."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def append(self, change: LogChange) -> None:  # noqa: ARG002  as every log
        self._gate.passed()


class SlowStore(Store):
    """A store in which one world is slow to write."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def create(self, origin: WorldOrigin, changes: Iterable[LogChange] = ()) -> Log:  # noqa: ARG002
        if origin.name.startswith("slow"):
            self._gate.passed()
        return SlowLog(self._gate) if origin.name == "mine" else Log()


class Mock:
    """A mock with a world `mine` beside the default one."""

    def __init__(self, gate: Gate, app: Callable[[MockApp], MockApp] = lambda app: app) -> None:
        self.gate, self.wall = gate, Wall()
        library = Library()
        manager = WorldManager(library.load("restock"), store=SlowStore(gate), wall=self.wall)
        self.mine = manager.open(library.load("restock"), name="mine")
        self.app = Application(app(create_app(manager, library=library, performs=KINDS)))

    async def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> httpx.Response:
        """A request through the front."""
        headers = {"Authorization": f"Token {token or self.mine.token}"}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, json=body, headers=headers)

    def read(self, path: str = LIST) -> Awaitable[httpx.Response]:
        """A read of the world `mine`."""
        return self.ask("GET", path)

    @asynccontextmanager
    async def meanwhile(
        self, *waiting: Awaitable[httpx.Response]
    ) -> AsyncIterator[list[asyncio.Future[httpx.Response]]]:
        """While these wait at the gate; then they are done."""
        tasks: list[asyncio.Future[httpx.Response]] = [asyncio.ensure_future(one) for one in waiting]
        try:
            await self.gate.is_reached()
            yield tasks
        finally:
            self.gate.opened.set()
            assert {(await one).status_code for one in tasks} <= {200, 201}


async def others_are_answered(mock: Mock) -> None:
    """Who lives elsewhere is read, and changed."""
    for method, path, body in (
        ("GET", f"{LIST}?limit=7", None),
        ("GET", "/_mock/health/live", None),
        ("GET", "/_mock/health/ready", None),
        ("GET", "/_mock/worlds/default/plans", None),
        ("POST", "/_mock/worlds/default/events", EVENT),
        ("POST", "/_mock/worlds", {}),
    ):
        answer = await asyncio.wait_for(mock.ask(method, path, body, "mock-oms-token"), 30)
        assert answer.status_code in {200, 201}, (path, answer.text)


def test_a_world_is_read_as_it_was_while_it_is_changed_and_its_time_stands_still() -> None:
    mock = Mock(Gate())

    async def play() -> None:
        changes = [mock.ask("POST", "/_mock/worlds/mine/events", EVENT) for _ in range(2 * CONTROL_WORKERS)]
        async with mock.meanwhile(*changes):
            answers = [await mock.read(f"{LIST}?limit={n}") for n in range(1, 2 * WORKERS)]
            answers += [await mock.read(f"/_mock/worlds/mine/{what}") for what in ("clock", "plans", "snapshot")]
            assert {one.status_code for one in answers} == {200}
            await others_are_answered(mock)
        assert (await mock.read("/_mock/worlds/mine")).json()["events"] == len(changes)

    asyncio.run(play())


def test_who_waits_for_the_steps_of_a_running_world_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, mock = Gate(), Mock(Gate())
    mock.gate.opened.set()
    mock.mine.world.set_clock(rate=60)
    mock.gate, done = gate, Pacer.done

    def late(pacer: Pacer, work: Work[T]) -> T:
        gate.passed()
        return done(pacer, work)

    async def play() -> None:
        assert (await mock.read(DETAIL)).json()["state"] == "start"
        monkeypatch.setattr(Pacer, "done", late)
        mock.wall.now += timedelta(hours=1)
        reads = [mock.read(f"{LIST}?limit={n}") for n in range(1, 2 * WORKERS)]
        reads += [mock.read("/_mock/worlds/mine/clock") for _ in range(2 * CONTROL_WORKERS)]
        async with mock.meanwhile(*reads) as tasks:
            monkeypatch.setattr(Pacer, "done", done)
            await others_are_answered(mock)
            assert not any(one.done() for one in tasks)
        assert (await mock.read(DETAIL)).json()["state"] == "completed"

    asyncio.run(play())


def test_worlds_that_take_long_to_open_let_others_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "SOON", 0)
    mock = Mock(Gate())

    async def play() -> None:
        slow = [mock.ask("POST", "/_mock/worlds", {"name": f"slow-{n}"}) for n in range(2 * answering.OPENING)]
        async with mock.meanwhile(*slow) as tasks:
            await others_are_answered(mock)
            assert not any(one.done() for one in tasks)
        assert {one.result().status_code for one in tasks} == {201}

    asyncio.run(play())


def test_a_fault_that_asks_for_the_state_of_a_plan_does_not_stop_the_loop() -> None:
    mock = Mock(Gate())
    fault = {"on": "detail", "when": {"state": "start"}, "effect": {"status": 503}}

    async def play() -> None:
        mock.gate.opened.set()
        added = await mock.ask("POST", "/_mock/worlds/mine/faults", fault)
        assert added.status_code == 201, added.text
        mock.gate.begun.clear()
        mock.gate.opened.clear()
        async with mock.meanwhile(mock.ask("POST", "/_mock/worlds/mine/clock/advance", {"by": "45m"})):
            assert (await asyncio.wait_for(mock.read(DETAIL), 30)).status_code == 503
        assert (await mock.read(DETAIL)).status_code == 200

    asyncio.run(play())


class Watched(MockApp):
    """An app that notes in which threads it answers."""

    threads: dict[str, str]

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        self.threads[environ["PATH_INFO"]] = current_thread().name.rpartition("_")[0]
        return super().wsgi_app(environ, start_response)


def test_health_needs_no_thread_of_others() -> None:
    Watched.threads = {}
    mock = Mock(Gate(), lambda app: Watched(state_of(app)))
    expected = {
        "/_mock/health/live": "",  # the loop's
        "/_mock/health/ready": "mock-oms-health",
        "/_mock/worlds": "mock-oms-control",
        LIST: "mock-oms-flask",
    }

    async def play() -> None:
        for path in expected:
            assert (await mock.read(path)).status_code == 200

    asyncio.run(play())
    assert Watched.threads == expected
