"""Where scenarios are found: a folder of the user's own beside the one that we ship."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from mock_oms.domain.errors import cut, nearest
from mock_oms.scenario.building import Scenario, load_scenario
from mock_oms.scenario.problems import Problem, ScenarioError
from mock_oms.scenario.profiles import FOLDER, Profiles
from mock_oms.settings import shipped

_SUFFIXES = (".yaml", ".yml")
#: Scenarios that are kept for the next world that begins with them.
_KEPT = 64


class UnknownScenarioError(Exception):
    """There is no scenario of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no scenario {cut(name)}{nearest(name, known)}. GET /_mock/scenarios lists them.")


class Library:
    """Scenario files by name. The user's folder comes first: a file there hides one of ours with the same name."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folders = tuple(filter(None, (folder, shipped("scenarios"))))
        self.profiles = Profiles(folders=(folder / FOLDER,) if folder else ())
        self._read = lru_cache(_KEPT)(lambda file, *_: load_scenario(file, self.profiles))

    def files(self) -> dict[str, Path]:
        """Every scenario file by its name, sorted."""
        found = {file.stem: file for folder in reversed(self.folders) for file in _files_in(folder)}
        return dict(sorted(found.items()))

    def file(self, name: str) -> Path:
        """The file of a scenario, named or given as a path; a `ScenarioError` says what there is instead."""
        known = self.files()
        if name in known:
            return known[name]
        if name.endswith(_SUFFIXES) or "/" in name:
            return Path(name)
        message = f"there is no scenario of this name{nearest(name, known)}. A path ends in .yaml."
        raise ScenarioError([Problem(file=name, line=None, path="", message=message)])

    def load(self, name: str) -> Scenario:
        """The scenario of this name or path."""
        return self._loaded(self.file(name))

    def named(self, name: str) -> Scenario:
        """The scenario of this name, which is never taken for a path; an `UnknownScenarioError` where there is none."""
        known = self.files()
        if name not in known:
            raise UnknownScenarioError(name, known)
        return self._loaded(known[name])

    def _loaded(self, file: Path) -> Scenario:
        """A file is read again when it has changed, or one of the profiles that it may have."""
        try:
            seen = file.stat()
        except OSError:
            return load_scenario(file, self.profiles)
        scenario = self._read(file, seen.st_mtime_ns, seen.st_size)
        if scenario.document.profiles:
            return self._read(file, seen.st_mtime_ns, seen.st_size, self.profiles.beside(file).seen())
        return scenario


def _files_in(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise ScenarioError([Problem(file=str(folder), line=None, path="", message="there is no such folder.")])
    return (file for file in sorted(folder.iterdir()) if file.suffix in _SUFFIXES)
