"""A view of a world at one time: its plans as JSON, from bytes that are cached for as long as they hold."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from mock_oms.dataclass import dataclass
from mock_oms.domain import listing
from mock_oms.domain.plan import Order, Plan
from mock_oms.domain.seeded_plans import PrivateView
from mock_oms.domain.setup import SEEDING, START
from mock_oms.domain.stock import Location
from mock_oms.domain.world import World, opening
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.order_steps import OrderStep, delivery_steps
from mock_oms.rendering.renderer import Renderer
from mock_oms.scenarios.building import Scenario
from mock_oms.switches import Switches
from mock_oms.traffic.metrics import MetricName, Metrics
from mock_oms.worlds.pacing import Pacer
from mock_oms.worlds.world_header import WorldHeader

if TYPE_CHECKING:
    from mock_oms.domain.order import LocationCard

#: Bytes of plans that are cached: some two thousand ordinary plans, which is every page that a poller goes round.
CACHED_PLAN_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class _Cached:
    """The JSON of a plan, and what it was made from; it holds for as long as these are the same objects.

    It holds from `since` on and `until` then (None: for ever), when the next step of the plan or of its order is due.
    `circumstances` None: the plan was stored in the world. Else it is of the backlog, where plans are made again each
    time: then these are the objects that must be the same.
    """

    plan: Plan
    order: Order
    places: tuple[Location, ...]
    circumstances: tuple[PrivateView, ...] | None
    since: datetime
    until: datetime | None
    body: bytes

    def still_holds(self, world: World) -> bool:
        """Whether the same would be made of the world as it is at its `now`."""
        contents, stored = world.contents, world.contents.plans.get(self.plan.id)
        if self.circumstances is None:
            same = stored is self.plan and contents.orders[self.order.id] is self.order
        else:
            same = stored is None and contents.circumstances is self.circumstances
        return (
            same
            and self.since <= world.now
            and (self.until is None or world.now < self.until)
            and all(contents.locations[one.code] is one for one in self.places)
        )


class CachedRenderer:
    """Renders plans of one world as JSON and caches up to `most` bytes; threads may share it. `metrics` count both."""

    def __init__(
        self,
        seed: int,
        locale: str,
        answers: Switches,
        metrics: Metrics | None = None,
        *,
        start: datetime,
        most: int = CACHED_PLAN_BYTES,
    ) -> None:
        self.answers, self._metrics, self._most = answers, metrics or Metrics(), most
        self._steps = partial(delivery_steps, seed, locale)
        self._generator = Generator(seed, locale, start)
        self._renderer = Renderer(answers)
        self._card = lru_cache(256)(self._generator.location_card)
        self._cached: OrderedDict[int, _Cached] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def written(self, world: World, plan_id: int) -> bytes:
        """One plan of the world as it is at its `now`; the world must have it."""
        contents, cached = world.contents, self._cached.get(plan_id)
        if cached and cached.still_holds(world):
            self._metrics.count(MetricName.CACHE, "plans", "hit")
            return cached.body
        stored = plan_id in contents.plans
        if not stored:
            self._metrics.count(MetricName.MADE)
        plan, order = contents.found(plan_id, world.now)
        self._metrics.count(MetricName.CACHE, "plans", "miss")
        codes = dict.fromkeys(item.location for item in plan.items if item.location)
        places = tuple(contents.locations[code] for code in codes)
        cards: dict[str, tuple[Location, LocationCard]] = {one.code: (one, self._card(one)) for one in places}
        step, until = self._moment(world, plan, order)
        body = self._renderer.plan(plan, order, self._generator.particulars(order), cards, step)
        since = max(plan.modified, step.at) if step else plan.modified
        made = _Cached(plan, order, places, None if stored else contents.circumstances, since, until, body)
        with self._lock:
            old = self._cached.pop(plan_id, None)
            self._cached[plan_id] = made
            self._size += len(body) - (len(old.body) if old else 0)
            while self._size > self._most:
                _, oldest = self._cached.popitem(last=False)
                self._size -= len(oldest.body)
        return body

    def name_of(self, location: Location) -> str:
        """The name of a location, as plans show it."""
        return self._card(location).name

    def _moment(self, world: World, plan: Plan, order: Order) -> tuple[OrderStep | None, datetime | None]:
        """The last step that an order has taken by now, and when it or its plan takes the next one, None for never."""
        steps = self._steps(order)
        taken = sum(one.at <= world.now for one in steps)
        coming = (world.next_due_of(plan), *(one.at for one in steps[taken:]))
        return (steps[taken - 1] if taken else None), min(filter(None, coming), default=None)

    def lasts(self, world: World, plan_id: int) -> datetime | None:
        """Until when the bytes of a plan hold that was just written, None for ever; now, if it would have to be made again."""
        cached = self._cached.get(plan_id)
        if cached and cached.still_holds(world):
            return cached.until
        if plan_id not in world.contents.plans:
            return world.now
        return self._moment(world, *world.contents.found(plan_id, world.now))[1]


@dataclass(frozen=True, slots=True)
class WorldView:
    """One world at one instant: list and detail of the same view always agree, and so does its `line`.

    `line` is None where the world is not open under a name, but was made from a scenario for this view alone.
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
        """One plan as compact UTF-8 JSON, or None where the world has no such id (any integer may be given)."""
        return self.cached.written(self.world, plan_id) if plan_id in self.world else None

    @property
    def is_steady(self) -> bool:
        """Whether rows keep their places while nothing happens: plans of a backlog move by themselves, unseen."""
        return self.answers.order != "modified_date" or not self.world.contents.backlog

    def lasts(self, plan_ids: Iterable[int]) -> datetime | None:
        """Until when plans that have just been written stay as they are, if no event happens; None: for ever."""
        times = (self.world.next_due, *(self.cached.lasts(self.world, one) for one in plan_ids))
        return min((one for one in times if one is not None), default=None)

    def bodies(self, state: str | None = None) -> Iterator[bytes]:
        """Every plan in the order of the list, as `page` gives them; only those in `state`, if one is given."""
        size = 100
        for number in range(1, -(-self.count // size) + 1):
            for plan_id in self.rows(number, size):
                plan, _ = self.world.contents.found(plan_id, self.world.now)
                if state in {None, plan.state}:
                    yield self.cached.written(self.world, plan_id)


def view_of(scenario: Scenario, *, seed: int | None, after: timedelta) -> WorldView:
    """A scenario at a time after its start, without a server and without a clock."""
    chosen = scenario.document.seed if seed is None else seed
    world, cached = beginning_of(scenario, chosen, scenario.starts(START))
    return WorldView(world.advance(world.now + after), cached)


def beginning_of(
    scenario: Scenario,
    seed: int,
    start: datetime,
    seeding: int = SEEDING,
    metrics: Metrics | None = None,
    pacer: Pacer | None = None,
) -> tuple[World, CachedRenderer]:
    """A world at its start, and its renderer: worlds that begin alike may share both, for neither ever changes."""
    setup = replace(scenario.setup(seed=seed, opened=start, seeding=seeding), start=start)
    world = (pacer or Pacer()).done(opening(setup))
    return world, CachedRenderer(seed, scenario.document.locale, scenario.answers, metrics, start=start)
