"""The order of the list: which plan stands in which row, without building those that are not asked for."""

from collections.abc import Callable, Mapping
from math import gcd

from mock_oms.domain.chance import draw
from mock_oms.domain.world import World


def count(world: World) -> int:
    """How many plans the list holds."""
    return len(world.contents.ids) + len(world.contents.backlog)


def rows(world: World, order: str, page: int, size: int) -> list[int]:
    """The ids on page `page` (from 1) of `size` rows, in one of the orders of the switch."""
    first = (page - 1) * size
    places = range(first, min(first + size, count(world)))
    return _ORDERS[order](world, places, page)


def window(world: World, order: str, first: int, size: int) -> list[int]:
    """The ids in `size` rows of the list from row `first` (from 0) on; an unstable order is that of its first page."""
    return _ORDERS[order](world, range(first, min(first + size, count(world))), 1)


def _ascending(world: World, places: range, _: int) -> list[int]:
    """The backlog has the smallest ids, all of them in a row."""
    return [_row(world, place) for place in places]


def _row(world: World, place: int) -> int:
    backlog = world.contents.backlog
    return backlog[place] if place < len(backlog) else world.contents.ids[place - len(backlog)]


def _descending(world: World, places: range, page: int) -> list[int]:
    last = count(world) - 1
    return _ascending(world, range(last - places.start, last - places.stop, -1), page)


def _by_modified(world: World, places: range, _: int) -> list[int]:
    every = _ascending(world, range(count(world)), 1)
    plans = [world.contents.found(plan_id, world.now)[0] for plan_id in every]
    plans.sort(key=lambda plan: (plan.modified, plan.id))
    return [plans[n].id for n in places]


def _unstable(world: World, places: range, page: int) -> list[int]:
    """Each page has an order of its own, as in a database that was asked for none: rows repeat or vanish."""
    total = count(world)
    shift = draw(world.setup.seed, "shift", page, below=max(1, total))
    step = draw(world.setup.seed, "step", page, below=max(1, total)) + 1
    while gcd(step, total) > 1:
        step += 1
    return [_row(world, (place * step + shift) % total) for place in places]


_ORDERS: Mapping[str, Callable[[World, range, int], list[int]]] = {
    "-id": _descending,
    "id": _ascending,
    "modified_date": _by_modified,
    "unstable": _unstable,
}
