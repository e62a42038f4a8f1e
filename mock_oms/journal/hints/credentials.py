"""Hints about credentials that were refused (401); none of them repeats a token that is not public."""

import re

from mock_oms.journal.hints.facts import Facts, shown
from mock_oms.journal.hints.rules import Rules, always, met, where

_KEYWORDS = frozenset({"token", "bearer"})
_ACCEPTED: dict[str, tuple[str, ...]] = {"token": ("Token",), "bearer": ("Bearer",), "both": ("Token", "Bearer")}
#: Schemes of others that may be named; any other first word may be a secret.
_FOREIGN = frozenset({"basic", "digest", "jwt", "apikey", "api-key", "negotiate", "oauth", "key"})
_GLUED = re.compile(r"(token|bearer)\W+", re.IGNORECASE)
_ELSEWHERE = ("x-api-key", "api-key", "x-auth-token", "x-authorization", "token", "api_key", "access_token", "key")
_QUOTES = "\"'`,;"
_PLACEHOLDER = re.compile(
    r"[<{$%\[(].*|none|null|nil|undefined|true|false|nan|x+|(your|my)[-_]?token|token|bearer|changeme", re.IGNORECASE
)


def _accepted(facts: Facts) -> tuple[str, ...]:
    return _ACCEPTED.get(facts.answers.auth, ("Token",))


def _scheme(facts: Facts) -> str:
    return facts.words[0].lower()


def _send(facts: Facts) -> str:
    return f"send Authorization: {_accepted(facts)[0]} and the token"


def _has_accepted_scheme(facts: Facts) -> bool:
    return _scheme(facts) in {word.lower() for word in _accepted(facts)}


def _misplaced(facts: Facts) -> list[str]:
    """Where else credentials stand, by names that hold no secret."""
    return [name for name in _ELSEWHERE if name in facts.headers or name in facts.parameters]


_ONE_WORD: Rules = (
    (
        lambda facts: _scheme(facts) in _KEYWORDS,
        lambda facts: f"After {shown(facts.words[0])} no token follows: probably a variable is empty.",
    ),
    (
        lambda facts: _GLUED.match(facts.words[0]) or _scheme(facts).startswith(tuple(_KEYWORDS)),
        lambda facts: f"Between scheme and token stands no blank; {_send(facts)}, a blank between them.",
    ),
    (
        always,
        lambda facts: f"Authorization holds one word, so that either scheme or token is missing; {_send(facts)}.",
    ),
)

_OTHER_SCHEME: Rules = (
    (
        lambda facts: _scheme(facts) in _KEYWORDS,
        lambda facts: (
            f"{shown(facts.words[0])} was sent, but this world takes {_accepted(facts)[0]} "
            f"(its switch auth is {facts.answers.auth}); {_send(facts)}."
        ),
    ),
    (
        lambda facts: _GLUED.fullmatch(facts.words[0]),
        lambda facts: (
            f"After the scheme stands a sign that does not belong there; {_send(facts)}, a blank between them."
        ),
    ),
    (
        lambda facts: _scheme(facts) in _FOREIGN,
        lambda facts: f"The scheme {shown(facts.words[0])} is not the vendor's; {_send(facts)}.",
    ),
    (always, lambda facts: f"Authorization begins with no scheme that is known here; {_send(facts)}."),
)

_BLANKS: Rules = (
    (
        lambda facts: facts.words[1].lower() in _KEYWORDS,
        lambda facts: f"The scheme stands twice in Authorization; {_send(facts)} once.",
    ),
    (always, "The token has a blank in it: a token is one word, probably something was pasted behind it."),
)

_UNKNOWN_TOKEN: Rules = (
    (
        lambda facts: not facts.token.isascii(),
        "The token has letters beyond ASCII in it, which no token of the mock has.",
    ),
    (
        lambda facts: facts.token.strip(_QUOTES) != facts.token,
        "The token has quotes, a comma or a semicolon around it: send it bare.",
    ),
    (
        lambda facts: _PLACEHOLDER.fullmatch(facts.token),
        "Where the token belongs stands a placeholder: probably a variable was never filled in.",
    ),
    (
        lambda facts: facts.token in facts.worlds,
        lambda facts: f"{shown(facts.token)} is the name of a world, not its token; GET /_mock/worlds shows the token.",
    ),
    (
        lambda facts: facts.token.lower().startswith("fail-"),
        "No magic token is written like this: they are in lower case, such as fail-429 and fail-inactive.",
    ),
    (
        always,
        "No world has this token: its world was closed or has expired, or it is the token of another server.",
    ),
)

CREDENTIALS: Rules = where(
    met(401),
    (
        (
            lambda facts: not facts.words and _misplaced(facts),
            lambda facts: f"Credentials are read in Authorization only, not in {_misplaced(facts)[0]}; {_send(facts)}.",
        ),
        (
            lambda facts: "authorization" not in facts.headers,
            lambda facts: f"No Authorization header was sent; {_send(facts)}.",
        ),
        (lambda facts: not facts.words, lambda facts: f"The Authorization header is empty; {_send(facts)}."),
        *where(lambda facts: len(facts.words) == 1, _ONE_WORD),
        *where(lambda facts: not _has_accepted_scheme(facts), _OTHER_SCHEME),
        *where(lambda facts: len(facts.words) > 2, _BLANKS),  # noqa: PLR2004  scheme and token
        *where(lambda facts: not facts.known_token, _UNKNOWN_TOKEN),
    ),
)
