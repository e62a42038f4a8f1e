"""Answers as pages, plans and refusals, as far as they can be read: of a visit, or of bodies without requests."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.conformance.crawl import Asked, Crawl, Exchange, Question
from mock_oms.urls import Operation

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
class Contents:
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


def contents_of(survey: Crawl) -> Contents:
    """What a visit brought."""
    pages = tuple(page for one in survey.asked if (page := page_in(one)) is not None)
    alone = (content_of(one) for one in survey.of(*Question) if holds(one, Operation.DETAIL))
    return Contents(
        pages=pages,
        plans=(*_plans_in(pages), *(one for one in alone if isinstance(one, dict))),
        tokenless=tuple(survey.of(Question.NO_TOKEN)),
        missing=tuple(_missing(survey)),
    )


def contents_of_bodies(bodies: Iterable[Any], question: Question = Question.WALK) -> Contents:
    """What bodies hold of which no request is known: lists and plans.

    The lists are taken for answers to `question`: as they are, for pages from the first on, in their order.
    """
    read = [(body, page_of(body, question)) for body in bodies]
    pages = tuple(page for _, page in read if page is not None)
    alone = (body for body, page in read if page is None and isinstance(body, dict))
    return Contents(pages=pages, plans=(*_plans_in(pages), *alone))


def page_in(asked: Asked) -> ListPage | None:
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
