"""Differences between bodies as a patch to the contract: operations of JSON Patch (RFC 6902) on its document."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mock_oms.comparing.contracted import Contract, Piece
from mock_oms.comparing.difference import Aspect, Difference
from mock_oms.comparing.places import parent

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


def _types(found: Difference, contract: Contract) -> Iterator[Operation]:
    """The schema of the member gives way to the types that B has; where null is new, to what it was or null."""
    for piece in contract.at(found.place).pieces[:1]:
        if found.aspect is Aspect.NULLS:
            yield from _or_null(piece)
        else:
            yield _replace(piece.pointer, {"type": _plain(found.added), **_MARKS})


def _or_null(piece: Piece) -> Iterator[Operation]:
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
    {Aspect.FIELDS: _members, Aspect.TYPES: _types, Aspect.NULLS: _types}
)
