"""What is counted, where it happens: counts never fall, whatever becomes of the worlds."""

from datetime import timedelta

import pytest

from mock_oms.domain.errors import WorldError
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.schema import read_event
from mock_oms.traffic.journal.journal import Journal, JournalSpace
from mock_oms.traffic.metrics import BOUNDS, MetricName, Metrics
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.snapshot import read_snapshot, write_snapshot
from tests.api.control import Wall
from tests.entries import Kept, entry
from tests.worlds import scenario

CANCEL = read_event({"command": {"plan": 7001, "run": "plan-cancel"}})
#: One plan that is completed at its first attempt, and one that stays pending.
PLANS = [{"id": 7001, "items": ["A"]}, {"id": 7002, "items": ["missing"]}]


def simulated(wall: Wall | None = None, **sections: object) -> WorldManager:
    document = {"clock": {"rate": 0}, "plans": PLANS, "stock": {"A": {"WH001": 1}, "missing": {"WH001": 0}}}
    return WorldManager(scenario(**{**document, **sections}), wall=wall or Wall())


def counts(simulation: WorldManager, name: MetricName) -> dict[tuple[str, ...], int]:
    return simulation.metrics.counted(name)


def test_a_world_counts_each_event_that_it_takes_and_each_step_once_and_a_reset_lowers_no_count() -> None:
    simulation = simulated()
    world = simulation.lease("default").world
    world.apply(CANCEL)
    with pytest.raises(WorldError):
        world.apply(CANCEL)
    assert counts(simulation, MetricName.EVENTS) == {("command",): 1}
    simulation = simulated()
    world = simulation.lease("default").world
    world.advance(timedelta(hours=1))
    for _ in range(3):
        world.instant()
    once = counts(simulation, MetricName.TRANSITIONS)
    assert sum(once.values()) == len(world.instant().world.steps_since(world.beginning)) > 0
    assert once["start", State.COMPLETED] == 1
    world.reset()
    assert counts(simulation, MetricName.TRANSITIONS) == once
    world.advance(timedelta(hours=1))
    assert counts(simulation, MetricName.TRANSITIONS) == {labels: 2 * count for labels, count in once.items()}


def test_what_a_snapshot_has_lived_through_is_not_counted_again() -> None:
    simulation = simulated()
    world = simulation.lease("default").world
    world.apply(CANCEL)
    before = counts(simulation, MetricName.TRANSITIONS), counts(simulation, MetricName.EVENTS)
    snapshot = read_snapshot(write_snapshot(world.origin, world.instant()), lambda _: world.origin.scenario)
    simulation.restore(snapshot, name="again")
    world.put(simulation.replayed(snapshot))
    assert (counts(simulation, MetricName.TRANSITIONS), counts(simulation, MetricName.EVENTS)) == before


def test_worlds_that_are_open_were_opened_and_neither_closed_nor_expired() -> None:
    wall = Wall()
    simulation = simulated(wall)
    for name in ("one", "two", "three"):
        simulation.open(scenario=simulation.lease("default").world.origin.scenario, name=name)
    simulation.close("one")
    wall.now += timedelta(hours=2)
    simulation.lease("default")
    wanted = {("opened",): 4, ("closed",): 1, ("expired",): 2}
    assert (len(simulation.leases()), counts(simulation, MetricName.WORLDS)) == (1, wanted)


def test_the_second_look_at_a_plan_is_a_hit_and_a_plan_of_the_backlog_is_counted_when_it_is_made() -> None:
    simulation = simulated(backlog={"count": 50, "states": {"completed": 1}})
    view = simulation.default()
    for _ in range(3):
        view.detail(7001)
    assert counts(simulation, MetricName.CACHE) == {("plans", "miss"): 1, ("plans", "hit"): 2}
    view.page(1, 20)
    made = sum(one not in view.world.contents.plans for one in view.rows(1, 20))
    assert counts(simulation, MetricName.MADE) == {(): made}
    assert made > 0


def test_requests_are_counted_by_operation_status_fault_and_duration_and_a_journal_counts_what_it_evicts() -> None:
    metrics = Metrics()
    for seconds in (BOUNDS[0], BOUNDS[3], BOUNDS[-1] + 1):
        metrics.answered("list", 200, None, seconds)
    metrics.answered("list", 503, "status", 0.1)
    counted = {kind: sum(timing.classes) for kind, timing in metrics.timings.items()}
    assert counted == {("list", 200, None): 3, ("list", 503, "status"): 1}
    timing = metrics.timings["list", 200, None]
    assert [at for at, count in enumerate(timing.classes) if count] == [0, 3, len(BOUNDS)]
    assert timing.seconds == pytest.approx(BOUNDS[0] + BOUNDS[3] + BOUNDS[-1] + 1)
    journal = Journal(2, JournalSpace(metrics))
    for number in range(1, 6):
        journal.append(Kept(entry(number)))
    journal.clear()
    journal.append(Kept(entry(6)))
    assert metrics.evicted == 3
