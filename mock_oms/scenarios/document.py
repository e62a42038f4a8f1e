"""The format of a scenario file: what each section may hold, and what it holds when it is left out."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Annotated

from mock_oms.dataclass import dataclass
from mock_oms.domain.events import HIGHEST_ID, Event, PlaceOrder, Quota
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ItemState
from mock_oms.domain.planner import FIRST_ATTEMPT, RETRY_EVERY, NotFound, Replan, Rule
from mock_oms.domain.setup import START, CapturedPlan
from mock_oms.domain.stock import Figures, LocationType
from mock_oms.rendering.fake_data.locales import LOCALES
from mock_oms.switches import Switches
from mock_oms.traffic.faults.active import ActiveFaults
from mock_oms.traffic.faults.fault import Fault
from mock_oms.traffic.faults.limits import Limits

Count = Annotated[int, (0, 1_000_000)]
Many = Annotated[int, (1, 100_000)]
PlanId = Annotated[int, (1, HIGHEST_ID)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSection:
    """`start` None is the moment at which the world is opened; `rate` 0: frozen, 1: real time, 60: a minute."""

    start: datetime | None = START
    rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationSection:
    """A stock location as a file gives it; its key is its `erp_code`."""

    type: LocationType = LocationType.WAREHOUSE
    priority: Annotated[int, (0, 1_000_000)] = 10
    name: str | None = None
    city: str | None = None
    active: bool = True
    max_quota: Quota | None = None
    quota: Quota = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerSection(Rule):
    """The planner, with the keys of a single rule beside it, or several `rules` instead of them."""

    first: timedelta = FIRST_ATTEMPT
    every: timedelta = RETRY_EVERY
    default_location: str | None = None
    not_found: NotFound = NotFound.ADVANCED
    replan: Replan = Replan.NEW
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedSection(PlaceOrder):
    """Plans that are simulated from their order on."""

    count: Many = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededSection:
    """Seeded plans: made so that they are in this state when the world begins."""

    state: State
    count: Many = 1
    id: PlanId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the timeline."""

    at: timedelta
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogSection:
    """Plans that are made when they are asked for; `states` weighs how likely each state is."""

    count: Annotated[int, (1, 100_000_000)]
    states: Mapping[State, Count] = field(
        default_factory=lambda: {State.COMPLETED: 90, State.PENDING: 6, State.CANCELLED: 3, State.START: 1},
        metadata={"such_as": "{completed: 90, pending: 10}"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must hold at one time: of one plan, or of the world (`count` of plans in a state, `stock` that is free)."""

    at: timedelta
    plan: PlanId | None = None
    state: State | None = None
    attempts: Count | None = None
    location: Mapping[str, str | None] | None = field(default=None, metadata={"such_as": "{SKU: LOCATION}"})
    items: Mapping[str, ItemState] | None = field(default=None, metadata={"such_as": "{SKU: planned}"})
    count: Mapping[State, Count] | None = field(default=None, metadata={"such_as": "{pending: 3}"})
    stock: Mapping[str, Mapping[str, Annotated[int, (-1_000_000, 1_000_000)]]] | None = field(
        default=None, metadata={"such_as": "{SKU: {LOCATION: 3}}"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFault:
    """A fault that a world begins with; `origin` is `scenario`, or `profile` and the name of one."""

    fault: Fault
    origin: str = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDocument:
    """A profile: faults and limits that any scenario can have."""

    description: str
    faults: tuple[DeclaredFault, ...] = ()
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A scenario file as it was written, checked value by value but not yet for what its names refer to.

    Once a scenario is built, `faults` and `limits` hold those of its `profiles` too, after its own.
    """

    description: str
    seed: Annotated[int, (0, 2**63 - 1)] = 1
    locale: str = LOCALES[0]
    clock: ClockSection = ClockSection()
    locations: Mapping[str, LocationSection] = field(default_factory=dict, metadata={"such_as": "{WH001: {}}"})
    stock: Mapping[str, Mapping[str, Figures]] | None = None
    planner: PlannerSection = PlannerSection()
    plans: tuple[SimulatedSection | SeededSection | CapturedPlan, ...] | None = None
    timeline: tuple[Line, ...] = ()
    backlog: BacklogSection | None = None
    faults: tuple[DeclaredFault, ...] = ()
    limits: Limits = Limits()
    profiles: tuple[str, ...] = ()
    answers: Switches = field(default_factory=Switches)
    expect: tuple[Expectation, ...] = ()

    def active_faults(self, since: datetime) -> ActiveFaults:
        """The faults that a world of it begins with, at this world time."""
        active = ActiveFaults()
        for one in self.faults:
            active = active.added(one.fault, since, one.origin)
        return active
