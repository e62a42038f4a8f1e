"""An observation from a crawl: what answers hold, claim by claim, and what the contract would have to say otherwise."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, contents_of, page_in
from mock_oms.conformance.finding import Result
from mock_oms.conformance.switch_evidence import Counts, counted, settled, shown, with_maximum
from mock_oms.contract.document import Node, operation, ref_name, resolve_ref
from mock_oms.contract.json_schema import fits, fits_here, members
from mock_oms.contract.ledger import ClaimKind, Trail, has_mark, id_of, kind_of, node_at, pointer
from mock_oms.contract.observation import (
    CheckCount,
    ClaimSeen,
    Evidence,
    Host,
    Observation,
    PatchOperation,
    switches_of,
)
from mock_oms.contract.openapi import contract_for
from mock_oms.urls import Operation

#: What `counting.type_of` tells, in the words of JSON Schema.
_TYPES = {
    "date-time": "string",
    "date": "string",
    "decimal": "string",
    "digits": "string",
    "empty string": "string",
    "empty array": "array",
    "empty object": "object",
}
#: What narrows a value beyond its type; where one of them does not hold, nobody can tell which from shapes.
_NARROWING = (
    *("const", "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)


def patch_for(document: Node, claims: Mapping[str, ClaimSeen]) -> tuple[PatchOperation, ...]:
    """Changes to this contract after which it says nothing that these claims contradict, in the order of their places.

    Rules that did not hold are taken out, from the last to the first, so that the places of the others stay true.
    """
    found = [
        (trail, node, claims[name]) for trail, node in has_mark(document) if (name := id_of(trail, node)) in claims
    ]
    narrow = [change for trail, node, seen in found for change in _of_claim(document, trail, node, seen)]
    rules = [
        PatchOperation(op="remove", path=pointer(trail)) for trail, _, seen in found if _is_broken_rule(trail, seen)
    ]
    return (*narrow, *_no_longer_required(document, found), *reversed(rules))


def _of_claim(document: Node, trail: Trail, node: Node, seen: ClaimSeen) -> Iterator[PatchOperation]:
    kind = kind_of(trail)
    if kind is ClaimKind.HEADER:
        yield from _of_header(trail, seen)
    elif kind in {ClaimKind.SCHEMA, ClaimKind.FIELD}:
        yield from _of_shape(document, trail, node, seen)
        yield from _of_strangers(document, trail, seen)


def _of_header(trail: Trail, seen: ClaimSeen) -> Iterator[PatchOperation]:
    if seen.missing:
        yield PatchOperation(op="replace", path=pointer((*trail, "required")), value=False)
    if seen.unfit > seen.missing:
        yield PatchOperation(op="replace", path=pointer((*trail, "schema")), value={"type": "string"})


def _of_shape(document: Node, trail: Trail, node: Node, seen: ClaimSeen) -> Iterator[PatchOperation]:
    """A wider type; what a field only refers to is widened where it is said."""
    if seen.unfit == seen.missing:
        return
    types = {_TYPES.get(name, name) for name in seen.types}
    if "oneOf" in node:
        told = {name for one in node["oneOf"] for name in _types_of(resolve_ref(document, one))}
        if types - told:
            yield PatchOperation(op="add", path=pointer((*trail, "oneOf", "-")), value={"type": sorted(types - told)})
        return
    if "type" in node and types - set(_types_of(node)):
        yield PatchOperation(
            op="replace", path=pointer((*trail, "type")), value=sorted({*types, *_types_of(node)} - _wider(types))
        )
    yield from (PatchOperation(op="remove", path=pointer((*trail, key))) for key in _NARROWING if key in node)


def _wider(types: set[str]) -> set[str]:
    """An integer is a number."""
    return {"integer"} if "number" in types else set()


def _types_of(node: Node) -> list[str]:
    said = node.get("type", [])
    return [said] if isinstance(said, str) else list(said)


def _of_strangers(document: Node, trail: Trail, seen: ClaimSeen) -> Iterator[PatchOperation]:
    for name in seen.added:
        value = {"x-provenance": "observed", "x-source": "seen in a real OMS; its type and meaning are not known here"}
        yield PatchOperation(op="add", path=pointer((*trail, "properties", name)), value=value)
    if seen.unnamed and "additionalProperties" in node_at(document, trail):
        yield PatchOperation(op="replace", path=pointer((*trail, "additionalProperties")), value=True)


def _no_longer_required(document: Node, found: list[tuple[Trail, Node, ClaimSeen]]) -> Iterator[PatchOperation]:
    missing = [trail for trail, _, seen in found if seen.missing and kind_of(trail) is ClaimKind.FIELD]
    for parent, trails in groupby(missing, key=lambda trail: trail[:-2]):
        lost: set[Any] = {trail[-1] for trail in trails}
        kept = [name for name in node_at(document, (*parent, "required")) if name not in lost]
        yield PatchOperation(op="replace", path=pointer((*parent, "required")), value=kept)


def _is_broken_rule(trail: Trail, seen: ClaimSeen) -> bool:
    return kind_of(trail) is ClaimKind.RULE and bool(seen.unfit)


#: The forms of texts that clients parse; the first that fits is told instead of `string`.
_FORMS = (
    ("date-time", re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}")),
    ("decimal", re.compile(r"-?\d+\.\d+")),
    ("digits", re.compile(r"-?\d+")),
    ("empty string", re.compile("")),
)
_REFUSED = 400
#: A member's name as the framework makes it of a field's. What else is a key may be data.
_FIELD = re.compile("[a-z][a-z0-9_]{0,59}")
#: The schema of a plan, and how many plans must show a member that nobody knows before it is taken for a field.
_PLAN, _SEVERAL = "OrderExecutionPlan", 2
#: What shows a member: a plan by its id, or an answer where no plan is around the member.
ClaimCount = tuple[str, object]
_OPERATIONS: Mapping[tuple[Operation | None, bool], str] = {
    (Operation.LIST, True): "listOrderExecutionPlans",
    (Operation.DETAIL, True): "getOrderExecutionPlan",
    (Operation.LIST, False): "listOrderExecutionPlansWithoutSlash",
    (Operation.DETAIL, False): "getOrderExecutionPlanWithoutSlash",
}


def type_of(value: Any) -> str:
    """What kind of value it is, in words of ours: `string`, `date-time`, `decimal`, `integer`, `empty array`."""
    if isinstance(value, str):
        return next((name for name, form in _FORMS if form.fullmatch(value)), "string")
    if isinstance(value, (list, dict)):
        kind = "array" if isinstance(value, list) else "object"
        return kind if value else f"empty {kind}"
    return _NAMES[type(value)]


_NAMES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What is counted of one claim while answers are read."""

    seen: int = 0
    unfit: int = 0
    missing: int = 0
    types: Counter[str] = field(default_factory=Counter)
    strange: dict[str, list[ClaimCount]] = field(default_factory=dict)
    unnamed: int = 0

    def add(self, *, holds: bool) -> None:
        self.seen += 1
        self.unfit += not holds

    def result(self, every: Counter[str]) -> ClaimSeen:
        """What was counted; `every` is how many witnesses there were of each kind."""
        named = {key for key, met in self.strange.items() if len(set(met)) >= min(_SEVERAL, every[met[0][0]])}
        return ClaimSeen(
            seen=self.seen,
            unfit=self.unfit,
            missing=self.missing,
            types=dict(sorted(self.types.items())),
            added=tuple(sorted(named)),
            unnamed=self.unnamed + sum(len(met) for key, met in self.strange.items() if key not in named),
        )


