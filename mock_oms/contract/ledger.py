"""The ledger: everything that we say of the vendor's API, with how sure that is, since when, and from where."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import ClassVar

from mock_oms.answers import Answers
from mock_oms.contract import contract_for
from mock_oms.contract.document import Node
from mock_oms.contract.places import Kind, Trail, id_of, kind_of, marked, paths
from mock_oms.domain.errors import counted

#: The marks of which nobody can be sure before a real OMS was seen.
UNSURE = frozenset({"inferred", "assumed"})
#: What the letters of `Answers` mean.
_LETTERS: Mapping[str, str] = MappingProxyType({"a": "documented", "b": "inferred", "c": "assumed"})
_ORDER: Mapping[Kind, int] = MappingProxyType({kind: place for place, kind in enumerate(Kind)})
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
class Sighting:
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
class Entry:
    """One claim. `id` names it for ever, `path` for people; `known` is the day on which its source was last read."""

    id: str
    kind: Kind
    path: str
    mark: str
    source: str
    known: date
    trail: Trail = ()
    sighting: Sighting | None = None

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
    answers: Answers | None = None, sightings: Mapping[str, Sighting] = MappingProxyType({})
) -> tuple[Entry, ...]:
    """Every claim of the contract under these switches, then the switches, grouped by kind, each group by its paths.

    `sightings` are by the ids of the claims; those of claims that are not there are not looked at.
    """
    document = contract_for(answers)
    known = date.fromisoformat(document["info"]["x-known"])
    every = (*_claims(document, known, sightings), *_switches(known, sightings))
    return tuple(sorted(every, key=lambda one: (_ORDER[one.kind], one.path, one.id)))


def _claims(document: Node, known: date, sightings: Mapping[str, Sighting]) -> Iterator[Entry]:
    told = _Paths(document)
    for trail, node in marked(document):
        name, kind = id_of(trail, node), kind_of(trail)
        yield Entry(
            id=name,
            kind=kind,
            path=told.path(kind, trail, node),
            mark=node["x-provenance"],
            source=node["x-source"],
            known=known,
            trail=trail,
            sighting=sightings.get(name),
        )


def _switches(known: date, sightings: Mapping[str, Sighting]) -> Iterator[Entry]:
    for one in fields(Answers):
        yield Entry(
            id=f"switch.{one.name}",
            kind=Kind.SWITCH,
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

    def path(self, kind: Kind, trail: Trail, node: Node) -> str:
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

    _BY_KIND: ClassVar[Mapping[Kind, Callable[["_Paths", Trail, Node], str]]] = MappingProxyType(
        {
            Kind.OPERATION: _operation,
            Kind.PARAMETER: _parameter,
            Kind.HEADER: _header,
            Kind.RESPONSE: _response,
            Kind.SCHEMA: _in_schema,
            Kind.FIELD: _in_schema,
            Kind.RULE: _rule,
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
