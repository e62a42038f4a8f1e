"""The store in a folder: a file for each world, the scenarios that they were opened with, and a lock."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from weakref import WeakValueDictionary

from filelock import FileLock, Timeout

from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.profiles import FOLDER as PROFILES
from mock_oms.scenarios.yaml_file import parse_yaml
from mock_oms.worlds.store import Log, LogChange, Store, StoredWorld, StoredWorldError, WorldOrigin
from mock_oms.worlds.world_file import (
    SUFFIX,
    UNFINISHED,
    WorldFile,
    make_folder,
    read_world,
    write_line,
    write_origin,
    write_whole,
)

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

    def keep(self, scenario: Scenario) -> None:
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
        self._release = version("mock-oms")
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
        for release, count in sorted(Counter(one.release for one in found).items()):
            if release != self._release:
                logging.getLogger(__name__).warning(
                    "%s: %d of its worlds were opened by mock-oms %s; this is %s, which may make other bytes of them.",
                    self._worlds,
                    count,
                    release,
                    self._release,
                )
        return found

    def create(self, origin: WorldOrigin, changes: Iterable[LogChange] = ()) -> Log:
        """Write the file of a new world, whole, and keep its scenario.

        :raises CannotWriteError: no file is written.
        """
        name = origin.name
        log: Log = WorldFile(self._worlds / f"{name}{SUFFIX}", self._first_line)
        self._files[name] = log
        if self._ended:
            log.end()
        log.rewrite(changes, origin=origin)
        return log

    def _first_line(self, origin: WorldOrigin) -> bytes:
        """The first line of a world's file, whose scenario is stored before any line names it."""
        self._scenarios.keep(origin.scenario)
        return write_line(write_origin(origin, self._release))

    def end(self) -> None:
        """Write no more to worlds, once what is being written has been."""
        self._ended = True
        for log in list(self._files.values()):
            log.end()
