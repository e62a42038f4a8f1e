"""Crawls that differ, and what drift says of them."""

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any, cast

from flask.testing import FlaskClient

from mock_oms.conformance.contract_patch import Contract
from mock_oms.conformance.crawl import Crawl, Exchange, Question
from mock_oms.conformance.drift import Comparison, compared
from mock_oms.conformance.finding import Finding
from mock_oms.conformance.shapes import captured_shapes, observed_shapes
from mock_oms.contract.observation import Observation
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.worlds.view import view_of
from tests.crawls import NOW, crawled
from tests.drf.fake_world import FULL, FakeReading, FakeSimulation, app_of
from tests.worlds import scenario

#: Plans in all four states, more than a page; one of them waits for stock.
PLANS: dict[str, Any] = {
    "stock": {"A": {"WH001": 5}, "B": {"WH001": 0}},
    "plans": [
        *({"state": state, "count": 3} for state in ("start", "pending", "cancelled", "completed")),
        {"id": 7, "items": ["A", "B"], "created": "-40m"},
    ],
}
#: What a test changes of an answer on its way.
Change = Callable[[Question, Exchange], Exchange]


def crawl_of_view(*, seed: int = 1, after: timedelta = timedelta(minutes=2), **sections: Any) -> Crawl:
    """A crawl of a world that stands still, with the plans above unless others are given."""
    view = view_of(scenario(**{**PLANS, **sections}), seed=seed, after=after)
    simulation, client = _application()
    simulation.worlds = cast("dict[str, FakeReading]", {FULL: view})
    keyword = "Bearer" if view.answers.auth == "bearer" else "Token"
    return replace(crawled(client, keyword=keyword, token=FULL), target="here")


@cache
def _application() -> tuple[FakeSimulation, FlaskClient]:
    """One for all crawls: to build it takes as long as to crawl it."""
    simulation = FakeSimulation(Switches())
    return simulation, app_of(simulation).test_client()


@cache
def shapes(crawl: Crawl) -> Observation:
    return observed_shapes(crawl, NOW)


@cache
def contract() -> Contract:
    return Contract(contract_for(None))


def mutated(crawl: Crawl, change: Change) -> Crawl:
    asked = (replace(one, exchange=change(one.question, one.exchange)) for one in crawl.answered)
    return replace(crawl, answered=tuple(asked))


def changed(*questions: Question, **given: Any) -> Change:
    """Other members of the exchanges of these questions: a status, headers, a body."""
    return lambda question, exchange: replace(exchange, **given) if question in questions else exchange


def rewritten(change: Callable[[Any], Any]) -> Change:
    """Every plan that is answered, in lists and alone, as `change` leaves it; it works in place."""

    def apply(_: Question, exchange: Exchange) -> Exchange:
        if exchange.status != 200 or exchange.operation is None:
            return exchange
        body = exchange.content
        for plan in body.get("results", [body]) if isinstance(body, dict) else body:
            change(plan)
        return replace(exchange, body=json.dumps(body).encode())

    return apply


def drift(a: Crawl | Observation, b: Crawl | Observation) -> Comparison:
    """B compared with A, under A's own contract."""
    here, there = (one if isinstance(one, Observation) else shapes(one) for one in (a, b))
    names = [one.target if isinstance(one, Crawl) else "file" for one in (a, b)]
    return compared(here, there, names=(names[0], names[1]))


def drift_of_plans(a: list[Any], b: list[Any]) -> Comparison:
    return compared(captured_shapes(a, NOW), captured_shapes(b, NOW))


def findings(of: Comparison) -> list[Finding]:
    return [one for result in of.results for one in result.findings]


def summary(of: Comparison) -> list[tuple[str, str, str]]:
    """Each finding as its check, its severity and its place."""
    return [(one.check, one.severity, one.place) for one in findings(of)]


def patched(document: Any, operations: Iterable[Any]) -> Any:
    """What RFC 6902 makes of a document, as far as our patches use it."""
    whole = deepcopy(document)
    for one in operations:
        *way, last = (part.replace("~1", "/").replace("~0", "~") for part in one["path"].split("/")[1:])
        node = whole
        for part in way:
            node = node[int(part)] if isinstance(node, list) else node[part]
        key: Any = int(last) if isinstance(node, list) and last != "-" else last
        if one["op"] == "remove":
            del node[key]
        elif last == "-":
            node.append(one["value"])
        else:
            assert isinstance(node, list) or (key in node) == (one["op"] == "replace"), one
            node[key] = one["value"]
    return whole
