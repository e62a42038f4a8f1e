"""With hints on, an answer names in `X-Mock-Assumed` what it shows that nobody has seen in a real OMS."""

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


def test_a_list_and_a_plan_name_what_is_assumed_in_them() -> None:
    answer = fronted(hints=True).ask(sent())
    assert answer.status == 200
    assert {"Context", "Command", "PlanItem.state"} <= set(said(answer))


def test_a_kept_answer_names_it_too_and_once() -> None:
    front = fronted(hints=True)
    first, second = front.asked([sent(), sent()])
    assert front.from_cache == 1
    assert said(first) == said(second) != []
    assert [name for name, _ in second.headers].count(b"x-mock-assumed") == 1


def test_without_hints_no_answer_has_it() -> None:
    front = fronted(hints=False)
    assert [said(one) for one in front.asked([sent(), sent(), sent(Authorization="Token fail-503")])] == [[], [], []]


def test_a_refusal_names_the_page_of_a_proxy_that_nobody_knows() -> None:
    assert said(fronted(hints=True).ask(sent(Authorization="Token fail-502"))) == ["response.BadGateway"]


def test_a_refusal_that_the_framework_makes_names_nothing() -> None:
    assert said(fronted(hints=True).ask(sent(Authorization="Token nobody"))) == []


def test_a_path_that_leads_nowhere_names_nothing() -> None:
    assert said(fronted(hints=True).ask(sent("/nowhere/"))) == []
