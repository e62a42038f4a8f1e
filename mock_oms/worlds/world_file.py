"""The file of a world: lines of JSON, each with a checksum of all that stands up to it, and the log that writes them."""

import errno
import json
import logging
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from io import BytesIO, FileIO
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar

from marshmallow import ValidationError
from marshmallow.fields import Dict, Nested

from mock_oms.contract.control_bodies import HIGHEST_SEED, MANY
from mock_oms.domain.clock import Clock
from mock_oms.rendering.encoding import AnyField
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.errors import as_path
from mock_oms.scenarios.fields import LONGEST, Measure, Rate, Several, StrictSchema, Text, Whole, Word
from mock_oms.scenarios.schema import LIMITS_SCHEMA, FaultSchema, sentences, without_defaults
from mock_oms.scenarios.times import FixedTime
from mock_oms.settings import fault_of_token
from mock_oms.text import NO_WAIT, read_file, shortened, time_text
from mock_oms.traffic.faults.active import ActiveFault, ActiveFaults
from mock_oms.worlds.files import sync_folder, write_whole
from mock_oms.worlds.open_world import end_of_life
from mock_oms.worlds.store import (
    CannotWriteError,
    FaultsAndLimits,
    Log,
    LogChange,
    LogEntry,
    StoredWorld,
    StoredWorldError,
    WorldOrigin,
)
from mock_oms.worlds.world_header import WORLD, WORLD_ACCEPTED

# Lines

#: Lines of version 1 have no checksums; up to version 2 seeded plans are made by the first rules.
LINES_VERSION = 3
_SEALED = re.compile(rb'(.*), "crc32": "([0-9a-f]{8})"\}\n', re.DOTALL)
_DAMAGED = "the line was changed or damaged after it was written: its checksum does not fit"

C = TypeVar("C", bound=LogChange)
#: The scenario with this name of a file and this digest; of an inline one, with this name and this order of its keys.
Scenarios = Callable[[str, str, str], Scenario]


def write_line(document: Mapping[str, Any], before: int = 0) -> tuple[bytes, int]:
    """One line with its end, for a line without it was not written to the end; and its checksum.

    That is the CRC-32 of all lines up to here without their own checksums; `before` is that of the line before it.
    """
    body = json.dumps(document, allow_nan=False).encode()[:-1]
    checksum = zlib.crc32(body, before)
    return b'%b, "crc32": "%08x"}\n' % (body, checksum), checksum


def read_line(line: bytes, before: int, *, sealed: bool) -> tuple[Any, int, bool]:
    """What a line says, its checksum, and whether it has one itself, which it must if it is to be `sealed`.

    :raises StoredWorldError: the checksum is missing or another one; the message is no whole sentence.
    """
    found = _SEALED.fullmatch(line)
    checksum = zlib.crc32(found[1] if found else line[:-2], before)
    if checksum != int(found[2], 16) if found else sealed:
        raise StoredWorldError(_DAMAGED)
    return json.loads(found[1] + b"}" if found else line), checksum, found is not None


def _fields_of(more: Mapping[str, AnyField] = MappingProxyType({}), /, **fields: AnyField) -> type[StrictSchema]:
    """The schema of a mapping that has all of these keys, and perhaps `more`."""
    for one in fields.values():
        one.required = True
    return type("Line", (StrictSchema,), {**fields, **more})


_OPENING = _fields_of(
    version=Whole(1, LINES_VERSION),
    mock_oms=Word(),
    name=Text(),
    token=Text(),
    scenario=Nested(_fields_of({"inline": Text(), "path": Text()}, name=Text(), digest=Text(), file=Text())),
    seed=Whole(0, HIGHEST_SEED),
    start=FixedTime(),
    opened=FixedTime(),
    rate=Rate(),
    ttl=Measure(0, LONGEST.total_seconds(), allow_none=True),
)
#: No schema: most lines are these, and it would take three times as long.
_CLOCK: Mapping[str, AnyField] = {"shown": FixedTime(), "set_at": FixedTime(), "rate": Rate()}
_OF_FAULT = ("id", "since", "origin")
_FAULT = _fields_of(id=Whole(1, MANY), since=FixedTime(), origin=Text())
_TRAFFIC = _fields_of(faults=Several(Dict(), tuple), next_id=Whole(1, MANY), limits=Nested(LIMITS_SCHEMA))


