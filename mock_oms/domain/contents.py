"""What a world holds at one instant, as persistent values: every change gives new contents and leaves the old ones."""

# rpds names no type parameters at run time, so annotations must not be evaluated.
from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from rpds import HashTrieMap, HashTrieSet, List

from mock_oms.dataclass import dataclass
from mock_oms.domain.errors import IllegalEventError, UnknownNameError
from mock_oms.domain.events import HIGHEST_ID
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ORDER_IDS, Order, Plan
from mock_oms.domain.seeded_plans import (
    PrivateView,
    SeededPlans,
    advanced_privately,
    backlog_plan,
    backlog_skus,
    backlog_state,
)
from mock_oms.domain.stock import NOTHING, Figures, Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mock_oms.domain.plan import Step
    from mock_oms.domain.planner import Outcome
    from mock_oms.domain.setup import Setup
    from mock_oms.domain.stock import Location, Locations

#: The times of first attempts with their plans, in order and in blocks, so that a change copies one block, not 100,000.
Queue: TypeAlias = "tuple[tuple[tuple[datetime, HashTrieSet[int]], ...], ...]"
_LONGEST_BLOCK = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Stored(Mapping[int, T]):
    """Plans by their ids, or orders by theirs, which are higher by `shift`: those that `changed`, and the seeded ones.

    A seeded plan that nothing has happened to is made when somebody looks at it. `part` says which of plan and order
    these are.
    """

    seeded: SeededPlans
    part: int
    shift: int
    changed: HashTrieMap[int, T] = HashTrieMap()

    def __getitem__(self, key: int) -> T:
        found = self.changed.get(key)
        return cast("T", self.seeded.pair(key - self.shift)[self.part]) if found is None else found

    def __contains__(self, key: object) -> bool:
        return key in self.changed or (isinstance(key, int) and key - self.shift in self.seeded.places)

    def __iter__(self) -> Iterator[int]:
        yield from (key for key in self.changed if key - self.shift not in self.seeded.places)
        yield from (plan_id + self.shift for plan_id in self.seeded.places)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def update(self, changed: Mapping[int, T]) -> Stored[T]:
        """The same with these new or changed."""
        return Stored(self.seeded, self.part, self.shift, self.changed.update(changed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Plans, orders, stock and locations.

    `ids` holds the stored plans outside the backlog's range, ascending; `queue` the first attempts to come, by their
    time, soonest first; `pending` the plans that every retry tries again; `circumstances` is never empty, oldest first;
    `chronicle` holds every step of a stored plan since it was stored, with the plan's id, newest first.
    """

    setup: Setup
    stock: HashTrieMap[Key, Figures]
    locations: Locations
    circumstances: tuple[PrivateView, ...]
    stock_service: bool = True
    plans: Stored[Plan]
    orders: Stored[Order]
    ids: tuple[int, ...] = ()
    queue: Queue = ()
    pending: HashTrieSet[int] = HashTrieSet()
    chronicle: List[tuple[int, Step]] = List()

    @classmethod
    def empty(cls, setup: Setup) -> Contents:
        """The locations and the stock of a beginning, and no plan yet."""
        always = datetime.min.replace(tzinfo=UTC)
        view = PrivateView(since=always, locations=setup.locations, stock_service=True)
        none = SeededPlans(setup=setup, circumstances=(view,), until=setup.start, places={})
        return cls(
            setup=setup,
            stock=HashTrieMap(setup.stock),
            locations=setup.locations,
            circumstances=(view,),
            plans=Stored(none, 0, 0),
            orders=Stored(none, 1, ORDER_IDS),
        )

    @property
    def backlog(self) -> range:
        """The ids of the backlog; plans whose scenario names their id may be among them."""
        return self.setup.backlog_ids

    @property
    def seeded_count(self) -> int:
        """How many plans the scenario has seeded, the backlog included: those that have stock of their own."""
        return len(self.plans.seeded.places) + (self.setup.backlog.count if self.setup.backlog else 0)

    @property
    def next_id(self) -> int:
        """The id that the next new plan gets, if ids go up to it (see `new_id`)."""
        return max(1000, len(self.backlog), self.ids[-1] if self.ids else 0) + 1

    def new_id(self) -> int:
        """The id of a new plan that asks for none; refused where the highest id is taken."""
        if self.next_id > HIGHEST_ID:
            raise IllegalEventError(
                f"The highest id of a plan, {HIGHEST_ID}, is taken: no further plan gets an id by itself. "
                "An order may name one that is free."
            )
        return self.next_id

    def found(self, plan_id: int, at: datetime) -> tuple[Plan, Order]:
        """A plan and its order as they are at `at`, made on the spot if the backlog has them."""
        plan = self.plans.get(plan_id)
        if plan is not None:
            return plan, self.orders[plan.order]
        if plan_id not in self.backlog:
            raise self.unknown(plan_id)
        plan, order = backlog_plan(self.setup, plan_id, self.circumstances[0])
        return advanced_privately(plan, order, setup=self.setup, until=at, circumstances=self.circumstances)

    def state_of(self, plan_id: int, at: datetime) -> State:
        """The state of a plan at `at`. Only one of the backlog that was tried since the start may be made for that."""
        changed, seeded = self.plans.changed, self.plans.seeded
        if plan_id in changed:
            return changed[plan_id].state
        if plan_id in seeded.places:  # one that leaves its state is stored
            return seeded.places[plan_id][0]
        state = backlog_state(self.setup, plan_id, at)
        if state is None:
            known = seeded.placed.get(plan_id) is self.circumstances
            state = State.COMPLETED if known else self.found(plan_id, at)[0].state
            if state is State.COMPLETED:
                seeded.placed[plan_id] = self.circumstances
        return state

    def skus_of(self, plan_id: int) -> tuple[str, ...]:
        """The SKUs of a plan's items, of a captured one none; no plan is made for that."""
        if plan_id in self.plans.changed:
            return tuple(item.sku for item in self.plans.changed[plan_id].items)
        if plan_id in self.plans.seeded.places:
            return self.plans.seeded.skus(plan_id)
        return backlog_skus(self.setup, plan_id)

    def unknown(self, plan_id: int, hint: str = "") -> UnknownNameError:
        """The error for a plan that does not exist: it suggests from eight ids around it, of maybe 100,000."""
        place = min(max(0, bisect_left(self.ids, plan_id) - 4), max(0, len(self.ids) - 8))
        backlog = f"Those of the backlog are 1 to {len(self.backlog)}. " if self.backlog else ""
        return UnknownNameError("plan", plan_id, self.ids[place : place + 8], hint=backlog + hint)

    def holding(self, plan_id: int, at: datetime) -> Contents:
        """The contents with this plan stored, so that it can change: a plan of the backlog becomes one of them."""
        return self if plan_id in self.plans else self.with_many([self.found(plan_id, at)])

    def location(self, code: str) -> Location:
        """A location of this world."""
        if code not in self.locations:
            raise UnknownNameError("location", code, self.locations)
        return self.locations[code]

    def known_sku(self, sku: str) -> str:
        """The SKU, if this world has ever heard of it."""
        if sku not in self.setup.skus:
            hint = "A SKU must stand in the scenario's `stock` or, without that section, in one of its plans."
            hint += " Seeded plans have stock of their own." if self.seeded_count else ""
            raise UnknownNameError("SKU", sku, sorted(self.setup.skus), hint=hint)
        return sku

    @property
    def soonest(self) -> tuple[datetime, HashTrieSet[int]] | None:
        """The next first attempts: their time, and the ids of the plans."""
        return self.queue[0][0] if self.queue else None

    def with_plan(self, plan: Plan) -> Contents:
        """The contents with this plan new or changed, and its new steps in the chronicle."""
        old, chronicle, steps = self.plans.get(plan.id), self.chronicle, plan.history_newest_first
        new = len(steps) - (len(old.history_newest_first) if old else 0)
        for step in reversed(list(islice(steps, new))):
            chronicle = chronicle.push_front((plan.id, step))
        return replace(self._with_plans([plan]), chronicle=chronicle)

    def with_many(self, pairs: Iterable[tuple[Plan, Order]]) -> Contents:
        """The contents with all these new plans and their orders, as they come; the chronicle begins after them."""
        pairs = list(pairs)
        orders = self.orders.update({order.id: order for _, order in pairs})
        return replace(self._with_plans([plan for plan, _ in pairs]), orders=orders)

    def with_seeded(self) -> Contents:
        """The contents with the seeded plans as they are just before the start, none of which is made yet."""
        seeded = SeededPlans.just_before_start(self.setup, self.circumstances[0])
        queue = self.queue
        for plan_id in seeded.of(State.START):
            queue = _queued(queue, seeded.first_attempt(plan_id), plan_id)
        new = [plan_id for plan_id in seeded.places if plan_id not in self.backlog]
        pending = HashTrieSet((*self.pending, *seeded.of(State.PENDING)))
        return replace(self._with(seeded), ids=self._ids_with(new), queue=queue, pending=pending)

    def retried_unseen(self) -> frozenset[int]:
        """The pending plans for whose retry nothing is done but to say so: seeded ones that nobody has looked at since.

        Their attempts depend on nothing but their own stock and on which locations are open, and are made up for when
        somebody looks. Where a rule counts quotas, and some location has one, they depend on other plans too.
        """
        if self.setup.planner.counts_quotas and any(one.max_quota is not None for one in self.locations.values()):
            return frozenset()
        seeded, changed = self.plans.seeded, self.plans.changed
        return frozenset(one for one in self.pending if one not in changed and one not in seeded.looked_at)

    def with_step(self, plan_id: int, step: Step) -> Contents:
        """The contents with a step in the chronicle of a plan that nobody has looked at."""
        return replace(self, chronicle=self.chronicle.push_front((plan_id, step)))

    def with_seeded_until(self, at: datetime) -> Contents:
        """The contents with the attempts of seeded plans up to then."""
        return self._with(replace(self.plans.seeded, circumstances=self.circumstances, until=at))

    def _ids_with(self, new: Sequence[int]) -> tuple[int, ...]:
        """The ids with new ones, which are mostly the highest: only what is after them is sorted again."""
        place = bisect_left(self.ids, min(new, default=0))
        return (*self.ids[:place], *sorted((*self.ids[place:], *new))) if new else self.ids

    def _with(self, seeded: SeededPlans) -> Contents:
        plans, orders = replace(self.plans, seeded=seeded), replace(self.orders, seeded=seeded)
        return replace(self, plans=plans, orders=orders)

    def _with_plans(self, plans: Sequence[Plan]) -> Contents:
        """These plans new or changed, with the ids, the queue and the pending set in step with them."""
        queue, pending = self.queue, self.pending
        for plan in plans:
            old = self.plans.get(plan.id)
            old_due = old.due if old else None
            if plan.due != old_due:
                queue = _queued(_queued(queue, old_due, plan.id, add=False), plan.due, plan.id)
            pending = pending.insert(plan.id) if plan.is_retried else pending.discard(plan.id)
        new = [plan.id for plan in plans if plan.id not in self.plans and plan.id not in self.backlog]
        return replace(
            self,
            plans=self.plans.update({plan.id: plan for plan in plans}),
            ids=self._ids_with(new),
            queue=queue,
            pending=pending,
        )

    def with_order(self, order: Order) -> Contents:
        """The contents with this order new or changed."""
        return replace(self, orders=self.orders.update({order.id: order}))

    def with_figures(self, key: Key, change: Figures) -> Contents:
        """The contents with so many more units, or reservations, of a SKU at a location."""
        return replace(self, stock=self.stock.insert(key, self.stock.get(key, NOTHING) + change))

    def with_outcome(self, outcome: Outcome) -> Contents:
        """The contents after something happened to a plan: plan, order, stock and quotas in one step.

        A package more at a location takes one of its quota, a package less gives it back (c). An event may have set the
        quota below the packages that are there, so a package less could lead below zero.
        """
        after = self
        for key, change in outcome.changes:
            after = after.with_figures(key, change)
        if outcome.order.own_stock is None:
            old = self.plans.get(outcome.plan.id)
            here = {item.location for item in old.live if item.location} if old else set()
            there = {item.location for item in outcome.plan.live if item.location}
            for code in here ^ there:
                location = after.locations[code]
                if location.max_quota is not None:
                    quota = max(0, location.quota + (1 if code in there else -1))
                    after = after.with_location(replace(location, quota=quota))
        return after.with_plan(outcome.plan).with_order(outcome.order)

    def with_location(self, location: Location) -> Contents:
        """The contents with this location changed."""
        return replace(self, locations={**self.locations, location.code: location})

    def with_circumstances(self, since: datetime) -> Contents:
        """The contents after a location or the stock service was switched: private plans see it from now on."""
        now = PrivateView(since=since, locations=self.locations, stock_service=self.stock_service)
        return replace(self, circumstances=(*self.circumstances, now))


def _queued(queue: Queue, due: datetime | None, plan_id: int, *, add: bool = True) -> Queue:
    """The queue with this plan added at the time `due`, or taken out; as it was for None."""
    if due is None:
        return queue
    number = max(0, bisect_right(queue, due, key=lambda block: block[0][0]) - 1)
    block = queue[number] if queue else ()
    place = bisect_left(block, due, key=lambda entry: entry[0])
    known = place < len(block) and block[place][0] == due
    ids = block[place][1] if known else HashTrieSet()
    ids = ids.insert(plan_id) if add else ids.remove(plan_id)
    entry = ((due, ids),) if ids else ()
    block = (*block[:place], *entry, *block[place + known :])
    half = len(block) // 2 if len(block) > _LONGEST_BLOCK else 0
    return (*queue[:number], *(one for one in (block[:half], block[half:]) if one), *queue[number + 1 :])
