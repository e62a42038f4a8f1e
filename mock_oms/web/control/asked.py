"""The shapes of what the control API is asked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validates_schema

from mock_oms.bounds import MAX_TURN
from mock_oms.domain.events import HIGHEST_ID
from mock_oms.domain.lifecycle import State
from mock_oms.scenario.derive import Named
from mock_oms.scenario.fields import Choice, Rate, Whole, Word
from mock_oms.web.control.shapes import HIGHEST_SEED, WORDS, Shape, Snapshot
from mock_oms.web.control.values import Moment, Name, Number, Ordering, Since, Span, one_word

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

    run = Named(required=True)


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
