"""Scenarios, and worlds: opening, resetting and closing them, their snapshots, time, plans and events."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Response, url_for

from mock_oms.api.control import bodies, schemas
from mock_oms.api.control.errors import InvalidFieldsError, ProblemError
from mock_oms.api.control.routes import Routes, leased
from mock_oms.api.control.sent_scenarios import errors_in
from mock_oms.api.state import current_state
from mock_oms.contract.control_bodies import Lifecycle, WorldLifecycle
from mock_oms.domain.errors import UnknownNameError
from mock_oms.domain.events import Event, RunCommand
from mock_oms.domain.world import NeverComesError, WorldAdvance
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.fields import write_duration
from mock_oms.scenarios.library import INLINE, UnknownScenarioError
from mock_oms.scenarios.schema import write_event
from mock_oms.text import time_text
from mock_oms.worlds.explanation import explanation_of, never_reason
from mock_oms.worlds.leases import TTL, Lease
from mock_oms.worlds.lifecycle_counts import lifecycle
from mock_oms.worlds.snapshot import VERSION, SnapshotError, read_snapshot, scenario_in, write_snapshot

scenarios = Routes("scenarios", "What worlds can begin with.")


@scenarios.handles("GET", "/scenarios", schemas.ScenarioList)
def list_scenarios() -> dict[str, Any]:
    """The scenarios that can be started, by name. One that is broken says so."""
    library = current_state().library

    def description(name: str) -> str:
        try:
            return " ".join(library.named(name).document.description.split())
        except (ScenarioError, UnknownScenarioError) as error:
            return f"cannot be used: {error}"

    return {"scenarios": [{"name": name, "description": description(name)} for name in library.files()]}


@scenarios.handles("GET", "/profiles", schemas.ProfileList, query=schemas.ProfileQuery, refuses=(404, 410))
def list_profiles(query: dict[str, Any]) -> dict[str, Any]:
    """The profiles of faults and limits that can be added to a world, by name. One that is broken says so.

    Which they are depends on the scenario: it may have profiles beside its file, or of its own. Without `world` they are
    those of every world.
    """
    library, world = current_state().library, query.get("world")
    profiles = library.profiles if world is None else library.profiles_of(leased(world).world.origin.scenario)

    def description(name: str) -> str:
        try:
            return " ".join(profiles.load([name])[name].document.description.split())
        except (ScenarioError, KeyError) as error:  # the file was taken away meanwhile
            return f"cannot be used: {error}"

    return {"profiles": [{"name": name, "description": description(name)} for name in profiles.names()]}


@scenarios.handles("GET", "/scenarios/<scenario:scenario>", schemas.ScenarioDetail, refuses=(404, 422))
def show_scenario(scenario: str) -> dict[str, Any]:
    """What a scenario says of itself; 422 where its file cannot be used."""
    found = current_state().scenario(scenario)
    document = found.document
    said = {key: getattr(document, key) for key in ("description", "locale", "seed", "clock")}
    return {"name": found.name, "digest": found.digest, "expectations": len(document.expect), **said}


clock = Routes("clock", "The time of a world.", of_a_world=True)


@clock.handles("GET", "/clock", schemas.Clock)
def show_clock(world: str) -> dict[str, Any]:
    """What the clock shows, and how fast it goes."""
    instant = leased(world).world.instant()
    return {"now": instant.world.now, "rate": instant.clock.rate}


@clock.handles("PATCH", "/clock", schemas.TurnedClock, body=(schemas.TurnOfClock, {"rate": 60}), refuses=(409, 503))
def set_clock(wanted: dict[str, Any], world: str) -> dict[str, Any]:
    """Turn the clock forward to a time, or let it go at another rate (0 freezes it), or both."""
    lease = leased(world)
    return _turned(lease, lease.world.set_clock(**wanted))


@clock.handles("POST", "/clock/advance", schemas.TurnedClock, body=(schemas.Advance, {"by": "45m"}), refuses=(409, 503))
def advance_clock(wanted: dict[str, Any], world: str) -> dict[str, Any]:
    """Turn the clock forward by a duration, or to the moment at which a plan comes into a state.

    Where it does not come into it within `within` (24h), the clock is not moved.
    """
    lease = leased(world)
    if "by" in wanted:
        return _turned(lease, lease.world.advance(wanted["by"]))
    plan, within = wanted["until"]["plan"], wanted.get("within", timedelta(hours=24))
    try:
        return _turned(lease, lease.world.advance_until(plan, wanted["until"]["state"], within))
    except NeverComesError as error:
        reason = never_reason(lease.world.instant().world, error, wanted["until"]["state"], write_duration(within))
        raise ProblemError(HTTPStatus.CONFLICT, f"{error} {reason}") from error


def _turned(lease: Lease, passage: WorldAdvance) -> dict[str, Any]:
    rate = lease.world.instant().clock.rate
    return {"now": passage.world.now, "rate": rate, "transitions": bodies.advance_body(passage)}


plans = Routes(
    "plans",
    "Plans as the mock sees them, commands on them, and the stock that they are planned against.",
    of_a_world=True,
)


@plans.handles("GET", "/plans", schemas.PlanList, query=schemas.PlanQuery)
def list_plans(query: dict[str, Any], world: str) -> dict[str, Any]:
    """Plans in the order of the vendor's list: all, or those in one state, or those that a search finds, or both.

    `search` is the id of a plan, or the id or the number of an order; where there is none, a part of a SKU.
    """
    live = leased(world).world
    return bodies.plan_bodies(live.instant().world, live.origin.scenario.answers.order, **query)


@plans.handles("GET", "/plans/<plan:plan>", schemas.PlanDetail)
def show_plan(world: str, plan: int) -> dict[str, Any]:
    """A plan: the commands that are legal, its history with causes, its items and what they wait for."""
    now = leased(world).world.instant().world
    found = explanation_of(now, plan)
    if found is None:
        raise _no_plan(world, plan)
    return bodies.explanation_body(now, found)


def _no_plan(world: str, plan: int) -> ProblemError:
    sentence = f"There is no plan {plan} in world {world}: GET /_mock/worlds/{world}/plans lists them."
    return ProblemError(HTTPStatus.NOT_FOUND, sentence)


@plans.handles("GET", "/plans/<plan:plan>/attempts", schemas.AttemptList, query=schemas.AttemptQuery)
def list_attempts(query: dict[str, Any], world: str, plan: int) -> dict[str, Any]:
    """The attempts to place a plan's items, the newest first, with what each saw of the stock; a captured plan has none."""
    found = leased(world).world.instant().world.find(plan)
    if found is None:
        raise _no_plan(world, plan)
    return bodies.attempt_bodies(found[0], **query)


