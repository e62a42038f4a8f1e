"""The shapes of bodies that are both read and answered: clocks, logs, snapshots."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validates_schema

from mock_oms.api.control.field_types import Happening, Moment, one_word
from mock_oms.scenarios.derive import Strict
from mock_oms.scenarios.fields import Rate, Several, Whole, Word
from mock_oms.scenarios.schema import EVENT_SCHEMAS
from mock_oms.worlds.open_world import MAX_EVENTS

HIGHEST_SEED = 2**63 - 1
WORDS: Mapping[str, Any] = {word: Happening(word) for word in EVENT_SCHEMAS}


class Shape(Strict):
    """A JSON object; `also` is what its fields cannot say of it in JSON Schema."""

    also: ClassVar[Mapping[str, Any]] = {}


class OneOf(Shape):
    """A JSON object that has one of several shapes."""

    kinds: ClassVar[tuple[type[Strict], ...]] = ()

    def kind_of(self, data: Any) -> type[Strict]:
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
