"""An observation from a crawl: which claims of the contract its answers bear out, and which they contradict."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import create, extend

from mock_oms.conformance.contract_patch import patch_for
from mock_oms.conformance.crawl import NO_JSON, AnsweredQuestion, Crawl, Exchange, contents_of, page_in
from mock_oms.conformance.finding import Result
from mock_oms.conformance.shapes import base_observation, json_type
from mock_oms.contract.document import Node, data_member, media_types, operation, ref_name, resolve_ref
from mock_oms.contract.ledger import OPERATION_IDS
from mock_oms.contract.observation import CheckCount, ClaimSeen, Observation
from mock_oms.contract.openapi import contract_for
from mock_oms.dataclass import dataclass
from mock_oms.urls import Operation

_KEYWORDS: dict[str, Any] = dict(Draft202012Validator.VALIDATORS)
#: What a value has to be by itself, whatever is in it.
_SHALLOW = (
    *("$ref", "type", "const", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
#: Here, and in what was read of JSON, 1.0 is no integer.
_CHECKER = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
)
_WHOLE: Callable[..., Any] = extend(Draft202012Validator, type_checker=_CHECKER)  # type: ignore[no-untyped-call]
_HERE: Callable[..., Any] = create(
    Draft202012Validator.META_SCHEMA,
    # Shallow alternatives look alike, so one of them is enough.
    {**{name: _KEYWORDS[name] for name in _SHALLOW}, "oneOf": _KEYWORDS["anyOf"]},
    type_checker=_CHECKER,
)


class ContractSchemas:
    """Which values fit the schemas of one contract."""

    def __init__(self, document: Node) -> None:
        components = {"components": document.get("components", {})}
        self._roots = {True: _WHOLE(components), False: _HERE(components)}
        # Verdicts by schemas; on plain values they are remembered, for the same plan is in many answers.
        self._verdicts: dict[tuple[bool, int], tuple[Callable[[Any], bool], Callable[[Any], bool]]] = {}

    def fits(self, value: Any, schema: Node, *, whole: bool = True) -> bool:
        """Whether a value fits, with everything in it."""
        key = whole, id(schema)
        if key not in self._verdicts:
            verdict = self._roots[whole].evolve(schema=schema).is_valid
            self._verdicts[key] = verdict, lru_cache(maxsize=None, typed=True)(verdict)
        verdict, remembered = self._verdicts[key]
        return verdict(value) if isinstance(value, (dict, list)) else remembered(value)

    def fits_here(self, value: Any, schema: Node) -> bool:
        """Whether a value fits by itself: its type, range and wording, whatever is in it."""
        return self.fits(value, schema, whole=False)


#: The forms of texts that clients parse; the first that fits is named instead of `string`.
_FORMS = (
    ("date-time", re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}")),
    ("decimal", re.compile(r"-?\d+\.\d+")),
    ("digits", re.compile(r"-?\d+")),
    ("empty string", re.compile("")),
)

_REFUSED, _OK = 400, 200
#: A member's name as the framework makes it of a field's. What else is a key may be data.
_FIELD = re.compile("[a-z][a-z0-9_]{0,59}")
#: The schema of a plan, and how many plans must show a member that nobody knows before it is taken for a field.
_PLAN, _SEVERAL = "OrderExecutionPlan", 2
#: What shows a member: a plan by its id, or an answer where no plan is around the member.
Source = tuple[str, object]


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What is counted of one claim while answers are read."""

    seen: int = 0
    unfit: int = 0
    missing: int = 0
    types: Counter[str] = field(default_factory=Counter)
    unknown: dict[str, Counter[Source]] = field(default_factory=lambda: defaultdict(Counter))
    unnamed: int = 0

    def add(self, *, holds: bool, missing: bool = False) -> None:
        self.seen += 1
        self.unfit += not holds
        self.missing += missing

    def result(self, sources: Counter[str]) -> ClaimSeen:
        """What was counted; `sources` is how many plans and answers there were."""
        named = {
            key for key, by in self.unknown.items() if len(by) >= min(_SEVERAL, sources[next(kind for kind, _ in by)])
        }
        return ClaimSeen(
            seen=self.seen,
            unfit=self.unfit,
            missing=self.missing,
            types=dict(sorted(self.types.items())),
            added=tuple(sorted(named)),
            unnamed=self.unnamed + sum(by.total() for key, by in self.unknown.items() if key not in named),
        )


