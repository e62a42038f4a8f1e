"""Where scenarios are found: a folder of the user's own beside the one that we ship."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock

from mock_oms.domain.errors import cut, nearest
from mock_oms.scenario.adopted import Adopted
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.condition import Condition, condition_of
from mock_oms.scenario.problems import Problem, ScenarioError
from mock_oms.scenario.profiles import FOLDER, Profiles
from mock_oms.scenario.versions import Version, Versions
from mock_oms.settings import shipped

_SUFFIXES = (".yaml", ".yml")


class UnknownScenarioError(Exception):
    """There is no scenario of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no scenario {cut(name)}{nearest(name, known)}. GET /_mock/scenarios lists them.")


class Library:
    """Scenario files by name. The user's folder comes first: a file there hides one of ours with the same name.

    `own` is the scenario of the default world, a name or a path. With `tell` the library follows its files: a broken
    one keeps the version before it, and what is new about the user's own is told, once. Switches that are `adopted`
    count wherever a file names no other.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        own: str = "default",
        tell: Callable[[str], object] | None = None,
        adopted: Adopted | None = None,
    ) -> None:
        self.folders = tuple(filter(None, (folder, shipped("scenarios"))))
        self.profiles = Profiles(folders=(folder / FOLDER,) if folder else ())
        self._folder, self._tell = folder, tell
        self._path = Path(own) if _is_path(own) else None
        self._versions = Versions(self.profiles, adopted or {})
        self._condition: Condition | None = None
        self._looking = Lock()

    def files(self) -> dict[str, Path]:
        """Every scenario file by its name, sorted."""
        found = {file.stem: file for folder in reversed(self.folders) for file in _files_in(folder)}
        return dict(sorted(found.items()))

    def file(self, name: str) -> Path:
        """The file of a scenario, named or given as a path; a `ScenarioError` says what there is instead."""
        known = self.files()
        if name in known:
            return known[name]
        if _is_path(name):
            return Path(name)
        message = f"there is no scenario of this name{nearest(name, known)}. A path ends in .yaml."
        raise ScenarioError([Problem(file=cut(name), line=None, path="", message=message)])

    def load(self, name: str) -> Scenario:
        """The scenario of this name or path."""
        return self._loaded(self.file(name))

    def named(self, name: str) -> Scenario:
        """The scenario of this name, which is never taken for a path; an `UnknownScenarioError` where there is none."""
        known = self.files()
        if name not in known:
            raise UnknownScenarioError(name, known)
        return self._loaded(known[name])

    def latest(self, scenario: Scenario) -> Scenario | None:
        """What a world of this scenario begins anew with: the last version of its file that could be used.

        None where there is nothing but what the world has: its file is gone, or the library follows none.
        """
        if self._tell is None:
            return None
        try:
            file = self._file_of(scenario)
            return None if file is None else self._loaded(file)
        except ScenarioError:
            return None

    def look(self) -> Condition:
        """The condition of the user's own files: his folder, and the file of the default world."""
        with self._looking:
            return self._looked()

    def glance(self) -> Condition | None:
        """As `look`, but who comes while others look or read is told at once what was known before: perhaps nothing."""
        if self._versions.are_read or not self._looking.acquire(blocking=False):
            return self._condition
        try:
            return self._looked()
        finally:
            self._looking.release()

    def _looked(self) -> Condition:
        condition = self._condition = condition_of(self._own_versions(), self._condition)
        if self._tell is not None:
            for line in condition.news:
                self._tell(line)
        return condition

    def watched(self) -> tuple[Path, ...]:
        """The folders that hold those files and their profiles, as far as they are there; none of them holds others."""
        folders = dict.fromkeys(filter(None, (self._folder, self._path.parent if self._path else None)))
        return tuple(one for folder in folders for one in (folder, folder / FOLDER) if one.is_dir())

    def _own_versions(self) -> dict[str, Version]:
        try:
            files = [*_files_in(self._folder)] if self._folder else []
        except ScenarioError as error:
            return {str(self._folder): Version(problems=error.problems)}
        return {str(file): self._versions.of(file) for file in dict.fromkeys([*files, *self._file_by_path()])}

    def _file_by_path(self) -> Iterator[Path]:
        """The file of the default world's scenario, where it was given as a path, and is there."""
        if self._path is not None and self._path.exists():
            yield self._path

    def _file_of(self, scenario: Scenario) -> Path | None:
        """The file that a scenario is from; one that a store has kept is known by its name alone."""
        if scenario.lines.file == self._path:
            return next(self._file_by_path(), None)
        by_path = (one for one in self._file_by_path() if one.stem == scenario.name)
        return self.files().get(scenario.name) or next(by_path, None)

    def _loaded(self, file: Path) -> Scenario:
        return self._versions.of(file).usable(keeps=self._tell is not None)


def _is_path(name: str) -> bool:
    return name.endswith(_SUFFIXES) or "/" in name


def _files_in(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise ScenarioError([Problem(file=str(folder), line=None, path="", message="there is no such folder.")])
    try:
        return (file for file in sorted(folder.iterdir()) if file.suffix in _SUFFIXES)
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}."
        raise ScenarioError([Problem(file=str(folder), line=None, path="", message=message)]) from error
