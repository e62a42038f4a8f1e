"""One vendor request with the world that it belongs to, as it may see it: closed where its token died or its quota is spent."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mock_oms.api.exchange import ReadableWorld
from mock_oms.api.failures import SLOW, TOKENS
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.fields import write_duration
from mock_oms.server.asgi.connection import Scope
from mock_oms.server.asgi.journal_record import JournalRecord
from mock_oms.server.asgi.request import HeaderFields
from mock_oms.switches import Switches
from mock_oms.traffic.faults.active import FaultOccasion, MetFault
from mock_oms.traffic.faults.fault import Delay, Effect
from mock_oms.traffic.faults.limits import Expiry
from mock_oms.traffic.journal.journal import Journal
from mock_oms.urls import Operation
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT
from mock_oms.worlds.view import WorldView
from mock_oms.worlds.world_header import WorldHeader

if TYPE_CHECKING:
    from collections.abc import Sequence


class WatchedView:
    """A reading that remembers what was asked of it: `rows` are the ids that were shown, of page `page` in `size`."""

    def __init__(self, reading: WorldView) -> None:
        self.reading = reading
        self.rows: Sequence[int] = ()
        self.page_asked = self.size = 0

    @property
    def answers(self) -> Switches:
        """The same as of the view, remembered."""
        return self.reading.answers

    @property
    def line(self) -> WorldHeader | None:
        """The same as of the view, remembered."""
        return self.reading.line

    @property
    def count(self) -> int:
        """The same as of the view, remembered."""
        return self.reading.count

    def page(self, number: int, size: int) -> list[bytes]:
        """The same as of the view, remembered."""
        self.page_asked, self.size = number, size
        self.rows = self.reading.rows(number, size)
        return self.reading.written(self.rows)

    def detail(self, plan_id: int) -> bytes | None:
        """The same as of the view, remembered."""
        self.rows = (plan_id,)
        return self.reading.detail(plan_id)

    def last_row_before(self) -> bytes | None:
        """The last row of the page before the one that was asked for."""
        if self.page_asked <= 1:
            return None
        return self.reading.written(self.reading.rows(self.page_asked - 1, self.size)[-1:])[0]


@dataclass(slots=True)
class RequestWorlds:
    """One request's worlds. `lease` is of the world that its token names, `now` the world time there on arrival.

    What the limits say is asked once, and then stands: it counts the request.
    """

    simulation: WorldManager
    token: str | None
    lease: Lease | None
    now: datetime
    witness: WatchedView | None = None
    alive: bool | None = None
    waits: tuple[int | None] | None = None

    def passes(self) -> bool:
        """Whether the limits let it pass; this counts it."""
        return self._lives() and self.wait() is None

    def reading(self, token: str) -> ReadableWorld | None:
        """The world of the request's token at one instant; None where there is none, or the token has died."""
        if self.lease is None or not self._lives():
            return None
        if token not in {self.lease.token, SLOW}:
            return None
        self.witness = WatchedView(self.lease.world.reading())
        return self.witness

    def default(self) -> ReadableWorld:
        """The default world, for whoever names none; a token that has died is refused as its own world refuses one."""
        own = self.lease if self.lease and self.lease.token == self.token else None
        self.witness = WatchedView(own.world.reading() if own else self.simulation.default())
        return self.witness

    def login(self, username: str, password: str) -> str | None:
        """The token for a user, which lives anew; None where the password is wrong."""
        token = self.simulation.login(username, password)
        if token is not None and self.lease is not None:
            self.lease.traffic.renew(self.now)
        return token

    def wait(self) -> int | None:
        """Seconds to wait until the quota allows another request; None: it allows this one."""
        if self.waits is None:
            self.waits = (self.lease.traffic.wait(self.now, self.lease.world.rate) if self.lease else None,)
        return self.waits[0]

    def login_wait(self) -> int | None:
        """Seconds that a login must wait, or None where it may go on."""
        return self.lease.traffic.login_wait(self.now, self.lease.world.rate) if self.lease else None

    @property
    def answers(self) -> Switches:
        """The switches of the world that answers."""
        lease = self.lease or self.simulation.lease(DEFAULT)
        return lease.world.origin.scenario.answers

    @property
    def limit(self) -> str | None:
        """Which limit refused the request, in words; None where none did."""
        if self.lease is None:
            return None
        limits = self.lease.traffic.limits
        if self.alive is False and limits.token is not None:
            return f"tokens live for {_life(limits.token)}"
        if self.waits not in {None, (None,)} and limits.quota is not None:
            return f"the quota of {limits.quota.limit} requests in {write_duration(limits.quota.window)}"
        return None

    def _lives(self) -> bool:
        if self.alive is None:
            self.alive = self.lease is None or self.lease.traffic.admits(self.now)
        return self.alive


def _life(expiry: Expiry) -> str:
    return f"{expiry.requests} requests" if expiry.after is None else write_duration(expiry.after)


#: How late the answers of the token `fail-slow` come: later than the patience of most clients.
SLOW_TOKEN_DELAY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRequest:
    """A request that no kept bytes have answered at once. `gate.lease` None: nobody knows whose affair it is.

    `started` is a reading of the performance counter.
    """

    scope: Scope
    fields: HeaderFields
    body: bytes
    gate: RequestWorlds
    record: JournalRecord
    started: float

    @property
    def lease(self) -> Lease | None:
        """The lease of its world."""
        return self.gate.lease

    @property
    def journal(self) -> Journal:
        """Where it is written down."""
        return journal_of(self.gate.simulation, self.gate.lease)

    def met(self, late: timedelta = SLOW_TOKEN_DELAY) -> MetFault | None:
        """The fault that it meets.

        A magic token meets its own, if any, and no other; that of the slow one is `late`.
        """
        if self.gate.token in TOKENS:
            slow = Effect(delay=Delay(fixed=late))
            return MetFault(id=0, effect=slow, delay=late.total_seconds()) if self.gate.token == SLOW else None
        if self.lease is None or self.lease.traffic.is_quiet:
            return None
        record, aim = self.record, self.record.aim
        return self.lease.traffic.met(
            FaultOccasion(
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


def journal_of(simulation: WorldManager, lease: Lease | None) -> Journal:
    """The journal of a world, or that of the requests which name none."""
    return simulation.strangers if lease is None else lease.traffic.journal


def lease_for(
    simulation: WorldManager, token: str | None, arrived: datetime, operation: Operation | None, body: bytes
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
