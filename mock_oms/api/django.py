"""What Django itself does around the framework: hosts, addresses, query strings, redirects, pages and headers."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote

from werkzeug.http import parse_options_header

from mock_oms.api.exchange import Answer, Call, Headers, ServerError
from mock_oms.contract.wording import DJANGO_MAX_FIELDS, DJANGO_MAX_REDIRECT

#: Sent by the outermost middleware, so on everything, also on what another middleware answers.
SECURITY_HEADERS: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
#: Sent on everything that comes from a view or from the router.
VIEW_HEADERS: Headers = (("X-Frame-Options", "DENY"), *SECURITY_HEADERS)

_HTML = ("Content-Type", "text/html; charset=utf-8")

_PAGE = """
<!doctype html>
<html lang="en">
<head>
  <title>{title}</title>
</head>
<body>
  <h1>{title}</h1><p>{details}</p>
</body>
</html>
"""

# Django refuses an underscore in a host name; compose files are full of them, so here it is let through.
_HOST = re.compile(r"(?!\.(?::|$))(?:[a-z0-9._-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::[0-9]+)?")


def _page(status: int, title: str, details: str = "", headers: Headers = VIEW_HEADERS) -> Answer:
    body = _PAGE.format(title=title, details=details).encode()
    return Answer(status=status, headers=(_HTML, ("Content-Length", str(len(body))), *headers), body=body)


_NOWHERE = "The requested resource was not found on this server."
NOT_FOUND = _page(404, "Not Found", _NOWHERE)
#: What a browser shows that opens the address of the mock, where no path of the vendor's is known: the one page with a word of ours.
NOT_FOUND_AT_ROOT = _page(
    404, "Not Found", f'{_NOWHERE}</p><p>This is mock_oms. For people: <a href="_mock/">its dashboard</a>.'
)
BAD_REQUEST = _page(400, "Bad Request (400)")
SERVER_ERROR = _page(500, "Server Error (500)")
#: The same page, from the middleware that looks at the host and adds slashes: the inner ones never see it.
_BAD_REQUEST_EARLY = _page(400, "Bad Request (400)", headers=SECURITY_HEADERS)


def check_host(host: str) -> None:
    """Interrupt a call whose `Host` cannot be one."""
    if not _HOST.fullmatch(host.lower()):
        raise ServerError(_BAD_REQUEST_EARLY)


def unresolved(call: Call, resolves: Callable[[str], object]) -> Answer:
    """The answer where no view has this path: a redirect if a final slash would help, else the 404 page."""
    if call.path == "/" and "text/html" in (call.accept or ""):
        return NOT_FOUND_AT_ROOT
    if call.path.endswith("/") or not resolves(f"{call.path}/"):
        return NOT_FOUND
    location = f"{_quoted_path(call)}/{_quoted_query(call)}"
    if len(location) > DJANGO_MAX_REDIRECT:
        return _BAD_REQUEST_EARLY
    headers = (_HTML, ("Location", location), ("Content-Length", "0"), *SECURITY_HEADERS)
    return Answer(status=301, headers=headers, body=b"")


def absolute_url(call: Call) -> str:
    """The address of the request, as the caller's own `Host` names it."""
    return f"{call.scheme}://{call.host}{_quoted_path(call)}{_quoted_query(call)}"


def _quoted_path(call: Call) -> str:
    return quote(call.full_path, safe="/:@&+$,-_.!~*'()")


def _quoted_query(call: Call) -> str:
    return "?" + quote(call.query, safe="/#%[]=:;$&()+,!?*@'~") if call.query else ""


def query_parameters(call: Call) -> dict[str, str]:
    """The query parameters of a call; of repeated ones the last wins."""
    return form_fields(call.query.encode("latin-1")) if call.query else {}


def form_fields(raw: bytes) -> dict[str, str]:
    """The fields of a query string or of a form; of repeated ones the last wins."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=DJANGO_MAX_FIELDS))
    except ValueError as too_many:
        raise ServerError(BAD_REQUEST) from too_many


def media_type_of(header: str) -> tuple[str, dict[str, str]]:
    """A media type, or a range of an `Accept` header, in lower case, and its parameters."""
    full, parameters = parse_options_header(header)
    return full.lower(), parameters
