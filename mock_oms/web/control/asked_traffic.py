"""The shapes of what the control API is asked about faults and requests."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load

from mock_oms.domain.events import HIGHEST_ID
from mock_oms.domain.lifecycle import State
from mock_oms.journal.filters import Filter
from mock_oms.journal.ring import SIZE
from mock_oms.journal.verify import Count, Pattern, Verification
from mock_oms.operations import Operation
from mock_oms.scenario.derive import Strict
from mock_oms.scenario.fault_words import FAULT_SCHEMA
from mock_oms.scenario.fields import Choice, Several, Whole, Word
from mock_oms.web.control.shapes import OneOf, Shape
from mock_oms.web.control.values import FaultWord, Flag, Number, Span

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

    kinds: ClassVar[tuple[type[Strict], ...]] = (FAULT_SCHEMA, ProfileChoice)

    def kind_of(self, data: Any) -> type[Strict]:
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
    limit = Number(1, SIZE, load_default=100)

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
        return _checked(Pattern, data)


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
        return _checked(Verification, {**data, "pattern": _checked(Pattern, said) if said else None})


def _checked(kind: type[Any], data: dict[str, Any]) -> Any:
    try:
        return kind(**data)
    except ValueError as error:
        raise ValidationError(str(error)) from error
