"""Where the contract makes its claims: a name for each that stays the same, and a path that people can read."""

from collections import deque
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from mock_oms.contract.document import Node

Trail = tuple[str | int, ...]
#: The schema whose paths come first: what is read of a plan is told from the plan on.
ROOT = "OrderExecutionPlan"


class Kind(StrEnum):
    """What a claim is about, in the order in which the ledger tells them."""

    OPERATION = "operation"
    SECURITY = "security scheme"
    PARAMETER = "parameter"
    BODY = "request body"
    RESPONSE = "response"
    HEADER = "header"
    SCHEMA = "schema"
    FIELD = "field"
    RULE = "rule"
    SWITCH = "switch"


_KINDS: Mapping[str, tuple[Kind, str]] = {
    "securitySchemes": (Kind.SECURITY, "security."),
    "parameters": (Kind.PARAMETER, "parameter."),
    "requestBodies": (Kind.BODY, "body."),
    "responses": (Kind.RESPONSE, "response."),
    "headers": (Kind.HEADER, "header."),
}

#: What stands in a list of the contract, and has no name of its own.
_STEPS: Mapping[str | int, str] = {"allOf": ".rule-", "oneOf": ".case-", "anyOf": ".case-"}


def marked(node: object, trail: Trail = ()) -> Iterator[tuple[Trail, Node]]:
    """Every place that carries a mark, with the way to it, in the order of the document."""
    if isinstance(node, dict):
        if "x-provenance" in node:
            yield trail, node
        for name, value in node.items():
            yield from marked(value, (*trail, name))
    if isinstance(node, list):
        for number, value in enumerate(node):
            yield from marked(value, (*trail, number))


def kind_of(trail: Trail) -> Kind:
    """What the claim at this place is about."""
    if trail[0] == "paths":
        return Kind.OPERATION
    if trail[1] != "schemas":
        return _KINDS[str(trail[1])][0]
    if "allOf" in trail:
        return Kind.RULE
    return Kind.FIELD if "properties" in trail else Kind.SCHEMA


def id_of(trail: Trail, node: Node) -> str:
    """The name of a claim: `Attempt.date`, `OrderExecutionPlan.rule-3`, `header.AllowRead`, `operation.login`."""
    if trail[0] == "paths":
        return f"operation.{node['operationId']}"
    if trail[1] != "schemas":
        return f"{_KINDS[str(trail[1])][1]}{trail[2]}"
    return "".join([str(trail[2]), *_steps(trail[3:])])


def _steps(rest: Trail) -> Iterator[str]:
    for word, name in zip(rest[::2], rest[1::2], strict=True):
        yield f"{_STEPS[word]}{int(name) + 1}" if word in _STEPS else f".{name}"


def paths(document: Node) -> Mapping[str, str]:
    """The way to each schema: the shortest from a plan, for what a plan does not hold that from its own name.

    `[]` is a row of a list, `{}` an entry of a mapping by keys that the contract does not know.
    """
    found: dict[str, str] = {}
    for root in (ROOT, *document["components"]["schemas"]):
        if root not in found:
            found[root] = root
            _reach(document, found, deque([root]))
    return found


def _reach(document: Node, found: dict[str, str], waiting: deque[str]) -> None:
    while waiting:
        name = waiting.popleft()
        for target, steps in _references(document["components"]["schemas"][name]):
            if target not in found:
                found[target] = found[name] + steps
                waiting.append(target)


def _references(schema: Node, steps: str = "") -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2], steps
    for step, inner in children(schema):
        yield from _references(inner, steps + step)


def children(schema: Node) -> Iterator[tuple[str, Node]]:
    """The schemas of what stands in a value, each with the step that leads to it, and those that it may have itself."""
    yield from ((f".{name}", one) for name, one in schema.get("properties", {}).items())
    yield from (("{}", one) for one in schema.get("patternProperties", {}).values())
    yield from (("[]", schema[key]) for key in ("items",) if key in schema)
    yield from (("", one) for one in schema.get("oneOf", ()))


def pointer(trail: Trail) -> str:
    """A place as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in trail)


def node_at(document: Node, trail: Trail) -> Any:  # noqa: ANN401  whatever stands there
    """What stands at a place.

    :raises LookupError: nothing does.
    """
    found: Any = document
    for part in trail:
        found = found[part]
    return found
