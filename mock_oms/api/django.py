"""What Django itself does around the framework: hosts, addresses, query strings, redirects, pages and headers."""

import codecs
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote

from mock_oms.api.exchange import Answer, Call, Headers, Interrupted
from mock_oms.api.media_types import parameters_of

#: Sent by the outermost middleware, so on everything, also on what another middleware answers.
SECURITY_HEADERS: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
#: Sent on everything that comes from a view or from the router.
VIEW_HEADERS: Headers = (("X-Frame-Options", "DENY"), *SECURITY_HEADERS)

MAX_BODY = 2_621_440
_MAX_FIELDS = 1_000
_MAX_REDIRECT = 16_384
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


NOT_FOUND = _page(404, "Not Found", "The requested resource was not found on this server.")
BAD_REQUEST = _page(400, "Bad Request (400)")
SERVER_ERROR = _page(500, "Server Error (500)")
#: The same page, from the middleware that looks at the host and adds slashes: the inner ones never see it.
_BAD_REQUEST_EARLY = _page(400, "Bad Request (400)", headers=SECURITY_HEADERS)


def check_host(host: str) -> None:
    """Interrupt a call whose `Host` cannot be one."""
    if not _HOST.fullmatch(host.lower()):
        raise Interrupted(_BAD_REQUEST_EARLY)


def unresolved(call: Call, resolves: Callable[[str], object]) -> Answer:
    """The answer where no view has this path: a redirect if a final slash would help, else the 404 page."""
    if not call.path.endswith("/") and resolves(f"{call.path}/"):
        return _redirect(f"{quoted_path(call.full_path)}/{quoted_query(call.query)}")
    return NOT_FOUND


def _redirect(location: str) -> Answer:
    if len(location) > _MAX_REDIRECT:
        return _BAD_REQUEST_EARLY
    headers = (_HTML, ("Location", location), ("Content-Length", "0"), *SECURITY_HEADERS)
    return Answer(status=301, headers=headers, body=b"")


def quoted_path(path: str) -> str:
    """A decoded path as it stands in a URL."""
    return quote(path, safe="/:@&+$,-_.!~*'()")


def quoted_query(query: str) -> str:
    """A raw query string as it stands in a URL, with its question mark; empty where there is none."""
    return "?" + quote(query, safe="/#%[]=:;$&()+,!?*@'~") if query else ""


def absolute_url(call: Call) -> str:
    """The address that was asked for, as the caller's own `Host` names it."""
    return f"{call.scheme}://{call.host}{quoted_path(call.full_path)}{quoted_query(call.query)}"


def charset_of(content_type: str) -> str:
    """The charset that a `Content-Type` names, if Python knows it. Django reads the query string with it as well."""
    charset = parameters_of(content_type).get("charset", "utf-8") if ";" in content_type else "utf-8"
    try:
        codecs.lookup(charset)
    except LookupError:
        return "utf-8"
    return charset


def form_fields(raw: bytes, charset: str) -> dict[str, str]:
    """The fields of a query string or of a form; of repeated ones the last wins."""
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, encoding=charset, max_num_fields=_MAX_FIELDS))
    except ValueError as too_many:
        raise Interrupted(BAD_REQUEST) from too_many


def query_parameters(call: Call) -> dict[str, str]:
    """The query parameters of a call; of repeated ones the last wins."""
    return form_fields(call.query.encode("latin-1"), charset_of(call.content_type)) if call.query else {}