_VENDOR_PLAN = {"type": "object", "description": "A plan in the vendor's form: `/_mock/openapi.yaml` describes it."}


@plans.handles("GET", "/plans/<plan:plan>/vendor", _VENDOR_PLAN)
def show_vendor_plan(world: str, plan: int) -> Response:
    """The plan as the vendor's API would answer it now; neither the journal nor a fault knows of it."""
    found = leased(world).world.reading().detail(plan)
    if found is None:
        raise _no_plan(world, plan)
    return Response(found, content_type="application/json")


@plans.handles("GET", "/stock", schemas.StockList, query=schemas.StockQuery)
def show_stock(query: dict[str, Any], world: str) -> dict[str, Any]:
    """The locations, and the stock of every SKU at each, of one SKU or at one location.

    Seeded plans have stock of their own, which is not here: a plan's `items` show it.
    """
    return bodies.stock_body(leased(world).world.reading(), **query)


@plans.handles(
    "POST",
    "/plans/<plan:plan>/commands",
    schemas.CommandRun,
    body=(schemas.Command, {"run": "plan-cancel"}),
    refuses=(409, 429, 503),
)
def run_command(wanted: dict[str, Any], world: str, plan: int) -> dict[str, Any]:
    """Run a command on a plan. One that is not legal now is refused with those that are."""
    try:
        passage = leased(world).world.apply(RunCommand(plan=plan, run=wanted["run"]))
    except UnknownNameError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from error
    step = next(step for moved, step in passage.steps if moved == plan)
    return {"plan": plan, **bodies.step_body(step), "transitions": bodies.advance_body(passage)}


