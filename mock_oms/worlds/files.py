"""Files that outlive a crash: folders and files that are made for this user alone, and written whole or not at all."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

#: How the names of files end that are being written; those that a crash has left behind mean nothing.
UNFINISHED = ".unfinished"
#: Why a file can be written where it is, and nothing put in its place: it is mounted alone, or its folder is another's.
_ONLY_IN_PLACE = {errno.EBUSY, errno.EACCES, errno.EPERM, errno.EROFS}

#: The mode of a new file that everybody may read.
_READABLE = 0o644


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone, and those that it stands in; one that is there stays as it is."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def write_whole(file: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file, in place of whatever has this name: whoever looks sees the one or the other, whole.

    Its `mode` says who may read it: this user alone. Where a link has the name, the link is replaced.

    :raises OSError: the file is as it was.
    """
    # A file of its own: two of the same name may be written at once, and only one of them may replace anything.
    with NamedTemporaryFile(dir=file.parent, suffix=UNFINISHED, delete=False) as stream:
        unfinished = Path(stream.name)
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.chmod(mode)
            unfinished.replace(file)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
    sync_folder(file.parent)


def write_output(file: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write what somebody wants in a file of his, whole, where that can be; it keeps its mode, unless another is given.

    A link stays, and leads to what is written. A device or a pipe stays what it is: nothing is put in its place.
    """
    try:
        found = file.stat().st_mode
    except FileNotFoundError:
        found = None
    if found is None or stat.S_ISREG(found):
        given = _READABLE if found is None else stat.S_IMODE(found)
        try:
            write_whole(Path(os.path.realpath(file)), content, mode=given if mode is None else mode)
        except OSError as error:
            if found is None or error.errno not in _ONLY_IN_PLACE:
                raise
        else:
            return
    with file.open("wb") as stream:
        stream.write(content)


def sync_folder(folder: Path) -> None:
    """Let a folder's new, replaced and removed names outlive a crash of the machine, where its file system can."""
    with suppress(OSError):  # some can't, and say so
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_unfinished(folder: Path) -> None:
    """Remove what `write_whole` has left in a folder and those inside it; links are neither followed nor removed."""
    for place, _, names in os.walk(folder):
        for file in (Path(place, name) for name in names if name.startswith("tmp") and name.endswith(UNFINISHED)):
            if stat.S_ISREG(file.lstat().st_mode):
                file.unlink()
