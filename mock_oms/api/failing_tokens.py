"""Answers that fail on purpose, with the body and headers of the real thing; and tokens that always fail in one way (c)."""

from collections.abc import Callable, Mapping

from mock_oms.api.django import SERVER_ERROR
from mock_oms.api.exchange import Answer, Headers, Refused, ServerError
from mock_oms.api.rest_framework import Auth, not_found, refused, throttled, unauthenticated
from mock_oms.contract.wording import FORBIDDEN, INACTIVE, INVALID_TOKEN
from mock_oms.switches import Switches


def gateway_page(status: int, title: str, extra: Headers = ()) -> Answer:
    """What a gateway in front of Django says when it gets no answer from it: no header of Django's, no JSON."""
    title = f"{status} {title}"
    head, body = f"<head><title>{title}</title></head>", f"<body>\r\n<h1>{title}</h1>\r\n</body>"
    page = f"<html>\r\n{head}\r\n{body}\r\n</html>\r\n".encode()
    headers = (("Content-Type", "text/html"), ("Content-Length", str(len(page))), *extra)
    return Answer(status=status, headers=headers, body=page)


#: A body that is too large never reaches Django: the gateway in front of it refuses it, and reads no more. (c) ours
TOO_LARGE = gateway_page(413, "Request Entity Too Large")
#: In JSON by the framework, or as a page by Django or a gateway in front of it; `int` is how many seconds to wait.
FAILURES: Mapping[int, Callable[[Auth, int], Refused | ServerError]] = {
    401: lambda auth, _: unauthenticated(INVALID_TOKEN, auth),
    403: lambda *_: Refused(403, FORBIDDEN),
    404: lambda *_: not_found(),
    429: lambda _, wait: throttled(wait),
    500: lambda *_: ServerError(SERVER_ERROR),
    502: lambda *_: ServerError(gateway_page(502, "Bad Gateway")),
    503: lambda _, wait: ServerError(gateway_page(503, "Service Unavailable", (("Retry-After", str(wait)),))),
    504: lambda *_: ServerError(gateway_page(504, "Gateway Time-out")),
}


def failing_answer(status: int, answers: Switches, *, allow: str, retry_after: int) -> Answer:
    """The answer of a view (`allow`: its methods) that fails with one of these statuses."""
    failure = FAILURES[status](answers.auth, retry_after)
    return failure.answer if isinstance(failure, ServerError) else refused(failure, answers, allow=allow)


_WAIT = 17
#: Tokens that always fail, by the status.
_STATUSES = {f"fail-{status}": status for status in (403, 429, 500, 502, 503)}
_FAIL_INACTIVE = "fail-inactive"
#: The token whose answers come late; who waits for them gets the default world's.
SLOW = "fail-slow"

TOKENS: frozenset[str] = frozenset({*_STATUSES, _FAIL_INACTIVE, SLOW})


def check_magic(token: str | None, auth: Auth) -> None:
    """Break off the call of a magic token. All fail before the method and the id are looked at.

    Where authentication is off there are no users that could be inactive. A slow one is not broken off: the server
    holds it back.
    """
    if token == _FAIL_INACTIVE and auth != "off":
        raise unauthenticated(INACTIVE, auth)
    status = _STATUSES.get(token or "")
    if status is not None:
        raise FAILURES[status](auth, _WAIT)
