"""A snapshot: a world as a small document, made again from it; and the instant that a world header names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from mock_oms.dataclass import dataclass
from mock_oms.domain.errors import WorldError
from mock_oms.domain.setup import SEEDING
from mock_oms.domain.world import Work, World, done
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.fields import write_duration
from mock_oms.scenarios.library import Library
from mock_oms.text import time_text
from mock_oms.worlds.open_world import LONGEST_LIFE, Instant
from mock_oms.worlds.store import LogEntry, WorldOrigin, read_time
from mock_oms.worlds.view import WorldView, beginning_of
from mock_oms.worlds.world_header import WorldHeader

#: Version 1 meant something by keys that it left out of an event; since version 2 they leave a thing as it was. Up to
#: version 2 seeded plans are made by the first rules.
VERSION = 3
_LEFT_OUT: Mapping[int, Mapping[str, Mapping[str, Any]]] = {
    1: {"quota": {"quota": 0, "max_quota": None}},
    2: {},
    VERSION: {},
}


class SnapshotError(Exception):
    """A document that is no snapshot of this version, or of a scenario that is not the one it was taken of."""


class LogError(SnapshotError, WorldError):
    """An event in the log of a snapshot that the world of its scenario refuses."""


def write_snapshot(origin: WorldOrigin, instant: Instant) -> dict[str, Any]:
    """A world as JSON: scenario, seed, start, clock and log; times are UTC. An inline scenario stands in it whole."""
    scenario, whole = origin.scenario, {}
    if scenario.inline:
        profiles = {one.name: one.data for one in scenario.profiles}
        whole = {"document": scenario.data, **({"profiles": profiles} if profiles else {})}
    return {
        "version": VERSION if origin.seeding > 1 else 2,
        "scenario": {"name": scenario.name, "digest": scenario.digest, **whole},
        "seed": origin.seed,
        "start": time_text(origin.start),
        "clock": {"now": time_text(instant.world.now), "rate": instant.clock.rate},
        "log": [entry.to_json() for entry in instant.log],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot that was read: what to open, and what happened to it since."""

    scenario: Scenario
    seed: int
    start: datetime
    now: datetime
    rate: float
    log: tuple[LogEntry, ...]
    seeding: int = SEEDING

    def replaying(self, beginning: World) -> Work[World]:
        """The world that the log makes of this beginning, which must be of the same scenario, seed and start.

        :raises LogError: the log does not fit it.
        """
        world = beginning
        for place, entry in enumerate(self.log):
            try:
                world = yield from world.advancing(entry.at)
                world = world.apply(entry.event)
                yield
            except WorldError as error:
                raise LogError(f"The snapshot's log[{place}] cannot happen: {error}") from error
        return (yield from world.advancing(self.now))


def scenario_in(document: Mapping[str, Any], library: Library) -> Scenario | None:
    """The scenario that stands in a snapshot whole, None where it is only named.

    :raises mock_oms.scenarios.errors.ScenarioError: it cannot be used.
    :raises SnapshotError: it is not the one that the snapshot was taken of.
    """
    found = document["scenario"]
    if "document" not in found:
        return None
    name, digest, profiles = found["name"], found["digest"], found.get("profiles")
    scenario = library.inline(found["document"], called=name, profiles=profiles, adopt=False)
    if scenario.digest != digest:
        raise SnapshotError(
            f"The snapshot was taken of scenario {name}@{digest}; its document has been changed since, to "
            f"{name}@{scenario.digest}, which makes another world: send that as a scenario, without a snapshot."
        )
    return scenario


