"""A crawl: the requests to one OMS and its answers as values, and the answers read as pages, plans and refusals."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mock_oms.dataclass import dataclass
from mock_oms.urls import Operation


def query_of(address: str) -> tuple[tuple[str, str], ...]:
    """The parameters of an address, in their order."""
    return tuple(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and what was answered, without the token that was sent.

    `target` is the path with its query, as sent at `sent_at`; the whole answer was there after `took`. `headers` are
    those of the answer, with their names in lower case.
    """

    number: int
    method: str
    target: str
    operation: Operation | None
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    sent_at: datetime
    took: timedelta

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the query, in their order."""
        return query_of(self.target)

    def header(self, name: str) -> str | None:
        """A header of the answer, the last where it is repeated; the name in lower case."""
        return dict(self.headers).get(name)

    @property
    def content(self) -> Any:
        """The body as JSON; `NO_JSON` where it is none, or nested too deeply."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return NO_JSON

    def __str__(self) -> str:
        return f"{self.method} {self.target} -> {self.status}"


class Question(StrEnum):
    """Why a request was made: what a check needs to find the exchanges that it is about."""

    WALK = "walk"  # the pages of the list from the first on, each after the `next` of the one before
    AGAIN = "again"  # the first page once more
    LAST = "last"  # the last page, by that name, as the walk may have ended before it
    SIZED = "sized"  # a page with a size of our own
    DETAIL = "detail"  # one plan whose id the list showed
    REPEATED = "repeated"  # the same plan once more, at the end of the crawl
    NO_PLAN = "no plan"  # an id that the list did not show
    HUGE_ID = "huge id"
    NO_PAGE = "no page"  # a page past the last one, page 0, a page in words
    NO_TOKEN = "no token"  # noqa: S105  the name of a question
    WRONG_TOKEN = "wrong token"  # noqa: S105  the name of another question
    FORMAT = "format"  # the list, and a plan, with `format=json`
    OTHER_MEDIA = "other media"  # an Accept that excludes JSON
    NO_SLASH = "no slash"  # the path without its final slash


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """An exchange with the question that it answers."""

    question: Question
    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl. `ended` says why it stopped early (a 429, the end of the budget), None where it made every request.

    `cut_short`: something else than the budget ended it, such as a 429 or a list that does not open, or it met no plan.
    `whole`: the walk reached the end of the list. `notes` say what else happened on the way.
    """

    target: str
    answered: tuple[AnsweredQuestion, ...]
    whole: bool
    ended: str | None = None
    cut_short: bool = False
    notes: tuple[str, ...] = ()

    def of(self, *questions: Question) -> Iterator[Exchange]:
        """The exchanges that answer these questions, in the order in which they were made."""
        return (one.exchange for one in self.answered if one.question in questions)


_OK, _MISSING = 200, 404
#: The parameters that may say how long a page is, and a length that no page has.
_SIZES, _SIZE = ("limit", "page_size"), re.compile("[0-9]{1,9}")


class _NoJson:
    def __repr__(self) -> str:
        return "no JSON"


#: In the place of a body that is no JSON; `null` is JSON, and read as None.
NO_JSON: Any = _NoJson()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page of the list: `count` and `next` are what the envelope says, None where it says nothing.

    `sizes` are the lengths that the request named, by their parameters.
    """

    rows: tuple[Any, ...]
    is_array: bool
    count: int | None
    next: Any
    question: Question = Question.WALK
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_next(self) -> bool:
        """Whether another page follows."""
        return isinstance(self.next, str) and self.next != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContents:
    """What answers hold. `plans` are all that were answered, in pages or alone, each as often as it was.

    `tokenless` are the answers to requests without a token; `missing` are the texts about plans that do not exist.
    """

    pages: tuple[ListPage, ...] = ()
    plans: tuple[Mapping[str, Any], ...] = ()
    tokenless: tuple[Exchange, ...] = ()
    missing: tuple[str, ...] = ()

    def of(self, *questions: Question) -> Iterator[ListPage]:
        """The pages that answer these questions, in their order."""
        return (page for page in self.pages if page.question in questions)


def contents_of(crawl: Crawl) -> CrawlContents:
    """What the answers of a crawl hold."""
    pages = tuple(page for one in crawl.answered if (page := page_in(one)) is not None)
    alone = (one.content for one in crawl.of(*Question) if holds(one, Operation.DETAIL))
    return CrawlContents(
        pages=pages,
        plans=tuple(_plans(pages, alone)),
        tokenless=tuple(crawl.of(Question.NO_TOKEN)),
        missing=tuple(missing_texts(crawl.of(Question.NO_PLAN))),
    )


def contents_of_bodies(bodies: Iterable[Any], question: Question = Question.WALK) -> CrawlContents:
    """The lists and plans in bodies whose requests are not known; the lists count as answers to `question`."""
    read = [(body, read_page(body, question)) for body in bodies]
    pages = tuple(page for _, page in read if page is not None)
    return CrawlContents(pages=pages, plans=tuple(_plans(pages, (body for body, page in read if page is None))))


def _plans(pages: Iterable[ListPage], alone: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    return (one for one in chain(*(page.rows for page in pages), alone) if isinstance(one, dict))


def read_page(body: Any, question: Question = Question.WALK, query: Iterable[tuple[str, str]] = ()) -> ListPage | None:
    """The page in a body, with or without its envelope; None where the body is no list."""
    is_array = isinstance(body, list)
    envelope = body if isinstance(body, dict) else {"results": body, "count": len(body)} if is_array else {}
    rows, count = envelope.get("results"), envelope.get("count")
    if not isinstance(rows, list):
        return None
    return ListPage(
        rows=tuple(rows),
        is_array=is_array,
        count=count if isinstance(count, int) else None,
        next=envelope.get("next"),
        question=question,
        sizes={name: int(value) for name, value in query if name in _SIZES and _SIZE.fullmatch(value)},
    )


def page_in(answered: AnsweredQuestion) -> ListPage | None:
    """The page in an answer, None where it holds none."""
    one = answered.exchange
    return read_page(one.content, answered.question, one.query) if holds(one, Operation.LIST) else None


def holds(exchange: Exchange, operation: Operation) -> bool:
    """Whether it is the answer to this operation, a list or a plan, and no refusal."""
    return exchange.status == _OK and exchange.operation is operation


def is_numbered(exchange: Exchange) -> bool:
    """Whether it asks for a plan by a number: every release of the framework refuses a word in the same short text."""
    return exchange.path.rstrip("/").rpartition("/")[2].isdecimal()


def missing_texts(refusals: Iterable[Exchange]) -> Iterator[str]:
    """What answers say of plans that do not exist; nothing where the request named a word."""
    for one in refusals:
        content = one.content if one.status == _MISSING and is_numbered(one) else None
        if isinstance(content, dict) and isinstance(content.get("detail"), str):
            yield content["detail"]
