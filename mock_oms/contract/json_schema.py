"""Whether a value fits a schema of the contract: as much of JSON Schema as the contract uses, and no more."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mock_oms.contract.document import Node, resolve_ref

#: Says whether a value fits a schema.
Fits = Callable[[Any, Node], bool]
#: Says whether a value is as one keyword wants it, which is given with all of its schema.
_Keyword = Callable[[Any, Any, Node, Fits], bool]

_TYPES: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "string": lambda value: isinstance(value, str),
        "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
        "boolean": lambda value: isinstance(value, bool),
        "null": lambda value: value is None,
    }
)


def fits(value: Any, schema: Node, document: Node) -> bool:  # noqa: ANN401  where JSON enters
    """Whether a value fits, with everything in it."""
    return _fits(value, schema, document, _EVERY)


def fits_here(value: Any, schema: Node, document: Node) -> bool:  # noqa: ANN401  as above
    """Whether a value fits by itself: its type, range and wording, whatever stands in it."""
    return _fits(value, schema, document, _HERE)


def _fits(value: Any, schema: Node, document: Node, keywords: Mapping[str, _Keyword]) -> bool:  # noqa: ANN401
    def inner(value: Any, schema: Node) -> bool:  # noqa: ANN401
        return _fits(value, schema, document, keywords)

    said = resolve_ref(document, schema)
    return all(keywords[key](value, wanted, said, inner) for key, wanted in said.items() if key in keywords)


def _same(value: Any, wanted: Any) -> bool:  # noqa: ANN401
    return type(value) is type(wanted) and bool(value == wanted)


def _type(value: Any, wanted: Any, _: Node, __: Fits) -> bool:  # noqa: ANN401
    return any(_TYPES[name](value) for name in ([wanted] if isinstance(wanted, str) else wanted))


def _of(name: str, holds: Callable[[Any, Any], bool]) -> _Keyword:
    """A keyword that is only about values of one type."""
    return lambda value, wanted, _, __: not _TYPES[name](value) or holds(value, wanted)


def members(value: Mapping[str, Any], schema: Node) -> Iterator[tuple[str, Any, Node | None]]:
    """What an object holds: each key with its value and its schema, None where the object's schema knows none."""
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, one in value.items():
        by_pattern = (said for pattern, said in patterns.items() if re.search(pattern, key))
        yield key, one, named.get(key) or next(by_pattern, None)


def _members(value: Any, _: Any, schema: Node, inner: Fits) -> bool:  # noqa: ANN401
    if not isinstance(value, dict):
        return True
    return all(inner(one, said) for _, one, said in members(value, schema) if said is not None)


def _no_others(value: Any, wanted: Any, schema: Node, _: Fits) -> bool:  # noqa: ANN401
    if wanted is not False or not isinstance(value, dict):
        return True
    return all(said is not None for _, _, said in members(value, schema))


def _if(value: Any, wanted: Any, schema: Node, inner: Fits) -> bool:  # noqa: ANN401
    return not inner(value, wanted) or inner(value, schema["then"])


_HERE: Mapping[str, _Keyword] = MappingProxyType(
    {
        "type": _type,
        "const": lambda value, wanted, _, __: _same(value, wanted),
        "enum": lambda value, wanted, _, __: any(_same(value, one) for one in wanted),
        "pattern": _of("string", lambda value, wanted: re.search(wanted, value) is not None),
        "minLength": _of("string", lambda value, wanted: len(value) >= wanted),
        "maxLength": _of("string", lambda value, wanted: len(value) <= wanted),
        "minimum": _of("number", lambda value, wanted: value >= wanted),
        "maximum": _of("number", lambda value, wanted: value <= wanted),
        "minItems": _of("array", lambda value, wanted: len(value) >= wanted),
        "maxItems": _of("array", lambda value, wanted: len(value) <= wanted),
        "minProperties": _of("object", lambda value, wanted: len(value) >= wanted),
        "maxProperties": _of("object", lambda value, wanted: len(value) <= wanted),
        "oneOf": lambda value, wanted, _, inner: any(inner(value, one) for one in wanted),
    }
)
_EVERY: Mapping[str, _Keyword] = MappingProxyType(
    {
        **_HERE,
        "required": _of("object", lambda value, wanted: all(name in value for name in wanted)),
        "properties": _members,
        "patternProperties": _members,
        "additionalProperties": _no_others,
        "items": lambda value, wanted, _, inner: (
            not isinstance(value, list) or all(inner(one, wanted) for one in value)
        ),
        "contains": lambda value, wanted, _, inner: (
            not isinstance(value, list) or any(inner(one, wanted) for one in value)
        ),
        "allOf": lambda value, wanted, _, inner: all(inner(value, one) for one in wanted),
        "not": lambda value, wanted, _, inner: not inner(value, wanted),
        "if": _if,
    }
)
