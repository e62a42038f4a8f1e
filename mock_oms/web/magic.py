"""Tokens that always fail in one way, so that nobody needs the control API to see an error. A mock's own; (c)."""

from mock_oms.web.exchange import Interrupted
from mock_oms.web.failing import PAGES, REFUSALS
from mock_oms.web.rest_framework import Auth, unauthenticated
from mock_oms.wording import INACTIVE

_WAIT = 17
_STATUSES = {f"fail-{status}": status for status in (403, 429, 500, 502, 503)}
_FAIL_INACTIVE = "fail-inactive"
#: The token whose answers come late; who waits for them gets the default world's.
SLOW = "fail-slow"

TOKENS: frozenset[str] = frozenset({*_STATUSES, _FAIL_INACTIVE, SLOW})


def check_magic(token: str | None, auth: Auth) -> None:
    """Break off the call of a magic token. All fail before the method and the id are looked at.

    Where authentication is off nobody is anybody's user, so that none can be inactive. A slow one is not broken off:
    whoever hands the call on holds it back.
    """
    if token == _FAIL_INACTIVE and auth != "off":
        raise unauthenticated(INACTIVE, auth)
    status = _STATUSES.get(token or "", 0)
    if status in REFUSALS:
        raise REFUSALS[status](auth, _WAIT)
    if status in PAGES:
        raise Interrupted(PAGES[status](_WAIT))
