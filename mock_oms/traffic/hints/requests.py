"""Hints about what the mock was set to do, about paths that lead nowhere, and about refused hosts, sizes, formats, methods."""

import re
from collections.abc import Callable, Iterator

from mock_oms.contract.wording import DJANGO_MAX_BODY, DJANGO_MAX_FIELDS, DJANGO_MAX_REDIRECT, GATEWAY_MAX_BODY
from mock_oms.text import nearest
from mock_oms.traffic.hints.facts import SCHEME_AND_TOKEN, HintFacts, reads, shown
from mock_oms.traffic.journal.entry import length
from mock_oms.urls import Operation

_LIST = "/api/v1/oms/orderexecutionplans/"
_LOGIN = "/api/v1/auth/login/"
_WORD = "orderexecutionplans"
#: Words by which people look for a route, letters and digits only.
_ROUTES = {
    **dict.fromkeys((_WORD, "executionplans", "orderplans", "orderexecution", "plans"), _LIST),
    **dict.fromkeys(("login", "signin", "auth", "logout"), _LOGIN),
    "oms": _LIST,
}
_ALIKE = 0.8
_LONGEST_WORD, _MOST_WORDS = 60, 12
_VERSIONED = re.compile(r"/+api/+(v1|i1)/", re.IGNORECASE)
_MAGIC = re.compile(r"fail-(inactive|[45][0-9]{2})")
_ERRORS = 400


def fault_hints(f: HintFacts) -> Iterator[str]:
    """Which fault, limit or magic token made this answer."""
    # A mere delay comes with answers that have reasons of their own.
    made_by_fault = (f"status {f.status}", "body ", "shape ", "connection ")
    if f.fault is not None and (f.status is None or f.fault.startswith(made_by_fault)):
        name = "a fault" if f.fault_id is None else f"fault {f.fault_id}"
        yield f"This is {name}, {f.fault}, of {f.fault_origin}."
    match f.status:
        case 401 if f.limit:
            yield f"The token is no longer valid ({f.limit}): log in again to renew it."
        case 429 if f.limit:
            yield f"This is {f.limit}: wait as long as Retry-After says."
    is_error = f.status is not None and f.status >= _ERRORS
    magic = _MAGIC.fullmatch(f.token) if is_error and len(f.words) == SCHEME_AND_TOKEN else None
    if magic and str(f.status) == magic[1].replace("inactive", "401"):
        yield f"The token {f.token} is a magic one of the mock: it always meets {f.status}."


def _segments(facts: HintFacts) -> list[str]:
    """The path's words, as many and as much of them as a route could have: the rest is not worth a search."""
    return [segment[:_LONGEST_WORD] for segment in facts.text.split("/") if segment][:_MOST_WORDS]


def _plain(segment: str) -> str:
    return re.sub("[^a-z0-9]", "", segment.lower().partition(".")[0])


def _route(segment: str) -> str | None:
    return _ROUTES.get(nearest(_plain(segment), _ROUTES, _ALIKE) or "")


def _meant(facts: HintFacts) -> str | None:
    """The path that was probably meant: found by the words in it, the last ones first."""
    segments = _segments(facts)
    for at, segment in reversed(list(enumerate(segments))):
        route = _route(segment)
        if route:
            pk = re.match("[0-9]{1,18}(?![0-9A-Za-z])", "".join(segments[at + 1 : at + 2]))
            return f"{route}{pk[0]}/" if pk and route == _LIST else route
    return None


def _plan_words(facts: HintFacts) -> list[str]:
    """The segments that are meant to name the route of plans."""
    return [segment for segment in _segments(facts) if _route(segment) == _LIST and _plain(segment) != "oms"]


def _version(facts: HintFacts) -> str:
    found = re.match("/+(?:api/+)?([a-z][0-9]+)(?:/|$)", facts.text, re.IGNORECASE)
    return found[1].lower() if found else ""


#: What can be wrong with a path, and the clause that says so; all that apply are said.
_SLIPS: tuple[tuple[Callable[[HintFacts], object], str], ...] = (
    (lambda f: "//" in f.text, "it has two slashes in a row"),
    (lambda f: re.search(r"\s", f.text), "it has a blank or a line break in it"),
    (lambda f: not re.match("/+api(/|$)", f.text, re.IGNORECASE), "it must begin with /api/v1/"),
    (lambda f: _version(f) not in {"", "v1", "i1"}, "the version must be v1"),
    (lambda f: re.match("/+api/", f.text, re.IGNORECASE) and not _version(f), "the version v1 must follow /api/"),
    (lambda f: _version(f) == "i1" and _plan_words(f), "under i1 there is only the login"),
    (
        lambda f: _plan_words(f) and _VERSIONED.match(f.text) and "oms" not in f.text.lower().split("/"),
        "oms must stand before orderexecutionplans",
    ),
    (
        lambda f: any(re.search("[-_]", word.partition(".")[0]) for word in _plan_words(f)),
        "orderexecutionplans is one word without hyphens",
    ),
    (
        lambda f: any(_plain(word) == _WORD[:-1] for word in _plan_words(f)),
        "orderexecutionplans is written in the plural",
    ),
    (lambda f: f.text != f.text.lower(), "paths are case-sensitive"),
    (lambda f: "." in f.text, "it has a dot in it that begins no format"),
    (lambda f: re.search("/[0-9]+/+[^/]+", f.text), "a plan has no addresses below its own"),
    (lambda f: not f.text.endswith("/"), "the final slash is missing"),
)


