"""Hints about refused credentials (401) and logins; none of them repeats a token that is not public."""

import json
import re

from mock_oms.traffic.hints.facts import HintFacts, HintRules, HintWords, always, shown, status_is, where
from mock_oms.traffic.hints.plans import no_parameters
from mock_oms.traffic.journal.entry import parameters
from mock_oms.urls import Operation

_SCHEMES = frozenset({"token", "bearer"})
_ACCEPTED: dict[str, tuple[str, ...]] = {"bearer": ("Bearer",), "both": ("Token", "Bearer")}
#: Schemes of others that may be named; any other first word may be a secret.
_FOREIGN = frozenset({"basic", "digest", "jwt", "apikey", "api-key", "negotiate", "oauth", "key"})
_GLUED = re.compile(r"(token|bearer)\W+", re.IGNORECASE)
#: Where else people send credentials, by names that hold no secret.
_ELSEWHERE = ("x-api-key", "api-key", "x-auth-token", "x-authorization", "token", "api_key", "access_token", "key")
_SCHEME_AND_TOKEN = 2
_QUOTES = "\"'`,;"
_PLACEHOLDER = re.compile(
    r"[<{$%\[(].*|none|null|nil|undefined|true|false|nan|x+|(your|my)[-_]?token|token|bearer|changeme", re.IGNORECASE
)

_FIELDS = ("username", "password")
#: Bytes of a form in which names are looked for: a login is short.
_NAMED_WITHIN = 10_000
#: What people call the two fields; no other name is shown, for a body that is misread may have a secret for a name.
_MISNOMERS = frozenset({"email", "e-mail", "user", "login", "name", "user_name", "userid", "pass", "pwd", "passwd"})
_FORM = re.compile(rb"\s*[A-Za-z_.\[\]%-]+=")
_PART_NAME = re.compile(r'name="?([A-Za-z_. -]{1,40})"?')


def _accepted(facts: HintFacts) -> tuple[str, ...]:
    return _ACCEPTED.get(facts.answers.auth, ("Token",))


def _scheme(facts: HintFacts) -> str:
    return facts.words[0].lower()


def _elsewhere(facts: HintFacts) -> str | None:
    return next((name for name in _ELSEWHERE if name in facts.headers or name in facts.parameters), None)


def _content_type(facts: HintFacts) -> str:
    return facts.headers.get("content-type", "").lower()


