"""Hints about paths that lead nowhere, and about hosts, sizes, formats and methods that are refused."""

import re
from collections.abc import Callable
from difflib import get_close_matches

from mock_oms.traffic.hints.facts import HintFacts, HintRules, always, met, shown, where
from mock_oms.traffic.journal.entry import length
from mock_oms.urls import Operation

LIST = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"

_WORD = "orderexecutionplans"
#: Words by which people look for a route, letters and digits only.
_SOUGHT = {
    **dict.fromkeys((_WORD, "executionplans", "orderplans", "orderexecution", "plans"), LIST),
    **dict.fromkeys(("login", "signin", "auth", "logout"), LOGIN),
    "oms": LIST,
}
_ALIKE = 0.8
_LONGEST_WORD, _MOST_WORDS = 60, 12
_VERSIONED = re.compile(r"/+api/+(v1|i1)/", re.IGNORECASE)


def _segments(facts: HintFacts) -> list[str]:
    """The path's words, as many and as much of them as a route could have: the rest is not worth a search."""
    return [segment[:_LONGEST_WORD] for segment in facts.text.split("/") if segment][:_MOST_WORDS]


def _plain(segment: str) -> str:
    return re.sub("[^a-z0-9]", "", segment.lower().partition(".")[0])


def _target(segment: str) -> str | None:
    close = get_close_matches(_plain(segment), _SOUGHT, n=1, cutoff=_ALIKE)
    return _SOUGHT[close[0]] if close else None


def meant(facts: HintFacts) -> str | None:
    """The path that was probably meant: found by the words in it, the last ones first."""
    segments = _segments(facts)
    for at in reversed(range(len(segments))):
        target = _target(segments[at])
        if target:
            return target + _id("".join(segments[at + 1 : at + 2])) if target == LIST else target
    return None


def _id(segment: str) -> str:
    found = re.match("[0-9]{1,18}(?![0-9A-Za-z])", segment)
    return f"{found[0]}/" if found else ""


def _plan_words(facts: HintFacts) -> list[str]:
    """The segments that are meant to name the route of plans."""
    return [segment for segment in _segments(facts) if _target(segment) == LIST and _plain(segment) != "oms"]


def _version(facts: HintFacts) -> str:
    found = re.match("/+(?:api/+)?([a-z][0-9]+)(?:/|$)", facts.text, re.IGNORECASE)
    return found[1].lower() if found else ""


#: What can be wrong with a path, and the clause that says so; all that apply are said.
_SLIPS: tuple[tuple[Callable[[HintFacts], object], str], ...] = (
    (lambda facts: "//" in facts.text, "it has two slashes in a row"),
    (lambda facts: re.search(r"\s", facts.text), "it has a blank or a line break in it"),
    (lambda facts: not re.match("/+api(/|$)", facts.text, re.IGNORECASE), "it begins with /api/v1/"),
    (lambda facts: _version(facts) not in {"", "v1", "i1"}, "the version is v1"),
    (
        lambda facts: re.match("/+api/", facts.text, re.IGNORECASE) and not _version(facts),
        "the version v1 stands after /api/",
    ),
    (lambda facts: _version(facts) == "i1" and _plan_words(facts), "under i1 there is only the login"),
    (
        lambda facts: (
            _plan_words(facts) and _VERSIONED.match(facts.text) and "oms" not in facts.text.lower().split("/")
        ),
        "oms stands before orderexecutionplans",
    ),
    (
        lambda facts: any(re.search("[-_]", word.partition(".")[0]) for word in _plan_words(facts)),
        "orderexecutionplans is one word without hyphens",
    ),
    (
        lambda facts: any(_plain(word) == _WORD[:-1] for word in _plan_words(facts)),
        "orderexecutionplans is written in the plural",
    ),
    (lambda facts: facts.text != facts.text.lower(), "capital letters are other letters"),
    (lambda facts: "." in facts.text, "it has a dot in it that begins no format"),
    (lambda facts: re.search("/[0-9]+/+[^/]+", facts.text), "a plan has no addresses below its own"),
    (lambda facts: not facts.text.endswith("/"), "the final slash is missing"),
)


def _nowhere(facts: HintFacts) -> str:
    slips = ", ".join(clause for applies, clause in _SLIPS if applies(facts))
    return f"{shown(facts.path)} leads nowhere{f': {slips}' if slips else ''}; probably meant: {meant(facts)}"


