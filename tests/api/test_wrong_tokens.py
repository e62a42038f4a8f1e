"""Whoever guesses control tokens waits for each answer; whoever has the right one, and everybody else, never does."""

import asyncio
from collections.abc import Iterable

import pytest

from mock_oms.api.app import create_app
from mock_oms.server.asgi import application
from mock_oms.server.asgi.application import Application
from mock_oms.server.asgi.connection import Client, Message, Outgoing
from mock_oms.server.asgi.http_limits import WrongTokens
from mock_oms.worlds.manager import WorldManager
from tests.drf.tables import LIST
from tests.worlds import scenario

RIGHT = "the-right-control-token"
CLOCK = "/_mock/worlds/default/clock"


def test_some_answers_leave_at_once_then_ten_a_second_and_none_waits_for_longer_than_ten_seconds() -> None:
    limit = WrongTokens()
    waits = [limit.wait(0.0) for _ in range(1_000)]
    waiting = [wait for wait in waits if wait is not None]
    assert waiting[:10] == [0.0] * 10
    assert waiting[10:13] == pytest.approx([0.1, 0.2, 0.3])
    assert len(waiting) == 110
    assert max(waiting) == pytest.approx(10.0)
    assert [limit.wait(20.0) for _ in range(10)] == pytest.approx([0.0] * 10)


class Front:
    """A mock with a control token, and how long it lets each client wait; its clock stands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits: list[float] = []
        self.front = Application(create_app(WorldManager(scenario(plans=[])), control_token=RIGHT))
        monkeypatch.setattr(application, "perf_counter", lambda: 100.0)
        monkeypatch.setattr(Client, "leaves_within", self._leaves_within)

    async def _leaves_within(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False

    def asked(self, sent: Iterable[tuple[str, str | None]]) -> list[Outgoing]:
        """The answers to GETs of these paths with these headers `Authorization`."""

        async def all_of_them() -> list[Outgoing]:
            return [await self._answer(*one) for one in sent]

        return asyncio.run(all_of_them())

    async def _answer(self, path: str, authorization: str | None) -> Outgoing:
        headers = [(b"host", b"localhost"), (b"content-length", b"0")]
        headers += [] if authorization is None else [(b"authorization", authorization.encode())]
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode()}
        messages: list[Message] = []

        async def receive() -> Message:
            raise AssertionError

        async def send(message: Message) -> None:
            messages.append(message)

        await self.front({**scope, "query_string": b"", "headers": headers}, receive, send)
        start, *rest = messages
        return Outgoing(status=start["status"], headers=start["headers"], body=b"".join(one["body"] for one in rest))


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Front:
    return Front(monkeypatch)


def test_a_wrong_token_waits_and_is_turned_away_where_too_many_do_and_the_right_one_never_is(front: Front) -> None:
    wrong = front.asked([(CLOCK, f"Bearer guess-{number}") for number in range(120)])
    assert ([one.status for one in wrong], len(front.waits)) == ([401] * 110 + [429] * 10, 110)
    assert sum(wait > 0 for wait in front.waits) == 100
    assert (wrong[-1].value(b"retry-after"), wrong[-1].value(b"connection")) == ("10", "close")
    assert wrong[-1].value(b"content-type") == "application/problem+json"
    assert [one.status for one in front.asked([(CLOCK, f"Bearer {RIGHT}")] * 3)] == [200] * 3
    assert len(front.waits) == 110


def test_who_sends_no_control_token_guesses_none(front: Front) -> None:
    front.asked([(CLOCK, "Bearer wrong")] * 120)
    others = [(CLOCK, None), ("/_mock/health/live", None), (LIST, "Token mock-oms-token"), (LIST, "Token wrong")]
    assert ([one.status for one in front.asked(others)], len(front.waits)) == ([401, 200, 200, 401], 110)


def test_a_wrong_token_waits_for_health_too_which_would_tell_it_from_the_right_one(front: Front) -> None:
    answers = front.asked([("/_mock/health/ready", "Bearer wrong")] * 120)
    assert [one.status for one in answers] == [200] * 110 + [429] * 10
