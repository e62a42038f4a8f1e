"""The control token comes from one place, and no error shows it."""

import os
from pathlib import Path

import pytest

from mock_oms.tokens import ControlTokenError, given_token


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "token"


@pytest.mark.parametrize(
    ("token", "written", "given"),
    [
        (None, None, None),
        ("secret", None, "secret"),
        ("secret", "secret\n", "secret"),
        *((None, f"secret{space}", "secret") for space in ("", "\n", "\r\n", " \t\n\n")),
    ],
)
def test_a_token_is_taken_without_blanks(file: Path, token: str | None, written: str | None, given: str | None) -> None:
    if written is not None:
        file.write_bytes(written.encode())
    assert given_token(token, None if written is None else file) == given


def refused(file: Path, token: str | None = None) -> str:
    with pytest.raises(ControlTokenError) as raised:
        given_token(token, file)
    return str(raised.value)


def test_two_different_tokens_are_refused_and_neither_is_shown(file: Path) -> None:
    file.write_text("hidden\n")
    says = f"Two control tokens were given, and that in {file} is another one; give one of them."
    assert refused(file, "secret") == says


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b" hidden", "has blanks"),
        (b"hidden\nhidden", "control characters"),
        ("gehéim".encode(), "beyond ASCII"),
        (b"\xff\xfeh\0i\0d\0", "beyond ASCII"),  # UTF-16
        (b"hidden\0", "control characters"),
    ],
)
def test_a_file_that_holds_no_token_is_named_and_not_shown(file: Path, written: bytes, reason: str) -> None:
    file.write_bytes(written)
    error = refused(file)
    assert error.startswith(f"The control token in {file} ")
    assert (reason in error, "hid" in error, "geh" in error) == (True, False, False)


def test_what_is_no_file_of_a_token_is_not_waited_for_and_named_with_the_way_out(file: Path) -> None:
    os.mkfifo(file)
    no_file, way_out = "it is no ordinary file", "name a file that holds it and nothing else."
    reasons = {file.parent / "none": "No such file or directory", file.parent: "Is a directory"}
    for named, reason in {**reasons, Path("/dev/zero"): no_file, file: no_file}.items():
        assert refused(named) == f"The control token cannot be read from {named}: {reason}; {way_out}"


def test_a_long_file_is_not_read_to_its_end(file: Path) -> None:
    file.write_text("hidden" * 2000)
    assert refused(file) == f"{file} is longer than 8,192 bytes: it holds more than a control token."
