"""The shapes of what the control API is asked about faults and requests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validates_schema

from mock_oms.api.control.field_types import (
    WORDS,
    FaultWord,
    Flag,
    Moment,
    Name,
    Number,
    OneOf,
    Ordering,
    Shape,
    Since,
    Snapshot,
    Span,
    one_word,
)
from mock_oms.contract.control_bodies import HIGHEST_SEED
from mock_oms.domain.events import HIGHEST_ID
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.derive import NameOrNumber, StrictSchema
from mock_oms.scenarios.fault_schema import FAULT_SCHEMA
from mock_oms.scenarios.fields import Choice, Rate, Several, Whole, Word
from mock_oms.traffic.journal.journal import JOURNAL_SIZE, Filter
from mock_oms.traffic.journal.verification import Count, RequestPattern, Verification
from mock_oms.urls import Operation
from mock_oms.worlds.open_world import MAX_TURN

_SECOND = timedelta(seconds=1)


class WantedClock(Shape):
    """A clock other than the scenario's."""

    start = Moment()
    rate = Rate()


class TurnOfClock(Shape):
    """A later time, another rate, or both."""

    also: ClassVar[Mapping[str, Any]] = {"minProperties": 1}
    now = Moment()
    rate = Rate()

    @validates_schema
    def _says_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("found neither; accepted: `now`, `rate`, or both.")


class Goal(Shape):
    """A plan, and the state that it is to come into."""

    plan = Whole(1, HIGHEST_ID, required=True)
    state = Choice(State, required=True)


class Advance(Shape):
    """How far to turn the clock: by a duration, or until a plan is in a state."""

    also: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": ["by"], "not": {"required": ["within"]}}, {"required": ["until"]}]
    }
    by = Span(high=MAX_TURN)
    until = fields.Nested(Goal)
    within = Span(high=MAX_TURN)

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("by" in data) == ("until" in data):
            raise ValidationError("accepted: either `by` or `until`.")
        if "within" in data and "until" not in data:
            raise ValidationError({"within": ["belongs to `until`; leave it out."]})


class PlanQuery(Shape):
    """Which plans to show."""

    state = Choice(State)
    limit = Number(1, 1000, load_default=100)
    offset = Number(0, 10**9, load_default=0)


class StreamQuery(Shape):
    """After what a stream begins."""

    since = Since()


class Command(Shape):
    """A command, by its slug or the id of its transition."""

    run = NameOrNumber(required=True)


class _Event(Shape):
    also: ClassVar[Mapping[str, Any]] = {"minProperties": 1, "maxProperties": 1}

    @validates_schema
    def _one_word(self, data: Mapping[str, Any], **_: Any) -> None:
        one_word(data)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The event itself."""
        return next(iter(data.values()))


_WORDS = {**WORDS, "order": Ordering()}
Event = type("Event", (_Event,), {"__doc__": "One event under its word, as in a timeline.", **_WORDS})


class Opening(Shape):
    """What to open a world with: a scenario and what differs from it, or a snapshot."""

    excluded: ClassVar[tuple[str, ...]] = ("scenario", "seed", "clock")
    also: ClassVar[Mapping[str, Any]] = {"not": {"anyOf": [{"required": ["snapshot", key]} for key in excluded]}}
    scenario = Word()
    seed = Whole(0, HIGHEST_SEED)
    name = Name()
    ttl = Span(low=_SECOND, allow_none=True)
    clock = fields.Nested(WantedClock)
    snapshot = fields.Nested(Snapshot)

    @validates_schema
    def _one_beginning(self, data: Mapping[str, Any], **_: Any) -> None:
        extra = [key for key in self.excluded if "snapshot" in data and key in data]
        if extra:
            raise ValidationError({key: ["the snapshot says it already; leave it out."] for key in extra})


_MOST = 10**9
_STEPS = 100
_STATUS = (100, 599)


class ProfileChoice(Shape):
    """The name of a profile, all of whose faults and limits are meant."""

    profile = Word(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The name itself."""
        return data["profile"]


class Addition(OneOf):
    """A fault as a scenario has it, or `profile`, the name of one."""

    kinds: ClassVar[tuple[type[StrictSchema], ...]] = (FAULT_SCHEMA, ProfileChoice)

    def kind_of(self, data: Any) -> type[StrictSchema]:
        """By the key that no fault has."""
        return ProfileChoice if isinstance(data, Mapping) and "profile" in data else FAULT_SCHEMA


class RequestQuery(Shape):
    """Which requests to show: the newest of those for which all of this holds."""

    since = Number(0, 10**12)
    operation = Choice(Operation)
    plan = Number(0, HIGHEST_ID)
    status = Number(*_STATUS)
    unmatched = Flag()
    fault = FaultWord()
    state = Choice(State)
    limit = Number(1, JOURNAL_SIZE, load_default=100)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The filter, and how many."""
        limit = data.pop("limit")
        return {"wanted": Filter(**data), "limit": limit}


class _Said(Shape):
    """What a request must have, as a body says it."""

    operation = Choice(Operation)
    plan = Whole(0, HIGHEST_ID)
    status = Whole(*_STATUS)
    page = Whole(1, _MOST)
    state = Choice(State)
    method = Word()


_KEYS = ("operation", "plan", "status", "page", "state", "method")


class Step(_Said):
    """A request of an order."""

    also: ClassVar[Mapping[str, Any]] = {"minProperties": 1}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The pattern."""
        return _checked(RequestPattern, data)


class HowOften(Shape):
    """How often: `exactly`, or `min`, `max` or both."""

    also: ClassVar[Mapping[str, Any]] = {
        "not": {"anyOf": [{"required": ["exactly", "min"]}, {"required": ["exactly", "max"]}]}
    }
    min = Whole(0, _MOST)
    max = Whole(0, _MOST)
    exactly = Whole(0, _MOST)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The count."""
        return _checked(Count, data)


class Expected(_Said):
    """Requests that are expected: of one kind so many (at least one unless `count` says more), and some in an order.

    `within` counts those of the last so much world time alone.
    """

    also: ClassVar[Mapping[str, Any]] = {"anyOf": [{"required": [key]} for key in (*_KEYS, "order")]}
    count = fields.Nested(HowOften)
    order = Several(fields.Nested(Step), tuple, most=_STEPS)
    within = Span()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The verification."""
        said = {key: data.pop(key) for key in _KEYS if key in data}
        if "count" in data and not said:
            raise ValidationError({"count": ["counts nothing; say beside it of what, such as `operation`."]})
        return _checked(Verification, {**data, "pattern": _checked(RequestPattern, said) if said else None})


def _checked(kind: type[Any], data: dict[str, Any]) -> Any:
    try:
        return kind(**data)
    except ValueError as error:
        raise ValidationError(str(error)) from error
