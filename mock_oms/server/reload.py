"""Watching the files of scenarios while a server runs: what changes in their folders is read again and logged."""

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
    """Whether files are watched: as it is set, else where somebody sits before a terminal."""
    return {"on": True, "off": False}.get(settings.reload, sys.stderr.isatty())


def open_library(settings: Settings, observed: "Observation | None" = None) -> Library:
    """The scenarios of these settings; where their files are watched, what is new about them goes to the log.

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
    """Give what begins to watch the library's files, until the end; it does nothing where none are watched.

    They are looked at when it begins, then whenever they change, in a thread.
    """
    ending = Event()
    thread = Thread(target=_watch, args=(library, ending), name="mock-oms-watch", daemon=True)
    try:
        yield thread.start if reloads(settings) else lambda: None
    finally:
        ending.set()
        if thread.is_alive():
            thread.join()


def _watch(library: Library, ending: Event) -> None:
    while not ending.is_set():
        folders = library.watched()
        library.look()
        for _ in _changes(folders, ending):
            library.look()
            if library.watched() != folders:
                break


def _changes(folders: tuple[Path, ...], ending: Event) -> Iterator[object]:
    """Something for each change in these folders, and now and then without one, until they cannot be watched."""
    from watchfiles import watch  # noqa: PLC0415  in the thread, after the banner

    try:
        if folders:
            yield from watch(
                *folders,
                watch_filter=None,
                debounce=_SETTLED,
                stop_event=ending,
                rust_timeout=int(1000 * _GLANCE),
                yield_on_timeout=True,
                recursive=False,
                raise_interrupt=False,
            )
    except (OSError, RuntimeError) as error:  # a folder has gone meanwhile, or the system watches no more of them
        _LOG.debug("The folders are looked at every %g seconds instead: %s", _GLANCE, error)
    ending.wait(_GLANCE)
