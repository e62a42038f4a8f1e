"""One vendor request with the worlds as it may see them: its own is closed where its token expired or its quota is spent."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mock_oms.api.exchange import ReadableWorld
from mock_oms.api.failing_tokens import SLOW, TOKENS
from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.fields import write_duration
from mock_oms.server.asgi.cached_answers import Key
from mock_oms.server.asgi.request import JournalRecord
from mock_oms.switches import Switches
from mock_oms.traffic.faults.active import FaultOccasion, MetFault
from mock_oms.traffic.faults.fault import Delay, Effect
from mock_oms.traffic.journal.journal import Journal
from mock_oms.urls import Operation
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT
from mock_oms.worlds.view import WorldView

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How late the answers of the token `fail-slow` come: later than the patience of most clients.
SLOW_TOKEN_DELAY = timedelta(seconds=10)


class WatchedView:
    """A view that remembers what it has shown: `rows` are the ids of plans, of page `number` in `size`."""

    def __init__(self, view: WorldView) -> None:
        self.view, self.answers, self.line = view, view.answers, view.line
        self.rows: Sequence[int] = ()
        self.number = self.size = 0

    @property
    def count(self) -> int:
        """How many plans the list holds."""
        return self.view.count

    def page(self, number: int, size: int) -> list[bytes]:
        """Show a page of the list."""
        self.number, self.size = number, size
        self.rows = self.view.rows(number, size)
        return self.view.written(self.rows)

    def detail(self, plan_id: int) -> bytes | None:
        """Show one plan."""
        self.rows = (plan_id,)
        return self.view.detail(plan_id)

    def last_row_before(self) -> bytes | None:
        """The last row of the page before the one that was shown."""
        if self.number <= 1:
            return None
        return self.view.written(self.view.rows(self.number - 1, self.size)[-1:])[0]


@dataclass(slots=True, kw_only=True)
class VendorRequest:
    """A request that no cached bytes have answered at once, with the worlds as it may see them.

    `lease` is of the world that it concerns, None where it concerns none, and `key` is what its answer is cached under,
    None where it is not; `state` is that of its plan, where a fault depends on it. Worlds are read as they are seen: the
    steps that are due were taken before. To look at the limits counts the request; so what they said is remembered in `alive` and `waits`.
    """

    manager: WorldManager
    token: str | None
    key: Key | None
    body: bytes
    lease: Lease | None
    journal: Journal
    record: JournalRecord
    view: WatchedView | None = None
    state: State | None = None
    alive: bool | None = None
    waits: tuple[int | None] | None = None

    def passes(self) -> bool:
        """Whether the limits let it pass; this counts it."""
        return self._lives() and self.wait() is None

    def _lives(self) -> bool:
        if self.alive is None:
            self.alive = self.lease is None or self.lease.traffic.admits(self.record.at)
        return self.alive

    def reading(self, token: str) -> ReadableWorld | None:
        """The world of the request's token at one instant; None where there is none, or the token has expired."""
        if self.lease is None or not self._lives() or token not in {self.lease.token, SLOW}:
            return None
        self.view = WatchedView(self.lease.world.seen_reading())
        return self.view

    def default(self) -> ReadableWorld:
        """The default world, for whoever names none; a token that has expired is refused as its own world refuses one."""
        own = self.lease if self.lease and self.lease.token == self.token else None
        self.view = WatchedView((own or self.manager.lease(DEFAULT)).world.seen_reading())
        return self.view

    def login(self, username: str, password: str) -> str | None:
        """The token for a user, which is renewed; None where the password is wrong."""
        token = self.manager.login(username, password)
        if token is not None and self.lease is not None:
            self.lease.traffic.renew(self.record.at)
        return token

    def wait(self) -> int | None:
        """Seconds to wait until the quota allows another request; None: it allows this one."""
        if self.waits is None:
            self.waits = (self._limit_wait(),)
        return self.waits[0]

    def login_wait(self) -> int | None:
        """Seconds that a login must wait, or None where it may go on."""
        return self._limit_wait(login=True)

    def _limit_wait(self, *, login: bool = False) -> int | None:
        lease = self.lease
        return lease.traffic.wait(self.record.at, lease.world.rate, login=login) if lease else None

    @property
    def answers(self) -> Switches:
        """The switches of the world that answers."""
        lease = self.lease or self.manager.lease(DEFAULT)
        return lease.world.origin.scenario.answers

    @property
    def limit(self) -> str | None:
        """Which limit refused the request, in words; None where none did."""
        if self.lease is None:
            return None
        limits = self.lease.traffic.limits
        if self.alive is False and limits.token is not None:
            after = limits.token.after
            return f"tokens live for {f'{limits.token.requests} requests' if after is None else write_duration(after)}"
        if self.waits not in {None, (None,)} and limits.quota is not None:
            return f"the quota of {limits.quota.limit} requests in {write_duration(limits.quota.window)}"
        return None

    @property
    def needs_state(self) -> bool:
        """Whether what it meets depends on the state of its plan."""
        faults = () if self.lease is None or self.record.target.plan is None else self.lease.traffic.faults
        return any(one.fault.when.state is not None for one in faults)

    def look_at_plan(self) -> None:
        """Look at the plan, for its `state`."""
        plan, lease = self.record.target.plan, self.lease
        found = lease.world.seen().world.find(plan) if lease and plan is not None else None
        self.state = found[0].state if found else None

    def met(self, late: timedelta = SLOW_TOKEN_DELAY) -> MetFault | None:
        """The fault that it meets.

        A magic token meets its own, if any, and no other; that of the slow one is `late`.
        """
        if self.token in TOKENS:
            slow = Effect(delay=Delay(fixed=late))
            return MetFault(id=0, effect=slow, delay=late.total_seconds()) if self.token == SLOW else None
        lease, target = self.lease, self.record.target
        if lease is None or lease.traffic.is_quiet:
            return None
        return lease.traffic.met(
            FaultOccasion(
                operation=target.operation,
                plan=target.plan,
                page=target.page,
                number=self.record.number,
                now=self.record.at,
                state=lambda: self.state,
            )
        )


def lease_for(
    manager: WorldManager, token: str | None, arrived: datetime, operation: Operation | None, body: bytes
) -> Lease | None:
    """Which world a request concerns: its token's; the default one for magic tokens and where nobody needs a token.

    A login concerns the world whose name is the user's, or the default one.
    """
    lease = manager.lease_of_token(token, arrived) if token else None
    if lease is not None:
        return lease
    if operation is Operation.LOGIN:
        return manager.lease_of_user(_user_in(body))
    default = manager.lease(DEFAULT)
    anybody = default.world.origin.scenario.answers.auth == "off"
    return default if anybody or token in TOKENS else None


def _user_in(body: bytes) -> str:
    """The user name in the body of a login, JSON or form; empty where there is none that can be read at a glance."""
    try:
        data = json.loads(body)
        name = data.get("username") if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        name = parse_qs(body.decode("latin-1")).get("username", [""])[-1]
    return name.strip() if isinstance(name, str) else ""