lifecycles = Routes("lifecycle", "The states of plans and the transitions between them, and how often each was taken.")


@lifecycles.handles("GET", "/lifecycle", schemas.Lifecycle)
def show_lifecycle() -> Lifecycle:
    """The states that a plan can be in, and the transitions between them, which are the same in every world."""
    return lifecycle()


@lifecycles.handles("GET", "/worlds/<world:world>/lifecycle", schemas.WorldLifecycle)
def show_world_lifecycle(world: str) -> WorldLifecycle:
    """The same with numbers: the plans in each state now, and the steps since the world began, was reset or restored.

    What a scenario says of the time before its world began is counted among the states, and not among the steps.
    """
    return leased(world).world.lifecycle()


events = Routes("events", "What happens to a world from outside, in the words of a timeline.", of_a_world=True)


@events.handles("GET", "/events", schemas.Log, query=schemas.LogQuery)
def show_log(query: dict[str, Any], world: str) -> dict[str, Any]:
    """Every event since the beginning, in its order, or those with numbers after `since`."""
    log = leased(world).world.instant().log[query.get("since", 0) :]
    return {"events": [{"number": one.number, "at": one.at, **write_event(one.event)} for one in log]}


@events.handles("GET", "/timeline", schemas.Timeline, query=schemas.TimelineQuery)
def show_timeline(query: dict[str, Any], world: str) -> dict[str, Any]:
    """The lines of the scenario's own timeline in the order of time: which have happened, and which come yet.

    One that the world refused when its time came says why.
    """
    return bodies.timeline_body(leased(world).world.instant().world, **query)


@events.handles(
    "POST", "/events", schemas.EventTaken, status=201, body=(schemas.Event, {"block": "WH001"}), refuses=(409, 429, 503)
)
def add_event(event: Event, world: str) -> dict[str, Any]:
    """Let an event happen now. One that contradicts the world is 409; one with a name it does not have, 422."""
    passage = leased(world).world.apply(event)
    return {"number": passage.world.events, "at": passage.world.now, "transitions": bodies.advance_body(passage)}


_SNAPSHOT = {
    "version": VERSION,
    "scenario": {"name": "restock", "digest": "f4fb78904cae"},
    "seed": 7,
    "start": "2024-03-05T09:00:00Z",
    "clock": {"now": "2024-03-05T09:45:00Z", "rate": 0.0},
    "log": [{"number": 1, "at": "2024-03-05T09:20:00Z", "block": {"location": "WH001"}}],
}

worlds = Routes("worlds", "Worlds: each has its data, clock and log, and a token of its own.")


@worlds.handles("GET", "/worlds", schemas.WorldList)
def list_worlds() -> dict[str, Any]:
    """Every world, the default one first. Looking at a list uses none of them."""
    return {"worlds": [bodies.world_body(lease) for lease in current_state().simulation.leases()]}


