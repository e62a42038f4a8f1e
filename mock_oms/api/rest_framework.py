"""What Django REST framework would answer: negotiation, authentication, bodies, pages of the list, refusals, metadata, its JSON."""

import json
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from typing import Literal, NoReturn
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from werkzeug.formparser import MultiPartParser

from mock_oms.api.django import BAD_REQUEST, VIEW_HEADERS, absolute_url, form_fields, media_type_of, query_parameters
from mock_oms.api.exchange import Answer, Call, Headers, ReadableWorld, Refused, ServerError
from mock_oms.contract import wording
from mock_oms.switches import Switches
from mock_oms.text import framework_json

Auth = Literal["token", "bearer", "both", "off"]

_JSON = "application/json"
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

#: The keywords of each way to authenticate; the first one is announced in `WWW-Authenticate`.
KEYWORDS: dict[Auth, tuple[str, ...]] = {
    "token": ("Token",),
    "bearer": ("Bearer",),
    "both": ("Token", "Bearer"),
    "off": (),
}
#: The same as the framework compares them: octets, in lower case.
_COMPARED = {auth: frozenset(word.lower().encode() for word in words) for auth, words in KEYWORDS.items()}


def negotiated(accept: str | None, wanted_format: str | None) -> str:
    """The media type to answer with; refuses another format than JSON (404) and an `Accept` without JSON (406)."""
    if wanted_format and wanted_format != "json":
        raise not_found()
    media_type = accepted_json(accept)
    if media_type is None:
        raise Refused(406, wording.NOT_ACCEPTABLE)
    return media_type


def accepted_json(accept: str | None) -> str | None:
    """The JSON media type that this `Accept` header agrees to, with its parameters, or None where it agrees to none.

    The most specific range wins, of equals the first; the framework does not look at `q`.
    """
    if accept in {None, "*/*", _JSON}:
        return _JSON
    found: dict[int, str] = {}
    for text in map(str.strip, (accept or "").split(",")):
        full, parameters = media_type_of(text)
        main, _, sub = full.partition("/")
        if main in {"*", "application"} and sub in {"*", "json"}:
            precedence = 0 if main == "*" else 1 if sub == "*" else 2 if list(parameters) in ([], ["q"]) else 3
            said = ";".join((_JSON, *(f"{name}={value}" for name, value in parameters.items())))
            found.setdefault(precedence, text if precedence > 1 else said)
    return found[max(found)] if found else None


def indent_of(media_type: str) -> int | None:
    """The indentation that `indent=` names, at most 8; None (0 as well) for compact JSON."""
    if ";" not in media_type:
        return None
    try:
        return max(min(int(media_type_of(media_type)[1]["indent"]), 8), 0) or None
    except (KeyError, ValueError):
        return None


def parsed(call: Call) -> object:
    """The body of a call as data; refuses (400, 415) what the framework cannot read. No body is an empty form.

    Bodies are UTF-8, whatever charset their type names.
    """
    if call.content_length == 0:
        return {}
    if call.content_length > wording.DJANGO_MAX_BODY:
        raise ServerError(BAD_REQUEST)
    kind, parameters = media_type_of(call.content_type)
    # What `Content-Length` announces and no more, as Django does.
    body_length = max(0, call.content_length)
    if kind == _JSON:
        try:
            data: object = json.loads(call.stream.read(body_length).decode(), parse_constant=_no_number)
        except (ValueError, RecursionError) as broken:
            raise Refused(400, wording.broken_json(broken)) from broken
        return data
    if kind == _FORM:
        return form_fields(call.stream.read(body_length))
    if kind != _MULTIPART:
        raise Refused(415, wording.unsupported_media(call.content_type))
    boundary = parameters.get("boundary")
    if not boundary:
        raise Refused(400, wording.broken_form(wording.no_boundary(boundary)))
    try:
        parser = MultiPartParser(stream_factory=lambda **_: BytesIO())  # type: ignore[arg-type]  # it takes any
        fields, files = parser.parse(call.stream, boundary.encode(), body_length)
    except ValueError:  # Django, too, takes no field from parts that it cannot tell apart
        return {}
    return {name: values[-1] for found in (fields, files) for name, values in found.lists()}


def _no_number(name: str) -> NoReturn:
    raise ValueError(wording.out_of_range(name))


def presented_token(words: Sequence[bytes]) -> str | None:
    """The token of an `Authorization` header under any keyword: it names the world, which says what it accepts."""
    if len(words) != 2 or words[0].lower() not in _COMPARED["both"]:  # noqa: PLR2004 - keyword and token
        return None
    try:
        return words[1].decode()
    except UnicodeDecodeError:
        return None


