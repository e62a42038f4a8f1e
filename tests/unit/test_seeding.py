"""Worlds that mock-oms 0.1 wrote down have the seeded plans that they had: what happened to them refers to these."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mock_oms.domain.errors import WorldError
from mock_oms.domain.lifecycle import State
from mock_oms.domain.world import World, open_world
from mock_oms.scenarios.building import SAME_BUT_FOR_EXPECT, Scenario, load_scenario
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.snapshot import read_snapshot, replayed, write_snapshot
from mock_oms.worlds.world_header import WorldHeader
from tests.stored_worlds import simulated_in
from tests.worlds import START, plan_of, scenario

ROOT = Path(__file__).parents[2]
GROUPS = [{"state": state, "count": 30} for state in ("start", "pending", "completed", "cancelled")]
BACKLOG = {"backlog": {"count": 100, "states": {"pending": 1, "completed": 1}}, "plans": []}


def of_old(of: Scenario) -> World:
    return open_world(of.setup(seed=None, opened=START, seeding=1))


def moves(world: World) -> str:
    """A digest of what became of each plan, and when."""
    plans = [world.contents.found(one, world.now)[0] for one in (*world.contents.backlog, *world.contents.ids)]
    told = [(it.id, it.state, it.created, it.due, [(one.at, one.cause) for one in it.history]) for it in plans]
    return sha256(repr(told).encode()).hexdigest()[:12]


@pytest.mark.parametrize(("planner", "digests"), [
    ({}, ["1d815cd7dffb", "09babde52566"]),
    ({"first": "0s", "every": "7d"}, ["32eb9a2bf777", "ecd133d6b3df"]),
    ({"first": "3d", "every": "1h"}, ["53b4b03e92f4", "e95f6bc02922"]),
])  # fmt: skip
def test_by_the_first_rules_each_plan_is_what_it_was(planner: dict[str, str], digests: list[str]) -> None:
    plans = [*GROUPS, {"id": 7, "state": "pending"}]
    world = of_old(scenario(seed=77, planner=planner, plans=plans, backlog={"count": 120}))
    assert [moves(world), moves(world.advance(START + timedelta(hours=2)))] == digests


def pending_of_old(of: Scenario) -> int:
    """A plan that was pending by the first rules, and is not by those of today."""
    old, new = of_old(of), open_world(of.setup(seed=None, opened=START))
    found = (one for one in old.contents.backlog if plan_of(old, one).state is State.PENDING)
    return next(one for one in found if plan_of(new, one).state is not State.PENDING)


def snapshot_of_old(of: Scenario) -> dict[str, Any]:
    """A snapshot as 0.1 wrote it, of a world in which such a plan was completed by hand."""
    simulation = WorldManager(of)
    world = simulation.lease("default").world
    document = {**write_snapshot(world.origin, world.instant()), "version": 2}
    command = {"plan": pending_of_old(of), "run": "plan-complete"}
    return {**document, "log": [{"number": 1, "at": document["start"], "command": command}]}


def test_a_snapshot_of_an_old_version_is_replayed_by_the_rules_of_its_time_and_stays_of_that_version() -> None:
    of = scenario(**BACKLOG)
    taken, simulation = snapshot_of_old(of), WorldManager(of)
    world = simulation.restore(read_snapshot(taken, lambda _: of)).world
    assert plan_of(world.instant().world, pending_of_old(of)).state is State.COMPLETED
    assert write_snapshot(world.origin, world.instant()) == taken
    with pytest.raises(WorldError):
        simulation.restore(read_snapshot({**taken, "version": 3}, lambda _: of))


def test_a_stored_world_of_an_old_version_goes_on_by_the_rules_of_its_time_after_a_reset_too(tmp_path: Path) -> None:
    of = scenario(**BACKLOG)
    with simulated_in(tmp_path, of) as simulation:
        simulation.restore(read_snapshot(snapshot_of_old(of), lambda _: of), name="old")
    file = tmp_path / "worlds" / "old.jsonl"
    for _ in range(2):
        with simulated_in(tmp_path, of) as simulation:
            lease = simulation.lease("old")
            assert moves(lease.world.beginning) == moves(of_old(of))
            simulation.reset(lease)
            assert moves(lease.world.instant().world) == moves(of_old(of))
        assert json.loads(file.read_text().splitlines()[0])["version"] == 2


def test_the_line_of_a_world_of_an_old_version_says_so_and_is_replayed_by_the_rules_of_its_time() -> None:
    of = scenario(**BACKLOG)
    for document, word in (
        (snapshot_of_old(of), " seeding=1 "),
        ({**snapshot_of_old(of), "version": 3}, " seed=1 now="),
    ):
        view = WorldManager(of).restore(read_snapshot({**document, "log": []}, lambda _: of)).world.reading()
        assert word in str(view.line)
        assert list(replayed(WorldHeader.parse(str(view.line)), of).bodies()) == list(view.bodies())


def test_a_world_without_seeded_plans_is_the_same_by_all_rules() -> None:
    of = scenario(plans=[{"items": ["A"]}])
    assert [of.seeding(version) for version in (1, 2, 3)] == [2, 2, 2]


def test_the_shipped_scenarios_whose_expectations_changed_have_the_digests_that_stand_for_the_old_ones() -> None:
    now = [load_scenario(ROOT / "scenarios" / f"{name}.yaml") for name in ("default", "large")]
    assert {one.digest for one in now} == set(SAME_BUT_FOR_EXPECT.values())
    for of, old in zip(now, SAME_BUT_FOR_EXPECT, strict=True):
        assert of.has_digest(old)
        assert replace(of, digest=old).has_digest(old)
        assert replace(of, digest=old).has_digest(of.digest)
        assert not of.has_digest("000000000000")
