"""Tokens that always fail in one way, so that nobody needs the control API to see an error. A mock's own; (c)."""

from collections.abc import Callable

from mock_oms.web.django import SERVER_ERROR
from mock_oms.web.exchange import Answer, Headers, Interrupted, Refused, detail
from mock_oms.web.rest_framework import FORBIDDEN, INACTIVE, Auth, throttled, unauthenticated

_WAIT = 17

_GATEWAY_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<h1>{0}</h1>\r\n</body>\r\n</html>\r\n"


def gateway_page(status: int, title: str, extra: Headers = ()) -> Answer:
    """What a gateway in front of Django says when it gets no answer from it: no header of Django's, no JSON."""
    body = _GATEWAY_PAGE.format(f"{status} {title}").encode()
    headers = (("Content-Type", "text/html"), ("Content-Length", str(len(body))), *extra)
    return Answer(status=status, headers=headers, body=body)


_TABLE: dict[str, Callable[[Auth], Exception]] = {
    "fail-inactive": lambda auth: unauthenticated(INACTIVE, auth),
    "fail-403": lambda _: Refused(403, detail(FORBIDDEN)),
    "fail-429": lambda _: throttled(_WAIT),
    "fail-500": lambda _: Interrupted(SERVER_ERROR),
    "fail-502": lambda _: Interrupted(gateway_page(502, "Bad Gateway")),
    "fail-503": lambda _: Interrupted(gateway_page(503, "Service Unavailable", (("Retry-After", str(_WAIT)),))),
}

TOKENS: frozenset[str] = frozenset(_TABLE)


def check_magic(token: str | None, auth: Auth) -> None:
    """Break off the call of a magic token. All fail before the method and the id are looked at.

    Where authentication is off nobody is anybody's user, so that none can be inactive.
    """
    if token in TOKENS and (auth, token) != ("off", "fail-inactive"):
        raise _TABLE[token](auth)
