"""A fault as data: which requests it is for, how often it is met, and its effect: a delay, a status, a body, a connection."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from enum import StrEnum
from statistics import NormalDist
from typing import Annotated, Any

from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import State
from mock_oms.domain.setup import draw

#: The keys that lead to what is wrong (none: the value as a whole), and a sentence about it.
Objection = tuple[tuple[str, ...], str]

#: What is wrong with a value of which these keys were said.
ObjectionRule = Callable[[Mapping[str, Any]], Iterator[Objection]]


def exactly_one(said: Mapping[str, Any], keys: Iterable[str]) -> Iterator[Objection]:
    """Objections, unless one of the keys was said and no more."""
    if not any(key in said for key in keys):
        yield (), f"says nothing; accepted: one of {', '.join(keys)}."
    yield from at_most_one(said, keys)


def at_most_one(said: Mapping[str, Any], keys: Iterable[str]) -> Iterator[Objection]:
    """An objection against each of the keys that was said after another."""
    first, *more = [key for key in keys if key in said] or [""]
    for key in more:
        yield (key,), f"stands beside `{first}`; accepted: only one of {', '.join(keys)}."


LONGEST_DELAY = timedelta(minutes=10)
#: Where a delay ends that says no `max`.
MOST = timedelta(seconds=60)

#: Real time, from a millisecond on, or from nothing on.
Pause = Annotated[timedelta, (timedelta(milliseconds=1), LONGEST_DELAY)]
PauseOrNone = Annotated[timedelta, (timedelta(), LONGEST_DELAY)]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A normal distribution; what falls below zero is zero. Its `max` may stand here or beside it."""

    mean: Pause
    deviation: PauseOrNone
    max: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """A lognormal distribution: half of the delays are below the median. Its `max` may stand here or beside it."""

    median: Pause
    sigma: Annotated[float, (0, 5)]
    max: Pause | None = None


#: Of these a delay has exactly one: the kind of its value, the span that it must be able to give, and its seconds at a
#: quantile (0 to 1, both excluded) of its delays, which may be below zero.
DISTRIBUTIONS: Mapping[str, tuple[type[Any], Callable[[Any], timedelta], Callable[[Any, float], float]]] = {
    "fixed": (timedelta, lambda span: span, lambda span, _: span / _SECOND),
    "uniform": (
        tuple,
        lambda span: span[1],
        lambda span, quantile: span[0] / _SECOND + quantile * (span[1] / _SECOND - span[0] / _SECOND),
    ),
    "normal": (
        Normal,
        lambda normal: normal.mean,
        lambda normal, quantile: normal.mean / _SECOND + normal.deviation / _SECOND * NormalDist().inv_cdf(quantile),
    ),
    "lognormal": (
        Lognormal,
        lambda lognormal: lognormal.median,
        lambda lognormal, quantile: (
            lognormal.median / _SECOND * math.exp(lognormal.sigma * NormalDist().inv_cdf(quantile))
        ),
    ),
}


def delay_objections(said: Mapping[str, Any]) -> Iterator[Objection]:
    """What the parts of a delay have against each other."""
    yield from exactly_one(said, DISTRIBUTIONS)
    span = said.get("uniform")
    if isinstance(span, tuple) and span[0] > span[1]:
        yield ("uniform",), "its first duration is the longer one; accepted: the shortest delay, then the longest."
    most = said.get("max", MOST)
    for key, (kind, typical, _) in DISTRIBUTIONS.items():
        value = said.get(key)
        if isinstance(value, kind) and isinstance(most, timedelta) and typical(value) > most:
            yield (key,), f"is above `max`, which is {most / _SECOND:g}s; accepted: a `max` of up to 10m beside it."


#: What the vendor, its framework or a gateway in front of them answers when something is wrong.
STATUSES = (401, 403, 404, 429, 500, 502, 503, 504)

_WORLD_TIME = Annotated[timedelta, (timedelta(milliseconds=1), timedelta(days=366))]
_Count = Annotated[int, (1, 1_000_000)]
_PARTS = 2**32


class FaultTarget(StrEnum):
    """Which requests a fault is for; `any` is also what leads nowhere."""

    LIST = "list"
    DETAIL = "detail"
    LOGIN = "login"
    ANY = "any"


