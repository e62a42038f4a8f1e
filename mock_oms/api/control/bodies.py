"""A world, its plans and its events as values that the schemas write."""

from typing import Any

from mock_oms.domain import listing
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan, Step
from mock_oms.domain.stock import vendor_figures
from mock_oms.domain.world import World, WorldAdvance
from mock_oms.worlds.explanation import Explanation
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.view import WorldView
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
        "kind": found.kind,
        "summary": found.summary,
        "items": found.items,
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


def stock_body(
    view: WorldView, *, limit: int, offset: int, sku: str | None = None, location: str | None = None
) -> Body:
    """The locations, and some of the pairs of SKU and location as a scenario declares them: SKU by SKU.

    :raises mock_oms.domain.errors.UnknownNameError: the world has no such SKU or location.
    """
    contents = view.world.contents
    skus = [contents.known_sku(sku)] if sku is not None else [*dict.fromkeys(one for one, _ in contents.setup.stock)]
    places = [contents.location(location)] if location is not None else [*contents.locations.values()]
    count = len(skus) * len(places)
    pairs = [(skus[n // len(places)], places[n % len(places)].code) for n in range(count)[offset : offset + limit]]
    keys = ("id", "code", "type", "city", "active", "priority", "quota", "max_quota")
    return {
        "count": count,
        "stock_service": "up" if contents.stock_service else "down",
        "seeded_plans": contents.seeded_count,
        "locations": [{**{key: getattr(one, key) for key in keys}, "name": view.cached.name_of(one)} for one in places],
        "stock": [{"sku": pair[0], "location": pair[1], **vendor_figures(contents.stock, pair)} for pair in pairs],
    }
