"""The login's two fields, checked as a serializer of Django REST framework checks them."""

from collections.abc import Callable, Iterator
from typing import Any

from mock_oms.web.exchange import Refused

_REQUIRED = "This field is required."
_NULL = "This field may not be null."
_BLANK = "This field may not be blank."
_NOT_TEXT = "Not a valid string."
_NUL = "Null characters are not allowed."
_SURROGATE = "Surrogate characters are not allowed: U+{:X}."
_WRONG = "Unable to log in with provided credentials."


def credentials(data: object) -> tuple[str, str]:
    """The user name and the password in a parsed body; refuses (400) what the serializer would."""
    if data is None:
        raise _invalid("No data provided")
    if not isinstance(data, dict):
        raise _invalid(f"Invalid data. Expected a dictionary, but got {type(data).__name__}.")
    faults = {name: list(_faults(data, name)) for name in _FIELDS}
    if any(faults.values()):
        raise Refused(400, {name: texts for name, texts in faults.items() if texts})
    return _FIELDS["username"](str(data["username"])), _FIELDS["password"](str(data["password"]))


def wrong_credentials() -> Refused:
    """A 400 (not a 401) for a user who is not known."""
    return _invalid(_WRONG)


def _invalid(text: str) -> Refused:
    return Refused(400, {"non_field_errors": [text]})


#: How the text of each field is trimmed: blanks around a name are a slip, in a password they may be meant.
_FIELDS: dict[str, Callable[[str], str]] = {"username": str.strip, "password": str}


def _faults(data: dict[str, Any], name: str) -> Iterator[str]:
    if name not in data:
        yield _REQUIRED
    elif data[name] is None:
        yield _NULL
    elif _FIELDS[name](str(data[name])) == "":
        yield _BLANK
    elif isinstance(data[name], bool) or not isinstance(data[name], (str, int, float)):
        yield _NOT_TEXT
    else:
        yield from _forbidden_letters(_FIELDS[name](str(data[name])))


def _forbidden_letters(text: str) -> Iterator[str]:
    if "\0" in text:
        yield _NUL
    surrogate = next((letter for letter in text if "\ud800" <= letter <= "\udfff"), None)
    if surrogate:
        yield _SURROGATE.format(ord(surrogate))
