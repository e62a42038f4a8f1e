"""What is read of a file that somebody has named, and what is never waited for."""

import os
import socket
from pathlib import Path

import pytest

from mock_oms.text import read_file


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    assert (read_file(tmp_path / "file", 3), read_file(tmp_path / "file", 9)) == (b"abc", b"abcdef")


def test_the_null_device_holds_nothing() -> None:
    assert read_file(Path(os.devnull), 3) == b""


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_file(tmp_path / "link", 3) == b"abc"


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is no ordinary file"):
        read_file(tmp_path / "pipe", 3)


def test_a_device_is_refused() -> None:
    with pytest.raises(OSError, match="it is no ordinary file"):
        read_file(Path("/dev/zero"), 3)


def test_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        read_file(tmp_path, 3)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its path would be too long for a socket
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        with pytest.raises(OSError, match="No such device"):
            read_file(Path("socket"), 3)


def test_a_refusal_leaves_no_file_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208  as many as the loop before
    for file in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match=r"directory|ordinary"):
            read_file(file, 3)
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
