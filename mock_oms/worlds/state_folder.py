"""The store in a folder: a file of lines for each world, the scenarios that they were opened with, and a lock."""

import errno
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from marshmallow import ValidationError

from mock_oms import __version__
from mock_oms.domain.clock import Clock
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.profiles import FOLDER as PROFILES
from mock_oms.scenarios.schema import FAULT_SCHEMA, LIMITS_SCHEMA, without_defaults
from mock_oms.scenarios.yaml_file import parse_yaml
from mock_oms.text import time_text
from mock_oms.traffic.faults.active import ActiveFault, ActiveFaults
from mock_oms.worlds.store import (
    CannotWriteError,
    FaultsAndLimits,
    Log,
    LogChange,
    LogEntry,
    Store,
    StoredWorld,
    StoredWorldError,
    WorldOrigin,
    read_time,
)

# Files and folders that outlive a crash

#: How the names of files end that are being written; those that a crash has left behind mean nothing.
UNFINISHED = ".unfinished"


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone, and those that it stands in; one that is there stays as it is."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def write_whole(file: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file, in place of one of this name: whoever looks sees the one or the other, whole.

    Its `mode` says who may read it: this user alone.

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


def sync_folder(folder: Path) -> None:
    """Let a folder's new, replaced and removed names outlive a crash of the machine, where its file system can."""
    with suppress(OSError):  # some can't, and say so
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# Lines

LINES_VERSION = 1

#: The scenario with this name of a file and this digest.
Scenarios = Callable[[str, str], Scenario]


def write_line(document: Mapping[str, Any]) -> bytes:
    """One line with its end: a line without it was not written to the end."""
    return json.dumps(document).encode() + b"\n"


def read_origin(document: Mapping[str, Any], scenarios: Scenarios) -> WorldOrigin:
    """What the first line says; any exception but a `StoredWorldError` means that we have not written it.

    :raises StoredWorldError: another version, or the scenario cannot be used; the message is no whole sentence.
    """
    if document["version"] != LINES_VERSION:
        raise StoredWorldError(
            f"found version {document['version']}; accepted: {LINES_VERSION}, which this mock-oms writes"
        )
    return WorldOrigin(
        name=document["name"],
        scenario=scenarios(document["scenario"]["file"], document["scenario"]["digest"]),
        seed=int(document["seed"]),
        start=read_time(document["start"]),
        opened=read_time(document["opened"]),
        rate=float(document["rate"]),
        token=document["token"],
        ttl=None if document["ttl"] is None else timedelta(seconds=document["ttl"]),
    )


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


def read_change(document: Mapping[str, Any]) -> LogChange:
    """What a further line says; any exception means that we have not written it."""
    ((kind, given),) = document.items()
    match kind:
        case "event":
            return LogEntry.read(given)
        case "clock":
            shown, set_at = read_time(given["shown"]), read_time(given["set_at"])
            return Clock(shown=shown, set_at=set_at, rate=float(given["rate"]))
        case "traffic":
            active = tuple(
                ActiveFault(
                    id=int(one.pop("id")),
                    since=read_time(one.pop("since")),
                    origin=str(one.pop("origin")),
                    fault=FAULT_SCHEMA().load(one),
                )
                for one in map(dict, given["faults"])
            )
            faults = ActiveFaults(active=active, next_id=int(given["next_id"]))
            return FaultsAndLimits(faults=faults, limits=LIMITS_SCHEMA().load(given["limits"]))
    raise ValueError(kind)


# The file

SUFFIX = ".jsonl"

_LOG = logging.getLogger(__name__)
_AWAY = "move the file away to start without this world"
#: What goes wrong where a line is not one of ours.
_STRANGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, ValidationError)

First = Callable[[WorldOrigin], bytes]


