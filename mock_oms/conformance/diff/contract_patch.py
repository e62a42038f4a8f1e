"""Differences between bodies as a patch to the contract: operations of JSON Patch (RFC 6902) on its document."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mock_oms.conformance.diff.difference import MEMBERS, PAGE, PLAN, ROWS, Aspect, Difference, parent, parts

ContractNode = Mapping[str, Any]
_ROOTS = {PAGE: ("PlanPage", "PlanList"), PLAN: ("OrderExecutionPlan",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaPiece:
    """A schema in the contract and the JSON pointer to it."""

    pointer: str
    schema: ContractNode

    def child(self, *keys: str) -> "SchemaPiece":
        """A piece of this piece.

        :raises KeyError: there is none.
        """
        schema, pointer = self.schema, self.pointer
        for key in keys:
            schema, pointer = schema[key], f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        return SchemaPiece(pointer=pointer, schema=schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInContract:
    """All that is said of one place; nothing where the contract does not know it."""

    pieces: tuple[SchemaPiece, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pieces)

    @property
    def types(self) -> frozenset[str]:
        """The types that may stand there."""
        return frozenset(one for piece in self.pieces for one in _types(piece.schema))

    @property
    def values(self) -> frozenset[str]:
        """The texts that may stand there, where they are enumerated."""
        return frozenset(one for piece in self.pieces for one in _values(piece.schema) if isinstance(one, str))

    @property
    def provenance(self) -> str:
        """The mark of what is said; `assumed` where nothing is."""
        return next((str(one.schema["x-provenance"]) for one in self.pieces if "x-provenance" in one.schema), "assumed")

    @property
    def source(self) -> str:
        """Where that comes from."""
        return next((str(one.schema["x-source"]) for one in self.pieces if "x-source" in one.schema), "")


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract's document (`mock_oms.contract.openapi.contract_for`), asked by place."""

    document: ContractNode

    def at(self, place: str) -> PlaceInContract:
        """What it says of a place."""
        root, *steps = parts(place) or ("",)
        pieces = list(self._roots(root))
        for step in steps:
            pieces = [inner for piece in pieces for inner in self._inside(piece, step)]
        return PlaceInContract(pieces=tuple(pieces))

    def _roots(self, root: str) -> Iterator[SchemaPiece]:
        schemas = self._whole().child("components", "schemas")
        for name in _ROOTS.get(root, ()):
            if name in schemas.schema:
                yield from self._resolved(schemas.child(name))

    def _whole(self) -> SchemaPiece:
        return SchemaPiece(pointer="", schema=self.document)

    def _inside(self, piece: SchemaPiece, step: str) -> Iterator[SchemaPiece]:
        for keys in _ways(piece.schema, step):
            yield from self._resolved(piece.child(*keys))

    def _resolved(self, piece: SchemaPiece) -> Iterator[SchemaPiece]:
        """A piece, what it refers to, and its alternatives."""
        yield piece
        if "$ref" in piece.schema:
            path = str(piece.schema["$ref"]).removeprefix("#/").split("/")
            yield from self._resolved(self._whole().child(*path))
        for number, _ in enumerate(piece.schema.get("oneOf", ())):
            one = SchemaPiece(pointer=f"{piece.pointer}/oneOf/{number}", schema=piece.schema["oneOf"][number])
            yield from self._resolved(one)


def _ways(schema: ContractNode, step: str) -> Iterator[tuple[str, ...]]:
    """Where a schema speaks of a member, of the rows, or of the members of an object whose keys are data."""
    if step == ROWS and isinstance(schema.get("items"), Mapping):
        yield ("items",)
    elif step == MEMBERS:
        yield from (("patternProperties", pattern) for pattern in schema.get("patternProperties", ()))
    elif step in schema.get("properties", ()):
        yield ("properties", step)


def _types(schema: ContractNode) -> Iterator[str]:
    said = schema.get("type", ())
    yield from (said,) if isinstance(said, str) else said
    if "integer" not in said and "number" in said:
        yield "integer"


def _values(schema: ContractNode) -> Iterator[object]:
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]


Operation = Mapping[str, Any]
_MARKS = MappingProxyType({"x-provenance": "inferred", "x-source": "seen by mock-oms drift"})


def contract_patch(differences: Iterable[Difference], contract: Contract) -> tuple[Operation, ...]:
    """What would have to change in the contract of A, so that it tells of B; nothing for what it does not know.

    That is places it has no word of, and values that are no words of its own: a portrait holds their shape alone.
    A schema that several places share changes for all of them: it is for people to read, not to apply unseen.
    """
    operations: list[Operation] = []
    for one in differences:
        operations += [new for new in _operations(one, contract) if new not in operations]
    return tuple(operations)


def _operations(found: Difference, contract: Contract) -> Iterator[Operation]:
    if found.aspect in _PATCHES:
        yield from _PATCHES[found.aspect](found, contract)


def _members(found: Difference, contract: Contract) -> Iterator[Operation]:
    """A member that is new becomes a property; one that is not always there is required no longer."""
    name = found.place.rpartition(".")[2]
    for piece in contract.at(parent(found.place)).pieces:
        if "properties" not in piece.schema:
            continue
        if found.added:
            yield _add(f"{piece.pointer}/properties/{name}", {"type": _plain(found.added), **_MARKS})
        elif name in piece.schema.get("required", ()):
            rest = [one for one in piece.schema["required"] if one != name]
            yield _replace(f"{piece.pointer}/required", rest)


def _patching_types(found: Difference, contract: Contract) -> Iterator[Operation]:
    """The schema of the member gives way to the types that B has; where null is new, to what it was or null."""
    for piece in contract.at(found.place).pieces[:1]:
        if found.aspect is Aspect.NULLS:
            yield from _or_null(piece)
        else:
            yield _replace(piece.pointer, {"type": _plain(found.added), **_MARKS})


def _or_null(piece: SchemaPiece) -> Iterator[Operation]:
    if isinstance(piece.schema.get("type"), str):
        yield _replace(f"{piece.pointer}/type", [piece.schema["type"], "null"])
    else:
        yield _replace(piece.pointer, {"oneOf": [dict(piece.schema), {"type": "null"}], **_MARKS})


def _plain(types: tuple[str, ...]) -> str | list[str]:
    return types[0] if len(types) == 1 else list(types)


def _add(path: str, value: object) -> Operation:
    return {"op": "add", "path": path, "value": value}


def _replace(path: str, value: object) -> Operation:
    return {"op": "replace", "path": path, "value": value}


_PATCHES: Mapping[Aspect, Callable[[Difference, Contract], Iterator[Operation]]] = MappingProxyType(
    {Aspect.FIELDS: _members, Aspect.TYPES: _patching_types, Aspect.NULLS: _patching_types}
)
