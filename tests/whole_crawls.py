"""A crawl without a network: its questions, asked of a WSGI application in this process, about every plan."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from mock_oms.api.app import create_app
from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Question
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.errors import Lines
from mock_oms.switches import Switches
from mock_oms.urls import Operation
from mock_oms.worlds.manager import WorldManager
from tests.drf.wire import Sent, call
from tests.worlds import START, span

LIST = "/api/v1/oms/orderexecutionplans/"
HOST = "oms.test"
TARGET = f"http://{HOST}"
TOKEN = "mock-oms-token"

#: Plans in all four states, two in the course of their life: one is attempted again, and one for the first time.
SCENARIO: dict[str, Any] = {
    "description": "Plans in all four states.",
    "clock": {"start": "2024-03-05T09:00:00Z", "rate": 1},
    "stock": {"A": {"WH001": 5}, "B": {"WH001": 0, "STORE01": {"count": 1, "reserved": 3}}},
    "plans": [
        *({"state": state, "count": 2} for state in ("start", "pending", "cancelled", "completed")),
        {"id": 7, "items": ["A", "B"], "created": "-40m"},
        {"id": 8, "items": ["A"], "created": "0m"},
    ],
}


@dataclass(slots=True, kw_only=True)
class Requester:
    """Asks one application; and remembers what was asked."""

    application: WSGIApplication
    answers: Switches
    token: str = TOKEN
    asked: list[AnsweredQuestion] = field(default_factory=list)

    def ask(self, question: Question, target: str, *, token: str | None = None, **headers: str) -> Exchange:
        """`token` is another one than the requester's; an empty one is none."""
        key = self.token if token is None else token
        known = {"Authorization": f"{'Bearer' if self.answers.auth == 'bearer' else 'Token'} {key}"} if key else {}
        received = call(self.application, Sent(target=target, headers={"Host": HOST, **known, **headers}))
        exchange = Exchange(
            number=len(self.asked) + 1,
            method="GET",
            target=target,
            operation=Operation.LIST if urlsplit(target).path == LIST else Operation.DETAIL,
            status=int(received.status.split()[0]),
            headers=received.headers,
            body=received.body,
            sent_at=START,
            took=timedelta(milliseconds=1),
        )
        self.asked.append(AnsweredQuestion(question=question, exchange=exchange))
        return exchange


def crawled_whole(
    application: WSGIApplication, answers: Switches, *, token: str = TOKEN, between: Callable[[], None] = lambda: None
) -> Crawl:
    """A whole crawl; `between` happens after everything was asked once."""
    requester = Requester(application=application, answers=answers, token=token)
    ids: dict[int, None] = {}
    target: str | None = LIST
    while target:
        content = requester.ask(Question.WALK, target).content
        rows = content if isinstance(content, list) else content["results"]
        ids |= dict.fromkeys(row["id"] for row in rows)
        following = None if isinstance(content, list) else content["next"]
        target = following and following.removeprefix(TARGET)
    for size in ("2", "250", "0", "many"):
        requester.ask(Question.SIZED, f"{LIST}?{answers.page_size_parameter}={size}")
    requester.ask(Question.SIZED, f"{LIST}?z=1&{answers.page_size_parameter}=2&a=2&page=2")
    requester.ask(Question.LAST, f"{LIST}?page=last")
    for plan in ids:
        requester.ask(Question.DETAIL, f"{LIST}{plan}/")
    for path in (LIST, *(f"{LIST}{plan}/" for plan in [*ids][:1])):
        requester.ask(Question.FORMAT, f"{path}?format=json")
    _ask_what_is_refused(requester, next(iter(ids), None))
    between()
    for plan in ids:
        requester.ask(Question.REPEATED, f"{LIST}{plan}/")
    requester.ask(Question.AGAIN, LIST)
    return Crawl(target=TARGET, answered=tuple(requester.asked), whole=True)


def _ask_what_is_refused(requester: Requester, known: int | None) -> None:
    for plan in ("999999", "none"):
        requester.ask(Question.NO_PLAN, f"{LIST}{plan}/")
    requester.ask(Question.HUGE_ID, f"{LIST}{2**63}/")
    for page in ("999", "0", "none"):
        requester.ask(Question.NO_PAGE, f"{LIST}?page={page}")
    for path in (LIST, *([f"{LIST}{known}/"] if known is not None else [])):
        requester.ask(Question.NO_TOKEN, path, token="")
        requester.ask(Question.WRONG_TOKEN, path, token="no-such-token")
        requester.ask(Question.OTHER_MEDIA, path, Accept="text/html")
        requester.ask(Question.NO_SLASH, f"{path.rstrip('/')}?a=b")


def built(**sections: Any) -> Scenario:
    """A scenario of these sections, those of `SCENARIO` where nothing else is said."""
    return build_scenario({**SCENARIO, **sections}, Lines(file=Path("crawl.yaml"), numbers={}))


def whole_crawl_of(scenario: Scenario, *, start: str = "0s", later: str = "31m") -> Crawl:
    """A crawl to the mock, begun `start` after a world's opening; between its halves so much time passes as `later`."""
    now = [START]

    def pass_by(text: str) -> None:
        now[0] += span(text)

    application = create_app(WorldManager(scenario, wall=lambda: now[0])).wsgi_app
    pass_by(start)
    return crawled_whole(application, scenario.answers, between=lambda: pass_by(later))
