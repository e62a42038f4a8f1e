"""The instant that a world header names, made again without a server: from its scenario and, after events, a snapshot."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mock_oms.scenarios.building import Scenario
from mock_oms.text import time_text
from mock_oms.worlds.open_world import LONGEST_LIFE
from mock_oms.worlds.snapshot import Snapshot, read_snapshot
from mock_oms.worlds.view import WorldView, beginning_of
from mock_oms.worlds.world_header import WorldHeader


class ReplayError(Exception):
    """A line that cannot be replayed from what was given; the message says what can."""


def without_snapshot(line: WorldHeader, scenario: Scenario) -> Snapshot:
    """What a line says by itself: how its world began, and that nothing has happened to it from outside.

    :raises ReplayError: something has, or the scenario is another one, or it does not say when its worlds begin.
    """
    _refuse_another(line, scenario)
    start = line.start or scenario.document.clock.start
    if line.event:
        raise ReplayError(f"The line says event={line.event}, but not which events these were; {_advice(line)}")
    if start is None:
        raise ReplayError(f"The clock of {scenario.name} starts when a world is opened; {_advice(line)}")
    return Snapshot(scenario=scenario, seed=line.seed, start=start, now=line.now, rate=0, log=())


def from_document(line: WorldHeader, scenario: Scenario, document: Mapping[str, Any]) -> Snapshot:
    """Read a snapshot, which a schema has checked, of the line's own scenario.

    :raises ReplayError: the scenario is another one.
    :raises mock_oms.worlds.snapshot.SnapshotError: as `read_snapshot`.
    """
    _refuse_another(line, scenario)
    if document["scenario"]["name"] != line.scenario:
        of = document["scenario"]["name"]
        raise ReplayError(f"The line is of scenario {line.scenario}, the snapshot of {of}; {_advice(line)}")
    return read_snapshot(document, lambda _: scenario)


def replayed(line: WorldHeader, snapshot: Snapshot) -> WorldView:
    """The view that an answer with this line was made from: the first `event` events, and then its time.

    :raises ReplayError: the snapshot is not of the line's world, or was taken before its last event.
    :raises mock_oms.domain.errors.WorldError: the snapshot's log does not fit its scenario.
    """
    for sentence in _contradictions(line, snapshot):
        raise ReplayError(f"{sentence}; {_advice(line)}")
    if line.now - snapshot.start > LONGEST_LIFE:
        raise ReplayError(
            f"The line says now={time_text(line.now)}; accepted: {LONGEST_LIFE.days} days after the start."
        )
    world, cached = beginning_of(snapshot.scenario, snapshot.seed, snapshot.start)
    until = replace(snapshot, log=snapshot.log[: line.event], now=line.now)
    return WorldView(until.replayed(world), cached, line)


def _refuse_another(line: WorldHeader, scenario: Scenario) -> None:
    if line.digest != scenario.digest:
        raise ReplayError(
            f"The line is of scenario {line.scenario}@{line.digest}; here it is {scenario.name}@{scenario.digest}, "
            "which makes another world. Name the folder that holds the same file with --scenarios, "
            "and with --observed the observation that it was served with, if it was."
        )


def _contradictions(line: WorldHeader, snapshot: Snapshot) -> Iterator[str]:
    """What contradicts the line in a snapshot; each sentence still needs its way out."""
    start = line.start or snapshot.scenario.document.clock.start
    if line.seed != snapshot.seed:
        yield f"The line says seed={line.seed}, the snapshot {snapshot.seed}"
    if start is not None and start != snapshot.start:
        yield f"The line's world began at {time_text(start)}, the snapshot's at {time_text(snapshot.start)}"
    if line.event > len(snapshot.log):
        yield f"The line says event={line.event}, but the snapshot has only {len(snapshot.log)} in its log"
    now, before, after = f"now={time_text(line.now)}", snapshot.log[: line.event], snapshot.log[line.event :]
    since = before[-1].at if before else snapshot.start
    if line.now < since:
        what = f"event {line.event} happened" if before else "its world began"
        yield f"The line says {now}, but in the snapshot {what} at {time_text(since)}"
    if after and line.now > after[0].at:
        came = f"event {after[0].number} came at {time_text(after[0].at)}"
        yield f"The line says {now} and event={line.event}, but in the snapshot {came}"


def _advice(line: WorldHeader) -> str:
    command = f"mock-oms world snapshot --world {line.world} > saved.json"
    return f"take a snapshot of that world, after the line and before a reset: {command}, then --snapshot saved.json."
