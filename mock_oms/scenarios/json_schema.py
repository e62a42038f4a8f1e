"""The JSON Schema of a scenario file, made from its marshmallow schema, for editors."""

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from mock_oms.rendering.encoding import AnyField
from mock_oms.scenarios.fields import Checked, Duration, MapOf, Pair, StrictSchema, write_duration
from mock_oms.scenarios.schema import (
    EVENT_SCHEMAS,
    DelayField,
    DocumentSchema,
    FiguresField,
    LineField,
    PlanField,
    RawField,
)
from mock_oms.text import read_file

Node = dict[str, Any]

#: What the schema is called beside a scenario, and in itself.
SCHEMA_FILE, _TITLE = "scenario.schema.json", "A scenario of mock_oms"
_MOST_OF_SCHEMA = 10_000_000

#: Components that were published under an older word; files may refer to them, so the names stay.
_PUBLISHED_NAMES = {"Seeded": "Told", "CapturedPlan": "Raw"}


def json_schema() -> Node:
    """The schema of a scenario file (Draft 2020-12). Whether its names refer to something it cannot tell."""
    plugin = _Plugin(schema_name_resolver=name_of_schema)
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin])
    spec.components.schema("Document", schema=DocumentSchema)
    # OpenAPI refers to components, JSON Schema to `$defs`.
    named: Node = json.loads(json.dumps(spec.components.schemas).replace("#/components/schemas/", "#/$defs/"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        **named.pop("Document"),
        # No field says this by itself: something must be there to serve (an empty list of plans will do).
        "anyOf": [{"required": ["plans"]}, {"required": ["backlog"]}],
        "$defs": dict(sorted(named.items())),
    }


def schema_line(file: Path) -> str:
    """The first line of a scenario file, by which editors find its schema; nothing where that cannot be written.

    It is written beside the file, for no public address has it; a file of that name which is not ours stays as it is.
    """
    beside, text = file.with_name(SCHEMA_FILE), f"{json.dumps(json_schema(), indent=2, ensure_ascii=False)}\n"
    if file.exists() and not file.is_file():  # such as /dev/stdout
        return ""
    with suppress(OSError, ValueError, AttributeError):
        known = read_file(beside, _MOST_OF_SCHEMA).decode() if beside.exists() else None
        if known is None or (known != text and json.loads(known).get("title") == _TITLE):
            beside.write_text(text, encoding="utf-8")
        return f"# yaml-language-server: $schema=./{SCHEMA_FILE}\n"
    return ""


def name_of_schema(schema: Any) -> str:
    """The name of a component, from its class."""
    kind: Any = resolve_schema_cls(schema)
    name = str(kind.__name__).removesuffix("Schema").removesuffix("Section")
    return _PUBLISHED_NAMES.get(name, name)


class Converter(OpenAPIConverter):
    """apispec's converter, which knows the kinds of value in a scenario file."""

    def init_attribute_functions(self) -> None:
        """Ask `scenario2properties` after apispec's own functions, but before the last of them, which lets null in."""
        super().init_attribute_functions()  # type: ignore[no-untyped-call]
        self.attribute_functions.insert(-1, self.scenario2properties)

    def nested(self, schema: type[StrictSchema]) -> Node:
        """A reference to a mapping that has a schema of its own."""
        reference: Node = self.resolve_nested_schema(schema)  # type: ignore[no-untyped-call]
        return reference

    def scenario2properties(self, field: AnyField, **_: Any) -> Node:
        """What a field of ours accepts; nothing for one of marshmallow's own."""
        nested = next((shape for kind, shape in _NESTED.items() if isinstance(field, kind)), None)
        if nested is not None:
            return nested(self, field)
        return dict(field.shape) if isinstance(field, Checked) else {}

    def schema2jsonschema(self, schema: Any) -> Node:
        """A mapping of the file, described by the docstring of what it is loaded into, with its defaults."""
        converted: Node = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        kind = schema.kind
        for one in dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ():
            shape = converted["properties"].get(one.metadata.get("key", one.name), {})
            if isinstance(one.default, timedelta):
                shape["default"] = write_duration(one.default)
            elif isinstance(one.default, (str, int, float)):
                shape["default"] = one.default
            if "why" in one.metadata:
                shape["description"] = f"Why the default: {one.metadata['why']}."
        described = inspect.getdoc(type(schema) if kind is dict else kind) or ""
        return {"description": " ".join(described.partition("\n\n")[0].split()), **converted, **schema.also}


class _Plugin(MarshmallowPlugin):
    Converter = Converter


def _line(converter: Converter, field: LineField) -> Node:
    """`at` and one word: two keys in all."""
    at = converter.field2property(Duration())
    return {
        "type": "object",
        "description": field.accepted,
        "properties": {"at": at, **{word: event_shape(converter, word) for word in EVENT_SCHEMAS}},
        "required": ["at"],
        "additionalProperties": False,
        "minProperties": 2,
        "maxProperties": 2,
    }


def event_shape(converter: Converter, word: str) -> Node:
    """An event's keys, or its only value."""
    mapping = converter.nested(EVENT_SCHEMAS[word])
    only = list(EVENT_SCHEMAS[word]().fields.values())
    return {"anyOf": [*map(converter.field2property, only), mapping]} if len(only) == 1 else mapping


#: What kinds of field accept that consist of others.
_NESTED: Mapping[type[Any] | tuple[type[Any], ...], Callable[[Converter, Any], Node]] = {
    RawField: lambda *_: {
        "type": ["object", "string"],
        "description": "the name of a file beside the scenario or below, with a plan, a list, pages or an archive (HAR)",
        "minLength": 1,
    },
    MapOf: lambda converter, field: (
        {"propertyNames": converter.field2property(field.key_field)} if field.key_field else {}
    ),
    Pair: lambda *_: {"minItems": 2, "maxItems": 2},
    (DelayField, FiguresField): lambda converter, field: {
        "anyOf": [converter.field2property(field.bare), converter.nested(field.mapping)],
        "description": field.accepted,
    },
    PlanField: lambda converter, field: {
        "oneOf": [converter.nested(schema) for schema in field.schemas.values()],
        "description": field.accepted,
    },
    LineField: _line,
}
