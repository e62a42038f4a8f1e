"""The control token, wherever it was given: itself, or in a file, as containers mount secrets. No error shows it."""

from hmac import compare_digest
from pathlib import Path

from mock_oms.ordinary import read
from mock_oms.settings import fault_of_control_token

#: Bytes of a file that are read at most: no header carries so much, and a wrong path may lead to anything.
_MOST = 8_192


class ControlTokenError(ValueError):
    """No control token can be taken from what was given; the message says why, and does not show the secret."""


class TwoControlTokensError(ControlTokenError):
    """Two control tokens were given, and they are not the same."""


def given_token(token: str | None, file: Path | None) -> str | None:
    """The control token that was given by itself, in a file, or not at all; white space at a file's end is none of it.

    The file is read here and never again.

    :raises ControlTokenError: the file cannot be read, no header carries what was given, or two different ones were.
    """
    if token is not None:
        _refuse(fault_of_control_token(token))
    if file is None:
        return token
    found = _read(file)
    _refuse(fault_of_control_token(found, f" in {file}"))
    if token is not None and not compare_digest(token, found):
        raise TwoControlTokensError(
            f"Two control tokens were given, and that in {file} is another one; give one of them."
        )
    return found


def _read(file: Path) -> str:
    try:
        content = read(file, _MOST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ControlTokenError(
            f"The control token cannot be read from {file}: {reason}; name a file that holds it and nothing else."
        ) from None
    if len(content) > _MOST:
        raise ControlTokenError(f"{file} is longer than {_MOST:,} bytes: it holds more than a control token.")
    return content.decode("latin-1").rstrip()


def _refuse(fault: str | None) -> None:
    if fault:
        raise ControlTokenError(fault)
