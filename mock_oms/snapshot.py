"""A snapshot: a world as a small document, from which the same world can be made again, here or elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_oms.domain.errors import written
from mock_oms.domain.world import World
from mock_oms.live import Instant
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.words import read_event, write_event
from mock_oms.store import Entry, Origin

VERSION = 1
#: Every attempt of that time is made again when a snapshot is read.
LONGEST = timedelta(days=3660)


class SnapshotError(Exception):
    """A document that is no snapshot of this version, or of a scenario that is not the one it was taken of."""


def write_snapshot(origin: Origin, instant: Instant) -> dict[str, Any]:
    """A world as JSON: scenario, seed, start, clock and log; times are UTC."""
    return {
        "version": VERSION,
        "scenario": {"name": origin.scenario.name, "digest": origin.scenario.digest},
        "seed": origin.seed,
        "start": written(origin.start),
        "clock": {"now": written(instant.world.now), "rate": instant.clock.rate},
        "log": [{"number": entry.number, "at": written(entry.at), **write_event(entry.event)} for entry in instant.log],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot that was read: what to open, and what happened to it since."""

    scenario: Scenario
    seed: int
    start: datetime
    now: datetime
    rate: float
    log: tuple[Entry, ...]

    def replayed(self, beginning: World) -> World:
        """The world that the log makes of this beginning, which must be of the same scenario, seed and start.

        :raises mock_oms.domain.errors.WorldError: the log does not fit it.
        """
        world = beginning
        for entry in self.log:
            world = world.apply(entry.event, entry.at)
        return world.advance(self.now)


def read_snapshot(document: Mapping[str, Any], load: Callable[[str], Scenario]) -> Snapshot:
    """Read a document that `write_snapshot` made and a schema has checked.

    :raises SnapshotError: another version, or the scenario is not the one that the snapshot was taken of.
    """
    if document["version"] != VERSION:
        raise SnapshotError(
            f"This is a snapshot of version {document['version']}; this server reads version {VERSION}."
        )
    scenario = load(document["scenario"]["name"])
    if scenario.digest != document["scenario"]["digest"]:
        raise SnapshotError(
            f"The snapshot was taken of scenario {scenario.name}@{document['scenario']['digest']}; "
            f"here it is {scenario.name}@{scenario.digest}, which makes another world."
        )
    start, now = _moment(document["start"]), _moment(document["clock"]["now"])
    if now - start > LONGEST:
        raise SnapshotError(f"The snapshot goes on for {now - start}; accepted: {LONGEST.days} days after its start.")
    return Snapshot(
        scenario=scenario,
        seed=document["seed"],
        start=start,
        now=now,
        rate=document["clock"]["rate"],
        log=tuple(_entry(one) for one in document["log"]),
    )


def _entry(written_down: Mapping[str, Any]) -> Entry:
    event = {key: value for key, value in written_down.items() if key not in {"number", "at"}}
    return Entry(number=written_down["number"], at=_moment(written_down["at"]), event=read_event(event))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
