"""What Django REST framework would answer: negotiation, authentication, pages of the list, refusals, metadata, its JSON."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from mock_oms.api.django import VIEW_HEADERS, absolute_url, accepted_json, query_parameters
from mock_oms.api.exchange import Answer, Call, Headers, ReadableWorld, Refused, detail
from mock_oms.contract import wording
from mock_oms.contract.wording import INVALID_PAGE
from mock_oms.switches import Switches

Auth = Literal["token", "bearer", "both", "off"]

RENDERS = ("application/json",)
PARSES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")

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
        raise Refused(406, detail(wording.NOT_ACCEPTABLE))
    return media_type


def presented_token(words: Sequence[bytes]) -> str | None:
    """The token of an `Authorization` header under any keyword: it names the world, which says what it accepts."""
    if len(words) != 2 or words[0].lower() not in _COMPARED["both"]:  # noqa: PLR2004 - keyword and token
        return None
    return _text(words[1])


def check_credentials(words: Sequence[bytes], auth: Auth) -> None:
    """Refuse (401) an `Authorization` header, split at blanks, that does not even carry a token."""
    fault = _fault(words, _COMPARED[auth]) if auth != "off" else None
    if fault:
        raise unauthenticated(fault, auth)


def _fault(words: Sequence[bytes], keywords: Collection[bytes]) -> str | None:
    if not words or words[0].lower() not in keywords:
        return wording.NOT_PROVIDED
    by_length = {1: wording.NO_CREDENTIALS, 2: None if _text(words[-1]) else wording.INVALID_CHARACTERS}
    return by_length.get(len(words), wording.SPACES)


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def unauthenticated(text: str, auth: Auth) -> Refused:
    """A 401, which names the scheme to use."""
    return Refused(401, detail(text), tuple(("WWW-Authenticate", keyword) for keyword in KEYWORDS[auth][:1]))


def throttled(seconds: int) -> Refused:
    """A 429 that says in how many seconds to come back."""
    return Refused(429, detail(wording.wait(seconds)), (("Retry-After", str(seconds)),))


def not_found(text: str = wording.NOT_FOUND) -> Refused:
    """A 404 of the framework, in JSON (Django's own is a page)."""
    return Refused(404, detail(text))


def check_method(method: str, allowed: Collection[str]) -> None:
    """Refuse (405) a method that the view does not have."""
    if method not in allowed:
        raise Refused(405, detail(wording.not_allowed(method)))


def plan_id(text: str) -> int:
    """The id in a path, by the rules of Python's own `int`: signs, zeros, underscores, blanks, digits of any script."""
    try:
        return int(text)
    except ValueError:
        raise not_found() from None


def metadata(name: str) -> bytes:
    """The answer to OPTIONS."""
    return compact({"name": name, "description": "", "renders": RENDERS, "parses": PARSES})


def compact(data: object) -> bytes:
    """JSON as the framework writes it: no blanks, letters as they are."""
    return _escaped(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def indented(body: bytes, indent: int) -> bytes:
    """A compact body, spread over lines."""
    return _escaped(json.dumps(json.loads(body), ensure_ascii=False, indent=indent, separators=(",", ": ")))


def _escaped(text: str) -> bytes:
    # The framework keeps its JSON a subset of JavaScript, where these two would end a line.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def rendered(body: bytes, *, allow: str, indent: int | None, status: int = 200, extra: Headers = ()) -> Answer:
    """An answer of a view, with all headers that it leaves Django with."""
    if indent:
        body = indented(body, indent)
    headers = (
        ("Content-Type", "application/json"),
        ("Allow", allow),
        *extra,
        ("Content-Length", str(len(body))),
        *VIEW_HEADERS,
    )
    return Answer(status=status, headers=headers, body=body)


_PAGE = "page"


def listed(call: Call, reading: ReadableWorld) -> bytes:
    """The list in the shape of the `list` switch: the page asked for in its envelope, or all plans as a bare array."""
    if reading.answers.list == "array":
        return _array(reading.page(1, max(1, reading.count)))
    return _envelope(call, query_parameters(call), reading)


def _envelope(call: Call, parameters: Mapping[str, str], reading: ReadableWorld) -> bytes:
    count, size = reading.count, page_size(parameters, reading.answers)
    pages = max(1, -(-count // size))
    number = page_number(parameters.get(_PAGE), pages)
    following = link(absolute_url(call), number + 1) if number < pages else None
    previous = link(absolute_url(call), number - 1) if number > 1 else None
    head = f'{{"count":{count},"next":{json.dumps(following)},"previous":{json.dumps(previous)},"results":'
    return b"%s%s}" % (head.encode(), _array(reading.page(number, size)))


def _array(rows: list[bytes]) -> bytes:
    return b"[%s]" % b",".join(rows)


def page_size(parameters: Mapping[str, str], answers: Switches) -> int:
    """The size asked for, at most the maximum; the default where it is missing or no positive integer."""
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
        raise not_found(INVALID_PAGE) from None
    if not 1 <= number <= pages:
        raise not_found(INVALID_PAGE)
    return number


def link(url: str, number: int) -> str:
    """The address of another page: parameters sorted by name, `page` left out for the first."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    query.pop(_PAGE, None)
    if number > 1:
        query[_PAGE] = [str(number)]
    return urlunsplit(parts._replace(query=urlencode(sorted(query.items()), doseq=True)))
