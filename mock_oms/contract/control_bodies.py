"""The bodies that the control API answers, as frozen values: the API derives its schemas from them, clients read them.

`Annotated` says what a schema needs beyond the type: the range of a number, or the kind of a text. Times are UTC.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Self, TypeVar, Union, get_args, get_origin, get_type_hints

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State, Trigger
from mock_oms.domain.stock import LocationType

Json = Mapping[str, Any]
T = TypeVar("T")

HIGHEST_SEED = 2**63 - 1
#: The highest count; JavaScript reads whole numbers up to here.
MANY = 2**53

Numbered = Annotated[int, (1, MANY)]
#: A figure of stock, which is negative where more was sold than there is.
Units = Annotated[int, (-MANY, MANY)]
#: Kinds of text; `str` alone is any text.
Word = Annotated[str, "word"]
Name = Annotated[str, "name"]
Span = Annotated[str, "duration"]
PlanState = Annotated[str, State]
Rate = Annotated[float, "rate"]


def key_of(name: str) -> str:
    """The JSON key of a field; `from_` is a field because `from` is a word of Python."""
    return name.rstrip("_")


def read(kind: type[T], json: Json, **given: Any) -> T:  # noqa: ANN401  fields of any type
    """A dataclass from the JSON that the control API answers; `given` are fields that stand elsewhere in the JSON."""
    hints: Mapping[str, Any] = _hints(kind)  # type: ignore[arg-type]  # classes can be hashed
    found = dict(given)
    for one in fields(kind):  # type: ignore[arg-type]  # every caller passes a dataclass
        key = key_of(one.name)
        if one.name not in given and (key in json or one.default is MISSING):
            found[one.name] = _value(hints[one.name], json[key])
    return kind(**found)


_hints = cache(get_type_hints)
#: By the class that the hints name: freezegun puts another one in the place of `datetime`, also here.
_READERS = {datetime: datetime.fromisoformat}


def _value(hint: Any, value: Any) -> Any:  # noqa: ANN401  JSON enters
    if value is None:
        return None
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _value(inner[0], value)
    if origin is tuple:
        return tuple(_value(inner[0], one) for one in value)
    if reader := _READERS.get(hint):
        return reader(value)
    if is_dataclass(hint) and isinstance(hint, type):
        return read(hint, value)
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A value that reads itself from JSON."""

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON."""
        return read(cls, json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Body):
    """A plan went from one state to another, and why. The old state is null (None) where the plan is new."""

    at: datetime
    plan: int
    from_: PlanState | None
    to: PlanState
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts(Body):
    """What a world's clock shows, and how fast it runs: 0 is frozen, 1 real time, 60 a minute a second."""

    now: datetime
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(Body):
    """A line of the timeline that the world refused when its time came."""

    at: datetime
    origin: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldFacts(Body):
    """A world. `ttl` is a duration (null, None: it never expires); `plans`, `events`, `faults` and `requests` are counts.

    `line` names this instant of the world: vendor answers carry it as `X-Mock-Oms`. `renewed`: this reset began the
    world with a new version of its scenario.
    """

    name: Name
    line: str
    token: Word
    scenario: str
    digest: str
    seed: Annotated[int, (0, HIGHEST_SEED)]
    ttl: Span | None
    clock: ClockFacts
    plans: int
    events: int
    missed: tuple[Missed, ...]
    faults: int
    requests: int
    renewed: bool = False

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON, where name and digest of the scenario stand in one object."""
        return read(cls, json, scenario=json["scenario"]["name"], digest=json["scenario"]["digest"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFacts(Body):
    """A scenario that worlds can be opened with."""

    name: Word
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts(Body):
    """A profile: faults and limits that can be added to a world by its name."""

    name: Word
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts(Body):
    """A plan as a list shows it; `next_attempt` is null (None) where no attempt will be made.

    `order_number` is the one that the customer knows: of a captured plan what its JSON says, else null (None).
    `item_count` are the items that were neither cancelled nor given back, `placed_count` those of them with a place.
    """

    plan: int
    state: PlanState
    order: int
    order_number: str | None = None
    created: datetime
    modified: datetime
    next_attempt: datetime | None
    item_count: int = 0
    placed_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage(Body):
    """Plans in the order of the vendor's list; `count` counts all of them that the query finds.

    `looked_at` is among how many: a filter by state or SKU looks at the newest 2,000 of a backlog alone.
    """

    count: int
    looked_at: int = 0
    plans: tuple[PlanFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFacts(Body):
    """A command that a plan takes now, and the state that it leads to."""

    id: Numbered
    slug: Word
    to: PlanState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts(Body):
    """What a location has of a SKU for a plan, in the vendor's figures (`quantity` is what is free).

    `reasons` say why no rule considers the location for the plan; without any, a rule does.
    """

    location: Word
    stock_count: Units
    reservation_count: Units
    quantity: Units
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """The same in words."""
        taken = self.reservation_count
        reserved = f" of which {taken} {'is' if taken == 1 else 'are'} reserved" if taken else ""
        reasons = f" ({', '.join(self.reasons)})" if self.reasons else ""
        return f"{self.location} has {self.stock_count}{reserved}{reasons}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts(Body):
    """An item of a plan: in which state it is since when, and the location that packs it (null, None: it has no place).

    `placed_at` is when it got the place that it has, or had last (null, None: it never had one). `places` are all
    locations, where the item waits for one. Of a captured plan, what its JSON does not say is null (None).
    """

    order_item: int | None
    sku: str | None
    state: str | None
    location: str | None
    since: datetime | None
    placed_at: datetime | None = None
    places: tuple[PlaceFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(PlanFacts):
    """Why a plan is where it is: its legal commands, its history, and in `missing` what it waits for, in sentences.

    `summary` says in one sentence what comes next. `kind`: a seeded plan has stock of its own, which the stock of the world
    does not show; a captured one is served as it was captured. `attempts` counts those that were made.
    """

    attempts: int = 0
    legal: tuple[CommandFacts, ...]
    history: tuple[Transition, ...]
    missing: tuple[str, ...]
    kind: Literal["simulated", "seeded", "captured"]
    summary: str
    items: tuple[ItemFacts, ...]

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON, where a plan's own history does not repeat its id."""
        return read(cls, json, history=tuple(read(Transition, one, plan=json["plan"]) for one in json["history"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFacts(Body):
    """A stock location; no plan gets a place at one that is not `active` (blocked). `max_quota` null (None): no limit."""

    id: int
    code: Word
    name: str
    type: LocationType
    city: str
    active: bool
    priority: Units
    quota: int
    max_quota: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFacts(Body):
    """The stock of a SKU at a location, in the vendor's figures: `quantity`, what is free, is count minus reserved."""

    sku: Word
    location: Word
    stock_count: Units
    reservation_count: Units
    quantity: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPage(Body):
    """The locations of a world, and its stock of every SKU at each of them; `count` counts all rows of the query.

    `stock_service` is `down` where attempts see nothing of it. `seeded_plans` counts the plans that have stock of their
    own, which is not among these figures.
    """

    count: int
    stock_service: Literal["up", "down"]
    seeded_plans: int
    locations: tuple[LocationFacts, ...]
    stock: tuple[StockFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts(Body):
    """An attempt to place the items of a plan: what it saw of each SKU that waited, at each open location."""

    number: Numbered
    at: datetime
    seen: tuple[StockFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage(Body):
    """The attempts of a plan, the newest first; `count` counts all of them. A captured plan has none."""

    count: int
    attempts: tuple[AttemptFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleState(Body):
    """A state of plans. Neither a command nor an attempt leads out of a `terminal` one."""

    name: PlanState
    terminal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleTransition(Body):
    """A way from one state to another, and what makes a plan go it; a command is run by `slug` or `id`."""

    id: Numbered
    slug: Word
    name: Word
    trigger: Annotated[str, Trigger]
    from_: PlanState
    to: PlanState


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle(Body):
    """The states that a plan can be in, and the transitions between them."""

    states: tuple[LifecycleState, ...]
    transitions: tuple[LifecycleTransition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount(LifecycleState):
    """A state, and how many `plans` are in it now."""

    plans: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionCount(LifecycleTransition):
    """A transition, and how often plans have `taken` it since this world began, or was reset or restored."""

    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldLifecycle(Body):
    """The lifecycle with the numbers of a world; `new` counts the plans that came to be since it began.

    `estimated`: plans of a backlog that nothing has happened to are counted by its weights, and their steps are not.
    """

    states: tuple[StateCount, ...]
    transitions: tuple[TransitionCount, ...]
    new: int
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran(Body):
    """A command was run on a plan: the step it caused, and all transitions that followed at once."""

    plan: int
    from_: PlanState
    to: PlanState
    at: datetime
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Body):
    """An event happened: its number in the log, and the transitions that followed at once."""

    number: Numbered
    at: datetime
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Happened):
    """An order was placed; `plan` is its new plan."""

    plan: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent(Body):
    """An event of the log: its word, and what was said with it."""

    number: int
    at: datetime
    word: str
    said: Mapping[str, Any]

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON, where the word is the key of what was said."""
        return _read_event(cls, json)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine(Body):
    """A line of a scenario's own timeline: the event's word and what is said with it, and its world time.

    `origin` is what causes of transitions call it. `done`: its time has come; if the world refused the event then,
    `refused` says why (else null, None).
    """

    at: datetime
    origin: str
    word: str
    said: Mapping[str, Any]
    done: bool
    refused: str | None

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON, where the word is the key of what is said."""
        return _read_event(cls, json)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage(Body):
    """Some lines of a scenario's timeline in the order of time; `count` counts all, `upcoming` those whose time comes yet."""

    count: int
    upcoming: int
    lines: tuple[TimelineLine, ...]

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON."""
        return read(cls, json, lines=tuple(map(TimelineLine.read, json["lines"])))


def _read_event(kind: type[T], json: Json) -> T:
    """An event of a log or a timeline: what is no other field of it is its word, with what was said."""
    named = {one.name for one in fields(kind)}  # type: ignore[arg-type]  # every caller passes a dataclass
    ((word, said),) = ((key, value) for key, value in json.items() if key not in named)
    return read(kind, json, word=word, said=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Body):
    """Requests were made as expected; `found` counts those of the expected kind, or the steps of the order.

    Those `under_way` may be of that kind, and have no answer yet.
    """

    reason: str
    found: int
    evicted: int
    under_way: int = 0
