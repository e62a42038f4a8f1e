"""The order of the list: which plan is in which row, without building those that no row shows."""

from collections.abc import Callable, Iterable, Mapping
from math import gcd

from mock_oms.domain.setup import draw
from mock_oms.domain.world import World


def count(world: World) -> int:
    """How many plans the list holds."""
    return len(world.contents.ids) + len(world.contents.backlog)


def rows(world: World, order: str, page: int, size: int) -> list[int]:
    """The ids on page `page` (from 1) of `size` rows, in one of the orders of the switch."""
    return window(world, order, (page - 1) * size, size, page)


def window(world: World, order: str, first: int, size: int, page: int = 1) -> list[int]:
    """The ids in `size` rows of the list from row `first` (from 0) on; an unstable order is that of its page."""
    return _ORDERS[order](world, range(first, min(first + size, count(world))), page)


def _ascending(world: World, places: Iterable[int], _: int) -> list[int]:
    """The backlog has the smallest ids, all of them in a row."""
    backlog, ids = world.contents.backlog, world.contents.ids
    return [backlog[place] if place < len(backlog) else ids[place - len(backlog)] for place in places]


def _descending(world: World, places: Iterable[int], page: int) -> list[int]:
    last = count(world) - 1
    return _ascending(world, (last - place for place in places), page)


def _by_modified(world: World, places: Iterable[int], page: int) -> list[int]:
    every = _ascending(world, range(count(world)), page)
    plans = [world.contents.found(plan_id, world.now)[0] for plan_id in every]
    plans.sort(key=lambda plan: (plan.modified, plan.id))
    return [plans[n].id for n in places]


def _unstable(world: World, places: Iterable[int], page: int) -> list[int]:
    """Each page has an order of its own, as in a database that was asked for none: rows repeat or vanish."""
    total = count(world)
    shift = draw(world.setup.seed, "shift", page, below=max(1, total))
    step = draw(world.setup.seed, "step", page, below=max(1, total)) + 1
    while gcd(step, total) > 1:
        step += 1
    return _ascending(world, ((place * step + shift) % total for place in places), page)


_ORDERS: Mapping[str, Callable[[World, Iterable[int], int], list[int]]] = {
    "-id": _descending,
    "id": _ascending,
    "modified_date": _by_modified,
    "unstable": _unstable,
}
