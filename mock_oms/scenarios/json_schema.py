"""The JSON Schema of a scenario file, made from its marshmallow schema, for editors."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from mock_oms.scenarios.derive import NameOrNumber, StrictSchema
from mock_oms.scenarios.fault_schema import DelayField
from mock_oms.scenarios.fields import (
    BRIEF,
    DURATION,
    MAX_WORD,
    TIME,
    Brief,
    Choice,
    Duration,
    MapOf,
    Measure,
    OneNumber,
    Pair,
    Rate,
    Text,
    TimeField,
    Whole,
    Word,
    YesNo,
    write_duration,
)
from mock_oms.scenarios.schema import EVENT_SCHEMAS, DocumentSchema, FiguresField, LineField, PlanField

Node = dict[str, Any]

_COMPONENTS = "#/components/schemas/"
_ROOT = "Document"
#: Components that were published under an older word; files may refer to them, so the names stay.
_PUBLISHED_NAMES = {"Seeded": "Told", "Captured": "Raw"}
#: The one thing that no field says by itself: something must be there to serve (an empty list of plans will do).
_SERVED = ({"required": ["plans"]}, {"required": ["backlog"]})


def json_schema() -> Node:
    """The schema of a scenario file (Draft 2020-12). Whether its names refer to something it cannot tell."""
    spec = APISpec(
        title="", version="", openapi_version="3.1.0", plugins=[_Plugin(schema_name_resolver=name_of_schema)]
    )
    spec.components.schema(_ROOT, schema=DocumentSchema)
    named: Node = _with_defs(spec.components.schemas)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of mock_oms",
        **named.pop(_ROOT),
        "anyOf": list(_SERVED),
        "$defs": dict(sorted(named.items())),
    }


def name_of_schema(schema: Any) -> str:
    """The name of a component, from its class."""
    kind: Any = resolve_schema_cls(schema)
    name = str(kind.__name__).removesuffix("Schema").removesuffix("Section")
    return _PUBLISHED_NAMES.get(name, name)


def _with_defs(node: Any) -> Any:
    """A schema whose references point to `$defs` (JSON Schema) instead of `components` (OpenAPI)."""
    if isinstance(node, dict):
        return {key: _with_defs(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_defs(value) for value in node]
    return node.replace(_COMPONENTS, "#/$defs/") if isinstance(node, str) else node


class Converter(OpenAPIConverter):
    """apispec's converter, which knows the kinds of value in a scenario file."""

    def init_attribute_functions(self) -> None:
        """Ask `_SHAPES` after apispec's own functions, but before the last of them, which lets null in."""
        super().init_attribute_functions()  # type: ignore[no-untyped-call]
        self.attribute_functions.insert(-1, self.scenario2properties)

    def nested(self, schema: type[StrictSchema]) -> Node:
        """A reference to a mapping that has a schema of its own."""
        reference: Node = self.resolve_nested_schema(schema)  # type: ignore[no-untyped-call]
        return reference

    def scenario2properties(self, field: fields.Field[Any], **_: Any) -> Node:
        """What a field of ours accepts; nothing for one of marshmallow's own."""
        shape = next((_SHAPES[kind] for kind in type(field).__mro__ if kind in _SHAPES), None)
        return shape(self, field) if shape else {}

    def schema2jsonschema(self, schema: Any) -> Node:
        """A mapping of the file, described by the docstring of what it is loaded into, with its defaults."""
        converted: Node = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        kind = schema.kind
        described = inspect.getdoc(type(schema) if kind is dict else kind) or ""
        for key, said in _said(kind).items():
            if key in converted["properties"]:
                converted["properties"][key] |= said
        return {"description": " ".join(described.partition("\n\n")[0].split()), **converted, **schema.also}


class _Plugin(MarshmallowPlugin):
    Converter = Converter


def _said(kind: type[Any]) -> Mapping[str, Node]:
    """What a dataclass says of its fields beside their types, by their keys in the file."""
    members = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return {one.metadata.get("key", one.name): _default(one) | _reason(one) for one in members}


def _default(member: "dataclasses.Field[Any]") -> Node:
    value = member.default
    if isinstance(value, timedelta):
        return {"default": write_duration(value)}
    return {"default": value} if isinstance(value, (str, int, float)) else {}


def _reason(member: "dataclasses.Field[Any]") -> Node:
    return {"description": f"Why the default: {member.metadata['why']}."} if "why" in member.metadata else {}