def read_opening(document: Any, scenarios: Scenarios) -> tuple[WorldOrigin, str]:  # noqa: ANN401  JSON enters
    """What the first line says, and the version of mock-oms that wrote it.

    :raises StoredWorldError: another version, a token that nobody can send, or the scenario cannot be used; the message
        is no whole sentence. Any other exception means that we have not written the line.
    """
    version = document["version"]
    if version not in range(1, LINES_VERSION + 1):
        accepted = f"1 to {LINES_VERSION}, which this mock-oms writes"
        raise StoredWorldError(f"found version {shortened(version)}; accepted: {accepted}")
    if not isinstance(document["token"], str) or fault_of_token(document["token"]):
        raise StoredWorldError("found a token that no client can send (not shown)")
    found = _OPENING().load(document)
    if not re.fullmatch(WORLD, found["name"]):
        raise StoredWorldError(f"found the name {shortened(found['name'])!r}; accepted: {WORLD_ACCEPTED}")
    said = found["scenario"]
    scenario = scenarios(said["file"], said["digest"], said.get("inline", ""))
    origin = WorldOrigin(
        name=found["name"],
        scenario=scenario,
        seed=found["seed"],
        start=found["start"],
        opened=found["opened"],
        rate=found["rate"],
        token=found["token"],
        ttl=None if found["ttl"] is None else timedelta(seconds=found["ttl"]),
        seeding=scenario.seeding(version),
    )
    return origin, found["mock_oms"]


def write_change(change: LogChange) -> dict[str, Any]:
    """A further line: `{"event": {"number", "at", WORD: {…}}}` or `{"clock": {"shown", "set_at", "rate"}}`.

    Or `{"traffic": {"faults": [{"id", "since", "origin", …}], "next_id", "limits": {…}}}`, the whole set each time.
    """
    if isinstance(change, LogEntry):
        return {"event": change.to_json()}
    if isinstance(change, Clock):
        return {"clock": {"shown": time_text(change.shown), "set_at": time_text(change.set_at), "rate": change.rate}}
    faults = [
        {"id": one.id, "since": time_text(one.since), "origin": one.origin, **without_defaults(one.fault)}
        for one in change.faults.active
    ]
    return {"traffic": {"faults": faults, "next_id": change.faults.next_id, "limits": without_defaults(change.limits)}}


def read_change(document: Mapping[str, Any], start: datetime) -> LogChange:
    """What a further line says of a world with this start; any exception means that we have not written it."""
    ((kind, given),) = document.items()
    match kind:
        case "event":
            entry = LogEntry.read(given)
            return _within_life(entry, entry.at, start)
        case "clock":
            if given.keys() != _CLOCK.keys():
                raise LookupError(given)
            clock = Clock(**{key: field.deserialize(given[key]) for key, field in _CLOCK.items()})
            return _within_life(clock, clock.shown, start)
        case "traffic":
            found = _TRAFFIC().load(given)
            active = tuple(_read_fault(one) for one in found["faults"])
            if any(one.id >= found["next_id"] for one in active):
                raise ValueError(found["next_id"])
            return FaultsAndLimits(faults=ActiveFaults(active=active, next_id=found["next_id"]), limits=found["limits"])
    raise ValueError(kind)


def _within_life(change: C, at: datetime, start: datetime) -> C:
    end = end_of_life(start)
    if at > end:
        raise StoredWorldError(
            f"found the time {time_text(at)}; accepted: up to {time_text(end)}, where its world ends"
        )
    return change


def _read_fault(given: Mapping[str, Any]) -> ActiveFault:
    own = {key: given[key] for key in given if key in _OF_FAULT}
    rest = {key: given[key] for key in given if key not in _OF_FAULT}
    return ActiveFault(**_FAULT().load(own), fault=FaultSchema().load(rest))


# The file

SUFFIX = ".jsonl"
#: Bytes of a file that are read at most; far above those at which a log leaves out what later lines have replaced.
_MOST, _LONG = 256_000_000, 4_000_000
#: Bytes at the end of what was written, with its checksum, by which it is known again.
_END = 64

_LOG = logging.getLogger(__name__)
_AWAY = "move the file away to start without this world"
#: What goes wrong where a line is not one of ours.
_STRANGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, ValidationError)

First = Callable[[WorldOrigin], Mapping[str, Any]]


