"""Where things stand in the contract's document, and how they are reworded and renamed there."""

from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

#: A mapping of the document. A change works in place.
Node = dict[str, Any]
#: The way to a place in the document.
Trail = tuple[str | int, ...]


def pointer(trail: Trail) -> str:
    """A place as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in trail)


def node_at(document: Node, trail: Trail) -> Any:  # noqa: ANN401  whatever is there
    """The value at a place.

    :raises LookupError: there is none.
    """
    found: Any = document
    return reduce(getitem, trail, found)


def nodes(node: object, trail: Trail = ()) -> Iterator[tuple[Trail, Node]]:
    """Every mapping in a part of the document with the way to it, in the order of the document."""
    if isinstance(node, dict):
        yield trail, node
    for step, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from nodes(value, (*trail, step))


def ref_name(node: Node) -> str:
    """The name of the component that a node refers to."""
    return str(node["$ref"].rpartition("/")[2])


def ref_trail(node: Node) -> tuple[str, ...]:
    """The way through the document to what a node refers to."""
    return tuple(node["$ref"].split("/")[1:])


def resolve_ref(document: Node, node: Node) -> Node:
    """A node of the document, or what it refers to at last; what stands beside a `$ref` adds to it.

    :raises LookupError: it refers to something that the document does not have.
    """
    while "$ref" in node:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        found: Node = node_at(document, ref_trail(node))
        node = {**found, **beside} if beside else found
    return node


def component(document: Node, kind: str, name: str) -> Node:
    """One entry of `components`."""
    found: Node = document["components"][kind][name]
    return found


def member(document: Node, schema: str, name: str) -> Node:
    """One property of a schema."""
    found: Node = component(document, "schemas", schema)["properties"][name]
    return found


def operation(document: Node, name: str) -> Node:
    """The operation with this `operationId`."""
    return next(one for one in operations(document) if one["operationId"] == name)


def operations(document: Node) -> Iterator[Node]:
    """Every operation; a path may also say something of itself alone."""
    return (one for path in document["paths"].values() for one in path.values() if isinstance(one, dict))


def data_member(schema: Node) -> Node | None:
    """The schema of the members of an object whose keys are data; None where there are no such members."""
    found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def rules(document: Node) -> list[Node]:
    """What holds of a plan in each state."""
    found: list[Node] = component(document, "schemas", "OrderExecutionPlan")["allOf"]
    return found


def media_types(response: Node) -> Node:
    """The bodies of a response by their media types; none where it has no body."""
    return response.get("content") or {}


def json_body(response: Node) -> Node:
    """The body of a response, as JSON."""
    found: Node = response["content"]["application/json"]
    return found


def reword(node: Node, old: str, new: str, *, key: str = "description") -> None:
    """Exchange a part of a text.

    :raises LookupError: the text does not have that part, so that no change gets lost when the contract is rewritten.
    """
    if old not in node[key]:
        raise LookupError(f"the contract no longer says {old!r}: adapt the change that looks for it.")
    node[key] = node[key].replace(old, new)


def rename(document: Node, kind: str, old: str, new: str) -> Node:
    """Give a component another name, here and wherever it is referred to; returns it."""
    group: Node = document["components"][kind]
    group[new] = group.pop(old)
    for _, node in nodes(document):
        if node.get("$ref") == f"#/components/{kind}/{old}":
            node["$ref"] = f"#/components/{kind}/{new}"
    return component(document, kind, new)


def words_of(node: object) -> frozenset[str]:
    """Every text that a part of the document gives as a constant or as a value of an enum."""
    return frozenset(
        word for _, one in nodes(node) for word in (*one.get("enum", ()), one.get("const")) if isinstance(word, str)
    )