@worlds.handles(
    "POST",
    "/worlds",
    schemas.World,
    headers={"Location": {"required": True, "schema": {"type": "string"}}},
    status=201,
    optional_body=(schemas.Opening, {"scenario": "restock", "seed": 3, "ttl": "10m"}),
    refuses=(409, 429, 503),
)
def open_world(wanted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Open a world over a scenario, named or sent, or from a snapshot. Without use it closes after `ttl` (null: never)."""
    simulation, name, ttl = current_state().simulation, wanted.get("name"), wanted.get("ttl", TTL)
    if "snapshot" in wanted:
        with errors_in("snapshot.scenario.document", "snapshot.scenario."):
            whole = scenario_in(wanted["snapshot"], current_state().library)
        snapshot = read_snapshot(
            wanted["snapshot"], lambda found: whole or _scenario(found["scenario"]["name"], "snapshot.scenario.name")
        )
        lease = simulation.restore(snapshot, name=name, ttl=ttl)
    else:
        asked = wanted.get("scenario", "default")
        scenario = _scenario(asked, "scenario") if isinstance(asked, str) else _sent_scenario(asked, wanted)
        seed, clock = wanted.get("seed"), wanted.get("clock", {})
        lease = simulation.open(scenario, name=name, seed=seed, ttl=ttl, **clock)
    return bodies.world_body(lease), {"Location": url_for("worlds.show_world", world=lease.world.origin.name)}


def _scenario(name: str, path: str) -> Scenario:
    """A scenario that a body names: where there is none, or a broken one, the body cannot be used."""
    try:
        return current_state().scenario(name)
    except (UnknownScenarioError, ScenarioError) as error:
        raise InvalidFieldsError({path: [str(error)]}) from error


def _sent_scenario(document: Mapping[str, Any], wanted: Mapping[str, Any]) -> Scenario:
    with errors_in("scenario"):
        called, profiles = wanted.get("scenario_name", INLINE), wanted.get("profiles")
        return current_state().library.inline(document, called=called, profiles=profiles)


@worlds.handles("GET", "/worlds/<world:world>", schemas.World)
def show_world(world: str) -> dict[str, Any]:
    """One world."""
    return bodies.world_body(leased(world))


@worlds.handles("DELETE", "/worlds/<world:world>", status=204, refuses=(409, 503))
def close_world(world: str) -> Response:
    """Close a world. Its token is unknown from now on; the default world stays."""
    current_state().simulation.close(world)
    return Response(status=204)


@worlds.handles("POST", "/worlds/<world:world>/reset", schemas.ResetWorld, refuses=(503,))
def reset_world(world: str) -> dict[str, Any]:
    """Return to the beginning: the clock shows the start, and no event has happened and no request was made.

    The faults and limits are those of the scenario again; where the mock follows its files, of their latest version.
    """
    lease = leased(world)
    renewed = current_state().simulation.reset(lease)
    return {**bodies.world_body(lease), "renewed": renewed}


@worlds.handles("GET", "/worlds/<world:world>/snapshot", schemas.Snapshot)
def take_snapshot(world: str) -> dict[str, Any]:
    """The world as data, from which the same bytes come again, here or elsewhere."""
    live = leased(world).world
    return write_snapshot(live.origin, live.instant())


@worlds.handles(
    "PUT", "/worlds/<world:world>/snapshot", schemas.World, body=(schemas.Snapshot, _SNAPSHOT), refuses=(409, 503)
)
def put_snapshot(document: dict[str, Any], world: str) -> dict[str, Any]:
    """Let the world become a snapshot of the same scenario, seed and start; faults, limits and journal stay."""
    lease = leased(world)
    origin = lease.world.origin
    snapshot = read_snapshot(document, lambda _: origin.scenario)
    for what, mine, theirs in (
        ("scenario", origin.scenario.name, document["scenario"]["name"]),
        ("seed", origin.seed, snapshot.seed),
        ("start", time_text(origin.start), time_text(snapshot.start)),
        ("version of the rules for seeded plans", origin.seeding, snapshot.seeding),
    ):
        if mine != theirs:
            raise SnapshotError(
                f"The {what} of this world is {mine}, of the snapshot {theirs}: open a world from it instead."
            )
    lease.world.put(current_state().simulation.replayed(snapshot))
    return bodies.world_body(lease)
