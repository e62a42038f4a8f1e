"""The ledger: every claim about the vendor's API, how sure it is, and which assumed claims an answer shows."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any, ClassVar

from mock_oms.contract.document import Node, operation
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.text import counted
from mock_oms.urls import Operation

Trail = tuple[str | int, ...]
#: The schema whose paths come first: what is read of a plan is told from the plan on.
ROOT = "OrderExecutionPlan"


class ClaimKind(StrEnum):
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


_KINDS: Mapping[str, tuple[ClaimKind, str]] = {
    "securitySchemes": (ClaimKind.SECURITY, "security."),
    "parameters": (ClaimKind.PARAMETER, "parameter."),
    "requestBodies": (ClaimKind.BODY, "body."),
    "responses": (ClaimKind.RESPONSE, "response."),
    "headers": (ClaimKind.HEADER, "header."),
}

#: What stands in a list of the contract, and has no name of its own.
_STEPS: Mapping[str | int, str] = {"allOf": ".rule-", "oneOf": ".case-", "anyOf": ".case-"}


def has_mark(node: object, trail: Trail = ()) -> Iterator[tuple[Trail, Node]]:
    """Every place that carries a mark, with the way to it, in the order of the document."""
    if isinstance(node, dict):
        if "x-provenance" in node:
            yield trail, node
        for name, value in node.items():
            yield from has_mark(value, (*trail, name))
    if isinstance(node, list):
        for number, value in enumerate(node):
            yield from has_mark(value, (*trail, number))


def kind_of(trail: Trail) -> ClaimKind:
    """What the claim at this place is about."""
    if trail[0] == "paths":
        return ClaimKind.OPERATION
    if trail[1] != "schemas":
        return _KINDS[str(trail[1])][0]
    if "allOf" in trail:
        return ClaimKind.RULE
    return ClaimKind.FIELD if "properties" in trail else ClaimKind.SCHEMA


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


#: The marks of which nobody can be sure before a real OMS was seen.
UNSURE = frozenset({"inferred", "assumed"})
#: What the letters of `Switches` mean.
_LETTERS: Mapping[str, str] = MappingProxyType({"a": "documented", "b": "inferred", "c": "assumed"})
_ORDER: Mapping[ClaimKind, int] = MappingProxyType({kind: place for place, kind in enumerate(ClaimKind)})
_RUNS: Mapping[str, str] = MappingProxyType(
    {
        "listOrderExecutionPlans": "list",
        "getOrderExecutionPlan": "detail",
        "login": "login",
        "loginForIntegrations": "login",
        "listOrderExecutionPlansWithoutSlash": "list without slash",
        "getOrderExecutionPlanWithoutSlash": "detail without slash",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimObservation:
    """That a claim was looked at in a real OMS: how often, and how often it was otherwise."""

    day: date
    seen: int
    unfit: int

    @property
    def confirms(self) -> bool:
        """Whether all that was seen is as the claim says."""
        return self.unfit == 0

    def __str__(self) -> str:
        if self.confirms:
            return f"observed on {self.day:%Y-%m-%d} ({_times(self.seen)})"
        return f"contradicted on {self.day:%Y-%m-%d} ({self.unfit} of {_times(self.seen)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim. `id` names it for ever, `path` for people; `known` is the day on which its source was last read."""

    id: str
    kind: ClaimKind
    path: str
    mark: str
    source: str
    known: date
    trail: Trail = ()
    sighting: ClaimObservation | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows: assumed or inferred, and not yet observed; or observed to be otherwise."""
        if self.sighting is not None:
            return not self.sighting.confirms
        return self.mark in UNSURE

    @property
    def told(self) -> str:
        """The mark, or what has become of it."""
        return str(self.sighting or self.mark)

    @property
    def since(self) -> date:
        """The day of the observation, else that of our knowledge."""
        return self.sighting.day if self.sighting else self.known


def ledger(
    answers: Switches | None = None, sightings: Mapping[str, ClaimObservation] = MappingProxyType({})
) -> tuple[Claim, ...]:
    """Every claim of the contract under these switches, then the switches, grouped by kind, each group by its paths.

    `sightings` are by the ids of the claims; those of claims that are not there are not looked at.
    """
    document = contract_for(answers)
    known = date.fromisoformat(document["info"]["x-known"])
    every = (*_claims(document, known, sightings), *_switches(known, sightings))
    return tuple(sorted(every, key=lambda one: (_ORDER[one.kind], one.path, one.id)))


def _claims(document: Node, known: date, sightings: Mapping[str, ClaimObservation]) -> Iterator[Claim]:
    told = _Paths(document)
    for trail, node in has_mark(document):
        name, kind = id_of(trail, node), kind_of(trail)
        yield Claim(
            id=name,
            kind=kind,
            path=told.path(kind, trail, node),
            mark=node["x-provenance"],
            source=node["x-source"],
            known=known,
            trail=trail,
            sighting=sightings.get(name),
        )


def _switches(known: date, sightings: Mapping[str, ClaimObservation]) -> Iterator[Claim]:
    for one in fields(Switches):
        yield Claim(
            id=f"switch.{one.name}",
            kind=ClaimKind.SWITCH,
            path=f"answers.{one.name}",
            mark=_LETTERS[one.metadata["mark"]],
            source=one.metadata["why"],
            known=known,
            sighting=sightings.get(f"switch.{one.name}"),
        )


class _Paths:
    """The paths of one contract, for people."""

    def __init__(self, document: Node) -> None:
        self._schemas, self._responses = paths(document), _used_responses(document)
        self._headers = _used_headers(document)

    def path(self, kind: ClaimKind, trail: Trail, node: Node) -> str:
        return self._BY_KIND.get(kind, _Paths._by_name)(self, trail, node)

    def _operation(self, trail: Trail, _: Node) -> str:
        return f"{str(trail[2]).upper()} {trail[1]}"

    def _parameter(self, _: Trail, node: Node) -> str:
        return f"?{node['name']}" if node["in"] == "query" else f"{{{node['name']}}}"

    def _header(self, trail: Trail, _: Node) -> str:
        return f"{self._headers[str(trail[2])]} ({trail[2]})"

    def _response(self, trail: Trail, _: Node) -> str:
        return self._responses[str(trail[2])]

    def _in_schema(self, trail: Trail, _: Node) -> str:
        names = "".join(f".{name}" for name in trail[4::2] if isinstance(name, str))
        return f"{self._schemas[str(trail[2])]}{names}"

    def _rule(self, trail: Trail, node: Node) -> str:
        return f"{self._schemas[str(trail[2])]} rule {int(trail[4]) + 1}: {node['description']}"

    def _by_name(self, trail: Trail, _: Node) -> str:
        return str(trail[2])

    _BY_KIND: ClassVar[Mapping[ClaimKind, Callable[["_Paths", Trail, Node], str]]] = MappingProxyType(
        {
            ClaimKind.OPERATION: _operation,
            ClaimKind.PARAMETER: _parameter,
            ClaimKind.HEADER: _header,
            ClaimKind.RESPONSE: _response,
            ClaimKind.SCHEMA: _in_schema,
            ClaimKind.FIELD: _in_schema,
            ClaimKind.RULE: _rule,
        }
    )


def _used_responses(document: Node) -> Mapping[str, str]:
    """Where each response is the answer: `list 401, detail 401`."""
    found: dict[str, list[str]] = {}
    for path in document["paths"].values():
        for one in path.values():
            for status, said in one["responses"].items():
                found.setdefault(said["$ref"].rpartition("/")[2], []).append(f"{_RUNS[one['operationId']]} {status}")
    return {name: ", ".join(dict.fromkeys(uses)) for name, uses in found.items()}


def _used_headers(document: Node) -> Mapping[str, str]:
    """The name under which each header is sent."""
    every = (one["headers"] for one in document["components"]["responses"].values())
    return {said["$ref"].rpartition("/")[2]: name for headers in every for name, said in headers.items()}


def _times(count: int) -> str:
    return counted(count, "time")


#: Characters that the list has at most; what does not fit is counted.
LONGEST_HEADER = 200
_IDS = {
    Operation.LIST: "listOrderExecutionPlans",
    Operation.DETAIL: "getOrderExecutionPlan",
    Operation.LOGIN: "login",
}


class AssumedClaims:
    """Knows for every answer which assumed claims it shows; a claim that was `confirmed` is assumed no more."""

    def __init__(self, confirmed: Collection[str] = ()) -> None:
        self._confirmed = frozenset(confirmed)
        self.of = lru_cache(maxsize=256)(self._of)

    def _of(self, answers: Switches, asked: Operation, status: int) -> str | None:
        """The ids with commas between, None where there is none: `Command, Context, PlanItem.state`."""
        document = contract_for(answers)
        said = operation(document, _IDS[asked])["responses"].get(str(status))
        found = [] if said is None else self._in_response(document, said["$ref"].rpartition("/")[2])
        found = [one for one in found if one not in self._confirmed]
        return bounded(found) if found else None

    def _in_response(self, document: Node, name: str) -> list[str]:
        response = document["components"]["responses"][name]
        own = [f"response.{name}"] if response["x-provenance"] == "assumed" else []
        bodies = (body["schema"] for body in response["content"].values())
        seen: set[str] = set()
        return list(dict.fromkeys([*own, *chain.from_iterable(_within(document, one, "", seen) for one in bodies)]))


def _within(document: Node, schema: Node, owner: str, seen: set[str]) -> Iterator[str]:
    """The assumed claims in a schema, the outermost alone: what stands in one is as little known as itself."""
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        if owner in seen:
            return
        seen.add(owner)
        schema = document["components"]["schemas"][owner]
        if schema.get("x-provenance") == "assumed":
            yield owner
            return
    for step, inner in children(schema):
        if inner.get("x-provenance") == "assumed":
            yield f"{owner}{step}"
        else:
            yield from _within(document, inner, owner, seen)
    for number, rule in enumerate(schema.get("allOf", ()), start=1):
        if rule["x-provenance"] == "assumed":
            yield f"{owner}.rule-{number}"


def bounded(names: list[str]) -> str:
    """The names with commas between, as many as there is room for, and how many more there are."""
    text = ", ".join(names)
    kept = len(names)
    while len(text) > LONGEST_HEADER:
        kept -= 1
        text = f"{', '.join(names[:kept])}, and {len(names) - kept} more"
    return text