def read_snapshot(document: Mapping[str, Any], load: Callable[[Mapping[str, Any]], Scenario]) -> Snapshot:
    """Read a document that `write_snapshot` made, of this version or an earlier one, and a schema has checked.

    `load` gives the scenario of a document.

    :raises SnapshotError: another version, a scenario that is not the one that the snapshot was taken of, or times that
        are not in order.
    """
    version, digest = document["version"], document["scenario"]["digest"]
    if version not in _LEFT_OUT:
        raise SnapshotError(
            f"This is a snapshot of version {version}; this server reads versions {', '.join(map(str, _LEFT_OUT))}."
        )
    scenario = load(document)
    if not scenario.has_digest(digest):
        raise SnapshotError(
            f"The snapshot was taken of scenario {scenario.name}@{digest}; "
            f"here it is {scenario.name}@{scenario.digest}, which makes another world."
        )
    start, now = read_time(document["start"]), read_time(document["clock"]["now"])
    if now - start > LONGEST_LIFE:
        lasts = write_duration(now - start)
        raise SnapshotError(f"The snapshot goes on for {lasts}; accepted: {LONGEST_LIFE.days} days after its start.")
    log = tuple(LogEntry.read(one, _LEFT_OUT[version]) for one in document["log"])
    times = [("start", start), *((f"log[{place}].at", one.at) for place, one in enumerate(log)), ("clock.now", now)]
    for (earlier, before), (later, after) in pairwise(times):
        if after < before:
            raise SnapshotError(
                f"The snapshot's {later} is {time_text(after)}, which is before its {earlier}, {time_text(before)}; "
                "accepted: that time or a later one."
            )
    rate = abs(float(document["clock"]["rate"]))  # JSON has 0, 0.0 and -0.0
    seeding = scenario.seeding(version)
    return Snapshot(scenario=scenario, seed=document["seed"], start=start, now=now, rate=rate, log=log, seeding=seeding)


class ReplayError(Exception):
    """A line that cannot be replayed from what was given; the message says what can."""


def snapshot_command(world: str) -> str:
    """The command that takes a snapshot of a world."""
    return f"mock-oms world snapshot --world {world} > saved.json"


def replayed(line: WorldHeader, scenario: Scenario, document: Mapping[str, Any] | None = None) -> WorldView:
    """The view that an answer with this line was made from: the first `event` events, and then its time.

    The events are those of a snapshot, which a schema has checked; without one nothing may have happened from outside.

    :raises ReplayError: the scenario is another one; the snapshot is not of the line's world, or was taken before its
        last event; or there is none, and the line does not say enough.
    :raises SnapshotError: as `read_snapshot`.
    :raises mock_oms.domain.errors.WorldError: the snapshot's log does not fit its scenario.
    """
    if not scenario.has_digest(line.digest):
        raise ReplayError(
            f"The line is of scenario {line.scenario}@{line.digest}; here it is {scenario.name}@{scenario.digest}, "
            "which makes another world. Name the folder that holds the same file with --scenarios, "
            "and with --observed the observation that it was served with, if it was."
        )
    command = snapshot_command(line.world)
    advice = f"take a snapshot of that world, after the line and before a reset: {command}, then --snapshot saved.json."
    start = line.start or scenario.document.clock.start
    if document is not None:
        if document["scenario"]["name"] != line.scenario:
            of = document["scenario"]["name"]
            raise ReplayError(f"The line is of scenario {line.scenario}, the snapshot of {of}; {advice}")
        snapshot = read_snapshot(document, lambda _: scenario)
    elif line.event:
        raise ReplayError(f"The line says event={line.event}, but not which events these were; {advice}")
    elif start is None:
        raise ReplayError(f"The clock of {scenario.name} starts when a world is opened; {advice}")
    else:
        is_of_today = line.digest == scenario.digest  # or else of before its expectations changed
        seeding = line.seeding or (SEEDING if is_of_today else 1)
        snapshot = Snapshot(
            scenario=scenario, seed=line.seed, start=start, now=line.now, rate=0, log=(), seeding=seeding
        )
    for sentence in _contradictions(line, start, snapshot):
        raise ReplayError(f"{sentence}; {advice}")
    if line.now - snapshot.start > LONGEST_LIFE:
        raise ReplayError(
            f"The line says now={time_text(line.now)}; accepted: {LONGEST_LIFE.days} days after the start."
        )
    world, cached = beginning_of(snapshot.scenario, snapshot.seed, snapshot.start, snapshot.seeding)
    until = replace(snapshot, log=snapshot.log[: line.event], now=line.now)
    return WorldView(done(until.replaying(world)), cached, line)


def _contradictions(line: WorldHeader, start: datetime | None, snapshot: Snapshot) -> Iterator[str]:
    """What contradicts the line in a snapshot; each sentence still needs its way out."""
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