class DelayPlace(StrEnum):
    """Where a delay falls: before the answer, or between the chunks of its body."""

    BEFORE = "before"
    BETWEEN = "between"


class Connection(StrEnum):
    """What happens to a connection."""

    RESET = "reset"
    EMPTY = "empty"
    TRUNCATE = "truncate"
    STALL = "stall"
    DRIBBLE = "dribble"


class BrokenBody(StrEnum):
    """What a 200 really holds."""

    INVALID_JSON = "invalid-json"
    HTML = "html"
    EMPTY = "empty"
    WRONG_CONTENT_TYPE = "wrong-content-type"
    BAD_ENCODING = "bad-encoding"


class Shape(StrEnum):
    """How well-formed JSON differs from the contract."""

    MISSING_NEXT = "missing-next"
    BARE_ARRAY = "bare-array"
    NULL_FIELD = "null-field"
    EXTRA_FIELD = "extra-field"
    UNKNOWN_STATE = "unknown-state"
    ID_AS_STRING = "id-as-string"
    NO_TIMEZONE = "no-timezone"
    COMMANDS_AS_STRING = "commands-as-string"
    DUPLICATE_ACROSS_PAGES = "duplicate-across-pages"
    DROP_FROM_PAGE = "drop-from-page"
    SHUFFLE = "shuffle"


