"""What one OMS was seen to answer, as shapes and counts without any value of a plan, and its file."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import chain
from typing import Any

from mock_oms.conformance.crawl import (
    AnsweredQuestion,
    Crawl,
    Exchange,
    Question,
    content_of,
    contents_of,
    contents_of_bodies,
    holds,
    is_numbered,
    page_of,
)
from mock_oms.conformance.diff.difference import ERROR, PAGE, PLAN, format_of, type_of, walked
from mock_oms.conformance.switch_evidence import counted, shown
from mock_oms.contract.openapi import contract_for
from mock_oms.contract.wording import is_sentence
from mock_oms.switches import Switches
from mock_oms.urls import Operation

#: Enough to tell that a text is another one; too little to find out which.
_DIGEST = 4
_NUMBER, _MASK = re.compile(r"\d+"), "{n}"
#: Headers that have a meaning for everybody.
_HEADERS = {
    "accept", "accept-encoding", "accept-language", "accept-ranges", "access-control-allow-credentials",
    "access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin",
    "access-control-expose-headers", "access-control-max-age", "allow", "authorization", "cache-control",
    "content-disposition", "content-language", "content-location", "content-security-policy", "content-type",
    "cookie", "cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
    "deprecation", "expires", "last-modified", "link", "location", "origin", "permissions-policy", "pragma",
    "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "referrer-policy", "retry-after", "sunset", "vary",
    "warning", "www-authenticate", "x-content-type-options", "x-frame-options", "x-permitted-cross-domain-policies",
    "x-powered-by", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-robots-tag",
    "x-xss-protection",
}  # fmt: skip
#: What stands in the values of headers that are compared.
_IN_HEADERS = _HEADERS | {
    "*", "api", "application/json", "application/problem+json", "application/xml", "basic", "bearer", "boundary",
    "charset", "delete", "deny", "digest", "en", "en-gb", "en-us", "error", "get", "head", "immutable",
    "invalid_token", "iso-{n}-{n}", "max-age", "must-revalidate", "no-cache", "no-referrer",
    "no-referrer-when-downgrade", "no-store", "no-transform", "nosniff", "options", "origin-when-cross-origin",
    "patch", "post", "private", "proxy-revalidate", "public", "put", "realm", "s-maxage", "same-origin",
    "same-origin-allow-popups", "sameorigin", "strict-origin", "strict-origin-when-cross-origin", "text/html",
    "text/plain", "token", "tr", "tr-tr", "trace", "unsafe-none", "unsafe-url", "utf-{n}", "{n}",
}  # fmt: skip
_BETWEEN = re.compile(r"[\s,;=\"]+")
_ASIDE = re.compile(r"\s*\((?P<said>.*)\)", re.DOTALL)
_HARMLESS = re.compile(r"request \d+ was answered \d+|Retry-After: (?:none|\d+)")
_ADDRESS, _QUERY = re.compile(r"\w+://\S*\w"), re.compile(r"\?\S*\w")


def masked_text(text: str) -> str:
    """The shape of a text, and a digest by which another one is noticed; numbers in it make no other one."""
    bare = _NUMBER.sub("0", text)
    return f"of {len(bare)} characters ({sha256(bare.encode(errors='backslashreplace')).hexdigest()[:_DIGEST]})"


def sentence(text: str) -> str:
    """What a refusal says, without its numbers: the framework's own sentences stay."""
    return _NUMBER.sub(_MASK, text) if is_sentence(text) else f"text {masked_text(text)}"


def word(text: str) -> str:
    """A word that stands for a state or a kind: those of the contract stay."""
    return text if text in _contracted() else f"word {masked_text(text)}"


def header_name(name: str) -> str:
    """The name of a header, in lower case: those that everybody uses stay."""
    return name if name in _HEADERS else masked_text(name)


def header_value(value: str) -> str:
    """The value of a header, without its numbers: it stays where all its words are HTTP's or the framework's."""
    masked = _NUMBER.sub(_MASK, value)
    words = {one.lower() for one in _BETWEEN.split(masked) if one}
    return masked if words <= _IN_HEADERS else f"text {masked_text(value)}"


