"""The file of one world: written to as the world lives, read when the process starts again."""

import errno
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Any, TypeVar

from marshmallow import ValidationError

from mock_oms.domain.clock import Clock
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.fault_schema import FAULT_SCHEMA, LIMITS_SCHEMA, write_fault, write_limits
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.text import time_text
from mock_oms.traffic.faults.active import ActiveFault, ActiveFaults
from mock_oms.worlds.store import (
    CannotWriteError,
    FaultsAndLimits,
    LogChange,
    LogEntry,
    StoredWorld,
    StoredWorldError,
    WorldOpening,
    WorldOrigin,
)

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


LINES_VERSION = 1

#: The scenario with this name of a file and this digest.
Scenarios = Callable[[str, str], Scenario]


def write_line(document: Mapping[str, Any]) -> bytes:
    """One line with its end: a line without it was not written to the end."""
    return json.dumps(document).encode() + b"\n"


def write_opening(opening: WorldOpening, release: str) -> dict[str, Any]:
    """The first line of a file; `release` is the version of mock-oms that opens the world."""
    origin, scenario = opening.origin, opening.origin.scenario
    return {
        "version": LINES_VERSION,
        "mock_oms": release,
        "name": origin.name,
        "token": opening.token,
        "scenario": {"name": scenario.name, "digest": scenario.digest, "file": scenario.lines.file.name},
        "seed": origin.seed,
        "start": time_text(origin.start),
        "opened": time_text(opening.clock.set_at),
        "rate": opening.clock.rate,
        "ttl": None if opening.ttl is None else opening.ttl.total_seconds(),
    }


def read_opening(document: Mapping[str, Any], scenarios: Scenarios) -> WorldOpening:
    """What the first line says; any exception but a `StoredWorldError` means that we have not written it.

    :raises StoredWorldError: another version, or the scenario cannot be used; the message is no whole sentence.
    """
    if document["version"] != LINES_VERSION:
        raise StoredWorldError(
            f"found version {document['version']}; accepted: {LINES_VERSION}, which this mock-oms writes"
        )
    scenario = scenarios(document["scenario"]["file"], document["scenario"]["digest"])
    start = _moment(document["start"])
    origin = WorldOrigin(name=document["name"], scenario=scenario, seed=int(document["seed"]), start=start)
    clock = Clock(shown=start, set_at=_moment(document["opened"]), rate=float(document["rate"]))
    ttl = None if document["ttl"] is None else timedelta(seconds=document["ttl"])
    return WorldOpening(origin=origin, clock=clock, token=document["token"], ttl=ttl)


def write_change(change: LogChange) -> dict[str, Any]:
    """A further line: `{"event": {"number", "at", WORD: {…}}}` or `{"clock": {"shown", "set_at", "rate"}}`.

    Or `{"traffic": {"faults": [{"id", "since", "origin", …}], "next_id", "limits": {…}}}`, the whole set each time.
    """
    if isinstance(change, LogEntry):
        return {"event": {"number": change.number, "at": time_text(change.at), **write_event(change.event)}}
    if isinstance(change, FaultsAndLimits):
        faults = change.faults
        standing = [_write_standing(one) for one in faults.standing]
        return {"traffic": {"faults": standing, "next_id": faults.next_id, "limits": write_limits(change.limits)}}
    return {"clock": {"shown": time_text(change.shown), "set_at": time_text(change.set_at), "rate": change.rate}}


def _write_standing(one: ActiveFault) -> dict[str, Any]:
    return {"id": one.id, "since": time_text(one.since), "origin": one.origin, **write_fault(one.fault)}


def read_change(document: Mapping[str, Any]) -> LogChange:
    """What a further line says; any exception means that we have not written it."""
    ((kind, given),) = document.items()
    return _KINDS[kind](dict(given))


def _entry(given: dict[str, Any]) -> LogEntry:
    return LogEntry(number=int(given.pop("number")), at=_moment(given.pop("at")), event=read_event(given))


