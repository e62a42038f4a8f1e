"""Small visits: of the mock through Flask's test client, of any address over loopback, and written by hand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from mock_oms.api.app import create_app
from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Headers, Question
from mock_oms.scenarios.building import Scenario
from mock_oms.urls import Operation
from mock_oms.worlds.manager import WorldManager

PLANS = "/api/v1/oms/orderexecutionplans/"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TARGET = "https://oms.example.com"

#: Asks for a target with these headers; answers with status, headers and body.
Ask = Callable[[str, Mapping[str, str]], tuple[int, Headers, bytes]]


def exchange(
    target: str, content: object, *, status: int = 200, operation: Operation | None = Operation.LIST, **headers: str
) -> Exchange:
    """An answer in JSON, as if it had been given."""
    sent = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Exchange(
        number=1,
        method="GET",
        target=target,
        operation=operation,
        status=status,
        headers=tuple(sent.items()),
        body=json.dumps(content).encode(),
        asked=NOW,
        took=timedelta(),
    )


def survey(*asked: tuple[Question, Exchange], target: str = TARGET) -> Crawl:
    """A visit with these questions and answers."""
    return Crawl(
        target=target, asked=tuple(AnsweredQuestion(question=one, exchange=two) for one, two in asked), whole=True
    )


@dataclass(slots=True)
class Visitor:
    """Asks what a visit asks, as far as these tests need it."""

    ask: Ask
    keyword: str = "Token"
    asked: list[tuple[Question, Exchange]] = field(default_factory=list)

    def visited(self, target: str = TARGET) -> Crawl:
        """The whole visit."""
        rows = self._walk()
        for row in rows[:4]:
            self._put(Question.DETAIL, f"{PLANS}{row['id']}/", Operation.DETAIL)
        for query in ("limit=3", "limit=1000", "page_size=3", "page_size=1000"):
            self._put(Question.SIZED, f"{PLANS}?{query}", Operation.LIST)
        self._put(Question.NO_PLAN, f"{PLANS}987654321/", Operation.DETAIL)
        self._put(Question.NO_PAGE, f"{PLANS}?page=0", Operation.LIST)
        self._put(Question.NO_TOKEN, PLANS, Operation.LIST, {})
        self._put(Question.NO_SLASH, PLANS.rstrip("/"), Operation.LIST)
        return survey(*self.asked, target=target)

    def _walk(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        target = PLANS
        while target:
            content = self._put(Question.WALK, target, Operation.LIST).content
            rows += content if isinstance(content, list) else content["results"]
            after = None if isinstance(content, list) else content["next"]
            target = after[after.index("/api/") :] if after else ""
        return rows

    def _put(
        self, question: Question, target: str, operation: Operation, headers: Mapping[str, str] | None = None
    ) -> Exchange:
        known = {"Authorization": f"{self.keyword} mock-oms-token"} if headers is None else headers
        status, told, body = self.ask(target, known)
        one = Exchange(
            number=len(self.asked) + 1,
            method="GET",
            target=target,
            operation=operation,
            status=status,
            headers=told,
            body=body,
            asked=NOW,
            took=timedelta(),
        )
        self.asked.append((question, one))
        return one


def of_mock(scenario: Scenario, *, world_header: bool = False, keyword: str = "Token") -> Crawl:
    """A visit to the mock; without its header it could be anybody."""
    client = create_app(WorldManager(scenario), world_header=world_header).test_client()

    def ask(target: str, headers: Mapping[str, str]) -> tuple[int, Headers, bytes]:
        answer = client.get(target, headers=dict(headers))
        return answer.status_code, tuple((name.lower(), value) for name, value in answer.headers.items()), answer.data

    return Visitor(ask, keyword).visited()


def of_address(url: str) -> Crawl:
    """A visit to whoever answers at an address of this machine."""
    with httpx.Client(base_url=url, trust_env=False) as client:

        def ask(target: str, headers: Mapping[str, str]) -> tuple[int, Headers, bytes]:
            answer = client.get(target, headers=dict(headers))
            told = tuple((name.lower(), value) for name, value in answer.headers.items())
            return answer.status_code, told, answer.content

        return Visitor(ask).visited(url)
