"""The store in a folder: a file for each world, the scenarios that they were opened with, and a lock."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from weakref import WeakValueDictionary

from filelock import FileLock, Timeout

from mock_oms.state.disk import UNFINISHED, make_folder
from mock_oms.state.lines import write_line, write_opening
from mock_oms.state.scenarios import KeptScenarios
from mock_oms.state.world_file import SUFFIX, WorldFile, read_world
from mock_oms.store import Change, Kept, KeptError, Opening

_LOCK_MODE = 0o600


@contextmanager
def state_folder(folder: Path) -> Iterator["StateFolder"]:
    """Own a folder, which is made if it is not there, until the end: then nothing is written to it any more.

    :raises KeptError: another process owns it, or it cannot be used.
    """
    with ExitStack() as stack:
        store = _owned(folder, stack)
        stack.callback(store.end)
        yield store


def _owned(folder: Path, stack: ExitStack) -> "StateFolder":
    """The store in a folder that is locked until the end of the stack."""
    try:
        make_folder(folder)
        stack.enter_context(FileLock(folder / "lock", timeout=0, mode=_LOCK_MODE, thread_local=False))
        return StateFolder(folder)
    except Timeout:
        raise KeptError(f"The folder {folder} is in use by another mock-oms: stop that one, or name another.") from None
    except OSError as error:
        raise KeptError(f"The folder {folder} cannot be used: {error.strerror}; name another.") from error


class StateFolder:
    """The worlds of a folder that nobody else writes to."""

    def __init__(self, folder: Path) -> None:
        self._worlds = folder / "worlds"
        self._release = version("mock-oms")
        self._files: WeakValueDictionary[str, WorldFile] = WeakValueDictionary()
        self._ended = False
        self._scenarios = KeptScenarios(folder / "scenarios")
        make_folder(self._worlds)
        for left in folder.rglob(f"*{UNFINISHED}"):
            left.unlink()

    def kept(self) -> tuple[Kept, ...]:
        """The worlds in the folder, made by an earlier process.

        :raises KeptError: one of them cannot be read.
        """
        found = [
            read_world(file, self._scenarios.load, self._first) for file in sorted(self._worlds.glob(f"*{SUFFIX}"))
        ]
        self._files.update({one.kept.name: one.log for one in found})
        self._warn_of_other_releases(Counter(one.release for one in found))
        return tuple(one.kept for one in found)

    def create(self, opening: Opening, changes: Iterable[Change] = ()) -> WorldFile:
        """Write the file of a new world, whole, and keep its scenario.

        :raises CannotWriteError: no file is written.
        """
        name = opening.origin.name
        log = self._files[name] = WorldFile(self._worlds / f"{name}{SUFFIX}", self._first)
        if self._ended:
            log.end()
        log.rewrite(changes, opening=opening)
        return log

    def _first(self, opening: Opening) -> bytes:
        """The first line of a world's file, whose scenario is kept before anything says its name."""
        self._scenarios.keep(opening.origin.scenario)
        return write_line(write_opening(opening, self._release))

    def end(self) -> None:
        """Write no more to worlds, once what is being written has been."""
        self._ended = True
        for log in list(self._files.values()):
            log.end()

    def _warn_of_other_releases(self, releases: Counter[str]) -> None:
        for release, count in sorted(releases.items()):
            if release != self._release:
                logging.getLogger(__name__).warning(
                    "%s: %d of its worlds were opened by mock-oms %s; this is %s, which may make other bytes of them.",
                    self._worlds,
                    count,
                    release,
                    self._release,
                )
