"""A crawl: the requests to one OMS and its answers, in order, as values and without HTTP."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mock_oms.urls import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
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


def address_of(text: str) -> Address:
    """The parts of an address.

    :raises ValueError: it is none, as where a bracket of its host is never closed.
    """
    parts = urlsplit(text)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Address(scheme=parts.scheme, host=parts.netloc, path=parts.path, query=query)


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
class Asked:
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
    asked: tuple[Asked, ...]
    whole: bool
    ended: str | None = None
    cut_short: bool = False
    notes: tuple[str, ...] = ()

    def of(self, *questions: Question) -> Iterator[Exchange]:
        """The exchanges that answer these questions, in the order in which they were made."""
        return (one.exchange for one in self.asked if one.question in questions)
