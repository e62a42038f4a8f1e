"""With hints on, an answer names in `X-Mock-Assumed` what it shows that nobody has seen in a real OMS."""

import pytest

from mock_oms.scenarios.library import Library
from mock_oms.server.asgi.connection import Outgoing
from mock_oms.worlds.manager import WorldManager
from tests.api.fronted import Fronted
from tests.crawls import PLANS
from tests.drf.wire import Sent

KNOWN = {"Authorization": "Token mock-oms-token", "Host": "localhost"}


def fronted(*, hints: bool) -> Fronted:
    return Fronted(WorldManager(Library().load("restock")), hints=hints)


def sent(target: str = PLANS, **headers: str) -> Sent:
    return Sent(method="GET", target=target, headers={**KNOWN, **headers})


def said(answer: Outgoing) -> list[str]:
    text = answer.value(b"x-mock-assumed")
    return text.split(", ") if text else []


def test_an_answer_names_what_is_assumed_in_it_once_also_from_the_cache() -> None:
    front = fronted(hints=True)
    first, second = front.asked([sent(), sent()])
    assert (first.status, front.from_cache) == (200, 1)
    assert {"Context", "Command", "PlanItem.state"} <= set(said(first))
    assert said(first) == said(second)
    assert [name for name, _ in second.headers].count(b"x-mock-assumed") == 1


def test_without_hints_no_answer_has_it() -> None:
    front = fronted(hints=False)
    assert [said(one) for one in front.asked([sent(), sent(), sent(Authorization="Token fail-503")])] == [[], [], []]


@pytest.mark.parametrize(
    ("target", "token", "names"),
    [(PLANS, "fail-502", ["response.BadGateway"]), (PLANS, "nobody", []), ("/nowhere/", "mock-oms-token", [])],
)
def test_a_refusal_names_the_page_of_a_gateway_alone(target: str, token: str, names: list[str]) -> None:
    assert said(fronted(hints=True).ask(sent(target, Authorization=f"Token {token}"))) == names
