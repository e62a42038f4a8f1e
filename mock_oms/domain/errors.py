"""What can go wrong inside a world, named for what happened; every message is a sentence with the way out in it."""

from collections.abc import Iterable
from datetime import datetime

from mock_oms.domain.lifecycle import COMMANDS, State, commands_in
from mock_oms.text import nearest_clause, shortened, time_text


class WorldError(Exception):
    """An event that this world refuses; the world is unchanged."""


class UnknownNameError(WorldError):
    """An event names a plan, SKU or location that this world does not have."""

    def __init__(self, kind: str, name: str | int, known: Iterable[str | int], *, hint: str = "") -> None:
        super().__init__(
            f"There is no {kind} {shortened(name)} in this world{nearest_clause(name, known)}. {hint}".rstrip()
        )


class IllegalCommandError(WorldError):
    """A command that is not legal in the plan's state, or in none; `legal` names those that are.

    `way_out` is a sentence on what would make it legal, where it is known.
    """

    def __init__(self, plan: int, state: State, run: str | int, way_out: str = "") -> None:
        self.legal = tuple(row.slug for row in commands_in(state))
        offer = f"legal now: {', '.join(self.legal)}" if self.legal else "no command is legal in this state"
        message = f"{shortened(repr(run))} cannot run on plan {plan}, which is {state}; {offer}.{way_out}"
        if not any(str(run) in {row.slug, str(row.id)} for row in COMMANDS):
            near = nearest_clause(run, tuple(dict.fromkeys(row.slug for row in COMMANDS)))
            message = f"There is no command {shortened(repr(run))}{near}. Plan {plan} is {state}; {offer}."
        super().__init__(message)


class IllegalEventError(WorldError):
    """An event that contradicts the world as it is, such as selling what is not there."""


class ClockError(WorldError):
    """An attempt to turn a world's time back."""

    def __init__(self, now: datetime, to: datetime) -> None:
        super().__init__(
            f"The clock shows {time_text(now)} and cannot be turned back to {time_text(to)}; reset the world instead."
        )


class TooFarError(WorldError):
    """A turn of the clock that would be the work of minutes, or lead past the times that there are."""

    def __init__(self, to: datetime, furthest: datetime) -> None:
        super().__init__(
            f"The clock cannot be turned to {time_text(to)} in one turn; accepted: up to {time_text(furthest)}."
        )


class TooManyEventsError(WorldError):
    """A world that takes no more events."""
