"""The stream of what happens in a world, from any position on: its requests, the transitions of plans, and the world itself."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from mock_oms.dataclass import dataclass
from mock_oms.domain import listing
from mock_oms.domain.plan import Step
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.open_world import Instant

#: The form of a position, as text.
POSITION = "([0-9a-f]{8})-([0-9]{1,15})[.]([0-9]{1,15})[.]([0-9]{1,15})"

#: The word for the position after everything that has happened.
NOW = "now"
#: Steps that are fetched at once, in an instant.
FAR_BEHIND = 20_000
#: Bytes of requests of which events are made in an instant; each is searched for secrets.
HEAVY = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPosition:
    """A position in the stream of a world: after so many requests, and so many steps in this life of it.

    `mark` is the lease's; no other world, and no other process, has the same places.
    """

    mark: str
    requests: int = 0
    life: int = 0
    steps: int = 0

    def __str__(self) -> str:
        return f"{self.mark}-{self.requests}.{self.life}.{self.steps}"

    @classmethod
    def parse(cls, text: str) -> "StreamPosition | None":
        """The position that a text names; None where it names none."""
        found = re.fullmatch(POSITION, text)
        if found is None:
            return None
        requests, life, steps = map(int, found.groups()[1:])
        return cls(mark=found[1], requests=requests, life=life, steps=steps)


@dataclass(frozen=True, slots=True)
class PlanMoved:
    """A step of a plan."""

    plan: int
    step: Step


@dataclass(frozen=True, slots=True)
class RequestsLost:
    """So many requests are no longer there: the journal had to make room, or was cleared."""

    requests: int


@dataclass(frozen=True, slots=True)
class WorldChanged:
    """The world is no longer what the reader was told of it; `instant` is what it is now."""

    lease: Lease
    instant: Instant


@dataclass(frozen=True, slots=True)
class StreamItem:
    """Something that happened; a reader that goes on after `place` has had it."""

    place: StreamPosition
    what: JournalEntry | PlanMoved | RequestsLost | WorldChanged


class EventStream:
    """One reader of what happens in a world; it holds only what it is about to send. One thread at a time uses it.

    Without a place it begins with all that there is. So it does after a place of another world; after one of another
    life of the same world, with all transitions of this one.
    """

    def __init__(self, lease: Lease, place: StreamPosition | None = None) -> None:
        self.lease, self.journal = lease, lease.traffic.journal
        known = place if place is not None and place.mark == lease.mark else None
        latest = lease.world.latest
        steps = latest.world.steps_since(lease.world.beginning)
        sent = min(known.steps, len(steps)) if known is not None and known.life == latest.life else 0
        self._seen, self._steps = latest.world, deque(steps[sent:])
        requests = self.journal.gone if known is None else min(known.requests, self.journal.appended)
        self.place = StreamPosition(mark=lease.mark, requests=requests, life=latest.life, steps=sent)
        self._told: tuple[object, ...] = ()

    @classmethod
    def from_now(cls, lease: Lease) -> "EventStream":
        """A reader of what happens next."""
        latest = lease.world.latest
        steps = len(latest.world.steps_since(lease.world.beginning))
        requests = lease.traffic.journal.appended
        return cls(lease, StreamPosition(mark=lease.mark, requests=requests, life=latest.life, steps=steps))

    @property
    def is_overtaken(self) -> bool:
        """Whether requests are gone that it has not sent."""
        return self.journal.gone > self.place.requests

    def takes_long(self, limit: int) -> bool:
        """Whether to fetch the next things does: a world has taken very many steps, or much was sent in the requests."""
        latest = self.lease.world.latest
        known = self._seen if latest.life == self.place.life else self.lease.world.beginning
        steps = len(latest.world.contents.chronicle) - len(known.contents.chronicle)
        return steps > FAR_BEHIND or self.journal.weight_after(self.place.requests, limit) > HEAVY

    def next(self, limit: int) -> list[StreamItem]:
        """At most so many of the things that have happened, oldest first in world time; they count as sent.

        What is no longer there comes first, as one `RequestsLost`.
        """
        latest = self.lease.world.latest
        if latest.life != self.place.life:  # all steps of the new life
            self._steps.clear()
            self._seen = self.lease.world.beginning
            self.place = replace(self.place, life=latest.life, steps=0)
        if latest.world.contents is not self._seen.contents:
            self._steps.extend(latest.world.steps_since(self._seen))
        self._seen = latest.world
        return list(islice(self._merged(*self.journal.after(self.place.requests, limit)), limit))

    def changed(self) -> list[StreamItem]:
        """The world as it is now, if this reader was not told of it yet, or of another; it counts as sent.

        It has changed when its clock was set, or its events, plans, faults, limits or life are others; not because
        time goes by, or a request came. It is no part of the past: a reader that goes on is told of it anew.
        """
        instant, traffic = self.lease.world.seen(), self.lease.traffic
        world = instant.world
        faults = [one.id for one in traffic.active(world.now)]
        counts = len(instant.log), listing.count(world), len(world.missed)
        now = (instant.life, instant.clock, counts, faults, traffic.limits, self.lease.ttl)
        before, self._told = self._told, now
        return [] if now == before else [StreamItem(self.place, WorldChanged(self.lease, instant))]

    def _merged(self, missing: int, entries: tuple[JournalEntry, ...]) -> Iterator[StreamItem]:
        """Each request after the steps that were taken up to it, and the steps after the last one."""
        if missing:
            self.place = replace(self.place, requests=self.place.requests + missing)
            yield StreamItem(self.place, RequestsLost(missing))
        for entry in (*entries, None):
            while self._steps and (entry is None or self._steps[0][1].at <= entry.at):
                plan, step = self._steps.popleft()
                self.place = replace(self.place, steps=self.place.steps + 1)
                yield StreamItem(self.place, PlanMoved(plan, step))
            if entry is not None:
                self.place = replace(self.place, requests=self.place.requests + 1)
                yield StreamItem(self.place, entry)
