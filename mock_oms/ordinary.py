"""Reading the files that somebody has named: never further than is asked for, and never waiting for what is no file."""

import errno
import os
import stat
from pathlib import Path


def read(file: Path, most: int) -> bytes:
    """The first `most` bytes of an ordinary file; of the null device, which has none, nothing.

    :raises OSError: it cannot be read, or it is a folder, a pipe, a socket or another device; `strerror` says so.
    """
    # Without O_NONBLOCK a pipe is waited for here already, for as long as nobody writes into it.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        _refuse_others(os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(most)
    finally:
        os.close(descriptor)


def _refuse_others(seen: os.stat_result) -> None:
    if stat.S_ISDIR(seen.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(seen.st_mode) and not _is_null(seen):
        raise OSError(errno.EINVAL, "it is no ordinary file")


def _is_null(seen: os.stat_result) -> bool:
    return stat.S_ISCHR(seen.st_mode) and seen.st_rdev == Path(os.devnull).stat().st_rdev
