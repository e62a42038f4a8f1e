"""The control API from Python: `Control(url).open_world(scenario="restock")` answers with a `World` to drive."""

from mock_oms.client.control import Control, Readiness
from mock_oms.client.errors import (
    ClientError,
    ControlError,
    ControlTokenRefusedError,
    NotInTimeError,
    UnreachableError,
    UntrustedError,
    VerificationError,
    WishError,
)
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
from mock_oms.client.faults import FaultFacts, Misbehaviour
from mock_oms.client.journal import RequestPage, Verified
from mock_oms.client.stream import Lost, Moved, Requested, Streamed
from mock_oms.client.turned import Turned
from mock_oms.client.world import World

__all__ = [
    "ClientError",
    "ClockFacts",
    "CommandFacts",
    "Control",
    "ControlError",
    "ControlTokenRefusedError",
    "Explanation",
    "FaultFacts",
    "Happened",
    "LoggedEvent",
    "Lost",
    "Misbehaviour",
    "Missed",
    "Moved",
    "NotInTimeError",
    "Ordered",
    "PlanFacts",
    "PlanPage",
    "Ran",
    "Readiness",
    "RequestPage",
    "Requested",
    "ScenarioFacts",
    "Streamed",
    "Transition",
    "Turned",
    "UnreachableError",
    "UntrustedError",
    "VerificationError",
    "Verified",
    "WishError",
    "World",
    "WorldFacts",
]