class ClaimCounter:
    """Reads answers after one contract; `result` is what was met of its claims, by their ids."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._schemas = ContractSchemas(document)
        #: What was counted of each claim, by its id.
        self.tallies: dict[str, _Tally] = defaultdict(_Tally)
        self._sources: set[Source] = set()

    def result(self) -> Mapping[str, ClaimSeen]:
        """Every claim that was met, by its id, sorted."""
        sources = Counter(kind for kind, _ in self._sources)
        return {name: tally.result(sources) for name, tally in sorted(self.tallies.items())}

    def read(self, exchange: Exchange) -> None:
        """Count all that an answer holds, if it is one of list or detail, or of their paths without the slash."""
        if exchange.operation not in {Operation.LIST, Operation.DETAIL}:
            return
        name = OPERATION_IDS[exchange.operation] + ("" if exchange.path.endswith("/") else "WithoutSlash")
        described = operation(self._document, name)["responses"].get(str(exchange.status))
        if described is None:
            return
        if exchange.status < _REFUSED:
            self.tallies[f"operation.{name}"].add(holds=True)
        response = resolve_ref(self._document, described)
        self._headers(exchange, response)
        media = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
        bodies = media_types(response)
        body = bodies.get(media)
        self.tallies[f"response.{ref_name(described)}"].add(holds=not exchange.body if not bodies else body is not None)
        if body is not None and media == "application/json":
            content = exchange.content
            if content is not NO_JSON:
                source = ("answer", len(self._sources))
                self._sources.add(source)
                self._walk(content, body["schema"], "", source)

    def _headers(self, exchange: Exchange, response: Node) -> None:
        for name, node in response["headers"].items():
            header, value = resolve_ref(self._document, node), exchange.header(name.lower())
            if header["x-provenance"] == "mock" or (value is None and not header["required"]):
                continue
            if value is None:
                holds = False
            elif header["schema"].get("type") == "integer":
                holds = value.isdecimal()
            else:
                holds = self._schemas.fits_here(value, header["schema"])
            self.tallies[f"header.{ref_name(node)}"].add(holds=holds, missing=value is None)

    def _walk(self, value: Any, schema: Node, owner: str, source: Source) -> None:
        while "$ref" in schema:
            owner = ref_name(schema)
            schema = self._document["components"]["schemas"][owner]
            self._met(owner, value, schema)
        for one in schema.get("oneOf", ()):
            if self._schemas.fits_here(value, one):
                self._walk(value, one, owner, source)
        for row in value if isinstance(value, list) and "items" in schema else ():
            self._walk(row, schema["items"], owner, source)
        if isinstance(value, dict):
            self._object(value, schema, owner, ("plan", str(value.get("id"))) if owner == _PLAN else source)
        for number, rule in enumerate(schema.get("allOf", ()), start=1):
            if self._schemas.fits(value, rule["if"]):
                self.tallies[f"{owner}.rule-{number}"].add(holds=self._schemas.fits(value, rule["then"]))

    def _object(self, value: Mapping[str, Any], schema: Node, owner: str, source: Source) -> None:
        self._sources.add(source)
        named, data, keys = schema.get("properties", {}), data_member(schema), schema.get("propertyNames")
        for key, one in value.items():
            described = named.get(key) or (data if keys is None or self._schemas.fits(key, keys) else None)
            if described is None:
                self._unknown(key, value, schema, owner, source)
                continue
            if key in named:
                self._met(f"{owner}.{key}", one, described)
            self._walk(one, described, owner, source)
        for name in schema.get("required", ()):
            if name not in value:
                self.tallies[f"{owner}.{name}"].add(holds=False, missing=True)

    def _met(self, name: str, value: Any, schema: Node) -> None:
        tally = self.tallies[name]
        tally.add(holds=self._schemas.fits_here(value, schema))
        if isinstance(value, str):
            kind = next((name for name, form in _FORMS if form.fullmatch(value)), "string")
        else:
            kind = f"empty {json_type(value)}" if value in ([], {}) else json_type(value)
        tally.types[kind] += 1

    def _unknown(self, key: str, value: Mapping[str, Any], schema: Node, owner: str, source: Source) -> None:
        """A member that nobody knows: named only where the object is else as it is known, and not a guess of ours.

        A key that plans do not have in common may be data, too: `_Tally.result` names those of several plans alone.
        """
        if schema.get("additionalProperties", True) is True:
            return
        tally = self.tallies[owner]
        is_known = schema.get("x-provenance") != "assumed" and set(schema.get("required", [""])) <= value.keys()
        if is_known and _FIELD.fullmatch(key):
            tally.unknown[key][source] += 1
        else:
            tally.unnamed += 1


def observed_of(crawl: Crawl, results: Iterable[Result], now: datetime) -> Observation:
    """What a crawl teaches: counts and shapes, read after the contract under the switches that its answers show.

    `results` are those of the checks, of which only numbers are written. `now` is the day that the observation is of.
    """
    base = base_observation(contents_of(crawl), now, crawl)
    document = contract_for(base.switches)
    counter = ClaimCounter(document)
    for one in crawl.answered:
        counter.read(one.exchange)
        if one.exchange.status == _OK:
            _read_request(counter, one, document["components"]["parameters"])
    # Seen of two values, a switch contradicts itself.
    switches = {
        f"switch.{name}": ClaimSeen(
            seen=(every := sum(one.seen.values())), unfit=every - max(one.seen.values()), types=one.seen
        )
        for name, one in base.evidence.items()
    }
    claims = {**counter.result(), **switches}
    return replace(
        base,
        checks={one.check: CheckCount(looked=one.looked, findings=len(one.findings)) for one in results},
        claims=claims,
        patch=patch_for(document, claims),
    )


def _read_request(counter: ClaimCounter, answered: AnsweredQuestion, known: Node) -> None:
    """What a request that was answered says of parameters; one that is merely ignored is answered, too."""
    exchange, page = answered.exchange, page_in(answered)
    if exchange.operation is Operation.DETAIL:
        counter.tallies["parameter.id"].add(holds=True)
    if "page" in known and "page" in dict(exchange.query):
        counter.tallies["parameter.page"].add(holds=True)
    rows = page.rows if page else ()
    for name, size in page.sizes.items() if page and rows else ():
        if name in known and size > 0:  # what is no positive number is read as the default
            counter.tallies[f"parameter.{name}"].add(holds=len(rows) <= size)