_NOWHERE: HintRules = (
    (
        lambda facts: re.match("/_+[a-z]*mo?c?k?", facts.text),
        lambda facts: f"{shown(facts.path)} leads nowhere; the control API of the mock is under /_mock/.",
    ),
    (meant, _nowhere),
    (
        always,
        lambda facts: f"{shown(facts.path)} leads nowhere; the vendor's routes here are {LIST}, {LIST}ID/ and {LOGIN}",
    ),
)

_REDIRECTED: HintRules = (
    (
        lambda facts: facts.method.upper() in {"GET", "HEAD", "OPTIONS"},
        lambda facts: (
            f"The final slash is missing: ask for {shown(facts.path)}/ at once, the redirect costs a request."
        ),
    ),
    (
        always,
        lambda facts: (
            f"The final slash is missing: send {facts.method.upper()} to {shown(facts.path)}/ at once, "
            "for most clients follow the redirect with GET and without the body."
        ),
    ),
)

PATH_HINTS: HintRules = (
    *where(met(404), where(lambda facts: facts.operation is None, _NOWHERE)),
    *where(met(301), _REDIRECTED),
)


_MAX_BODY = 2_621_440
_MAX_READ = 65_536
_MAX_FIELDS = 1_000
_MAX_REDIRECT = 16_384


def _is_a_page(facts: HintFacts) -> bool:
    """Whether a 400 comes from Django, whose answers are pages, and not from the login behind it."""
    logs_in = facts.operation is Operation.LOGIN and facts.method.upper() == "POST"
    return not logs_in or facts.answer.lstrip().startswith(b"<")


_PAGES: HintRules = (
    (
        lambda facts: facts.query.count("&") >= _MAX_FIELDS,
        f"The query has more than {_MAX_FIELDS} parameters, which Django refuses.",
    ),
    (
        # Quoting makes three letters of one at most, and only the quoted address is measured by Django.
        lambda facts: not facts.path.endswith("/") and len(facts.path + facts.query) > _MAX_REDIRECT // 3,
        "The address has no final slash and is too long for the redirect that would add it.",
    ),
    (
        lambda facts: length(facts.headers.get("content-length", "")) > _MAX_BODY,
        f"The body is longer than the {_MAX_BODY} bytes that Django reads.",
    ),
    (
        lambda facts: facts.body.count(b"&") >= _MAX_FIELDS,
        f"The form has more than {_MAX_FIELDS} fields, which Django refuses.",
    ),
    (
        always,
        lambda facts: (
            f"Most likely the Host header is at fault: {shown(facts.headers.get('host', ''))!r} was sent; "
            "accepted: a name or an address, with a port or without."
        ),
    ),
)

_METHODS: HintRules = (
    (
        lambda facts: facts.operation is Operation.LOGIN and facts.method.upper() in {"GET", "HEAD"},
        f"The login takes POST; a POST without the final slash of {LOGIN} arrives as GET by the redirect.",
    ),
    (
        lambda facts: facts.operation is Operation.LOGIN,
        lambda facts: f"The login takes POST, not {shown(facts.method.upper())}.",
    ),
    (
        always,
        lambda facts: (
            f"Plans are read-only here, {shown(facts.method.upper())} is refused: "
            "they change by commands and events of the control API under /_mock/."
        ),
    ),
)

_FORMATS: HintRules = (
    (
        lambda facts: facts.operation and facts.format not in {"", "json"},
        lambda facts: f"The format {shown(facts.format)} was asked for by suffix or format=; only json is there.",
    ),
)

REQUEST_HINTS: HintRules = (
    (
        met(408),
        "The body did not arrive in time: Content-Length announces more than was sent.",
    ),
    (
        met(413),
        f"The body is longer than the {_MAX_READ} bytes that the mock reads, as a gateway would refuse it.",
    ),
    *where(met(400), where(_is_a_page, _PAGES)),
    *where(met(404), _FORMATS),
    (
        met(406),
        lambda facts: (
            f"Accept: {shown(facts.headers.get('accept', ''))} does not admit application/json; "
            "send application/json, */* or no Accept."
        ),
    ),
    *where(met(405), _METHODS),
)
