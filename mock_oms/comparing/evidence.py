"""What a survey, or bodies that somebody captured, hold that says how an OMS answers: pages, plans, refusals."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from mock_oms.operations import Operation
from mock_oms.survey.exchange import Exchange
from mock_oms.survey.survey import Question, Survey

Json = Any
_ROWS = "results"
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Bodies of the list from its first page on, those of pages with a size of our own, and plans.

    `refusals` are the exchanges without a token, and those about a plan that is not there.
    """

    pages: tuple[Json, ...] = ()
    sized: tuple[tuple[Exchange, Json], ...] = ()
    plans: tuple[Json, ...] = ()
    tokenless: tuple[Exchange, ...] = ()
    missing: tuple[Exchange, ...] = ()
    rows: tuple[Json, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(chain.from_iterable(map(rows_of, self.pages))))


def evidence_of(survey: Survey) -> Evidence:
    """What a visit brought."""
    sized = ((one, json_of(one)) for one in survey.of(Question.SIZED) if one.status == _OK)
    return Evidence(
        pages=tuple(_answered(survey.of(Question.WALK))),
        sized=tuple((one, body) for one, body in sized if body is not None),
        plans=tuple(_answered(survey.of(Question.DETAIL, Question.REPEATED))),
        tokenless=tuple(survey.of(Question.NO_TOKEN)),
        missing=tuple(one for one in survey.of(Question.NO_PLAN) if is_numbered(one)),
    )


def rows_of(body: Json) -> list[Json]:
    """The plans of a list, with or without its envelope."""
    found = body.get(_ROWS) if isinstance(body, Mapping) else body
    return found if isinstance(found, list) else []


def envelope_of(body: Json) -> Json:
    """A list without its rows: the members of the envelope, or the bare array, empty."""
    return {**body, _ROWS: []} if isinstance(body, dict) and _ROWS in body else [] if isinstance(body, list) else body


def holds(exchange: Exchange, operation: Operation) -> bool:
    """Whether it is the answer to this operation, a list or a plan, and no refusal."""
    return exchange.status == _OK and exchange.operation is operation


def is_numbered(exchange: Exchange) -> bool:
    """Whether it asks for a plan by a number, which is another refusal than that of a word."""
    return exchange.path.rstrip("/").rpartition("/")[2].isdecimal()


def json_of(exchange: Exchange) -> Json | None:
    """The body as JSON; None where it is none, nested too deeply, or `null`."""
    try:
        return exchange.content
    except (ValueError, RecursionError):
        return None


def _answered(exchanges: Iterable[Exchange]) -> Iterator[Json]:
    bodies = (json_of(one) for one in exchanges if one.status == _OK)
    return (one for one in bodies if one is not None)
