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
from mock_oms.domain.lifecycle import State
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
class PlanFacts(Body):
    """A plan as a list shows it; `next_attempt` is null (None) where no attempt will be made."""

    plan: int
    state: PlanState
    order: int
    created: datetime
    modified: datetime
    next_attempt: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage(Body):
    """Plans in the order of the vendor's list; `count` counts all of them that are in the state of the query."""

    count: int
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

    `places` are all locations, where the item waits for one. Of a captured plan, what its JSON does not say is null (None).
    """

    order_item: int | None
    sku: str | None
    state: str | None
    location: str | None
    since: datetime | None
    places: tuple[PlaceFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(PlanFacts):
    """Why a plan is where it is: its legal commands, its history, and in `missing` what it waits for, in sentences.

    `summary` says in one sentence what comes next. `kind`: a seeded plan has stock of its own, which the stock of the world
    does not show; a captured one is served as it was captured.
    """

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
        ((word, said),) = ((key, value) for key, value in json.items() if key not in {"number", "at"})
        return read(cls, json, word=word, said=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Body):
    """Requests were made as expected; `found` counts those of the expected kind, or the steps of the order.

    Those `under_way` may be of that kind, and have no answer yet.
    """

    reason: str
    found: int
    evicted: int
    under_way: int = 0
