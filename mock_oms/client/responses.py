"""What the control API tells, as frozen values; each reads itself from JSON. Times are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


def moment(text: str) -> datetime:
    """A time as the control API writes it."""
    return datetime.fromisoformat(text)


def _moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A plan went from one state to another, and why; `from_` is None where the plan is new."""

    at: datetime
    plan: int
    from_: str | None
    to: str
    cause: str

    @classmethod
    def read(cls, json: Json, plan: int | None = None) -> "Transition":
        """From JSON; a plan's own history does not repeat its id."""
        number = json["plan"] if plan is None else plan
        return cls(at=moment(json["at"]), plan=number, from_=json["from"], to=json["to"], cause=json["cause"])


def transitions_in(json: Json) -> tuple[Transition, ...]:
    """The transitions that an answer carries."""
    return tuple(map(Transition.read, json["transitions"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """What a world's clock shows, and how fast it runs: 0 is frozen, 1 real time, 60 a minute a second."""

    now: datetime
    rate: float

    @classmethod
    def read(cls, json: Json) -> "ClockFacts":
        """From JSON."""
        return cls(now=moment(json["now"]), rate=json["rate"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A line of the timeline that the world refused when its time came."""

    at: datetime
    origin: str
    reason: str

    @classmethod
    def read(cls, json: Json) -> "Missed":
        """From JSON."""
        return cls(at=moment(json["at"]), origin=json["origin"], reason=json["reason"])


_PLAIN = ("name", "line", "token", "seed", "ttl", "plans", "events", "faults", "requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldFacts:
    """A world from outside; `ttl` is a duration (None: it lives for ever); `plans` and those at the end are counts.

    `line` names this instant of it, as `X-Mock-Oms` in the vendor's answers. `renewed`: this reset has begun the world
    with a new version of its scenario.
    """

    name: str
    line: str
    token: str
    scenario: str
    digest: str
    seed: int
    ttl: str | None
    clock: ClockFacts
    plans: int
    events: int
    missed: tuple[Missed, ...]
    faults: int
    requests: int
    renewed: bool = False

    @classmethod
    def read(cls, json: Json) -> "WorldFacts":
        """From JSON."""
        plain = {key: json[key] for key in _PLAIN}
        return cls(
            **plain,
            scenario=json["scenario"]["name"],
            digest=json["scenario"]["digest"],
            clock=ClockFacts.read(json["clock"]),
            missed=tuple(map(Missed.read, json["missed"])),
            renewed=json.get("renewed", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFacts:
    """A scenario that can be played."""

    name: str
    description: str

    @classmethod
    def read(cls, json: Json) -> "ScenarioFacts":
        """From JSON."""
        return cls(name=json["name"], description=json["description"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """A plan as a list shows it; `next_attempt` is None where no attempt will be made."""

    plan: int
    state: str
    order: int
    created: datetime
    modified: datetime
    next_attempt: datetime | None

    @classmethod
    def read(cls, json: Json) -> "PlanFacts":
        """From JSON."""
        return cls(**_plan(json))


def _plan(json: Json) -> dict[str, Any]:
    return {
        "plan": json["plan"],
        "state": json["state"],
        "order": json["order"],
        "created": moment(json["created"]),
        "modified": moment(json["modified"]),
        "next_attempt": _moment_or_none(json["next_attempt"]),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """Plans in the order of the vendor's list; `count` is how many there are in all."""

    count: int
    plans: tuple[PlanFacts, ...]

    @classmethod
    def read(cls, json: Json) -> "PlanPage":
        """From JSON."""
        return cls(count=json["count"], plans=tuple(map(PlanFacts.read, json["plans"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFacts:
    """A command that a plan takes now, and the state that it leads to."""

    id: int
    slug: str
    to: str

    @classmethod
    def read(cls, json: Json) -> "CommandFacts":
        """From JSON."""
        return cls(id=json["id"], slug=json["slug"], to=json["to"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(PlanFacts):
    """Why a plan is where it is; `missing` are sentences on what keeps it from its next state."""

    legal: tuple[CommandFacts, ...]
    history: tuple[Transition, ...]
    missing: tuple[str, ...]

    @classmethod
    def read(cls, json: Json) -> "Explanation":
        """From JSON."""
        history = tuple(Transition.read(one, json["plan"]) for one in json["history"])
        legal = tuple(map(CommandFacts.read, json["legal"]))
        return cls(**_plan(json), legal=legal, history=history, missing=tuple(json["missing"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command was run on a plan."""

    plan: int
    from_: str
    to: str
    at: datetime
    transitions: tuple[Transition, ...]

    @classmethod
    def read(cls, json: Json) -> "Ran":
        """From JSON."""
        return cls(
            plan=json["plan"],
            from_=json["from"],
            to=json["to"],
            at=moment(json["at"]),
            transitions=transitions_in(json),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event happened, under this number of the log, and led to these transitions."""

    number: int
    at: datetime
    transitions: tuple[Transition, ...]

    @classmethod
    def read(cls, json: Json) -> "Happened":
        """From JSON."""
        return cls(number=json["number"], at=moment(json["at"]), transitions=transitions_in(json))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Happened):
    """An order was placed; `plan` is its new plan."""

    plan: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event of the log: its word, and what was said with it."""

    number: int
    at: datetime
    word: str
    said: Mapping[str, Any]

    @classmethod
    def read(cls, json: Json) -> "LoggedEvent":
        """From JSON."""
        ((word, said),) = ((key, value) for key, value in json.items() if key not in {"number", "at"})
        return cls(number=json["number"], at=moment(json["at"]), word=word, said=said)
