"""What the contract would have to say otherwise, as a JSON Patch: as wide as what was seen, in shapes alone."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from mock_oms.contract.document import Node
from mock_oms.contract.fitting import resolved
from mock_oms.contract.places import Kind, Trail, id_of, kind_of, marked, node_at, pointer
from mock_oms.observed.document import Change, Seen

#: What `counting.type_of` tells, in the words of JSON Schema.
_TYPES = {
    "date-time": "string",
    "date": "string",
    "decimal": "string",
    "digits": "string",
    "empty string": "string",
    "empty array": "array",
    "empty object": "object",
}
#: What narrows a value beyond its type; where one of them does not hold, nobody can tell which from shapes.
_NARROWING = (
    *("const", "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)


def patch_for(document: Node, claims: Mapping[str, Seen]) -> tuple[Change, ...]:
    """Changes to this contract after which it says nothing that these claims contradict, in the order of their places.

    Rules that did not hold are taken out, from the last to the first, so that the places of the others stay true.
    """
    found = [(trail, node, claims[name]) for trail, node in marked(document) if (name := id_of(trail, node)) in claims]
    narrow = [change for trail, node, seen in found for change in _of_claim(document, trail, node, seen)]
    rules = [Change(op="remove", path=pointer(trail)) for trail, _, seen in found if _is_broken_rule(trail, seen)]
    return (*narrow, *_no_longer_required(document, found), *reversed(rules))


def _of_claim(document: Node, trail: Trail, node: Node, seen: Seen) -> Iterator[Change]:
    kind = kind_of(trail)
    if kind is Kind.HEADER:
        yield from _of_header(trail, seen)
    elif kind in {Kind.SCHEMA, Kind.FIELD}:
        yield from _of_shape(document, trail, node, seen)
        yield from _of_strangers(document, trail, seen)


def _of_header(trail: Trail, seen: Seen) -> Iterator[Change]:
    if seen.missing:
        yield Change(op="replace", path=pointer((*trail, "required")), value=False)
    if seen.unfit > seen.missing:
        yield Change(op="replace", path=pointer((*trail, "schema")), value={"type": "string"})


def _of_shape(document: Node, trail: Trail, node: Node, seen: Seen) -> Iterator[Change]:
    """A wider type; what a field only refers to is widened where it is said."""
    if seen.unfit == seen.missing:
        return
    types = {_TYPES.get(name, name) for name in seen.types}
    if "oneOf" in node:
        told = {name for one in node["oneOf"] for name in _types_of(resolved(one, document))}
        if types - told:
            yield Change(op="add", path=pointer((*trail, "oneOf", "-")), value={"type": sorted(types - told)})
        return
    if "type" in node and types - set(_types_of(node)):
        yield Change(
            op="replace", path=pointer((*trail, "type")), value=sorted({*types, *_types_of(node)} - _wider(types))
        )
    yield from (Change(op="remove", path=pointer((*trail, key))) for key in _NARROWING if key in node)


def _wider(types: set[str]) -> set[str]:
    """An integer is a number."""
    return {"integer"} if "number" in types else set()


def _types_of(node: Node) -> list[str]:
    said = node.get("type", [])
    return [said] if isinstance(said, str) else list(said)


def _of_strangers(document: Node, trail: Trail, seen: Seen) -> Iterator[Change]:
    for name in seen.added:
        value = {"x-provenance": "observed", "x-source": "seen in a real OMS; its type and meaning are not known here"}
        yield Change(op="add", path=pointer((*trail, "properties", name)), value=value)
    if seen.unnamed and "additionalProperties" in node_at(document, trail):
        yield Change(op="replace", path=pointer((*trail, "additionalProperties")), value=True)


def _no_longer_required(document: Node, found: list[tuple[Trail, Node, Seen]]) -> Iterator[Change]:
    missing = [trail for trail, _, seen in found if seen.missing and kind_of(trail) is Kind.FIELD]
    for parent, trails in groupby(missing, key=lambda trail: trail[:-2]):
        lost: set[Any] = {trail[-1] for trail in trails}
        kept = [name for name in node_at(document, (*parent, "required")) if name not in lost]
        yield Change(op="replace", path=pointer((*parent, "required")), value=kept)


def _is_broken_rule(trail: Trail, seen: Seen) -> bool:
    return kind_of(trail) is Kind.RULE and bool(seen.unfit)
