"""What a fault makes of the body of a 200: broken bytes, or JSON in a shape that is not the contract's."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from mock_oms.text import framework_json
from mock_oms.traffic.faults.fault import BrokenBody, Shape

_Row = dict[str, Any]
_Rows = list[Any]

_UNKNOWN_STATE = "on_hold"
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:Z|[+-]\d{2}:?\d{2})")


def reshaped_body(kind: Shape, body: bytes, *, previous: bytes | None) -> bytes:
    """A list (envelope or bare array) or a detail in compact JSON, otherwise than the contract says in one respect.

    `previous` is the last row of the page before, None on the first page. Where a kind means nothing for a body, such
    as `missing-next` for a detail, or the switches have made it so already, the body is returned as it is.
    """
    data = json.loads(body)
    is_envelope = isinstance(data, dict) and isinstance(data.get("results"), list) and "count" in data
    if kind in _OF_ENVELOPES:
        return framework_json(_OF_ENVELOPES[kind](data)) if is_envelope else body
    rows = data["results"] if is_envelope else data
    other = rows
    if isinstance(rows, list):
        if kind in _OF_ROWS:
            other = [_OF_ROWS[kind](row) if isinstance(row, dict) else row for row in rows]
        else:
            other = _OF_LISTS[kind](rows, previous)
    elif isinstance(data, dict) and kind in _OF_ROWS:
        other = _OF_ROWS[kind](data)
    if other == rows:
        return body
    return framework_json({**data, "results": other} if is_envelope else other)


def _unknown_state(row: _Row) -> _Row:
    """A state that the vendor may add tomorrow; in an object all else stays."""
    state = row.get("state")
    other = {**state, "enum_value": _UNKNOWN_STATE} if isinstance(state, dict) else _UNKNOWN_STATE
    return {**row, "state": other} if "state" in row else row


def _no_timezone(value: Any) -> Any:  # noqa: ANN401  JSON
    """Every time without its zone, at any depth. Dates without a time have none to lose."""
    if isinstance(value, dict):
        return {key: _no_timezone(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_no_timezone(one) for one in value]
    return _INSTANT.sub(r"\1", value) if isinstance(value, str) and _INSTANT.fullmatch(value) else value


def _commands_as_string(row: _Row) -> _Row:
    """The list as JSON in a text, which is what the vendor's page says that it is."""
    commands = row.get("commands")
    return {**row, "commands": framework_json(commands).decode()} if isinstance(commands, list) else row


_OF_ROWS: Mapping[Shape, Callable[[_Row], _Row]] = {
    # Of the eight fields the one into which clients reach without looking, for its number.
    Shape.NULL_FIELD: lambda row: {**row, "order": None} if "order" in row else row,
    Shape.EXTRA_FIELD: lambda row: {**row, "fulfilment_score": 0.5},
    Shape.UNKNOWN_STATE: _unknown_state,
    Shape.ID_AS_STRING: lambda row: {**row, "id": str(row["id"])} if isinstance(row.get("id"), int) else row,
    Shape.NO_TIMEZONE: _no_timezone,
    Shape.COMMANDS_AS_STRING: _commands_as_string,
}
#: From the rows of a page, and the last row of the page before.
_OF_LISTS: Mapping[Shape, Callable[[_Rows, bytes | None], _Rows]] = {
    # As if a plan had been added before the page: all rows move down, and the last one before them comes again.
    Shape.DUPLICATE_ACROSS_PAGES: lambda rows, previous: (
        [json.loads(previous), *rows[:-1]] if rows and previous is not None else rows
    ),
    # The row in the middle is missing; what `count` says stays.
    Shape.DROP_FROM_PAGE: lambda rows, _: [row for place, row in enumerate(rows) if place != len(rows) // 2],
    # Every second row first: another order, however many there are, and always the same.
    Shape.SHUFFLE: lambda rows, _: [*rows[1::2], *rows[::2]],
}
_OF_ENVELOPES: Mapping[Shape, Callable[[_Row], Any]] = {
    Shape.MISSING_NEXT: lambda page: {key: value for key, value in page.items() if key != "next"},
    Shape.BARE_ARRAY: lambda page: page["results"],
}


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
#: A letter of the bad encoding whose byte is none of UTF-8.
_LETTER = "ş".encode("iso-8859-9")


def broken_body(kind: BrokenBody, body: bytes, content_type: str) -> tuple[bytes, str]:
    """The body and the content type of a 200 that is not what it says; `body` is JSON.

    The length of an answer is that of the body that comes out.
    """
    change, other_type = _BROKEN[kind]
    return change(body), other_type or content_type


def _invalid_json(body: bytes) -> bytes:
    """Cut off inside its last string; where there is none, with a comma too many."""
    end = body.rfind(b'"')
    return body[:end] if end > 0 else body + b","


def _bad_encoding(body: bytes) -> bytes:
    """Letters as ISO-8859-9 (Turkish) under a header that says JSON, which is UTF-8; what it lacks is escaped.

    Where that is UTF-8 all the same, a Turkish letter comes at the end of the first text, else of the first key; where
    there is neither, as a text of its own.
    """
    latin = _NOT_LATIN_5.sub(lambda letter: json.dumps(letter[0]).strip('"'), body.decode()).encode("iso-8859-9")
    try:
        latin.decode()
    except UnicodeDecodeError:
        return latin
    strings = list(_STRING.finditer(latin))
    texts = (one for one in strings if latin[one.end() : one.end() + 1] != b":")
    found = next(texts, strings[0] if strings else None)
    if found is None:
        return b'["%s"]' % _LETTER
    return latin[: found.end() - 1] + _LETTER + latin[found.end() - 1 :]


#: What becomes of the body, and the content type, where that is another one.
_BROKEN: Mapping[BrokenBody, tuple[Callable[[bytes], bytes], str | None]] = {
    BrokenBody.INVALID_JSON: (_invalid_json, None),
    BrokenBody.HTML: (lambda _: _PAGE.encode(), "text/html"),
    BrokenBody.EMPTY: (lambda _: b"", None),
    BrokenBody.WRONG_CONTENT_TYPE: (lambda body: body, "text/html; charset=utf-8"),
    BrokenBody.BAD_ENCODING: (_bad_encoding, None),
}
