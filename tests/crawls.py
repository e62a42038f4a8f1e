"""Crawls without a connection: of an application in this process, and written by hand."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from flask.testing import FlaskClient

from mock_oms.api.app import create_app
from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Question
from mock_oms.conformance.crawler.crawler import crawl_session
from mock_oms.conformance.crawler.session import JSON, LIST, Credentials, Session, StoppedError, Target
from mock_oms.scenarios.building import Scenario
from mock_oms.urls import Operation
from mock_oms.worlds.manager import WorldManager

PLANS = LIST
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TARGET = "https://oms.example.com"
TOKEN = "mock-oms-token"


def exchange(
    target: str, content: object, *, status: int = 200, operation: Operation | None = Operation.LIST, **headers: str
) -> Exchange:
    sent = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Exchange(
        number=1,
        method="GET",
        target=target,
        operation=operation,
        status=status,
        headers=tuple(sent.items()),
        body=json.dumps(content).encode(),
        sent_at=NOW,
        took=timedelta(),
    )


def crawl_of(*asked: tuple[Question, Exchange], target: str = TARGET) -> Crawl:
    answered = tuple(AnsweredQuestion(question=one, exchange=two) for one, two in asked)
    return Crawl(target=target, answered=answered, whole=True)


@dataclass(slots=True, kw_only=True)
class InProcess:
    """Stands in for a session: asks an application in this process, and waits for nothing."""

    client: FlaskClient
    token: str = TOKEN
    keyword: str = "Token"
    target: Target = field(default_factory=lambda: Target(url=TARGET))
    ended: StoppedError | None = None
    requests: int = 0

    def get(
        self, path: str, query: Iterable[tuple[str, str]] = (), *, accept: str = JSON, credentials: Credentials = "own"
    ) -> Exchange:
        self.requests += 1
        token = {"own": self.token, "wrong": "not-a-token"}.get(credentials)
        headers = {"Accept": accept, **({"Authorization": f"{self.keyword} {token}"} if token else {})}
        answer = self.client.get(path, query_string=dict(query) or None, headers=headers, base_url=TARGET)
        target = answer.request.full_path.rstrip("?")
        path = target.partition("?")[0]
        return Exchange(
            number=self.requests,
            method="GET",
            target=target,
            operation=Operation.LIST if path == LIST else Operation.DETAIL if path.endswith("/") else None,
            status=answer.status_code,
            headers=tuple((name.lower(), value) for name, value in answer.headers),
            body=answer.data,
            sent_at=NOW,
            took=timedelta(milliseconds=3),
        )


def crawled(client: FlaskClient, *, keyword: str = "Token", token: str = TOKEN, budget: int = 90) -> Crawl:
    """What the crawler asks of an application; the budget allows some twenty plans."""
    session = InProcess(client=client, keyword=keyword, token=token)
    return crawl_session(cast("Session", session), budget)


def crawl_of_mock(scenario: Scenario, *, world_header: bool = False, keyword: str = "Token") -> Crawl:
    """A crawl of the mock; without its header it could be anybody."""
    client = create_app(WorldManager(scenario), world_header=world_header).test_client()
    return crawled(client, keyword=keyword, budget=45)
