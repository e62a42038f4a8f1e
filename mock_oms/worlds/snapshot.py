"""A snapshot: a world as a small document, from which the same world can be made again, here or elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from mock_oms.domain.errors import WorldError
from mock_oms.domain.world import World
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.fields import write_duration
from mock_oms.scenarios.schema import read_event
from mock_oms.text import time_text
from mock_oms.worlds.open_world import LONGEST_LIFE, Instant
from mock_oms.worlds.store import LogEntry, WorldOrigin, read_time

#: Version 1 meant something by keys that it left out of an event; since version 2 they leave a thing as it was.
VERSION = 2
_LEFT_OUT: Mapping[int, Mapping[str, Mapping[str, Any]]] = {1: {"quota": {"quota": 0, "max_quota": None}}, VERSION: {}}


class SnapshotError(Exception):
    """A document that is no snapshot of this version, or of a scenario that is not the one it was taken of."""


class LogError(SnapshotError, WorldError):
    """An event in the log of a snapshot that the world of its scenario refuses."""


def write_snapshot(origin: WorldOrigin, instant: Instant) -> dict[str, Any]:
    """A world as JSON: scenario, seed, start, clock and log; times are UTC."""
    return {
        "version": VERSION,
        "scenario": {"name": origin.scenario.name, "digest": origin.scenario.digest},
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

    def replayed(self, beginning: World) -> World:
        """The world that the log makes of this beginning, which must be of the same scenario, seed and start.

        :raises LogError: the log does not fit it.
        """
        world = beginning
        for place, entry in enumerate(self.log):
            try:
                world = world.apply(entry.event, entry.at)
            except WorldError as error:
                raise LogError(f"The snapshot's log[{place}] cannot happen: {error}") from error
        return world.advance(self.now)


def read_snapshot(document: Mapping[str, Any], load: Callable[[str], Scenario]) -> Snapshot:
    """Read a document that `write_snapshot` made, of this version or an earlier one, and a schema has checked.

    :raises SnapshotError: another version, a scenario that is not the one that the snapshot was taken of, or times that
        are not in order.
    """
    version, digest = document["version"], document["scenario"]["digest"]
    if version not in _LEFT_OUT:
        raise SnapshotError(
            f"This is a snapshot of version {version}; this server reads versions {', '.join(map(str, _LEFT_OUT))}."
        )
    scenario = load(document["scenario"]["name"])
    if scenario.digest != digest:
        raise SnapshotError(
            f"The snapshot was taken of scenario {scenario.name}@{digest}; "
            f"here it is {scenario.name}@{scenario.digest}, which makes another world."
        )
    start, now = read_time(document["start"]), read_time(document["clock"]["now"])
    if now - start > LONGEST_LIFE:
        lasts = write_duration(now - start)
        raise SnapshotError(f"The snapshot goes on for {lasts}; accepted: {LONGEST_LIFE.days} days after its start.")
    log = tuple(_read_entry(one, _LEFT_OUT[version]) for one in document["log"])
    times = [("start", start), *((f"log[{place}].at", one.at) for place, one in enumerate(log)), ("clock.now", now)]
    for (earlier, before), (later, after) in pairwise(times):
        if after < before:
            raise SnapshotError(
                f"The snapshot's {later} is {time_text(after)}, which is before its {earlier}, {time_text(before)}; "
                "accepted: that time or a later one."
            )
    rate = abs(float(document["clock"]["rate"]))  # JSON has 0, 0.0 and -0.0
    return Snapshot(scenario=scenario, seed=document["seed"], start=start, now=now, rate=rate, log=log)


def _read_entry(written: Mapping[str, Any], left_out: Mapping[str, Mapping[str, Any]]) -> LogEntry:
    ((word, given),) = ((key, value) for key, value in written.items() if key not in {"number", "at"})
    event = {word: {**left_out[word], **given} if word in left_out else given}
    return LogEntry(number=written["number"], at=read_time(written["at"]), event=read_event(event))
