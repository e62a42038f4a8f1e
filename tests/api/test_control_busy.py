"""What the control API answers while somebody changes a world, and where a world comes to its end."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from flask import Flask

from mock_oms.api.app import MockApp, create_app
from mock_oms.api.state import state_of
from mock_oms.scenarios.library import Library
from mock_oms.server.asgi.answering import CONTROL_WORKERS, WORKERS
from mock_oms.server.asgi.application import Application
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import Log, LogChange, Store, WorldOrigin
from tests.api.control import LIST
from tests.api.control import server as fresh

FOR_EVER: dict[str, Any] = {"scenario": "cancelled-before-planning", "clock": {"start": "2024-03-05T09:00:00Z"}}


@dataclass
class Slow(Log):
    """A log that takes its time: a change is under way from `begun` until `over`."""

    begun: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def append(self, change: LogChange) -> None:  # noqa: ARG002  as every log
        self.begun.set()
        assert self.over.wait(30)


class SlowStore(Store):
    """A store whose worlds all write to one slow log."""

    def __init__(self) -> None:
        self.log = Slow()

    def create(self, origin: WorldOrigin, changes: Iterable[LogChange] = ()) -> Slow:  # noqa: ARG002
        return self.log


@pytest.mark.parametrize("path", ["/worlds", "/worlds/default", "/health/ready"])
def test_nobody_waits_for_a_world_that_is_being_changed(path: str) -> None:
    store = SlowStore()
    app = create_app(WorldManager(Library().load("restock"), store=store))
    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(
            lambda: app.test_client().post("/_mock/worlds/default/events", json={"restock": {
                "sku": "TST-002-L", "location": "WH001", "count": 1}})
        )  # fmt: skip
        try:
            assert store.log.begun.wait(30)
            answer = app.test_client().get(f"/_mock{path}")
            assert not changing.done()
        finally:
            store.log.over.set()
        assert changing.result().status_code == 201
    assert answer.status_code == 200
    assert "'events': 1" not in str(answer.get_json())


def test_every_snapshot_is_small_enough_to_be_put_back_and_a_reset_world_takes_events_again(tmp_path: Path) -> None:
    sku = "x" * 80
    (tmp_path / "long.yaml").write_text(f"description: Long.\nstock: {{{sku}: {{}}}}\nplans: []\n")
    server = fresh(library=Library(tmp_path))
    server.opened(scenario="long")
    order = {"order": {"items": [sku] * 999}}
    taken = 0
    while server.ask("POST", "/worlds/mine/events", order).status_code == 201:
        taken += 1
        assert taken < 1000
    status, problem = server.refused("POST", "/worlds/mine/events", order)
    assert (status, problem["detail"]) == (429, "This world's events fill 900000 bytes; reset it, or open another.")
    whole = server.ask("GET", "/worlds/mine/snapshot").data
    assert 800_000 < len(whole) < 1_000_000
    put = server.client.put("/_mock/worlds/mine/snapshot", data=whole, content_type="application/json")
    assert put.status_code == 200
    assert server.done("GET", "/worlds/mine")["events"] == taken
    assert server.refused("POST", "/worlds/mine/events", order)[0] == 429
    assert server.done("POST", "/worlds/mine/reset")["events"] == 0
    assert server.done("POST", "/worlds/mine/events", order)["number"] == 1


def test_a_world_is_turned_no_further_than_its_snapshot_goes() -> None:
    server = fresh()
    server.opened(**FOR_EVER)
    for _ in range(10):
        server.done("POST", "/worlds/mine/clock/advance", {"by": "366d"})
    assert server.refused("POST", "/worlds/mine/clock/advance", {"by": "1s"})[0] == 409
    server.opened("again", snapshot=server.done("GET", "/worlds/mine/snapshot"))


def test_a_running_clock_stops_where_no_snapshot_could_follow() -> None:
    for start, end in (
        ("2024-03-05T09:00:00Z", "2034-03-13T09:00:00Z"),
        ("2999-12-31T00:00:00Z", "2999-12-31T23:59:59Z"),
    ):
        server = fresh()
        server.opened(scenario="cancelled-before-planning", clock={"start": start, "rate": 86_400}, ttl=None)
        server.wall.now += timedelta(hours=5)
        assert server.done("GET", "/worlds/mine/clock")["now"] == end
        server.opened("again", snapshot=server.done("GET", "/worlds/mine/snapshot"))


class LateControl(MockApp):
    """An app whose control API is not made before somebody has been answered as the vendor."""

    vendor_answered = Event()

    @property
    def control(self) -> Flask:
        assert self.vendor_answered.wait(30)
        return super().control


def test_a_crowd_that_waits_for_the_control_api_to_be_made_keeps_nobody_from_the_vendors() -> None:
    app = LateControl(state_of(create_app(WorldManager(Library().load("restock")))))
    transport = httpx.ASGITransport(Application(app))

    async def statuses() -> set[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30) as client:
            probes = [asyncio.create_task(client.get("/_mock/worlds")) for _ in range(2 * WORKERS)]
            await asyncio.sleep(0)
            answer = await client.get(LIST, headers={"Authorization": "Token mock-oms-token"})
            app.vendor_answered.set()
            return {answer.status_code, *[(await one).status_code for one in probes]}

    assert asyncio.run(statuses()) == {200}


class LongRecord(MockApp):
    """An app that does not tell what all worlds were asked before it is let."""

    let = Event()

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/_mock/requests":
            assert self.let.wait(30)
        return super().wsgi_app(environ, start_response)


def test_a_crowd_that_reads_what_all_worlds_were_asked_holds_only_itself_up() -> None:
    app = LongRecord(state_of(create_app(WorldManager(Library().load("restock")))))
    transport = httpx.ASGITransport(Application(app))

    async def statuses() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30) as client:
            crowd = [asyncio.create_task(client.get("/_mock/requests")) for _ in range(2 * CONTROL_WORKERS)]
            await asyncio.sleep(0)
            try:
                paths = ("/_mock/scenarios", "/_mock/worlds", "/_mock/worlds/default", "/_mock/requests/1")
                others = [(await asyncio.wait_for(client.get(path), 5)).status_code for path in paths]
            finally:
                app.let.set()
            return others + [(await one).status_code for one in crowd]

    assert asyncio.run(statuses()) == [200, 200, 200, 404, *[200] * 2 * CONTROL_WORKERS]
