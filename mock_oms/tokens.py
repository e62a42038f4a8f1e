"""Tokens: those that the mock makes up, and those that look like a real customer's."""

import re
import secrets
from collections.abc import Iterator

#: Django REST framework makes them of 40 hexadecimal characters.
_REAL = re.compile("[0-9A-Fa-f]{40}")
_IN_TEXT = re.compile(f"(?<![0-9A-Za-z]){_REAL.pattern}(?![0-9A-Za-z])")
#: Characters of such a token that are shown: enough to find it, too few to use it.
_SHOWN = 4
#: A capital is always among them: no name of a world has one, so that none is taken for a token.
MADE = "mock-(?=[a-z0-9_-]{0,26}[A-Z])[A-Za-z0-9_-]{27}"
#: How each of them begins.
BEGINNING = "mock-"


def looks_real(token: str) -> bool:
    """Whether a token looks like a real customer's."""
    return _REAL.fullmatch(token) is not None


def real_looking(text: str) -> Iterator[tuple[int, str]]:
    """Each line of a text, counted from 1, on which such a token stands, and a sentence that shows its beginning."""
    for found in _IN_TEXT.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, warning_of(found[0])


def warning_of(token: str) -> str:
    """What is said of such a token."""
    return (
        f"{token[:_SHOWN]}… looks like a real customer's token (40 hexadecimal characters); "
        "put one in its place that was made up."
    )


def made_token() -> str:
    """A token that nobody can guess."""
    while not re.fullmatch(MADE, token := f"{BEGINNING}{secrets.token_urlsafe(20)}"):
        pass
    return token
