"""The marshmallow schemas of scenario files, profiles and events, their error sentences, and events as JSON."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields

from mock_oms.domain.events import WORDS, Event, PlaceOrder, word_of
from mock_oms.domain.stock import Figures
from mock_oms.rendering.fake_data.locales import LOCALES
from mock_oms.scenarios.derive import StrictSchema, schema_for
from mock_oms.scenarios.document import (
    CapturedSection,
    ClockSection,
    DeclaredFault,
    Document,
    Expectation,
    Line,
    PlannerSection,
    ProfileDocument,
    SeededSection,
    SimulatedSection,
)
from mock_oms.scenarios.errors import Lines, Place, ScenarioError
from mock_oms.scenarios.fault_schema import FAULT_SCHEMA, LIMITS_SCHEMA, without_defaults
from mock_oms.scenarios.fields import (
    Checked,
    Choice,
    Duration,
    Json,
    MapOf,
    Rate,
    Several,
    Text,
    TimeField,
    Word,
    shown,
)
from mock_oms.text import nearest_clause

#: marshmallow's own sentences, and ours in front of what was found.
_SENTENCES = {
    "Not a valid list.": "found {}; accepted: a list.",
    "Not a valid mapping type.": "found {}; accepted: a mapping.",
    "Invalid input type.": "found {}; accepted: a mapping.",
    "Field may not be null.": "found nothing; leave the key out or give it a value.",
    "Missing data for required field.": "is missing.",
}


def sentences(messages: Mapping[str, Any], data: Any) -> Iterator[tuple[Place, str]]:
    """Every message of a `ValidationError` about `data`, in its order."""
    for place, message in _leaves(messages, ()):
        sentence, value = _SENTENCES.get(message), data
        if sentence:
            with suppress(KeyError, IndexError, TypeError):  # a key that is missing: then the mapping is shown
                for part in place:
                    value = value[part]
        yield place, sentence.format(shown(value)) if sentence else message


def _leaves(messages: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _leaves(inner, place if key == "_schema" else (*place, key))
    else:
        yield from ((place, str(message)) for message in messages)


def load_document(schema: Schema, data: Any, lines: Lines) -> Any:
    """What a document is loaded into; a `ScenarioError` names every error with its place in the file."""
    try:
        return schema.load(data)
    except ValidationError as error:
        found = sentences(error.messages_dict, data)
        raise ScenarioError(lines.problem(place, message) for place, message in found) from None


EVENT_SCHEMAS: Mapping[str, type[StrictSchema]] = {
    word: schema_for(kind, omit={"created"} if kind is PlaceOrder else ()) for word, kind in WORDS.items()
}


def spelled_out(schema: Schema, given: Any) -> Any:
    """An event's keys; a bare value stands for the only key that the event has."""
    return given if isinstance(given, Mapping) or len(schema.fields) != 1 else {next(iter(schema.fields)): given}


def read_event(written: Mapping[str, Any]) -> Event:
    """The event that `write_event` wrote.

    :raises marshmallow.ValidationError: it is none of the vocabulary.
    """
    ((word, given),) = written.items()
    schema = EVENT_SCHEMAS[word]()
    return schema.load(spelled_out(schema, given))  # type: ignore[no-any-return]


def write_event(event: Event) -> dict[str, Any]:
    """An event as JSON, `{word: {key: value}}`, without the keys that have their default."""
    return {word_of(event): without_defaults(event)}


class LineField(Checked):
    """A line of the timeline: `at`, and one event under its word; an event of one key may stand without it."""

    accepted = f"`at` and one of {', '.join(WORDS)}"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Line:
        if not isinstance(value, Mapping) or "at" not in value:
            raise self.refused(value)
        words = [key for key in value if key != "at"]
        if len(words) != 1 or words[0] not in WORDS:
            strange = next((str(key) for key in words if key not in WORDS), None)
            hint = nearest_clause(strange, WORDS) if strange else ""
            raise ValidationError(f"found {', '.join(map(str, words)) or 'no event'}; accepted: {self.accepted}{hint}.")
        (word,) = words
        errors: dict[str, Any] = {}
        line: dict[str, Any] = {}
        for key, load in (("at", Duration().deserialize), (word, lambda given: read_event({word: given}))):
            try:
                line[key] = load(value[key])
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return Line(at=line["at"], event=line[word])


class PlanField(Checked):
    """A plan: `items` (simulated), `state` (told) or `raw` (captured)."""

    accepted = "a mapping with `items` (simulated), `state` (told) or `raw` (captured)"
    schemas: Mapping[str, type[StrictSchema]] = {
        "raw": schema_for(CapturedSection, raw=MapOf(keys=Text(), values=Json(allow_none=True), required=True)),
        "state": schema_for(SeededSection),
        "items": schema_for(SimulatedSection, created=Duration(low=timedelta(days=-30), high=timedelta())),
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        kind = next((key for key in self.schemas if isinstance(value, Mapping) and key in value), None)
        if kind is None:
            raise self.refused(value)
        return self.schemas[kind]().load(value)


class FiguresField(Checked):
    """Stock of a SKU at a location: a count, or `{count, reserved}`."""

    accepted = "a count, or {count, reserved}"
    mapping: type[StrictSchema] = schema_for(Figures)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Figures:
        given = value if isinstance(value, Mapping) else {"count": value}
        return self.mapping().load(given)  # type: ignore[no-any-return]


class DeclaredField(fields.Nested):
    """A fault, as one that a world begins with."""

    def __init__(self) -> None:
        super().__init__(FAULT_SCHEMA)

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> DeclaredFault:
        return DeclaredFault(fault=super()._deserialize(value, *more, **named))


DocumentSchema = schema_for(
    Document,
    description=Text(required=True),
    locale=Choice(LOCALES),
    clock=fields.Nested(schema_for(ClockSection, start=TimeField(allow_none=False), rate=Rate())),
    stock=MapOf(keys=Word(), values=MapOf(keys=Word(), values=FiguresField())),
    planner=fields.Nested(
        schema_for(
            PlannerSection,
            every=Duration(low=timedelta(seconds=1), high=timedelta(days=7)),
            default_location=Word(),
        )
    ),
    plans=Several(PlanField(), tuple),
    timeline=Several(LineField(), tuple),
    faults=Several(DeclaredField(), tuple),
    limits=fields.Nested(LIMITS_SCHEMA),
    expect=Several(fields.Nested(schema_for(Expectation)), tuple),
)
ProfileSchema = schema_for(
    ProfileDocument,
    description=Text(required=True),
    faults=Several(DeclaredField(), tuple),
    limits=fields.Nested(LIMITS_SCHEMA),
)
