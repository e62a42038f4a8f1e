"""What stands in headers, as far as it may be kept: known headers with values that programs say, and nobody else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.recording.rules import Walk

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


def header(name: str, said: str, walk: Walk) -> tuple[str, str]:
    """A header: of those that are known the name stays, and the value if it is one that programs say."""
    form = _VALUES.get(name.lower())
    kept = said if form and re.fullmatch(form, said, re.ASCII) else walk.pseudonyms.text(said)
    return name if form else walk.pseudonyms.text(name), kept


@dataclass(frozen=True, slots=True)
class Typed:
    """A media type of an archive."""

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The type, if it is known."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        return value if re.fullmatch(_TYPE, value, re.ASCII) else walk.pseudonyms.text(value)
