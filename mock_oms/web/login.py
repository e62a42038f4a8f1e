"""The login's two fields, checked as a serializer of Django REST framework checks them."""

from collections.abc import Callable, Iterator
from typing import Any

from mock_oms import wording
from mock_oms.web.exchange import Refused


def credentials(data: object) -> tuple[str, str]:
    """The user name and the password in a parsed body; refuses (400) what the serializer would."""
    if data is None:
        raise _invalid(wording.NO_DATA)
    if not isinstance(data, dict):
        raise _invalid(wording.no_dictionary(type(data).__name__))
    faults = {name: list(_faults(data, name)) for name in _FIELDS}
    if any(faults.values()):
        raise Refused(400, {name: texts for name, texts in faults.items() if texts})
    return _FIELDS["username"](str(data["username"])), _FIELDS["password"](str(data["password"]))


def wrong_credentials() -> Refused:
    """A 400 (not a 401) for a user who is not known."""
    return _invalid(wording.WRONG_LOGIN)


def _invalid(text: str) -> Refused:
    return Refused(400, {"non_field_errors": [text]})


#: How the text of each field is trimmed: blanks around a name are a slip, in a password they may be meant.
_FIELDS: dict[str, Callable[[str], str]] = {"username": str.strip, "password": str}


def _faults(data: dict[str, Any], name: str) -> Iterator[str]:
    if name not in data:
        yield wording.REQUIRED
    elif data[name] is None:
        yield wording.NULL
    elif _FIELDS[name](str(data[name])) == "":
        yield wording.BLANK
    elif isinstance(data[name], bool) or not isinstance(data[name], (str, int, float)):
        yield wording.NOT_TEXT
    else:
        yield from _forbidden_letters(_FIELDS[name](str(data[name])))


def _forbidden_letters(text: str) -> Iterator[str]:
    if "\0" in text:
        yield wording.NUL
    surrogate = next((letter for letter in text if "\ud800" <= letter <= "\udfff"), None)
    if surrogate:
        yield wording.surrogate(surrogate)
