"""The order of the list: which plan is in which row, without building those that no row shows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    backlog, ids = world.contents.backlog, world.contents.ids

    def ascending(place: int) -> int:
        """The backlog has the smallest ids, all of them in a row."""
        return backlog[place] if place < len(backlog) else ids[place - len(backlog)]

    return _window(world, order, ascending, count(world), range(first, first + size), page)


def window_of(world: World, order: str, ids: Sequence[int], first: int, size: int) -> list[int]:
    """As `window`, of a list that holds only the plans with these `ids`, which are ascending."""
    return _window(world, order, ids.__getitem__, len(ids), range(first, first + size), 1)


_Ascending = Callable[[int], int]


def _window(world: World, order: str, ascending: _Ascending, total: int, rows: range, page: int) -> list[int]:
    there = range(rows.start, min(rows.stop, total))
    return [ascending(place) for place in _ORDERS[order](world, ascending, total, there, page)]


def _up(_world: World, _ascending: _Ascending, _total: int, places: Iterable[int], _page: int) -> Iterable[int]:
    return places


def _down(_world: World, _ascending: _Ascending, total: int, places: Iterable[int], _page: int) -> Iterable[int]:
    return (total - 1 - place for place in places)


def _by_modified(world: World, ascending: _Ascending, total: int, places: Iterable[int], _page: int) -> Iterable[int]:
    plans = [world.contents.found(ascending(place), world.now)[0] for place in range(total)]
    by_date = sorted(range(total), key=lambda place: (plans[place].modified, place))
    return (by_date[place] for place in places)


def _unstable(world: World, _ascending: _Ascending, total: int, places: Iterable[int], page: int) -> Iterable[int]:
    """Each page has an order of its own, as in a database that was asked for none: rows repeat or vanish."""
    shift = draw(world.setup.seed, "shift", page, below=max(1, total))
    step = draw(world.setup.seed, "step", page, below=max(1, total)) + 1
    while gcd(step, total) > 1:
        step += 1
    return ((place * step + shift) % total for place in places)


#: For each order, the places that its rows have among the ids, ascending.
_ORDERS: Mapping[str, Callable[[World, _Ascending, int, Iterable[int], int], Iterable[int]]] = {
    "-id": _down,
    "id": _up,
    "modified_date": _by_modified,
    "unstable": _unstable,
}
