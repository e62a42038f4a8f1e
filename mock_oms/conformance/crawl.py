"""A crawl: the requests to one OMS and its answers as values, and the answers read as pages, plans and refusals."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mock_oms.urls import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAddress:
    """The parts of an address; `scheme` and `host` (with its port) are empty where it is relative."""

    scheme: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def absolute(self) -> bool:
        """Whether it says by itself whom to ask."""
        return bool(self.scheme and self.host)

    def without(self, name: str) -> tuple[tuple[str, str], ...]:
        """The parameters of the query but this one, in their order."""
        return tuple(pair for pair in self.query if pair[0] != name)

    def parameter(self, name: str) -> str | None:
        """A parameter of the query, the last where it is repeated."""
        return dict(self.query).get(name)


def address_of(text: str) -> LinkAddress:
    """The parts of an address.

    :raises ValueError: it is none, as where a bracket of its host is never closed.
    """
    parts = urlsplit(text)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return LinkAddress(scheme=parts.scheme, host=parts.netloc, path=parts.path, query=query)


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and what was answered. Header names are in lower case; `headers` are the answer's.

    `target` is the path with its query, as sent. `asked` is the wall time of the request, `took` until the whole answer
    was there. Nothing in it holds the token that was sent.
    """

    number: int
    method: str
    target: str
    operation: Operation | None
    status: int
    headers: Headers
    body: bytes = field(repr=False)
    asked: datetime
    took: timedelta

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the query, in their order."""
        return tuple(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """A header of the answer, the last where it is repeated; the name in lower case."""
        return dict(self.headers).get(name)

    @property
    def content(self) -> Any:
        """The body as JSON; numbers keep their digits only as Python reads them.

        :raises ValueError: it is none.
        """
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.target} -> {self.status}"


class Question(StrEnum):
    """Why a request was made: what a check needs to find the exchanges that it is about."""

    WALK = "walk"  # the pages of the list from the first on, each after the `next` of the one before
    AGAIN = "again"  # the first page once more
    LAST = "last"  # the last page, by that name, as the walk may have ended before it
    SIZED = "sized"  # a page with a size of our own
    DETAIL = "detail"  # one plan whose id the list showed
    REPEATED = "repeated"  # the same plan once more, at the end of the visit
    NO_PLAN = "no plan"  # an id that the list did not show
    HUGE_ID = "huge id"
    NO_PAGE = "no page"  # a page past the last one, page 0, a page in words
    NO_TOKEN = "no token"  # noqa: S105  the name of a question
    WRONG_TOKEN = "wrong token"  # noqa: S105  the name of another question
    OTHER_MEDIA = "other media"  # an Accept that excludes JSON
    NO_SLASH = "no slash"  # the path without its final slash


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """An exchange with the question that it answers."""

    question: Question
    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One visit. `ended` says why it stopped early (a 429, the end of the budget), None where it asked all it wanted.

    `cut_short`: it was something else than the budget, such as a 429 or a list that does not open. `whole`: the walk
    reached the end of the list. `notes` are what else is to be known of how it went.
    """

    target: str
    asked: tuple[AnsweredQuestion, ...]
    whole: bool
    ended: str | None = None
    cut_short: bool = False
    notes: tuple[str, ...] = ()

    def of(self, *questions: Question) -> Iterator[Exchange]:
        """The exchanges that answer these questions, in the order in which they were made."""
        return (one.exchange for one in self.asked if one.question in questions)


#: The parameters that may say how long a page is.
_SIZES = ("limit", "page_size")
_OK, _MISSING = 200, 404


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page of the list: `asked` are the lengths that the request named, by their parameters."""

    question: Question
    is_array: bool
    rows: tuple[Any, ...]
    has_next: bool
    asked: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContents:
    """What answers hold. `plans` are all that were answered, in pages or alone, each as often as it was.

    `tokenless` answer whoever sends no token; `missing` is what is said of plans that are not there.
    """

    pages: tuple[ListPage, ...] = ()
    plans: tuple[Mapping[str, Any], ...] = ()
    tokenless: tuple[Exchange, ...] = ()
    missing: tuple[str, ...] = ()

    def of(self, *questions: Question) -> Iterator[ListPage]:
        """The pages that answer these questions, in their order."""
        return (page for page in self.pages if page.question in questions)


def contents_of(survey: Crawl) -> CrawlContents:
    """What a visit brought."""
    pages = tuple(page for one in survey.asked if (page := page_in(one)) is not None)
    alone = (content_of(one) for one in survey.of(*Question) if holds(one, Operation.DETAIL))
    return CrawlContents(
        pages=pages,
        plans=(*_plans_in(pages), *(one for one in alone if isinstance(one, dict))),
        tokenless=tuple(survey.of(Question.NO_TOKEN)),
        missing=tuple(_missing(survey)),
    )


def contents_of_bodies(bodies: Iterable[Any], question: Question = Question.WALK) -> CrawlContents:
    """What bodies hold of which no request is known: lists and plans.

    The lists are taken for answers to `question`: as they are, for pages from the first on, in their order.
    """
    read = [(body, page_of(body, question)) for body in bodies]
    pages = tuple(page for _, page in read if page is not None)
    alone = (body for body, page in read if page is None and isinstance(body, dict))
    return CrawlContents(pages=pages, plans=(*_plans_in(pages), *alone))


def page_in(asked: AnsweredQuestion) -> ListPage | None:
    """The page that an answer is, None where it is none."""
    exchange = asked.exchange
    if not holds(exchange, Operation.LIST):
        return None
    return page_of(content_of(exchange), asked.question, exchange.query)


def page_of(content: Any, question: Question, query: Iterable[tuple[str, str]] = ()) -> ListPage | None:
    """The page in a body, with or without its envelope; None where there is none."""
    rows = content.get("results") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        return None
    after = isinstance(content, dict) and isinstance(content.get("next"), str) and content["next"] != ""
    asked = {name: int(value) for name, value in query if name in _SIZES and _is_size(value)}
    return ListPage(question=question, is_array=rows is content, rows=tuple(rows), has_next=after, asked=asked)


def holds(exchange: Exchange, operation: Operation) -> bool:
    """Whether it is the answer to this operation, a list or a plan, and no refusal."""
    return exchange.status == _OK and exchange.operation is operation


def is_numbered(exchange: Exchange) -> bool:
    """Whether it asks for a plan by a number: what is none is refused in the short words by every release."""
    return exchange.path.rstrip("/").rpartition("/")[2].isdecimal()


def content_of(exchange: Exchange) -> Any:
    """The body as JSON; None where it is none, nested too deeply, or `null`."""
    try:
        return exchange.content
    except (ValueError, RecursionError):
        return None


def missing_in(exchange: Exchange) -> str | None:
    """What an answer says of a plan that is not there; None where it says nothing, or was asked for a word."""
    content = content_of(exchange) if exchange.status == _MISSING and is_numbered(exchange) else None
    said = content.get("detail") if isinstance(content, dict) else None
    return said if isinstance(said, str) else None


def _missing(survey: Crawl) -> Iterator[str]:
    return (said for one in survey.of(Question.NO_PLAN) if (said := missing_in(one)) is not None)


def _plans_in(pages: Iterable[ListPage]) -> Iterator[Mapping[str, Any]]:
    return (row for page in pages for row in page.rows if isinstance(row, dict))


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004  longer than any page
