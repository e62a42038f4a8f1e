"""Tokens: those that the mock makes up, those that look like a real customer's, and the control token as it is given."""

import re
import secrets
from codecs import BOM_UTF8
from collections.abc import Iterator
from hmac import compare_digest
from pathlib import Path

from mock_oms.settings import fault_of_control_token
from mock_oms.text import read_file

#: Django REST framework makes them of 40 hexadecimal characters.
_REAL = re.compile("[0-9A-Fa-f]{40}")
REAL_IN_TEXT = re.compile(f"(?<![0-9A-Za-z]){_REAL.pattern}(?![0-9A-Za-z])")
#: Characters of such a token that are shown: enough to find it, too few to use it.
_SHOWN = 4
#: The form of a made token. It always has a capital letter, which no name of a world has.
MADE_FORM = "mock-(?=[a-z0-9_-]{0,26}[A-Z])[A-Za-z0-9_-]{27}"
#: How every made token begins.
BEGINNING = "mock-"


def looks_like_real_token(token: str) -> bool:
    """Whether a token looks like a real customer's."""
    return _REAL.fullmatch(token) is not None


def lines_with_real_tokens(text: str) -> Iterator[tuple[int, str]]:
    """Each line of a text, counted from 1, on which such a token stands, and a sentence that shows its beginning."""
    for found in REAL_IN_TEXT.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, real_token_warning(found[0])


def real_token_warning(token: str) -> str:
    """What is said of such a token."""
    return (
        f"{token[:_SHOWN]}… looks like a real customer's token (40 hexadecimal characters); "
        "put one in its place that was made up."
    )


def made_token() -> str:
    """A token that nobody can guess."""
    while not re.fullmatch(MADE_FORM, token := f"{BEGINNING}{secrets.token_urlsafe(20)}"):
        pass
    return token


#: Bytes of a file that are read at most: no header carries so much, and a wrong path may lead to anything.
_MOST = 8_192


class ControlTokenError(ValueError):
    """No control token can be taken from what was given; the message says why, and does not show the secret."""


class TwoControlTokensError(ControlTokenError):
    """Two control tokens were given, and they are not the same."""


def given_token(token: str | None, file: Path | None) -> str | None:
    """The control token that was given by itself or in a file, without white space at the file's end; None without one.

    The file is read here and never again.

    :raises ControlTokenError: the file cannot be read, no header carries what was given, or two different ones were.
    """
    if token is not None and (fault := fault_of_control_token(token)):
        raise ControlTokenError(fault)
    if file is None:
        return token
    try:
        content = read_file(file, _MOST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ControlTokenError(
            f"The control token cannot be read from {file}: {reason}; name a file that holds it and nothing else."
        ) from None
    if len(content) > _MOST:
        raise ControlTokenError(f"{file} is longer than {_MOST:,} bytes: it holds more than a control token.")
    found = content.removeprefix(BOM_UTF8).decode("latin-1").rstrip()
    if fault := fault_of_control_token(found, f" in {file}"):
        raise ControlTokenError(fault)
    if token is not None and not compare_digest(token, found):
        raise TwoControlTokensError(
            f"Two control tokens were given, and that in {file} is another one; give one of them."
        )
    return found
