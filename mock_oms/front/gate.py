"""The worlds as one request may see them: its own at one instant, closed where its token died or its quota is spent."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mock_oms.answers import Answers
from mock_oms.faults.limits import Expiry
from mock_oms.line import Line
from mock_oms.reading import Reading
from mock_oms.registry import Lease
from mock_oms.scenario.fields import write_duration
from mock_oms.simulation import Simulation
from mock_oms.store import DEFAULT
from mock_oms.web.magic import SLOW
from mock_oms.web.worlds import ReadableWorld

if TYPE_CHECKING:
    from collections.abc import Sequence


class Witness:
    """A reading that remembers what was asked of it: `rows` are the ids that were shown, of page `page` in `size`."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.rows: Sequence[int] = ()
        self.page_asked = self.size = 0

    @property
    def answers(self) -> Answers:
        """As the reading's."""
        return self.reading.answers

    @property
    def line(self) -> Line | None:
        """As the reading's."""
        return self.reading.line

    @property
    def count(self) -> int:
        """As the reading's."""
        return self.reading.count

    def page(self, number: int, size: int) -> list[bytes]:
        """As the reading's."""
        self.page_asked, self.size = number, size
        self.rows = self.reading.rows(number, size)
        return self.reading.written(self.rows)

    def detail(self, plan_id: int) -> bytes | None:
        """As the reading's."""
        self.rows = (plan_id,)
        return self.reading.detail(plan_id)

    def last_row_before(self) -> bytes | None:
        """The last row of the page before the one that was asked for."""
        if self.page_asked <= 1:
            return None
        return self.reading.written(self.reading.rows(self.page_asked - 1, self.size)[-1:])[0]


@dataclass(slots=True)
class Gate:
    """One request's worlds. `lease` is of the world that its token names, `now` the world time there on arrival.

    What the limits say is asked once, and then stands: it counts the request.
    """

    simulation: Simulation
    token: str | None
    lease: Lease | None
    now: datetime
    witness: Witness | None = None
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
        self.witness = Witness(self.lease.world.reading())
        return self.witness

    def default(self) -> ReadableWorld:
        """The default world, for whoever names none; a token that has died is refused as its own world refuses one."""
        own = self.lease if self.lease and self.lease.token == self.token else None
        self.witness = Witness(own.world.reading() if own else self.simulation.default())
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
        """The same for logins."""
        return self.lease.traffic.login_wait(self.now, self.lease.world.rate) if self.lease else None

    @property
    def answers(self) -> Answers:
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
