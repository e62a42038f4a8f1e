"""Which plans a list shows: all of them, those in one state, or those that a search finds; and what a line says of each."""

from collections.abc import Iterable, Iterator, Sequence

from mock_oms.dataclass import dataclass
from mock_oms.domain import listing
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan
from mock_oms.domain.setup import CapturedPlan
from mock_oms.domain.world import World
from mock_oms.rendering.fake_data.ids import order_number, order_of_number
from mock_oms.worlds.captured_json import captured_items, captured_order_id, captured_order_number

#: Of a backlog, a filter or a search looks at so many plans, the newest; those that something happened to come on top.
NEWEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many plans there are of those that are wanted, of how many that were looked at, and some of them in the order of the list."""

    count: int
    looked_at: int
    plans: Sequence[tuple[Plan, Order]]


def found_plans(
    world: World, order: str, *, state: State | None = None, search: str | None = None, limit: int, offset: int
) -> Found:
    """`limit` plans from `offset` on in an order of the list, of all or of those in a state that a search finds.

    A search for digits finds the plan with this id, and those of the order with this id or this number. Every other one,
    and digits that number nothing, find plans with an item whose SKU has this text in it; capitals do not matter. Only
    plans that are shown are made.
    """
    total = looked_at = listing.count(world)
    if state is None and search is None:
        return _shown(world, listing.window(world, order, offset, limit), total, looked_at)
    numbered = _numbered(world, search) if search is not None and search.isdecimal() and search.isascii() else set()
    if numbered:
        ids: Iterable[int] = sorted(numbered)
    else:
        candidates = _candidates(world)
        looked_at = len(candidates)
        ids = candidates if search is None else _with_sku(world, candidates, search.casefold())
    found = [one for one in ids if state is None or world.contents.state_of(one, world.now) is state]
    return _shown(world, listing.window_of(world, order, found, offset, limit), len(found), looked_at)


def _shown(world: World, ids: Iterable[int], count: int, looked_at: int) -> Found:
    return Found(count=count, looked_at=looked_at, plans=[world.contents.found(one, world.now) for one in ids])


def _candidates(world: World) -> list[int]:
    """The plans that a filter looks at, ascending: all outside of the backlog, and the newest ones of it."""
    contents = world.contents
    backlog, newest = contents.backlog, contents.backlog[-NEWEST:]
    older = [one for one in contents.plans if one in backlog and one not in newest] if backlog else []
    return [*sorted(older), *newest, *contents.ids]


def _numbered(world: World, digits: str) -> set[int]:
    number = int(digits)
    own = order_of_number(digits, world.setup.seed)
    found = {number} if number in world else set()
    found.update(_of_order(world, number))
    if own is not None:
        found.update(
            one
            for one in _of_order(world, own)
            if order_number_of(world, *world.contents.found(one, world.now)) == digits
        )
    found.update(
        ids.start
        for group, ids in world.setup.numbered()
        if isinstance(group, CapturedPlan)
        and (captured_order_number(group.raw) == digits or captured_order_id(group.raw) == number)
    )
    return found


def _of_order(world: World, order_id: int) -> tuple[int, ...]:
    """The plans of an order: its id says which one was the first."""
    first = order_id - ORDER_IDS
    order = world.contents.found(first, world.now)[1] if first in world else None
    return order.plans if order and order.id == order_id else ()


def _with_sku(world: World, ids: Iterable[int], text: str) -> Iterator[int]:
    return (one for one in ids if any(text in sku.casefold() for sku in _skus(world, one)))


def _skus(world: World, plan_id: int) -> Iterable[str]:
    stored = world.contents.plans.changed.get(plan_id)
    if stored is None or stored.raw is None:
        return world.contents.skus_of(plan_id)
    return (item.sku for item in captured_items(stored.raw) if item.sku)


def order_number_of(world: World, plan: Plan, order: Order) -> str | None:
    """The number of a plan's order, which its customer knows; of a captured plan what its JSON says, or None."""
    return order_number(order.id, world.setup.seed) if plan.raw is None else captured_order_number(plan.raw)


def item_counts(plan: Plan) -> tuple[int, int]:
    """How many items of a plan count, neither cancelled nor given back, and how many of these have a place."""
    items = plan.live if plan.raw is None else captured_items(plan.raw)
    return len(items), sum(one.location is not None for one in items)
