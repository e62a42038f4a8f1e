"""Hints about requests that are refused whatever they ask for: hosts, sizes, formats and methods."""

from mock_oms.journal.hints.facts import Facts, shown
from mock_oms.journal.hints.paths import LOGIN
from mock_oms.journal.hints.rules import Rules, always, met, where
from mock_oms.journal.queries import length
from mock_oms.operations import Operation

_MAX_BODY = 2_621_440
_MAX_READ = 65_536
_MAX_FIELDS = 1_000
_MAX_REDIRECT = 16_384


def _is_a_page(facts: Facts) -> bool:
    """Whether a 400 comes from Django, whose answers are pages, and not from the login behind it."""
    logs_in = facts.operation is Operation.LOGIN and facts.method.upper() == "POST"
    return not logs_in or facts.answer.lstrip().startswith(b"<")


_PAGES: Rules = (
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

_METHODS: Rules = (
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

_FORMATS: Rules = (
    (
        lambda facts: facts.operation and facts.format not in {"", "json"},
        lambda facts: f"The format {shown(facts.format)} was asked for by suffix or format=; only json is there.",
    ),
)

REQUESTS: Rules = (
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
