"""What the answers of an OMS look like: types and formats by place, statuses, headers, wording; no value of a plan.

A place is a path such as `plan.order.id`: `[]` stands for any row, `{}` for any key that is data.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import sha256
from ipaddress import ip_address
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from mock_oms.conformance.crawl import (
    NO_JSON,
    AnsweredQuestion,
    Crawl,
    CrawlContents,
    Exchange,
    Question,
    contents_of,
    contents_of_bodies,
    holds,
    is_numbered,
    read_page,
)
from mock_oms.conformance.switch_evidence import counted, settled, shown, with_maximum
from mock_oms.contract.document import words_of
from mock_oms.contract.observation import Evidence, Host, Observation, PlaceShape, Situation
from mock_oms.contract.openapi import contract_for
from mock_oms.contract.wording import is_sentence
from mock_oms.switches import Switches
from mock_oms.urls import Operation, is_loopback

#: Roots of places: the envelope of a list without its rows, a plan in a list or alone, the body of a refusal.
PAGE, PLAN, ERROR = "page", "plan", "error"
ROWS, MEMBERS = "[]", "{}"
#: What a shop fills as it likes: that two shops differ there says nothing about their OMS.
_OPEN = {"attributes", "attributes_kwargs", "extra_attributes", "extra_field", "conf", "config"}
#: The members of a context that the contract names; every other key there may be the code of a shop or an item.
_IN_CONTEXT = frozenset({"date", "stock_locations", "sku", "quantity", "unit_type", "stock_count", "reservation_count"})
#: Characters of a place below which nothing is looked at: no OMS nests so deeply, and Python could not follow.
_LONGEST = 500
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,63}|[a-z_]+[0-9]?")


def walked(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every value in a document with its place, the document itself first; absurd depths are not looked into."""
    yield place, value
    if len(place) > _LONGEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from walked(one, f"{place}{ROWS}")
    elif isinstance(value, dict) and place.rpartition(".")[2] not in _OPEN:
        names: Collection[str] = value if all(map(_NAME.fullmatch, value)) else ()
        if f"{place}.".startswith((f"{PLAN}.context.", f"{PLAN}.context{MEMBERS}")):
            names = _IN_CONTEXT
        for name, one in value.items():
            yield from walked(one, f"{place}.{name}" if name in names else f"{place}{MEMBERS}")


@lru_cache(4096)  # each place is asked about in every situation
def parent(place: str) -> str:
    """The place that holds this one; empty for a root."""
    return place[: max(0, *(place.rfind(mark) for mark in ".[{"))]


def above(place: str) -> Iterator[str]:
    """The places that hold this one, the nearest first."""
    while place := parent(place):
        yield place


def is_member(place: str) -> bool:
    """Whether its last step is the name of a member, which can be there or not."""
    return parent(place) != "" and not place.endswith((ROWS, MEMBERS))


_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.(?P<digits>\d+))?"
#: Formats that a client parses; any other text is `text`. A number after the slash counts digits.
_FORMATS = (
    ("date-time in UTC", f"{_TIME}Z"),
    ("date-time with an offset", rf"{_TIME}[+-]\d{{2}}:?\d{{2}}"),
    ("date-time without a zone", _TIME),
    ("date", r"\d{4}-\d{2}-\d{2}"),
    ("decimal", r"-?\d+\.(?P<digits>\d+)"),
    ("absolute address", r"https?://\S+"),
)


_TYPES: Mapping[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null",
}  # fmt: skip


def json_type(value: Any) -> str:
    """The type as JSON Schema names it."""
    return _TYPES[type(value)]


@lru_cache(16_384)  # the same plan is in many answers
def format_of(text: str) -> str | None:
    """The format of a text, such as `decimal/2`; None where it is empty."""
    if not text:
        return None
    for name, pattern in _FORMATS:
        if found := re.fullmatch(pattern, text):
            digits = found.groupdict().get("digits")
            return f"{name}/{len(digits)}" if digits else name
    return "text"


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
_HARMLESS = re.compile(r"request \d+ was answered \d+|Retry-After: (?:none|\d+)")
_SIGNS = ".,;:'\")"
_ADDRESS, _QUERY = re.compile(r"(?<!\w)\w+://\S*\w"), re.compile(r"\?\S+")


def masked_text(text: str) -> str:
    """The shape of a text, and a digest: enough to tell that it is another one, whatever its numbers, not which."""
    bare = _NUMBER.sub("0", text)
    return f"of {len(bare)} characters ({sha256(bare.encode(errors='backslashreplace')).hexdigest()[:4]})"


