"""How many plans of a world are in which state, and how often plans have taken which step in this life of the world."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import TERMINAL, TRANSITIONS, State, Transition, Trigger
from mock_oms.domain.plan import Step
from mock_oms.domain.seeded_plans import backlog_states
from mock_oms.domain.world import World

if TYPE_CHECKING:
    from mock_oms.contract.control_bodies import Lifecycle, WorldLifecycle


class Way(NamedTuple):
    """What steps have in common that are counted together; `source` and `row` as in a step."""

    source: State | None
    target: State
    row: int | None
    of_backlog: bool


class Beginning:
    """The world at the beginning of a life. Its plans are counted when somebody asks, once."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def states(self) -> Counter[State]:
        """How many plans are in each state, but for those of a backlog that nothing has happened to."""
        plans = self.world.contents.plans
        states = Counter(plan.state for plan in plans.changed.values())
        states.update(state for plan_id, (state, _) in plans.seeded.places.items() if plan_id not in plans.changed)
        return states

    @property
    def untouched(self) -> int:
        """How many plans the others are: those of a backlog."""
        contents = self.world.contents
        return len(contents.backlog) + len(contents.ids) - self.states.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenSteps:
    """How many steps of stored plans were taken since the beginning of a life, by their way."""

    beginning: Beginning
    ways: Mapping[Way, int]

    @classmethod
    def since(cls, beginning: Beginning, world: World) -> "TakenSteps":
        """Those that have led from a beginning to this world."""
        return cls(beginning=beginning, ways=counted_ways(world, world.steps_since(beginning.world)))

    def and_more(self, ways: Mapping[Way, int]) -> "TakenSteps":
        """These and further ones."""
        return TakenSteps(beginning=self.beginning, ways=Counter(self.ways) + Counter(ways))


def counted_ways(world: World, steps: Iterable[tuple[int, Step]]) -> Counter[Way]:
    """Steps of plans of a world, counted by their way."""
    backlog = world.contents.backlog
    # A plain tuple is made faster, and an advance may take a million steps.
    found = Counter((step.source, step.target, step.row, plan_id in backlog) for plan_id, step in steps)
    return Counter({Way(*one): count for one, count in found.items()})


#: The rows of the first attempts.
_FIRST = frozenset(row.id for row in TRANSITIONS if (row.trigger, row.source) == (Trigger.ATTEMPT, State.START))


def lifecycle_of(world: World, taken: TakenSteps) -> "WorldLifecycle":
    """The lifecycle, with how many plans are in each state now and how often each transition was taken until now.

    Plans of a backlog that nothing has happened to are not counted one by one, and nobody has counted their steps.
    """
    from mock_oms.contract.control_bodies import StateCount, TransitionCount, WorldLifecycle  # noqa: PLC0415  no start needs it

    untouched = taken.beginning.untouched
    states = taken.beginning.states + Counter(backlog_states(world.setup, untouched, world.now))
    for way, count in taken.ways.items():
        # That the plans of the backlog leave `start` by themselves is part of the estimate.
        if not (way.of_backlog and way.row in _FIRST):
            states[way.target] += count
            if way.source is not None:
                states[way.source] -= count
    times = Counter[int | None]()
    for way, count in taken.ways.items():
        times[way.row] += count
    return WorldLifecycle(
        states=tuple(StateCount(**_state(one), plans=count) for one, count in _whole(states).items()),
        transitions=tuple(TransitionCount(**_transition(row), taken=times[row.id]) for row in TRANSITIONS),
        new=sum(count for way, count in taken.ways.items() if way.source is None),
        estimated=untouched > 0,
    )


def lifecycle() -> "Lifecycle":
    """The states of a plan and the transitions between them, as every world has them."""
    from mock_oms.contract.control_bodies import Lifecycle, LifecycleState, LifecycleTransition  # noqa: PLC0415  no start needs it

    return Lifecycle(
        states=tuple(LifecycleState(**_state(one)) for one in State),
        transitions=tuple(LifecycleTransition(**_transition(row)) for row in TRANSITIONS),
    )


def _state(state: State) -> dict[str, Any]:
    return {"name": state, "terminal": state in TERMINAL}


def _transition(row: Transition) -> dict[str, Any]:
    facts = {key: getattr(row, key) for key in ("id", "slug", "name", "trigger")}
    return {**facts, "from_": row.source, "to": row.target}


def _whole(states: Mapping[State, int]) -> dict[State, int]:
    """The same counts with none below zero, where an estimate was too low; the largest one makes up for it."""
    found = {state: max(0, states.get(state, 0)) for state in State}
    found[max(found, key=lambda one: found[one])] -= sum(found.values()) - sum(states.values())
    return found