class ClaimCounter:
    """Reads answers after one contract; `result` is what was met of its claims, by their ids."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._schemas: Node = document["components"]["schemas"]
        self._tallies: dict[str, _Tally] = {}
        self._witnesses: set[ClaimCount] = set()
        self._witness: ClaimCount = ("answer", 0)

    def result(self) -> Mapping[str, ClaimSeen]:
        """Every claim that was met, by its id, sorted."""
        every = Counter(kind for kind, _ in self._witnesses)
        return {name: tally.result(every) for name, tally in sorted(self._tallies.items())}

    def read(self, exchange: Exchange) -> None:
        """Count all that an answer holds, if it is one of list or detail, or of their paths without the slash."""
        name = _OPERATIONS.get((exchange.operation, exchange.path.endswith("/")))
        if name is not None:
            self._answer(exchange, operation(self._document, name))

    def holds(self, name: str, *, holds: bool) -> None:
        """A claim was met, in a way that only its caller can judge."""
        self._tally(name).add(holds=holds)

    def _tally(self, name: str) -> _Tally:
        return self._tallies.setdefault(name, _Tally())

    def _answer(self, exchange: Exchange, asked: Node) -> None:
        said = asked["responses"].get(str(exchange.status))
        if said is None:
            return
        if exchange.status < _REFUSED:
            self.holds(f"operation.{asked['operationId']}", holds=True)
        name, response = ref_name(said), resolve_ref(self._document, said)
        self._headers(exchange, response)
        media = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
        body = response["content"].get(media)
        self.holds(f"response.{name}", holds=body is not None)
        if body is not None and media == "application/json":
            self._body(exchange, body["schema"])

    def _headers(self, exchange: Exchange, response: Node) -> None:
        for name, said in response["headers"].items():
            component, header = ref_name(said), resolve_ref(self._document, said)
            value = exchange.header(name.lower())
            if header["x-provenance"] == "mock" or (value is None and not header["required"]):
                continue
            tally = self._tally(f"header.{component}")
            tally.missing += value is None
            tally.add(holds=value is not None and _header_fits(value, header["schema"], self._document))

    def _body(self, exchange: Exchange, schema: Node) -> None:
        try:
            content = exchange.content
        except (ValueError, RecursionError):
            return
        with self._seen_by("answer", len(self._witnesses)):
            self._walk(content, schema, "")

    @contextmanager
    def _seen_by(self, kind: str, which: object) -> Iterator[None]:
        """What is met meanwhile is shown by this plan or answer."""
        before, self._witness = self._witness, (kind, which)
        self._witnesses.add(self._witness)
        yield
        self._witness = before

    def _walk(self, value: Any, schema: Node, owner: str) -> None:
        while "$ref" in schema:
            owner = ref_name(schema)
            schema = self._schemas[owner]
            self._met(owner, value, schema)
        for one in schema.get("oneOf", ()):
            if fits_here(value, one, self._document):
                self._walk(value, one, owner)
        for row in value if isinstance(value, list) and "items" in schema else ():
            self._walk(row, schema["items"], owner)
        if isinstance(value, dict):
            with self._seen_by("plan", str(value.get("id"))) if owner == _PLAN else nullcontext():
                self._object(value, schema, owner)
        self._rules(value, schema, owner)

    def _rules(self, value: Any, schema: Node, owner: str) -> None:
        for number, rule in enumerate(schema.get("allOf", ()), start=1):
            if fits(value, rule["if"], self._document):
                self.holds(f"{owner}.rule-{number}", holds=fits(value, rule["then"], self._document))

    def _object(self, value: Mapping[str, Any], schema: Node, owner: str) -> None:
        for key, one, said in members(value, schema):
            if said is None:
                self._stranger(key, value, schema, owner)
                continue
            if key in schema.get("properties", {}):
                self._met(f"{owner}.{key}", one, said)
            self._walk(one, said, owner)
        for name in schema.get("required", ()):
            if name not in value:
                tally = self._tally(f"{owner}.{name}")
                tally.missing += 1
                tally.add(holds=False)

    def _met(self, name: str, value: Any, schema: Node) -> None:
        tally = self._tally(name)
        tally.add(holds=fits_here(value, schema, self._document))
        tally.types[type_of(value)] += 1

    def _stranger(self, key: str, value: Mapping[str, Any], schema: Node, owner: str) -> None:
        """A member that nobody knows: named only where the object is else as it is known, and not a guess of ours.

        A key that plans do not share may be data, too: `_Tally.result` names those of several plans alone.
        """
        if schema.get("additionalProperties") is not False:
            return
        tally = self._tally(owner)
        is_known = schema.get("x-provenance") != "assumed" and set(schema.get("required", [""])) <= value.keys()
        if is_known and _FIELD.fullmatch(key):
            tally.strange.setdefault(key, []).append(self._witness)
        else:
            tally.unnamed += 1


def _header_fits(text: str, schema: Node, document: Node) -> bool:
    if schema.get("type") == "integer":
        return text.isdecimal()
    return fits_here(text, schema, document)


_OK = 200
#: How the names of headers begin that a mock alone sends: X-Mock-Oms, and X-Mock-Hint or X-Mock-Assumed.
_OURS = "x-mock-"


def observed_of(survey: Crawl, results: Iterable[Result], now: datetime) -> Observation:
    """What a visit teaches: counts and shapes, read after the contract under the switches that the visit speaks for.

    `results` are those of the checks, of which numbers alone are kept. `now` is the day that the observation is of.
    """
    contents = contents_of(survey)
    counts = settled(counted(contents))
    answers = with_maximum(shown(counts))
    document = contract_for(switches_of(answers))
    claims = {**_read(survey, document), **_switches(counts)}
    return Observation(
        contract=document["info"]["version"],
        date=now.astimezone(UTC).replace(microsecond=0),
        host=host_of(survey),
        whole=survey.whole and not survey.cut_short,
        plans=len({plan["id"] for plan in contents.plans if isinstance(plan.get("id"), int)}),
        requests=dict(sorted(Counter(one.question.value for one in survey.asked).items())),
        answers=answers,
        evidence={name: Evidence(seen=seen) for name, seen in counts.items()},
        checks={one.check: CheckCount(looked=one.looked, findings=len(one.findings)) for one in results},
        claims=claims,
        patch=patch_for(document, claims),
    )


def host_of(survey: Crawl) -> Host:
    """What kind of machine was asked; whoever answers with a header of the mock's own is a mock."""
    if any(name.startswith(_OURS) for one in survey.asked for name, _ in one.exchange.headers):
        return Host.MOCK
    name = urlsplit(survey.target).hostname or ""
    try:
        address = ip_address(name)
    except ValueError:
        return _named(name)
    if address.is_loopback:
        return Host.LOOPBACK
    return Host.PRIVATE if address.is_private else Host.PUBLIC