def check_credentials(words: Sequence[bytes], auth: Auth) -> None:
    """Refuse (401) an `Authorization` header, split at blanks, that does not even carry a token."""
    if auth == "off":
        return
    if not words or words[0].lower() not in _COMPARED[auth]:
        raise unauthenticated(wording.NOT_PROVIDED, auth)
    if len(words) != 2:  # noqa: PLR2004 - keyword and token
        raise unauthenticated(wording.SPACES if words[1:] else wording.NO_CREDENTIALS, auth)
    if not presented_token(words):
        raise unauthenticated(wording.INVALID_CHARACTERS, auth)


def unauthenticated(text: str, auth: Auth) -> Refused:
    """A 401, which names the scheme to use."""
    return Refused(401, text, tuple(("WWW-Authenticate", keyword) for keyword in KEYWORDS[auth][:1]))


def throttled(seconds: int) -> Refused:
    """A 429 that says in how many seconds to come back."""
    return Refused(429, wording.wait(seconds), (("Retry-After", str(seconds)),))


def not_found(text: str = wording.NOT_FOUND) -> Refused:
    """A 404 of the framework, in JSON (Django's own is a page)."""
    return Refused(404, text)


def check_method(method: str, allowed: Collection[str]) -> None:
    """Refuse (405) a method that the view does not have."""
    if method not in allowed:
        raise Refused(405, wording.not_allowed(method))


def plan_id(text: str) -> int:
    """The id in a path, by the rules of Python's own `int`: signs, zeros, underscores, blanks, digits of any script."""
    try:
        return int(text)
    except ValueError:
        raise not_found() from None


def metadata(name: str) -> bytes:
    """The answer to OPTIONS."""
    return framework_json({"name": name, "description": "", "renders": (_JSON,), "parses": (_JSON, _FORM, _MULTIPART)})


def rendered(body: bytes, *, allow: str, indent: int | None, status: int = 200, extra: Headers = ()) -> Answer:
    """An answer of a view, with all headers that it leaves Django with; an empty body has no type, as in the framework."""
    if indent and body:
        body = framework_json(json.loads(body), indent)
    kind = (("Content-Type", _JSON),) if body else ()
    headers = (*kind, ("Allow", allow), *extra, ("Content-Length", str(len(body))), *VIEW_HEADERS)
    return Answer(status=status, headers=headers, body=body)


def refused(refusal: Refused, answers: Switches, *, allow: str, indent: int | None = None) -> Answer:
    """The answer of a view that refuses; the switches say whether a 401 tells why."""
    is_empty = refusal.status == 401 and answers.unauthenticated == "empty"  # noqa: PLR2004
    body = b"" if is_empty else framework_json(refusal.data)
    return rendered(body, allow=allow, indent=indent, status=refusal.status, extra=refusal.headers)


def listed(call: Call, world: ReadableWorld) -> bytes:
    """The list in the shape of the `list` switch: the page that is wanted in its envelope, or all plans as a bare array."""
    if world.answers.list == "array":
        return b"[%s]" % b",".join(world.page(1, max(1, world.count)))
    parameters = query_parameters(call)
    count, size = world.count, page_size(parameters, world.answers)
    pages = max(1, -(-count // size))
    number = page_number(parameters.get("page"), pages)
    following = link(absolute_url(call), number + 1) if number < pages else None
    previous = link(absolute_url(call), number - 1) if number > 1 else None
    head = f'{{"count":{count},"next":{json.dumps(following)},"previous":{json.dumps(previous)},"results":'
    return b"%s[%s]}" % (head.encode(), b",".join(world.page(number, size)))


def page_size(parameters: Mapping[str, str], answers: Switches) -> int:
    """The size that the query names, at most the maximum; the default where it is missing or no positive integer."""
    try:
        size = int(parameters[answers.page_size_parameter])
    except (KeyError, ValueError):
        return answers.page_size
    return min(size, answers.max_page_size) if size > 0 else answers.page_size


def page_number(text: str | None, pages: int) -> int:
    """The number of a page that exists (`last` is one, nothing is the first); refuses (404) all others."""
    if text == "last":
        return pages
    try:
        number = int(text or 1)
    except ValueError:
        number = 0
    if not 1 <= number <= pages:
        raise not_found(wording.INVALID_PAGE)
    return number


def link(url: str, number: int) -> str:
    """The address of another page: parameters sorted by name, `page` left out for the first."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    query.pop("page", None)
    if number > 1:
        query["page"] = [str(number)]
    return urlunsplit(parts._replace(query=urlencode(sorted(query.items()), doseq=True)))
