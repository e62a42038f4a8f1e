"""Checks of every answer: it is no failure, has a described status and media type, and fits its schema."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mock_oms.conformance.checks.answers import PAGES, SINGLE, UNREAD, ParsedAnswer, ParsedCrawl, Rules, SeenPlan
from mock_oms.conformance.checks.check import Check, Violation
from mock_oms.conformance.checks.masking import Rows, named
from mock_oms.conformance.crawl import Question
from mock_oms.conformance.finding import Severity
from mock_oms.contract.document import Node

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError


#: Judges that are kept; a contract has fewer schemas of bodies.
_KEPT = 32


class MissingExtraError(ImportError):
    """Judging by schemas needs a package that the extra `contract` brings."""

    def __init__(self) -> None:
        super().__init__(
            "The checks of the contract need the package jsonschema, which is not installed: "
            "the extra `contract` brings it. In a checkout of mock-oms: pip install '.[contract]'."
        )


def violations_by_schema(rules: Rules, schema: Node, value: Any) -> Iterator[Violation]:
    """What in a value does not fit a schema of the contract.

    A field that the contract does not have is additive; anything else that does not fit is breaking.

    :raises MissingExtraError: jsonschema is not installed.
    """
    judge = _judge(_Hashed(rules), json.dumps(schema))
    for error in judge.iter_errors(value):
        for one in _innermost(error):
            yield from _flaws(rules, schema, one)


class _Hashed:
    """Rules as a key: they are the same where their switches are."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return hash(self.rules.answers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.rules.answers == other.rules.answers


