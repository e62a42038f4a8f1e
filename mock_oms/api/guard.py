"""The guard of the control API: who may use the paths under /_mock. It refuses what it does not know; only health is open.

Without a control token a client must be on this machine. A page of another site, open in a browser here, is on this
machine too. So the name in `Host` must be one of this machine's (else a foreign DNS name points here), and the browser
must not say that another site sends the request. A proxy here brings requests from anywhere: what one has written into
a request refuses it, and never lets one in.

With a control token, the files of the dashboard are open too: they hold no secret, and ask a person for the token. What
is answered to any path of theirs is the same with a token, without one, and with a wrong one.
"""

import re
from collections.abc import Callable, Mapping
from hmac import compare_digest
from http import HTTPStatus
from typing import NamedTuple

from flask import Request

from mock_oms.urls import is_loopback

OPEN = frozenset({"/_mock/health/live", "/_mock/health/ready"})
MAX_BODY = 1_000_000
#: Bytes of one that may hold a scenario and a log: as much as a scenario's file, and a world's events.
MAX_WORLD = 6_000_000
#: The dashboard's own files.
_PAGE = re.compile("/_mock(/|/docs|/page/.*)?", re.DOTALL)
_WITH_WORLD = re.compile("/_mock/worlds(/[^/]+/snapshot)?")
#: What every answer carries that does not say otherwise: no browser keeps it, runs it, frames it or guesses what it is.
SAFE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
#: Methods that change nothing.
READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: An IPv6 address in brackets, without a zone, or another name; and perhaps a port.
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::[0-9]*)?")

#: Headers that proxies, load balancers and content networks write: through what a request came, and for whom.
_BY_PROXY = re.compile(
    r"(.+-)?forwarde[dr](-.+)?|(.+-)?via|(x-)?(remote|originating)-.+|front-end-https|x-(url-)?scheme|cdn-loop|x-amz-cf-id"
    r"|(.+-)?(connect(ing|ion)|client|real|user|remote)-?(ip|addr|address|host|port|proto|scheme)"
    r"|(cf|x-envoy|x-azure|x-proxy(user)?|x-original|x-rewrite|x-arr|(x-)?ngrok|x-appengine|x-cloud|x-nginx|x-vercel|x-akamai|fly|fastly|(x-)?tailscale)-.+|x-varnish"
)
ONLY_LOOPBACK = "Only loopback may ask this: start the mock with --control-token to let others in."
_SEND = "Send `Authorization: Bearer TOKEN` with the control token of this mock"
#: What is wrong with the header `Authorization` where it does not hold the control token.
NO_TOKEN = f"{_SEND}; a browser does not send it: open /_mock/ in it, and the page there asks for the token."
WRONG_SCHEME = f"{_SEND}: `Bearer` and a blank stand before it, and something else was sent."
WRONG_TOKEN = (
    "The token that was sent is not the control token of this mock, nor does that of a world count here: "  # noqa: S105  a sentence
    "send the one that --control-token or --control-token-file gave it, or that its start has shown."
)
BY_PROXY = (
    "A proxy has brought this, as its headers say (Forwarded, Via, X-Forwarded-For and the like), and nobody knows for whom: "
    "ask without one, or start the mock with --control-token."
)
TOO_MANY_GUESSES = (
    "Too many wrong control tokens were sent: wait before you try another. The right one never has to wait."
)
WRONG_HOST = (
    "This mock has no control token, so it is asked as localhost or 127.0.0.1 alone: "
    "start it with --control-token to ask it by another name."
)
OTHER_SITE = "Pages of other sites may not ask this; ask from a program, or from a page of the mock's own."
NOT_JSON = "Send `Content-Type: application/json`: the control API reads nothing else."
TOO_LARGE = (
    f"The body is larger than {MAX_BODY} bytes (with a scenario or a snapshot: {MAX_WORLD}), "
    "which is all that the control API reads."
)


class GuardRule(NamedTuple):
    """Which requests pass, and with what the others are refused."""

    passes: Callable[[Request], bool]
    status: HTTPStatus
    detail: str


def refusal(request: Request, control_token: str | None) -> GuardRule | None:
    """The rule that does not let this request pass, or None if it may."""
    if request.path in OPEN:
        return None
    who = () if control_token and is_page(request.method, request.path) else (*_who(control_token), _NO_OTHER_SITE)
    rules = (*who, *_BODY)
    return next((one for one in rules if not one.passes(request)), None)


