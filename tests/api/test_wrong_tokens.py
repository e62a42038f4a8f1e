"""Whoever guesses control tokens waits for each answer; whoever has the right one, and everybody else, never does."""

import pytest

from mock_oms.server.asgi import application
from mock_oms.server.asgi.connection import Client
from mock_oms.server.asgi.http_limits import WrongTokens
from mock_oms.worlds.manager import WorldManager
from tests.api.fronted import Fronted
from tests.drf.tables import LIST
from tests.drf.wire import Sent
from tests.worlds import scenario

RIGHT = "the-right-control-token"
CLOCK = "/_mock/worlds/default/clock"


def test_some_answers_leave_at_once_then_ten_a_second_and_the_rest_is_refused_after_ten_seconds() -> None:
    limit = WrongTokens()
    waits = [limit.wait(0.0) for _ in range(1_000)]
    waiting = [wait for wait, is_refused in waits if not is_refused]
    assert waiting[:10] == [0.0] * 10
    assert waiting[10:13] == pytest.approx([0.1, 0.2, 0.3])
    assert len(waiting) == 110
    assert max(waiting) == pytest.approx(10.0)
    assert waits[110:] == [(10.0, True)] * 890
    limit.waiting = WrongTokens.MOST
    assert limit.wait(0.0) == (0.0, True)
    assert [limit.wait(20.0)[0] for _ in range(10)] == pytest.approx([0.0] * 10)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each client was to wait; none does, and the clock stands."""
    found: list[float] = []

    async def leaves_within(_: Client, seconds: float) -> bool:
        found.append(seconds)
        return False

    monkeypatch.setattr(application, "elapsed", lambda: 100.0)
    monkeypatch.setattr(Client, "leaves_within", leaves_within)
    return found


@pytest.fixture
def front() -> Fronted:
    return Fronted(WorldManager(scenario(plans=[])), control_token=RIGHT)


def sent(path: str, authorization: str | None, times: int = 1) -> list[Sent]:
    headers = {"Host": "localhost"} if authorization is None else {"Host": "localhost", "Authorization": authorization}
    return [Sent(target=path, headers=headers)] * times


def test_a_wrong_token_waits_and_is_turned_away_where_too_many_do_and_the_right_one_never_is(
    front: Fronted, waits: list[float]
) -> None:
    wrong = front.asked(sent(CLOCK, "Bearer guess", 120))
    assert ([one.status for one in wrong], len(waits)) == ([401] * 110 + [429] * 10, 120)
    assert sum(wait > 0 for wait in waits) == 110
    assert (wrong[-1].value(b"retry-after"), wrong[-1].value(b"connection")) == ("10", "close")
    assert wrong[-1].value(b"content-type") == "application/problem+json"
    assert [one.status for one in front.asked(sent(CLOCK, f"Bearer {RIGHT}", 3))] == [200] * 3
    assert len(waits) == 120


def test_who_sends_no_control_token_guesses_none(front: Fronted, waits: list[float]) -> None:
    front.asked(sent(CLOCK, "Bearer wrong", 120))
    others = [(CLOCK, None), ("/_mock/health/live", None), (LIST, "Token mock-oms-token"), (LIST, "Token wrong")]
    answers = front.asked([one for other in others for one in sent(*other)])
    assert ([one.status for one in answers], len(waits)) == ([401, 200, 200, 401], 120)


def test_a_wrong_token_waits_for_health_too_which_would_tell_it_from_the_right_one(
    front: Fronted, waits: list[float]
) -> None:
    answers = front.asked(sent("/_mock/health/ready", "Bearer wrong", 120))
    assert ([one.status for one in answers], len(waits)) == ([200] * 110 + [429] * 10, 120)


def test_whether_the_process_lives_is_said_at_once_whatever_token_is_sent_because_it_is_the_same_for_all(
    front: Fronted, waits: list[float]
) -> None:
    front.asked(sent(CLOCK, "Bearer wrong", 120))
    answers = front.asked(sent("/_mock/health/live", "Bearer wrong", 20))
    assert ({one.status for one in answers}, len(waits)) == ({200}, 120)


def test_the_dashboard_is_given_at_once_whatever_token_is_sent_because_it_is_the_same_for_all(
    front: Fronted, waits: list[float]
) -> None:
    front.asked(sent(CLOCK, "Bearer wrong", 120))
    paths = {"/_mock/": 200, "/_mock": 302, "/_mock/page/main.js": 200, "/_mock/page/nothing": 404}
    answers = [front.asked(sent(path, "Bearer wrong"))[0].status for path in paths]
    assert (answers, len(waits)) == ([*paths.values()], 120)
    assert front.asked(sent("/_mock/nothing", "Bearer wrong"))[0].status == 429
