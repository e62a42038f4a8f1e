"""What the contract would have to say otherwise, as JSON Patch (RFC 6902): after an observation, and after drift."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any

from mock_oms.conformance.shapes import MEMBERS, PAGE, PLAN, ROWS, parent
from mock_oms.contract.document import Node, Trail, data_member, node_at, nodes, pointer, ref_trail, resolve_ref
from mock_oms.contract.ledger import ClaimKind, id_of, kind_of
from mock_oms.contract.observation import ClaimSeen, PatchOperation
from mock_oms.dataclass import dataclass

#: The types of JSON Schema of what `ClaimSeen.types` counts.
_TYPES = {
    **dict.fromkeys(("date-time", "date", "decimal", "digits", "empty string"), "string"),
    "empty array": "array",
    "empty object": "object",
}
#: What narrows a value beyond its type; where one of them does not hold, nobody can tell which from shapes.
_NARROWING = re.compile("const|enum|format|pattern|minimum|maximum|(min|max)(Length|Items|Properties)")
_NEW = {"x-provenance": "observed", "x-source": "seen in a real OMS; its type and meaning are not known here"}


def patch_for(document: Node, claims: Mapping[str, ClaimSeen]) -> tuple[PatchOperation, ...]:
    """Changes to this contract after which it says nothing that these claims contradict, in the order of their places.

    Rules that did not hold are taken out, from the last to the first, so that the places of the others stay true.
    """
    found = [
        (trail, node, claims[name])
        for trail, node in nodes(document)
        if "x-provenance" in node and (name := id_of(trail, node)) in claims
    ]
    changes: list[PatchOperation] = []
    broken: list[PatchOperation] = []
    for trail, node, seen in found:
        kind = kind_of(trail)
        if kind is ClaimKind.RULE and seen.unfit:
            broken.append(_change("remove", trail))
        elif kind is ClaimKind.HEADER:
            if seen.missing:
                changes.append(_change("replace", (*trail, "required"), value=False))
            if seen.unfit > seen.missing:
                changes.append(_change("replace", (*trail, "schema"), {"type": "string"}))
        elif kind in {ClaimKind.SCHEMA, ClaimKind.FIELD}:
            changes += _wider(document, trail, node, seen)
            changes += (_change("add", (*trail, "properties", name), dict(_NEW)) for name in seen.added)
            if seen.unnamed and "additionalProperties" in node:
                changes.append(_change("replace", (*trail, "additionalProperties"), value=True))
                changes += (_change("remove", (*trail, key)) for key in node if key == "propertyNames")
    missing = [trail for trail, _, seen in found if seen.missing and kind_of(trail) is ClaimKind.FIELD]
    for holder, trails in groupby(missing, key=lambda trail: trail[:-2]):
        absent = {trail[-1] for trail in trails}
        rest = [name for name in node_at(document, (*holder, "required")) if name not in absent]
        changes.append(_change("replace", (*holder, "required"), rest))
    return (*changes, *reversed(broken))


def _wider(document: Node, trail: Trail, node: Node, seen: ClaimSeen) -> Iterator[PatchOperation]:
    """A wider type; what a field only refers to is widened where it is described."""
    if seen.unfit == seen.missing:
        return
    types = {_TYPES.get(name, name) for name in seen.types}
    if "oneOf" in node:
        known = {name for one in node["oneOf"] for name in _types_of(resolve_ref(document, one))}
        if types - known:
            yield _change("add", (*trail, "oneOf", "-"), {"type": sorted(types - known)})
        return
    if "type" in node and types - {*_types_of(node)}:
        narrower = {"integer"} if "number" in types else set()
        yield _change("replace", (*trail, "type"), sorted({*types, *_types_of(node)} - narrower))
    yield from (_change("remove", (*trail, key)) for key in node if _NARROWING.fullmatch(key))


def _types_of(node: Node) -> list[str]:
    types = node.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _change(op: Any, trail: Trail, value: Any = None) -> PatchOperation:
    return PatchOperation(op=op, path=pointer(trail), value=value)


_ROOTS = {PAGE: ("PlanPage", "PlanList"), PLAN: ("OrderExecutionPlan",)}
_MARKS = {"x-provenance": "inferred", "x-source": "seen by mock-oms drift"}


@dataclass(frozen=True, slots=True)
class PlaceInContract:
    """All that the contract says of one place, each schema with the way to it; nothing where it does not know it."""

    schemas: tuple[tuple[Trail, Node], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.schemas)

    @property
    def types(self) -> frozenset[str]:
        """The types that may stand there."""
        found = {name for _, schema in self.schemas for name in _types_of(schema)}
        return frozenset(found | {"integer"} if "number" in found else found)

    @property
    def values(self) -> frozenset[str]:
        """The texts that may stand there, where they are enumerated."""
        every = (one for _, schema in self.schemas for one in (*schema.get("enum", ()), schema.get("const")))
        return frozenset(one for one in every if isinstance(one, str))

    def mark(self, key: str, otherwise: str) -> str:
        """The first mark with this key, such as `x-provenance`."""
        return next((str(schema[key]) for _, schema in self.schemas if key in schema), otherwise)


class Contract:
    """The contract's document (`mock_oms.contract.openapi.contract_for`), by places."""

    def __init__(self, document: Node) -> None:
        self.document = document
        self.at = cache(self._at)

    def _at(self, place: str) -> PlaceInContract:
        """What it says of a place."""
        holder = parent(place)
        if holder:
            step = place.removeprefix(holder).removeprefix(".")
            ways = [(*trail, *keys) for trail, schema in self.at(holder).schemas for keys in _ways(schema, step)]
        else:
            known = self.document["components"]["schemas"]
            ways = [("components", "schemas", name) for name in _ROOTS.get(place, ()) if name in known]
        return PlaceInContract(tuple(one for way in ways for one in self._read(way)))

    def _read(self, trail: Trail) -> Iterator[tuple[Trail, Node]]:
        """A schema, what it refers to, and its alternatives."""
        schema = node_at(self.document, trail)
        yield trail, schema
        if "$ref" in schema:
            yield from self._read(ref_trail(schema))
        for number in range(len(schema.get("oneOf", ()))):
            yield from self._read((*trail, "oneOf", number))