def may_know(request: Request, control_token: str | None) -> bool:
    """Whether the client of a path that is open to everybody may know more than everybody.

    It may with the control token, and on this machine without it: health checks have none.
    """
    here = all(one.passes(request) for one in (*_ON_THIS_MACHINE, _NO_OTHER_SITE))
    return here or (control_token is not None and all(one.passes(request) for one in _who(control_token)))


def refusals_of(method: str, control_token: str | None) -> tuple[HTTPStatus, ...]:
    """The statuses that a request by this method may be refused with, whatever it is about."""
    rules = (*_who(control_token), _NO_OTHER_SITE, *(_BODY[1:] if method.upper() in READS else _BODY))
    guessed = () if control_token is None else (HTTPStatus.TOO_MANY_REQUESTS,)
    return (*dict.fromkeys(one.status for one in rules), *guessed)


def most_of_body(path: str) -> int:
    """Bytes of a body that a path of the control API takes at most."""
    return MAX_WORLD if _WITH_WORLD.fullmatch(path) else MAX_BODY


def is_page(method: str, path: str) -> bool:
    """Whether a decoded path, asked by this method, is answered with a file of the dashboard, or leads to one."""
    return method in {"GET", "HEAD"} and _PAGE.fullmatch(path) is not None


def is_control(path: str) -> bool:
    """Whether a decoded path is one of the control API."""
    return path == "/_mock" or path.startswith("/_mock/")


def _who(control_token: str | None) -> tuple[GuardRule, ...]:
    if control_token is None:
        return _ON_THIS_MACHINE

    def has_token(sent: Request) -> bool:
        return is_control_token(sent.headers.get("Authorization", ""), control_token)

    return (*_SENDS_A_TOKEN, GuardRule(has_token, HTTPStatus.UNAUTHORIZED, WRONG_TOKEN))


def is_control_token(authorization: str, control_token: str) -> bool:
    """Whether a header `Authorization` holds the control token, after `Bearer` in any case."""
    scheme, _, sent = authorization.partition(" ")
    return (
        compare_digest(sent.lstrip(" ").encode("latin-1", "replace"), control_token.encode())
        and scheme.lower() == "bearer"
    )


def _is_bearer(request: Request) -> bool:
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _is_from_here(request: Request) -> bool:
    """A client without an address came through a socket file or a test client."""
    return not request.remote_addr or is_loopback(request.remote_addr)


def _came_directly(request: Request) -> bool:
    return not any(_BY_PROXY.fullmatch(name.lower()) for name, _ in request.headers)


def _names_this_machine(request: Request) -> bool:
    """Only a name and a port count: `localhost:80@example.com` names nobody."""
    found = _HOST.fullmatch(request.environ.get("HTTP_HOST", ""))
    return found is not None and is_loopback(found[1] or found[2])


def _is_no_other_site(request: Request) -> bool:
    """`Origin` names the site that sends the request; `null` hides it. `Sec-Fetch-Site` is sent with reads too."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    host = request.environ.get("HTTP_HOST", "")
    own = origin is None or origin.lower() in {f"http://{host}".lower(), f"https://{host}".lower()}
    return own and site in {"none", "same-origin"}


def _is_json(request: Request) -> bool:
    """What an HTML form can send is not JSON. A write without a body needs no type."""
    empty = not request.content_length and not {"Content-Type", "Transfer-Encoding"} & {*request.headers.keys()}
    return request.method in READS or empty or request.mimetype == "application/json"


_SENDS_A_TOKEN = (
    GuardRule(lambda sent: bool(sent.headers.get("Authorization", "").strip()), HTTPStatus.UNAUTHORIZED, NO_TOKEN),
    GuardRule(_is_bearer, HTTPStatus.UNAUTHORIZED, WRONG_SCHEME),
)
_ON_THIS_MACHINE = (
    GuardRule(_is_from_here, HTTPStatus.FORBIDDEN, ONLY_LOOPBACK),
    GuardRule(_came_directly, HTTPStatus.FORBIDDEN, BY_PROXY),
    GuardRule(_names_this_machine, HTTPStatus.MISDIRECTED_REQUEST, WRONG_HOST),
)
_NO_OTHER_SITE = GuardRule(_is_no_other_site, HTTPStatus.FORBIDDEN, OTHER_SITE)
_BODY = (
    GuardRule(_is_json, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, NOT_JSON),
    GuardRule(
        lambda sent: (sent.content_length or 0) <= most_of_body(sent.path),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        TOO_LARGE,
    ),
)
