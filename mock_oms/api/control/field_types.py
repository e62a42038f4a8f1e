"""The kinds of value and the shapes that bodies of the control API have beyond those of a scenario file."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validates_schema
from werkzeug.routing import BaseConverter, IntegerConverter

from mock_oms.contract.control_bodies import HIGHEST_SEED
from mock_oms.domain.plan import ITEM_IDS
from mock_oms.scenarios.derive import StrictSchema
from mock_oms.scenarios.fields import (
    Checked,
    Duration,
    Rate,
    Several,
    TimeField,
    Whole,
    Word,
    YesNo,
    shown,
    write_duration,
)
from mock_oms.scenarios.schema import EVENT_SCHEMAS, spelled_out
from mock_oms.text import time_text
from mock_oms.worlds.event_stream import NOW, POSITION
from mock_oms.worlds.open_world import MAX_EVENTS
from mock_oms.worlds.world_header import WORLD, WORLD_ACCEPTED

#: The years that clocks show, and what plans were ordered before. That February has no 30th no pattern says.
MOMENT = (
    r"(19[6-9][0-9]|2[0-9]{3}|300[01])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)


_FLAGS = {"true": True, "false": False}


class Moment(TimeField):
    """A time with its zone; written in UTC."""

    accepted = "a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> datetime:
        written_so = isinstance(value, str) and re.fullmatch(MOMENT, value)
        moment = super()._deserialize(value, *more, **named) if written_so else None
        if moment is None:
            raise self.refused(value)
        return moment

    def _serialize(self, value: datetime | str | None, *_: Any, **__: Any) -> str | None:
        return time_text(value) if isinstance(value, datetime) else value


class Span(Duration):
    """A duration, written as it is read."""

    def _serialize(self, value: timedelta | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else write_duration(value)


class Name(Word):
    """The name of a world."""

    accepted = WORLD_ACCEPTED

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> str:
        text = super()._deserialize(value, *more, **named)
        if not re.fullmatch(WORLD, text):
            raise self.refused(value)
        return text


class Since(Word):
    """A place in the stream of a world."""

    accepted = f"the id of an event of the stream, or {NOW}"

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> str:
        text = super()._deserialize(value, *more, **named)
        if not re.fullmatch(f"{POSITION}|{NOW}", text):
            raise self.refused(value)
        return text


class Number(Whole):
    """A whole number in a query, where everything is text."""

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> int:
        if not re.fullmatch("[0-9]{1,12}", value):
            raise self.refused(value)
        return super()._deserialize(int(value), *more, **named)


class Flag(YesNo):
    """True or false in a query."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if value not in _FLAGS:
            raise self.refused(value)
        return _FLAGS[value]


class FaultWord(Word):
    """The name of an effect in a query, such as `status 503`; `true` and `false` ask for any, or for none."""

    accepted = "true (any fault), false (none), or the name of one such as status 503"

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> Any:
        return _FLAGS[value] if value in _FLAGS else super()._deserialize(value, *more, **named)


class Happening(Checked):
    """What stands under one word of an event, in the short form too; it is written as the log has it."""

    def __init__(self, word: str, **more: Any) -> None:
        super().__init__(**more)
        self.word = word

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        schema = EVENT_SCHEMAS[self.word]()
        return schema.load(spelled_out(schema, value))


class Ordering(Happening):
    """An order from outside, which has items. What a scenario says, and a log in a snapshot, may have none."""

    most = ITEM_IDS - 1

    def __init__(self) -> None:
        super().__init__("order")

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> Any:
        items = value.get("items") if isinstance(value, Mapping) else None
        if isinstance(items, list) and not 1 <= len(items) <= self.most:
            raise ValidationError({"items": [f"found {shown(items)}; accepted: a list of 1 to {self.most}."]})
        return super()._deserialize(value, *more, **named)


def one_word(given: Mapping[str, Any]) -> None:
    """Refuse an event that has no word, or several."""
    words = [key for key in given if key in EVENT_SCHEMAS]
    if len(words) != 1:
        found = ", ".join(words) or "no event"
        raise ValidationError(f"found {found}; accepted: one of {', '.join(EVENT_SCHEMAS)}.")


class PlanConverter(IntegerConverter):
    """The id of a plan in a path: as many digits as ids have, so that nobody makes us read a thousand of them."""

    regex = "[0-9]{1,10}"


class NumberConverter(IntegerConverter):
    """The number of a fault or of a request in a path."""

    regex = "[0-9]{1,15}"


class WorldConverter(BaseConverter):
    """The name of a world in a path. Names that no world can have are looked up too: the 404 names the nearest."""


class ScenarioConverter(BaseConverter):
    """The name of a scenario in a path."""


WORDS: Mapping[str, Any] = {word: Happening(word) for word in EVENT_SCHEMAS}


class Shape(StrictSchema):
    """A JSON object; `also` is what its fields cannot say of it in JSON Schema."""

    also: ClassVar[Mapping[str, Any]] = {}


class OneOf(Shape):
    """A JSON object that has one of several shapes."""

    kinds: ClassVar[tuple[type[StrictSchema], ...]] = ()

    def kind_of(self, data: Any) -> type[StrictSchema]:
        """The shape by which this is read."""
        raise NotImplementedError

    def load(self, data: Any, **_: Any) -> Any:
        """What the shape of this makes of it."""
        return self.kind_of(data)().load(data)


class Origin(Shape):
    """A scenario, and the digest of what it says."""

    name = Word(required=True)
    digest = Word(required=True)


class Clock(Shape):
    """A world's time, and how many seconds of it pass in one real second."""

    now = Moment(required=True)
    rate = Rate(required=True)


class _Entry(Shape):
    also: ClassVar[Mapping[str, Any]] = {"minProperties": 3, "maxProperties": 3}
    number = Whole(1, MAX_EVENTS, required=True)
    at = Moment(required=True)

    @validates_schema
    def _one_word(self, data: Mapping[str, Any], **_: Any) -> None:
        one_word(data)


Entry = type("Entry", (_Entry,), {"__doc__": "An event that happened, with its number and its world time.", **WORDS})


class Snapshot(Shape):
    """A world as data: from it the same world is made again, here or elsewhere."""

    version = Whole(1, 2**31 - 1, required=True)
    scenario = fields.Nested(Origin, required=True)
    seed = Whole(0, HIGHEST_SEED, required=True)
    start = Moment(required=True)
    clock = fields.Nested(Clock, required=True)
    log = Several(fields.Nested(Entry), tuple, most=MAX_EVENTS, required=True)

    @validates_schema
    def _is_a_log(self, data: Mapping[str, Any], **_: Any) -> None:
        for place, entry in enumerate(data["log"]):
            if entry["number"] != place + 1:
                sentence = f"found {entry['number']}; accepted: {place + 1}, for a log is numbered 1, 2, 3 and so on."
                raise ValidationError({"log": {place: {"number": [sentence]}}})

    @post_load(pass_original=True)
    def make(self, data: dict[str, Any], original: Any = None, **_: Any) -> Any:  # noqa: ARG002  marshmallow's signature
        """The document as it was sent, now that it has been checked: reading it is the snapshot's own business."""
        return original
