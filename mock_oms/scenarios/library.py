"""Where scenarios are found: the folder of the user and the one that we ship, each file with its latest usable version."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from mock_oms.dataclass import dataclass
from mock_oms.scenarios.building import Scenario, SwitchDefaults, build_scenario, load_scenario, with_switch_defaults
from mock_oms.scenarios.errors import Lines, Problem, ScenarioError
from mock_oms.scenarios.profiles import FOLDER, Profiles, build_profile
from mock_oms.scenarios.yaml_file import MAX_BYTES, refuse_excess_in, yaml_files
from mock_oms.settings import is_path, shipped
from mock_oms.text import nearest_clause, shortened

#: What changes when a file does.
FileStamp = tuple[Any, ...]
#: Errors by the name of a file.
ErrorsByFile = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A file as it was read last: `problems` are what is wrong with it now, `good` the last scenario that it held.

    One of them is there. `stamp` is the file's, `beside` those of the profiles that it may have, and of the files of
    `captured` plans that it names.
    """

    stamp: FileStamp = ()
    beside: FileStamp = ()
    captured: tuple[Path, ...] = ()
    good: Scenario | None = None
    problems: tuple[Problem, ...] = ()


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


def library_state(
    versions: Mapping[str, Version], before: LibraryState | None, came: frozenset[str] = frozenset()
) -> LibraryState:
    """What these files are like now, after the look `before` (None: this is the first one); some `came` after the start."""
    failed: dict[str, tuple[str, ...]] = {}
    warned: dict[str, tuple[str, ...]] = {}
    for name, one in versions.items():
        if one.problems:
            never_good = one.good is None and name not in came and (before is None or name in before.failed)
            (failed if never_good else warned)[name] = tuple(map(str, one.problems))
    digests = {name: one.good.digest for name, one in versions.items() if one.good and not one.problems}
    broken, then = {**failed, **warned}, before or LibraryState(digests=digests)
    news = ["\n".join(sentences) for name, sentences in broken.items() if then.broken.get(name) != sentences]
    for name, digest in digests.items():
        if name in then.broken:
            news.append(f"{name}: can be used again; new worlds and resets begin with it.")
        elif name not in then.digests:
            news.append(f"{name}: is there; worlds can begin with it.")
        elif then.digests[name] != digest:
            news.append(f"{name}: has changed; new worlds and resets begin with the new version.")
    gone = sorted({*then.broken, *then.digests} - {*broken, *digests})
    news += [f"{name}: is gone; its worlds live on." for name in gone]
    return LibraryState(failed=failed, warned=warned, digests=digests, news=tuple(news))


def template() -> str:
    """The text of a new scenario file, with comments."""
    return Path(__file__).with_name("template.yaml").read_text("utf-8")


#: What a scenario is called that was sent without a name.
INLINE = "inline"


class UnknownScenarioError(Exception):
    """There is no scenario of this name."""


