"""Hints about logins: bodies that cannot be read, fields that have other names, and wrong passwords."""

import json
import re

from mock_oms.journal.hints.facts import Facts, shown
from mock_oms.journal.hints.lists import ignored, listed
from mock_oms.journal.hints.rules import Rules, always, met, where
from mock_oms.journal.queries import parameters
from mock_oms.operations import Operation

_FIELDS = ("username", "password")
#: Bytes of a form in which names are looked for: a login is short.
_NAMED_WITHIN = 10_000
#: What people call the two fields; no other name is shown, for a body that is misread may have a secret for a name.
_MISNOMERS = frozenset({"email", "e-mail", "user", "login", "name", "user_name", "userid", "pass", "pwd", "passwd"})
_FORM = re.compile(rb"\s*[A-Za-z_.\[\]%-]+=")
_PART_NAME = re.compile(r'name="?([A-Za-z_. -]{1,40})"?')


def _names(facts: Facts) -> list[str]:
    """The names of the fields in the body, as far as anybody can tell."""
    text = facts.body[:_NAMED_WITHIN].decode("utf-8", "replace")
    if "multipart" in _content_type(facts):
        return _PART_NAME.findall(text)
    if "urlencoded" in _content_type(facts):
        return [name for name, _ in parameters(text)]
    data = _json(facts.body)
    return [str(name) for name in data] if isinstance(data, dict) else []


def _json(raw: bytes) -> object:
    try:
        data: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return data


def _content_type(facts: Facts) -> str:
    return facts.headers.get("content-type", "").lower()


def _misnamed(facts: Facts) -> list[str]:
    names = [name for name in _names(facts) if name not in _FIELDS]
    return [name for name in names if name.strip().lower() in _MISNOMERS | {*_FIELDS}]


def _refused(facts: Facts) -> str:
    """The fields that the answer finds fault with."""
    data = _json(facts.answer)
    names = [name for name in _FIELDS if isinstance(data, dict) and name in data]
    return " and ".join(names or _FIELDS)


_UNREADABLE: Rules = (
    (
        lambda facts: _FORM.match(facts.body) and b"JSON parse error" in facts.answer,
        "The body is a form, but Content-Type says JSON; send JSON, or application/x-www-form-urlencoded.",
    ),
    (
        lambda facts: facts.body.lstrip().startswith(b"{") and "form" in _content_type(facts),
        "The body is JSON, but Content-Type says that it is a form; send application/json.",
    ),
    (
        lambda facts: b"JSON parse error" in facts.answer,
        "The body is not JSON; the answer says at which place the reading broke off.",
    ),
    (
        lambda facts: b"Unsupported charset" in facts.answer,
        "Content-Type names a charset that no text is in; use utf-8.",
    ),
    (
        lambda facts: b"Multipart form parse error" in facts.answer,
        "The parts of the form cannot be told apart: boundary in Content-Type must be the one in the body.",
    ),
)

_UNSUITABLE: Rules = (
    (
        lambda facts: b"Unable to log in" in facts.answer,
        "The password is wrong: it is the setting password, mock-oms where nobody set it, for every user.",
    ),
    (
        _misnamed,
        lambda facts: (
            f"{', '.join(shown(name) for name in _misnamed(facts))} is not read: the fields are username and password."
        ),
    ),
    (
        lambda facts: {*_FIELDS} & {*facts.parameters},
        "username and password stand in the query; the login reads them in the body only.",
    ),
    (lambda facts: not facts.body.strip(), "The body is empty: send JSON with username and password."),
    (
        lambda facts: b"non_field_errors" in facts.answer,
        "The body is JSON, but no object: send an object with username and password.",
    ),
    (
        lambda facts: b"required" in facts.answer,
        lambda facts: f"The body says nothing under {_refused(facts)}: send JSON with username and password.",
    ),
    (always, lambda facts: f"{_refused(facts).capitalize()} must be text that is not blank, without control signs."),
)

_UNREAD_TYPE: Rules = (
    (
        lambda facts: not _content_type(facts),
        "The body has no Content-Type; send Content-Type: application/json.",
    ),
    (
        always,
        lambda facts: (
            f"Content-Type {shown(_content_type(facts))} is none that the vendor reads; use application/json."
        ),
    ),
)

_LOGGED_IN: Rules = (
    (
        lambda facts: ignored(facts, ()),
        lambda facts: f"The login reads its body only: {listed(ignored(facts, ()))} in the query did nothing.",
    ),
)

LOGINS: Rules = where(
    lambda facts: facts.operation is Operation.LOGIN,
    (
        *where(met(415), _UNREAD_TYPE),
        *where(met(400), (*_UNREADABLE, *_UNSUITABLE)),
        *where(met(200), _LOGGED_IN),
    ),
)