#: Shapes that say something about a list, and nothing about one plan.
LIST_SHAPES = frozenset(
    {Shape.MISSING_NEXT, Shape.BARE_ARRAY, Shape.DUPLICATE_ACROSS_PAGES, Shape.DROP_FROM_PAGE, Shape.SHUFFLE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Real time that an answer takes longer: exactly one distribution, and never more than `max`."""

    fixed: Pause | None = None
    uniform: tuple[PauseOrNone, PauseOrNone] | None = None
    normal: Normal | None = None
    lognormal: Lognormal | None = None
    max: Pause = MOST
    place: DelayPlace = DelayPlace.BEFORE

    def seconds(self, seed: int, *key: str | int) -> float:
        """The delay of one request in seconds, to the microsecond: below that, the logarithms of machines differ."""
        quantile = (draw(seed, "delay", *key, below=_PARTS) + 0.5) / _PARTS
        said = next(name for name in DISTRIBUTIONS if getattr(self, name) is not None)
        _kind, _typical, seconds = DISTRIBUTIONS[said]
        drawn = seconds(getattr(self, said), quantile)
        return round(min(max(drawn, 0.0), self.max.total_seconds()), 6)


#: Of these an effect has one at most; a delay may stand beside it or alone.
EFFECTS = ("status", "connection", "body", "shape")
#: Everything that an effect can be made of, and that a server may or may not be able to perform.
KINDS = frozenset((*EFFECTS, "delay"))

#: Which value of which effect a parameter belongs to.
PARAMETERS: Mapping[str, tuple[str, tuple[int | str, ...]]] = {
    "retry_after": ("status", (429, 503)),
    "fraction": ("connection", (Connection.TRUNCATE.value,)),
    "bytes_per_second": ("connection", (Connection.DRIBBLE.value,)),
    "max": ("connection", (Connection.STALL.value, Connection.DRIBBLE.value)),
}


def effect_objections(said: Mapping[str, Any], subject: str = "it") -> Iterator[Objection]:
    """What the parts of an effect have against each other."""
    yield from at_most_one(said, EFFECTS)
    if not any(key in said for key in (*EFFECTS, "delay")):
        yield (), f"{subject} does nothing; accepted: one of {', '.join(EFFECTS)}, and a delay beside it or alone."
    for key, (effect, values) in PARAMETERS.items():
        if key in said and said.get(effect) not in values:
            yield (key,), f"belongs to `{effect}: {' or '.join(map(str, values))}` alone."


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a client meets: at most one of `status`, `connection`, `body`, `shape`, and a `delay` beside it or alone.

    `retry_after` is in seconds. A truncated body has `fraction` of its bytes. `max` ends a stall, or a body that
    dribbles, in real time.
    """

    status: int | None = None
    retry_after: Annotated[int, (0, 86_400)] = 17
    delay: Delay | None = None
    connection: Connection | None = None
    fraction: Annotated[float, (0, 0.99)] = 0.5
    bytes_per_second: Annotated[int, (1, 1_000_000)] = 100
    max: Pause = timedelta(seconds=30)
    body: BrokenBody | None = None
    shape: Shape | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """What it is made of: whoever performs it must be able to perform all of these."""
        return frozenset(key for key in KINDS if getattr(self, key) is not None)

    @property
    def kind(self) -> str:
        """The effect in one of the words of `KINDS`: what it is beside a delay, or `delay`."""
        return next((key for key in EFFECTS if getattr(self, key) is not None), "delay")

    @property
    def name(self) -> str:
        """The effect in a word or two, such as `status 503`, `connection reset`, `delay`."""
        return self.kind if self.kind == "delay" else f"{self.kind} {getattr(self, self.kind)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which of an operation's requests: a `page` of the list, or details of a plan that is served in a `state`."""

    page: _Count | None = None
    state: State | None = None


#: The keys that may stand inside `when` and `effect`, or beside the other keys of a fault.
INSIDE: Mapping[str, tuple[str, ...]] = {
    outer: tuple(one.name for one in fields(kind)) for outer, kind in (("when", When), ("effect", Effect))
}


def flat(written: Mapping[str, Any]) -> dict[str, Any]:
    """A fault as JSON, with what stands inside `when` and `effect` in their place."""
    return {
        key: value
        for outer, given in written.items()
        for key, value in (given.items() if outer in INSIDE else ((outer, given),))
    }


def fault_objections(said: Mapping[str, Any]) -> Iterator[Objection]:
    """What the parts of a fault have against each other; those of `when` and `effect` may stand inside or beside them."""
    for outer, keys in INSIDE.items():
        for key in keys:
            if key in said and outer in said:
                yield (key,), f"stands beside `{outer}`; accepted: inside it, or without it."
    flat = {key: said[key] for key in INSIDE["effect"] if key in said}
    is_misspelled = said.keys() - {one.name for one in fields(Fault)} - {*INSIDE["when"], *INSIDE["effect"]}
    if "effect" not in said and (flat or not is_misspelled):
        yield from effect_objections(flat, "the fault")
    on = said.get("on", FaultTarget.ANY)
    shape = _part(said, "effect", "shape")[1]
    accepted: tuple[tuple[tuple[str, ...], object, Collection[str]], ...] = (
        (("plan",), said.get("plan"), [FaultTarget.DETAIL]),
        (*_part(said, "when", "page"), [FaultTarget.LIST]),
        (*_part(said, "when", "state"), [FaultTarget.DETAIL]),
        (*_part(said, "effect", "shape"), targets_of(shape) if isinstance(shape, Shape) else list(FaultTarget)),
    )
    for place, value, targets in accepted:
        if value is not None and isinstance(on, FaultTarget) and on not in targets:
            yield place, f"means nothing with `on: {on}`; accepted: on: {' or '.join(targets)}."


def _part(said: Mapping[str, Any], outer: str, key: str) -> tuple[tuple[str, ...], Any]:
    """Where a key of `when` or `effect` stands, and its value; None where there is none, or it could not be read."""
    return ((outer, key), getattr(said[outer], key, None)) if outer in said else ((key,), said.get(key))


def targets_of(shape: Shape | None) -> Collection[str]:
    """Which requests have an answer that can be given this shape."""
    detail = () if shape in LIST_SHAPES else (FaultTarget.DETAIL,)
    return FaultTarget.LIST, *detail, FaultTarget.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Misbehaviour: `on` which requests (any, if not said), which `effect`, how often.

    Where it is written, what belongs into `when` and `effect` may stand beside the other keys.

    It is met `times` times (None: without end), after `skip` requests that it would be for, each time with
    `probability`. It ends `ttl` of world time after it was added. For the world time `ramp` its probability and its
    delay grow from zero to what is said.
    """

    on: FaultTarget
    plan: Annotated[int, (1, 2**31 - 1)] | None = None
    when: When = When()
    effect: Effect
    times: _Count | None = None
    skip: Annotated[int, (0, 1_000_000)] = 0
    probability: Annotated[float, (0, 1)] = 1.0
    ttl: _WORLD_TIME | None = None
    ramp: _WORLD_TIME | None = None
