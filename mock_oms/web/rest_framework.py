"""What Django REST framework would answer: negotiation, authentication, refusals, metadata, and its JSON."""

import json
from collections.abc import Collection, Sequence
from typing import Literal

from mock_oms import wording
from mock_oms.web.django import VIEW_HEADERS
from mock_oms.web.exchange import Answer, Headers, Refused, detail
from mock_oms.web.media_types import accepted_json

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
