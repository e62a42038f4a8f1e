"""The life of a plan as one table: its states, the transitions between them, and the commands that people may run."""

from enum import StrEnum

from mock_oms.dataclass import dataclass


class State(StrEnum):
    """The four states of an order execution plan, as the vendor documents them (a)."""

    START = "start"
    PENDING = "pending"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class Trigger(StrEnum):
    """What makes a plan move. Only a `COMMAND` is offered in the vendor's `commands` field."""

    ATTEMPT = "attempt"
    COMMAND = "command"
    ITEM_CANCELLED = "cancel_item"
    ITEM_RETURNED = "refuse or not_found, with replan: reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; `id` and `slug` both name it when a command is run (c, ours; see the vendor's packages)."""

    id: int
    slug: str
    name: str
    trigger: Trigger
    source: State
    target: State


_A, _C, _I, _R = Trigger.ATTEMPT, Trigger.COMMAND, Trigger.ITEM_CANCELLED, Trigger.ITEM_RETURNED

#: The arrows are (c): the vendor names the states and the retry only.
TRANSITIONS: tuple[Transition, ...] = (
    Transition(1, "plan-reschedule", "Reschedule", _C, State.PENDING, State.PENDING),
    Transition(2, "plan-cancel", "Cancel", _C, State.START, State.CANCELLED),
    Transition(3, "plan-cancel", "Cancel", _C, State.PENDING, State.CANCELLED),
    Transition(4, "plan-complete", "Complete by manual planning", _C, State.PENDING, State.COMPLETED),
    Transition(11, "attempt-pending", "Some item has no place", _A, State.START, State.PENDING),
    Transition(12, "attempt-completed", "Every item has a place", _A, State.START, State.COMPLETED),
    Transition(13, "retry-pending", "Some item still has no place", _A, State.PENDING, State.PENDING),
    Transition(14, "retry-completed", "Every item has a place", _A, State.PENDING, State.COMPLETED),
    Transition(21, "items-cancelled", "The last item was cancelled", _I, State.START, State.CANCELLED),
    Transition(22, "items-cancelled", "The last item was cancelled", _I, State.PENDING, State.CANCELLED),
    Transition(23, "items-settled", "The last waiting item was cancelled", _I, State.PENDING, State.COMPLETED),
    Transition(31, "reopen", "An item came back", _R, State.COMPLETED, State.PENDING),
)

_ROWS = {(row.trigger, row.source, row.target): row for row in TRANSITIONS}

COMMANDS: tuple[Transition, ...] = tuple(row for row in TRANSITIONS if row.trigger is Trigger.COMMAND)

#: No command and no attempt leads out of these; `replan: reopen` alone does.
TERMINAL: frozenset[State] = frozenset(State) - {
    row.source for row in TRANSITIONS if row.trigger is not Trigger.ITEM_RETURNED
}


def transition_of(trigger: Trigger | None, source: State, target: State) -> Transition | None:
    """The row by which this trigger leads from one state to the other, or None where there is none."""
    return None if trigger is None else _ROWS.get((trigger, source, target))


def commands_in(state: State) -> tuple[Transition, ...]:
    """The commands that are legal in this state, in the order of the table."""
    return tuple(row for row in COMMANDS if row.source is state)


def find_command(state: State, run: str | int) -> Transition | None:
    """The legal command that `run` (slug or transition id, as a number or as digits) names in this state, or None."""
    return next((row for row in commands_in(state) if str(run) in {row.slug, str(row.id)}), None)
