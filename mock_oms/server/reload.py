"""Following the files of scenarios while a server runs: what changes in their folders is looked at, and told."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from mock_oms.scenarios.library import Library
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from mock_oms.contract.observation import Observation

#: Milliseconds that changes are waited for after the first one: an editor makes several of one.
_SETTLED = 400
#: Seconds after which files are looked at anyway: not every file system tells of changes, nor of a new folder.
_GLANCE = 2.0
_LOG = logging.getLogger(__name__)


def reloads(settings: Settings) -> bool:
    """Whether files are followed: as it is set, else where somebody sits before a terminal."""
    return {"on": True, "off": False}.get(settings.reload, sys.stderr.isatty())


def open_library(settings: Settings, observed: "Observation | None" = None) -> Library:
    """The scenarios of these settings; where their files are followed, what is new about them goes to the log.

    Switches that were `observed` count before the defaults.
    """
    return Library(
        settings.scenarios,
        own=settings.scenario,
        tell=_LOG.warning if reloads(settings) else None,
        adopted=observed.answers if observed else None,
    )


def open_observed(settings: Settings) -> "Observation | None":
    """What was observed of a real OMS, None where these settings name no file of it.

    :raises mock_oms.scenarios.errors.ScenarioError: the file cannot be used.
    """
    if settings.observed is None:
        return None
    from mock_oms.conformance.observation_file import read_observation  # noqa: PLC0415  nobody else needs it at the start

    return read_observation(settings.observed)


@contextmanager
def watch_files(settings: Settings, library: Library) -> Iterator[Callable[[], None]]:
    """Answer with what begins to watch the library's files, until the end; it does nothing where none are followed."""
    watch = FileWatcher(library)
    try:
        yield watch.start if reloads(settings) else lambda: None
    finally:
        watch.end()


class FileWatcher:
    """Looks at a library's files when it starts, then whenever they change, in a thread of its own, until it ends."""

    def __init__(self, library: Library) -> None:
        self._library, self._ending = library, Event()
        self._thread = Thread(target=self._run, name="mock-oms-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch; nobody waits until it does."""
        self._thread.start()

    def end(self) -> None:
        """FileWatcher no longer."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            folders = self._library.watched()
            self._library.look()
            for _ in self._changes(folders):
                self._library.look()
                if self._library.watched() != folders:
                    break

    def _changes(self, folders: tuple[Path, ...]) -> Iterator[object]:
        """Something for each change in these folders, and now and then without one, until they cannot be watched."""
        from watchfiles import watch  # noqa: PLC0415  in the thread, after the banner

        try:
            if folders:
                yield from watch(
                    *folders,
                    watch_filter=None,
                    debounce=_SETTLED,
                    stop_event=self._ending,
                    rust_timeout=int(1000 * _GLANCE),
                    yield_on_timeout=True,
                    recursive=False,
                    raise_interrupt=False,
                )
        except (OSError, RuntimeError) as error:  # a folder has gone meanwhile, or the system watches no more of them
            _LOG.debug("The folders are looked at every %g seconds instead: %s", _GLANCE, error)
        self._ending.wait(_GLANCE)
