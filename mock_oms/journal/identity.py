"""The id of a request, as its client may give it."""

import re

#: The header that holds it.
HEADER = b"x-request-id"
_FORM = re.compile(r"[!-~]{1,128}")


def given_id(value: bytes) -> str | None:
    """The id that this header gives: visible ASCII without blanks, 128 characters at most; None where it gives none."""
    text = value.decode("latin-1")
    return text if _FORM.fullmatch(text) else None
