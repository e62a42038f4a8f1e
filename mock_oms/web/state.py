"""What the Flask app holds: one value, found by one typed accessor."""

from dataclasses import dataclass

from flask import Flask, current_app

from mock_oms.simulation import Simulation

_KEY = "mock_oms"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The simulation that the app is built around, and what its control routes demand."""

    simulation: Simulation
    control_token: str | None = None


def hold(app: Flask, state: State) -> None:
    """Give an app its state."""
    app.extensions[_KEY] = state


def current_state() -> State:
    """The state of the app that answers this request."""
    state: State = current_app.extensions[_KEY]
    return state