def sentence(text: str) -> str:
    """What a refusal says, without its numbers: the framework's own sentences stay."""
    return _NUMBER.sub(_MASK, text) if is_sentence(text) else f"text {masked_text(text)}"


def header_value(value: str) -> str:
    """The value of a header, without its numbers: it stays where all its words are HTTP's or the framework's."""
    masked = _NUMBER.sub(_MASK, value)
    words = {one.lower() for one in _BETWEEN.split(masked) if one}
    return masked if words <= _IN_HEADERS else f"text {masked_text(value)}"


def note(text: str) -> str:
    """What was said of a crawl, without the addresses in it."""
    before, _, rest = text.partition("(")
    aside, closes, after = rest.rpartition(")")
    plain = before.rstrip() + after if closes and not _HARMLESS.fullmatch(aside) else text
    return _QUERY.sub(_without_query, _ADDRESS.sub("the address", plain))


def _without_query(found: re.Match[str]) -> str:
    """A query as notes show it; the signs that end a clause stay."""
    return f"?…{found[0][len(found[0].rstrip(_SIGNS)) :]}"


@cache
def _contract_words() -> frozenset[str]:
    """Every word that the contract enumerates, whichever form a state has."""
    return words_of([contract_for(Switches(state=form))["components"]["schemas"] for form in ("string", "object")])


#: Members whose values are words of the vendor's, never of a person.
_ENUMERATED = {"state", "slug", "source_state", "destination_state", "enum_class", "enum_value", "stock_location_type"}
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
#: Headers of whatever stands in front of an OMS, of one connection, or of one request; and those of the mock alone.
_OF_THE_WAY = re.compile(
    "date|server|connection|keep-alive|transfer-encoding|content-(length|encoding)|via|age|etag|alt-svc|set-cookie"
    "|strict-transport-security|nel|report-to|x-(mock|amz|cache|served|timer|varnish|runtime|envoy|kong|azure)\\b.*"
    "|(cf|akamai)-.*|.*(request|trace|correlation)-?id.*|server-timing"
)
#: Headers whose value is of the vendor's making; of all others only their presence is compared.
_COMPARED = {
    "allow", "cache-control", "content-language", "content-type", "cross-origin-opener-policy", "referrer-policy",
    "retry-after", "vary", "www-authenticate", "x-content-type-options", "x-frame-options",
}  # fmt: skip
_PLAN_PATH = re.compile("(orderexecutionplans/)[^/?]+")
_REFUSED, _TOO_MANY = 400, 429


def host_of(crawl: Crawl) -> Host:
    """What kind of machine was asked; whoever answers with a header of the mock's own is a mock."""
    # X-Mock-Oms, and X-Mock-Hint or X-Mock-Assumed
    if any(name.startswith("x-mock-") for one in crawl.answered for name, _ in one.exchange.headers):
        return Host.MOCK
    name = urlsplit(crawl.target).hostname or ""
    if is_loopback(name) or name.endswith(".localhost"):
        return Host.LOOPBACK
    try:
        is_private = ip_address(name).is_private
    except ValueError:  # a name is judged as it is: no name server is asked
        is_private = "." not in name or name.endswith((".local", ".internal"))
    return Host.PRIVATE if is_private else Host.PUBLIC


def base_observation(contents: CrawlContents, now: datetime, crawl: Crawl | None = None) -> Observation:
    """What every observation says: the switches that contents show, and of a crawl how it went. `now` is its day."""
    counts = settled(counted(contents))
    return Observation(
        contract=contract_for(None)["info"]["version"],
        date=now.astimezone(UTC).replace(microsecond=0),
        host=host_of(crawl) if crawl else Host.CAPTURED,
        whole=crawl is not None and crawl.whole and not crawl.cut_short,
        plans=len({plan["id"] for plan in contents.plans if isinstance(plan.get("id"), int)}),
        requests=dict(sorted(Counter(one.question.value for one in crawl.answered).items())) if crawl else {},
        answers=with_maximum(shown(counts)),
        evidence={name: Evidence(seen=seen) for name, seen in counts.items()},
        checks={},
        claims={},
    )


