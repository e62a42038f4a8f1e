"""The life of a plan as one table: its states, the transitions between them, and the commands that people may run."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table; `id` and `slug` both name it when a command is run (c, ours; see the vendor's packages)."""

    id: int
    slug: str
    name: str
    source: State
    target: State
    trigger: Trigger


_A, _C, _I, _R = Trigger.ATTEMPT, Trigger.COMMAND, Trigger.ITEM_CANCELLED, Trigger.ITEM_RETURNED

#: id, slug, name, trigger, source, target. The arrows are (c): the vendor names the states and the retry only.
_TABLE = (
    (1, "plan-reschedule", "Reschedule", _C, State.PENDING, State.PENDING),
    (2, "plan-cancel", "Cancel", _C, State.START, State.CANCELLED),
    (3, "plan-cancel", "Cancel", _C, State.PENDING, State.CANCELLED),
    (4, "plan-complete", "Complete by manual planning", _C, State.PENDING, State.COMPLETED),
    (11, "attempt-pending", "Some item has no place", _A, State.START, State.PENDING),
    (12, "attempt-completed", "Every item has a place", _A, State.START, State.COMPLETED),
    (13, "retry-pending", "Some item still has no place", _A, State.PENDING, State.PENDING),
    (14, "retry-completed", "Every item has a place", _A, State.PENDING, State.COMPLETED),
    (21, "items-cancelled", "The last item was cancelled", _I, State.START, State.CANCELLED),
    (22, "items-cancelled", "The last item was cancelled", _I, State.PENDING, State.CANCELLED),
    (23, "items-settled", "The last waiting item was cancelled", _I, State.PENDING, State.COMPLETED),
    (31, "reopen", "An item came back", _R, State.COMPLETED, State.PENDING),
)

TRANSITIONS: tuple[Transition, ...] = tuple(
    Transition(id=id_, slug=slug, name=name, trigger=trigger, source=source, target=target)
    for id_, slug, name, trigger, source, target in _TABLE
)

COMMANDS: tuple[Transition, ...] = tuple(row for row in TRANSITIONS if row.trigger is Trigger.COMMAND)

#: No command and no attempt leads out of these; `replan: reopen` alone does.
TERMINAL: frozenset[State] = frozenset(State) - {
    row.source for row in TRANSITIONS if row.trigger is not Trigger.ITEM_RETURNED
}


def commands_in(state: State) -> tuple[Transition, ...]:
    """The commands that are legal in this state, in the order of the table."""
    return tuple(row for row in COMMANDS if row.source is state)


def find_command(state: State, run: str | int) -> Transition | None:
    """The legal command that `run` (slug or transition id, as a number or as digits) names in this state, or None."""
    return next((row for row in commands_in(state) if str(run) in {row.slug, str(row.id)}), None)


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.START}"]
    lines += [f"    {row.source} --> {row.target}: {_label(row)}" for row in TRANSITIONS]
    lines += [f"    {state} --> [*]" for state in State if state in TERMINAL]
    return "\n".join(lines)


def _label(row: Transition) -> str:
    return row.slug if row.trigger is Trigger.COMMAND else f"{row.name} ({row.trigger})"
