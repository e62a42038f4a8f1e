"""What the control API tells of a world, as values that its schemas write."""

from collections.abc import Iterator
from typing import Any

from mock_oms.domain import listing
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan, Step
from mock_oms.domain.world import World, WorldAdvance
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.schema import write_event
from mock_oms.worlds.explanation import Explanation
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.open_world import Instant
from mock_oms.worlds.store import LogEntry
from mock_oms.worlds.world_header import WorldHeader

Body = dict[str, Any]


def world_body(lease: Lease) -> Body:
    """A world and what it lives under."""
    origin, instant = lease.world.origin, lease.world.seen()
    return {
        "name": origin.name,
        "line": str(WorldHeader.of(origin.name, origin.scenario, instant.world)),
        "token": lease.token,
        "scenario": {"name": origin.scenario.name, "digest": origin.scenario.digest},
        "seed": origin.seed,
        "ttl": lease.ttl,
        "clock": clock_body(instant),
        "plans": listing.count(instant.world),
        "events": len(instant.log),
        "missed": instant.world.missed,
        "faults": len(lease.traffic.standing(instant.world.now)),
        "requests": lease.traffic.journal.total,
    }


def clock_body(instant: Instant) -> Body:
    """A world's time and its rate."""
    return {"now": instant.world.now, "rate": instant.clock.rate}


def advance_body(passage: WorldAdvance) -> list[Body]:
    """The steps on the way, oldest first."""
    return [{"plan": plan, **step_body(step)} for plan, step in passage.steps]


def step_body(step: Step) -> Body:
    """One step of a plan."""
    return {"at": step.at, "from_": step.source, "to": step.target, "cause": step.cause}


def log_entry_body(entry: LogEntry) -> Body:
    """One event of a log."""
    return {"number": entry.number, "at": entry.at, **write_event(entry.event)}


def plan_body(world: World, plan: Plan) -> Body:
    """One line of the list of plans."""
    return {
        "plan": plan.id,
        "state": plan.state,
        "order": plan.order,
        "created": plan.created,
        "modified": plan.modified,
        "next_attempt": world.next_due_of(plan),
    }


def explanation_body(world: World, found: Explanation) -> Body:
    """One plan with what may happen next and what happened before."""
    return {
        **plan_body(world, found.plan),
        "legal": [{"id": row.id, "slug": row.slug, "to": row.target} for row in found.legal],
        "history": [step_body(step) for step in found.history],
        "missing": list(found.missing),
    }


def scenario_body(scenario: Scenario) -> Body:
    """What a scenario says of itself."""
    document = scenario.document
    return {
        "name": scenario.name,
        "description": document.description,
        "digest": scenario.digest,
        "locale": document.locale,
        "seed": document.seed,
        "clock": document.clock,
        "expectations": len(document.expect),
    }


def plan_bodies(world: World, order: str, state: State | None, limit: int, offset: int) -> Body:
    """Some plans in an order of the list. Where a state is asked for, every plan is looked at, to count them."""
    if state is None:
        shown, count = _plans(world, order, offset, limit), listing.count(world)
    else:
        found = [plan for plan in _plans(world, order, 0, listing.count(world)) if plan.state is state]
        shown, count = iter(found[offset : offset + limit]), len(found)
    return {"count": count, "plans": [plan_body(world, plan) for plan in shown]}


def _plans(world: World, order: str, first: int, size: int) -> Iterator[Plan]:
    ids = listing.window(world, order, first, size)
    return (world.contents.found(plan_id, world.now)[0] for plan_id in ids)
