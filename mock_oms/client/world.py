"""One world: its time, plans, events, stream and snapshots; faults and requests are in `mock_oms.client.traffic`."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mock_oms.client import arguments
from mock_oms.client.connection import Connection
from mock_oms.client.errors import WishError, is_refusal
from mock_oms.client.traffic import TrafficMethods
from mock_oms.contract.control_bodies import (
    AttemptPage,
    ClockFacts,
    Explanation,
    Happened,
    Json,
    LoggedEvent,
    Ordered,
    PlanPage,
    ProfileFacts,
    Ran,
    StockPage,
    TimelinePage,
    Transition,
    WorldFacts,
    WorldLifecycle,
    read,
)
from mock_oms.dataclass import dataclass
from mock_oms.traffic.journal.entry import JournalEntry

__tracebackhide__ = is_refusal


class Turned(tuple[Transition, ...]):  # noqa: SLOT001  a tuple's slots must be empty
    """The transitions that a change of the clock caused, oldest first; it has shown `now`, at `rate`, since."""

    now: datetime
    rate: float

    @classmethod
    def read(cls, json: Json) -> "Turned":
        """From JSON."""
        turned, clock = cls(map(Transition.read, json["transitions"])), ClockFacts.read(json)
        turned.now, turned.rate = clock.now, clock.rate
        return turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A vendor request was answered; `id` is where a stream goes on after it."""

    id: str
    request: JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A plan went from one state to another."""

    id: str
    transition: Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """So many requests are missing: the journal had dropped them already."""

    id: str
    requests: int


Streamed = Requested | Moved | Lost
_KINDS: Mapping[str, Callable[[str, Json], Streamed]] = {
    "request": lambda place, json: Requested(id=place, request=read(JournalEntry, json)),
    "transition": lambda place, json: Moved(id=place, transition=Transition.read(json)),
    "lost": lambda place, json: Lost(id=place, requests=json["requests"]),
}


def streamed(lines: Iterable[str]) -> Iterator[Streamed]:
    """The events that the lines of a stream make; kinds of event that are not known here are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not line:
            if fields.get("event") in _KINDS:
                yield _KINDS[fields["event"]](fields["id"], json.loads(fields["data"]))
            fields = {}


