"""The versions of scenario files: each file as it was read last, and the last scenario in it that could be used."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from mock_oms.scenario.adopted import Adopted
from mock_oms.scenario.building import Scenario, load_scenario
from mock_oms.scenario.problems import Problem, ScenarioError
from mock_oms.scenario.profiles import Profiles

#: What changes when a file does.
Stamp = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A file as it was read last: `problems` are what is wrong with it now, `good` the last scenario that it held.

    One of them is there. `stamp` is the file's, `beside` those of the profiles that it may have.
    """

    stamp: Stamp = ()
    beside: Stamp = ()
    good: Scenario | None = None
    problems: tuple[Problem, ...] = ()

    def usable(self, *, keeps: bool) -> Scenario:
        """The scenario; where its file is broken now, the last good one, if that `keeps` its place.

        :raises ScenarioError: there is none.
        """
        if self.good is None or (self.problems and not keeps):
            raise ScenarioError(self.problems)
        return self.good


class Versions:
    """Scenario files, each read again when it has changed, or one of the profiles that it may have."""

    def __init__(self, profiles: Profiles, adopted: Adopted) -> None:
        self._profiles, self._adopted = profiles, adopted
        self._known: dict[Path, Version] = {}
        self._lock = Lock()

    @property
    def are_read(self) -> bool:
        """Whether some file is being read this moment; who asks for one that has changed waits for it."""
        return self._lock.locked()

    def of(self, file: Path) -> Version:
        """The file as it is now."""
        known = self._known.get(file)
        if known is not None and self._holds(file, known):
            return known
        with self._lock:
            known = self._known.get(file)
            if known is None or not self._holds(file, known):
                known = self._known[file] = self._read(file, known)
            return known

    def _holds(self, file: Path, known: Version) -> bool:
        if _stamp(file) != known.stamp:
            return False
        has_profiles = known.problems or (known.good and known.good.profiles)
        return not has_profiles or self._beside(file) == known.beside

    def _read(self, file: Path, before: Version | None) -> Version:
        # The stamps first: what changes while the file is read is noticed the next time.
        stamp, beside = _stamp(file), self._beside(file)
        try:
            return Version(stamp=stamp, beside=beside, good=load_scenario(file, self._profiles, self._adopted))
        except ScenarioError as error:
            good = before.good if before else None
            return Version(stamp=stamp, beside=beside, good=good, problems=error.problems)

    def _beside(self, file: Path) -> Stamp:
        try:
            return self._profiles.beside(file).seen()
        except OSError:  # one of them has just been removed
            return ()


def _stamp(file: Path) -> Stamp:
    try:
        seen = file.stat()
    except OSError:
        return ()
    return seen.st_mtime_ns, seen.st_size, seen.st_ino
