"""What is read of a file that somebody has named, and what is never waited for."""

import os
import socket
from pathlib import Path

import pytest

from mock_oms.text import read_file


def test_no_more_is_read_of_a_file_or_its_link_than_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert [read_file(tmp_path / name, most) for name in ("file", "link") for most in (3, 9)] == [b"abc", b"abcdef"] * 2
    assert read_file(Path(os.devnull), 3) == b""


def test_what_is_no_file_is_refused_at_once_and_none_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # its path would be too long for a socket
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208  as many as the loop before
        for name in ("pipe", "/dev/zero"):
            with pytest.raises(OSError, match="it is no ordinary file"):
                read_file(Path(name), 3)
        with pytest.raises(IsADirectoryError, match="Is a directory"):
            read_file(tmp_path, 3)
        with pytest.raises(OSError, match="No such device"):
            read_file(Path("socket"), 3)
        assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
