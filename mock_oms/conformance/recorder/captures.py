"""Old captures: a plan, a list, what a refusal says, and archives of requests (HAR) with such answers in them."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from mock_oms.conformance.recorder.allowed import (
    DROPPED,
    PLAN_RULE,
    Rule,
    RuleWalk,
    date,
    each,
    fields_of,
    free,
    json_text,
    keep_if,
    known,
    left_out,
    list_of,
    pseudonym,
    unknown,
)
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.contract.wording import is_sentence
from mock_oms.scenarios.captured_files import CaptureError, archived_text

_HOST = "https://oms.example.com"
#: The words of the vendor's paths.
_PATH = frozenset({"", "api", "v1", "i1", "oms", "orderexecutionplans", "auth", "login"})
PARAMETERS = {"page": r"\d{1,7}|last", "limit": r"\d{1,6}", "page_size": r"\d{1,6}", "format": r"json|api|"}

#: The headers that tell of programs: some say a number, the others these words with commas or semicolons between them.
_NUMBERS = {"content-length": r"\d{1,7}", "retry-after": r"\d{1,6}"}
_HEADERS = (
    "accept accept-encoding allow cache-control connection content-encoding content-type cross-origin-opener-policy "
    "referrer-policy transfer-encoding vary x-content-type-options x-frame-options"
)
_WORDS = r"""
    application/(?:json|xml|octet-stream|x-www-form-urlencoded|problem\+json) text/(?:html|plain|css) \*/\* \*
    charset="?(?:utf-8|UTF-8|us-ascii|iso-8859-9)"? q=[01](?:\.\d{1,3})? gzip deflate br zstd identity chunked
    GET HEAD OPTIONS POST PUT PATCH DELETE keep-alive Keep-Alive close DENY SAMEORIGIN nosniff
    no-cache no-store no-transform private public must-revalidate (?:s-maxage|max-age)=(?:31536000|\d{1,7})
    [Aa]ccept(?:-[Ee]ncoding|-[Ll]anguage)? [Cc]ookie [Oo]rigin [Aa]uthorization
    same-origin(?:-allow-popups)? unsafe-none no-referrer(?:-when-downgrade)? unsafe-url
    (?:strict-)?origin(?:-when-cross-origin)?
"""
_WORD = f"(?:{'|'.join(_WORDS.split())})"
_FORMS = _NUMBERS | dict.fromkeys(_HEADERS.split(), f"{_WORD}(?:[,;] ?{_WORD})*")


def header(name: str) -> str | None:
    """The form of what a header says that tells of programs; None for any other header."""
    return _FORMS.get(name.lower())


def named(form_of: Callable[[str], str | None], name: str, value: str, walk: RuleWalk) -> tuple[str, str]:
    """A name and its value: the name stays if it has a form, and the value if it has that form."""
    form, text = form_of(name), walk.pseudonyms.text
    if form is None:
        return text(name), text(value)
    return name, value if re.fullmatch(form, value, re.ASCII) else text(value)


def _pair(form_of: Callable[[str], str | None], value: Any, walk: RuleWalk, path: str) -> Any:
    """A header or a parameter of an archive, an object with `name` and `value`, without its comment."""
    name, text = (value.get("name"), value.get("value")) if isinstance(value, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(text, str):
        return unknown(value, walk, path)
    return dict(zip(("name", "value"), named(form_of, name, text, walk), strict=True))


def address(value: Any, walk: RuleWalk, path: str) -> Any:
    """An address with another host, the known words of its path, its page, and pseudonyms of all else.

    What a part of the path says decides, not how an address writes that.
    """
    if not isinstance(value, str):
        return unknown(value, walk, path)
    try:
        parts = urlsplit(value)
    except ValueError:
        return walk.pseudonyms.text(value)
    way = "/".join(
        one if one in _PATH else quote(walk.pseudonyms.text(unquote(one, errors="surrogateescape")), safe="@+")
        for one in parts.path.split("/")
    )
    pairs = [named(PARAMETERS.get, name, text, walk) for name, text in parse_qsl(parts.query, keep_blank_values=True)]
    host = _HOST if parts.netloc or parts.scheme else ""
    return f"{host}{way}{'?' if pairs else ''}{urlencode(pairs)}"


def _archived(**fields: Rule) -> Rule:
    """An object of an archive; what programs add to it, under names that begin with `_` (HAR 1.2), is left out."""

    def archived(value: Any, walk: RuleWalk, path: str) -> Any:
        if isinstance(value, dict):
            value = {key: one for key, one in value.items() if not key.startswith("_")}
        return fields_of(fields, value, walk, path)

    return archived


_FIGURE = partial(keep_if, r"-?\d{1,7}(?:\.\d{1,9})?")


def _detail(value: Any, walk: RuleWalk, path: str) -> Any:
    """What a refusal says: the framework's own sentences stay, all else is a text."""
    return value if isinstance(value, str) and is_sentence(value) else pseudonym(value, walk, path)


