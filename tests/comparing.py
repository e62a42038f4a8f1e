"""Surveys without a socket, of a reading or of bodies, for what compares them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, cast

from flask.testing import FlaskClient

from mock_oms.conformance.contract_patch import Contract
from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Question, content_of, read_page
from mock_oms.conformance.crawler.requests import (
    AGAIN,
    LAST,
    PlannedRequest,
    details,
    missing,
    plan_rows,
    refused,
    sized,
)
from mock_oms.conformance.crawler.session import LIST, Credentials
from mock_oms.conformance.drift import Comparison, compared
from mock_oms.conformance.finding import Finding
from mock_oms.conformance.shapes import captured_shapes, observed_shapes
from mock_oms.contract.observation import Observation
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.urls import Operation
from mock_oms.worlds.view import WorldView, view_of
from tests.drf.fake_world import FULL, FakeReading, FakeSimulation, app_of
from tests.worlds import scenario

ASKED = datetime(2026, 3, 2, 10, tzinfo=UTC)
#: Plans in all four states, more than a page; one of them waits for stock.
PLANS: Mapping[str, Any] = {
    "stock": {"A": {"WH001": 5}, "B": {"WH001": 0}},
    "plans": [
        *({"state": state, "count": 4} for state in ("start", "pending", "cancelled", "completed")),
        {"id": 7, "items": ["A", "B"], "created": "-40m"},
    ],
}
#: What a test changes of an answer on its way.
Change = Callable[[Question, Exchange], Exchange]


class OneReading(FakeSimulation):
    """A simulation that stands still at one reading."""

    def __init__(self, reading: WorldView) -> None:
        self.worlds = cast("dict[str, FakeReading]", {FULL: reading})


@cache
def contract(answers: Switches) -> Contract:
    return Contract(contract_for(answers))


def reading(*, seed: int = 1, after: timedelta = timedelta(minutes=2), **sections: Any) -> WorldView:
    """The plans above unless others are given."""
    return view_of(scenario(**{**PLANS, **sections}), seed=seed, after=after)


def surveyed(of: WorldView) -> Crawl:
    """The same questions as those of a visit, every plan among them."""
    client, numbers = app_of(OneReading(of)).test_client(), count(1)
    asked: list[AnsweredQuestion] = []

    def ask(wish: PlannedRequest) -> Exchange:
        exchange = _exchange(client, wish, of.answers, next(numbers))
        asked.append(AnsweredQuestion(question=wish.question, exchange=exchange))
        return exchange

    rows = _walked(ask)
    for wish in (*sized(few=False), LAST, *details(rows), *missing(rows, few=False), *refused(rows[0]), AGAIN):
        ask(wish)
    return Crawl(target="here", asked=tuple(asked), whole=True)


def mutated(survey: Crawl, change: Change) -> Crawl:
    """The same survey, with every answer as `change` leaves it."""
    asked = (replace(one, exchange=change(one.question, one.exchange)) for one in survey.asked)
    return replace(survey, asked=tuple(asked))


def _walked(ask: Callable[[PlannedRequest], Exchange]) -> list[int | str]:
    rows: list[int | str] = []
    following: str | None = LIST
    while following is not None:
        page = read_page(content_of(ask(PlannedRequest(question=Question.WALK, path=following))))
        assert page is not None
        rows += [row.id for row in plan_rows(page)]
        following = page.next
    return rows


def _exchange(client: FlaskClient, wish: PlannedRequest, answers: Switches, number: int) -> Exchange:
    keyword = "Bearer" if answers.auth == "bearer" else "Token"
    token = {Credentials.OWN: f"{keyword} {FULL}", Credentials.WRONG: f"{keyword} nobody"}.get(wish.credentials)
    headers = {"Accept": wish.accept} | ({"Authorization": token} if token else {})
    answer = client.get(wish.path, query_string=dict(wish.query) or None, headers=headers)
    target = answer.request.full_path.rstrip("?")
    path = target.partition("?")[0]
    return Exchange(
        number=number,
        method="GET",
        target=target,
        operation=Operation.LIST if path == LIST else Operation.DETAIL if path.endswith("/") else None,
        status=answer.status_code,
        headers=tuple((name.lower(), value) for name, value in answer.headers),
        body=answer.data,
        asked=ASKED,
        took=timedelta(milliseconds=3),
    )


def changed(*questions: Question, **given: Any) -> Change:
    """Other members of the exchanges of these questions: a status, headers, a body."""
    return lambda question, exchange: replace(exchange, **given) if question in questions else exchange


def rewritten(change: Callable[[Any], Any]) -> Change:
    """Every plan that is answered, in lists and alone, as `change` leaves it; it works in place."""

    def apply(_: Question, exchange: Exchange) -> Exchange:
        if exchange.status != 200 or exchange.operation is None:
            return exchange
        body = exchange.content
        for plan in _plans(body):
            change(plan)
        return replace(exchange, body=json.dumps(body).encode())

    return apply


def _plans(body: Any) -> Iterator[Any]:
    rows = body.get("results", [body]) if isinstance(body, dict) else body
    return iter(rows)


def drift(a: Crawl | Observation, b: Crawl | Observation) -> Comparison:
    """B compared with A, under A's own contract."""
    here, there = (one if isinstance(one, Observation) else observed_shapes(one, ASKED) for one in (a, b))
    names = tuple(one.target if isinstance(one, Crawl) else "file" for one in (a, b))
    switches: dict[str, Any] = dict(here.shown)
    return compared(here, there, contract(Switches(**switches)), names=(names[0], names[1]))


def drift_of_plans(a: Iterable[Any], b: Iterable[Any]) -> Comparison:
    """The same of captured plans."""
    return compared(captured_shapes(a, ASKED), captured_shapes(b, ASKED), contract(Switches()))


def findings(of: Comparison) -> list[Finding]:
    return [one for result in of.results for one in result.findings]


def told(of: Comparison) -> list[tuple[str, str, str]]:
    """Each finding as its check, its severity and its place."""
    return [(one.check, one.severity, one.place) for one in findings(of)]
