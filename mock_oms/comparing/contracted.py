"""What the contract says of a place: the pieces of its document that speak of it, and what they allow there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.comparing.places import MEMBERS, PAGE, PLAN, ROWS, parts

Node = Mapping[str, Any]
_ROOTS = {PAGE: ("PlanPage", "PlanList"), PLAN: ("OrderExecutionPlan",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A schema in the contract and the JSON pointer to it."""

    pointer: str
    schema: Node

    def child(self, *keys: str) -> "Piece":
        """A piece of this piece.

        :raises KeyError: there is none.
        """
        schema, pointer = self.schema, self.pointer
        for key in keys:
            schema, pointer = schema[key], f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        return Piece(pointer=pointer, schema=schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracted:
    """All that is said of one place; nothing where the contract does not know it."""

    pieces: tuple[Piece, ...] = ()

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
    """The contract's document (`mock_oms.contract.contract_for`), asked by place."""

    document: Node

    def at(self, place: str) -> Contracted:
        """What it says of a place."""
        root, *steps = parts(place) or ("",)
        pieces = list(self._roots(root))
        for step in steps:
            pieces = [inner for piece in pieces for inner in self._inside(piece, step)]
        return Contracted(pieces=tuple(pieces))

    def _roots(self, root: str) -> Iterator[Piece]:
        schemas = self._whole().child("components", "schemas")
        for name in _ROOTS.get(root, ()):
            if name in schemas.schema:
                yield from self._resolved(schemas.child(name))

    def _whole(self) -> Piece:
        return Piece(pointer="", schema=self.document)

    def _inside(self, piece: Piece, step: str) -> Iterator[Piece]:
        for keys in _ways(piece.schema, step):
            yield from self._resolved(piece.child(*keys))

    def _resolved(self, piece: Piece) -> Iterator[Piece]:
        """A piece, what it refers to, and its alternatives."""
        yield piece
        if "$ref" in piece.schema:
            path = str(piece.schema["$ref"]).removeprefix("#/").split("/")
            yield from self._resolved(self._whole().child(*path))
        for number, _ in enumerate(piece.schema.get("oneOf", ())):
            one = Piece(pointer=f"{piece.pointer}/oneOf/{number}", schema=piece.schema["oneOf"][number])
            yield from self._resolved(one)


def _ways(schema: Node, step: str) -> Iterator[tuple[str, ...]]:
    """Where a schema speaks of a member, of the rows, or of the members of an object whose keys are data."""
    if step == ROWS and isinstance(schema.get("items"), Mapping):
        yield ("items",)
    elif step == MEMBERS:
        yield from (("patternProperties", pattern) for pattern in schema.get("patternProperties", ()))
    elif step in schema.get("properties", ()):
        yield ("properties", step)


def _types(schema: Node) -> Iterator[str]:
    said = schema.get("type", ())
    yield from (said,) if isinstance(said, str) else said
    if "integer" not in said and "number" in said:
        yield "integer"


def _values(schema: Node) -> Iterator[object]:
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]
