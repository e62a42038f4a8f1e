"""Old captures: a plan, a list, what a refusal says, and archives of requests (HAR) with such answers in them."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from mock_oms.conformance.recorder.allowed import METHODS, PLAN_RULES, VERSIONS, KnownWord, LeftOut
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.conformance.recorder.rules import (
    DateRule,
    FieldRule,
    HashRule,
    JsonTextRule,
    KeepRule,
    ListRule,
    ObjectRule,
    PseudonymRule,
    RuleWalk,
)
from mock_oms.conformance.recorder.scenario import applied
from mock_oms.contract.wording import is_sentence

HOST = "oms.example.com"
_WAY = frozenset({"", "api", "v1", "i1", "oms", "orderexecutionplans", "auth", "login"})
_PARAMETERS = {"page": r"\d{1,7}|last", "limit": r"\d{1,6}", "page_size": r"\d{1,6}", "format": r"json|api|"}


@dataclass(frozen=True, slots=True)
class CapturedAddress:
    """An address: another host, the known words of its path, pseudonyms of all else."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The address with its pages, and with the id that the plan has."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        try:
            parts = urlsplit(value)
        except ValueError:
            return walk.pseudonyms.text(value)
        way = "/".join(one if one in _WAY else _segment(one, walk) for one in parts.path.split("/"))
        pairs = [parameter(name, said, walk) for name, said in parse_qsl(parts.query, keep_blank_values=True)]
        host = f"https://{HOST}" if parts.netloc or parts.scheme else ""
        return f"{host}{way}{'?' if pairs else ''}{urlencode(pairs)}"


def _segment(said: str, walk: RuleWalk) -> str:
    """A part of a path: as everywhere, what it says decides, and not how an address writes that."""
    return quote(walk.pseudonyms.text(unquote(said, errors="surrogateescape")), safe="@+")


def parameter(name: str, said: str, walk: RuleWalk) -> tuple[str, str]:
    """A parameter: of the few that are known both parts stay, if the value is what they take."""
    if name not in _PARAMETERS:
        return walk.pseudonyms.text(name), walk.pseudonyms.text(said)
    return name, said if re.fullmatch(_PARAMETERS[name], said, re.ASCII) else walk.pseudonyms.text(said)


@dataclass(frozen=True, slots=True)
class NameAndValue:
    """A header or a parameter of an archive: `name` and `value`, of which `left` says what is left."""

    left: Callable[[str, str, RuleWalk], tuple[str, str]]

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The pair without its comment."""
        name, said = (value.get("name"), value.get("value")) if isinstance(value, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(said, str):
            return walk.unknown_at(path, value)
        return dict(zip(("name", "value"), self.left(name, said, walk), strict=True))


_MEDIA = r"(?:application/(?:json|xml|octet-stream|x-www-form-urlencoded|problem\+json)|text/(?:html|plain|css)|\*/\*)"
_TYPE = _MEDIA + r"(?:; ?charset=\"?(?:utf-8|UTF-8|us-ascii|iso-8859-9)\"?)?"
_RANKED = r"(?:; ?q=[01](?:\.\d{1,3})?)?"
_CODING = r"(?:gzip|deflate|br|zstd|identity|\*)"
_METHOD = r"(?:GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE)"
_CACHE = r"(?:no-cache|no-store|no-transform|private|public|must-revalidate|(?:s-maxage|max-age)=(?:31536000|\d{1,7}))"
_VARIES = r"(?:[Aa]ccept(?:-[Ee]ncoding|-[Ll]anguage)?|[Cc]ookie|[Oo]rigin|[Aa]uthorization|\*)"
_OPENER = "same-origin(?:-allow-popups)?|unsafe-none"
_REFERRER = "no-referrer|(?:strict-)?origin(?:-when-cross-origin)?|same-origin|no-referrer-when-downgrade|unsafe-url"


def _each(form: str) -> str:
    return f"{form}(?:, ?{form})*"


#: The headers that tell of programs, each with the whole form of what it may say.
_VALUES: Mapping[str, str] = {
    "accept": _each(_MEDIA + _RANKED),
    "accept-encoding": _each(_CODING + _RANKED),
    "allow": _each(_METHOD),
    "cache-control": _each(_CACHE),
    "connection": "keep-alive|Keep-Alive|close",
    "content-encoding": _each(_CODING),
    "content-length": r"\d{1,7}",
    "content-type": _TYPE,
    "cross-origin-opener-policy": _OPENER,
    "referrer-policy": _REFERRER,
    "retry-after": r"\d{1,6}",
    "transfer-encoding": "chunked",
    "vary": _each(_VARIES),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY|SAMEORIGIN",
}


def header(name: str, said: str, walk: RuleWalk) -> tuple[str, str]:
    """A header: of those that are known the name stays, and the value if it is one that programs say."""
    form = _VALUES.get(name.lower())
    kept = said if form and re.fullmatch(form, said, re.ASCII) else walk.pseudonyms.text(said)
    return name if form else walk.pseudonyms.text(name), kept


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type of an archive."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The type, if it is known."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        return value if re.fullmatch(_TYPE, value, re.ASCII) else walk.pseudonyms.text(value)


_TEXT, _DATE, _ADDRESS = PseudonymRule(), DateRule(), CapturedAddress()
_FIGURE = KeepRule(re.compile(r"-?\d{1,7}(?:\.\d{1,9})?", re.ASCII))
_CAPTURES_METHOD, _VERSION = KnownWord(METHODS), KnownWord(VERSIONS)
_CAPTURES_TYPE = MediaType()


@dataclass(frozen=True, slots=True)
class RefusalText:
    """What a refusal says: the framework's own sentences stay, all else is a free text."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The sentence, or another one."""
        known = isinstance(value, str) and is_sentence(value)
        return value if known else _TEXT.apply(value, walk, path)


