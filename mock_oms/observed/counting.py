"""Counting what answers hold, claim by claim: types and how often, never what stood there."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from mock_oms.contract.document import Node, operation
from mock_oms.contract.fitting import fits, fits_here, members
from mock_oms.observed.document import Seen
from mock_oms.operations import Operation
from mock_oms.survey.exchange import Exchange

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
Witness = tuple[str, object]
_OPERATIONS: Mapping[tuple[Operation | None, bool], str] = {
    (Operation.LIST, True): "listOrderExecutionPlans",
    (Operation.DETAIL, True): "getOrderExecutionPlan",
    (Operation.LIST, False): "listOrderExecutionPlansWithoutSlash",
    (Operation.DETAIL, False): "getOrderExecutionPlanWithoutSlash",
}


def type_of(value: Any) -> str:  # noqa: ANN401  where JSON enters
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
    strange: dict[str, list[Witness]] = field(default_factory=dict)
    unnamed: int = 0

    def add(self, *, holds: bool) -> None:
        self.seen += 1
        self.unfit += not holds

    def result(self, every: Counter[str]) -> Seen:
        """What was counted; `every` is how many witnesses there were of each kind."""
        named = {key for key, met in self.strange.items() if len(set(met)) >= min(_SEVERAL, every[met[0][0]])}
        return Seen(
            seen=self.seen,
            unfit=self.unfit,
            missing=self.missing,
            types=dict(sorted(self.types.items())),
            added=tuple(sorted(named)),
            unnamed=self.unnamed + sum(len(met) for key, met in self.strange.items() if key not in named),
        )


class Counting:
    """Reads answers after one contract; `result` is what was met of its claims, by their ids."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._schemas: Node = document["components"]["schemas"]
        self._tallies: dict[str, _Tally] = {}
        self._witnesses: set[Witness] = set()
        self._witness: Witness = ("answer", 0)

    def result(self) -> Mapping[str, Seen]:
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
        name = said["$ref"].rpartition("/")[2]
        response = self._document["components"]["responses"][name]
        self._headers(exchange, response)
        media = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
        body = response["content"].get(media)
        self.holds(f"response.{name}", holds=body is not None)
        if body is not None and media == "application/json":
            self._body(exchange, body["schema"])

    def _headers(self, exchange: Exchange, response: Node) -> None:
        for name, said in response["headers"].items():
            component = said["$ref"].rpartition("/")[2]
            header, value = self._document["components"]["headers"][component], exchange.header(name.lower())
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

    def _walk(self, value: Any, schema: Node, owner: str) -> None:  # noqa: ANN401
        while "$ref" in schema:
            owner = schema["$ref"].rpartition("/")[2]
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

    def _rules(self, value: Any, schema: Node, owner: str) -> None:  # noqa: ANN401
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

    def _met(self, name: str, value: Any, schema: Node) -> None:  # noqa: ANN401
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