def note(text: str) -> str:
    """What was said of a visit, without the addresses in it."""
    plain = _ASIDE.sub(lambda found: found[0] if _HARMLESS.fullmatch(found["said"]) else "", text)
    return _QUERY.sub("?…", _ADDRESS.sub("the address", plain))


@cache
def _contracted() -> frozenset[str]:
    """Every word that the contract enumerates, whichever form a state has."""
    documents = (contract_for(Switches(state=form)) for form in ("string", "object"))
    return frozenset(one for document in documents for one in _enumerated(document["components"]["schemas"]))


def _enumerated(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        said = (*schema.get("enum", ()), schema.get("const"))
        yield from (one for one in said if isinstance(one, str))
        for inner in schema.values():
            yield from _enumerated(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _enumerated(inner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A place in the bodies of one situation: how often it was seen, as which types, in which formats.

    `values` are kept only of members that the contract enumerates, such as `state`: its own words,
    and the shape of others.
    """

    seen: int
    types: Mapping[str, int]
    formats: Mapping[str, int] = field(default_factory=dict)
    values: frozenset[str] = frozenset()

    @property
    def always(self) -> frozenset[str]:
        """Its types but null, which says no more than that there was nothing."""
        return frozenset(self.types) - {"null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionShapes:
    """The answers to one kind of question. `request` is how it is asked again, ids and page numbers left out.

    `asked` is 0 for bodies that somebody captured: then there is no status and no header to compare.
    """

    request: str
    asked: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    headers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    wording: frozenset[str] = frozenset()

    def objects(self, place: str) -> int:
        """How many objects stood at a place: as often could each of its members have been there."""
        return self.fields[place].types.get("object", 0) if place in self.fields else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedShapes:
    """One side. `shown` are the switches (`mock_oms.switches`) whose value could be told from what was seen.

    `target` is what the user has called it, `host` what kind of one it is: all that is kept of it in a file. `notes`
    are what kept the picture from being whole, `cut_short` among them: why its visit ended early, if no budget did.
    """

    target: str
    host: str = "captured"
    situations: Mapping[str, QuestionShapes]
    shown: Mapping[str, str | int]
    notes: tuple[str, ...] = ()
    cut_short: str | None = None


Document = dict[str, Any]
#: What the file is, and of which make.
KIND = "mock-oms portrait 2"


class ShapesFileError(ValueError):
    """A document that is no portrait; the message says what is wrong with it."""


def as_document(portrait: ObservedShapes) -> Document:
    """The shapes as a JSON document: counts, names of members, words of the vendor; no value of a plan and no address."""
    situations = {name: _kept_situation(one) for name, one in portrait.situations.items()}
    shown, notes = dict(portrait.shown), list(portrait.notes)
    return {"kind": KIND, "target": portrait.host, "shown": shown, "notes": notes, "situations": situations}


def is_shapes_file(document: object) -> bool:
    """Whether a document says that it is a portrait, of whichever make."""
    return isinstance(document, Mapping) and str(document.get("kind", "")).startswith("mock-oms portrait")


def from_document(document: Mapping[str, Any]) -> ObservedShapes:
    """A portrait from its document.

    :raises ShapesFileError: it is of another make, or was changed by hand so that it cannot be read.
    """
    if document.get("kind") != KIND:
        raise ShapesFileError(
            f"it says kind: {document.get('kind')!r}; accepted: {KIND!r}. Make it anew with --save-a."
        )
    try:
        situations = {str(name): _situation(one) for name, one in document["situations"].items()}
        notes = tuple(map(str, document["notes"]))
        host, shown = str(document["target"]), dict(document["shown"])
        return ObservedShapes(target=host, host=host, situations=situations, shown=shown, notes=notes)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"it cannot be read ({type(error).__name__}: {error}). Make it anew with --save-a."
        raise ShapesFileError(message) from error


def _kept_situation(situation: QuestionShapes) -> Document:
    return {
        "request": situation.request,
        "asked": situation.asked,
        "statuses": {str(status): count for status, count in situation.statuses.items()},
        "headers": {name: sorted(values) for name, values in situation.headers.items()},
        "wording": sorted(situation.wording),
        "fields": {place: _kept_field(one) for place, one in situation.fields.items()},
    }


def _kept_field(field: Field) -> Document:
    """Most places have neither formats nor values to tell."""
    more = {"formats": dict(field.formats), "values": sorted(field.values)}
    return {"seen": field.seen, "types": dict(field.types), **{name: said for name, said in more.items() if said}}


def _situation(document: Mapping[str, Any]) -> QuestionShapes:
    return QuestionShapes(
        request=str(document["request"]),
        asked=int(document["asked"]),
        statuses={int(status): int(count) for status, count in document["statuses"].items()},
        headers={str(name): frozenset(values) for name, values in document["headers"].items()},
        fields={str(place): _field(one) for place, one in document["fields"].items()},
        wording=frozenset(document["wording"]),
    )


def _field(document: Mapping[str, Any]) -> Field:
    return Field(
        seen=int(document["seen"]),
        types={str(name): int(count) for name, count in document["types"].items()},
        formats={str(name): int(count) for name, count in document.get("formats", {}).items()},
        values=frozenset(document.get("values", ())),
    )


JsonValue = Any
_ROWS = "results"
#: Members whose values are words of the vendor's, never of a person.
_ENUMERATED = {"state", "slug", "source_state", "destination_state", "enum_class", "enum_value", "stock_location_type"}
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
#: Headers of whatever stands in front of an OMS, of one connection, or of one request; and those of the mock alone.
_OF_THE_WAY = re.compile(
    "date|server|connection|keep-alive|transfer-encoding|content-(length|encoding)|via|age|etag|alt-svc|set-cookie"
    "|strict-transport-security|nel|report-to|x-(mock|amz|cache|served|timer|varnish|runtime|envoy|kong|azure)\\b.*"
    "|(cf|akamai)-.*|.*(request|trace|correlation)-?id.*|server-timing"
)
#: Headers whose value is of the vendor's making; of all others it is only kept that they were there.
_TOLD = {
    "allow",
    "cache-control",
    "content-language",
    "content-type",
    "cross-origin-opener-policy",
    "referrer-policy",
    "retry-after",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
}
_PLAN = re.compile("(orderexecutionplans/)[^/?]+")
_SEEN = {Question.WALK: "list", Question.AGAIN: "list", Question.DETAIL: "detail", Question.REPEATED: "detail"}
#: Questions that are asked about the list and about a plan.
_OF_BOTH = {Question.NO_TOKEN, Question.WRONG_TOKEN, Question.OTHER_MEDIA, Question.NO_SLASH}
_TOO_MANY = 429


def shapes_of(survey: Crawl) -> ObservedShapes:
    """What a visit showed. Answers 429 are left out: they say when somebody asked, not what an OMS is like."""
    kinds: dict[str, list[AnsweredQuestion]] = defaultdict(list)
    for one in survey.asked:
        if one.exchange.status != _TOO_MANY:
            kinds[_kind(one)].append(one)
    early = () if survey.whole else ("The walk through the list did not reach its end.",)
    return ObservedShapes(
        target=survey.target,
        situations={name: _portraying_situation(asked) for name, asked in kinds.items()},
        shown=shown(counted(contents_of(survey))),
        notes=tuple(map(note, (*early, *survey.notes, *filter(None, [survey.ended])))),
        cut_short=note(survey.ended) if survey.ended and survey.cut_short else None,
    )


def shapes_of_bodies(target: str, bodies: Iterable[JsonValue]) -> ObservedShapes:
    """What bodies show that somebody captured, lists or plans, without statuses and headers."""
    found: tuple[list[JsonValue], list[JsonValue]] = ([], [])
    for body in bodies:
        found[isinstance(body, dict) and _ROWS not in body].append(body)
    lists, plans = found
    seen = {"list": chain.from_iterable(map(_of_list, lists)), "detail": chain.from_iterable(map(_of_plan, plans))}
    fields = {name: _fields(places) for name, places in seen.items()}
    return ObservedShapes(
        target=target,
        situations={
            name: QuestionShapes(request=f"captured {name}", fields=one) for name, one in fields.items() if one
        },
        shown=shown(counted(contents_of_bodies((*lists, *plans)))),
    )


def _kind(asked: AnsweredQuestion) -> str:
    question, exchange = asked.question, asked.exchange
    query = dict(exchange.query)
    if question in _SEEN:
        return _SEEN[question]
    if question is Question.SIZED:
        return f"list by {', '.join(f'{name}={value}' for name, value in sorted(query.items()))}"
    if question is Question.NO_PAGE:
        page = query.get("page", "")
        return f"no page: {'past the last' if page.isdecimal() and int(page) else page}"
    if question is Question.NO_PLAN:
        return question.value if is_numbered(exchange) else f"{question.value}: a word"
    return f"{question.value}: a plan" if question in _OF_BOTH and _PLAN.search(exchange.path) else question.value


def _portraying_situation(asked: list[AnsweredQuestion]) -> QuestionShapes:
    exchanges = [one.exchange for one in asked]
    return QuestionShapes(
        request=f"{exchanges[0].method} {_asked_again(exchanges[0].target)}",
        asked=len(exchanges),
        statuses=dict(Counter(one.status for one in exchanges)),
        headers=_headers(exchanges),
        fields=_fields(chain.from_iterable(map(_seen, asked))),
        wording=frozenset(chain.from_iterable(map(_wording, exchanges))),
    )


def _asked_again(target: str) -> str:
    """A target without the id that was asked for, and without the number of the page."""
    path, _, query = _PLAN.sub(r"\1{id}", target).partition("?")
    return f"{path}?{re.sub(r'page=[0-9]+', 'page={n}', query)}" if query else path


def _headers(exchanges: Iterable[Exchange]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, value in chain.from_iterable(one.headers for one in exchanges):
        if not _OF_THE_WAY.fullmatch(name):
            found[header_name(name)].add(header_value(value) if name in _TOLD else "")
    return {name: frozenset(values) for name, values in found.items()}


def _seen(asked: AnsweredQuestion) -> Iterator[tuple[str, JsonValue]]:
    exchange = asked.exchange
    body = content_of(exchange)
    if body is None:
        return iter(())
    if holds(exchange, Operation.LIST):
        return _of_list(body)
    return _of_plan(body) if holds(exchange, Operation.DETAIL) else walked(body, ERROR)


def _of_list(body: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    yield from walked(_envelope(body), PAGE)
    page = page_of(body, Question.WALK)
    for row in page.rows if page is not None else ():
        yield from walked(row, PLAN)


def _envelope(body: JsonValue) -> JsonValue:
    """A list without its rows: the members of the envelope, or the bare array, empty."""
    return {**body, _ROWS: []} if isinstance(body, dict) and _ROWS in body else [] if isinstance(body, list) else body


def _of_plan(body: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    return walked(body, PLAN)


def _fields(seen: Iterable[tuple[str, JsonValue]]) -> Mapping[str, Field]:
    types: dict[str, Counter[str]] = defaultdict(Counter)
    formats: dict[str, Counter[str]] = defaultdict(Counter)
    values: dict[str, set[str]] = defaultdict(set)
    for place, value in seen:
        types[place][type_of(value)] += 1
        if (found := format_of(value)) is not None:
            formats[place][found] += 1
        if _is_word(place, value):
            values[place].add(word(value))
    return {
        place: Field(
            seen=sum(kinds.values()), types=dict(kinds), formats=dict(formats[place]), values=frozenset(values[place])
        )
        for place, kinds in sorted(types.items())
    }


def _is_word(place: str, value: Any) -> bool:
    return place.rpartition(".")[2] in _ENUMERATED and isinstance(value, str) and bool(_WORD.fullmatch(value))


def _wording(exchange: Exchange) -> Iterator[str]:
    """What a refusal says."""
    body = content_of(exchange) if exchange.status >= 400 else None  # noqa: PLR2004
    for _, value in walked(body, ERROR):
        if isinstance(value, str):
            yield sentence(value)
