"""Simulations over a folder: opened, left, and opened again as another process would."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.schema import write_event
from mock_oms.worlds.host_clock import Wall, wall_clock
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.state_folder import state_folder
from mock_oms.worlds.view import WorldView

TODAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


class SetByHand:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.now = TODAY

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def simulated_in(folder: Path, scenario: Scenario, *, wall: Wall = wall_clock, **more: Any) -> Iterator[WorldManager]:
    """A simulation that keeps its worlds in a folder, as long as it owns that."""
    with state_folder(folder) as store:
        yield WorldManager(scenario, wall=wall, store=store, **more)


def seen(simulation: WorldManager) -> dict[str, Any]:
    """All that can be seen of every world, by its name."""
    return {lease.world.origin.name: of_lease(lease) for lease in simulation.leases()}


def of_lease(lease: Lease) -> dict[str, Any]:
    """What can be seen of a world: its bytes, its clock, its log, and what it lives under."""
    origin, instant = lease.world.origin, lease.world.instant()
    return {
        "origin": (origin.scenario, origin.seed, origin.start, lease.token, lease.ttl),
        "clock": (instant.world.now, instant.clock),
        "log": [(entry.number, entry.at, write_event(entry.event)) for entry in instant.log],
        "bytes": bytes_of(lease.world.reading()),
    }


def plain(content: bytes) -> bytes:
    """The lines of a world as version 0.1 wrote them, without checksums."""
    return re.sub(rb', "crc32": "[0-9a-f]{8}"\}\n', b"}\n", content).replace(b'"version": 3,', b'"version": 1,', 1)


def bytes_of(reading: WorldView) -> list[bytes | None]:
    """A world's list and each of its plans."""
    return [*reading.bodies(), *map(reading.detail, range(1, 8))]
