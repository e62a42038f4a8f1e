"""Files that somebody has named for what a command writes: whole, and nothing else is put in their place."""

import os
from pathlib import Path
from threading import Thread

import pytest

from mock_oms.worlds import files
from mock_oms.worlds.files import write_output


def test_a_link_stays_and_leads_to_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    for name in ("there", "missing"):
        (tmp_path / name).symlink_to(tmp_path / "else" / name)
    (tmp_path / "else" / "there").write_text("old")
    (tmp_path / "else" / "there").chmod(0o640)
    for name in ("there", "missing"):
        write_output(tmp_path / name, b"new")
    found = {one.name: (one.read_bytes(), oct(one.stat().st_mode & 0o777)) for one in (tmp_path / "else").iterdir()}
    assert found == {"there": (b"new", "0o640"), "missing": (b"new", "0o644")}
    assert [(tmp_path / name).is_symlink() for name in ("there", "missing")] == [True, True]


def test_a_pipe_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = Thread(target=lambda: (tmp_path / "copy").write_bytes((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_output(tmp_path / "pipe", b"new")
    reader.join()
    assert ((tmp_path / "copy").read_bytes(), (tmp_path / "pipe").is_fifo()) == (b"new", True)


def test_a_mode_that_is_given_counts_and_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    write_output(file, b"new", mode=0o600)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    for wrong in (tmp_path, tmp_path / "missing" / "file", file / "inside"):
        with pytest.raises(OSError, match="directory"):
            write_output(wrong, b"x")
    assert [*tmp_path.iterdir()] == [file]


def test_a_file_that_cannot_be_replaced_is_written_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mounted alone"
    file.write_text("old")

    def busy(*_: object, **__: object) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(files, "write_whole", busy)
    write_output(file, b"new")
    assert file.read_bytes() == b"new"
