"""What the Flask app holds: one value, found by one typed accessor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, current_app

from mock_oms.contract.observation import last_checked
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.library import Library, UnknownScenarioError
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT

if TYPE_CHECKING:
    from mock_oms.contract.observation import Observation

_KEY = "mock_oms"
#: Where whoever hands a request on may leave, in its environ, the worlds as this request sees them.
WORLDS = "mock_oms.worlds"
#: Where it may leave what takes over to answer with a stream.
STREAM = "mock_oms.stream"
#: Where it may leave its `Load`.
LOAD = "mock_oms.load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the server in front of the app holds this moment: open streams and connections.

    And whom it has turned away so far: requests refused unread, by status, and connections closed, by the reason.
    """

    streams: int = 0
    connections: int = 0
    refused: Mapping[int, int] = field(default_factory=dict)
    closed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The simulation that the app is built around, the scenarios that worlds begin with, and what control demands.

    `world_header`: whether vendor answers name their world and instant. `performs`: which kinds of effects
    (`mock_oms.traffic.faults.fault.KINDS`) the server in front of the app can perform; none where there is no such server.
    `redactor` knows the secrets of all of this. `observed` is what is known of a real OMS.
    """

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


def hold(app: Flask, state: State) -> None:
    """Give an app its state."""
    app.extensions[_KEY] = state


def state_of(app: Flask) -> State:
    """The state of an app."""
    state: State = app.extensions[_KEY]
    return state


def current_state() -> State:
    """The state of the app that answers this request."""
    return state_of(current_app)
