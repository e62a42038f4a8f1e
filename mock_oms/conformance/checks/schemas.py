"""Checks of every answer: it is no failure, has a described status and media type, and fits its schema."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mock_oms.conformance.checks.answers import PAGES, ParsedAnswer, ParsedCrawl, SeenPlan, has_id, objects_in
from mock_oms.conformance.checks.check import Checks, Rows, Subjects, Violation, named
from mock_oms.conformance.crawl import NO_JSON, Question, read_page
from mock_oms.conformance.finding import Severity
from mock_oms.contract.document import Node, media_types, resolve_ref
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.urls import Operation

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

CHECKS = Checks()
_JSON, _CONTENT_TYPE = "application/json", "header content-type"
_FAILURE = 500
#: Characters of a message of jsonschema that are shown at most; a whole plan is not.
_LONGEST = 300


class MissingExtraError(ImportError):
    """Validation by schemas needs a package that the extra `contract` brings."""

    def __init__(self) -> None:
        super().__init__(
            "The checks of the contract need the package jsonschema, which is not installed: "
            "the extra `contract` brings it. In a checkout of mock-oms: pip install '.[contract]'."
        )


@lru_cache(32)  # a contract has fewer schemas of bodies
def _validator(switches: Switches, schema: str) -> "Draft202012Validator":
    try:
        from jsonschema import Draft202012Validator  # noqa: PLC0415  an extra, and half a second
        from jsonschema.validators import extend  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError from None
    extended: Any = extend(Draft202012Validator, {"contentSchema": _content})  # type: ignore[no-untyped-call]
    document = {"components": contract_for(switches)["components"], **json.loads(schema)}
    found: Draft202012Validator = extended(document, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return found


def _content(validator: Any, schema: Node, text: object, _: Node) -> "Iterator[ValidationError]":
    """JSON Schema leaves the content of a text to its readers; here it is validated."""
    if isinstance(text, str):
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        yield from validator.descend(content, schema, schema_path="contentSchema")


def _misfits(crawl: ParsedCrawl, schema: Node, value: Any) -> Iterator[Violation]:
    """What does not fit a schema: a field that the contract does not have is additive, anything else is breaking."""
    for outer in _validator(crawl.switches, json.dumps(schema)).iter_errors(value):
        for error in _innermost(outer):
            place = written(error.absolute_path)
            provenance, source = _mark(crawl, schema, error)
            broken: Any = error.schema
            instance: Any = error.instance
            rule = error.validator
            properties = broken.get("properties") if isinstance(broken, dict) else None
            if rule == "additionalProperties" and properties is not None:
                for key in sorted(set(instance) - set(properties)):
                    name = key if crawl.show_values else named(key)
                    yield Violation(
                        f"the contract has no field {name!r} here",
                        f"{place}.{name}".strip("."),
                        found=instance[key],
                        severity=Severity.ADDITIVE,
                        provenance=provenance,
                        source=source,
                    )
                continue
            # What is required is named by the message, and is the contract's; other messages may show a value.
            open_to_all = crawl.show_values or rule == "required"
            short = len(error.message) <= _LONGEST
            yield Violation(
                error.message if open_to_all and short else f"this does not fit the rule {rule!r} of the contract",
                place,
                f"{rule}: {json.dumps(error.validator_value)}",
                instance,
                severity=Severity.BREAKING,
                provenance=provenance,
                source=source,
            )


def _innermost(error: "ValidationError") -> Iterable["ValidationError"]:
    """Of a choice between shapes, what is wrong with the only one whose type fits; else the error itself."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [
        errors for errors in branches.values() if not any(one.validator == "type" and not one.path for one in errors)
    ]
    return fitting[0] if len(fitting) == 1 else (error,)


def _mark(crawl: ParsedCrawl, schema: Node, error: "ValidationError") -> tuple[str | None, str | None]:
    """The provenance and the source nearest to the rule that is broken, on the way to it through the document."""

    def nearest(node: object, before: Mapping[str, str]) -> Mapping[str, str]:
        return node if isinstance(node, dict) and "x-provenance" in node else before

    # The path to an error does not name references: where a step is not here, it is in what is referred to.
    node: Any = schema
    marks = nearest(schema, {})
    for step in error.absolute_schema_path:
        if isinstance(node, dict) and step not in node:
            node = resolve_ref(crawl.document, {"$ref": node["$ref"]})  # what is beside it is no part of the way
            marks = nearest(node, marks)
        node = node[step]
        marks = nearest(node, marks)
    return marks.get("x-provenance"), marks.get("x-source")