class WorldFile(Log):
    """The log of a world as a file of lines, the first of which says how it was opened.

    `first` makes that line, after it has stored what the line names. `check` raises an OSError where the folder is no
    longer ours. `latest` are the faults and limits that were written last, `torn` is what stands behind the last line.
    """

    def __init__(self, file: Path, first: First, check: Callable[[], None]) -> None:
        self._file, self._first, self._check = file, first, check
        self._opening, self._size, self._end, self._checksum = b"", 0, b"", 0
        self._latest: FaultsAndLimits | None = None
        self._torn, self._is_torn, self._long = b"", False, _LONG
        self._lock, self._ended = Lock(), False

    def go_on(
        self, lines: Sequence[bytes], checksum: int, *, latest: FaultsAndLimits | None = None, torn: bytes = b""
    ) -> None:
        """Write behind these lines, which stand in the file; the last one has this checksum."""
        self._opening, self._size, self._count = lines[0], sum(map(len, lines)), len(lines)
        self._end, self._checksum = lines[-1][-_END:], checksum
        self._latest, self._torn, self._is_torn = latest, torn, False

    def append(self, change: LogChange) -> None:
        """Write a line to the end, and wait until it is safe."""
        with self._writing() as may_write:
            if may_write:
                line, checksum = write_line(write_change(change), self._checksum)
                self._append(line)
                self._size, self._end, self._checksum = self._size + len(line), line[-_END:], checksum
                self._latest = change if isinstance(change, FaultsAndLimits) else self._latest
                if self._size > self._long:
                    with suppress(OSError, StoredWorldError):  # then it is as safe as before, and longer
                        self._shorten()
                    self._long = max(_LONG, 2 * self._size)

    def _append(self, line: bytes) -> None:
        # Opened each time: a thousand worlds would hold a thousand descriptors. Never made: then its beginning is missing.
        with self._opened() as stream:
            try:
                if self._is_torn:  # half a line of ours stands behind it
                    stream.truncate(self._size)
                stream.seek(self._size)
                rest = memoryview(line)
                while rest:
                    rest = rest[stream.write(rest) :]
                os.fsync(stream.fileno())
                self._is_torn = False
            except OSError:
                self._is_torn = True
                with suppress(OSError):  # the next one cuts it
                    stream.truncate(self._size)
                raise

    @contextmanager
    def _opened(self) -> Iterator[FileIO]:
        """The file, to read and write.

        :raises OSError: it is not as it was written last, so that somebody else has put something there.
        """
        with FileIO(os.open(self._file, os.O_RDWR | NO_WAIT | os.O_NOFOLLOW | os.O_CLOEXEC), "r+") as stream:
            found = os.fstat(stream.fileno())
            size = found.st_size if stat.S_ISREG(found.st_mode) else -1
            as_expected = size >= self._size if self._is_torn else size == self._size
            if not as_expected or os.pread(stream.fileno(), len(self._end), self._size - len(self._end)) != self._end:
                raise OSError(errno.ESTALE, "somebody else has changed its file")
            yield stream

    def rewrite(self, changes: Iterable[LogChange], *, anew: bool = False, origin: WorldOrigin | None = None) -> None:
        """Put a file with these changes in the place of what was written so far, and wait until it is safe."""
        with self._writing() as may_write:
            if may_write:
                first = self._opening
                checksum = read_line(first, 0, sealed=False)[1] if first else 0
                if origin is not None:
                    first, checksum = write_line(self._first(origin))
                latest = None if anew else self._latest
                lines = [first]
                for change in (*changes, *filter(None, [latest])):
                    line, checksum = write_line(write_change(change), checksum)
                    lines.append(line)
                self._replace(lines, checksum, latest)

    def _replace(self, lines: Sequence[bytes], checksum: int, latest: FaultsAndLimits | None) -> None:
        if self._size:
            with self._opened():
                pass
        elif os.path.lexists(self._file):
            raise OSError(errno.EEXIST, "somebody else has put something in the place of its file")
        write_whole(self._file, b"".join(lines))
        self.go_on(lines, checksum, latest=latest)

    def _shorten(self) -> None:
        """Leave out the clocks, and the sets of faults, that later lines replace: one day the file would be too long to read."""
        lines, checksum, documents = self._lines(), 0, []
        for line in lines:
            document, checksum, _ = read_line(line, checksum, sealed=False)
            documents.append(document)
        last = {next(iter(one)): one for one in documents}
        kept, checksum = lines[:1], read_line(lines[0], 0, sealed=False)[1]
        for one in documents[1:]:
            if "event" in one or one is last[next(iter(one))]:
                line, checksum = write_line(one, checksum)
                kept.append(line)
        self._replace(kept, checksum, self._latest)

    def _lines(self) -> list[bytes]:
        return BytesIO(read_file(self._file, self._size, follow=False)).readlines()

    def remove(self) -> None:
        """Remove the file; the next world of this name may make one at once, and never gets a line of this one."""
        with self._writing() as may_write:
            if may_write:
                with suppress(FileNotFoundError), self._opened():
                    self._file.unlink()
                self._ended = True

    def settle(self) -> None:
        """Wait until the removal is safe."""
        sync_folder(self._file.parent)

    def end(self) -> None:
        """Write no more, once what is being written has been."""
        with self._lock:
            self._ended = True

    @contextmanager
    def _writing(self) -> Iterator[bool]:
        """Hold the file; answers whether it is still this world's."""
        with self._lock:
            try:
                if not self._ended:
                    self._check()
                yield not self._ended
            except OSError as error:
                why = f"{self._file.name.removesuffix(SUFFIX)} could not be written: {error.strerror or error}"
                raise CannotWriteError(f"World {why}; nothing has changed.") from error

    def mend(self) -> None:
        """Cut off what was not written to its end, and keep it beside; where the file has other names, take a copy of our own.

        :raises OSError: it is as it was.
        """
        if self._torn:
            descriptor, beside = mkstemp(".torn", f"{self._file.name}.", self._file.parent)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(self._torn)
                stream.flush()
                os.fsync(stream.fileno())
            place = f"{self._file}:{self._count + 1}"
            _LOG.warning("%s: the last line was not written to its end; it is cut off, and kept in %s.", place, beside)
        if self._torn or self._file.lstat().st_nlink > 1:
            write_whole(self._file, b"".join(self._lines()))
        self._torn = b""


