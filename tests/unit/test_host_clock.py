"""Steps of the host's clock, which somebody sets while a server runs: they end no world, and move none."""

import datetime as dt
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mock_oms.worlds import host_clock
from mock_oms.worlds.host_clock import elapsed, steady_clock, wall_clock
from mock_oms.worlds.manager import WorldManager
from tests.stored_worlds import simulated_in
from tests.worlds import scenario

#: More than a test takes, and far less than the steps.
MOMENT = timedelta(minutes=5)


@pytest.mark.parametrize("days", [2, -2])
def test_a_step_of_the_hosts_clock_ends_no_world_and_moves_none(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = WorldManager(scenario(plans=[]))
    for name, rate in (("frozen", 0), ("running", 1)):
        manager.open(scenario(plans=[]), name=name, rate=rate, ttl=timedelta(hours=1))
    before = {name: manager.lease(name).world.instant().world.now for name in ("frozen", "running")}
    real, step, steady = (
        time.clock_gettime,
        86_400 * days,
        (time.CLOCK_MONOTONIC, getattr(time, "CLOCK_BOOTTIME", None)),
    )
    monkeypatch.setattr(time, "clock_gettime", lambda one: real(one) + (0 if one in steady else step))
    assert abs(wall_clock() - datetime.now(UTC) - timedelta(days=days)) < MOMENT
    assert len(manager.leases()) == 3
    moved = {name: manager.lease(name).world.instant().world.now - before[name] for name in before}
    assert (moved["frozen"], timedelta(0) <= moved["running"] < MOMENT) == (timedelta(0), True)


def test_what_is_pretended_in_python_changes_neither_the_time_outside_nor_what_has_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Pretended(datetime):
        """As freezegun's."""

    clock, before, began = steady_clock(), wall_clock(), elapsed()
    monkeypatch.setattr(dt, "datetime", Pretended)
    monkeypatch.setattr(host_clock, "datetime", Pretended)
    for name in ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns"):
        monkeypatch.setattr(time, name, lambda: 0)
    assert [timedelta(0) <= now - before < MOMENT for now in (wall_clock(), clock())] == [True, True]
    assert 0 <= elapsed() - began < MOMENT.seconds
    assert (type(clock()), type(wall_clock())) == (datetime, datetime)


@pytest.mark.parametrize(("days", "moved"), [(-2, timedelta(minutes=1)), (2, timedelta(days=2, minutes=1))])
def test_a_clock_that_was_set_between_two_runs_lets_a_stored_world_go_on(
    days: int, moved: timedelta, tmp_path: Path
) -> None:
    # Days ahead are days for which nobody served: a clock that runs has run on.
    start = datetime(2026, 3, 5, 9, tzinfo=UTC)
    with simulated_in(tmp_path, scenario(plans=[]), wall=lambda: start) as manager:
        manager.open(scenario(plans=[]), name="running", rate=1, ttl=timedelta(hours=1))
        began = manager.lease("running").world.instant().world.now
    now = [start + timedelta(days=days)]
    with simulated_in(tmp_path, scenario(plans=[]), wall=lambda: now[0]) as manager:
        world = manager.lease("running").world
        now[0] += timedelta(minutes=1)
        assert world.instant().world.now - began == moved
        assert len(manager.leases()) == 2
