"""A world, its plans and its events as values that the schemas write."""

from typing import Any

from mock_oms.domain import listing
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan, Step
from mock_oms.domain.world import World, WorldAdvance
from mock_oms.worlds.explanation import Explanation
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.world_header import WorldHeader

Body = dict[str, Any]


def world_body(lease: Lease) -> Body:
    """A world, its lease and its counts."""
    # A list of worlds does not wait for one that cannot keep up with its clock.
    origin, instant = lease.world.origin, lease.world.seen() if lease.world.lags else lease.world.instant()
    return {
        "name": origin.name,
        "line": str(WorldHeader.of(origin.name, origin.scenario, instant.world)),
        "token": lease.token,
        "scenario": {"name": origin.scenario.name, "digest": origin.scenario.digest},
        "seed": origin.seed,
        "ttl": lease.ttl,
        "clock": {"now": instant.world.now, "rate": instant.clock.rate},
        "plans": listing.count(instant.world),
        "events": len(instant.log),
        "missed": instant.world.missed,
        "faults": len(lease.traffic.active(instant.world.now)),
        "requests": lease.traffic.journal.total,
    }


def advance_body(passage: WorldAdvance) -> list[Body]:
    """The steps on the way, oldest first."""
    return [{"plan": plan, **step_body(step)} for plan, step in passage.steps]


def step_body(step: Step) -> Body:
    """One step of a plan."""
    return {"at": step.at, "from_": step.source, "to": step.target, "cause": step.cause}


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


def plan_bodies(world: World, order: str, state: State | None, limit: int, offset: int) -> Body:
    """Some plans in an order of the list. With a state, every plan is looked at, to count them."""
    count = listing.count(world)
    first, size = (offset, limit) if state is None else (0, count)
    ids = listing.window(world, order, first, size)
    found = [world.contents.found(plan_id, world.now)[0] for plan_id in ids]
    if state is not None:
        found = [plan for plan in found if plan.state is state]
        count, found = len(found), found[offset : offset + limit]
    return {"count": count, "plans": [plan_body(world, plan) for plan in found]}
