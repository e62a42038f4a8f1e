"""A world, its plans and its events as values that the schemas write."""

from itertools import islice
from typing import Any

from mock_oms.contract.control_bodies import AttemptFacts, StockFacts
from mock_oms.domain import listing
from mock_oms.domain.plan import Attempt, Order, Plan, Step
from mock_oms.domain.stock import vendor_figures
from mock_oms.domain.world import World, WorldAdvance
from mock_oms.scenarios.schema import write_event
from mock_oms.worlds.explanation import Explanation
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.open_world import Instant
from mock_oms.worlds.plan_list import found_plans, item_counts, order_number_of
from mock_oms.worlds.view import WorldView
from mock_oms.worlds.world_header import WorldHeader

Body = dict[str, Any]


def world_body(lease: Lease, instant: Instant | None = None) -> Body:
    """A world, its lease and its counts, at an instant or now."""
    origin = lease.world.origin
    # A list of worlds does not wait for one that cannot keep up with its clock.
    instant = instant or (lease.world.seen() if lease.world.lags else lease.world.instant())
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


def plan_body(world: World, plan: Plan, order: Order) -> Body:
    """One line of the list of plans."""
    item_count, placed_count = item_counts(plan)
    return {
        "plan": plan.id,
        "state": plan.state,
        "order": plan.order,
        "order_number": order_number_of(world, plan, order),
        "created": plan.created,
        "modified": plan.modified,
        "next_attempt": world.next_due_of(plan),
        "item_count": item_count,
        "placed_count": placed_count,
    }


def explanation_body(world: World, found: Explanation) -> Body:
    """One plan with what may happen next and what happened before."""
    return {
        **plan_body(world, found.plan, found.order),
        "attempts": len(found.plan.attempts_newest_first),
        "legal": [{"id": row.id, "slug": row.slug, "to": row.target} for row in found.legal],
        "history": [step_body(step) for step in found.history],
        "missing": list(found.missing),
        "kind": found.kind,
        "summary": found.summary,
        "items": found.items,
    }


def plan_bodies(world: World, order: str, *, limit: int, offset: int, **wanted: Any) -> Body:
    """Some plans in an order of the list: all, or those that are `wanted` as `found_plans` takes it."""
    found = found_plans(world, order, limit=limit, offset=offset, **wanted)
    lines = [plan_body(world, plan, its_order) for plan, its_order in found.plans]
    return {"count": found.count, "looked_at": found.looked_at, "plans": lines}


def attempt_bodies(plan: Plan, *, limit: int, offset: int, seen: bool = True) -> Body:
    """Some attempts of a plan, the newest first; with what each saw, if that is wanted."""
    attempts = islice(plan.attempts_newest_first, offset, offset + limit)
    return {"count": len(plan.attempts_newest_first), "attempts": [_attempt(one, seen=seen) for one in attempts]}


def _attempt(attempt: Attempt, *, seen: bool) -> AttemptFacts:
    # Two items of one SKU have seen the same figures.
    figures = {(one.sku, one.location): one.figures for one in attempt.seen} if seen else {}
    rows = tuple(StockFacts(sku=pair[0], location=pair[1], **vendor_figures(figures, pair)) for pair in figures)
    return AttemptFacts(number=attempt.number, at=attempt.at, seen=rows)


def timeline_body(world: World, *, limit: int, offset: int) -> Body:
    """Some lines of the scenario's own timeline, in the order of time, and what became of them."""
    setup, refused = world.setup, {one.origin: one.reason for one in world.missed}
    lines = [
        {
            "at": setup.start + line.at,
            "origin": line.origin,
            **write_event(line.event),
            "done": number < world.line,
            "refused": refused.get(line.origin),
        }
        for number, line in islice(enumerate(setup.timeline), offset, offset + limit)
    ]
    return {"count": len(setup.timeline), "upcoming": len(setup.timeline) - world.line, "lines": lines}


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
