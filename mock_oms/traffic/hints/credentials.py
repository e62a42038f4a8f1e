"""Hints about refused credentials (401) and logins; none of them repeats a token that is not public."""

import json
import re
from collections.abc import Iterator

from mock_oms.traffic.hints.facts import SCHEME_AND_TOKEN, HintFacts, listed, shown
from mock_oms.traffic.journal.entry import parameters
from mock_oms.urls import Operation

_UNAUTHORIZED = 401
_SCHEMES = frozenset({"token", "bearer"})
_ACCEPTED: dict[str, tuple[str, ...]] = {"bearer": ("Bearer",), "both": ("Token", "Bearer")}
#: Schemes of others that may be named; any other first word may be a secret.
_FOREIGN = frozenset({"basic", "digest", "jwt", "apikey", "api-key", "negotiate", "oauth", "key"})
_GLUED = re.compile(r"(token|bearer)\W+", re.IGNORECASE)
#: Where else people send credentials, by names that hold no secret.
_ELSEWHERE = ("x-api-key", "api-key", "x-auth-token", "x-authorization", "token", "api_key", "access_token", "key")
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


def credential_hints(f: HintFacts) -> Iterator[str]:
    """What is wrong with the credentials of a 401."""
    if f.status != _UNAUTHORIZED:
        return
    accepted = _ACCEPTED.get(f.answers.auth, ("Token",))
    send = f"send Authorization: {accepted[0]} and the token"
    elsewhere = next((name for name in _ELSEWHERE if name in f.headers or name in f.parameters), None)
    if f.authorizations > 1:
        yield f"Authorization was sent {f.authorizations} times, which are read as one with commas between; {send}, once."
    elif not f.words and elsewhere:
        yield f"Credentials are read in Authorization only, not in {elsewhere}; {send}."
    elif "access-control-request-method" in f.headers:
        yield "A browser asks whether a page may ask, without Authorization; serve --cors ORIGIN answers it."
    elif "authorization" not in f.headers:
        yield f"No Authorization header was sent; {send}."
    elif not f.words:
        yield f"The Authorization header is empty; {send}."
    elif len(f.words) == 1:
        yield from _one_word(f.words[0], send)
    elif f.words[0].lower() not in map(str.lower, accepted):
        yield from _other_scheme(f, accepted[0], send)
    elif len(f.words) > SCHEME_AND_TOKEN:
        if f.words[1].lower() in _SCHEMES:
            yield f"The scheme stands twice in Authorization; {send} once."
        yield "The token has a blank in it: a token is one word, probably something was pasted behind it."
    elif not f.known_token:
        yield from _unknown_token(f)


def _one_word(word: str, send: str) -> Iterator[str]:
    if word.lower() in _SCHEMES:
        yield f"After {shown(word)} no token follows: probably a variable is empty."
    if _GLUED.match(word) or word.lower().startswith(tuple(_SCHEMES)):
        yield f"There is no blank between scheme and token; {send}, a blank between them."
    yield f"Authorization holds one word, so that either scheme or token is missing; {send}."


def _other_scheme(f: HintFacts, accepted: str, send: str) -> Iterator[str]:
    scheme = f.words[0]
    if scheme.lower() in _SCHEMES:
        switch = f"its switch auth is {f.answers.auth}"
        yield f"{shown(scheme)} was sent, but this world takes {accepted} ({switch}); {send}."
    if _GLUED.fullmatch(scheme):
        yield f"After the scheme stands a sign that does not belong there; {send}, a blank between them."
    if scheme.lower() in _FOREIGN:
        yield f"The scheme {shown(scheme)} is not the vendor's; {send}."
    yield f"Authorization begins with no scheme that is known here; {send}."


def _unknown_token(f: HintFacts) -> Iterator[str]:
    if not f.token.isascii():
        yield "The token has letters beyond ASCII in it, which no token of the mock has."
    if f.token.strip(_QUOTES) != f.token:
        yield "The token has quotes, a comma or a semicolon around it: send it bare."
    if _PLACEHOLDER.fullmatch(f.token):
        yield "Where the token belongs stands a placeholder: probably a variable was never filled in."
    if f.token in f.worlds:
        yield f"{shown(f.token)} is the name of a world, not its token; GET /_mock/worlds shows the token."
    if f.token.lower().startswith("fail-"):
        if any(map(str.isupper, f.token)):
            yield "No magic token is written like this: they are in lower case, such as fail-429 and fail-inactive."
        yield "There is no such magic token; there are fail-inactive, fail-slow, fail-403, fail-429, fail-500, fail-502 and fail-503."
    yield "No world has this token: its world was closed or has expired, or it is the token of another server."


def login_hints(f: HintFacts) -> Iterator[str]:
    """Why a login is refused, and what it ignores."""
    content_type = f.headers.get("content-type", "").lower()
    match f.status if f.operation is Operation.LOGIN else None:
        case 415 if not content_type:
            yield "The body has no Content-Type; send Content-Type: application/json."
        case 415:
            yield f"Content-Type {shown(content_type)} is no type that the vendor reads; use application/json."
        case 400:
            yield from _login_refused(f, content_type)
        case 200:
            names = [name for name in f.parameters if name != "format"]
            if names:
                yield f"The login reads its body only: {listed(names)} in the query did nothing."


def _login_refused(f: HintFacts, content_type: str) -> Iterator[str]:
    if _FORM.match(f.body) and b"JSON parse error" in f.answer:
        yield "The body is a form, but Content-Type says JSON; send JSON, or application/x-www-form-urlencoded."
    if f.body.lstrip().startswith(b"{") and "form" in content_type:
        yield "The body is JSON, but Content-Type says that it is a form; send application/json."
    if b"JSON parse error" in f.answer:
        yield "The body is not JSON; the answer says at which place the reading broke off."
    if b"Multipart form parse error" in f.answer:
        yield "The parts of the form cannot be told apart: boundary in Content-Type must be the one in the body."
    if b"Unable to log in" in f.answer:
        yield "The password is wrong: it is the setting password, mock-oms where nobody set it, for every user."
    if misnamed := _misnamed(f.body, content_type):
        yield f"{', '.join(map(shown, misnamed))} is not read: the fields are username and password."
    if {*_FIELDS} & {*f.parameters}:
        yield "username and password stand in the query; the login reads them in the body only."
    if not f.body.strip():
        yield "The body is empty: send JSON with username and password."
    if b"non_field_errors" in f.answer:
        yield "The body is JSON, but no object: send an object with username and password."
    named = _fields(f.answer)
    refused = " and ".join([name for name in _FIELDS if name in named] or _FIELDS)
    if b"required" in f.answer:
        yield f"The body says nothing under {refused}: send JSON with username and password."
    yield f"{refused.capitalize()} must be text that is not blank, without control characters."


def _misnamed(body: bytes, content_type: str) -> list[str]:
    """The names in the body, as far as anybody can tell, that people give to the two fields."""
    text = body[:_NAMED_WITHIN].decode("utf-8", "replace")
    if "multipart" in content_type:
        names = _PART_NAME.findall(text)
    elif "urlencoded" in content_type:
        names = [name for name, _ in parameters(text)]
    else:
        names = _fields(body)
    return [name for name in names if name not in _FIELDS and name.strip().lower() in _MISNOMERS | {*_FIELDS}]


def _fields(raw: bytes) -> list[str]:
    """The names in a JSON object; none where it is anything else."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return list(data) if isinstance(data, dict) else []