#: A line of text; what Python calls printable is more than a pattern can say.
_WORD = {"type": "string", "minLength": 1, "maxLength": MAX_WORD, "pattern": "^[^\\u0000-\\u001f\\u007f]*$"}


def _always(shape: Node) -> Callable[[Converter, Any], Node]:
    return lambda *_: dict(shape)


def _whole(_: Converter, field: Whole) -> Node:
    return {"type": "integer", "minimum": field.low, "maximum": field.high}


def _rate(_: Converter, field: Rate) -> Node:
    return {"type": "number", "minimum": 0, "maximum": 86_400, "description": field.accepted}


def _choice(_: Converter, field: Choice) -> Node:
    return {"enum": [*map(str, field.choices), *([None] if field.allow_none else [])]}


def _duration(_: Converter, field: Duration) -> Node:
    """One that must not be in the past has no minus; one that must be has one, or is zero."""
    first = "(?=[0-9])" if field.low >= timedelta() else "(?=-[0-9]|0)" if field.high <= timedelta() else "(?=-?[0-9])"
    return {"type": "string", "pattern": f"^{first}{DURATION.pattern}$", "description": field.accepted}


def _brief(_: Converter, field: Brief) -> Node:
    """One that is too short for hours has none."""
    first = "(?=[0-9])(?!.*[dh])" if field.high < timedelta(hours=1) else "(?=[0-9])"
    return {"type": "string", "pattern": f"^{first}{BRIEF.pattern}$", "description": field.accepted}


def _measure(_: Converter, field: Measure) -> Node:
    return {"type": "number", "exclusiveMinimum": field.low, "maximum": field.high}


def _delay(converter: Converter, field: DelayField) -> Node:
    short = converter.field2property(field.fixed)
    return {"anyOf": [short, converter.nested(field.spelled_out)], "description": field.accepted}


def _instant(_: Converter, field: TimeField) -> Node:
    moment = {"type": "string", "pattern": f"^{TIME.pattern}$"}
    return {"anyOf": [{"const": "now"}, moment], "description": field.accepted}


def _named(_: Converter, field: NameOrNumber) -> Node:
    return {"anyOf": [_WORD, {"type": "integer"}], "description": field.accepted}


def _map(converter: Converter, field: MapOf) -> Node:
    return {"propertyNames": converter.field2property(field.key_field)} if field.key_field else {}


def _figures(converter: Converter, field: FiguresField) -> Node:
    spelled_out = converter.nested(field.spelled_out)
    count = converter.field2property(field.spelled_out().fields["count"])
    return {"anyOf": [count, spelled_out], "description": field.accepted}


def _plan(converter: Converter, field: PlanField) -> Node:
    kinds = [converter.nested(schema) for schema in field.schemas.values()]
    return {"oneOf": kinds, "description": field.accepted}


def _line(converter: Converter, field: LineField) -> Node:
    """`at` and one word: two keys in all."""
    return {
        "type": "object",
        "description": field.accepted,
        "properties": {
            "at": converter.field2property(Duration()),
            **{word: event_shape(converter, word) for word in EVENT_SCHEMAS},
        },
        "required": ["at"],
        "additionalProperties": False,
        "minProperties": 2,
        "maxProperties": 2,
    }


def event_shape(converter: Converter, word: str) -> Node:
    """An event's keys, or its only value."""
    spelled_out = converter.nested(EVENT_SCHEMAS[word])
    only = list(EVENT_SCHEMAS[word]().fields.values())
    return {"anyOf": [*map(converter.field2property, only), spelled_out]} if len(only) == 1 else spelled_out


#: What each kind of field accepts. A field is looked up by its class, then by the classes that this derives from.
_SHAPES: Mapping[type[fields.Field[Any]], Callable[[Converter, Any], Node]] = MappingProxyType(
    {
        Word: _always(_WORD),
        Text: _always({"type": "string"}),
        YesNo: _always({"type": "boolean"}),
        Whole: _whole,
        Rate: _rate,
        Choice: _choice,
        Duration: _duration,
        Brief: _brief,
        Measure: _measure,
        OneNumber: lambda _, field: {"enum": list(field.choices)},
        Pair: _always({"minItems": 2, "maxItems": 2}),
        DelayField: _delay,
        TimeField: _instant,
        NameOrNumber: _named,
        MapOf: _map,
        FiguresField: _figures,
        PlanField: _plan,
        LineField: _line,
    }
)
