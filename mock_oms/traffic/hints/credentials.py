"""Hints about refused credentials (401) and logins (400); none of them repeats a token that is not public."""

import json
import re

from mock_oms.traffic.hints.facts import HintFacts, HintRules, always, met, shown, where
from mock_oms.traffic.hints.plans import ignored, listed
from mock_oms.traffic.journal.entry import parameters
from mock_oms.urls import Operation

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


def _accepted(facts: HintFacts) -> tuple[str, ...]:
    return _ACCEPTED.get(facts.answers.auth, ("Token",))


def _scheme(facts: HintFacts) -> str:
    return facts.words[0].lower()


def _send(facts: HintFacts) -> str:
    return f"send Authorization: {_accepted(facts)[0]} and the token"


def _has_accepted_scheme(facts: HintFacts) -> bool:
    return _scheme(facts) in {word.lower() for word in _accepted(facts)}


def _misplaced(facts: HintFacts) -> list[str]:
    """Where else credentials stand, by names that hold no secret."""
    return [name for name in _ELSEWHERE if name in facts.headers or name in facts.parameters]


_ONE_WORD: HintRules = (
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

_OTHER_SCHEME: HintRules = (
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

_BLANKS: HintRules = (
    (
        lambda facts: facts.words[1].lower() in _KEYWORDS,
        lambda facts: f"The scheme stands twice in Authorization; {_send(facts)} once.",
    ),
    (always, "The token has a blank in it: a token is one word, probably something was pasted behind it."),
)

_UNKNOWN_TOKEN: HintRules = (
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

CREDENTIAL_HINTS: HintRules = where(
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


_FIELDS = ("username", "password")
#: Bytes of a form in which names are looked for: a login is short.
_NAMED_WITHIN = 10_000
#: What people call the two fields; no other name is shown, for a body that is misread may have a secret for a name.
_MISNOMERS = frozenset({"email", "e-mail", "user", "login", "name", "user_name", "userid", "pass", "pwd", "passwd"})
_FORM = re.compile(rb"\s*[A-Za-z_.\[\]%-]+=")
_PART_NAME = re.compile(r'name="?([A-Za-z_. -]{1,40})"?')


def _names(facts: HintFacts) -> list[str]:
    """The names of the fields in the body, as far as anybody can tell."""
    text = facts.body[:_NAMED_WITHIN].decode("utf-8", "replace")
    if "multipart" in _content_type(facts):
        return _PART_NAME.findall(text)
    if "urlencoded" in _content_type(facts):
        return [name for name, _ in parameters(text)]
    data = _json(facts.body)
    return [str(name) for name in data] if isinstance(data, dict) else []


def _json(raw: bytes) -> object:
    try:
        data: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return data


def _content_type(facts: HintFacts) -> str:
    return facts.headers.get("content-type", "").lower()


def _misnamed(facts: HintFacts) -> list[str]:
    names = [name for name in _names(facts) if name not in _FIELDS]
    return [name for name in names if name.strip().lower() in _MISNOMERS | {*_FIELDS}]


def _refused(facts: HintFacts) -> str:
    """The fields that the answer finds fault with."""
    data = _json(facts.answer)
    names = [name for name in _FIELDS if isinstance(data, dict) and name in data]
    return " and ".join(names or _FIELDS)


_UNREADABLE: HintRules = (
    (
        lambda facts: _FORM.match(facts.body) and b"JSON parse error" in facts.answer,
        "The body is a form, but Content-Type says JSON; send JSON, or application/x-www-form-urlencoded.",
    ),
    (
        lambda facts: facts.body.lstrip().startswith(b"{") and "form" in _content_type(facts),
        "The body is JSON, but Content-Type says that it is a form; send application/json.",
    ),
    (
        lambda facts: b"JSON parse error" in facts.answer,
        "The body is not JSON; the answer says at which place the reading broke off.",
    ),
    (
        lambda facts: b"Unsupported charset" in facts.answer,
        "Content-Type names a charset that no text is in; use utf-8.",
    ),
    (
        lambda facts: b"Multipart form parse error" in facts.answer,
        "The parts of the form cannot be told apart: boundary in Content-Type must be the one in the body.",
    ),
)

_UNSUITABLE: HintRules = (
    (
        lambda facts: b"Unable to log in" in facts.answer,
        "The password is wrong: it is the setting password, mock-oms where nobody set it, for every user.",
    ),
    (
        _misnamed,
        lambda facts: (
            f"{', '.join(shown(name) for name in _misnamed(facts))} is not read: the fields are username and password."
        ),
    ),
    (
        lambda facts: {*_FIELDS} & {*facts.parameters},
        "username and password stand in the query; the login reads them in the body only.",
    ),
    (lambda facts: not facts.body.strip(), "The body is empty: send JSON with username and password."),
    (
        lambda facts: b"non_field_errors" in facts.answer,
        "The body is JSON, but no object: send an object with username and password.",
    ),
    (
        lambda facts: b"required" in facts.answer,
        lambda facts: f"The body says nothing under {_refused(facts)}: send JSON with username and password.",
    ),
    (always, lambda facts: f"{_refused(facts).capitalize()} must be text that is not blank, without control signs."),
)

_UNREAD_TYPE: HintRules = (
    (
        lambda facts: not _content_type(facts),
        "The body has no Content-Type; send Content-Type: application/json.",
    ),
    (
        always,
        lambda facts: (
            f"Content-Type {shown(_content_type(facts))} is none that the vendor reads; use application/json."
        ),
    ),
)

_LOGGED_IN: HintRules = (
    (
        lambda facts: ignored(facts, ()),
        lambda facts: f"The login reads its body only: {listed(ignored(facts, ()))} in the query did nothing.",
    ),
)

LOGIN_HINTS: HintRules = where(
    lambda facts: facts.operation is Operation.LOGIN,
    (
        *where(met(415), _UNREAD_TYPE),
        *where(met(400), (*_UNREADABLE, *_UNSUITABLE)),
        *where(met(200), _LOGGED_IN),
    ),
)
