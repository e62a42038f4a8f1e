"""The timeline that a recording allows: observed transitions as commands, and in words what no command can say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from mock_oms.domain.lifecycle import COMMANDS, State
from mock_oms.domain.setup import Captured
from mock_oms.recording.sightings import Sighting
from mock_oms.scenario.fields import write_duration

_SECOND = timedelta(seconds=1)
#: What a command changes of a captured plan; a difference anywhere else cannot be said.
_MOVED = ("state", "commands", "modified_date")
_SAYABLE: Mapping[tuple[State, State], str] = {
    (row.source, row.target): row.slug for row in COMMANDS if row.source is not row.target
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A line of the timeline: a command, and the state that it leads to."""

    at: timedelta
    plan: int
    run: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A plan as the scenario has it: the capture that it begins with, what happens to it, and what cannot be said."""

    raw: Mapping[str, Any]
    moves: tuple[Moved, ...] = ()
    unsaid: tuple[str, ...] = ()


def told(plan: int, sightings: Sequence[Sighting], first: timedelta) -> Told | None:
    """What a scenario can tell of a plan that was seen so; None where its state is none that a scenario knows.

    It begins with the earliest capture from which commands lead to the last one. `first` is when the first walk ended:
    a plan seen later was new.
    """
    states = [_state(one) for one in sightings]
    if states[-1] is None:
        return None
    begin = len(states) - 1
    while begin and _can_be_said(states[begin - 1], states[begin]):
        begin -= 1
    unsaid = tuple(_unsaid(plan, sightings, begin, first))
    return Told(raw=sightings[begin].body, moves=tuple(_moves(plan, sightings[begin:])), unsaid=unsaid)


def _state(sighting: Sighting) -> State | None:
    return Captured(raw=sighting.body).state


def _can_be_said(before: State | None, after: State | None) -> bool:
    return before is not None and (before is after or (before, after) in _SAYABLE)


def _moves(plan: int, sightings: Sequence[Sighting]) -> Iterator[Moved]:
    for before, after in pairwise(sightings):
        source, target = _state(before), _state(after)
        if source and target and source is not target:
            at = max(_SECOND, after.at // _SECOND * _SECOND)
            yield Moved(at=at, plan=plan, run=_SAYABLE[source, target], state=target)


def _unsaid(plan: int, sightings: Sequence[Sighting], begin: int, first: timedelta) -> Iterator[str]:
    if sightings[0].at > first:
        yield f"{_when(sightings[0])}: plan {plan} was new; here it is there from the beginning."
    for number, (before, after) in enumerate(pairwise(sightings), start=1):
        source, target = _state(before), _state(after)
        if number <= begin and source is not target:
            yield f"{_when(after)}: plan {plan} went from {source or '?'} to {target or '?'}, which no command does."
        changed = sorted({*_changed(before.body, after.body)} - ({*_MOVED} if source is not target else set()))
        if changed:
            yield f"{_when(after)}: plan {plan} changed in {', '.join(changed)}."


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """The fields that differ; their names are those of the allow-list or pseudonyms."""
    return (key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _when(sighting: Sighting) -> str:
    return write_duration(sighting.at // _SECOND * _SECOND)


def in_order(moves: Sequence[Moved]) -> tuple[Moved, ...]:
    """The lines in the order of their times; two of one plan never at one time, for the first would hide."""
    last: dict[int, timedelta] = {}
    placed = []
    for move in sorted(moves, key=lambda one: one.at):
        at = max(move.at, last.get(move.plan, timedelta()) + _SECOND)
        last[move.plan] = at
        placed.append(replace(move, at=at))
    return tuple(sorted(placed, key=lambda one: one.at))
