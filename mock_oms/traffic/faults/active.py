"""The active faults of a world, and which of them a request meets: pure, seeded, without a clock of its own."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State
from mock_oms.domain.setup import draw
from mock_oms.traffic.faults.fault import Effect, Fault, FaultTarget, targets_of
from mock_oms.urls import Operation

_PARTS = 2**32
#: The origin of a fault that somebody has added by itself.
BY_HAND = "control API"


class UnknownFaultError(LookupError):
    """There is no fault of this id; `known` holds those that there are."""

    def __init__(self, fault_id: int, known: Iterable[int]) -> None:
        self.known = tuple(known)
        known_ids = f"known: {', '.join(map(str, self.known))}" if self.known else "none stands"
        super().__init__(f"There is no fault {fault_id} in this world; {known_ids}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOccasion:
    """A request as faults look at it.

    `operation` None: it leads nowhere. `number` counts the requests of the world from 1, `now` is world time, and
    `state` says in which state the plan is served; it is called only where a fault depends on it.
    """

    operation: Operation | None
    plan: int | None
    page: int | None
    number: int
    now: datetime
    state: Callable[[], State | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFault:
    """A fault in a world: `since` which world time, whose it is, how many requests it was for and how many met it."""

    id: int
    fault: Fault
    since: datetime
    origin: str
    seen: int = 0
    met: int = 0

    def is_for(self, occasion: FaultOccasion) -> bool:
        """Whether the fault is for this request. One with a shape is only for those whose answers can have it."""
        fault, when, shape = self.fault, self.fault.when, self.fault.effect.shape
        return (
            fault.on in (FaultTarget.ANY, occasion.operation)
            and (shape is None or occasion.operation in targets_of(shape))
            and fault.plan in {None, occasion.plan}
            and when.page in {None, occasion.page}
            and (when.state is None or when.state is occasion.state())
        )

    def has_ended(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.fault.ttl is not None and now - self.since >= self.fault.ttl

    def met_by(self, seed: int, occasion: FaultOccasion) -> "MetFault | None":
        """What a request that the fault is for gets of it, where no other fault applies; None: nothing."""
        fault, effect = self.fault, self.fault.effect
        if self.seen < fault.skip or (fault.times is not None and self.met >= fault.times):
            return None
        # How much of it there is, from 0 to 1.
        grown = 1.0 if fault.ramp is None else min(1.0, max(0.0, (occasion.now - self.since) / fault.ramp))
        share = fault.probability * grown
        if share < 1 and draw(seed, "fault", self.id, occasion.number, below=_PARTS) >= share * _PARTS:
            return None
        drawn = effect.delay.seconds(seed, self.id, occasion.number) if effect.delay else 0.0
        return MetFault(id=self.id, effect=effect, delay=round(drawn * grown, 6))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetFault:
    """What a request meets: the fault's id, its effect, and the delay in seconds that was drawn (0: none)."""

    id: int
    effect: Effect
    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFaults:
    """The faults of a world in the order in which they were added."""

    active: tuple[ActiveFault, ...] = ()
    next_id: int = 1

    def added(self, fault: Fault, now: datetime, origin: str) -> "ActiveFaults":
        """With one more, which gets `next_id` and stands last."""
        one = ActiveFault(id=self.next_id, fault=fault, since=now, origin=origin)
        return ActiveFaults(active=(*self.active, one), next_id=self.next_id + 1)

    def removed(self, fault_id: int) -> "ActiveFaults":
        """Without this one; its id is not given again.

        :raises UnknownFaultError: there is none.
        """
        rest = tuple(one for one in self.active if one.id != fault_id)
        if len(rest) == len(self.active):
            raise UnknownFaultError(fault_id, (one.id for one in self.active))
        return replace(self, active=rest)

    def cleared(self) -> "ActiveFaults":
        """Without any; ids go on."""
        return replace(self, active=())

    def decided(self, seed: int, occasion: FaultOccasion) -> tuple["ActiveFaults", MetFault | None]:
        """The faults after a request, and what it meets: the first that applies.

        Every fault counts the requests that it is for, also those that meet an earlier one. Those whose time is over
        are dropped. The same seed, faults and occasion always lead to the same decision.
        """
        if not self.active:
            return self, None
        lasting = [one for one in self.active if not one.has_ended(occasion.now)]
        matching = [one for one in lasting if one.is_for(occasion)]
        met = next(filter(None, (one.met_by(seed, occasion) for one in matching)), None)
        met_id = met.id if met else None
        counted = {one.id: replace(one, seen=one.seen + 1, met=one.met + (one.id == met_id)) for one in matching}
        return replace(self, active=tuple(counted.get(one.id, one) for one in lasting)), met

    def returned(self, fault_id: int) -> "ActiveFaults":
        """The faults as if this one had not been met the last time; unchanged where it is gone."""
        rest = (replace(one, met=max(0, one.met - (one.id == fault_id))) for one in self.active)
        return replace(self, active=tuple(rest))