@lru_cache(_KEPT)
def _judge(hashed: _Hashed, schema: str) -> "Draft202012Validator":
    try:
        from jsonschema import Draft202012Validator  # noqa: PLC0415  an extra, and half a second
        from jsonschema.validators import extend  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError from None
    judges: Any = extend(Draft202012Validator, {"contentSchema": _content})  # type: ignore[no-untyped-call]
    judged = {"components": hashed.rules.document["components"], **json.loads(schema)}
    found: Draft202012Validator = judges(judged, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return found


def _content(judge: Any, schema: Node, text: object, _: Node) -> "Iterator[ValidationError]":
    """JSON Schema leaves the content of a text to its readers; here it is judged."""
    if isinstance(text, str):
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        yield from judge.descend(content, schema, schema_path="contentSchema")


def _innermost(error: "ValidationError") -> Iterable["ValidationError"]:
    """Of a choice between shapes, what is wrong with the only one whose type fits; else the error itself."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(_is_of_another_type(one) for one in errors)]
    return fitting[0] if len(fitting) == 1 else (error,)


def _is_of_another_type(error: "ValidationError") -> bool:
    return error.validator == "type" and not error.path


def _flaws(rules: Rules, schema: Node, error: "ValidationError") -> Iterator[Violation]:
    place = written(error.absolute_path)
    provenance, source = _mark(rules, schema, error)
    extra, (_, instance) = _extra(error), _judged(error)
    for key in extra or ("",):
        yield Violation(
            message=f"the contract has no field {_named(key, rules)!r} here" if key else _sentence(error, rules),
            place=f"{place}.{_named(key, rules)}".strip(".") if key else place,
            expected="" if key else f"{error.validator}: {json.dumps(error.validator_value)}",
            found=instance[key] if key else instance,
            severity=Severity.ADDITIVE if key else Severity.BREAKING,
            provenance=provenance,
            source=source,
        )


def _extra(error: "ValidationError") -> list[str]:
    """The members that a schema does not name; none, where names follow a pattern or the rule is another one."""
    schema, instance = _judged(error)
    if error.validator != "additionalProperties" or "properties" not in schema:
        return []
    return sorted(set(instance) - set(schema["properties"]))


def _judged(error: "ValidationError") -> tuple[Any, Any]:
    """The schema that is broken, and by what."""
    return error.schema, error.instance


_LONGEST = 300


def _named(key: str, rules: Rules) -> str:
    return key if rules.show_values else named(key)


def _sentence(error: "ValidationError", rules: Rules) -> str:
    """What does not fit; a whole plan is not printed, and a value only where values may be.

    Of what is required the message names the member, which is the contract's.
    """
    if len(error.message) <= _LONGEST and (rules.show_values or error.validator == "required"):
        return error.message
    return f"this does not fit the rule {error.validator!r} of the contract"


def _mark(rules: Rules, schema: Node, error: "ValidationError") -> tuple[str | None, str | None]:
    """The marks nearest to the rule that is broken, on the way to it through the document."""
    # The path to an error does not tell of references: where a step is not here, it is in what is referred to.
    node: Any = schema
    marks = _marks_of(schema, {})
    for step in error.absolute_schema_path:
        if isinstance(node, dict) and step not in node:
            node = rules.resolved(node)
            marks = _marks_of(node, marks)
        node = node[step]
        marks = _marks_of(node, marks)
    return marks.get("x-provenance"), marks.get("x-source")


def _marks_of(node: object, before: Mapping[str, str]) -> Mapping[str, str]:
    """The marks of a node, or those before where it has none."""
    return node if isinstance(node, dict) and "x-provenance" in node else before


def written(path: Iterable[str | int]) -> str:
    """A place as people write it: `results[3].state`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


_FAILURE, _OK = 500, 200
_JSON = "application/json"
_EVERY = frozenset(Question)
_NOTHING_ASKED = "nothing was asked"


def _answers(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    return iter(seen.answers)


def _failures(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    if one.exchange.status >= _FAILURE:
        yield Violation(message="the server failed", expected="a status below 500", found=one.exchange.status)


def _undescribed(one: ParsedAnswer, seen: ParsedCrawl) -> Iterator[Violation]:
    described = seen.rules.statuses(one.exchange)
    if str(one.exchange.status) not in described:
        statuses = ", ".join(sorted(described))
        yield Violation(message="the contract has no such status here", expected=statuses, found=one.exchange.status)


def _media(one: ParsedAnswer, seen: ParsedCrawl) -> Iterator[Violation]:
    described = seen.rules.response(one.exchange)
    found = one.exchange.header("content-type") or ""
    wanted = [*(described or {"content": ()})["content"]]
    essence = found.partition(";")[0].strip().lower()
    if described and essence not in wanted:
        yield Violation(
            message="the media type is another one", place="header content-type", expected=wanted[0], found=found
        )
    elif essence == _JSON and found != _JSON:
        message = "JSON has no charset, and the framework sends none"
        place = "header content-type"
        yield Violation(message=message, place=place, expected=_JSON, found=found, severity=Severity.COSMETIC)


def _in_json(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    """Answers that should be JSON: by what the contract says of them, or by what they say of themselves."""
    for one in seen.answers:
        described = seen.rules.response(one.exchange)
        if _JSON in (one.exchange.header("content-type") or "") or (described and [*described["content"]] == [_JSON]):
            yield one


def _unread(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    if one.data is UNREAD:
        start = one.exchange.body[:60].decode("utf-8", "replace")
        yield Violation(message="the body is no JSON", expected="JSON in UTF-8", found=start)


def _refusals(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    return (one for one in seen.answers if one.exchange.status != _OK and one.data is not UNREAD)


def _misfits(one: ParsedAnswer, seen: ParsedCrawl) -> Iterator[Violation]:
    described = seen.rules.response(one.exchange)
    media = (described or {"content": {}})["content"].get(_JSON)
    for flaw in violations_by_schema(seen.rules, media["schema"], one.data) if media else ():
        # Which words a refusal has is the business of a check of its own.
        if flaw.place != "detail" or not isinstance(one.data["detail"], str):
            yield flaw


def _lists(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    return (one for one in seen.to(*PAGES) if one.exchange.status == _OK and one.data is not UNREAD)


def _list_misfits(one: ParsedAnswer, seen: ParsedCrawl) -> Iterator[Violation]:
    """What surrounds the rows: the rows themselves are looked at one by one, each form of a plan once."""
    described = seen.rules.response(one.exchange)
    if described:
        yield from violations_by_schema(seen.rules, described["content"][_JSON]["schema"], _without_rows(one.data))


def _without_rows(data: object) -> object:
    if isinstance(data, list):
        return Rows((row for row in data if not isinstance(row, dict)), len(data))
    if isinstance(data, dict) and isinstance(data.get("results"), list):
        return {**data, "results": _without_rows(data["results"])}
    return data


def _plans(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    """Each plan once in each form that it was seen in, also those that have no id."""
    met: set[str] = set()
    for one in (*seen.sights, *_nameless(seen)):
        form = json.dumps(one.plan, sort_keys=True)
        if form not in met:
            met.add(form)
            yield one


def _nameless(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    for one in seen.to(*PAGES, *SINGLE):
        if one.exchange.status == _OK and isinstance(one.data, dict):
            single = one.question in SINGLE
            rows = [one.data] if single else one.data.get("results")
            for place, row in enumerate(rows if isinstance(rows, list) else ()):
                if isinstance(row, dict) and type(row.get("id")) is not int:
                    yield SeenPlan(answered=one, place="" if single else f"results[{place}]", plan=row)


def _plan_misfits(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    return violations_by_schema(seen.rules, {"$ref": "#/components/schemas/OrderExecutionPlan"}, one.plan)


BODY_CHECKS: tuple[Check[ParsedAnswer] | Check[SeenPlan], ...] = (
    Check(
        name="no-failure",
        reads_anything=True,
        claim="No question makes the server fail.",
        over=_answers,
        flaws=_failures,
        lacking=_NOTHING_ASKED,
        needs=_EVERY,
        source="framework: a wrong question is refused with a status below 500",
    ),
    Check(
        name="status-described",
        reads_anything=True,
        claim="Every answer has a status that the contract describes for its path.",
        over=_answers,
        flaws=_undescribed,
        lacking=_NOTHING_ASKED,
        needs=_EVERY,
        source="framework",
    ),
    Check(
        name="media-type",
        reads_anything=True,
        claim="Every answer has the media type that the contract describes.",
        over=_answers,
        flaws=_media,
        lacking=_NOTHING_ASKED,
        needs=_EVERY,
        source="framework",
    ),
    Check(
        name="body-is-json",
        reads_anything=True,
        claim="Every body that is to be JSON can be read as JSON.",
        over=_in_json,
        flaws=_unread,
        lacking="no answer was to be JSON",
        needs=_EVERY,
        source="framework",
    ),
    Check(
        name="schema-of-lists",
        reads_anything=True,
        claim="Every list has the shape that the contract describes, around its rows.",
        over=_lists,
        flaws=_list_misfits,
        lacking="no list could be read",
        needs=PAGES,
        source="OMS samples",
    ),
    Check(
        name="schema-of-plans",
        reads_anything=True,
        claim="Every plan fits the schema of the contract, in the list and by itself.",
        over=_plans,
        flaws=_plan_misfits,
        lacking="no plan was met",
        needs=PAGES | SINGLE,
        source="plans page",
    ),
    Check(
        name="schema-of-refusals",
        reads_anything=True,
        claim="Every refusal in JSON fits the schema of the contract.",
        over=_refusals,
        flaws=_misfits,
        lacking="no refusal in JSON was met",
        needs=_EVERY - PAGES - SINGLE,
        source="framework",
    ),
)