class WorldFile(Log):
    """The log of a world as a file of lines, the first of which says how it was opened.

    `first` makes that line, after it has stored what the line names. `opening` is the line as it stands in the file,
    `size` what was written so far, `latest` the faults and limits that were written last.
    """

    def __init__(
        self, file: Path, first: First, opening: bytes = b"", *, size: int = 0, latest: FaultsAndLimits | None = None
    ) -> None:
        self._file, self._first, self._opening, self._size, self._latest = file, first, opening, size, latest
        self._lock, self._ended = Lock(), False

    def append(self, change: LogChange) -> None:
        """Write a line to the end, and wait until it is safe."""
        line = write_line(write_change(change))
        with self._writing() as may_write:
            if may_write:
                self._append(line)
                self._size += len(line)
                self._latest = change if isinstance(change, FaultsAndLimits) else self._latest

    def _append(self, line: bytes) -> None:
        # Opened each time: a thousand worlds would hold a thousand descriptors. Never made: then its beginning is missing.
        with self._file.open("r+b", buffering=0) as stream:
            if os.fstat(stream.fileno()).st_size < self._size:
                raise OSError(errno.EIO, "somebody else has shortened its file")
            try:
                stream.truncate(self._size)  # half a line may stand behind it
                stream.seek(self._size)
                rest = memoryview(line)
                while rest:
                    rest = rest[stream.write(rest) :]
                os.fsync(stream.fileno())
            except OSError:
                with suppress(OSError):  # the next one cuts it
                    stream.truncate(self._size)
                raise

    def rewrite(self, changes: Iterable[LogChange], *, anew: bool = False, origin: WorldOrigin | None = None) -> None:
        """Put a file with these changes in the place of what was written so far, and wait until it is safe."""
        with self._writing() as may_write:
            if may_write:
                latest = None if anew else self._latest
                lines = (write_line(write_change(change)) for change in (*changes, latest) if change is not None)
                first = self._opening if origin is None else self._first(origin)
                content = b"".join([first, *lines])
                write_whole(self._file, content)
                self._opening, self._size, self._latest = first, len(content), latest

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
        """Write no more, once what is being written has been."""
        with self._lock:
            self._ended = True

    @contextmanager
    def _writing(self) -> Iterator[bool]:
        """Hold the file; answers whether it is still this world's."""
        with self._lock:
            try:
                yield not self._ended
            except OSError as error:
                why = f"{self._file.name.removesuffix(SUFFIX)} could not be written: {error.strerror or error}"
                raise CannotWriteError(f"World {why}; nothing has changed.") from error


def read_world(file: Path, scenarios: Scenarios, write_first: First) -> StoredWorld:
    """Read the file of a world, and go on with it; its log is a `WorldFile`.

    A last line that was not written to its end is cut off, with a warning: no client had an answer to it yet.

    :raises StoredWorldError: another line is broken, or the file cannot be read.
    """
    try:
        with file.open("r+b") as stream:
            lines = stream.readlines()
            if len(lines) > 1 and not _is_whole(lines[-1]):
                lines.pop()
                _LOG.warning("%s:%d: the last line was not written to its end; it is cut off.", file, len(lines) + 1)
                stream.truncate(sum(map(len, lines)))
                os.fsync(stream.fileno())
    except OSError as error:
        raise StoredWorldError(f"{file} cannot be read: {error.strerror}; {_AWAY}.") from error
    if not lines or not lines[0].endswith(b"\n"):
        raise StoredWorldError(f"{file}:1: found no whole line that says how the world was opened; {_AWAY}.")
    first, *others = lines
    with _errors_at(file, 1):
        document = json.loads(first)
        origin, release = read_origin(document, scenarios), str(document["mock_oms"])
    if origin.name != file.name.removesuffix(SUFFIX):
        raise StoredWorldError(f"{file}:1: this is the file of world {origin.name}; call it so, or {_AWAY}.")
    changes: list[LogChange] = []
    for number, line in enumerate(others, start=2):
        with _errors_at(file, number):
            changes.append(read_change(json.loads(line)))
    latest = next((one for one in reversed(changes) if isinstance(one, FaultsAndLimits)), None)
    log = WorldFile(file, write_first, first, size=sum(map(len, lines)), latest=latest)
    return StoredWorld(
        origin=origin, changes=tuple(changes), faults_and_limits=latest, log=log, file=str(file), release=release
    )


def _is_whole(line: bytes) -> bool:
    with suppress(ValueError, RecursionError):
        json.loads(line)
        return line.endswith(b"\n")
    return False


@contextmanager
def _errors_at(file: Path, number: int) -> Iterator[None]:
    """Say of an error in a line where it is."""
    try:
        yield
    except StoredWorldError as error:
        raise StoredWorldError(f"{file}:{number}: {error}; {_AWAY}.") from error
    except _STRANGE as error:
        raise StoredWorldError(f"{file}:{number}: found a line that mock-oms does not write; {_AWAY}.") from error


#: A name may hold what no file name should. What is lost of it matters to nobody: the digest is of all that is said.
_UNSAFE, _LONGEST = re.compile("[^A-Za-z0-9._-]"), 80


