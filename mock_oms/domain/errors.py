"""What can go wrong inside a world, named for what happened; every message is a sentence with the way out in it."""

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches

#: Characters of a name that messages show; the longest that people give are shorter.
_SHOWN = 200


class WorldError(Exception):
    """An event that this world refuses; the world is unchanged."""


class UnknownNameError(WorldError):
    """An event names a plan, SKU or location that this world does not have."""

    def __init__(self, kind: str, name: str | int, known: Iterable[str | int], *, hint: str = "") -> None:
        super().__init__(f"There is no {kind} {cut(name)} in this world{nearest(name, known)}. {hint}".rstrip())


class IllegalCommandError(WorldError):
    """A command that is not legal in the plan's state, or in none; `legal` names those that are, `commands` all."""

    def __init__(
        self, plan: int, state: str, run: str | int, legal: tuple[str, ...], commands: tuple[tuple[int, str], ...]
    ) -> None:
        self.legal = legal
        offer = f"legal now: {', '.join(legal)}" if legal else "no command is legal in this state"
        names, shown = tuple(dict.fromkeys(slug for _, slug in commands)), cut(repr(run))
        if any(str(run) in {slug, str(number)} for number, slug in commands):
            super().__init__(f"{shown} cannot run on plan {plan}, which is {state}; {offer}.")
        else:
            super().__init__(f"There is no command {shown}{nearest(run, names)}. Plan {plan} is {state}; {offer}.")


class IllegalEventError(WorldError):
    """An event that contradicts the world as it is, such as selling what is not there."""


class ClockError(WorldError):
    """An attempt to turn a world's time back."""

    def __init__(self, now: datetime, to: datetime) -> None:
        super().__init__(
            f"The clock shows {written(now)} and cannot be turned back to {written(to)}; reset the world instead."
        )


class TooFarError(WorldError):
    """A turn of the clock that would be the work of minutes, or lead past the times that there are."""

    def __init__(self, to: datetime, furthest: datetime) -> None:
        super().__init__(
            f"The clock cannot be turned to {written(to)} in one turn; accepted: up to {written(furthest)}."
        )


class NeverComesError(WorldError):
    """A state that a plan does not come into within the time that was given; the clock is as it was."""

    def __init__(self, plan: int, state: str, now: datetime, limit: datetime) -> None:
        super().__init__(f"Plan {plan} does not become {state} between {written(now)} and {written(limit)}.")


class TooManyEventsError(WorldError):
    """A world that takes no more events."""


def written(moment: datetime) -> str:
    """A time as messages and headers show it."""
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def cut(name: str | int) -> str:
    """A name as messages show it: of one that is longer than any name should be, the beginning."""
    text = str(name)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def nearest(name: str | int, known: Iterable[str | int]) -> str:
    """A clause that names the nearest known name, or lists a few of them, to stand before a full stop.

    Where none is near as it is spelt, capitals and small letters are taken for the same.
    """
    names, wanted = [str(one) for one in known], cut(name)
    close = get_close_matches(wanted, names, n=1) or _close_but_for_case(wanted, names)
    if close:
        return f"; the nearest is {close[0]}"
    if not names:
        return ""
    return f"; known: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"  # noqa: PLR2004


def _close_but_for_case(wanted: str, names: Iterable[str]) -> list[str]:
    folded = {one.casefold(): one for one in names}
    return [folded[one] for one in get_close_matches(wanted.casefold(), folded, n=1)]


def counted(count: int, noun: str) -> str:
    """A number of things, in words."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
