"""The guard of the control API: who may use the paths under /_mock. It refuses what it does not know; only health is open.

Without a control token a client must be on this machine. A page of another site, open in a browser here, is on this
machine too. So the name in `Host` must be one of this machine's (else a foreign DNS name points here), and the browser
must not say that another site sends the request.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address

from flask import Request

OPEN = frozenset({"/_mock/health/live", "/_mock/health/ready"})
MAX_BODY = 1_000_000
#: What every answer carries that does not say otherwise: no browser keeps it, runs it, frames it or guesses what it is.
SAFE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: An IPv6 address in brackets, without a zone, or another name; and perhaps a port.
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::[0-9]*)?")

ONLY_LOOPBACK = "Only loopback may ask this: start the mock with a control token to let others in."
WRONG_TOKEN = (
    "Send `Authorization: Bearer TOKEN` with the control token of this mock; "  # noqa: S105  a sentence
    "a browser does not send it: save /_mock/docs with curl, and open the file."
)
WRONG_HOST = "Ask for localhost or 127.0.0.1: any other name needs a control token."
OTHER_SITE = "Pages of other sites may not ask this; ask from a program, or from a page of the mock's own."
NOT_JSON = "Send `Content-Type: application/json`: the control API reads nothing else."
TOO_LARGE = f"The body is larger than {MAX_BODY} bytes, which is all that the control API reads."
UNANNOUNCED = "Send the body with a `Content-Length`: one in chunks is not read."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request may not pass, as a status and a sentence."""

    status: HTTPStatus
    detail: str


Check = Callable[[Request], Refusal | None]


def refusal(request: Request, control_token: str | None) -> Refusal | None:
    """Why this request may not pass, or None if it may."""
    if request.path in OPEN:
        return None
    who = _ON_THIS_MACHINE if control_token is None else (_knows(control_token),)
    found = (check(request) for check in (*who, _is_no_other_site, _is_json, _has_a_bounded_body))
    return next((one for one in found if one), None)


def may_know(request: Request, control_token: str | None) -> bool:
    """Whether the client of a path that is open to everybody may know more than everybody.

    It may with the control token, and on this machine without it: health checks have none.
    """
    here = not any(check(request) for check in (*_ON_THIS_MACHINE, _is_no_other_site))
    return here or (control_token is not None and _knows(control_token)(request) is None)


def refusals_of(method: str, control_token: str | None) -> tuple[HTTPStatus, ...]:
    """The statuses that a request by this method may be refused with, whatever it is about."""
    who = HTTPStatus.MISDIRECTED_REQUEST if control_token is None else HTTPStatus.UNAUTHORIZED
    kind = () if method.upper() in _READS else (HTTPStatus.UNSUPPORTED_MEDIA_TYPE,)
    return (who, HTTPStatus.FORBIDDEN, HTTPStatus.LENGTH_REQUIRED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, *kind)


def _is_from_here(request: Request) -> Refusal | None:
    """A client without an address came through a socket file or a test client."""
    address = request.remote_addr
    return None if not address or _is_loopback(address) else Refusal(HTTPStatus.FORBIDDEN, ONLY_LOOPBACK)


def _names_this_machine(request: Request) -> Refusal | None:
    """Only a name and a port count: `localhost:80@example.com` names nobody."""
    found = _HOST.fullmatch(request.environ.get("HTTP_HOST", ""))
    name = (found[1] or found[2] or "") if found else ""
    good = name.lower() == "localhost" or _is_loopback(name)
    return None if good else Refusal(HTTPStatus.MISDIRECTED_REQUEST, WRONG_HOST)


def _knows(control_token: str) -> Check:
    def check(request: Request) -> Refusal | None:
        given = request.headers.get("Authorization", "").encode("latin-1")
        right = compare_digest(given, f"Bearer {control_token}".encode())
        return None if right else Refusal(HTTPStatus.UNAUTHORIZED, WRONG_TOKEN)

    return check


def _is_no_other_site(request: Request) -> Refusal | None:
    """`Origin` names the site that sends the request; `null` hides it. `Sec-Fetch-Site` is sent with reads too."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    host = request.environ.get("HTTP_HOST", "")
    own = origin is None or origin.lower() in {f"http://{host}".lower(), f"https://{host}".lower()}
    return None if own and site in {"none", "same-origin"} else Refusal(HTTPStatus.FORBIDDEN, OTHER_SITE)


def _is_json(request: Request) -> Refusal | None:
    """What an HTML form can send is not JSON. A write without a body needs no type."""
    silent = not request.content_length and "Content-Type" not in request.headers
    if request.method in _READS or silent or request.mimetype == "application/json":
        return None
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, NOT_JSON)


def _has_a_bounded_body(request: Request) -> Refusal | None:
    """The server in front hands on only what was announced, so a body in chunks would be lost in silence."""
    if "Transfer-Encoding" in request.headers:
        return Refusal(HTTPStatus.LENGTH_REQUIRED, UNANNOUNCED)
    if (request.content_length or 0) > MAX_BODY:
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)
    return None


_ON_THIS_MACHINE: tuple[Check, ...] = (_is_from_here, _names_this_machine)


def _is_loopback(address: str) -> bool:
    try:
        client = ip_address(address)
    except ValueError:
        return False
    return (getattr(client, "ipv4_mapped", None) or client).is_loopback
