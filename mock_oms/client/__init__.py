"""The control API from Python: `Control(url).open_world(scenario="restock")` answers with a `World` to drive."""

from mock_oms.client.control import Control
from mock_oms.client.errors import ClientError, ControlError, NotInTimeError, UnreachableError, WishError
from mock_oms.client.facts import (
    ClockFacts,
    CommandFacts,
    Explanation,
    Happened,
    LoggedEvent,
    Missed,
    Ordered,
    PlanFacts,
    PlanPage,
    Ran,
    ScenarioFacts,
    Transition,
    WorldFacts,
)
from mock_oms.client.turned import Turned
from mock_oms.client.world import World

__all__ = [
    "ClientError",
    "ClockFacts",
    "CommandFacts",
    "Control",
    "ControlError",
    "Explanation",
    "Happened",
    "LoggedEvent",
    "Missed",
    "NotInTimeError",
    "Ordered",
    "PlanFacts",
    "PlanPage",
    "Ran",
    "ScenarioFacts",
    "Transition",
    "Turned",
    "UnreachableError",
    "WishError",
    "World",
    "WorldFacts",
]
