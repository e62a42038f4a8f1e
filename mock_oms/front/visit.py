"""One vendor request on its way through the front: who asks, after what, and which world's affair it is."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from mock_oms.domain.lifecycle import State
from mock_oms.faults.fault import Delay, Effect
from mock_oms.faults.standing import Met, Occasion
from mock_oms.front.gate import Gate
from mock_oms.front.messages import Scope
from mock_oms.front.record import Record
from mock_oms.front.request import Fields
from mock_oms.journal.ring import Journal
from mock_oms.operations import Operation
from mock_oms.registry import Lease
from mock_oms.simulation import Simulation
from mock_oms.store import DEFAULT
from mock_oms.web.magic import SLOW, TOKENS

#: How late the answers of the token `fail-slow` come: later than the patience of most clients.
LATE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request that no kept bytes have answered at once. `gate.lease` None: nobody knows whose affair it is.

    `started` is a reading of the performance counter.
    """

    scope: Scope
    fields: Fields
    body: bytes
    gate: Gate
    record: Record
    started: float

    @property
    def lease(self) -> Lease | None:
        """The lease of its world."""
        return self.gate.lease

    @property
    def journal(self) -> Journal:
        """Where it is written down."""
        return journal_of(self.gate.simulation, self.gate.lease)

    def met(self, late: timedelta = LATE) -> Met | None:
        """The fault that it meets.

        A magic token meets its own, if any, and no other; that of the slow one is `late`.
        """
        if self.gate.token in TOKENS:
            slow = Effect(delay=Delay(fixed=late))
            return Met(id=0, effect=slow, delay=late.total_seconds()) if self.gate.token == SLOW else None
        if self.lease is None or self.lease.traffic.is_quiet:
            return None
        record, aim = self.record, self.record.aim
        return self.lease.traffic.met(
            Occasion(
                operation=aim.operation,
                plan=aim.plan,
                page=aim.page,
                number=record.number,
                now=record.at,
                state=self._state,
            )
        )

    def _state(self) -> State | None:
        """The state in which the plan that was asked for is now."""
        if self.lease is None or self.record.aim.plan is None:
            return None
        found = self.lease.world.instant().world.find(self.record.aim.plan)
        return found[0].state if found else None


def journal_of(simulation: Simulation, lease: Lease | None) -> Journal:
    """The journal of a world, or that of the requests which name none."""
    return simulation.strangers if lease is None else lease.traffic.journal


def lease_for(
    simulation: Simulation, token: str | None, arrived: datetime, operation: Operation | None, body: bytes
) -> Lease | None:
    """Whose affair a request is: its token's world; the default one for magic tokens and where nobody needs a token.

    A login is the affair of the world whose name is the user's, or of the default one.
    """
    lease = simulation.visit(token, arrived) if token else None
    if lease is not None:
        return lease
    if operation is Operation.LOGIN:
        return simulation.lease_of_user(_user_in(body))
    default = simulation.lease(DEFAULT)
    anybody = default.world.origin.scenario.answers.auth == "off"
    return default if anybody or token in TOKENS else None


def _user_in(body: bytes) -> str:
    """The user name in the body of a login, JSON or form; empty where there is none that can be read at a glance."""
    try:
        said = json.loads(body)
        name = said.get("username") if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        name = parse_qs(body.decode("latin-1")).get("username", [""])[-1]
    return name.strip() if isinstance(name, str) else ""