class Library:
    """Scenario files by name. The user's folder comes first: a file there hides one of ours with the same name.

    `own` is the scenario of the default world, a name or a path. With `tell` the library follows its files: a broken
    one keeps the version before it, and news of the user's own files are reported, once. Switches that are `adopted`
    count wherever a file names no other. With `elsewhere`, whoever gets a scenario may know profiles that are not here.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        own: str = "default",
        tell: Callable[[str], object] | None = None,
        adopted: SwitchDefaults | None = None,
        elsewhere: bool = False,
    ) -> None:
        self.folders = tuple(filter(None, (folder, shipped("scenarios"))))
        self.profiles = Profiles(folders=(folder / FOLDER,) if folder else (), elsewhere=elsewhere)
        self._folder, self._tell = folder, tell
        self._path = Path(own) if is_path(own) else None
        self._adopted: SwitchDefaults = adopted or {}
        self._versions: dict[Path, Version] = {}
        self._state: LibraryState | None = None
        self._at_start: frozenset[Path] = frozenset()
        with suppress(ScenarioError):  # the first look says what is wrong with the folder
            self._at_start = frozenset(self._own_files())
        self._looking = Lock()
        self._reading: dict[Path, Lock] = {}

    def files(self) -> dict[str, Path]:
        """Every scenario file by its name, sorted."""
        found = {file.stem: file for folder in reversed(self.folders) for file in _files_in(folder)}
        return dict(sorted(found.items()))

    @property
    def lacks_own(self) -> bool:
        """Whether there is a folder of the user's, and no scenario in it."""
        return self._folder is not None and not _files_in(self._folder)

    def file(self, name: str) -> Path:
        """The file of a scenario, named or given as a path; a `ScenarioError` says what there is instead."""
        known = self.files()
        if name in known:
            return known[name]
        if is_path(name):
            return Path(name)
        message = f"there is no scenario of this name{nearest_clause(name, known)}. A path ends in .yaml."
        raise ScenarioError([Problem(file=shortened(name), line=None, path="", message=message)])

    def load(self, name: str) -> Scenario:
        """The scenario of this name or path."""
        return self._loaded(self.file(name))

    def load_file(self, file: Path) -> Scenario:
        """The scenario in this file."""
        return self._loaded(file)

    def named(self, name: str) -> Scenario:
        """The scenario of this name, which is never taken for a path; an `UnknownScenarioError` where there is none."""
        known = self.files()
        if name not in known:
            asked, near = shortened(name), nearest_clause(name, known)
            file = f"{Path(asked).stem if is_path(asked) else asked}.yaml"
            put = f"Put {file} into {self._folder}, which needs no restart; or send" if self._folder else "Send"
            raise UnknownScenarioError(
                f"There is no scenario {asked}{near}. GET /_mock/scenarios lists them. {put} the scenario itself."
            )
        return self._loaded(known[name])

    def inline(
        self, data: Any, *, called: str = INLINE, profiles: Mapping[str, Any] | None = None, adopt: bool = True
    ) -> Scenario:
        """A scenario that somebody has sent, with `profiles` of its own, as JSON; `called` by this name.

        An error in a profile has `profiles/NAME` in the place of its file. What was `adopted` already stays as it is.

        :raises ScenarioError: what was sent cannot be used.
        """
        sent, lines = profiles or {}, Lines(file=Path(called), numbers={})
        refuse_excess_in([data, sent], lines.file)
        size = len(json.dumps([data, sent], ensure_ascii=False).encode(errors="surrogatepass"))
        if size > MAX_BYTES:
            message = f"takes {size:,} bytes as JSON in UTF-8; accepted: {MAX_BYTES:,}. Plans that need no story can be a `backlog`."
            raise ScenarioError([lines.problem((), message)])
        places = {name: Lines(file=Path(FOLDER, name), numbers={}) for name in sent}
        known = replace(self.profiles, sent={name: build_profile(name, sent[name], places[name]) for name in sent})
        whole = with_switch_defaults(data, self._adopted) if adopt else data
        scenario = build_scenario(whole, lines, known, inline=True)
        unused = [places[name] for name in sent if name not in scenario.document.profiles]
        if unused:
            raise ScenarioError(one.problem((), "the scenario does not name it under `profiles`.") for one in unused)
        return scenario

    def profiles_of(self, scenario: Scenario) -> Profiles:
        """The profiles that can be named in a world of a scenario."""
        if scenario.inline:
            return replace(self.profiles, sent={one.name: one for one in scenario.profiles})
        return self.profiles.beside(scenario.lines.file)

    def latest(self, scenario: Scenario) -> Scenario | None:
        """What a world of this scenario is reset to: the last version of its file that could be used.

        None where there is nothing but what the world has: its file is gone, or the library follows none.
        """
        if self._tell is None or scenario.inline:
            return None
        path = self._path if self._path and self._path.exists() else None
        try:
            if scenario.lines.file == self._path:
                file = path
            else:  # one from a store is known by its name alone
                file = self.files().get(scenario.name) or (path if path and path.stem == scenario.name else None)
            return None if file is None else self._loaded(file)
        except ScenarioError:
            return None

    def look(self) -> LibraryState:
        """The state of the user's own files: his folder, and the file of the default world."""
        with self._looking:
            return self._look()

    def glance(self) -> LibraryState | None:
        """As `look`, but never waits: while others look or read it gives the state that was known before, or None."""
        if any(one.locked() for one in tuple(self._reading.values())) or not self._looking.acquire(blocking=False):
            return self._state
        try:
            return self._look()
        finally:
            self._looking.release()

    def _own_files(self) -> tuple[Path, ...]:
        """The files of the user's own; a `ScenarioError` where the folder cannot be read."""
        files = _files_in(self._folder) if self._folder else []
        return tuple(dict.fromkeys([*files, *([self._path] if self._path and self._path.exists() else [])]))

    def _look(self) -> LibraryState:
        came: frozenset[str] = frozenset()
        try:
            files = self._own_files()
        except ScenarioError as error:
            versions = {str(self._folder): Version(problems=error.problems)}
        else:
            versions = {str(file): self._version(file) for file in files}
            # What came after the start is no reason not to be ready, also where nobody has looked before.
            came = frozenset(map(str, {*files} - self._at_start))
        state = self._state = library_state(versions, self._state, came)
        if self._tell is not None:
            for line in state.news:
                self._tell(line)
        return state

    def watched(self) -> tuple[Path, ...]:
        """The folders that hold those files and their profiles, as far as they are there; none of them holds others."""
        folders = dict.fromkeys(filter(None, (self._folder, self._path.parent if self._path else None)))
        return tuple(one for folder in folders for one in (folder, folder / FOLDER) if one.is_dir())

    def _loaded(self, file: Path) -> Scenario:
        """The scenario in a file; where the file is broken now, the last good one, if the library follows its files.

        :raises ScenarioError: there is none.
        """
        version = self._version(file)
        if version.good is None or (version.problems and self._tell is None):
            raise ScenarioError(version.problems)
        return version.good

    def _version(self, file: Path) -> Version:
        """The file as it is now; it is read again where it has changed, or one of the profiles that it may have."""
        known = self._versions.get(file)
        if known is None or not self._is_current(file, known):
            with self._reading.setdefault(file, Lock()):  # of this file alone: to read a large one takes seconds
                known = self._versions.get(file)
                if known is None or not self._is_current(file, known):
                    known = self._versions[file] = self._read(file, known)
        return known

    def _is_current(self, file: Path, known: Version) -> bool:
        may_have_others = known.problems or (known.good and known.good.document.profiles) or known.captured
        return _stamp(file) == known.stamp and (
            not may_have_others or self._beside(file, known.captured) == known.beside
        )

    def _read(self, file: Path, before: Version | None) -> Version:
        # The stamps first: what changes while the file is read is noticed the next time.
        # Of captured files that nobody knew of before there are none: the file is read once more, the next time.
        stamp, beside = _stamp(file), self._beside(file, before.captured if before else ())
        try:
            good = load_scenario(file, self.profiles, self._adopted)
            return Version(stamp=stamp, beside=beside, captured=good.lines.captured, good=good)
        except ScenarioError as error:
            last = before.good if before else None
            return Version(stamp=stamp, beside=beside, captured=error.captured, good=last, problems=error.problems)

    def _beside(self, file: Path, captured: tuple[Path, ...]) -> FileStamp:
        profiles: list[Path] = []
        with suppress(OSError):  # a folder of profiles has just been removed
            profiles += self.profiles.beside(file).files().values()
        return tuple((one, *_stamp(one)) for one in (*profiles, *captured))


def _stamp(file: Path) -> FileStamp:
    with suppress(OSError):
        found = file.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return ()


def _files_in(folder: Path) -> list[Path]:
    message = "there is no such folder."
    try:
        if folder.is_dir():
            return yaml_files(folder)
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}."
    raise ScenarioError([Problem(file=str(folder), line=None, path="", message=message)])
