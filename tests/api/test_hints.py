"""What a client did not want to be answered comes with a sentence that says what was probably meant."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.api import vendor
from mock_oms.switches import Switches
from mock_oms.traffic.hints import HintFacts, hint
from mock_oms.traffic.journal.entry import decoded
from mock_oms.urls import Operation
from tests.drf import tables
from tests.drf.cases import CASES, TOKEN
from tests.drf.fake_world import FULL, WORLDS, FakeSimulation, app_of
from tests.drf.tables import LIST, LOGIN
from tests.drf.wire import Sent, call
from tests.profiles import examples

APP = app_of(FakeSimulation(Switches())).wsgi_app

_OPERATIONS = dict(zip((one.name for one in (vendor.LIST, vendor.DETAIL, vendor.LOGIN)), Operation, strict=True))


def facts_of(sent: Sent, app: Any = APP, **more: Any) -> HintFacts:
    """A request and what the app answers to it, as a server would report it."""
    received = call(app, sent)
    path, _, query = (part.encode().decode("latin-1") for part in sent.target.partition("?"))
    found = vendor.resolve(decoded(path))
    facts = HintFacts(
        method=sent.method,
        path=path,
        query=query,
        status=int(received.status[:3]),
        headers={name.lower(): value for name, value in sent.headers.items()},
        body=sent.body,
        answer=received.body,
        operation=_OPERATIONS[found[0].name] if found else None,
        worlds=("default", "checkout-7"),
    )
    return replace(facts, **{"known_token": facts.token in WORLDS, "pages": 3, **more})


def hinted(target: str, headers: Mapping[str, str], method: str = "GET", body: bytes = b"") -> str | None:
    return hint(facts_of(Sent(method=method, target=target, body=body, headers={**headers})))


def test_a_credential_that_was_sent_twice_is_said_to_be_so() -> None:
    facts = facts_of(Sent(target=LIST, headers={"Authorization": f"Token {FULL},Token {FULL}"}), authorizations=2)
    assert (hint(facts) or "").startswith("Authorization was sent 2 times")


@pytest.mark.parametrize("subject", CASES)
def test_every_refusal_and_every_redirect_of_the_vendor_has_a_hint_of_its_own(subject: str) -> None:
    met = [(facts.status, hint(facts), sent) for sent in CASES[subject] for facts in [facts_of(sent)]]
    assert [sent for status, sentence, sent in met if sentence is None and status != 200] == []
    assert [sent for _, sentence, sent in met if (sentence or "").startswith("Nothing in the request")] == []


_TOKENS = st.sampled_from([text for text in tables.AUTHORIZATIONS if len(text) < 99]) | st.text(
    st.characters(codec="latin-1", min_codepoint=32), max_size=20
)


_facts = st.builds(
    lambda authorization, **said: HintFacts(
        **said, headers=dict.fromkeys(("authorization", "accept", "host"), authorization)
    ),
    authorization=_TOKENS,
    path=st.sampled_from((LIST, LOGIN, f"{LIST}7001/", LIST[:-1], "/x"))
    | st.text(st.characters(codec="latin-1", exclude_characters="?"), max_size=20).map(lambda text: f"/{text}"),
    query=st.text(st.characters(codec="latin-1"), max_size=20)
    | st.sampled_from([text[1:] for text in tables.QUERIES[:99]]),
    method=st.sampled_from(tables.METHODS),
    status=st.sampled_from((200, 301, 400, 401, 403, 404, 405, 406, 408, 413, 415, 418, 429, 500, 503)),
    operation=st.none() | st.sampled_from(Operation),
    body=st.binary(max_size=20),
)


@examples(100)
@given(_facts)
def test_a_hint_is_one_line_of_ascii_and_every_error_has_one(facts: HintFacts) -> None:
    sentence = hint(facts)
    assert sentence is not None or facts.status == 200
    assert sentence is None or (sentence.isascii() and sentence.isprintable())


@examples(100)
@given(
    frame=st.sampled_from(
        ("{}", "Token {}", "Bearer {}", "Token {} x", "{} Token", 'Token "{}"', "Token:{}", "x {}", "Basic {}")
    ),
    secret=st.from_regex("[a-z0-9-]{16,24}", fullmatch=True),
    operation=st.sampled_from(Operation),
    status=st.sampled_from((400, 401, 403, 415)),
)
def test_no_hint_repeats_a_token_or_a_password(frame: str, secret: str, operation: Operation, status: int) -> None:
    bodies = (f"username=a&password={secret}", secret, json.dumps({"user": "a", "password": secret, secret: 1}))
    for body in bodies:
        facts = HintFacts(
            method="POST",
            path=LOGIN,
            status=status,
            headers={"authorization": frame.format(secret), "x-api-key": secret},
            body=body.encode(),
            answer=b'{"password":["This field is required."]}',
            operation=operation,
        )
        assert secret not in (hint(facts) or "")


CREDENTIALS = f"""
  => The Authorization header is empty
