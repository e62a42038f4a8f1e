"""Writing that is done when it returns: what was written is there after a crash of the process or of the machine."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

#: How the names of files end that are being written; those that a crash has left behind mean nothing.
UNFINISHED = ".unfinished"
_FOLDER_MODE = 0o700


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone, and those that it stands in; one that is there stays as it is."""
    if not folder.is_dir():
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def write_whole(file: Path, content: bytes) -> None:
    """Write a file for this user alone, in place of one of this name: whoever looks sees the one or the other, whole.

    :raises OSError: the file is as it was.
    """
    unfinished = _unfinished(file.parent, content)
    try:
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def _unfinished(folder: Path, content: bytes) -> Path:
    """A file of its own: two of the same name may be written at once, and only one of them may replace anything."""
    with NamedTemporaryFile(dir=folder, suffix=UNFINISHED, delete=False) as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        except OSError:
            Path(stream.name).unlink()
            raise
    return Path(stream.name)


def append_at(file: Path, end: int, content: bytes) -> None:
    """Write at the end of a file, which was `end` bytes long after what was last written to it.

    :raises OSError: the file is as it was.
    """
    # Opened each time: a thousand worlds would hold a thousand descriptors. Never made: then its beginning is missing.
    with file.open("r+b", buffering=0) as stream:
        if os.fstat(stream.fileno()).st_size < end:
            raise OSError(errno.EIO, "somebody else has shortened its file")
        try:
            cut(stream.fileno(), end)
            stream.seek(end)
            rest = memoryview(content)
            while rest:
                rest = rest[stream.write(rest) :]
            os.fsync(stream.fileno())
        except OSError:
            with suppress(OSError):  # the next one cuts it
                stream.truncate(end)
            raise


def cut(descriptor: int, end: int) -> None:
    """Take away what stands behind the first `end` bytes of an open file, such as half a line."""
    if os.fstat(descriptor).st_size != end:
        os.ftruncate(descriptor, end)


def sync_folder(folder: Path) -> None:
    """Let a folder's new, replaced and removed names outlive a crash of the machine, where its file system can."""
    with suppress(OSError):  # some can't, and say so
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