def written(path: Iterable[str | int]) -> str:
    """A place as people write it: `results[3].state`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


ANSWERS = Subjects(lambda crawl: crawl.answers, "nothing was asked")


@CHECKS.add(ANSWERS, "framework: a wrong question is refused with a status below 500", reads_anything=True)
def no_failure(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    """No question makes the server fail."""
    if one.status >= _FAILURE:
        yield Violation("the server failed", expected="a status below 500", found=one.status)


@CHECKS.add(ANSWERS, "framework", reads_anything=True)
def status_described(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """The contract describes every status for its path."""
    described = crawl.statuses(one.exchange)
    if str(one.status) not in described:
        wanted = ", ".join(sorted(described))
        yield Violation("the contract has no such status here", expected=wanted, found=one.status)


@CHECKS.add(ANSWERS, "framework", reads_anything=True)
def media_type(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every media type is the described one."""
    response = crawl.response(one.exchange)
    found = one.exchange.header("content-type") or ""
    essence = found.partition(";")[0].strip().lower()
    described = media_types(response or {})
    if described and essence not in described:
        yield Violation("the media type is another one", _CONTENT_TYPE, next(iter(described)), found)
    elif essence == _JSON and found != _JSON:
        message = "JSON has no charset, and the framework sends none"
        yield Violation(message, _CONTENT_TYPE, _JSON, found, severity=Severity.COSMETIC)


def _in_json(crawl: ParsedCrawl) -> Iterator[ParsedAnswer]:
    """Answers that should be JSON: by what the contract says of them, or by what they say of themselves."""
    for one in crawl.answers:
        response = crawl.response(one.exchange)
        if _JSON in (one.exchange.header("content-type") or "") or [*media_types(response or {})] == [_JSON]:
            yield one


@CHECKS.add(Subjects(_in_json, "no answer was to be JSON"), "framework", reads_anything=True)
def body_is_json(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    """Every body that is to be JSON can be read as JSON."""
    if one.data is NO_JSON:
        start = one.exchange.body[:60].decode("utf-8", "replace")
        yield Violation("the body is no JSON", expected="JSON in UTF-8", found=start)


@CHECKS.add(
    Subjects(lambda crawl: crawl.to(Question.FORMAT), "the question 'format' was not asked"),
    "framework",
    reads_anything=True,
)
def format_json(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    """`format=json` changes no answer."""
    plan = one.exchange.path.rstrip("/").rpartition("/")[2]
    if not one.ok:
        yield Violation("the status is another one", expected=200, found=one.status)
    elif one.exchange.operation is Operation.LIST and read_page(one.data) is None:
        yield Violation("this is no list", expected="a list", found=one.data)
    elif one.exchange.operation is Operation.DETAIL and not (
        isinstance(one.data, dict) and str(one.data.get("id")) == plan
    ):
        yield Violation("this is not the plan", expected=f"plan {plan}", found=one.data)


def _misfits_of_body(one: ParsedAnswer, crawl: ParsedCrawl, value: object) -> Iterator[Violation]:
    if (body := media_types(crawl.response(one.exchange) or {}).get(_JSON)) is not None:
        yield from _misfits(crawl, body["schema"], value)


@CHECKS.add(
    Subjects(
        lambda crawl: (one for one in crawl.to(*PAGES) if one.ok and one.data is not NO_JSON), "no list could be read"
    ),
    "OMS samples",
    reads_anything=True,
)
def schema_of_lists(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every list fits the schema around its rows."""
    return _misfits_of_body(one, crawl, _without_rows(one.data))


def _without_rows(data: object) -> object:
    """A list without the rows that are objects: they are looked at one by one, each form of a plan once."""
    if isinstance(data, list):
        return Rows((row for row in data if not isinstance(row, dict)), len(data))
    if isinstance(data, dict) and isinstance(data.get("results"), list):
        return {**data, "results": _without_rows(data["results"])}
    return data


def _plans(crawl: ParsedCrawl) -> Iterator[SeenPlan]:
    """Each plan once in each form that it was seen in, also those that have no id."""
    without_id = (found for one in crawl.answers for found in objects_in(one) if not has_id(found.plan))
    forms: set[str] = set()
    for one in (*crawl.plans, *without_id):
        form = json.dumps(one.plan, sort_keys=True)
        if form not in forms:
            forms.add(form)
            yield one


@CHECKS.add(Subjects(_plans, "no plan was met"), "plans page", reads_anything=True)
def schema_of_plans(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every plan fits the schema, in the list and alone."""
    return _misfits(crawl, {"$ref": "#/components/schemas/OrderExecutionPlan"}, one.plan)


@CHECKS.add(
    Subjects(
        lambda crawl: (one for one in crawl.answers if not one.ok and one.data is not NO_JSON),
        "no refusal in JSON was met",
    ),
    "framework",
    reads_anything=True,
)
def schema_of_refusals(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every refusal in JSON fits the schema."""
    for found in _misfits_of_body(one, crawl, one.data):
        # A check of its own looks at the words of a refusal.
        if found.place != "detail" or not isinstance(one.data["detail"], str):
            yield found