Token => After Token no token follows
{FULL} => either scheme or token is missing
Token{FULL} => There is no blank
Token:{FULL} => There is no blank
Token: {FULL} => After the scheme stands a sign
Bearer {FULL} => Bearer was sent, but this world takes Token (its switch auth is token)
Basic bW9jazpvbXM= => The scheme Basic is not the vendor's
Hello bW9jazpvbXM= => begins with no scheme that is known here
Token Token {FULL} => The scheme stands twice
Token {FULL} x => has a blank in it
Token "{FULL}" => has quotes, a comma or a semicolon around it
Token {FULL}, => has quotes, a comma or a semicolon around it
Token ${{OMS_TOKEN}} => stands a placeholder
Token undefined => stands a placeholder
Token checkout-7 => checkout-7 is the name of a world, not its token
Token FAIL-403 => in lower case, such as fail-429
Token fail-404 => There is no such magic token
Token \xe7 => letters beyond ASCII
Token nope => its world was closed or has expired
Token fail-inactive => The token fail-inactive is a magic one of the mock: it always meets 401.
Token fail-429 => it always meets 429
Token fail-503 => it always meets 503
"""


@pytest.mark.parametrize("line", CREDENTIALS.strip("\n").splitlines())
def test_refused_credentials_are_told_what_is_wrong_with_them(line: str) -> None:
    authorization, said = line.split(" => ")
    assert said in (hinted(LIST, {"Authorization": authorization}) or "")


def test_credentials_in_another_place_or_under_another_scheme_are_told_where_they_belong() -> None:
    missing = "No Authorization header was sent; send Authorization: Token and the token."
    assert (hinted(LIST, {}) or "").startswith(missing)
    preflight = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "GET"}
    assert "serve --cors ORIGIN answers it" in (hinted(LIST, preflight, "OPTIONS") or "")
    assert hinted(LIST, {"X-Api-Key": FULL}) == (
        "Credentials are read in Authorization only, not in x-api-key; send Authorization: Token and the token."
    )
    sentence = hinted(f"{LOGIN}?username=a&password=x", {"Content-Type": "application/json"}, "POST", b"{}")
    assert sentence == "username and password stand in the query; the login reads them in the body only."
    answers = Switches(auth="bearer")
    app = app_of(FakeSimulation(answers)).wsgi_app
    assert hint(facts_of(Sent(target=LIST, headers=TOKEN), app, answers=answers)) == (
        "Token was sent, but this world takes Bearer (its switch auth is bearer); "
        "send Authorization: Bearer and the token."
    )


@pytest.mark.parametrize(
    ("path", "said", "meant"),
    [
        ("/api/v1/oms/order-execution-plans/", "orderexecutionplans is one word without hyphens", LIST),
        ("/api/v1/oms/order_execution_plans/7001/", "without hyphens", f"{LIST}7001/"),
        ("/api/v1/oms/orderexecutionplan/7001/", "is written in the plural", f"{LIST}7001/"),
        ("/api/v1/oms/OrderExecutionPlans/", "paths are case-sensitive", LIST),
        ("/oms/orderexecutionplans/", "it must begin with /api/v1/", LIST),
        ("/orderexecutionplans/7001", "it must begin with /api/v1/, the final slash is missing", LIST),
        ("/api/oms/orderexecutionplans/", "the version v1 must follow /api/", LIST),
        ("/api/v2/oms/orderexecutionplans/", "the version must be v1", LIST),
        ("/api/i1/oms/orderexecutionplans/", "under i1 there is only the login", LIST),
        ("/api/v1/orderexecutionplans/", "oms must stand before orderexecutionplans", LIST),
        ("/api/v1/oms//orderexecutionplans/", "two slashes in a row", LIST),
        ("/api/v1/oms/orderexecutionplans%20/", "a blank or a line break in it", LIST),
        (f"{LIST}7001/items/", "a plan has no addresses below its own", f"{LIST}7001/"),
        (f"{LIST}7001.JSON", "a dot in it that begins no format, the final slash is missing", f"{LIST}7001/"),
        ("/api/v1/oms/ordrexecutoinplans/", "leads nowhere", LIST),
        ("/api/v1/auth/signin/", "leads nowhere", LOGIN),
    ],
)
def test_a_path_that_leads_nowhere_is_told_what_was_probably_meant(path: str, said: str, meant: str) -> None:
    assert f"{said}; probably meant: {meant}" in (hinted(path, TOKEN) or "")


@pytest.mark.parametrize(
    ("request_line", "said"),
    [
        (f"GET {LIST[:-1]}?page=2", f"The final slash is missing: ask for {LIST} at once"),
        (f"POST {LOGIN[:-1]}", f"send POST to {LOGIN} at once, for most clients follow the redirect with GET"),
        (f"POST {LIST}", "Plans are read-only here, POST is refused"),
        (f"DELETE {LIST}7001/", "Plans are read-only here, DELETE is refused"),
        (f"GET {LOGIN}", f"a POST without the final slash of {LOGIN} arrives as GET"),
        (f"PUT {LOGIN}", "The login takes POST, not PUT."),
        (f"GET {LIST}?page=4", "The list has 3 pages now; page=4 is past its end"),
        (f"GET {LIST}?page=0", "page=0 cannot be: pages are counted from 1."),
        (f"GET {LIST}?page=two", "page=two is no number; accepted: 1, 2, 3 and so on, or last."),
        (f"GET {LIST}?limit=1000", "limit=1000 is too much: a page has at most 100 plans."),
        (f"GET {LIST}?limit=all", "limit=all is no size and ignored: a page then has 10 plans."),
        (f"GET {LIST}?state=pending", "The vendor documents no filter: state is ignored"),
        (f"GET {LIST}?ordering=-id&x=1", "neither filters nor sorting: ordering, x are ignored."),
        (f"GET {LIST}?page_size=5", "page_size is ignored: set the size of a page with limit=."),
        (f"GET {LIST}?offset=10", "offset is ignored: the list is read page by page"),
        (f"GET {LIST}?Page=2", "Page is ignored; probably meant: page."),
        (f"GET {LIST}?x=1", "x is ignored: the list reads page and limit only."),
        (f"GET {LIST}?a&b&c&d&e&f", "a, b, c, d, e and 1 more are ignored"),
        (f"GET {LIST}7001/?expand=order", "A single plan has no parameters: expand did nothing."),
        (f"GET {LIST}7001.xml", "The format xml was asked for by suffix or format=; only json is there."),
        (f"GET {LIST}?format=api", "The format api was asked for"),
        (f"GET {LIST}undefined/", "undefined stands where the id belongs"),
        (f"GET {LIST}T07001/", "T07001 is no plan's id: ids are whole numbers"),
        (f"GET {LIST}404404/", "No plan of this world has the id 404404"),
    ],
)
def test_a_request_that_is_refused_or_half_ignored_is_told_why(request_line: str, said: str) -> None:
    method, target = request_line.split(" ")
    assert said in (hinted(target, TOKEN, method) or "")


@pytest.mark.parametrize(
    "target", [LIST, f"{LIST}?page=2&limit=5", f"{LIST}?format=json", f"{LIST}7001/", f"{LIST}?page=last"]
)
def test_what_is_answered_as_it_was_meant_has_no_hint(target: str) -> None:
    assert hinted(target, TOKEN) is None


JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        (JSON, b"", "The body is empty"),
        (JSON, b'{"email": "a", "password": "x"}', "email is not read: the fields are username and password."),
        (JSON, b'{"Username": "a", "Password": "x"}', "Username, Password is not read"),
        (JSON, b'{"username": "a"}', "The body says nothing under password"),
        (JSON, b'{"username": "a", "password": "x"}', "The password is wrong: it is the setting password"),
        (JSON, b'{"username": "a", "password": null}', "Password must be text that is not blank"),
        (JSON, b"[]", "The body is JSON, but no object"),
        (JSON, b"{", "The body is not JSON"),
        (JSON, b"username=a&password=x", "The body is a form, but Content-Type says JSON"),
        (FORM, b'{"username": "a"}', "The body is JSON, but Content-Type says that it is a form"),
        (FORM, b"user=a&password=x", "user is not read"),
        ("multipart/form-data", b"--x", "The parts of the form cannot be told apart"),
        ("text/plain", b"{}", "Content-Type text/plain is no type that the vendor reads"),
        ("", b"{}", "The body has no Content-Type"),
    ],
)
def test_a_login_that_fails_is_told_what_it_lacks(content_type: str, body: bytes, said: str) -> None:
    assert said in (hinted(LOGIN, {"Content-Type": content_type}, "POST", body) or "")


@pytest.mark.parametrize(
    ("target", "headers", "said"),
    [
        (LIST, {**TOKEN, "Accept": "text/html"}, "Accept: text/html does not admit application/json"),
        (LIST, {**TOKEN, "Host": "a/b"}, "the Host header is at fault: 'a/b' was sent"),
        (f"{LIST}?{'&' * 1000}", TOKEN, "The query has more than 1000 parameters"),
        (LIST + "x" * 20_000, TOKEN, "too long for the redirect"),
        (LOGIN, {"Content-Length": "9999999"}, "The body is longer than the 2621440 bytes"),
    ],
)
def test_a_request_that_django_refuses_is_told_why(target: str, headers: dict[str, str], said: str) -> None:
    method, body = ("POST", b"{}") if target == LOGIN else ("GET", b"")
    assert said in (hinted(target, headers, method, body) or "")


def test_a_path_that_leads_nowhere_near_is_told_where_the_routes_are() -> None:
    assert hinted("/_moc", TOKEN) == "/_moc leads nowhere; the control API of the mock is under /_mock/."
    assert (
        f"/ leads nowhere; the vendor's routes here are {LIST}, {LIST}ID/ and {LOGIN}; the page for people is /_mock/"
        == hinted("/", TOKEN)
    )


OTHER: dict[str, Any] = {"path": f"{LIST}41207/", "operation": Operation.DETAIL, "plan": 41207}
PAST_THE_END = "page=4 is past the end of the list: follow next until it is null."


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"query": "page=4", "pages": 3, "last_served": {4: 12}.get},
            "The list has 3 pages now; page 4 was there at request 12: it has shrunk.",
        ),
        ({"query": "page=4"}, PAST_THE_END),
        (
            {**OTHER, "worlds_with": {41207: ("b", "a")}.get},
            "Plan 41207 is not in this world; it exists in a, b: probably",
        ),
        ({**OTHER, "worlds_with": {41207: tuple("abcde")}.get}, "it exists in a, b, c and 2 more: probably"),
        *(
            (
                {"path": f"{LIST}{order}/", "operation": Operation.DETAIL, "plan_of_order": {order: 41207}.get},
                f"{order} is an order, not a plan: the plan of this order is 41207.",
            )
            for order in ("5512", "T05512")
        ),
        ({"status": 503, "fault": "status 503"}, "This is fault 3, status 503, of the scenario."),
        ({"status": None, "fault": "connection reset"}, "This is fault 3, connection reset, of the scenario."),
        ({"status": 200, "fault": "shape missing-next"}, "This is fault 3, shape missing-next, of the scenario."),
        ({"query": "page=4", "fault": "delay"}, PAST_THE_END),
        ({"status": 200, "query": "page=9", "fault": "delay"}, None),
        (
            {"status": 429, "limit": "the quota of 100 requests in 1m"},
            "This is the quota of 100 requests in 1m: wait as long as Retry-After says.",
        ),
        (
            {"status": 401, "limit": "tokens live for 3 requests", "known_token": True},
            "The token is no longer valid (tokens live for 3 requests): log in again to renew it.",
        ),
        ({"status": 500}, "this is an error of mock-oms itself"),
        ({"status": 429}, "A limit of this world was reached"),
        ({"status": 418}, "why it met 418"),
        (
            {"status": 200, "query": "page=2", "answers": Switches(list="array")},
            "The list is one bare array here (switch list): its query is ignored.",
        ),
    ],
    ids=range(17),
)
def test_a_fault_a_limit_or_what_else_the_mock_knows_is_named(given: dict[str, Any], said: str | None) -> None:
    facts = {"method": "GET", "path": LIST, "status": 404, "operation": Operation.LIST, "fault_id": 3, **given}
    sentence = hint(HintFacts(**facts))
    assert sentence is None if said is None else said in (sentence or "")