_PAGE = ObjectRule({"count": _FIGURE, "next": _ADDRESS, "previous": _ADDRESS, "results": ListRule(PLAN_RULES)})
_REFUSAL = ObjectRule({"detail": RefusalText()})
#: What an answer is, by a key that it has; without any it is taken for a plan.
_ANSWERS: tuple[tuple[str, FieldRule], ...] = (
    ("results", _PAGE),
    ("detail", _REFUSAL),
    ("", ListRule(PLAN_RULES, else_=PLAN_RULES)),
)


@dataclass(frozen=True, slots=True)
class CapturedAnswer:
    """The JSON of an answer of any kind."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The answer under the rule of its kind."""
        rule = next(rule for key, rule in _ANSWERS if not key or (isinstance(value, Mapping) and key in value))
        return rule.apply(value, walk, path)


@dataclass(frozen=True, slots=True)
class CapturedContent:
    """The body of an archived answer, which may be in base64."""

    rule: ObjectRule

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The content, its text readable."""
        if isinstance(value, dict) and value.get("encoding") == "base64":
            try:
                text = base64.b64decode(str(value.get("text", ""))).decode()
            except (binascii.Error, UnicodeDecodeError, ValueError):
                return walk.unknown_at(path, value)
            value = {key: one for key, one in value.items() if key != "encoding"} | {"text": text}
        return self.rule.apply(value, walk, path)


@dataclass(frozen=True, slots=True)
class ArchivedAnswer:
    """An archived answer, whose `statusText` is the usual one of its status, whatever the server wrote there."""

    rule: ObjectRule

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The answer with the phrase of RFC 9110, and with none for a status that it does not know."""
        if isinstance(value, dict) and "statusText" in value:
            value = value | {"statusText": _PHRASES.get(str(value.get("status")), "")}
        return self.rule.apply(value, walk, path)


@dataclass(frozen=True, slots=True)
class ArchiveObject:
    """An object of an archive; what programs add to it, under names that begin with `_` (HAR 1.2), is left out."""

    rule: FieldRule

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The object as the format has it."""
        if isinstance(value, dict):
            value = {key: one for key, one in value.items() if not key.startswith("_")}
        return self.rule.apply(value, walk, path)


_PHRASES = {str(one.value): one.phrase for one in HTTPStatus}
_STATUS, _PHRASE = KeepRule(re.compile(r"\d{1,3}", re.ASCII)), KeepRule(re.compile(r"[A-Za-z' -]*", re.ASCII))
_HEADERS, _CAPTURES_PARAMETERS = ListRule(NameAndValue(header)), ListRule(NameAndValue(parameter))
_SAID: Mapping[str, FieldRule] = {
    "httpVersion": _VERSION,
    "cookies": HashRule(),
    "headers": _HEADERS,
    "headersSize": _FIGURE,
    "bodySize": _FIGURE,
    "comment": _TEXT,
}
_REQUEST = ArchiveObject(
    ObjectRule(
        {
            "method": _CAPTURES_METHOD,
            "url": _ADDRESS,
            "queryString": _CAPTURES_PARAMETERS,
            "postData": HashRule(),
            **_SAID,
        }
    )
)
_WRITTEN = JsonTextRule(CapturedAnswer(), else_=_TEXT)
_CONTENT = ArchiveObject(
    CapturedContent(
        ObjectRule(
            {"size": _FIGURE, "compression": _FIGURE, "mimeType": _CAPTURES_TYPE, "text": _WRITTEN, "comment": _TEXT}
        )
    )
)
_ANSWER = ObjectRule({"status": _STATUS, "statusText": _PHRASE, "content": _CONTENT, "redirectURL": _ADDRESS, **_SAID})
_RESPONSE = ArchiveObject(ArchivedAnswer(_ANSWER))
_TIMINGS = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
_ENTRY: Mapping[str, FieldRule] = {
    "startedDateTime": _DATE,
    "time": _FIGURE,
    "request": _REQUEST,
    "response": _RESPONSE,
    "cache": HashRule(),
    "timings": ArchiveObject(ObjectRule(dict.fromkeys(_TIMINGS, _FIGURE))),
    "serverIPAddress": _TEXT,
    "connection": _TEXT,
    "pageref": _TEXT,
    "comment": _TEXT,
}
_LOG: Mapping[str, FieldRule] = {
    "version": _FIGURE,
    "creator": LeftOut(),
    "browser": LeftOut(),
    "pages": HashRule(),
    "entries": ListRule(ArchiveObject(ObjectRule(_ENTRY))),
    "comment": _TEXT,
}
_ARCHIVE = ObjectRule({"log": ArchiveObject(ObjectRule(_LOG))})

#: What a file holds.
_KINDS: tuple[tuple[Callable[[Any], bool], FieldRule], ...] = (
    (lambda found: isinstance(found, Mapping) and isinstance(found.get("log"), Mapping), _ARCHIVE),
    (lambda found: isinstance(found, list), CapturedAnswer()),
    (
        lambda found: isinstance(found, Mapping) and not {"results", "state", "detail"}.isdisjoint(found),
        CapturedAnswer(),
    ),
)


def scrubbed_capture(found: Any, walk: RuleWalk) -> Any:
    """A capture with pseudonyms in it.

    :raises RecordingError: it is none of the kinds that are known; an `UnknownFieldError`: it has unknown fields.
    """
    rule = next((rule for fits, rule in _KINDS if fits(found)), None)
    if rule is None:
        raise RecordingError("The file holds neither a plan, a list of plans nor an archive of requests (HAR).")
    return applied(rule, found, walk)