def _named(name: str) -> Host:
    """What kind of host has a name like this; nobody is asked."""
    if name == "localhost" or name.endswith(".localhost"):
        return Host.LOOPBACK
    return Host.PUBLIC if "." in name and not name.endswith((".local", ".internal")) else Host.PRIVATE


def _read(survey: Crawl, document: Node) -> Mapping[str, ClaimSeen]:
    counting = ClaimCounter(document)
    for one in survey.asked:
        counting.read(one.exchange)
        if one.exchange.status == _OK:
            _read_request(counting, one, document)
    return counting.result()


def _read_request(counting: ClaimCounter, asked: AnsweredQuestion, document: Node) -> None:
    """What a request that was answered says of parameters; one that is merely ignored is answered, too."""
    known, exchange = document["components"]["parameters"], asked.exchange
    if exchange.operation is Operation.DETAIL:
        counting.holds("parameter.id", holds=True)
    if "page" in known and any(name == "page" for name, _ in exchange.query):
        counting.holds("parameter.page", holds=True)
    page = page_in(asked)
    if page is None or not page.rows:
        return
    for name, size in page.asked.items():
        if name in known:
            counting.holds(f"parameter.{name}", holds=len(page.rows) <= size)


def _switches(counts: Counts) -> Mapping[str, ClaimSeen]:
    """The switches as claims: seen of two values, a switch contradicts itself."""
    return {
        f"switch.{name}": ClaimSeen(seen=(every := sum(seen.values())), unfit=every - max(seen.values()), types=seen)
        for name, seen in counts.items()
    }