def read_world(file: Path, log: WorldFile, scenarios: Scenarios) -> StoredWorld:
    """Read the file of a world, which its log goes on with. Nothing is changed before the log is mended.

    A last line that was not written to its end is left out: no client had an answer to it yet.

    :raises StoredWorldError: another line is broken, or the file cannot be read.
    """
    try:
        content = read_file(file, _MOST, follow=False) if file.lstat().st_size <= _MOST else None
    except OSError as error:
        raise StoredWorldError(f"{file} cannot be read: {error.strerror}; {_AWAY}.") from error
    if content is None:
        raise StoredWorldError(f"{file} is larger than {_MOST // 1_000_000} MB, so it is no world; {_AWAY}.")
    lines = BytesIO(content).readlines()
    # A machine that crashes may leave zeros where something was about to be written.
    torn = lines.pop() if len(lines) > 1 and (not lines[-1].endswith(b"\n") or b"\0" in lines[-1]) else b""
    if not lines or not lines[0].endswith(b"\n"):
        raise StoredWorldError(f"{file}:1: found no whole line that says how the world was opened; {_AWAY}.")
    with _errors_at(file, 1):
        document, checksum, sealed = read_line(lines[0], 0, sealed=False)
        origin, release = read_opening(document, scenarios)
        path = document["scenario"].get("path", "")
        if document["version"] > 1 and not sealed:
            raise StoredWorldError(_DAMAGED)
    if origin.name != file.name.removesuffix(SUFFIX):
        raise StoredWorldError(f"{file}:1: this is the file of world {origin.name}; call it so, or {_AWAY}.")
    changes: list[LogChange] = []
    for number, line in enumerate(lines[1:], start=2):
        with _errors_at(file, number):
            document, checksum, sealed = read_line(line, checksum, sealed=sealed)
            changes.append(read_change(document, origin.start))
    latest = next((one for one in reversed(changes) if isinstance(one, FaultsAndLimits)), None)
    log.go_on(lines, checksum, latest=latest, torn=torn)
    return StoredWorld(
        origin=origin,
        changes=tuple(changes),
        faults_and_limits=latest,
        log=log,
        file=str(file),
        release=release,
        path=path,
    )


@contextmanager
def _errors_at(file: Path, number: int) -> Iterator[None]:
    """Say of an error in a line where it is."""
    try:
        yield
    except StoredWorldError as error:
        raise StoredWorldError(f"{file}:{number}: {error}; {_AWAY}.") from error
    except _STRANGE as error:
        said = f" ({_wrong_in(error.messages)})" if isinstance(error, ValidationError) else ""
        raise StoredWorldError(f"{file}:{number}: found a line that mock-oms does not write{said}; {_AWAY}.") from error


def _wrong_in(messages: Any) -> str:  # noqa: ANN401  marshmallow's
    found = sentences(messages if isinstance(messages, Mapping) else {"_schema": messages}, {})
    return "; ".join(f"{as_path(place)}: {one}".strip(" :.") for place, one in found)
