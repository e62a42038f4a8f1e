"""The store in a folder: a file for each world, the scenarios that they were opened with, and locks."""

import errno
import fcntl
import json
import logging
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from mock_oms import __version__
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.profiles import FOLDER as PROFILES
from mock_oms.scenarios.profiles import Profile, Profiles
from mock_oms.scenarios.yaml_file import parse_yaml, read_text
from mock_oms.text import NO_WAIT, time_text
from mock_oms.worlds.files import make_folder, remove_unfinished, write_whole
from mock_oms.worlds.store import LogChange, Store, StoredWorld, StoredWorldError, WorldOrigin
from mock_oms.worlds.world_file import LINES_VERSION, SUFFIX, WorldFile, read_world

_LOG = logging.getLogger(__name__)
#: A name may hold what no file name should. What is lost of it matters to nobody: the digest is of all that is said.
_UNSAFE, _LONGEST = re.compile("[^A-Za-z0-9._-]"), 80


def order_of(scenario: Scenario) -> str:
    """What tells an inline scenario from one that has the same digest, and its keys in another order; else nothing.

    Anybody may send both at once. The ids of locations follow from their order.
    """
    return sha256(json.dumps(scenario.data).encode()).hexdigest()[:8] if scenario.inline else ""


class StoredScenarios:
    """Scenarios in a folder, each by its name and digest; their content never changes."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._read: dict[tuple[str, str, str], Scenario] = {}

    def _file(self, name: str, digest: str, inline: str) -> Path:
        """The file of a scenario; its profiles are in a folder that is called as the file without its suffix."""
        safe, *digits = (_UNSAFE.sub("_", part)[:_LONGEST] for part in (name, digest, inline))
        return self._folder / f"{safe}@{'-'.join(filter(None, digits))}.yaml"

    def store(self, scenario: Scenario) -> None:
        """Write a scenario's text, and before it those of its profiles, where they are not there.

        :raises OSError: it is not there, and cannot be written.
        """
        file = self._file(scenario.name, scenario.digest, order_of(scenario))
        folder = file.with_suffix("") / PROFILES
        for made in (folder.parent, folder) if scenario.profiles else ():
            if made.is_symlink():
                raise OSError(errno.ELOOP, f"{made} is a link, which is not followed")
            make_folder(made)
        whole: dict[Path, Scenario | Profile] = {folder / f"{one.name}.yaml": one for one in scenario.profiles}
        whole[file] = scenario  # the last
        for wanted, one in whole.items():
            if not wanted.exists():
                write_whole(wanted, one.text.encode())

    def load(self, called: str, digest: str, inline: str = "") -> Scenario:
        """A stored scenario, by the name of its own file, such as `restock.yaml`, and its digest.

        Of an `inline` one this is its order (see `order_of`), and it is called by its name.

        :raises StoredWorldError: it is not there, or not what it was; the message is no whole sentence.
        """
        if (called, digest, inline) in self._read:
            return self._read[called, digest, inline]
        file = self._file(called if inline else Path(called).stem, digest, inline)
        beside = file.with_suffix("")
        try:
            data, lines = parse_yaml(read_text(file), Path(called))
            profiles = Profiles(folders=(beside / PROFILES,))
            scenario = build_scenario(data, replace(lines, file=beside / called), profiles, inline=bool(inline))
        except (OSError, ValueError, ScenarioError) as error:
            reason, *_ = str(error).removeprefix(f"{beside}/").removeprefix(f"{file}: ").splitlines()
            raise StoredWorldError(f"its scenario in {file} cannot be used ({reason})") from error
        if scenario.digest != digest:
            raise StoredWorldError(f"its scenario in {file} has been changed: found the digest {scenario.digest}")
        self._read[called, digest, inline] = scenario
        return scenario


#: What a file system says that locks no folders, such as NFS.
_NO_LOCKS = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


class InUseError(StoredWorldError):
    """Another process owns a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The folder {folder} is in use by another mock-oms: stop that one, or name another.")


@contextmanager
def _locked(folder: Path, *, make: bool = True) -> Iterator[int]:
    """Own a state folder, and give the descriptor of the folder of its worlds.

    That one is locked itself, so that nobody can take the lock away; the file `lock` beside it is what mock-oms 0.1 looks
    at, and file systems that lock no folders have.

    :raises InUseError: another process owns it.
    """
    flags = os.O_NOFOLLOW | os.O_CLOEXEC | NO_WAIT
    with ExitStack() as stack:
        descriptor = os.open(folder / "worlds", flags | os.O_DIRECTORY)
        stack.callback(os.close, descriptor)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
            lock = os.open(folder / "lock", flags | os.O_RDWR | (os.O_CREAT if make else 0), 0o600)
            stack.callback(os.close, lock)
            if not stat.S_ISREG(os.fstat(lock).st_mode):
                raise OSError(errno.EINVAL, "its lock is no ordinary file")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(folder) from None
        yield descriptor


