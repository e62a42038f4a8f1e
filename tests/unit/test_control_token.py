"""The control token comes from one place, and no error shows it."""

import os
from pathlib import Path

import pytest

from mock_oms.tokens import ControlTokenError, given_token


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "token"


@pytest.mark.parametrize("written", ["secret", "secret\n", "secret\r\n", "secret \t\n\n"])
def test_white_space_at_the_end_of_a_file_is_none_of_the_token(file: Path, written: str) -> None:
    file.write_bytes(written.encode())
    assert given_token(None, file) == "secret"


def test_a_token_by_itself_is_taken_as_it_is() -> None:
    assert given_token("secret", None) == "secret"


def test_where_none_is_given_there_is_none() -> None:
    assert given_token(None, None) is None


def test_the_same_token_may_be_given_twice(file: Path) -> None:
    file.write_text("secret\n")
    assert given_token("secret", file) == "secret"


def refused(token: str | None, file: Path) -> str:
    with pytest.raises(ControlTokenError) as raised:
        given_token(token, file)
    return str(raised.value)


def test_two_different_tokens_are_refused_and_neither_is_shown(file: Path) -> None:
    file.write_text("hidden\n")
    said = refused("secret", file)
    assert said == f"Two control tokens were given, and that in {file} is another one; give one of them."


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b" hidden", "has blanks"),
        (b"hidden\nhidden", "control characters"),
        ("gehéim".encode(), "beyond ASCII"),
        (b"\xef\xbb\xbfhidden", "beyond ASCII"),
        (b"hidden\0", "control characters"),
    ],
)
def test_a_file_that_holds_no_token_is_named_and_not_shown(file: Path, written: bytes, reason: str) -> None:
    file.write_bytes(written)
    said = refused(None, file)
    assert said.startswith(f"The control token in {file} ")
    assert (reason in said, "hid" in said, "geh" in said) == (True, False, False)


def test_a_file_that_is_missing_is_named_with_the_way_out(file: Path) -> None:
    said = f"The control token cannot be read from {file}: No such file or directory; "
    assert refused(None, file) == f"{said}name a file that holds it and nothing else."


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "Is a directory" in refused(None, tmp_path)


def test_a_file_without_an_end_is_not_read_to_it() -> None:
    assert refused(None, Path("/dev/zero")).startswith(
        "The control token cannot be read from /dev/zero: it is no ordinary file; "
    )


def test_a_long_file_is_not_read_to_its_end(file: Path) -> None:
    file.write_text("hidden" * 2000)
    assert refused(None, file) == f"{file} is longer than 8,192 bytes: it holds more than a control token."


def test_a_pipe_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert "it is no ordinary file" in refused(None, file)