def request_hints(f: HintFacts) -> Iterator[str]:
    """What is wrong with an address, a method, a size, a format or a host."""
    match f.status:
        case 404 if f.operation is None:
            yield from _nowhere(f)
        case 404 if f.format not in {"", "json"}:
            yield f"The format {shown(f.format)} was asked for by suffix or format=; only json is there."
        case 301 if reads(f) or f.method.upper() == "OPTIONS":
            yield f"The final slash is missing: ask for {shown(f.path)}/ at once, the redirect costs a request."
        case 301:
            send = f"send {f.method.upper()} to {shown(f.path)}/ at once"
            why = "for most clients follow the redirect with GET and without the body"
            yield f"The final slash is missing: {send}, {why}."
        case 408:
            yield "The body did not arrive in time: Content-Length announces more than was sent."
        case 413:
            yield f"The body is longer than the {GATEWAY_MAX_BODY} bytes that the mock reads, as a gateway would refuse it."
        case 400:
            yield from _refused_by_django(f)
        case 406:
            accept = shown(f.headers.get("accept", ""))
            yield f"Accept: {accept} does not admit application/json; send application/json, */* or no Accept."
        case 405:
            yield from _wrong_method(f)


def _nowhere(f: HintFacts) -> Iterator[str]:
    path = shown(f.path)
    if re.match("/_+[a-z]*mo?c?k?", f.text):
        yield f"{path} leads nowhere; the control API of the mock is under /_mock/."
    if meant := _meant(f):
        slips = ", ".join(clause for applies, clause in _SLIPS if applies(f))
        yield f"{path} leads nowhere{f': {slips}' if slips else ''}; probably meant: {meant}"
    people = "; the page for people is /_mock/" if path == "/" else ""
    yield f"{path} leads nowhere; the vendor's routes here are {_LIST}, {_LIST}ID/ and {_LOGIN}{people}"


def _refused_by_django(f: HintFacts) -> Iterator[str]:
    """A 400 of Django, whose answers are pages; those of the login behind it are not."""
    logs_in = f.operation is Operation.LOGIN and f.method.upper() == "POST"
    if logs_in and not f.answer.lstrip().startswith(b"<"):
        return
    if f.query.count("&") >= DJANGO_MAX_FIELDS:
        yield f"The query has more than {DJANGO_MAX_FIELDS} parameters, which Django refuses."
    # Quoting makes three letters of one at most, and only the quoted address is measured by Django.
    if not f.path.endswith("/") and len(f.path + f.query) > DJANGO_MAX_REDIRECT // 3:
        yield "The address has no final slash and is too long for the redirect that would add it."
    if length(f.headers.get("content-length", "")) > DJANGO_MAX_BODY:
        yield f"The body is longer than the {DJANGO_MAX_BODY} bytes that Django reads."
    if f.body.count(b"&") >= DJANGO_MAX_FIELDS:
        yield f"The form has more than {DJANGO_MAX_FIELDS} fields, which Django refuses."
    sent = f"{shown(f.headers.get('host', ''))!r} was sent"
    yield f"Most likely the Host header is at fault: {sent}; accepted: a name or an address, with a port or without."


def _wrong_method(f: HintFacts) -> Iterator[str]:
    method = shown(f.method.upper())
    if f.operation is not Operation.LOGIN:
        why = "they change by commands and events of the control API under /_mock/"
        yield f"Plans are read-only here, {method} is refused: {why}."
    elif reads(f):
        yield f"The login takes POST; a POST without the final slash of {_LOGIN} arrives as GET by the redirect."
    else:
        yield f"The login takes POST, not {method}."


def unexplained_hints(f: HintFacts) -> Iterator[str]:
    """What is said of an error that nothing else explains."""
    match f.status:
        case 500:
            yield "No fault was met: this is an error of mock-oms itself, and its log has the traceback."
        case 429:
            yield "A limit of this world was reached: wait as long as Retry-After says."
        case int(status) if status >= _ERRORS:
            yield f"Nothing in the request says why it met {status}; look at the answer's body."
