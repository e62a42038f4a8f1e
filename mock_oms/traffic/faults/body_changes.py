"""What a fault makes of the body of a 200: broken bytes, or one of the shapes of contract drift."""

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from mock_oms.traffic.faults.fault import BrokenBody, Shape

_UNKNOWN = "on_hold"
_EXTRA = ("fulfilment_score", 0.5)
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:Z|[+-]\d{2}:?\d{2})")

_Row = dict[str, Any]


def changed_shape(kind: Shape, data: Any, previous: bytes | None) -> Any:  # noqa: ANN401  JSON
    """A list (envelope or bare array) or a plan in another shape; the very same object where nothing changes.

    `previous` is the last row of the page before, as its JSON.
    """
    if kind in _OF_ROWS:
        return _each_row(data, _OF_ROWS[kind])
    if kind in _OF_LISTS:
        return _all_rows(data, lambda rows: _OF_LISTS[kind](rows, previous))
    return _OF_ENVELOPES[kind](data) if _is_envelope(data) else data


def _is_envelope(data: Any) -> bool:  # noqa: ANN401  JSON
    return isinstance(data, dict) and isinstance(data.get("results"), list) and "count" in data


def _all_rows(data: Any, change: Callable[[list[Any]], list[Any]]) -> Any:  # noqa: ANN401  JSON
    """A list with other rows; anything else as it is."""
    rows = data["results"] if _is_envelope(data) else data
    other = change(rows) if isinstance(rows, list) else rows
    if other == rows:
        return data
    return {**data, "results": other} if _is_envelope(data) else other


def _each_row(data: Any, change: Callable[[_Row], _Row]) -> Any:  # noqa: ANN401  JSON
    """Every plan of a list, or the one plan, changed."""
    if isinstance(data, dict) and not _is_envelope(data):
        other = change(data)
        return data if other == data else other
    return _all_rows(data, lambda rows: [change(row) if isinstance(row, dict) else row for row in rows])


def _null_field(row: _Row) -> _Row:
    """`order` is null: of the eight fields the one into which clients reach without looking, for its number."""
    return {**row, "order": None} if "order" in row else row


def _unknown_state(row: _Row) -> _Row:
    """A state that the vendor may add tomorrow; in an object all else stays."""
    state = row.get("state")
    if isinstance(state, dict):
        return {**row, "state": {**state, "enum_value": _UNKNOWN}}
    return {**row, "state": _UNKNOWN} if "state" in row else row


def _id_as_string(row: _Row) -> _Row:
    return {**row, "id": str(row["id"])} if isinstance(row.get("id"), int) else row


def _commands_as_string(row: _Row) -> _Row:
    """The list as JSON in a text, which is what the vendor's page says that it is."""
    commands = row.get("commands")
    return {**row, "commands": compact(commands).decode()} if isinstance(commands, list) else row


def _no_timezone(value: Any) -> Any:  # noqa: ANN401  JSON
    """Every time without its zone, at any depth. Dates without a time have none to lose."""
    if isinstance(value, dict):
        return {key: _no_timezone(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_no_timezone(one) for one in value]
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else value


def _duplicate(rows: list[Any], previous: bytes | None) -> list[Any]:
    """The page as if a plan had been added before it: all rows move down, and the last row of the page before comes again."""
    return [json.loads(previous), *rows[:-1]] if rows and previous is not None else rows


def _drop(rows: list[Any], _: bytes | None) -> list[Any]:
    """The row in the middle is missing; what `count` says stays."""
    return [row for place, row in enumerate(rows) if place != len(rows) // 2]


def _shuffle(rows: list[Any], _: bytes | None) -> list[Any]:
    """Every second row first: another order, however many there are, and always the same."""
    return [*rows[1::2], *rows[::2]]


_OF_ROWS: Mapping[Shape, Callable[[_Row], _Row]] = MappingProxyType(
    {
        Shape.NULL_FIELD: _null_field,
        Shape.EXTRA_FIELD: lambda row: {**row, _EXTRA[0]: _EXTRA[1]},
        Shape.UNKNOWN_STATE: _unknown_state,
        Shape.ID_AS_STRING: _id_as_string,
        Shape.NO_TIMEZONE: _no_timezone,
        Shape.COMMANDS_AS_STRING: _commands_as_string,
    }
)
_OF_LISTS: Mapping[Shape, Callable[[list[Any], bytes | None], list[Any]]] = MappingProxyType(
    {Shape.DUPLICATE_ACROSS_PAGES: _duplicate, Shape.DROP_FROM_PAGE: _drop, Shape.SHUFFLE: _shuffle}
)
_OF_ENVELOPES: Mapping[Shape, Callable[[_Row], Any]] = MappingProxyType(
    {
        Shape.MISSING_NEXT: lambda page: {key: value for key, value in page.items() if key != "next"},
        Shape.BARE_ARRAY: lambda page: page["results"],
    }
)


def compact(data: Any) -> bytes:  # noqa: ANN401  JSON
    """JSON as the vendor's framework writes it: no blanks, letters as they are but for two separators."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


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


def broken_body(kind: BrokenBody, body: bytes, content_type: str) -> tuple[bytes, str]:
    """The body and the content type of a 200 that is not what it says; `body` is JSON.

    The length of an answer is that of the body that comes out.
    """
    return _KINDS[kind](body, content_type)


def reshaped_body(kind: Shape, body: bytes, *, previous: bytes | None) -> bytes:
    """A list (envelope or bare array) or a detail in compact JSON, otherwise than the contract says in one respect.

    `previous` is the last row of the page before, None on the first page. Where a kind means nothing for a body, such
    as `missing-next` for a detail, or the switches have made it so already, the body is returned as it is.
    """
    data = json.loads(body)
    other = changed_shape(kind, data, previous)
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


_KINDS: Mapping[BrokenBody, Callable[[bytes, str], tuple[bytes, str]]] = MappingProxyType(
    {
        BrokenBody.INVALID_JSON: _invalid_json,
        BrokenBody.HTML: _html,
        BrokenBody.EMPTY: lambda _, content_type: (b"", content_type),
        BrokenBody.WRONG_CONTENT_TYPE: lambda body, _: (body, "text/html; charset=utf-8"),
        BrokenBody.BAD_ENCODING: _bad_encoding,
    }
)