def observed_shapes(crawl: Crawl, now: datetime) -> Observation:
    """The observation of a crawl that `drift` compares.

    Answers 429 are left out: they say when somebody asked, not what an OMS is like.
    """
    kinds: dict[str, list[AnsweredQuestion]] = defaultdict(list)
    for one in crawl.answered:
        if one.exchange.status != _TOO_MANY:
            kinds[_situation_of(one)].append(one)
    early = () if crawl.whole else ("The walk through the list did not reach its end.",)
    return replace(
        base_observation(contents_of(crawl), now, crawl),
        situations={name: _situation(answered) for name, answered in kinds.items()},
        notes=tuple(map(note, (*early, *crawl.notes, *filter(None, [crawl.ended])))),
    )


def captured_shapes(body: Any, now: datetime) -> Observation:
    """What a list or a plan shows that somebody captured, without status and headers."""
    is_plan = isinstance(body, dict) and "results" not in body
    name, found = ("detail", walked(body, PLAN)) if is_plan else ("list", _of_list(body))
    situation = Situation(request=f"captured {name}", fields=_shapes(found))
    return replace(base_observation(contents_of_bodies([body]), now), situations={name: situation})


def _situation_of(answered: AnsweredQuestion) -> str:
    question, exchange = answered.question, answered.exchange
    query = dict(exchange.query)
    match question:
        case Question.WALK | Question.AGAIN:
            return "list"
        case Question.DETAIL | Question.REPEATED:
            return "detail"
        case Question.SIZED:
            return f"list by {', '.join(f'{name}={value}' for name, value in sorted(query.items()))}"
        case Question.NO_PAGE:
            page = query.get("page", "")
            return f"no page: {'past the last' if page.isdecimal() and int(page) else page}"
        case Question.NO_PLAN if not is_numbered(exchange):
            return f"{question.value}: a word"
        case Question.FORMAT | Question.NO_TOKEN | Question.WRONG_TOKEN | Question.OTHER_MEDIA | Question.NO_SLASH:
            return f"{question.value}: a plan" if _PLAN_PATH.search(exchange.path) else question.value
        case _:
            return question.value


def _situation(answered: list[AnsweredQuestion]) -> Situation:
    exchanges = [one.exchange for one in answered]
    path, mark, query = _PLAN_PATH.sub(r"\1{id}", exchanges[0].target).partition("?")
    headers: dict[str, set[str]] = defaultdict(set)
    for name, value in chain.from_iterable(one.headers for one in exchanges):
        if not _OF_THE_WAY.fullmatch(name):
            shown = name if name in _HEADERS else masked_text(name)
            headers[shown].add(header_value(value) if name in _COMPARED else "")
    refusals = (one for one in exchanges if one.status >= _REFUSED)
    texts = (text for one in refusals for _, text in walked(one.content, ERROR) if isinstance(text, str))
    return Situation(
        request=f"{exchanges[0].method} {path}{mark}{re.sub('page=[0-9]+', 'page={n}', query)}",
        asked=len(exchanges),
        statuses=dict(Counter(str(one.status) for one in exchanges)),
        headers={name: tuple(sorted(values)) for name, values in headers.items()},
        wording=tuple(sorted({sentence(text) for text in texts})),
        fields=_shapes(chain.from_iterable(map(_places, exchanges))),
    )


def _places(exchange: Exchange) -> Iterator[tuple[str, Any]]:
    body = exchange.content
    if body is None or body is NO_JSON:
        return iter(())
    if holds(exchange, Operation.LIST):
        return _of_list(body)
    return walked(body, PLAN if holds(exchange, Operation.DETAIL) else ERROR)


def _of_list(body: Any) -> Iterator[tuple[str, Any]]:
    """The envelope without its rows (a bare array, empty), then each row."""
    page = read_page(body)
    empty = {**body, "results": []} if isinstance(body, dict) and "results" in body else body
    yield from walked([] if isinstance(body, list) else empty, PAGE)
    for row in page.rows if page is not None else ():
        yield from walked(row, PLAN)


def _shapes(places: Iterable[tuple[str, Any]]) -> Mapping[str, PlaceShape]:
    met: dict[str, list[Any]] = defaultdict(list)
    for place, value in places:
        met[place].append(value)
    return {place: _shape(place, values) for place, values in sorted(met.items())}


def _shape(place: str, values: list[Any]) -> PlaceShape:
    texts = [one for one in values if isinstance(one, str)]
    words = filter(_WORD.fullmatch, texts) if place.rpartition(".")[2] in _ENUMERATED else ()
    return PlaceShape(
        seen=len(values),
        types=dict(Counter(map(json_type, values))),
        formats=dict(Counter(filter(None, map(format_of, texts)))),
        values=tuple(sorted({one if one in _contract_words() else f"word {masked_text(one)}" for one in words})),
    )
