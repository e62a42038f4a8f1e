"""The ledger: every claim about the vendor's API, how sure it is, and which assumed claims an answer shows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from functools import lru_cache

from mock_oms.contract.document import Node, Trail, data_member, media_types, nodes, operation, operations, ref_name
from mock_oms.contract.observation import ClaimSeen, Observation
from mock_oms.contract.openapi import contract_for
from mock_oms.dataclass import dataclass
from mock_oms.switches import Switches
from mock_oms.text import counted
from mock_oms.urls import Operation


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
_COMPONENTS: Mapping[str | int, ClaimKind] = {
    "securitySchemes": ClaimKind.SECURITY,
    "parameters": ClaimKind.PARAMETER,
    "requestBodies": ClaimKind.BODY,
    "responses": ClaimKind.RESPONSE,
    "headers": ClaimKind.HEADER,
}
#: The lists of a schema, whose members have no names.
_NUMBERED: Mapping[str | int, str] = {"allOf": "rule", "oneOf": "case"}
#: What the letters of `Switches` mean.
LETTERS: Mapping[str, str] = {"a": "documented", "b": "inferred", "c": "assumed"}
#: The `operationId` of each operation, by its path with the slash.
OPERATION_IDS: Mapping[Operation, str] = {
    Operation.LIST: "listOrderExecutionPlans",
    Operation.DETAIL: "getOrderExecutionPlan",
    Operation.LOGIN: "login",
}
#: The operations in the words of the paths.
_OPERATIONS: Mapping[str, str] = {
    **{name: one.value for one, name in OPERATION_IDS.items()},
    "loginForIntegrations": "login",
    "listOrderExecutionPlansWithoutSlash": "list without slash",
    "getOrderExecutionPlanWithoutSlash": "detail without slash",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `id` never changes, `path` is for people; `seen` is what a real OMS showed of it.

    `day` is the day on which that was, else the day on which its source was last read.
    """

    id: str
    kind: ClaimKind
    path: str
    mark: str
    source: str
    day: date
    seen: ClaimSeen | None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows: assumed or inferred, and not yet observed; or contradicted."""
        return self.seen.unfit > 0 if self.seen else self.mark in {"inferred", "assumed"}

    @property
    def status(self) -> str:
        """The mark, or what was observed."""
        if self.seen is None:
            return self.mark
        times = counted(self.seen.seen, "time")
        if self.seen.unfit:
            return f"contradicted on {self.day:%Y-%m-%d} ({self.seen.unfit} of {times})"
        return f"observed on {self.day:%Y-%m-%d} ({times})"


def ledger(answers: Switches | None = None, observed: Observation | None = None) -> tuple[Claim, ...]:
    """Every claim of the contract under these switches, then the switches, grouped by kind, each group by its paths."""
    document = contract_for(answers)
    known = date.fromisoformat(document["info"]["x-known"])
    seen = observed.seen_claims if observed else {}
    names = _names(document)

    def claim(name: str, kind: ClaimKind, path: str, mark: str, source: str) -> Claim:
        day = observed.date.date() if observed and name in seen else known
        return Claim(name, kind, path, mark, source, day, seen.get(name))

    claims = [
        claim(id_of(trail, node), kind_of(trail), _path(trail, node, names), node["x-provenance"], node["x-source"])
        for trail, node in nodes(document)
        if "x-provenance" in node
    ]
    for one in fields(Switches):
        mark, source = LETTERS[one.metadata["mark"]], one.metadata["why"]
        claims.append(claim(f"switch.{one.name}", ClaimKind.SWITCH, f"answers.{one.name}", mark, source))
    order = list(ClaimKind)
    return tuple(sorted(claims, key=lambda one: (order.index(one.kind), one.path, one.id)))


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
        return f"operation.{node.get('operationId', trail[1])}"
    if trail[1] != "schemas":
        return f"{kind_of(trail).name.lower()}.{trail[2]}"
    steps = (
        f".{_NUMBERED[word]}-{int(name) + 1}" if word in _NUMBERED else f".{name}"
        for word, name in zip(trail[3::2], trail[4::2], strict=True)
    )
    return f"{trail[2]}{''.join(steps)}"


def _names(document: Node) -> Mapping[Trail, str]:
    """What people know schemas, headers and responses by: a way, a name on the wire, the operations that answer so."""
    components = document["components"]
    uses: dict[str, list[str]] = defaultdict(list)
    for one in operations(document):
        for status, response in one["responses"].items():
            uses[ref_name(response)].append(f"{_OPERATIONS[one['operationId']]} {status}")
    headers = [pair for response in components["responses"].values() for pair in response["headers"].items()]
    return {
        **{("schemas", name): way for name, way in paths(document).items()},
        **{("headers", ref_name(one)): f"{name} ({ref_name(one)})" for name, one in headers},
        **{("responses", name): ", ".join(dict.fromkeys(uses[name])) for name in components["responses"]},
    }


def _path(trail: Trail, node: Node, names: Mapping[Trail, str]) -> str:
    known = names.get(trail[1:3], str(trail[-1]))
    match kind_of(trail):
        case ClaimKind.OPERATION:
            return f"{known.upper()} {trail[1]}" if trail[2:] else known
        case ClaimKind.PARAMETER:
            return f"?{node['name']}" if node["in"] == "query" else f"{{{node['name']}}}"
        case ClaimKind.RULE:
            return f"{known} rule {int(trail[4]) + 1}: {node['description']}"
        case _:  # of a field, the members on the way to it
            return known + "".join(f".{one}" for one in trail[4::2] if isinstance(one, str))


def paths(document: Node) -> Mapping[str, str]:
    """The way to each schema: the shortest from a plan, for what a plan does not hold that from its own name.

    `[]` is a row of a list, `{}` an entry of a mapping by keys that the contract does not know.
    """
    schemas = document["components"]["schemas"]
    found: dict[str, str] = {}
    for root in ("OrderExecutionPlan", *schemas):
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
    if (data := data_member(schema)) is not None:
        yield "{}", data
    if "items" in schema:
        yield "[]", schema["items"]
    yield from (("", one) for one in schema.get("oneOf", ()))


#: Characters that the list has at most; what does not fit is counted.
LONGEST_HEADER = 200


class AssumedClaims:
    """Knows for every answer which assumed claims it shows; one that a real OMS has borne out is assumed no more."""

    def __init__(self, observed: Observation | None = None) -> None:
        seen = observed.seen_claims if observed else {}
        self._confirmed = {name for name, one in seen.items() if not one.unfit}
        self.of = lru_cache(maxsize=256)(self._of)

    def _of(self, answers: Switches, requested: Operation, status: int) -> str | None:
        """The ids with commas between, None where there is none: `Command, Context, PlanItem.state`."""
        document = contract_for(answers)
        described = operation(document, OPERATION_IDS[requested])["responses"].get(str(status))
        if described is None:
            return None
        name = ref_name(described)
        response = document["components"]["responses"][name]
        found = [f"response.{name}"] if response["x-provenance"] == "assumed" else []
        seen: set[str] = set()
        for body in media_types(response).values():
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
