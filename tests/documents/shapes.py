"""JSON Schemas as tables for people: one row a key, with what it accepts and what holds by default."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.documents.tables import table

Schema = Mapping[str, Any]


def accepted(schema: Schema) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key, say in _SAYINGS.items():
        if key in schema:
            return say(schema)
    return "anything"


def _listed(schema: Schema) -> str:
    return ", ".join(f"`{_text(value)}`" for value in schema["enum"])


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _either(schema: Schema) -> str:
    options = schema.get("anyOf") or schema["oneOf"]
    return " or ".join(accepted(option) for option in options)


def _typed(schema: Schema) -> str:
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return " or ".join(_KINDS[kind](schema) for kind in kinds)


def _number(schema: Schema, name: str) -> str:
    if "description" in schema:
        return str(schema["description"])
    lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
    above = "above " if "exclusiveMinimum" in schema else ""
    if lowest is None:
        return name
    return f"{name}, {above}{lowest} to {schema['maximum']}" if "maximum" in schema else f"{name} from {above}{lowest}"


def _mapping(schema: Schema) -> str:
    if "properties" in schema and "description" in schema:
        return str(schema["description"])
    inside = schema.get("additionalProperties")
    return f"a mapping, each value {accepted(inside)}" if isinstance(inside, Mapping) and inside else "a mapping"


def _string(schema: Schema) -> str:
    return str(schema.get("description", "a time, ISO 8601" if schema.get("format") == "date-time" else "text"))


_KINDS: Mapping[str, Callable[[Schema], str]] = {
    "string": _string,
    "integer": lambda schema: _number(schema, "a whole number"),
    "number": lambda schema: _number(schema, "a number"),
    "boolean": lambda _: "`true`, `false`",
    "array": lambda schema: f"a list, each {accepted(schema.get('items', {}))}",
    "object": _mapping,
    "null": lambda _: "`null`",
}
_SAYINGS: Mapping[str, Callable[[Schema], str]] = {
    "enum": _listed,
    "const": lambda schema: f"`{_text(schema['const'])}`",
    "anyOf": _either,
    "oneOf": _either,
    "type": _typed,
}


def keys(schema: Schema) -> str:
    """The keys of an object as a table, and below it what they demand of each other."""
    properties = schema.get("properties")
    if not properties:
        return f"It is {accepted(schema)}."
    needed = schema.get("required", ())
    rows = [(f"`{name}`", _cell(one), _default(name, one, needed)) for name, one in properties.items()]
    rules = list(_rules(schema))
    return "\n\n".join([table(("key", "accepted", "default"), rows), *([" ".join(rules)] if rules else [])])


def _cell(schema: Schema) -> str:
    said, note = accepted(schema), schema.get("description", "")
    return said if not note or note in said else f"{said}: {note.rstrip('.')}"


def _default(name: str, schema: Schema, needed: object) -> str:
    if isinstance(needed, (list, tuple)) and name in needed:
        return "required"
    return f"`{_text(schema['default'])}`" if "default" in schema else ""


def _rules(schema: Schema) -> Iterator[str]:
    """What `oneOf`, `anyOf` and `dependentSchemas` say about which keys stand together."""
    for key, words in (("oneOf", "Exactly one of"), ("anyOf", "At least one of")):
        names = [", ".join(f"`{name}`" for name in one.get("required", ())) for one in schema.get(key, ())]
        if names and all(names):
            yield f"{words} {', '.join(names)} must be there."
    for name, needs in schema.get("dependentSchemas", {}).items():
        (other,) = needs["required"]
        yield f"`{name}` needs `{other}` to be one of {_listed(needs['properties'][other])}."
