"""The control API of one mock: its scenarios and its worlds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from mock_oms.client.connection import Connection, duration
from mock_oms.client.facts import ScenarioFacts, WorldFacts
from mock_oms.client.world import World


class Control:
    """The control API at an address; as a context manager it closes its connections, and leaves worlds alone.

    `url` is the address of the mock, such as `http://127.0.0.1:8080`; `token` its control token, if it has one.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._connection = Connection(url, token)
        self.url = self._connection.url

    def scenarios(self) -> tuple[ScenarioFacts, ...]:
        """What can be played."""
        return tuple(map(ScenarioFacts.read, self._connection.ask("GET", "scenarios")["scenarios"]))

    def worlds(self) -> tuple[WorldFacts, ...]:
        """Every world that is open, the default one first."""
        return tuple(map(WorldFacts.read, self._connection.ask("GET", "worlds")["worlds"]))

    def world(self, name: str = "default") -> World:
        """A world that is open.

        :raises mock_oms.client.errors.ControlError: there is none of this name, or it has expired.
        """
        return World(self._connection, WorldFacts.read(self._connection.ask("GET", "worlds", name)))

    def open_world(
        self,
        *,
        scenario: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        ttl: str | timedelta | None = "1h",
        clock: Mapping[str, Any] | None = None,
        snapshot: Mapping[str, Any] | None = None,
    ) -> World:
        """Open a world of a scenario (None: `default`), or the one that a snapshot was taken of.

        `ttl` is how long it lives without use (None: for ever). `clock` may hold `start`, a time, and `rate`; what is
        not said is the scenario's, or the snapshot's.

        :raises mock_oms.client.errors.ControlError: the control API refuses these wishes.
        """
        wishes = {"scenario": scenario, "seed": seed, "name": name, "clock": clock and _clock(clock)}
        given = {**wishes, "snapshot": snapshot}
        body: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        body["ttl"] = None if ttl is None else duration(ttl)
        return World(self._connection, WorldFacts.read(self._connection.ask("POST", "worlds", body=body)))

    def close(self) -> None:
        """Let go of the connections; the worlds stay open."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _clock(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in given.items()}
