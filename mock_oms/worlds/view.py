"""WorldView a world: one instant of it as JSON, from bytes that are kept for as long as they hold."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from mock_oms.domain import listing
from mock_oms.domain.plan import Order, Plan
from mock_oms.domain.seeded_plans import PrivateView
from mock_oms.domain.stock import Location
from mock_oms.domain.world import World, open_world
from mock_oms.metrics import MetricName, Metrics
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.renderer import Renderer
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.document import START
from mock_oms.switches import Switches
from mock_oms.worlds.world_header import WorldHeader

if TYPE_CHECKING:
    from mock_oms.domain.order import LocationCard

#: Bytes of plans that are kept: some two thousand ordinary plans, which is every page that a poller goes round.
CACHED_PLAN_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class _Source:
    """What the bytes of a plan were made from; they hold for as long as these are the same objects."""

    plan: Plan
    order: Order
    places: tuple[Location, ...]

    def is_same(self, other: "_Source") -> bool:
        return (
            self.plan is other.plan
            and self.order is other.order
            and all(mine is theirs for mine, theirs in zip(self.places, other.places, strict=True))
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    """`circumstances` None: the plan was stored in the world, so that its source says whether the bytes hold."""

    source: _Source
    circumstances: tuple[PrivateView, ...] | None
    until: datetime | None
    body: bytes


class CachedRenderer:
    """Writes plans of one world as JSON and keeps the bytes; threads may share it. `meters` count how often it did."""

    def __init__(self, seed: int, locale: str, answers: Switches, meters: Metrics | None = None) -> None:
        self.answers, self._meters = answers, meters or Metrics()
        self._generator = Generator(seed, locale)
        self._renderer = Renderer(answers)
        self._card = lru_cache(256)(self._generator.location_card)
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def written(self, world: World, plan_id: int) -> bytes:
        """One plan of the world as it is at its `now`; the world must have it."""
        kept = self._kept.get(plan_id)
        stored = plan_id in world.contents.plans
        if kept and not stored and self._still_holds(kept, world):
            return self._found(kept)
        if not stored:
            self._meters.count(MetricName.MADE)
        source = _source(world, plan_id)
        if kept and kept.source.is_same(source):
            return self._found(kept)
        self._meters.count(MetricName.CACHE, "plans", "miss")
        body = self._render(source)
        made = None if stored else world.contents.circumstances
        self._keep(plan_id, _Kept(source, made, world.next_due_of(source.plan), body))
        return body

    def _found(self, kept: _Kept) -> bytes:
        self._meters.count(MetricName.CACHE, "plans", "hit")
        return kept.body

    def lasts(self, world: World, plan_id: int) -> datetime | None:
        """Until when the bytes kept of a plan of the backlog hold by themselves, None for ever; now, where none are."""
        kept = self._kept.get(plan_id)
        return kept.until if kept and self._still_holds(kept, world) else world.now

    def _still_holds(self, kept: _Kept, world: World) -> bool:
        """Whether a plan of the backlog, which is made anew each time, would be made the same."""
        return (
            kept.circumstances is world.contents.circumstances
            and kept.source.plan.modified <= world.now
            and (kept.until is None or world.now < kept.until)
            and all(world.contents.locations[one.code] is one for one in kept.source.places)
        )

    def _render(self, source: _Source) -> bytes:
        particulars = self._generator.particulars(source.order)
        places: dict[str, tuple[Location, LocationCard]] = {one.code: (one, self._card(one)) for one in source.places}
        return self._renderer.plan(source.plan, source.order, particulars, places)

    def _keep(self, plan_id: int, kept: _Kept) -> None:
        with self._lock:
            old = self._kept.pop(plan_id, None)
            self._kept[plan_id] = kept
            self._size += len(kept.body) - (len(old.body) if old else 0)
            while self._size > CACHED_PLAN_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._size -= len(oldest.body)


def _source(world: World, plan_id: int) -> _Source:
    plan, order = world.contents.found(plan_id, world.now)
    codes = dict.fromkeys(item.location for item in plan.items if item.location)
    return _Source(plan, order, tuple(world.contents.locations[code] for code in codes))


@dataclass(frozen=True, slots=True)
class WorldView:
    """One world at one instant: list and detail taken from the same reading always agree, and so does its `line`.

    `line` is None where the world is not open under a name, but was made from a scenario for this reading alone.
    """

    world: World
    cached: CachedRenderer
    line: WorldHeader | None = None

    @property
    def answers(self) -> Switches:
        """The switches of this world's API."""
        return self.cached.answers

    @property
    def count(self) -> int:
        """How many plans the list holds."""
        return listing.count(self.world)

    def page(self, number: int, size: int) -> list[bytes]:
        """Page `number` (from 1) of the list, `size` rows, each a plan as compact UTF-8 JSON."""
        return self.written(self.rows(number, size))

    def rows(self, number: int, size: int) -> Sequence[int]:
        """The ids of the plans on page `number` (from 1) of the list, in `size` rows."""
        return listing.rows(self.world, self.answers.order, number, size)

    def written(self, plan_ids: Iterable[int]) -> list[bytes]:
        """These plans, each as compact UTF-8 JSON; the world must have them."""
        return [self.cached.written(self.world, plan_id) for plan_id in plan_ids]

    def detail(self, plan_id: int) -> bytes | None:
        """One plan as compact UTF-8 JSON, or None where the world has no such id (any integer may be asked for)."""
        return self.cached.written(self.world, plan_id) if plan_id in self.world else None

    @property
    def is_steady(self) -> bool:
        """Whether rows keep their places while nothing happens: plans of a backlog move by themselves, unseen."""
        return self.answers.order != "modified_date" or not self.world.contents.backlog

    def lasts(self, plan_ids: Iterable[int]) -> datetime | None:
        """Until when plans that have just been written stay as they are, if no event happens; None: for ever."""
        made = (one for one in plan_ids if one not in self.world.contents.plans)
        times = (self.world.next_due, *(self.cached.lasts(self.world, one) for one in made))
        return min((one for one in times if one is not None), default=None)

    def bodies(self, state: str | None = None) -> Iterator[bytes]:
        """Every plan in the order of the list, as `page` gives them; only those in `state`, if one is given."""
        size = 100
        for number in range(1, -(-self.count // size) + 1):
            for plan_id in listing.rows(self.world, self.answers.order, number, size):
                plan, _ = self.world.contents.found(plan_id, self.world.now)
                if state in {None, plan.state}:
                    yield self.cached.written(self.world, plan_id)


def view_of(scenario: Scenario, *, seed: int | None, after: timedelta) -> WorldView:
    """A scenario at a time after its start, without a server and without a clock."""
    chosen = scenario.document.seed if seed is None else seed
    world, cached = beginning_of(scenario, chosen, scenario.starts(START))
    return WorldView(world.advance(world.now + after), cached)


def beginning_of(
    scenario: Scenario, seed: int, start: datetime, meters: Metrics | None = None
) -> tuple[World, CachedRenderer]:
    """A world at its start and who writes it down: worlds that begin alike may share both, for neither ever changes."""
    world = open_world(replace(scenario.setup(seed=seed, opened=start), start=start))
    return world, CachedRenderer(seed, scenario.document.locale, scenario.answers, meters)
