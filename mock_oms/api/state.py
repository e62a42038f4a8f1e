"""What the Flask app holds: one value, found by one typed accessor."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, current_app

from mock_oms.dataclass import dataclass
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.library import Library, UnknownScenarioError
from mock_oms.text import ago
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT

if TYPE_CHECKING:
    from mock_oms.contract.observation import Observation

#: The key of the state among the extensions of the app.
KEY = "mock_oms"
#: Keys under which a server leaves in the environ: the worlds as this request sees them, what takes over to answer with
#: a stream, and its `Load`.
WORLDS, STREAM, LOAD = "mock_oms.worlds", "mock_oms.stream", "mock_oms.load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Streams and connections that are open at the server before the app, and what it has turned away so far.

    `refused` are requests that it did not read, by status, `closed` connections, by the reason.
    """

    streams: int = 0
    connections: int = 0
    refused: Mapping[int, int] = field(default_factory=dict)
    closed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What `mock_oms.api.app.create_app` was given; `redactor` knows the secrets of all of this."""

    simulation: WorldManager
    library: Library
    control_token: str | None = field(default=None, repr=False)
    redactor: Redactor = field(repr=False)
    world_header: bool
    performs: frozenset[str] = frozenset()
    observed: "Observation | None" = None

    @property
    def last_checked(self) -> str:
        """When the contract was last checked against a real OMS."""
        return last_checked(self.observed, self.simulation.time())

    def scenario(self, name: str) -> Scenario:
        """A scenario by its name: one of the library, or the default world's own, which may have come from a path.

        :raises UnknownScenarioError: it is neither.
        :raises mock_oms.scenarios.errors.ScenarioError: its file cannot be used.
        """
        try:
            return self.library.named(name)
        except UnknownScenarioError:
            own = self.simulation.lease(DEFAULT).world.origin.scenario
            if own.name == name:
                return self.library.latest(own) or own
            raise


def state_of(app: Flask) -> State:
    """The state of an app."""
    state: State = app.extensions[KEY]
    return state


def current_state() -> State:
    """The state of the app that answers this request."""
    return state_of(current_app)


def last_checked(observed: "Observation | None", now: datetime) -> str:
    """`contract last checked against a real OMS: never | DATE (n days ago)`."""
    said = "contract last checked against a real OMS"
    if observed is None:
        return f"{said}: never"
    if not observed.is_real:
        return f"{said}: never (what was observed on {observed.date:%Y-%m-%d} was a mock)"
    return f"{said}: {observed.date:%Y-%m-%d} ({ago(now - observed.date)})"