_PAGE: Mapping[str, Rule] = {"count": _FIGURE, **each(address, "next previous"), "results": partial(list_of, PLAN_RULE)}


def _answer(value: Any, walk: RuleWalk, path: str) -> Any:
    """The JSON of an answer, by a key that it has: a page, a refusal, else plans."""
    if isinstance(value, dict) and "results" in value:
        return fields_of(_PAGE, value, walk, path)
    if isinstance(value, dict) and "detail" in value:
        return fields_of({"detail": _detail}, value, walk, path)
    return list_of(PLAN_RULE, value, walk, path, instead=PLAN_RULE)


def _media_type(value: Any, walk: RuleWalk, path: str) -> Any:
    return named(header, "content-type", value, walk)[1] if isinstance(value, str) else unknown(value, walk, path)


_MESSAGE: Mapping[str, Rule] = {
    "httpVersion": known("HTTP/1.0 HTTP/1.1 HTTP/2 HTTP/2.0 HTTP/3 HTTP/3.0 http/1.0 http/1.1 http/2.0 http/3.0 h2 h3"),
    "cookies": free,
    "headers": partial(list_of, partial(_pair, header)),
    **each(_FIGURE, "headersSize bodySize"),
    "comment": pseudonym,
}
_REQUEST = _archived(
    method=known("GET HEAD OPTIONS POST PUT PATCH DELETE"),
    url=address,
    queryString=partial(list_of, partial(_pair, PARAMETERS.get)),
    postData=free,
    **_MESSAGE,
)
_CONTENT = _archived(
    **each(_FIGURE, "size compression"),
    mimeType=_media_type,
    text=partial(json_text, _answer, instead=pseudonym),
    comment=pseudonym,
)
_PHRASES = {str(one.value): one.phrase for one in HTTPStatus}


def _content(value: Any, walk: RuleWalk, path: str) -> Any:
    """The body of an answer, read where it is in base64."""
    if isinstance(value, dict) and value.get("encoding") == "base64":
        try:
            text = archived_text(value)
        except CaptureError:
            return unknown(value, walk, path)
        value = {key: one for key, one in value.items() if key != "encoding"} | {"text": text}
    return _CONTENT(value, walk, path)


def _response(value: Any, walk: RuleWalk, path: str) -> Any:
    """An answer with the phrase of RFC 9110, whatever the server wrote there; with none for an unknown status."""
    if isinstance(value, dict) and "statusText" in value:
        value = value | {"statusText": _PHRASES.get(str(value.get("status")), "")}
    return _RESPONSE(value, walk, path)


_RESPONSE = _archived(
    status=partial(keep_if, r"\d{1,3}"),
    statusText=partial(keep_if, "[A-Za-z' -]*"),
    content=_content,
    redirectURL=address,
    **_MESSAGE,
)
_ENTRY = _archived(
    startedDateTime=date,
    time=_FIGURE,
    request=_REQUEST,
    response=_response,
    cache=free,
    timings=_archived(**each(_FIGURE, "blocked dns connect ssl send wait receive")),
    **each(pseudonym, "serverIPAddress connection pageref comment"),
)
_LOG = _archived(
    version=_FIGURE,
    **each(left_out, "creator browser"),
    pages=free,
    entries=partial(list_of, _ENTRY),
    comment=pseudonym,
)


def scrubbed_capture(found: Any, walk: RuleWalk) -> Any:
    """A capture with pseudonyms in it; null where nothing is left of it.

    :raises RecordingError: it is none of the kinds that are known; an `UnknownFieldError`: it has unknown fields.
    """
    if isinstance(found, dict) and isinstance(found.get("log"), dict):
        rule: Rule = partial(fields_of, {"log": _LOG})
    elif isinstance(found, list) or (isinstance(found, dict) and found.keys() & {"results", "state", "detail"}):
        rule = _answer
    else:
        raise RecordingError("The file holds neither a plan, a list of plans nor an archive of requests (HAR).")
    left = rule(found, walk, "")
    walk.stop()
    return None if left is DROPPED else left
