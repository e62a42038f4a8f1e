"""The file of one world: written to as the world lives, read when the process starts again."""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from marshmallow import ValidationError

from mock_oms.state.disk import append_at, cut, sync_folder, write_whole
from mock_oms.state.lines import Scenarios, read_change, read_opening, write_change, write_line
from mock_oms.store import CannotWriteError, Change, Kept, KeptError, Opening, Surroundings

SUFFIX = ".jsonl"

_LOG = logging.getLogger(__name__)
_SECOND = 2
_AWAY = "move the file away to start without this world"
#: What goes wrong where a line is not one of ours.
_STRANGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, ValidationError)

Read = TypeVar("Read")
First = Callable[[Opening], bytes]


class WorldFile:
    """The log of a world as a file of lines, the first of which says how it was opened.

    `first` makes that line; whatever the line names is kept before. `opening` is the line as it stands in the file.
    """

    def __init__(self, file: Path, first: First, opening: bytes = b"", *, size: int = 0) -> None:
        self._file, self._first, self._opening, self._size = file, first, opening, size
        self._surroundings: Surroundings | None = None
        self._lock, self._ended = Lock(), False

    def go_on_with(self, surroundings: Surroundings | None) -> None:
        """Know what was written last of faults and limits, by an earlier process."""
        self._surroundings = surroundings

    def append(self, change: Change) -> None:
        """Write a line to the end, and wait until it is safe."""
        line = write_line(write_change(change))
        with self._writing() as may_write:
            if may_write:
                append_at(self._file, self._size, line)
                self._size += len(line)
                self._surroundings = change if isinstance(change, Surroundings) else self._surroundings

    def rewrite(self, changes: Iterable[Change], *, anew: bool = False, opening: Opening | None = None) -> None:
        """Put a file with these changes in the place of what was written so far, and wait until it is safe."""
        with self._writing() as may_write:
            if may_write:
                beside = None if anew else self._surroundings
                lines = (write_line(write_change(change)) for change in (*changes, beside) if change is not None)
                first = self._opening if opening is None else self._first(opening)
                content = b"".join([first, *lines])
                write_whole(self._file, content)
                self._opening, self._size, self._surroundings = first, len(content), beside

    def remove(self) -> None:
        """Remove the file; the next world of this name may make one at once, and never gets a line of this one."""
        with self._writing() as may_write:
            if may_write:
                self._file.unlink(missing_ok=True)
                self._ended = True

    def settle(self) -> None:
        """Wait until the removal is safe."""
        sync_folder(self._file.parent)

    def end(self) -> None:
        """Write no more: another process may own the file from now on."""
        with self._lock:
            self._ended = True

    @contextmanager
    def _writing(self) -> Iterator[bool]:
        """Hold the file; answers whether it is still this world's."""
        with self._lock:
            try:
                yield not self._ended
            except OSError as error:
                raise CannotWriteError(self._file.name.removesuffix(SUFFIX), error) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file has kept: the world, its log, and the version of mock-oms that opened it."""

    kept: Kept
    log: WorldFile
    release: str


def read_world(file: Path, scenarios: Scenarios, write_first: First) -> Found:
    """Read the file of a world, and go on with it.

    A last line that was not written to its end is cut off, with a warning: nobody was told that it happened.

    :raises KeptError: another line is broken, or the file cannot be read.
    """
    try:
        first, *others = _whole_lines(file)
    except OSError as error:
        raise KeptError(f"{file} cannot be read: {error.strerror}; {_AWAY}.") from error
    opening = _read(file, 1, first, lambda document: read_opening(document, scenarios))
    if opening.origin.name != file.name.removesuffix(SUFFIX):
        raise KeptError(f"{file}:1: this is the file of world {opening.origin.name}; call it so, or {_AWAY}.")
    changes = tuple(_read(file, number, line, read_change) for number, line in enumerate(others, start=_SECOND))
    log = WorldFile(file, write_first, first, size=sum(map(len, (first, *others))))
    kept = Kept(opening=opening, changes=changes, log=log, file=str(file), first_line=_SECOND)
    log.go_on_with(kept.surroundings)
    return Found(kept=kept, log=log, release=_read(file, 1, first, lambda document: str(document["mock_oms"])))


def _whole_lines(file: Path) -> list[bytes]:
    """The lines of a file with their ends, the first one and those after it that are not torn."""
    with file.open("r+b") as stream:
        lines = stream.readlines()
        if len(lines) > 1 and _is_torn(lines[-1]):
            lines.pop()
            _LOG.warning("%s:%d: the last line was not written to its end; it is cut off.", file, len(lines) + 1)
            cut(stream.fileno(), sum(map(len, lines)))
            os.fsync(stream.fileno())
    if not lines or not lines[0].endswith(b"\n"):
        raise KeptError(f"{file}:1: found no whole line that says how the world was opened; {_AWAY}.")
    return lines


def _is_torn(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return True
    return not line.endswith(b"\n")


def _read(file: Path, number: int, line: bytes, reads: Callable[[Any], Read]) -> Read:
    try:
        return reads(json.loads(line))
    except KeptError as error:
        raise KeptError(f"{file}:{number}: {error}; {_AWAY}.") from error
    except _STRANGE as error:
        raise KeptError(f"{file}:{number}: found a line that mock-oms does not write; {_AWAY}.") from error
