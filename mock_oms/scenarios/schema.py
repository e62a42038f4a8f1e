"""The marshmallow schemas of scenario files, profiles, faults and events, and their error sentences; events and faults as JSON."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import combinations
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load

from mock_oms.domain.events import WORDS, Event, PlaceOrder, word_of
from mock_oms.domain.setup import CapturedPlan
from mock_oms.domain.stock import Figures
from mock_oms.rendering.fake_data.locales import LOCALES
from mock_oms.scenarios import document
from mock_oms.scenarios.errors import Lines, Place, ScenarioError
from mock_oms.scenarios.fields import (
    Brief,
    Checked,
    Choice,
    Duration,
    Json,
    MapOf,
    Pair,
    Rate,
    RuledSchema,
    Several,
    StrictSchema,
    Text,
    Word,
    field_for,
    instance_of,
    near_values,
    schema_for,
    shown,
    write_duration,
)
from mock_oms.scenarios.times import TimeField
from mock_oms.text import MAX_HINTS
from mock_oms.traffic.faults import fault
from mock_oms.traffic.faults.limits import EXPIRIES, Expiry, Limits

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


Node = dict[str, Any]


#: The distributions that may hold the `max` of a delay.
_WITH_MAX: Mapping[str, type[fault.Normal | fault.Lognormal]] = {"normal": fault.Normal, "lognormal": fault.Lognormal}


def _inner_max(given: Mapping[str, Any]) -> timedelta | None:
    """The `max` inside a distribution."""
    return next((given[key].max for key, kind in _WITH_MAX.items() if isinstance(given.get(key), kind)), None)


def _delay_rule(given: Mapping[str, Any]) -> Iterator[fault.Objection]:
    most = _inner_max(given)
    if most and "max" in given:
        yield ("max",), "stands inside the distribution too; accepted: one of them."
    yield from fault.delay_objections({"max": most, **given} if most else given)


class _DelayBase(RuledSchema):
    rule = _delay_rule
    also: ClassVar[Mapping[str, Any]] = {
        # Generators of clients make a value without members of what has `oneOf` or `anyOf` beside its own.
        "not": {
            "anyOf": [
                *({"required": list(pair)} for pair in combinations(fault.DISTRIBUTIONS, 2)),
                {"propertyNames": {"enum": ["max", "place"]}},
            ]
        },
        "allOf": [{"not": {"required": [key, "max"], "properties": {key: {"required": ["max"]}}}} for key in _WITH_MAX],
    }

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> fault.Delay:
        """The delay, with its `max` beside the distribution."""
        most = _inner_max(data)
        data |= {key: dataclasses.replace(data[key], max=None) for key in _WITH_MAX if key in data}
        return fault.Delay(**(data | {"max": most} if most else data))


class DelayField(Checked):
    """A delay: a span that is always the same, or a mapping with a distribution."""

    accepted = (
        "a duration from 1ms to 1m such as 300ms, or (up to 10m) a mapping with one of "
        f"{', '.join(fault.DISTRIBUTIONS)}"
    )
    bare = Brief(timedelta(milliseconds=1), timedelta(minutes=1))
    mapping = schema_for(
        fault.Delay,
        base=_DelayBase,
        uniform=Pair(field_for(fault.PauseOrNone), tuple),
        normal=fields.Nested(schema_for(fault.Normal, base=RuledSchema)),
        lognormal=fields.Nested(schema_for(fault.Lognormal, base=RuledSchema)),
    )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, Mapping):
            return instance_of(self.mapping).load(value)
        try:
            return fault.Delay(fixed=self.bare.deserialize(value))
        except ValidationError:
            raise self.refused(value) from None


def _only_on(on: tuple[str, ...], *keys: str, values: list[str] | None = None) -> Node:
    """JSON Schema for: a fault with this key, inside those before it, is only for these values of `on`."""
    given: Node = {"enum": values} if values else {}
    for key in reversed(keys):
        given = {"type": "object", "required": [key], **({"properties": {key: given}} if given else {})}
    said = {} if "any" in on else {"required": ["on"]}
    return {"if": given, "then": {**said, "properties": {"on": {"enum": list(on)}}}}


#: JSON Schema for: what the parts of an effect have against each other.
_EFFECT_RULES: Node = {
    "not": {"anyOf": [{"required": list(pair)} for pair in combinations(fault.EFFECTS, 2)]},
    "dependentSchemas": {
        key: {"required": [effect], "properties": {effect: {"enum": list(values)}}}
        for key, (effect, values) in fault.PARAMETERS.items()
    },
}
_EFFECT_SCHEMA = schema_for(
    fault.Effect,
    rule=fault.effect_objections,
    also={"minProperties": 1, **_EFFECT_RULES},
    status=Choice(fault.STATUSES),
    delay=DelayField(),
)
_WHEN_SCHEMA = schema_for(fault.When, base=RuledSchema)
_LIST_SHAPES = [str(one) for one in fault.Shape if one in fault.LIST_SHAPES]


def _target_rules(when: tuple[str, ...], effect: tuple[str, ...]) -> list[Node]:
    """JSON Schema for: which keys are only for which requests; they stand inside these, or beside them."""
    return [
        _only_on(("list",), *when, "page"),
        _only_on(("detail",), *when, "state"),
        _only_on(("list", "detail", "any"), *effect, "shape"),
        _only_on(("list", "any"), *effect, "shape", values=_LIST_SHAPES),
    ]


#: A fault as answers have it.
NESTED_FAULT: type[StrictSchema] = schema_for(
    fault.Fault,
    rule=fault.fault_objections,
    also={"allOf": [_only_on(("detail",), "plan"), *_target_rules(("when",), ("effect",))]},
    when=fields.Nested(_WHEN_SCHEMA),
    effect=fields.Nested(_EFFECT_SCHEMA, required=True),
)


#: The keys of a fault that say nothing of what it does.
_WITHOUT_EFFECT = [
    *(one.name for one in dataclasses.fields(fault.Fault) if one.name != "effect"),
    *(key for keys in fault.INSIDE.values() for key in keys if key not in fault.KINDS),
]


# marshmallow puts the keys of the last base first.
class FaultSchema(_EFFECT_SCHEMA, _WHEN_SCHEMA, NESTED_FAULT):  # type: ignore[misc, valid-type]
    """A fault as files and the control API take it: what belongs into `when` and `effect` may stand beside the rest."""

    kind = fault.Fault
    on = Choice(fault.FaultTarget, load_default=fault.FaultTarget.ANY)
    effect = fields.Nested(_EFFECT_SCHEMA)
    rule = fault.fault_objections
    also: ClassVar[Mapping[str, Any]] = {
        "allOf": [
            *NESTED_FAULT.also["allOf"],
            *_target_rules((), ()),
            _EFFECT_RULES,
            {"not": {"propertyNames": {"enum": _WITHOUT_EFFECT}}},
            *(
                {"if": {"required": [outer]}, "then": {"properties": dict.fromkeys(keys, False)}}
                for outer, keys in fault.INSIDE.items()
            ),
        ]
    }

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> fault.Fault:
        """The fault, with what stood beside `when` and `effect` inside them."""
        kinds: Mapping[str, type[Any]] = {"when": fault.When, "effect": fault.Effect}
        inside = {
            outer: data.pop(outer, None) or kind(**{key: data.pop(key) for key in fault.INSIDE[outer] if key in data})
            for outer, kind in kinds.items()
        }
        return fault.Fault(**data, **inside)


_EXPIRY_SCHEMA = schema_for(
    Expiry, rule=partial(fault.exactly_one, keys=EXPIRIES), also={"minProperties": 1, "maxProperties": 1}
)
LIMITS_SCHEMA: type[StrictSchema] = schema_for(Limits, base=RuledSchema, token=fields.Nested(_EXPIRY_SCHEMA))


def without_defaults(value: Any) -> Node:
    """A fault, limits or an event as JSON, without the keys that have their default; its schema reads it again."""
    given = ((one, getattr(value, one.name)) for one in dataclasses.fields(value))
    return {one.name: _written(said) for one, said in given if said != one.default}


def _written(value: Any) -> Any:
    if isinstance(value, timedelta):
        return write_duration(value)
    if isinstance(value, tuple):
        return list(map(_written, value))
    if not dataclasses.is_dataclass(value):
        return str(value) if isinstance(value, str) else value
    written = without_defaults(value)
    return written["fixed"] if isinstance(value, fault.Delay) and set(written) == {"fixed"} else written


EVENT_SCHEMAS: Mapping[str, type[StrictSchema]] = {
    word: schema_for(kind, omit={"created"} if kind is PlaceOrder else ()) for word, kind in WORDS.items()
}


#: An event of each word, as somebody types it.
EVENT_EXAMPLES: Mapping[str, str] = {
    "restock": "{sku: TST-002-L, location: WH001, count: 10}",
    "sell": "{sku: TST-002-L, location: WH001, count: 1}",
    "block": "WH001",
    "open": "WH001",
    "quota": "{location: WH001, quota: 3}",
    "stock_service": "down",
    "order": "{items: [TST-001-M]}",
    "confirm": "41207",
    "command": "{plan: 41207, run: plan-cancel}",
    "cancel_item": "{plan: 41207, sku: TST-002-L}",
    "assign": "{plan: 41207, sku: TST-002-L, location: WH001}",
    "refuse": "{plan: 41207, location: WH001}",
    "not_found": "{plan: 41207, sku: TST-001-M}",
}


def event_needs(word: str) -> str:
    """A clause that says which keys an event needs, with an example."""
    needed = [name for name, one in EVENT_SCHEMAS[word]().fields.items() if one.required]
    return f"{word} needs {', '.join(needed)}, such as `{word}: {EVENT_EXAMPLES[word]}`"


def load_event(word: str, given: Any) -> Event:
    """The event of this word with these keys; a bare value stands for the only key that it has.

    :raises marshmallow.ValidationError: it is none of the vocabulary.
    """
    schema = instance_of(EVENT_SCHEMAS[word])
    if not given and given != 0:
        raise ValidationError(f"found {shown(given)}; {event_needs(word)}.")
    if not isinstance(given, Mapping) and len(schema.fields) == 1:
        given = {next(iter(schema.fields)): given}
    elif not isinstance(given, Mapping):
        raise ValidationError(f"found {shown(given)}; {event_needs(word)}.")
    return schema.load(given)  # type: ignore[no-any-return]


def read_event(written: Mapping[str, Any]) -> Event:
    """The event that `write_event` wrote; raises as `load_event`."""
    ((word, given),) = written.items()
    return load_event(word, given)


def write_event(event: Event) -> dict[str, Any]:
    """An event as JSON, `{word: {key: value}}`, without the keys that have their default."""
    return {word_of(event): without_defaults(event)}


class LineField(Checked):
    """A line of the timeline: `at`, and one event under its word; an event of one key may stand without it."""

    accepted = f"`at` and one of {', '.join(WORDS)}"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> document.Line:
        if not isinstance(value, Mapping) or not value:
            raise self.refused(value, near_values().glued_clause(value))
        words = [key for key in value if key != "at"]
        if len(words) != 1 or words[0] not in WORDS:
            named = ", ".join(map(str, words))[:80] or "no event"
            raise ValidationError(f"found {named}; accepted: {self.accepted}{self._hint(words)}.")
        if "at" not in value:
            raise ValidationError({"at": ["is missing: how long after the start, such as 45m."]})
        (word,) = words
        errors: dict[str, Any] = {}
        line: dict[str, Any] = {}
        for key, load in (("at", Duration().deserialize), (word, lambda given: load_event(word, given))):
            try:
                line[key] = load(value[key])
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return document.Line(at=line["at"], event=line[word])

    def _hint(self, words: Sequence[Any]) -> str:
        """What is wrong with a line that has not one event: its keys stand beside it, or its word is misspelt."""
        events, others = ([one for one in words if (one in WORDS) is known] for known in (True, False))
        if events and others and set(others) <= {*instance_of(EVENT_SCHEMAS[events[0]]).fields}:
            return f"; {', '.join(map(str, others))} must stand below {events[0]}, further to the right"
        close = near_values().key_clause(str(others[0]), (*WORDS, "at")) if others else ""
        return close if "; known" not in close else ""


class RawField(MapOf):
    """A captured plan, as JSON. A file gives it, or the name of one; then the plans in that are read before this."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, Mapping):
            where = "a plan as JSON; in a file also the name of another, one for each entry"
            raise ValidationError(f"found {shown(value)}; accepted: {where}.")
        return super()._deserialize(value, attr, data, **more)


