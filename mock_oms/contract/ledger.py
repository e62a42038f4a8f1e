"""The ledger: every claim about the vendor's API, how sure it is, and which assumed claims an answer shows."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache, reduce
from itertools import chain
from operator import getitem
from types import MappingProxyType
from typing import Any

from mock_oms.contract.document import Node, operation, ref_name
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.text import counted
from mock_oms.urls import Operation

#: The way to a place in the document.
Trail = tuple[str | int, ...]
#: The schema from which paths begin.
ROOT = "OrderExecutionPlan"
#: The marks of which nobody can be sure before a real OMS was seen.
UNSURE = frozenset({"inferred", "assumed"})


class ClaimKind(StrEnum):
    """What a claim is about, in the order of the ledger."""

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


#: The kinds of components other than schemas.
_COMPONENTS: Mapping[str | int, ClaimKind] = MappingProxyType(
    {
        "securitySchemes": ClaimKind.SECURITY,
        "parameters": ClaimKind.PARAMETER,
        "requestBodies": ClaimKind.BODY,
        "responses": ClaimKind.RESPONSE,
        "headers": ClaimKind.HEADER,
    }
)
#: The lists of a schema, whose members have no names.
_NUMBERED: Mapping[str | int, str] = MappingProxyType({"allOf": "rule", "oneOf": "case", "anyOf": "case"})
#: What the letters of `Switches` mean.
LETTERS: Mapping[str, str] = MappingProxyType({"a": "documented", "b": "inferred", "c": "assumed"})
#: The operations in the words of the paths.
_OPERATIONS: Mapping[str, str] = MappingProxyType(
    {
        "listOrderExecutionPlans": "list",
        "getOrderExecutionPlan": "detail",
        "login": "login",
        "loginForIntegrations": "login",
        "listOrderExecutionPlansWithoutSlash": "list without slash",
        "getOrderExecutionPlanWithoutSlash": "detail without slash",
    }
)
_IDS = {Operation.LIST: "listOrderExecutionPlans", Operation.DETAIL: "getOrderExecutionPlan", Operation.LOGIN: "login"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimObservation:
    """That a claim was looked at in a real OMS: how often, and how often it did not hold."""

    day: date
    seen: int
    unfit: int

    @property
    def confirms(self) -> bool:
        """Whether the claim always held."""
        return self.unfit == 0

    def __str__(self) -> str:
        times = counted(self.seen, "time")
        if self.confirms:
            return f"observed on {self.day:%Y-%m-%d} ({times})"
        return f"contradicted on {self.day:%Y-%m-%d} ({self.unfit} of {times})"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `id` never changes, `path` is for people; `known` is the day on which its source was last read."""

    id: str
    kind: ClaimKind
    path: str
    mark: str
    source: str
    known: date
    trail: Trail
    observation: ClaimObservation | None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows: assumed or inferred, and not yet observed; or contradicted."""
        return not self.observation.confirms if self.observation else self.mark in UNSURE

    @property
    def status(self) -> str:
        """The mark, or what was observed."""
        return str(self.observation or self.mark)

    @property
    def since(self) -> date:
        """The day of the observation, else that of our knowledge."""
        return self.observation.day if self.observation else self.known


def ledger(
    answers: Switches | None = None, observations: Mapping[str, ClaimObservation] = MappingProxyType({})
) -> tuple[Claim, ...]:
    """Every claim of the contract under these switches, then the switches, grouped by kind, each group by its paths.

    `observations` are by the ids of the claims; those of other claims are ignored.
    """
    document = contract_for(answers)
    known = date.fromisoformat(document["info"]["x-known"])
    path_of = _Paths(document)
    claims = []
    for trail, node in has_mark(document):
        name, path, mark, source = id_of(trail, node), path_of(trail, node), node["x-provenance"], node["x-source"]
        claims.append(Claim(name, kind_of(trail), path, mark, source, known, trail, observations.get(name)))
    for one in fields(Switches):
        name, path = f"switch.{one.name}", f"answers.{one.name}"
        mark, source = LETTERS[one.metadata["mark"]], one.metadata["why"]
        claims.append(Claim(name, ClaimKind.SWITCH, path, mark, source, known, (), observations.get(name)))
    order = list(ClaimKind)
    return tuple(sorted(claims, key=lambda one: (order.index(one.kind), one.path, one.id)))


def has_mark(node: object, trail: Trail = ()) -> Iterator[tuple[Trail, Node]]:
    """Every place that has a mark, with the way to it, in the order of the document."""
    if isinstance(node, dict) and "x-provenance" in node:
        yield trail, node
    for step, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from has_mark(value, (*trail, step))


def kind_of(trail: Trail) -> ClaimKind:
    """What the claim at this place is about."""
    if trail[0] == "paths":
        return ClaimKind.OPERATION
    if trail[1] != "schemas":
        return _COMPONENTS[trail[1]]
    if "allOf" in trail:
        return ClaimKind.RULE
    return ClaimKind.FIELD if "properties" in trail else ClaimKind.SCHEMA


def id_of(trail: Trail, node: Node) -> str:
    """The name of a claim: `Attempt.date`, `OrderExecutionPlan.rule-3`, `header.AllowRead`, `operation.login`."""
    if trail[0] == "paths":
        return f"operation.{node['operationId']}"
    if trail[1] != "schemas":
        return f"{kind_of(trail).name.lower()}.{trail[2]}"
    steps = (
        f".{_NUMBERED[word]}-{int(name) + 1}" if word in _NUMBERED else f".{name}"
        for word, name in zip(trail[3::2], trail[4::2], strict=True)
    )
    return f"{trail[2]}{''.join(steps)}"


def pointer(trail: Trail) -> str:
    """A place as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in trail)


