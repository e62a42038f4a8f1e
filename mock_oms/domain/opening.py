"""Opening a world: from a setup to the first instant of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from mock_oms.domain.contents import Contents
from mock_oms.domain.effects import ordered
from mock_oms.domain.events import Occasion
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan
from mock_oms.domain.private import INSTANT
from mock_oms.domain.setup import Captured, Setup, Simulated, Told
from mock_oms.domain.told import make, told_times
from mock_oms.domain.world import World

_CAUSE = "ordered by the scenario"


def open_world(setup: Setup) -> World:
    """The world at its start; what the scenario dates back has been lived through by then."""
    orders = sorted(_simulated(setup), key=lambda pair: pair[0].created)
    before = setup.start - INSTANT
    first = min([before, *(plan.created - INSTANT for plan, _ in orders[:1])])
    world = World(setup=setup, contents=Contents.empty(setup), now=first)
    for created, pairs in groupby(orders, key=lambda pair: pair[0].created):
        world = world.advance(min(created, before))
        world = replace(world, contents=world.contents.with_many(pairs))
    world = world.advance(before)
    told = [*_told(setup, world.contents), *_captured(setup)]
    return replace(world, contents=world.contents.with_many(told)).advance(setup.start)


def _simulated(setup: Setup) -> Iterator[tuple[Plan, Order]]:
    for group, ids in setup.numbered():
        if isinstance(group, Simulated):
            created = setup.start + (group.order.created or timedelta())
            occasion = Occasion(at=created, since=created, cause=_CAUSE)
            for plan_id in ids:
                yield ordered(setup, plan_id, group.order, occasion)


def _told(setup: Setup, contents: Contents) -> Iterator[tuple[Plan, Order]]:
    groups = [(group, ids) for group, ids in setup.numbered() if isinstance(group, Told)]
    times = iter(told_times(setup, groups[0][1].start, sum(group.count for group, _ in groups)) if groups else ())
    for group, ids in groups:
        for plan_id in ids:
            yield make(setup, plan_id, group.state, next(times), contents.circumstances[0])


def _captured(setup: Setup) -> Iterator[tuple[Plan, Order]]:
    for group, ids in setup.numbered():
        if isinstance(group, Captured):
            yield _as_captured(group, ids.start, setup.start)


def _as_captured(group: Captured, plan_id: int, at: datetime) -> tuple[Plan, Order]:
    """A plan of which the simulation knows no more than its state."""
    order = Order(id=plan_id + ORDER_IDS, created=at, modified=at, city="", items=(), plans=(plan_id,))
    plan = Plan(
        id=plan_id,
        order=order.id,
        state=group.state or State.START,
        created=at,
        modified=at,
        items=(),
        raw=group.raw,
    )
    return plan, order
