"""The examples of the contract are real output: each is asked for again and compared."""

import json
from typing import Any

from mock_oms.api.failing_tokens import TOO_LARGE, failing_answer
from mock_oms.contract.openapi import contract_for
from mock_oms.server.asgi.http_limits import HttpLimits, HttpRefusal
from mock_oms.server.asgi.request import TOO_SLOW
from mock_oms.switches import Switches
from tests.contract.examples import CONTRACT, asked, written
from tests.drf.wire import Received

PLANS = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"


def token(key: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Token {key}"}}


def sent(text: str, media_type: str = "application/json") -> dict[str, Any]:
    return {"method": "POST", "body": text.encode(), "headers": {"Content-Type": media_type}}


def failing(status: int) -> Any:
    answer = failing_answer(status, Switches(), allow="", retry_after=17)
    return json.loads(answer.body) if ("Content-Type", "application/json") in answer.headers else answer.body.decode()


#: Response and example, and the request that it answers.
ASKED: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("LoggedIn", "demo"): (LOGIN, sent('{"username": "demo", "password": "mock-oms"}')),
    ("SlashMissing", "empty"): (PLANS.rstrip("/"), {}),
    ("BadRequest", "host"): (PLANS, {"headers": {"Host": "no host"}}),
    ("PlansUnauthenticated", "missing"): (PLANS, {"headers": {"Authorization": ""}}),
    ("PlansUnauthenticated", "unknown"): (PLANS, token("unknown")),
    ("PlansUnauthenticated", "empty"): (PLANS, token("")),
    ("PlansUnauthenticated", "blanks"): (PLANS, token("two words")),
    ("PlansUnauthenticated", "inactive"): (PLANS, token("fail-inactive")),
    ("PlansForbidden", "forbidden"): (PLANS, token("fail-403")),
    ("NoSuchPage", "page"): (f"{PLANS}?page=0", {}),
    ("NoSuchPage", "format"): (f"{PLANS}?format=xml", {}),
    ("NoSuchPlan", "id"): (f"{PLANS}1/", {}),
    ("NoSuchPlan", "page"): (f"{PLANS}1.5e+3/", {}),
    ("PlansMethodNotAllowed", "post"): (PLANS, {"method": "POST"}),
    ("PlansNotAcceptable", "html"): (PLANS, {"headers": {"Accept": "text/html"}}),
    ("PlansThrottled", "throttled"): (PLANS, token("fail-429")),
    ("LoginRefused", "wrong"): (LOGIN, sent('{"username": "demo", "password": "wrong"}')),
    ("LoginRefused", "incomplete"): (LOGIN, sent("{}")),
    ("LoginRefused", "broken"): (LOGIN, sent("{")),
    ("LoginRefused", "host"): (LOGIN, {"method": "POST", "headers": {"Host": "no host"}}),
    ("LoginNoSuchFormat", "format"): (f"{LOGIN}?format=xml", sent("{}")),
    ("LoginMethodNotAllowed", "get"): (LOGIN, {}),
    ("LoginNotAcceptable", "html"): (LOGIN, {"method": "POST", "headers": {"Accept": "text/html"}}),
    ("LoginUnsupportedMediaType", "text"): (LOGIN, sent("hello", "text/plain")),
    ("InternalError", "page"): (PLANS, token("fail-500")),
    ("BadGateway", "page"): (PLANS, token("fail-502")),
    ("Unavailable", "page"): (PLANS, token("fail-503")),
}
#: No request of this version is answered so; what makes these answers is asked instead.
MADE = {
    ("GatewayTimeout", "page"): failing(504),
    ("LoginThrottled", "throttled"): failing(429),
    ("LoginUnauthenticated", "fault"): failing(401),
    ("LoginForbidden", "fault"): failing(403),
    ("TooSlow", "text"): TOO_SLOW.body.decode(),
    ("TooLarge", "page"): TOO_LARGE.body.decode(),
    ("TooLarge", "text"): f"{HttpRefusal.TOO_MUCH_FRAMING.text(HttpLimits())}\n",
    ("TooLong", "text"): f"{HttpRefusal.TOO_LONG.text(HttpLimits())}\n",
    ("TooManyHeaders", "text"): f"{HttpRefusal.TOO_MANY_HEADERS.text(HttpLimits())}\n",
}


def examples() -> dict[tuple[str, str], Any]:
    """Every example of an answer that stands in place, by response and name."""
    return {
        (response, name): example["value"]
        for response, described in contract_for(None)["components"]["responses"].items()
        for content in described["content"].values()
        for name, example in content["examples"].items()
        if "value" in example
    }


def body_of(received: Received) -> Any:
    headers = dict(received.headers)
    return json.loads(received.body) if headers["content-type"] == "application/json" else received.body.decode()


def test_an_example_is_what_the_mock_or_one_of_its_faults_answers() -> None:
    answers = {key: body_of(asked(target, **request)) for key, (target, request) in ASKED.items()}
    assert examples() == {**answers, **MADE}


def test_the_plans_are_what_the_mock_makes() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert text.endswith(written()), "run: python -m tests.contract.examples"
