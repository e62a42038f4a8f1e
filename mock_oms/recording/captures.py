"""Old captures: a plan, a list, what a refusal says, and archives of requests (HAR) with such answers in them."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mock_oms.recording.addresses import Address, Pair, parameter
from mock_oms.recording.allowed import PLAN
from mock_oms.recording.errors import RecordingError
from mock_oms.recording.headers import Typed, header
from mock_oms.recording.known import Gone, Known
from mock_oms.recording.rules import Dated, Each, Hashed, Kept, Named, Object, Rule, Walk, Written
from mock_oms.recording.scrubbing import applied
from mock_oms.recording.words import METHODS, VERSIONS
from mock_oms.wording import is_sentence

_TEXT, _DATE, _ADDRESS = Named(), Dated(), Address()
_FIGURE = Kept(re.compile(r"-?\d{1,7}(?:\.\d{1,9})?", re.ASCII))
_METHOD, _VERSION = Known(METHODS), Known(VERSIONS)
_TYPE = Typed()


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a refusal says: the framework's own sentences stay, all else is a free text."""

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The sentence, or another one."""
        known = isinstance(value, str) and is_sentence(value)
        return value if known else _TEXT.apply(value, walk, path)


_PAGE = Object({"count": _FIGURE, "next": _ADDRESS, "previous": _ADDRESS, "results": Each(PLAN)})
_REFUSAL = Object({"detail": Sentence()})
#: What an answer is, by a key that it has; without any it is taken for a plan.
_ANSWERS: tuple[tuple[str, Rule], ...] = (("results", _PAGE), ("detail", _REFUSAL), ("", Each(PLAN, else_=PLAN)))


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer of any kind."""

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The answer under the rule of its kind."""
        rule = next(rule for key, rule in _ANSWERS if not key or (isinstance(value, Mapping) and key in value))
        return rule.apply(value, walk, path)


@dataclass(frozen=True, slots=True)
class Content:
    """The body of an archived answer, which may be in base64."""

    rule: Object

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The content, its text readable."""
        if isinstance(value, dict) and value.get("encoding") == "base64":
            try:
                text = base64.b64decode(str(value.get("text", ""))).decode()
            except (binascii.Error, UnicodeDecodeError, ValueError):
                return walk.unknown_at(path, value)
            value = {key: one for key, one in value.items() if key != "encoding"} | {"text": text}
        return self.rule.apply(value, walk, path)


@dataclass(frozen=True, slots=True)
class Phrased:
    """An archived answer, whose `statusText` is the usual one of its status, whatever the server wrote there."""

    rule: Object

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The answer with the phrase of RFC 9110, and with none for a status that it does not know."""
        if isinstance(value, dict) and "statusText" in value:
            value = value | {"statusText": _PHRASES.get(str(value.get("status")), "")}
        return self.rule.apply(value, walk, path)


@dataclass(frozen=True, slots=True)
class Plain:
    """An object of an archive; what programs add to it, under names that begin with `_` (HAR 1.2), is left out."""

    rule: Rule

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The object as the format has it."""
        if isinstance(value, dict):
            value = {key: one for key, one in value.items() if not key.startswith("_")}
        return self.rule.apply(value, walk, path)


_PHRASES = {str(one.value): one.phrase for one in HTTPStatus}
_STATUS, _PHRASE = Kept(re.compile(r"\d{1,3}", re.ASCII)), Kept(re.compile(r"[A-Za-z' -]*", re.ASCII))
_HEADERS, _PARAMETERS = Each(Pair(header)), Each(Pair(parameter))
_SAID: Mapping[str, Rule] = {
    "httpVersion": _VERSION,
    "cookies": Hashed(),
    "headers": _HEADERS,
    "headersSize": _FIGURE,
    "bodySize": _FIGURE,
    "comment": _TEXT,
}
_REQUEST = Plain(
    Object({"method": _METHOD, "url": _ADDRESS, "queryString": _PARAMETERS, "postData": Hashed(), **_SAID})
)
_WRITTEN = Written(Answer(), else_=_TEXT)
_CONTENT = Plain(
    Content(Object({"size": _FIGURE, "compression": _FIGURE, "mimeType": _TYPE, "text": _WRITTEN, "comment": _TEXT}))
)
_ANSWER = Object({"status": _STATUS, "statusText": _PHRASE, "content": _CONTENT, "redirectURL": _ADDRESS, **_SAID})
_RESPONSE = Plain(Phrased(_ANSWER))
_TIMINGS = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
_ENTRY: Mapping[str, Rule] = {
    "startedDateTime": _DATE,
    "time": _FIGURE,
    "request": _REQUEST,
    "response": _RESPONSE,
    "cache": Hashed(),
    "timings": Plain(Object(dict.fromkeys(_TIMINGS, _FIGURE))),
    "serverIPAddress": _TEXT,
    "connection": _TEXT,
    "pageref": _TEXT,
    "comment": _TEXT,
}
_LOG: Mapping[str, Rule] = {
    "version": _FIGURE,
    "creator": Gone(),
    "browser": Gone(),
    "pages": Hashed(),
    "entries": Each(Plain(Object(_ENTRY))),
    "comment": _TEXT,
}
_ARCHIVE = Object({"log": Plain(Object(_LOG))})

#: What a file holds.
_KINDS: tuple[tuple[Callable[[Any], bool], Rule], ...] = (
    (lambda found: isinstance(found, Mapping) and isinstance(found.get("log"), Mapping), _ARCHIVE),
    (lambda found: isinstance(found, list), Answer()),
    (lambda found: isinstance(found, Mapping) and not {"results", "state", "detail"}.isdisjoint(found), Answer()),
)


def scrubbed_capture(found: Any, walk: Walk) -> Any:
    """A capture with pseudonyms in it.

    :raises RecordingError: it is none of the kinds that are known; an `UnknownFieldError`: it has unknown fields.
    """
    rule = next((rule for fits, rule in _KINDS if fits(found)), None)
    if rule is None:
        raise RecordingError("The file holds neither a plan, a list of plans nor an archive of requests (HAR).")
    return applied(rule, found, walk)