def is_in_use(folder: Path) -> bool:
    """Whether a process owns a state folder; nothing is made.

    :raises OSError: that cannot be found out.
    """
    try:
        with _locked(folder, make=False):
            return False
    except InUseError:
        return True
    except FileNotFoundError:
        return False


@contextmanager
def state_folder(folder: Path) -> Iterator["StateFolder"]:
    """Own a folder, which is made if it is not there, until the end: then nothing is written to it any more.

    :raises StoredWorldError: another process owns it, or it cannot be used.
    """
    with ExitStack() as stack:
        try:
            for inside in (folder / "worlds", folder / "scenarios"):
                if inside.is_symlink():
                    raise StoredWorldError(f"{inside} is a link, which is not followed; put a folder there.")
            for made in (folder, folder / "worlds"):
                make_folder(made)
            store = StateFolder(folder, stack.enter_context(_locked(folder)))
        except OSError as error:
            raise StoredWorldError(f"The folder {folder} cannot be used: {error.strerror}; name another.") from error
        stack.callback(store.end)
        yield store


class StateFolder(Store):
    """The worlds of a folder that nobody else writes to; `descriptor` is that of the folder of its worlds."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder, self._worlds = folder, folder / "worlds"
        self._descriptor = descriptor
        self._release = __version__
        self._files: WeakValueDictionary[str, WorldFile] = WeakValueDictionary()
        self._ended = False
        self._scenarios = StoredScenarios(folder / "scenarios")

    def _check(self) -> None:
        """Raise an OSError where another folder has come into the place of ours, which another process may own."""
        if not os.path.samestat(os.fstat(self._descriptor), self._worlds.lstat()):
            raise OSError(errno.ESTALE, f"another folder is in the place of {self._worlds}")

    def worlds(self) -> tuple[StoredWorld, ...]:
        """The worlds in the folder, made by an earlier process.

        :raises StoredWorldError: one of them cannot be read.
        """
        files = sorted(file for file in self._worlds.glob(f"*{SUFFIX}") if not file.name.startswith("."))
        logs = {file: WorldFile(file, self._first_line, self._check) for file in files}
        found = tuple(read_world(file, log, self._scenarios.load) for file, log in logs.items())
        self._files.update({one.origin.name: logs[Path(one.file)] for one in found})
        others = Counter(one.release for one in found if one.release != self._release)
        for release, count in sorted(others.items()):
            opened = f"{count} of its worlds were opened by mock-oms {release}"
            _LOG.warning("%s: %s; this is %s, which may make other bytes of them.", self._worlds, opened, self._release)
        return found

    def create(self, origin: WorldOrigin, changes: Iterable[LogChange] = ()) -> WorldFile:
        """Write the file of a new world, whole, and store its scenario.

        :raises CannotWriteError: no file is written.
        """
        log = WorldFile(self._worlds / f"{origin.name}{SUFFIX}", self._first_line, self._check)
        self._files[origin.name] = log
        if self._ended:
            log.end()
        log.rewrite(changes, origin=origin)
        return log

    def mend(self) -> None:
        """Cut off what was not written to its end, and remove files that were never written to theirs.

        :raises StoredWorldError: that cannot be done.
        """
        try:
            for log in list(self._files.values()):
                log.mend()
            for inside in (self._worlds, self._folder / "scenarios"):
                remove_unfinished(inside)
        except OSError as error:
            what = f"{error.filename or self._folder} cannot be mended: {error.strerror}"
            raise StoredWorldError(f"{what}; let this user write there, or name another folder.") from error

    def _first_line(self, origin: WorldOrigin) -> dict[str, Any]:
        """The first line of a world's file, whose scenario is stored before any line names it."""
        scenario, file = origin.scenario, origin.scenario.lines.file
        self._scenarios.store(scenario)
        is_file = not scenario.inline and self._folder not in file.parents
        more = {"path": str(file.resolve())} if is_file else {"inline": order_of(scenario)} if scenario.inline else {}
        return {
            "version": LINES_VERSION if origin.seeding > 1 else 2,
            "mock_oms": self._release,
            "name": origin.name,
            "token": origin.token,
            "scenario": {"name": scenario.name, "digest": scenario.digest, "file": file.name, **more},
            "seed": origin.seed,
            "start": time_text(origin.start),
            "opened": time_text(origin.opened),
            "rate": origin.rate,
            "ttl": None if origin.ttl is None else origin.ttl.total_seconds(),
        }

    def end(self) -> None:
        """Write no more to worlds, once what is being written has been."""
        self._ended = True
        for log in list(self._files.values()):
            log.end()
