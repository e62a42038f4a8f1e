"""Where scenarios are found: the folder of the user and the one that we ship, each file with its latest usable version."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from mock_oms.scenarios.building import Scenario, SwitchDefaults, load_scenario
from mock_oms.scenarios.errors import Problem, ScenarioError
from mock_oms.scenarios.profiles import FOLDER, Profiles
from mock_oms.settings import shipped
from mock_oms.text import nearest_clause, shortened

#: What changes when a file does.
FileStamp = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A file as it was read last: `problems` are what is wrong with it now, `good` the last scenario that it held.

    One of them is there. `stamp` is the file's, `beside` those of the profiles that it may have.
    """

    stamp: FileStamp = ()
    beside: FileStamp = ()
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

    def __init__(self, profiles: Profiles, adopted: SwitchDefaults) -> None:
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

    def _beside(self, file: Path) -> FileStamp:
        try:
            return self._profiles.beside(file).seen()
        except OSError:  # one of them has just been removed
            return ()


def _stamp(file: Path) -> FileStamp:
    try:
        seen = file.stat()
    except OSError:
        return ()
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


#: ErrorsByFile by the name of a file.
ErrorsByFile = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryState:
    """What a look at the files has found.

    `failed` are the files that were broken at the first look, and have been ever since: the server is not ready.
    `warned` are those that broke later; they, or the rest of the server, were in order before. `digests` are those of
    the scenarios that can be used, by file. `news` is what was not so at the look before, a few lines for each file.
    """

    failed: ErrorsByFile = field(default_factory=dict)
    warned: ErrorsByFile = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    news: tuple[str, ...] = ()

    @property
    def broken(self) -> ErrorsByFile:
        """Every file that cannot be used now."""
        return {**self.failed, **self.warned}


def library_state(versions: Mapping[str, Version], before: LibraryState | None) -> LibraryState:
    """What these files are like now, after the look `before` (None: nobody has looked yet)."""
    broken = {name: tuple(map(str, one.problems)) for name, one in versions.items() if one.problems}
    ever = {name for name in broken if versions[name].good is None and (before is None or name in before.failed)}
    now = LibraryState(
        failed={name: sentences for name, sentences in broken.items() if name in ever},
        warned={name: sentences for name, sentences in broken.items() if name not in ever},
        digests={name: one.good.digest for name, one in versions.items() if one.good and not one.problems},
    )
    return LibraryState(failed=now.failed, warned=now.warned, digests=now.digests, news=tuple(_news(before, now)))


def _news(before: LibraryState | None, now: LibraryState) -> Iterator[str]:
    then = before or LibraryState(digests=now.digests)
    for name, sentences in now.broken.items():
        if then.broken.get(name) != sentences:
            yield "\n".join(sentences)
    for name, digest in now.digests.items():
        if name in then.broken:
            yield f"{name}: can be used again; new worlds and resets begin with it."
        elif name not in then.digests:
            yield f"{name}: is there; worlds can begin with it."
        elif then.digests[name] != digest:
            yield f"{name}: has changed; new worlds and resets begin with the new version."
    for name in sorted({*then.broken, *then.digests} - {*now.broken, *now.digests}):
        yield f"{name}: is gone; its worlds live on."


_SUFFIXES = (".yaml", ".yml")


class UnknownScenarioError(Exception):
    """There is no scenario of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no scenario {shortened(name)}{nearest_clause(name, known)}. GET /_mock/scenarios lists them."
        )


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
        adopted: SwitchDefaults | None = None,
    ) -> None:
        self.folders = tuple(filter(None, (folder, shipped("scenarios"))))
        self.profiles = Profiles(folders=(folder / FOLDER,) if folder else ())
        self._folder, self._tell = folder, tell
        self._path = Path(own) if _is_path(own) else None
        self._versions = Versions(self.profiles, adopted or {})
        self._condition: LibraryState | None = None
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
        message = f"there is no scenario of this name{nearest_clause(name, known)}. A path ends in .yaml."
        raise ScenarioError([Problem(file=shortened(name), line=None, path="", message=message)])

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

    def look(self) -> LibraryState:
        """The condition of the user's own files: his folder, and the file of the default world."""
        with self._looking:
            return self._looked()

    def glance(self) -> LibraryState | None:
        """As `look`, but who comes while others look or read is told at once what was known before: perhaps nothing."""
        if self._versions.are_read or not self._looking.acquire(blocking=False):
            return self._condition
        try:
            return self._looked()
        finally:
            self._looking.release()

    def _looked(self) -> LibraryState:
        condition = self._condition = library_state(self._own_versions(), self._condition)
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