def node_at(document: Node, trail: Trail) -> Any:  # noqa: ANN401  whatever is there
    """The value at a place.

    :raises LookupError: there is none.
    """
    found: Any = document
    return reduce(getitem, trail, found)


class _Paths:
    """The paths of the claims of one contract, for people."""

    def __init__(self, document: Node) -> None:
        responses = document["components"]["responses"].values()
        self._schemas = paths(document)
        self._headers = {ref_name(one): name for response in responses for name, one in response["headers"].items()}
        self._responses: dict[str, list[str]] = {}
        for one in chain.from_iterable(path.values() for path in document["paths"].values()):
            for status, response in one["responses"].items():
                uses = self._responses.setdefault(ref_name(response), [])
                uses.append(f"{_OPERATIONS[one['operationId']]} {status}")

    def __call__(self, trail: Trail, node: Node) -> str:
        name = str(trail[2])
        match kind_of(trail):
            case ClaimKind.OPERATION:
                return f"{name.upper()} {trail[1]}"
            case ClaimKind.PARAMETER:
                return f"?{node['name']}" if node["in"] == "query" else f"{{{node['name']}}}"
            case ClaimKind.HEADER:
                return f"{self._headers[name]} ({name})"
            case ClaimKind.RESPONSE:
                return ", ".join(dict.fromkeys(self._responses[name]))
            case ClaimKind.SCHEMA | ClaimKind.FIELD:
                return self._schemas[name] + "".join(f".{one}" for one in trail[4::2] if isinstance(one, str))
            case ClaimKind.RULE:
                return f"{self._schemas[name]} rule {int(trail[4]) + 1}: {node['description']}"
            case _:
                return name


def paths(document: Node) -> Mapping[str, str]:
    """The way to each schema: the shortest from a plan, for what a plan does not hold that from its own name.

    `[]` is a row of a list, `{}` an entry of a mapping by keys that the contract does not know.
    """
    schemas = document["components"]["schemas"]
    found: dict[str, str] = {}
    for root in (ROOT, *schemas):
        waiting = [] if root in found else [root]
        found.setdefault(root, root)
        for name in waiting:  # grows meanwhile
            for target, steps in _references(schemas[name]):
                if target not in found:
                    found[target] = found[name] + steps
                    waiting.append(target)
    return found


def _references(schema: Node, steps: str = "") -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        yield ref_name(schema), steps
    for step, inner in _children(schema):
        yield from _references(inner, steps + step)


def _children(schema: Node) -> Iterator[tuple[str, Node]]:
    """The schemas of what a value holds, each with the step that leads to it, and those that it may have itself."""
    yield from ((f".{name}", one) for name, one in schema.get("properties", {}).items())
    yield from (("{}", one) for one in schema.get("patternProperties", {}).values())
    if "items" in schema:
        yield "[]", schema["items"]
    yield from (("", one) for one in schema.get("oneOf", ()))


#: Characters that the list has at most; what does not fit is counted.
LONGEST_HEADER = 200


class AssumedClaims:
    """Knows for every answer which assumed claims it shows; a claim that was `confirmed` is assumed no more."""

    def __init__(self, confirmed: Collection[str] = ()) -> None:
        self._confirmed = frozenset(confirmed)
        self.of = lru_cache(maxsize=256)(self._of)

    def _of(self, answers: Switches, requested: Operation, status: int) -> str | None:
        """The ids with commas between, None where there is none: `Command, Context, PlanItem.state`."""
        document = contract_for(answers)
        described = operation(document, _IDS[requested])["responses"].get(str(status))
        if described is None:
            return None
        name = ref_name(described)
        response = document["components"]["responses"][name]
        found = [f"response.{name}"] if response["x-provenance"] == "assumed" else []
        seen: set[str] = set()
        for body in response["content"].values():
            found += _assumed_in(document, body["schema"], "", seen)
        names = [one for one in dict.fromkeys(found) if one not in self._confirmed]
        return bounded(names) if names else None


def _assumed_in(document: Node, schema: Node, owner: str, seen: set[str]) -> Iterator[str]:
    """The assumed claims in a schema, the outermost alone: what is inside one is as little known as itself."""
    if "$ref" in schema:
        owner = ref_name(schema)
        if owner in seen:
            return
        seen.add(owner)
        schema = document["components"]["schemas"][owner]
        if schema.get("x-provenance") == "assumed":
            yield owner
            return
    for step, inner in _children(schema):
        if inner.get("x-provenance") == "assumed":
            yield f"{owner}{step}"
        else:
            yield from _assumed_in(document, inner, owner, seen)
    for number, rule in enumerate(schema.get("allOf", ()), start=1):
        if rule["x-provenance"] == "assumed":
            yield f"{owner}.rule-{number}"


def bounded(names: list[str]) -> str:
    """The names with commas between, as many as there is room for, and how many more there are."""
    text = ", ".join(names)
    shown = len(names)
    while len(text) > LONGEST_HEADER:
        shown -= 1
        text = f"{', '.join(names[:shown])}, and {len(names) - shown} more"
    return text
