"""Hints about what the mock was told to do, about paths that lead nowhere, and about refused hosts, sizes, formats, methods."""

import re
from collections.abc import Callable

from mock_oms.contract.wording import DJANGO_MAX_BODY, DJANGO_MAX_FIELDS, DJANGO_MAX_REDIRECT, GATEWAY_MAX_BODY
from mock_oms.text import nearest
from mock_oms.traffic.hints.facts import HintFacts, HintRules, HintWords, always, reads, shown, status_is, where
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
_SCHEME_AND_TOKEN = 2
_ERRORS = 400


def _is_of_the_fault(facts: HintFacts) -> bool:
    """Whether the fault made this answer; a mere delay comes with answers that have reasons of their own."""
    made_by_it = (f"status {facts.status}", "body ", "shape ", "connection ")
    return facts.fault is not None and (facts.status is None or facts.fault.startswith(made_by_it))


def _is_magic(facts: HintFacts) -> bool:
    found = _MAGIC.fullmatch(facts.token) if len(facts.words) == _SCHEME_AND_TOKEN else None
    return found is not None and str(facts.status) == found[1].replace("inactive", "401")


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
    (lambda f: not re.match("/+api(/|$)", f.text, re.IGNORECASE), "it begins with /api/v1/"),
    (lambda f: _version(f) not in {"", "v1", "i1"}, "the version is v1"),
    (lambda f: re.match("/+api/", f.text, re.IGNORECASE) and not _version(f), "the version v1 stands after /api/"),
    (lambda f: _version(f) == "i1" and _plan_words(f), "under i1 there is only the login"),
    (
        lambda f: _plan_words(f) and _VERSIONED.match(f.text) and "oms" not in f.text.lower().split("/"),
        "oms stands before orderexecutionplans",
    ),
    (
        lambda f: any(re.search("[-_]", word.partition(".")[0]) for word in _plan_words(f)),
        "orderexecutionplans is one word without hyphens",
    ),
    (
        lambda f: any(_plain(word) == _WORD[:-1] for word in _plan_words(f)),
        "orderexecutionplans is written in the plural",
    ),
    (lambda f: f.text != f.text.lower(), "capital letters are other letters"),
    (lambda f: "." in f.text, "it has a dot in it that begins no format"),
    (lambda f: re.search("/[0-9]+/+[^/]+", f.text), "a plan has no addresses below its own"),
    (lambda f: not f.text.endswith("/"), "the final slash is missing"),
)


def _slips(facts: HintFacts) -> str:
    slips = ", ".join(clause for applies, clause in _SLIPS if applies(facts))
    return f": {slips}" if slips else ""


def _is_a_page(facts: HintFacts) -> bool:
    """Whether a 400 comes from Django, whose answers are pages, and not from the login behind it."""
    logs_in = facts.operation is Operation.LOGIN and facts.method.upper() == "POST"
    return not logs_in or facts.answer.lstrip().startswith(b"<")


REQUEST_WORDS: HintWords = {
    "fault": lambda f: f"{'a fault' if f.fault_id is None else f'fault {f.fault_id}'}, {f.fault}",
    "origin": lambda f: f.fault_origin,
    "limit": lambda f: f.limit,
    "magic token": lambda f: f.token,
    "status": lambda f: f.status,
    "path": lambda f: shown(f.path),
    "slips": _slips,
    "meant": _meant,
    "method": lambda f: f.method.upper(),
    "shown method": lambda f: shown(f.method.upper()),
    "host": lambda f: repr(shown(f.headers.get("host", ""))),
    "format": lambda f: shown(f.format),
    "accept": lambda f: shown(f.headers.get("accept", "")),
}

FAULT_HINTS: HintRules = {
    "This is {fault}, of {origin}.": _is_of_the_fault,
    **where(status_is(401), {"The token is no longer valid ({limit}): log in again to renew it.": lambda f: f.limit}),
    **where(status_is(429), {"This is {limit}: wait as long as Retry-After says.": lambda f: f.limit}),
    "The token {magic token} is a magic one of the mock: it always meets {status}.": _is_magic,
}

_NOWHERE: HintRules = {
    "{path} leads nowhere; the control API of the mock is under /_mock/.": lambda f: re.match(
        "/_+[a-z]*mo?c?k?", f.text
    ),
    "{path} leads nowhere{slips}; probably meant: {meant}": _meant,
    f"{{path}} leads nowhere; the vendor's routes here are {_LIST}, {_LIST}ID/ and {_LOGIN}": always,
}

_NO_SLASH: HintRules = {
    "The final slash is missing: ask for {path}/ at once, the redirect costs a request.": lambda f: (
        reads(f) or f.method.upper() == "OPTIONS"
    ),
    (
        "The final slash is missing: send {method} to {path}/ at once, "
        "for most clients follow the redirect with GET and without the body."
    ): always,
}

_PAGES: HintRules = {
    f"The query has more than {DJANGO_MAX_FIELDS} parameters, which Django refuses.": lambda f: (
        f.query.count("&") >= DJANGO_MAX_FIELDS
    ),
    # Quoting makes three letters of one at most, and only the quoted address is measured by Django.
    "The address has no final slash and is too long for the redirect that would add it.": lambda f: (
        not f.path.endswith("/") and len(f.path + f.query) > DJANGO_MAX_REDIRECT // 3
    ),
    f"The body is longer than the {DJANGO_MAX_BODY} bytes that Django reads.": lambda f: (
        length(f.headers.get("content-length", "")) > DJANGO_MAX_BODY
    ),
    f"The form has more than {DJANGO_MAX_FIELDS} fields, which Django refuses.": lambda f: (
        f.body.count(b"&") >= DJANGO_MAX_FIELDS
    ),
    (
        "Most likely the Host header is at fault: {host} was sent; "
        "accepted: a name or an address, with a port or without."
    ): always,
}

_METHODS: HintRules = {
    f"The login takes POST; a POST without the final slash of {_LOGIN} arrives as GET by the redirect.": lambda f: (
        f.operation is Operation.LOGIN and reads(f)
    ),
    "The login takes POST, not {shown method}.": lambda f: f.operation is Operation.LOGIN,
    (
        "Plans are read-only here, {shown method} is refused: "
        "they change by commands and events of the control API under /_mock/."
    ): always,
}

REQUEST_HINTS: HintRules = {
    **where(status_is(404), where(lambda f: f.operation is None, _NOWHERE)),
    **where(status_is(301), _NO_SLASH),
    "The body did not arrive in time: Content-Length announces more than was sent.": status_is(408),
    f"The body is longer than the {GATEWAY_MAX_BODY} bytes that the mock reads, as a gateway would refuse it.": status_is(
        413
    ),
    **where(status_is(400), where(_is_a_page, _PAGES)),
    **where(
        status_is(404),
        {
            "The format {format} was asked for by suffix or format=; only json is there.": lambda f: (
                f.operation and f.format not in {"", "json"}
            )
        },
    ),
    "Accept: {accept} does not admit application/json; send application/json, */* or no Accept.": status_is(406),
    **where(status_is(405), _METHODS),
}

UNEXPLAINED_HINTS: HintRules = {
    "No fault was met: this is an error of mock-oms itself, and its log has the traceback.": status_is(500),
    "A limit of this world was reached: wait as long as Retry-After says.": status_is(429),
    "Nothing in the request says why it met {status}; look at the answer's body.": lambda f: (
        f.status is not None and f.status >= _ERRORS
    ),
}