class World(TrafficMethods, AbstractContextManager["World"]):
    """A world that is open; as a context manager it is closed at the end.

    `url` and `token` are for the system under test; `transitions` are those that this object caused, oldest first.
    Every method raises `mock_oms.client.errors.ClientError` where the control API refuses or does not answer; what
    cannot even be sent is a `WishError`, which is a `ValueError` too. `before_close` is called before `close` asks.
    """

    def __init__(self, connection: Connection, facts: WorldFacts) -> None:
        super().__init__(connection, "worlds", facts.name)
        self.name, self.token, self.scenario, self.seed = facts.name, facts.token, facts.scenario, facts.seed
        self.transitions: tuple[Transition, ...] = ()
        self.before_close: Callable[[World], object] | None = None

    @property
    def url(self) -> str:
        """The address of the vendor's API."""
        return self._connection.url

    @property
    def ca(self) -> Path | None:
        """The file of the authority to trust, where one was named for an address with https."""
        return self._connection.ca

    @property
    def headers(self) -> dict[str, str]:
        """What a request to the vendor's API must carry to see this world."""
        return {"Authorization": f"Token {self.token}"}

    @property
    def now(self) -> datetime:
        """What the world's clock shows."""
        return self.clock.now

    @property
    def clock(self) -> ClockFacts:
        """What the world's clock shows, and how fast it runs."""
        return ClockFacts.read(self._ask("GET", "clock", slow=True))

    def facts(self) -> WorldFacts:
        """The world from outside."""
        return WorldFacts.read(self._ask("GET"))

    def profiles(self) -> tuple[ProfileFacts, ...]:
        """The profiles of faults and limits that can be added here, as in `fault(profile="flaky")`."""
        found = self._connection.ask("GET", "profiles", query={"world": self.name})
        return tuple(map(ProfileFacts.read, found["profiles"]))

    # Time

    def advance(
        self,
        by: str | float | timedelta | None = None,
        *,
        until: tuple[int, str] | None = None,
        within: str | float | timedelta | None = None,
    ) -> Turned:
        """Turn the clock forward by a duration (`30m`, seconds, timedelta), or until a plan is in one (`within` 24 hours by default)."""
        if (by is None) == (until is None):
            raise WishError('Say by how much, as in advance("30m"), or until when, as in until=(41207, "completed").')
        body = {
            "by": arguments.duration(by),
            "until": None if until is None else arguments.goal(until),
            "within": arguments.duration(within),
        }
        return self._turned("POST", "clock", "advance", body=arguments.without_none(body))

    def advance_to(self, moment: datetime) -> Turned:
        """Turn the clock forward to a time."""
        return self._turned("PATCH", "clock", body={"now": arguments.moment(moment)})

    def run_at(self, rate: float) -> Turned:
        """Let the clock run: 1 is real time, 60 a minute a second; from 0 to 86400."""
        return self._turned("PATCH", "clock", body={"rate": arguments.rate(rate)})

    def freeze(self) -> Turned:
        """Stop the clock."""
        return self.run_at(0)

    # Plans

    def plans(
        self, *, state: str | None = None, search: str | int | None = None, limit: int = 100, offset: int = 0
    ) -> PlanPage:
        """Plans in the order of the vendor's list: all, those in one state, those that a search finds, or both.

        Digits find the plan with this id and those of the order with this id or number; other text, and digits that
        number nothing, those with an item whose SKU has it in it. Of a backlog only the newest 2,000 are looked at, and `looked_at`
        counts with them.
        """
        query = arguments.without_none({"limit": limit, "offset": offset, "state": state, "search": search})
        return PlanPage.read(self._ask("GET", "plans", query=query))

    def attempts(self, plan: int, *, limit: int = 100, offset: int = 0) -> AttemptPage:
        """The attempts to place a plan's items, the newest first, with what each saw of the stock."""
        return AttemptPage.read(self._ask("GET", "plans", plan, "attempts", query={"limit": limit, "offset": offset}))

    def vendor_plan(self, plan: int) -> dict[str, Any]:
        """A plan as the vendor's API would answer it now; it is no request of the journal, and no fault is in its way."""
        return dict(self._ask("GET", "plans", plan, "vendor"))

    def lifecycle(self) -> WorldLifecycle:
        """The states and transitions of plans, with how many plans are where, and how often each way was taken."""
        return WorldLifecycle.read(self._ask("GET", "lifecycle"))

    def plan(self, plan: int) -> Explanation:
        """A plan, its history with causes, its items with their places, and what its next step waits for."""
        return Explanation.read(self._ask("GET", "plans", plan))

    def complete(self, plan: int) -> Ran:
        """Complete a pending plan now, by manual planning (`plan-complete`): every item gets a place, in stock or not.

        A plan that was not tried yet is refused, for it becomes pending at its first attempt: advance the clock first.
        """
        return self.run(plan, "plan-complete")

    def cancel(self, plan: int) -> Ran:
        """Cancel a plan now (`plan-cancel`)."""
        return self.run(plan, "plan-cancel")

    def reschedule(self, plan: int) -> Ran:
        """Try a pending plan again now (`plan-reschedule`), instead of at its next attempt."""
        return self.run(plan, "plan-reschedule")

    def stock(
        self, sku: str | None = None, location: str | None = None, *, limit: int = 100, offset: int = 0
    ) -> StockPage:
        """The locations, and the stock of every SKU at each; of one SKU or at one location.

        The stock of seeded plans is their own and not here: `plan(…).items` show it.
        """
        query = arguments.without_none({"sku": sku, "location": location, "limit": limit, "offset": offset})
        return StockPage.read(self._ask("GET", "stock", query=query))

    def run(self, plan: int, command: str | int) -> Ran:
        """Run a command on a plan, by slug or transition id; where it may not run now, the error says what may."""
        ran = Ran.read(self._ask("POST", "plans", plan, "commands", body={"run": command}))
        self.transitions += ran.transitions
        return ran

    # Events

    def event(self, **word: Any) -> Happened:  # noqa: ANN401  the words of a timeline
        """Let an event happen now, in the words of a timeline: `event(sell={"sku": …, "location": …, "count": 1})`."""
        happened = Happened.read(self._ask("POST", "events", body=word))
        self.transitions += happened.transitions
        return happened

    def events(self, *, since: int = 0) -> tuple[LoggedEvent, ...]:
        """The events that happened so far, from outside, with numbers after `since`; not those of the scenario's own `timeline`."""
        return tuple(map(LoggedEvent.read, self._ask("GET", "events", query={"since": since})["events"]))

    def timeline(self, *, limit: int = 100, offset: int = 0) -> TimelinePage:
        """The lines of the scenario's own timeline in the order of time: what has happened, was refused, or comes yet."""
        return TimelinePage.read(self._ask("GET", "timeline", query={"limit": limit, "offset": offset}))

    def restock(self, sku: str, location: str, count: int) -> Happened:
        """Units of a SKU arrive at a location."""
        return self.event(restock={"sku": sku, "location": location, "count": count})

    def block(self, location: str) -> Happened:
        """Switch a location off."""
        return self.event(block={"location": location})

    def open(self, location: str) -> Happened:
        """Switch a blocked location on again."""
        return self.event(open={"location": location})

    def order(self, items: Iterable[str], **more: Any) -> Ordered:  # noqa: ANN401  the keys of the event
        """Place an order with one unit for each SKU named; more keys as in a timeline (`id`, `city`, `hold`, …)."""
        happened = self.event(order={"items": arguments.skus(items), **more})
        plan = next(one.plan for one in happened.transitions if one.from_ is None)
        return Ordered(number=happened.number, at=happened.at, transitions=happened.transitions, plan=plan)

    def cancel_item(self, plan: int, sku: str) -> Happened:
        """Cancel one unit of a SKU out of a plan."""
        return self.event(cancel_item={"plan": plan, "sku": sku})

    def refuse(self, plan: int, location: str) -> Happened:
        """Let a location refuse its package of a plan."""
        return self.event(refuse={"plan": plan, "location": location})

    def not_found(self, plan: int, sku: str) -> Happened:
        """Let a location miss a unit that it was to pack."""
        return self.event(not_found={"plan": plan, "sku": sku})

    def stock_service(self, state: str) -> Happened:
        """Take the outside service that tells the stock `down`, or `up` again."""
        return self.event(stock_service={"state": state})

    # What happens

    def stream(self, since: str | None = None) -> Iterator[Streamed]:
        """Requests and transitions: what there is, then each as it happens, until the world or this iterator is closed.

        It goes on after the id `since`; after `"now"`, with what happens next. Whoever reads too slowly is cut off, and
        the last event, a `Lost`, says where to go on. What a stream says of the world itself is left out: ask for its `facts`.
        """
        query = arguments.without_none({"since": since})
        return streamed(self._connection.lines("worlds", self.name, "stream", query=query))

    # The world as a whole

    def snapshot(self) -> dict[str, Any]:
        """The world as data, from which `restore` or `Control.open_world` make it again."""
        return dict(self._ask("GET", "snapshot"))

    def restore(self, snapshot: Mapping[str, Any]) -> WorldFacts:
        """Become what a snapshot says; it must be of this scenario, seed and start."""
        return WorldFacts.read(self._ask("PUT", "snapshot", body=snapshot, slow=True))

    def reset(self) -> WorldFacts:
        """Return to the beginning: no event has happened, and the clock shows the start.

        Where the mock follows its files and the scenario's has changed, the world is `renewed`: it has the new version.
        """
        self.transitions, self.misbehaved, self.limited = (), (), None
        facts = WorldFacts.read(self._ask("POST", "reset"))
        self.scenario, self.seed = facts.scenario, facts.seed
        return facts

    def close(self) -> None:
        """Close the world; one that is gone already stays so."""
        if self.before_close is not None:
            self.before_close(self)
        self._ask("DELETE", may_be_gone=True)

    def __exit__(self, *_: object) -> None:
        self.close()

    def _turned(self, *request: str, body: Mapping[str, Any]) -> Turned:
        turned = Turned.read(self._ask(*request, body=body, slow=True))
        self.transitions += turned
        return turned
