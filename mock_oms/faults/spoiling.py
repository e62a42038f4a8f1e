"""What a fault makes of the bytes of a 200: no longer what it says it is, or no longer as the contract says."""

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mock_oms.faults.fault import Shape, Spoiled
from mock_oms.faults.shaping import changed, compact

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><title>Scheduled maintenance</title></head>
<body>
<h1>We will be back soon</h1>
<p>This system is under maintenance. Please <a href="/login">log in</a> again later.</p>
</body>
</html>
"""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')

#: ISO-8859-9 is ISO-8859-1 with six Turkish letters in the place of six Icelandic ones.
_NOT_LATIN_5 = re.compile("[^\x00-\xffĞİŞğış]|[ÐÝÞðýþ]")

#: A letter of the bad encoding whose byte stands nowhere in UTF-8.
_LETTER = "ş".encode("iso-8859-9")


def spoiled(kind: Spoiled, body: bytes, content_type: str) -> tuple[bytes, str]:
    """The body and the content type of a 200 that is not what it says; `body` is JSON.

    The length of an answer is that of the body that comes out.
    """
    return _KINDS[kind](body, content_type)


def reshaped(kind: Shape, body: bytes, *, previous: bytes | None) -> bytes:
    """A list (envelope or bare array) or a detail in compact JSON, otherwise than the contract says in one respect.

    `previous` is the last row of the page before, None on the first page. Where a kind means nothing for a body, such
    as `missing-next` for a detail, or the switches have made it so already, the body is returned as it is.
    """
    data = json.loads(body)
    other = changed(kind, data, previous)
    return body if other is data else compact(other)


def _invalid_json(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Cut off inside its last string; where there is none, with a comma too many."""
    end = body.rfind(b'"')
    return (body[:end] if end > 0 else body + b","), content_type


def _html(_: bytes, __: str) -> tuple[bytes, str]:
    """The page of a gateway during maintenance."""
    return _PAGE.encode(), "text/html"


def _bad_encoding(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Letters as ISO-8859-9 (Turkish) under a header that says JSON, which is UTF-8; what it lacks is escaped."""
    latin = _NOT_LATIN_5.sub(_escaped, body.decode()).encode("iso-8859-9")
    return (latin if not _is_utf8(latin) else _with_letter(latin)), content_type


def _escaped(letter: re.Match[str]) -> str:
    return json.dumps(letter[0]).strip('"')


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _with_letter(body: bytes) -> bytes:
    """A Turkish letter at the end of the first text, else of the first key; as a text where there is neither."""
    keys_and_texts = list(_STRING.finditer(body))
    text = next((one for one in keys_and_texts if body[one.end() : one.end() + 1] != b":"), None)
    found = text or next(iter(keys_and_texts), None)
    if found is None:
        return b'["%s"]' % _LETTER
    return body[: found.end() - 1] + _LETTER + body[found.end() - 1 :]


_KINDS: Mapping[Spoiled, Callable[[bytes, str], tuple[bytes, str]]] = MappingProxyType(
    {
        Spoiled.INVALID_JSON: _invalid_json,
        Spoiled.HTML: _html,
        Spoiled.EMPTY: lambda _, content_type: (b"", content_type),
        Spoiled.WRONG_CONTENT_TYPE: lambda body, _: (body, "text/html; charset=utf-8"),
        Spoiled.BAD_ENCODING: _bad_encoding,
    }
)