def _fields(raw: bytes) -> list[str]:
    """The names in a JSON object; none where it is anything else."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return list(data) if isinstance(data, dict) else []


def _misnamed(facts: HintFacts) -> list[str]:
    """The names in the body, as far as anybody can tell, that people give to the two fields."""
    text = facts.body[:_NAMED_WITHIN].decode("utf-8", "replace")
    if "multipart" in _content_type(facts):
        names = _PART_NAME.findall(text)
    elif "urlencoded" in _content_type(facts):
        names = [name for name, _ in parameters(text)]
    else:
        names = _fields(facts.body)
    return [name for name in names if name not in _FIELDS and name.strip().lower() in _MISNOMERS | {*_FIELDS}]


def _refused(facts: HintFacts) -> str:
    """The fields that the answer finds fault with."""
    named = _fields(facts.answer)
    return " and ".join([name for name in _FIELDS if name in named] or _FIELDS)


CREDENTIAL_WORDS: HintWords = {
    "send": lambda f: f"send Authorization: {_accepted(f)[0]} and the token",
    "scheme": lambda f: shown(f.words[0]),
    "accepted": lambda f: _accepted(f)[0],
    "auth": lambda f: f.answers.auth,
    "elsewhere": _elsewhere,
    "token of a world": lambda f: shown(f.token),
    "misnamed": lambda f: ", ".join(map(shown, _misnamed(f))),
    "refused": _refused,
    "Refused": lambda f: _refused(f).capitalize(),
    "content type": lambda f: shown(_content_type(f)),
}

_ONE_WORD: HintRules = {
    "After {scheme} no token follows: probably a variable is empty.": lambda f: _scheme(f) in _SCHEMES,
    "Between scheme and token stands no blank; {send}, a blank between them.": lambda f: (
        _GLUED.match(f.words[0]) or _scheme(f).startswith(tuple(_SCHEMES))
    ),
    "Authorization holds one word, so that either scheme or token is missing; {send}.": always,
}

_OTHER_SCHEME: HintRules = {
    "{scheme} was sent, but this world takes {accepted} (its switch auth is {auth}); {send}.": lambda f: (
        _scheme(f) in _SCHEMES
    ),
    "After the scheme stands a sign that does not belong there; {send}, a blank between them.": lambda f: (
        _GLUED.fullmatch(f.words[0])
    ),
    "The scheme {scheme} is not the vendor's; {send}.": lambda f: _scheme(f) in _FOREIGN,
    "Authorization begins with no scheme that is known here; {send}.": always,
}

_BLANKS: HintRules = {
    "The scheme stands twice in Authorization; {send} once.": lambda f: f.words[1].lower() in _SCHEMES,
    "The token has a blank in it: a token is one word, probably something was pasted behind it.": always,
}

_UNKNOWN_TOKEN: HintRules = {
    "The token has letters beyond ASCII in it, which no token of the mock has.": lambda f: not f.token.isascii(),
    "The token has quotes, a comma or a semicolon around it: send it bare.": lambda f: (
        f.token.strip(_QUOTES) != f.token
    ),
    "Where the token belongs stands a placeholder: probably a variable was never filled in.": lambda f: (
        _PLACEHOLDER.fullmatch(f.token)
    ),
    "{token of a world} is the name of a world, not its token; GET /_mock/worlds shows the token.": lambda f: (
        f.token in f.worlds
    ),
    "No magic token is written like this: they are in lower case, such as fail-429 and fail-inactive.": lambda f: (
        f.token.lower().startswith("fail-")
    ),
    "No world has this token: its world was closed or has expired, or it is the token of another server.": always,
}

CREDENTIAL_HINTS: HintRules = where(
    status_is(401),
    {
        "Credentials are read in Authorization only, not in {elsewhere}; {send}.": lambda f: (
            not f.words and _elsewhere(f)
        ),
        "No Authorization header was sent; {send}.": lambda f: "authorization" not in f.headers,
        "The Authorization header is empty; {send}.": lambda f: not f.words,
        **where(lambda f: len(f.words) == 1, _ONE_WORD),
        **where(lambda f: _scheme(f) not in map(str.lower, _accepted(f)), _OTHER_SCHEME),
        **where(lambda f: len(f.words) > _SCHEME_AND_TOKEN, _BLANKS),
        **where(lambda f: not f.known_token, _UNKNOWN_TOKEN),
    },
)

_LOGIN_REFUSED: HintRules = {
    "The body is a form, but Content-Type says JSON; send JSON, or application/x-www-form-urlencoded.": lambda f: (
        _FORM.match(f.body) and b"JSON parse error" in f.answer
    ),
    "The body is JSON, but Content-Type says that it is a form; send application/json.": lambda f: (
        f.body.lstrip().startswith(b"{") and "form" in _content_type(f)
    ),
    "The body is not JSON; the answer says at which place the reading broke off.": lambda f: (
        b"JSON parse error" in f.answer
    ),
    "The parts of the form cannot be told apart: boundary in Content-Type must be the one in the body.": lambda f: (
        b"Multipart form parse error" in f.answer
    ),
    "The password is wrong: it is the setting password, mock-oms where nobody set it, for every user.": lambda f: (
        b"Unable to log in" in f.answer
    ),
    "{misnamed} is not read: the fields are username and password.": _misnamed,
    "username and password stand in the query; the login reads them in the body only.": lambda f: (
        {*_FIELDS} & {*f.parameters}
    ),
    "The body is empty: send JSON with username and password.": lambda f: not f.body.strip(),
    "The body is JSON, but no object: send an object with username and password.": lambda f: (
        b"non_field_errors" in f.answer
    ),
    "The body says nothing under {refused}: send JSON with username and password.": lambda f: b"required" in f.answer,
    "{Refused} must be text that is not blank, without control signs.": always,
}

LOGIN_HINTS: HintRules = where(
    lambda f: f.operation is Operation.LOGIN,
    {
        **where(
            status_is(415),
            {
                "The body has no Content-Type; send Content-Type: application/json.": lambda f: not _content_type(f),
                "Content-Type {content type} is none that the vendor reads; use application/json.": always,
            },
        ),
        **where(status_is(400), _LOGIN_REFUSED),
        **where(
            status_is(200), {"The login reads its body only: {parameters} in the query did nothing.": no_parameters}
        ),
    },
)
