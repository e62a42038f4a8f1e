"""Mutants of whole answers: statuses, types, bodies, words and headers."""

from dataclasses import replace

from mock_oms.conformance.crawl import Exchange, Question
from tests.contract.suite.changes import DETAILS, Change, answered, contents, exchanges, failed, header, turned


def _cut(exchange: Exchange) -> Exchange:
    return replace(exchange, body=exchange.body[:-20])


def _latin(exchange: Exchange) -> Exchange:
    return replace(exchange, body=exchange.body.decode().encode("latin-1", "replace") + b"\xff")


def _without_query(exchange: Exchange) -> Exchange:
    headers = tuple((name, value.partition("?")[0]) for name, value in exchange.headers)
    return replace(exchange, headers=headers)


def _with_host(exchange: Exchange) -> Exchange:
    headers = tuple(
        (name, f"http://oms.test{value}" if name == "location" else value) for name, value in exchange.headers
    )
    return replace(exchange, headers=headers)


_FORBIDDEN = {"detail": "You do not have permission to perform this action."}
_Q = Question

#: The check that claims it, what is wrong, and how.
OF_ANSWERS: tuple[tuple[str, str, Change], ...] = (
    ("no-failure", "an unknown page makes the server fail", failed(_Q.NO_PAGE)),
    ("huge-id", "500 on a huge id", failed(_Q.HUGE_ID)),
    ("huge-id", "a huge id is 400", answered(400, {"detail": "Not found."}, _Q.HUGE_ID)),
    ("status-described", "another media type is 415", answered(415, {"detail": "Unsupported."}, _Q.OTHER_MEDIA)),
    ("media-type", "details are announced as HTML", header("content-type", "text/html", *DETAILS)),
    ("media-type", "JSON has a charset", header("content-type", "application/json; charset=utf-8")),
    ("body-is-json", "a detail breaks off before its end", exchanges(_cut, _Q.DETAIL)),
    ("body-is-json", "the list is not in UTF-8", exchanges(_latin, _Q.AGAIN)),
    ("unknown-plan", "an unknown plan is null", answered(200, None, _Q.NO_PLAN)),
    ("unknown-plan", "an unknown plan is forbidden", answered(403, _FORBIDDEN, _Q.NO_PLAN)),
    (
        "unknown-page",
        "a page past the end is empty",
        answered(200, {"count": 10, "next": None, "previous": None, "results": []}, _Q.NO_PAGE),
    ),
    ("no-token", "who has no token is forbidden", answered(403, _FORBIDDEN, _Q.NO_TOKEN)),
    ("wrong-token", "a wrong token is as good as a right one", turned(auth="off")),
    ("other-media", "JSON is sent to those who do not take it", answered(200, {}, _Q.OTHER_MEDIA)),
    ("no-slash", "a path without its slash is not found", answered(404, {"detail": "Not found."}, _Q.NO_SLASH)),
    ("words-of-refusals", "an unknown plan is told by the name of its model", turned(not_found="model")),
    ("words-of-refusals", "a wrong token is told in other words", answered(401, {"detail": "Who?"}, _Q.WRONG_TOKEN)),
    ("schema-of-refusals", "a refusal says `error`", answered(404, {"error": "Not found."}, _Q.NO_PLAN)),
    ("schema-of-refusals", "a refusal has a code, too", answered(404, {"detail": "Not found.", "code": 4}, _Q.NO_PLAN)),
    ("location-of-redirects", "a redirect loses the query", exchanges(_without_query, _Q.NO_SLASH)),
    ("location-of-redirects", "a redirect does not say where to", header("location", None)),
    ("location-of-redirects", "a redirect names the host", exchanges(_with_host, _Q.NO_SLASH)),
    ("www-authenticate", "a 401 does not name its scheme", header("www-authenticate", None)),
    ("www-authenticate", "a 401 asks for Bearer", header("www-authenticate", "Bearer", _Q.NO_TOKEN, _Q.WRONG_TOKEN)),
    ("allow", "Allow is missing", header("allow", None)),
    ("allow", "a detail allows DELETE", header("allow", "GET, DELETE, HEAD, OPTIONS", *DETAILS)),
    ("security-headers", "X-Frame-Options is missing", header("x-frame-options", None)),
    (
        "security-headers",
        "X-Content-Type-Options is missing in details",
        header("x-content-type-options", None, *DETAILS),
    ),
    ("listed-plans-exist", "plans of the list are not found", answered(404, {"detail": "Not found."}, _Q.DETAIL)),
    ("schema-of-plans", "a detail is in an envelope", contents(lambda plan: {"result": plan}, *DETAILS)),
)
