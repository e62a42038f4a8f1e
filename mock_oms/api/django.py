"""What Django itself does around the framework: hosts, addresses, query strings, redirects, pages and headers."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import parse_qsl, quote

from mock_oms.api.exchange import Answer, Call, Headers, ServerError
from mock_oms.contract.wording import DJANGO_MAX_FIELDS, DJANGO_MAX_REDIRECT

_JSON = "application/json"
#: The bounds within which the framework looks at an `Accept` header at all.
_MAX_HEADER, _MAX_RANGES, _MAX_RANGE = 8_192, 64, 256


def split_header(line: str) -> tuple[str, dict[str, str]]:
    """A header value as its lower-case main part and its parameters; ValueError where one names a foreign charset."""
    if ";" not in line:
        return line.strip().lower(), {}
    message = Message()
    message["content-type"] = line
    (main, _), *rest = message.get_params(failobj=[(line, "")])
    return main.lower(), {name: _plain(value) for name, value in rest if name}


def _plain(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, str):
        return value
    try:
        codecs.lookup(value[0] or "ascii")
    except LookupError as unknown:
        raise ValueError(f"{value[0]!r} is no charset that a parameter can be in.") from unknown
    return collapse_rfc2231_value(value)


def parameters_of(line: str) -> dict[str, str]:
    """The parameters of a header value."""
    return split_header(line)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRange:
    """One range of an `Accept` header, or the one media type of a `Content-Type`."""

    text: str
    main: str
    sub: str
    parameters: dict[str, str]

    @property
    def precedence(self) -> int:
        """From 0 (`*/*`) to 3 (type, subtype and parameters); `q` alone is no parameter, and else has no effect."""
        if self.main == "*":
            return 0
        if self.sub == "*":
            return 1
        return 2 if list(self.parameters) in ([], ["q"]) else 3

    def takes(self, media_type: str) -> bool:
        """Whether this range allows a plain media type such as `application/json`."""
        main, _, sub = media_type.partition("/")
        return self.main in {"*", main} and self.sub in {"*", sub}

    @property
    def accepted(self) -> str:
        """The media type to answer with: the caller's own words, or JSON with his parameters for a wildcard."""
        if self.precedence >= 2:  # noqa: PLR2004 - as specific as the renderer itself
            return self.text
        return ";".join((_JSON, *(f"{name}={value}" for name, value in self.parameters.items())))


def media_range(text: str) -> MediaRange:
    """Read one range; what cannot be read becomes a range that allows nothing."""
    try:
        full, parameters = split_header(text)
    except ValueError:
        full, parameters = "", {}
    main, _, sub = full.partition("/")
    return MediaRange(text=text, main=main, sub=sub, parameters=parameters)


def accepted_json(accept: str | None) -> str | None:
    """The JSON media type that this `Accept` header agrees to, or None where it agrees to none."""
    if accept in {None, "*/*", _JSON}:
        return _JSON
    ranges = sorted(map(media_range, _ranges(accept or "")), key=lambda each: -each.precedence)
    return next((each.accepted for each in ranges if each.takes(_JSON)), None)


def _ranges(header: str) -> list[str]:
    if len(header) > _MAX_HEADER:
        header = header[: header.rfind(",", 0, _MAX_HEADER) + 1]
    texts = (text.strip() for text in header.split(","))
    return [text for text in texts if 0 < len(text) <= _MAX_RANGE][:_MAX_RANGES]


def indent_of(media_type: str) -> int | None:
    """The indentation asked for by `indent=`, at most 8; None (0 as well) for compact JSON."""
    if ";" not in media_type:
        return None
    try:
        return max(min(int(parameters_of(media_type)["indent"]), 8), 0) or None
    except (KeyError, ValueError):
        return None


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


NOT_FOUND = _page(404, "Not Found", "The requested resource was not found on this server.")
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
    if not call.path.endswith("/") and resolves(f"{call.path}/"):
        return _redirect(f"{quoted_path(call.full_path)}/{quoted_query(call.query)}")
    return NOT_FOUND


def _redirect(location: str) -> Answer:
    if len(location) > DJANGO_MAX_REDIRECT:
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
        return dict(parse_qsl(text, keep_blank_values=True, encoding=charset, max_num_fields=DJANGO_MAX_FIELDS))
    except ValueError as too_many:
        raise ServerError(BAD_REQUEST) from too_many


def query_parameters(call: Call) -> dict[str, str]:
    """The query parameters of a call; of repeated ones the last wins."""
    return form_fields(call.query.encode("latin-1"), charset_of(call.content_type)) if call.query else {}