class StoredScenarios:
    """Scenarios in a folder, each by its name and digest; their content never changes."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._read: dict[tuple[str, str], Scenario] = {}

    def _file(self, name: str, digest: str) -> Path:
        """The file of a scenario; its profiles are in a folder that is called as the file without its suffix."""
        safe, digits = (_UNSAFE.sub("_", part)[:_LONGEST] for part in (name, digest))
        return self._folder / f"{safe}@{digits}.yaml"

    def store(self, scenario: Scenario) -> None:
        """Write a scenario's text, and before it those of its profiles, where they are not there.

        :raises OSError: it is not there, and cannot be written.
        """
        file = self._file(scenario.name, scenario.digest)
        folder = file.with_suffix("") / PROFILES
        for made in (folder.parent, folder) if scenario.profiles else ():
            make_folder(made)
        beside = {folder / f"{profile.name}.yaml": profile.text for profile in scenario.profiles}
        for wanted, text in {**beside, file: scenario.lines.text}.items():
            if not wanted.exists():
                write_whole(wanted, text.encode())

    def load(self, called: str, digest: str) -> Scenario:
        """A stored scenario, by the name of its own file, such as `restock.yaml`, and its digest.

        :raises StoredWorldError: it is not there, or not what it was; the message is no whole sentence.
        """
        if (called, digest) in self._read:
            return self._read[called, digest]
        file = self._file(Path(called).stem, digest)
        beside = file.with_suffix("")
        try:
            data, lines = parse_yaml(file.read_bytes().decode(), Path(called))
            scenario = build_scenario(data, replace(lines, file=beside / called))
        except (OSError, ValueError, ScenarioError) as error:
            reason, *_ = str(error).removeprefix(f"{beside}/").splitlines()
            raise StoredWorldError(f"its scenario in {file} cannot be used ({reason})") from error
        if scenario.digest != digest:
            raise StoredWorldError(f"its scenario in {file} has been changed: found the digest {scenario.digest}")
        self._read[called, digest] = scenario
        return scenario


@contextmanager
def state_folder(folder: Path) -> Iterator["StateFolder"]:
    """Own a folder, which is made if it is not there, until the end: then nothing is written to it any more.

    :raises StoredWorldError: another process owns it, or it cannot be used.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  no start without a folder needs it

    with ExitStack() as stack:
        try:
            make_folder(folder)
            stack.enter_context(FileLock(folder / "lock", timeout=0, mode=0o600, thread_local=False))
            store = StateFolder(folder)
        except Timeout:
            raise StoredWorldError(
                f"The folder {folder} is in use by another mock-oms: stop that one, or name another."
            ) from None
        except OSError as error:
            raise StoredWorldError(f"The folder {folder} cannot be used: {error.strerror}; name another.") from error
        stack.callback(store.end)
        yield store


class StateFolder(Store):
    """The worlds of a folder that nobody else writes to."""

    def __init__(self, folder: Path) -> None:
        self._worlds = folder / "worlds"
        self._release = __version__
        self._files: WeakValueDictionary[str, Log] = WeakValueDictionary()
        self._ended = False
        self._scenarios = StoredScenarios(folder / "scenarios")
        make_folder(self._worlds)
        for left in folder.rglob(f"*{UNFINISHED}"):
            left.unlink()

    def worlds(self) -> tuple[StoredWorld, ...]:
        """The worlds in the folder, made by an earlier process.

        :raises StoredWorldError: one of them cannot be read.
        """
        files = sorted(self._worlds.glob(f"*{SUFFIX}"))
        found = tuple(read_world(file, self._scenarios.load, self._first_line) for file in files)
        self._files.update({one.origin.name: one.log for one in found})
        others = Counter(one.release for one in found if one.release != self._release)
        for release, count in sorted(others.items()):
            opened = f"{count} of its worlds were opened by mock-oms {release}"
            _LOG.warning("%s: %s; this is %s, which may make other bytes of them.", self._worlds, opened, self._release)
        return found

    def create(self, origin: WorldOrigin, changes: Iterable[LogChange] = ()) -> Log:
        """Write the file of a new world, whole, and store its scenario.

        :raises CannotWriteError: no file is written.
        """
        log: Log = WorldFile(self._worlds / f"{origin.name}{SUFFIX}", self._first_line)
        self._files[origin.name] = log
        if self._ended:
            log.end()
        log.rewrite(changes, origin=origin)
        return log

    def _first_line(self, origin: WorldOrigin) -> bytes:
        """The first line of a world's file, whose scenario is stored before any line names it."""
        scenario = origin.scenario
        self._scenarios.store(scenario)
        return write_line(
            {
                "version": LINES_VERSION,
                "mock_oms": self._release,
                "name": origin.name,
                "token": origin.token,
                "scenario": {"name": scenario.name, "digest": scenario.digest, "file": scenario.lines.file.name},
                "seed": origin.seed,
                "start": time_text(origin.start),
                "opened": time_text(origin.opened),
                "rate": origin.rate,
                "ttl": None if origin.ttl is None else origin.ttl.total_seconds(),
            }
        )

    def end(self) -> None:
        """Write no more to worlds, once what is being written has been."""
        self._ended = True
        for log in list(self._files.values()):
            log.end()