def _clock(given: dict[str, Any]) -> Clock:
    return Clock(shown=_moment(given["shown"]), set_at=_moment(given["set_at"]), rate=float(given["rate"]))


def _surroundings(given: dict[str, Any]) -> FaultsAndLimits:
    standing = tuple(_standing(dict(one)) for one in given["faults"])
    faults = ActiveFaults(standing=standing, next_id=int(given["next_id"]))
    return FaultsAndLimits(faults=faults, limits=LIMITS_SCHEMA().load(given["limits"]))


def _standing(given: dict[str, Any]) -> ActiveFault:
    number, since, origin = (given.pop(key) for key in ("id", "since", "origin"))
    return ActiveFault(id=int(number), fault=FAULT_SCHEMA().load(given), since=_moment(since), origin=str(origin))


_KINDS: Mapping[str, Callable[[dict[str, Any]], LogChange]] = {
    "event": _entry,
    "clock": _clock,
    "traffic": _surroundings,
}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


SUFFIX = ".jsonl"

_LOG = logging.getLogger(__name__)
_SECOND = 2
_AWAY = "move the file away to start without this world"
#: What goes wrong where a line is not one of ours.
_STRANGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, ValidationError)

Read = TypeVar("Read")
First = Callable[[WorldOpening], bytes]


class WorldFile:
    """The log of a world as a file of lines, the first of which says how it was opened.

    `first` makes that line; whatever the line names is kept before. `opening` is the line as it stands in the file.
    """

    def __init__(self, file: Path, first: First, opening: bytes = b"", *, size: int = 0) -> None:
        self._file, self._first, self._opening, self._size = file, first, opening, size
        self._surroundings: FaultsAndLimits | None = None
        self._lock, self._ended = Lock(), False

    def go_on_with(self, surroundings: FaultsAndLimits | None) -> None:
        """Know what was written last of faults and limits, by an earlier process."""
        self._surroundings = surroundings

    def append(self, change: LogChange) -> None:
        """Write a line to the end, and wait until it is safe."""
        line = write_line(write_change(change))
        with self._writing() as may_write:
            if may_write:
                append_at(self._file, self._size, line)
                self._size += len(line)
                self._surroundings = change if isinstance(change, FaultsAndLimits) else self._surroundings

    def rewrite(self, changes: Iterable[LogChange], *, anew: bool = False, opening: WorldOpening | None = None) -> None:
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

    kept: StoredWorld
    log: WorldFile
    release: str


def read_world(file: Path, scenarios: Scenarios, write_first: First) -> Found:
    """Read the file of a world, and go on with it.

    A last line that was not written to its end is cut off, with a warning: nobody was told that it happened.

    :raises StoredWorldError: another line is broken, or the file cannot be read.
    """
    try:
        first, *others = _whole_lines(file)
    except OSError as error:
        raise StoredWorldError(f"{file} cannot be read: {error.strerror}; {_AWAY}.") from error
    opening = _read(file, 1, first, lambda document: read_opening(document, scenarios))
    if opening.origin.name != file.name.removesuffix(SUFFIX):
        raise StoredWorldError(f"{file}:1: this is the file of world {opening.origin.name}; call it so, or {_AWAY}.")
    changes = tuple(_read(file, number, line, read_change) for number, line in enumerate(others, start=_SECOND))
    log = WorldFile(file, write_first, first, size=sum(map(len, (first, *others))))
    kept = StoredWorld(opening=opening, changes=changes, log=log, file=str(file), first_line=_SECOND)
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
        raise StoredWorldError(f"{file}:1: found no whole line that says how the world was opened; {_AWAY}.")
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
    except StoredWorldError as error:
        raise StoredWorldError(f"{file}:{number}: {error}; {_AWAY}.") from error
    except _STRANGE as error:
        raise StoredWorldError(f"{file}:{number}: found a line that mock-oms does not write; {_AWAY}.") from error
