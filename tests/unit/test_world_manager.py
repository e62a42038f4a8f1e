"""The world manager: worlds by token, under a wall clock of the test's own, and with many threads."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, timedelta
from itertools import chain
from threading import Barrier
from typing import Any

import pytest

from mock_oms.domain.clock import INSTANT
from mock_oms.domain.errors import IllegalCommandError, IllegalEventError
from mock_oms.domain.events import RunCommand
from mock_oms.domain.world import World
from mock_oms.worlds.host_clock import wall_clock
from mock_oms.worlds.leases import UnknownWorldError
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.open_world import Instant, OpenWorld
from mock_oms.worlds.store import DEFAULT
from tests.stored_worlds import TODAY, SetByHand
from tests.worlds import START, event, plan_of, scenario, span

WAITING: dict[str, Any] = {"stock": {"A": {}}, "plans": [{"items": ["A"]}]}


def simulated(
    wall: SetByHand, *, rate: float = 0, start: str = "2024-03-05T09:00:00Z", **sections: Any
) -> WorldManager:
    return WorldManager(scenario(**{**WAITING, **sections}, clock={"start": start, "rate": rate}), wall=wall)


def live(simulation: WorldManager) -> OpenWorld:
    return simulation.lease(DEFAULT).world


def now_of(simulation: WorldManager) -> Instant:
    return live(simulation).instant()


def world_of(simulation: WorldManager) -> World:
    return simulation.default().world


@pytest.fixture
def wall() -> SetByHand:
    return SetByHand()


@pytest.mark.parametrize(("rate", "minutes"), [(0, 0), (1, 10), (60, 600), (0.5, 5)])
def test_a_clock_goes_at_its_rate(wall: SetByHand, rate: float, minutes: float) -> None:
    simulation = simulated(wall, rate=rate)
    wall.now += timedelta(minutes=10)
    assert world_of(simulation).now == START + timedelta(minutes=minutes)


def test_a_clock_that_is_turned_back_outside_stands_still_inside(wall: SetByHand) -> None:
    simulation = simulated(wall, rate=1)
    wall.now += timedelta(minutes=10)
    world_of(simulation)
    wall.now -= timedelta(minutes=7)
    assert world_of(simulation).now == START + timedelta(minutes=10)
    wall.now += timedelta(minutes=8)
    assert world_of(simulation).now == START + timedelta(minutes=11)
    wall.now -= timedelta(days=1)
    assert world_of(simulation).now == START + timedelta(minutes=11)


def test_what_is_seen_takes_no_step_and_an_instant_takes_all_that_are_due(wall: SetByHand) -> None:
    simulation = simulated(wall, rate=60)
    world = live(simulation)
    wall.now += timedelta(minutes=2)
    assert world.is_due()
    assert (world.seen().world.now, world.seen().world.find(1001)) == (
        START + span("1m") - INSTANT, world.beginning.find(1001)
    )  # fmt: skip
    assert plan_of(world.instant().world, 1001).attempts[-1].at == START + span("2h")
    assert not world.is_due()


def test_a_world_that_cannot_keep_up_falls_behind_its_clock(wall: SetByHand, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = simulated(wall, rate=86_400)
    monkeypatch.setattr("mock_oms.worlds.open_world.CATCH_UP", -1)  # one step at each look
    wall.now += timedelta(seconds=1)
    found = [(now_of(simulation).world.now - START, live(simulation).lags) for _ in range(2)]
    assert found == [(span("30m") - INSTANT, True), (span("1h") - INSTANT, True)]
    monkeypatch.undo()
    assert (now_of(simulation).world.now - START, live(simulation).lags) == (span("1d"), False)


def test_a_scenario_that_starts_now_starts_when_its_world_is_opened_and_its_plans_move_with_time(
    wall: SetByHand,
) -> None:
    assert wall_clock().tzinfo is UTC
    simulation = simulated(wall, start="now")
    wall.now += timedelta(hours=1)
    assert world_of(simulation).now == TODAY
    simulation = simulated(wall, rate=60)
    states = []
    for _ in range(3):
        states.append(len(plan_of(world_of(simulation), 1001).attempts))
        wall.now += timedelta(seconds=15)
    assert states == [0, 1, 2]


def test_a_reading_is_the_same_bytes_until_the_world_changes_and_stays_what_it_was(wall: SetByHand) -> None:
    simulation = simulated(wall, rate=1)
    reading = simulation.default()
    before = reading.detail(1001)
    wall.now += timedelta(seconds=30)
    assert simulation.default().detail(1001) is before
    wall.now += timedelta(hours=1)
    assert simulation.default().detail(1001) != before
    assert (reading.detail(1001), reading.page(1, 10)) == (before, [before])


def test_only_a_known_token_reads_a_world_and_one_of_ones_own_replaces_it(wall: SetByHand) -> None:
    simulation, own = simulated(wall), WorldManager(scenario(plans=[]), token="mine", wall=wall)
    tokens = ("mock-oms-token", "mine", "", "MOCK-OMS-TOKEN", "mock-oms-token ", "ş")
    assert [simulation.reading(token) is not None for token in tokens] == [True, *[False] * 5]
    assert [own.reading(token) is not None for token in tokens] == [False, True, *[False] * 4]


def test_the_right_password_gets_the_token_under_any_name(wall: SetByHand) -> None:
    found = [simulated(wall).login("anybody", password) for password in ("mock-oms", "", "MOCK-OMS", "ş")]
    assert found == ["mock-oms-token", None, None, None]


def test_an_event_is_seen_at_once_and_logged_with_its_number_and_its_time_unless_it_is_refused(wall: SetByHand) -> None:
    simulation = simulated(wall, rate=1)
    for seconds in (5, 10):
        wall.now = TODAY + timedelta(seconds=seconds)
        live(simulation).apply(event(order={"items": ["A"]}))
        assert live(simulation).latest.world.contents.ids[-1] == 1001 + len(now_of(simulation).log)
    with pytest.raises(IllegalEventError):
        live(simulation).apply(event(confirm=1001))
    log = now_of(simulation).log
    assert [(entry.number, entry.at) for entry in log] == [(1, START + span("5s")), (2, START + span("10s"))]


@pytest.fixture
def _impatient() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_impatient")
def test_of_many_threads_that_run_one_command_exactly_one_succeeds_each_time(wall: SetByHand) -> None:
    rounds, rivals = 400, 16
    simulation = simulated(wall, plans=[{"items": ["A"], "count": rounds}])
    world, together = live(simulation), Barrier(rivals, timeout=30)
    commands = [RunCommand(plan=plan, run="plan-cancel") for plan in range(1001, 1001 + rounds)]

    def compete(_: int) -> list[int]:
        won = []
        for command in commands:
            if command.plan % 20 == 0:
                together.wait()  # now and then, so that none of them is far ahead and alone
            with suppress(IllegalCommandError):
                world.apply(command)
                won.append(command.plan)
        return won

    with ThreadPoolExecutor(rivals) as pool:
        winners = Counter(chain.from_iterable(pool.map(compete, range(rivals))))
    assert winners == Counter(command.plan for command in commands)
    assert [entry.event for entry in now_of(simulation).log] == commands


def test_events_of_many_threads_are_numbered_in_the_order_in_which_they_happened(wall: SetByHand) -> None:
    simulation = simulated(wall)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(live(simulation).apply, [event(order={"items": ["A"]})] * 64))
    assert [entry.number for entry in now_of(simulation).log] == list(range(1, 65))
    assert world_of(simulation).contents.ids == tuple(range(1001, 1066))


def test_of_many_threads_that_close_a_world_exactly_one_succeeds(wall: SetByHand) -> None:
    simulation = simulated(wall)

    def close(_: int) -> str:
        try:
            simulation.close("mine")
        except UnknownWorldError:
            return "unknown"
        return "done"

    for _ in range(20):
        simulation.open(scenario=live(simulation).origin.scenario, name="mine")
        with ThreadPoolExecutor(16) as pool:
            assert sorted(pool.map(close, range(16))) == ["done"] + ["unknown"] * 15


def test_threads_that_read_and_change_a_world_see_whole_plans(wall: SetByHand) -> None:
    seeded = [{"state": "pending", "count": 20}]
    simulation = simulated(wall, plans=seeded, backlog={"count": 20, "states": {"pending": 1}})

    def read(number: int) -> bool:
        if number % 4 == 0:
            live(simulation).apply(event(command={"plan": 1 + number // 4, "run": "plan-cancel"}))
        reading = simulation.default()
        rows = [json.loads(body) for page in range(1, 5) for body in reading.page(page, 10)]
        details = [json.loads(reading.detail(row["id"]) or b"") for row in rows]
        return rows == details and len({row["id"] for row in rows}) == 40

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(24)))