class PlanField(Checked):
    """A plan: `items` (simulated), `state` (seeded) or `raw` (captured)."""

    accepted = "a mapping with `items` (simulated), `state` (seeded) or `raw` (captured)"
    schemas: Mapping[str, type[StrictSchema]] = {
        "raw": schema_for(CapturedPlan, omit={"count"}, raw=RawField(Text(), Json(allow_none=True), required=True)),
        "state": schema_for(document.SeededSection),
        "items": schema_for(document.SimulatedSection, created=Duration(low=timedelta(days=-30), high=timedelta())),
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        kinds = [key for key in self.schemas if isinstance(value, Mapping) and key in value]
        if len(kinds) > 1:
            raise ValidationError(
                f"found {' and '.join(kinds)}; accepted: one of them, which says what kind of plan it is."
            )
        if not kinds:
            keys = [str(key) for key in value] if isinstance(value, Mapping) else []
            clauses = [near_values().key_clause(key, self.schemas) for key in keys[:MAX_HINTS]]
            near = next((one for one in clauses if not one.startswith("; known")), "")
            raise self.refused(value, near or near_values().glued_clause(value))
        return instance_of(self.schemas[kinds[0]]).load(value)


class FiguresField(Checked):
    """Stock of a SKU at a location: a count, or `{count, reserved}`."""

    accepted = "a count, or {count, reserved}"
    mapping: type[StrictSchema] = schema_for(Figures)
    bare = mapping().fields["count"]

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Figures:
        given = value if isinstance(value, Mapping) else {"count": value}
        return instance_of(self.mapping).load(given)  # type: ignore[no-any-return]


class _CellsField(MapOf):
    """The stock of a SKU, by location."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            such_as = f"a mapping of locations, such as {{WH001: {value}}}"
            raise ValidationError(f"found {value}, which says no location; accepted: {such_as}.")
        return super()._deserialize(value, attr, data, **more)


def _declared(faults: Iterable[fault.Fault]) -> tuple[document.DeclaredFault, ...]:
    """Faults, as a world begins with them."""
    return tuple(document.DeclaredFault(fault=one) for one in faults)


DocumentSchema = schema_for(
    document.Document,
    description=Text(required=True),
    locale=Choice(LOCALES),
    clock=fields.Nested(schema_for(document.ClockSection, start=TimeField(allow_none=False), rate=Rate())),
    stock=MapOf(Word(), _CellsField(Word(), FiguresField()), such_as="{SKU: {LOCATION: 3}}"),
    planner=fields.Nested(
        schema_for(
            document.PlannerSection,
            every=Duration(low=timedelta(seconds=1), high=timedelta(days=7)),
            default_location=Word(),
        )
    ),
    plans=Several(PlanField(), tuple),
    timeline=Several(LineField(), tuple),
    faults=Several(fields.Nested(FaultSchema), _declared),
    limits=fields.Nested(LIMITS_SCHEMA),
    expect=Several(fields.Nested(schema_for(document.Expectation)), tuple),
)
ProfileSchema = schema_for(
    document.ProfileDocument,
    description=Text(required=True),
    faults=Several(fields.Nested(FaultSchema), _declared),
    limits=fields.Nested(LIMITS_SCHEMA),
)