def _ways(schema: Node, step: str) -> Iterator[Trail]:
    """Where a schema speaks of a member, of the rows, or of the members of an object whose keys are data."""
    if step == ROWS and isinstance(schema.get("items"), Mapping):
        yield ("items",)
    elif step == MEMBERS:
        yield from [("additionalProperties",)] if data_member(schema) is not None else []
    elif step in schema.get("properties", ()):
        yield ("properties", step)


def place_patch(contract: Contract, place: str, types: tuple[str, ...], *, of_member: bool) -> Iterator[PatchOperation]:
    """What would have to change in the contract of A, so that it describes B at a place; nothing where it knows none.

    `types` are those that B alone has there. `of_member`: the member as such is new, or, without types, missing at
    times. A schema that several places share changes for all of them: it is for people to read, not to apply unseen.
    """
    new = {"type": types[0] if len(types) == 1 else list(types), **_MARKS}
    if of_member:
        name = place.rpartition(".")[2]
        for trail, schema in contract.at(parent(place)).schemas:
            if "properties" in schema and types:
                yield _change("add", (*trail, "properties", name), new)
            elif "properties" in schema and name in schema.get("required", ()):
                yield _change("replace", (*trail, "required"), [one for one in schema["required"] if one != name])
        return
    # The schema gives way to the types that B has; where null is new, to what it was or null.
    for trail, schema in contract.at(place).schemas[:1]:
        if types != ("null",):
            yield _change("replace", trail, new)
        elif isinstance(schema.get("type"), str):
            yield _change("replace", (*trail, "type"), [schema["type"], "null"])
        else:
            yield _change("replace", trail, {"oneOf": [dict(schema), {"type": "null"}], **_MARKS})
