"""What surrounds the answers of one world: its faults, its limits and its journal."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from threading import Lock

from mock_oms.metrics import Metrics
from mock_oms.traffic.faults.active import ActiveFault, ActiveFaults, FaultOccasion, MetFault, UnknownFaultError
from mock_oms.traffic.faults.fault import Fault
from mock_oms.traffic.faults.limits import LimitCounter, Limits, retry_after
from mock_oms.traffic.journal.journal import Journal
from mock_oms.worlds.store import FaultsAndLimits, Log, MemoryLog, WorldOrigin

#: ActiveFaults that stand in a world at once; each request is held against every one of them.
MAX_FAULTS = 100


class TooManyFaultsError(Exception):
    """A world takes no more faults."""

    def __init__(self, standing: int) -> None:
        super().__init__(f"{standing} faults stand in this world, and it takes {MAX_FAULTS}; take some away first.")


class Traffic:
    """ActiveFaults, limits and journal of one world; threads may share it.

    What it begins with is what a reset returns to. `is_quiet`: nothing stands in the way of an answer. What is set is
    in `log` before anybody meets it; where it cannot be written (`mock_oms.worlds.store.CannotWriteError`), all is as it was.
    """

    def __init__(self, origin: WorldOrigin, log: Log | None = None, meters: Metrics | None = None) -> None:
        self.journal = Journal(meters=meters)
        self.is_quiet = True
        self._origin = origin
        self._log = log or MemoryLog()
        # Whoever sets something holds the first while it is written; requests wait for the second alone.
        self._setting, self._lock = Lock(), Lock()
        self._begin()

    def _begin(self) -> None:
        document, start = self._origin.scenario.document, self._origin.start
        self._faults = document.standing(start)
        self._meter = LimitCounter(limits=document.limits, since=start)
        self._look()

    def _look(self) -> None:
        self.is_quiet = not self._faults.standing and self._meter.limits == Limits()

    def go_on(self, kept: FaultsAndLimits | None, now: datetime) -> None:
        """Be as an earlier process has left it; what has been used of the limits is counted anew from this time."""
        with self._lock:
            self._faults = kept.faults if kept else self._faults
            self._meter = LimitCounter(limits=kept.limits if kept else self._meter.limits, since=now)
            self._look()

    def restart(self, world: Callable[[], object] = lambda: None, origin: WorldOrigin | None = None) -> None:
        """Return to the faults and limits of the beginning, once the `world` has; the journal counts from 1 again.

        Where an `origin` is given, that is where they begin from now on. Where the world raises, nothing has changed.
        """
        with self._setting:
            world()
            with self._lock:
                self._origin = origin or self._origin
                self._begin()
                self.journal.restart()

    # Requests

    def met(self, occasion: FaultOccasion) -> MetFault | None:
        """The fault that a request meets, if any."""
        with self._lock:
            self._faults, met = self._faults.decided(self._origin.seed, occasion)
            self._look()
            return met

    def returned(self, fault: int) -> None:
        """A fault could not be performed, because the answer was no success: it was not met after all."""
        with self._lock:
            self._faults = self._faults.returned(fault)

    def admits(self, now: datetime) -> bool:
        """Whether the token still lives; this counts as one request."""
        with self._lock:
            self._meter, alive = self._meter.token_alive(now)
            return alive

    def renew(self, now: datetime) -> None:
        """Somebody has logged in: the token lives anew."""
        with self._lock:
            self._meter = self._meter.renewed(now)

    def wait(self, now: datetime, rate: float) -> int | None:
        """Seconds to wait until the quota allows another request; None: it allows this one, and counts it."""
        with self._lock:
            self._meter, wait = self._meter.quota_wait(now)
            return None if wait is None else retry_after(wait, rate)

    def login_wait(self, now: datetime, rate: float) -> int | None:
        """Seconds to wait until another login is allowed; None allows this one and counts it."""
        with self._lock:
            self._meter, wait = self._meter.login_wait(now)
            return None if wait is None else retry_after(wait, rate)

    # Control

    @property
    def faults(self) -> tuple[ActiveFault, ...]:
        """The faults that stand, the oldest first; one whose time is over is among them until a request comes."""
        return self._faults.standing

    def standing(self, now: datetime) -> tuple[ActiveFault, ...]:
        """The faults that stand at this world time, the oldest first."""
        return tuple(one for one in self._faults.standing if not one.has_ended(now))

    @property
    def limits(self) -> Limits:
        """The limits that hold."""
        return self._meter.limits

    def add(
        self, faults: Iterable[Fault], now: datetime, origin: str, limits: Limits | None = None
    ) -> list[ActiveFault]:
        """Let faults stand from now on, all of them or none, and these limits hold, where some are given.

        :raises TooManyFaultsError: more would stand than `MAX_FAULTS`.
        """
        found = tuple(faults)

        def more(before: ActiveFaults) -> ActiveFaults:
            for fault in found:
                before = before.added(fault, now, origin)
            if len(before.standing) > MAX_FAULTS:
                raise TooManyFaultsError(len(self._faults.standing))
            return before

        with self._setting:
            first = self._faults.next_id
            self._set(more, limits, now)
            return [one for one in self._faults.standing if one.id >= first]

    def remove(self, fault: int) -> None:
        """Take a fault away.

        :raises mock_oms.traffic.faults.active.UnknownFaultError: there is none of this number.
        """
        with self._setting:
            self._set(lambda faults: faults.removed(fault))

    def clear(self) -> None:
        """Take all faults away."""
        with self._setting:
            self._set(ActiveFaults.cleared)

    def limit(self, limits: Limits, now: datetime) -> None:
        """Let other limits hold from now on; what was counted under the old ones is forgotten."""
        with self._setting:
            self._set(lambda faults: faults, limits, now)

    def _set(
        self, change: Callable[[ActiveFaults], ActiveFaults], limits: Limits | None = None, now: datetime | None = None
    ) -> None:
        """Write down what is to hold, then let it hold; requests may have counted, or ended a fault, meanwhile."""
        self._log.append(FaultsAndLimits(faults=change(self._faults), limits=limits or self._meter.limits))
        with self._lock:
            with suppress(UnknownFaultError):  # it has ended while its removal was written
                self._faults = change(self._faults)
            if limits is not None:
                self._meter = LimitCounter(limits=limits, since=now or self._meter.since)
            self._look()
