"""What kind of value stands at a place, without the value."""

import re
from typing import Any

_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.(?P<digits>\d+))?"
#: Formats that a client parses; any other text is `text`. A number after the slash counts digits.
_FORMATS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("date-time in UTC", f"{_TIME}Z"),
        ("date-time with an offset", rf"{_TIME}[+-]\d{{2}}:?\d{{2}}"),
        ("date-time without a zone", _TIME),
        ("date", r"\d{4}-\d{2}-\d{2}"),
        ("decimal", r"-?\d+\.(?P<digits>\d+)"),
        ("absolute address", r"https?://\S+"),
    )
)
_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


def type_of(value: Any) -> str:  # noqa: ANN401  where JSON enters
    """The type as JSON Schema names it."""
    return _TYPES[type(value)]


def format_of(value: Any) -> str | None:  # noqa: ANN401  where JSON enters
    """The format of a text, such as `decimal/2`; None where there is none to tell."""
    if not isinstance(value, str) or not value:
        return None
    for name, pattern in _FORMATS:
        if found := pattern.fullmatch(value):
            digits = found.groupdict().get("digits")
            return f"{name}/{len(digits)}" if digits else name
    return "text"


def family(name: str) -> str:
    """A format without its number of digits."""
    return name.partition("/")[0]


def is_dated(name: str) -> bool:
    """Whether it is one of a date or a time."""
    return name.startswith("date")
