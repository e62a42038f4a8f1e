"""The key of pseudonyms as text: 64 hexadecimal digits."""

import re

from mock_oms.recording.errors import RecordingError

_FORM = re.compile("[0-9a-f]{64}")


def key_in(text: str, place: str) -> bytes:
    """The key that a file holds; white space around it is none of it.

    :raises RecordingError: it holds none.
    """
    if not _FORM.fullmatch(text.strip()):
        raise RecordingError(f"{place} holds no key; accepted: 64 hexadecimal digits, as `record` writes them there.")
    return bytes.fromhex(text.strip())
