"""Worlds: opening, resetting and closing them, and their snapshots."""

from typing import Any

from flask import Response, url_for

from mock_oms.domain.errors import written
from mock_oms.registry import Lease
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.library import UnknownScenarioError
from mock_oms.scenario.problems import ScenarioError
from mock_oms.simulation import TTL, Wish
from mock_oms.snapshot import VERSION, Snapshot, SnapshotError, read_snapshot, write_snapshot
from mock_oms.web.control import asked, facts, shapes, told
from mock_oms.web.control.problems import InvalidFieldsError
from mock_oms.web.control.routes import leased, routes
from mock_oms.web.state import current_state

_SNAPSHOT = {
    "version": VERSION,
    "scenario": {"name": "restock", "digest": "f4fb78904cae"},
    "seed": 7,
    "start": "2024-03-05T09:00:00Z",
    "clock": {"now": "2024-03-05T09:45:00Z", "rate": 0.0},
    "log": [{"number": 1, "at": "2024-03-05T09:20:00Z", "block": {"location": "WH001"}}],
}

worlds = routes("worlds", "Worlds: each has its data, clock and log, and a token of its own.")


@worlds.route("/worlds")
@worlds.response(200, told.WorldList)
def list_worlds() -> dict[str, Any]:
    """Every world, the default one first. Looking at a list uses none of them."""
    return {"worlds": [facts.of_world(lease) for lease in current_state().simulation.leases()]}


@worlds.route("/worlds", methods=["POST"])
@worlds.reads(asked.Opening, {"scenario": "restock", "seed": 3, "ttl": "10m"}, required=False)
@worlds.response(201, told.World, headers={"Location": {"required": True, "schema": {"type": "string"}}})
@worlds.refuses(409, 429, 503)
def open_world(wanted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Open a world over a scenario, or from a snapshot. Without use it closes after `ttl` (null: never)."""
    lease = _restored(wanted) if "snapshot" in wanted else _opened(wanted)
    location = url_for("worlds.show_world", world=lease.world.origin.name)
    return facts.of_world(lease), {"Location": location}


@worlds.route("/worlds/<world:world>")
@worlds.response(200, told.World)
@worlds.of_a_world
def show_world(world: str) -> dict[str, Any]:
    """One world."""
    return facts.of_world(leased(world))


@worlds.route("/worlds/<world:world>", methods=["DELETE"])
@worlds.response(204)
@worlds.of_a_world
@worlds.refuses(409, 503)
def close_world(world: str) -> Response:
    """Close a world. Its token is unknown from now on; the default world stays."""
    current_state().simulation.close(world)
    return Response(status=204)


@worlds.route("/worlds/<world:world>/reset", methods=["POST"])
@worlds.response(200, told.ResetWorld)
@worlds.of_a_world
@worlds.refuses(503)
def reset_world(world: str) -> dict[str, Any]:
    """Return to the beginning: the clock shows the start, and no event has happened and no request was made.

    The faults and limits are those of the scenario again; where the mock follows its files, of their latest version.
    """
    lease = leased(world)
    renewed = current_state().simulation.reset(lease)
    return {**facts.of_world(lease), "renewed": renewed}


@worlds.route("/worlds/<world:world>/snapshot")
@worlds.response(200, shapes.Snapshot)
@worlds.of_a_world
def take_snapshot(world: str) -> dict[str, Any]:
    """The world as data, from which the same bytes come again, here or elsewhere."""
    live = leased(world).world
    return write_snapshot(live.origin, live.instant())


@worlds.route("/worlds/<world:world>/snapshot", methods=["PUT"])
@worlds.reads(shapes.Snapshot, _SNAPSHOT)
@worlds.response(200, told.World)
@worlds.of_a_world
@worlds.refuses(409, 503)
def put_snapshot(document: dict[str, Any], world: str) -> dict[str, Any]:
    """Let the world become a snapshot of the same scenario, seed and start; faults, limits and journal stay."""
    lease = leased(world)
    snapshot = read_snapshot(document, lambda _: lease.world.origin.scenario)
    _refuse_another_origin(lease, snapshot, document["scenario"]["name"])
    lease.world.put(current_state().simulation.replayed(snapshot))
    return facts.of_world(lease)


def _opened(wanted: dict[str, Any]) -> Lease:
    wish = Wish(
        scenario=_scenario(wanted.get("scenario", "default"), "scenario"),
        name=wanted.get("name"),
        seed=wanted.get("seed"),
        ttl=wanted.get("ttl", TTL),
        **wanted.get("clock", {}),
    )
    return current_state().simulation.open(wish)


def _restored(wanted: dict[str, Any]) -> Lease:
    snapshot = read_snapshot(wanted["snapshot"], lambda name: _scenario(name, "snapshot.scenario.name"))
    return current_state().simulation.restore(snapshot, name=wanted.get("name"), ttl=wanted.get("ttl", TTL))


def _scenario(name: str, path: str) -> Scenario:
    """A scenario that a body names: where there is none, or a broken one, the body cannot be used."""
    try:
        return current_state().scenario(name)
    except (UnknownScenarioError, ScenarioError) as error:
        raise InvalidFieldsError({path: [str(error)]}) from error


def _refuse_another_origin(lease: Lease, snapshot: Snapshot, name: str) -> None:
    origin = lease.world.origin
    for what, mine, theirs in (
        ("scenario", origin.scenario.name, name),
        ("seed", origin.seed, snapshot.seed),
        ("start", written(origin.start), written(snapshot.start)),
    ):
        if mine != theirs:
            raise SnapshotError(
                f"The {what} of this world is {mine}, of the snapshot {theirs}: open a world from it instead."
            )
