"""The faults, the limits and the journal of one world."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from threading import Lock

from mock_oms.traffic.faults.active import ActiveFault, ActiveFaults, FaultOccasion, MetFault, UnknownFaultError
from mock_oms.traffic.faults.fault import Fault
from mock_oms.traffic.faults.limits import LimitCounter, Limits, retry_after
from mock_oms.traffic.journal.journal import Journal, JournalSpace
from mock_oms.worlds.store import FaultsAndLimits, Log, WorldOrigin

#: Faults that are active in a world at once; each request is compared with every one of them.
MAX_FAULTS = 100


class TooManyFaultsError(Exception):
    """A world takes no more faults."""


class Traffic:
    """Faults, limits and journal of one world; threads may share it.

    It begins with what its scenario says, to which a reset returns. `is_quiet`: no fault and no limit can touch an
    answer. Faults and limits that are set are in `log` before any request meets them; where they cannot be written
    (`mock_oms.worlds.store.CannotWriteError`), all is as it was.
    """

    def __init__(self, origin: WorldOrigin, log: Log | None = None, space: JournalSpace | None = None) -> None:
        self.journal = Journal(space=space)
        self._origin = origin
        self._log = log or Log()
        # A change holds the first lock while it is written; requests wait for the second alone.
        self._setting, self._lock = Lock(), Lock()
        self._begin()

    def _begin(self) -> None:
        document, start = self._origin.scenario.document, self._origin.start
        self._put(document.active_faults(start), LimitCounter(limits=document.limits, since=start))

    def _put(self, faults: ActiveFaults, counter: LimitCounter) -> None:
        self._faults, self._counter = faults, counter
        self.is_quiet = not faults.active and counter.limits == Limits()

    def go_on(self, stored: FaultsAndLimits | None, now: datetime) -> None:
        """Be as an earlier process has left it; use of the limits is counted anew from this time."""
        with self._lock:
            limits = stored.limits if stored else self._counter.limits
            self._put(stored.faults if stored else self._faults, LimitCounter(limits=limits, since=now))

    def restart(self, world: Callable[[], object] = lambda: None, origin: WorldOrigin | None = None) -> None:
        """Return to the faults and limits of the beginning, once the `world` has; the journal counts from 1 again.

        Where an `origin` is given, they are those of its scenario from now on. Where the world raises, nothing changes.
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
            faults, met = self._faults.decided(self._origin.seed, occasion)
            self._put(faults, self._counter)
            return met

    def returned(self, fault: int) -> None:
        """A fault could not be performed, because the answer was no success: it was not met after all."""
        with self._lock:
            self._faults = self._faults.returned(fault)

    def admits(self, now: datetime) -> bool:
        """Whether the token still lives; this counts as one request."""
        with self._lock:
            self._counter, alive = self._counter.token_alive(now)
            return alive

    def renew(self, now: datetime) -> None:
        """A login: the token lives anew."""
        with self._lock:
            self._counter = self._counter.renewed(now)

    def wait(self, now: datetime, rate: float, *, login: bool = False) -> int | None:
        """Seconds to wait until another request, or login, is allowed; None: this one is, and it counts."""
        with self._lock:
            self._counter, wait = self._counter.wait(now, login=login)
            return None if wait is None else retry_after(wait, rate)

    # Control

    @property
    def faults(self) -> tuple[ActiveFault, ...]:
        """The active faults, the oldest first; one whose time is over is among them until a request comes."""
        return self._faults.active

    def active(self, now: datetime) -> tuple[ActiveFault, ...]:
        """The faults that are active at this world time, the oldest first."""
        return tuple(one for one in self._faults.active if not one.has_ended(now))

    @property
    def limits(self) -> Limits:
        """The limits that apply."""
        return self._counter.limits

    def add(
        self, faults: Iterable[Fault], now: datetime, origin: str, limits: Limits | None = None
    ) -> list[ActiveFault]:
        """Add faults, all of them or none, and set limits, where some are given.

        :raises TooManyFaultsError: more would be active than `MAX_FAULTS`.
        """
        found = tuple(faults)

        def more(before: ActiveFaults) -> ActiveFaults:
            for fault in found:
                before = before.added(fault, now, origin)
            if len(before.active) > MAX_FAULTS:
                stand = f"{len(self._faults.active)} faults stand in this world"
                raise TooManyFaultsError(f"{stand}, and it takes {MAX_FAULTS}; take some away first.")
            return before

        return self._set(more, limits, now)

    def remove(self, fault: int) -> None:
        """Remove a fault.

        :raises mock_oms.traffic.faults.active.UnknownFaultError: there is none of this number.
        """
        self._set(lambda faults: faults.removed(fault))

    def clear(self) -> None:
        """Remove all faults."""
        self._set(ActiveFaults.cleared)

    def limit(self, limits: Limits, now: datetime) -> None:
        """Set other limits; what was counted under the old ones is forgotten."""
        self._set(lambda faults: faults, limits, now)

    def _set(
        self, change: Callable[[ActiveFaults], ActiveFaults], limits: Limits | None = None, now: datetime | None = None
    ) -> list[ActiveFault]:
        """Write the change down, then make it; requests may have counted, or ended a fault, meanwhile. What is new."""
        with self._setting:
            self._log.append(FaultsAndLimits(faults=change(self._faults), limits=limits or self._counter.limits))
            with self._lock:
                faults, counter = self._faults, self._counter
                first = faults.next_id
                with suppress(UnknownFaultError):  # it has ended while its removal was written
                    faults = change(faults)
                if limits is not None:
                    counter = LimitCounter(limits=limits, since=now or counter.since)
                self._put(faults, counter)
                return [one for one in faults.active if one.id >= first]
