"""Profiles: named faults and limits that any scenario can have, each in a file of its own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Any

from mock_oms.dataclass import dataclass
from mock_oms.scenarios.consistency import Found
from mock_oms.scenarios.document import DeclaredFault, Document, ProfileDocument
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.schema import ProfileSchema, load_document
from mock_oms.scenarios.yaml_file import read_yaml, write_flow, yaml_files
from mock_oms.settings import shipped
from mock_oms.text import MAX_HINTS, nearest_clause
from mock_oms.traffic.faults.limits import Limits

FOLDER = "profiles"
_LIMITS = tuple(one.name for one in fields(Limits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile: `data` is what its file holds, `written` the text of this; nothing where there is no file."""

    name: str
    document: ProfileDocument
    data: Any
    written: str = field(repr=False)

    @property
    def text(self) -> str:
        """How it is written."""
        return self.written or write_flow(self.data)

    @property
    def faults(self) -> tuple[DeclaredFault, ...]:
        """Its faults, which know where they are from."""
        return tuple(replace(one, origin=f"profile {self.name}") for one in self.document.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """Where profiles are found: those that were `sent`, these folders, the first one first, and then those that we ship.

    With others `elsewhere`, one that is not found here is no error: who gets the scenario may know it.
    """

    folders: tuple[Path, ...] = ()
    sent: Mapping[str, Profile] = field(default_factory=dict)
    elsewhere: bool = False

    def beside(self, file: Path) -> "Profiles":
        """With those that stand beside a scenario's file, which win."""
        return replace(self, folders=(file.parent / FOLDER, *self.folders))

    def files(self) -> dict[str, Path]:
        """Every profile's file by its name, sorted."""
        folders = [one for one in (shipped("scenarios") / FOLDER, *reversed(self.folders)) if one.is_dir()]
        found = {file.stem: file for one in folders for file in yaml_files(one)}
        return dict(sorted(found.items()))

    def names(self) -> list[str]:
        """The name of every profile, sorted."""
        return sorted({*self.files(), *self.sent})

    def load(self, names: Iterable[str]) -> dict[str, Profile]:
        """Those of these names that there are, in their order.

        :raises ScenarioError: a profile's own file cannot be used.
        """
        files = self.files()
        return {
            name: self.sent.get(name) or load_profile(files[name])
            for name in names
            if name in self.sent or name in files
        }


def load_profile(file: Path) -> Profile:
    """Read and check a profile's file; a `ScenarioError` names everything that is wrong with it."""
    return build_profile(file.stem, *read_yaml(file))


def build_profile(name: str, data: Any, lines: Lines) -> Profile:
    """Check a profile that was parsed already; see `load_profile`."""
    document: ProfileDocument = load_document(ProfileSchema(), data, lines)
    if not document.faults and document.limits == Limits():
        raise ScenarioError([lines.problem((), "a profile needs `faults` or `limits`.")])
    return Profile(name=name, document=document, data=data, written=lines.text)


def with_profiles(document: Document, profiles: Profiles) -> tuple[Document, tuple[Profile, ...], list[Found]]:
    """The document with the faults and limits of its profiles after its own, these profiles, and errors in their names.

    :raises ScenarioError: a profile's own file cannot be used.
    """
    known = profiles.load(document.profiles) if document.profiles else {}
    used = tuple(known.values())
    found: list[Found] = []
    named = set[str]()
    for number, name in enumerate(document.profiles):
        if name not in known:
            if profiles.elsewhere:
                continue
            near = nearest_clause(name, profiles.names()) if len(found) < MAX_HINTS else ""
            found.append((("profiles", number), f"found {name}, which is no profile{near}."))
        elif name in named:
            found.append((("profiles", number), f"found {name} a second time; name each profile once."))
        named.add(name)
    faults = (*document.faults, *(fault for one in used for fault in one.faults))
    # Of each limit the first one that is set: the scenario's own counts before that of a profile.
    sources = [document.limits, *(one.document.limits for one in used)]
    limits = {kind: next(filter(None, (getattr(one, kind) for one in sources)), None) for kind in _LIMITS}
    whole = replace(document, faults=faults, limits=Limits(**limits))
    return whole, used, [*found, *_limits_twice(document, used)]


def _limits_twice(document: Document, used: tuple[Profile, ...]) -> Iterator[Found]:
    """Limits that two profiles set, and the scenario itself does not: nobody says which one counts."""
    first: dict[str, str] = {}
    for profile in used:
        for kind in _LIMITS:
            if getattr(profile.document.limits, kind) and not getattr(document.limits, kind):
                other = first.setdefault(kind, profile.name)
                if other != profile.name:
                    place = ("profiles", document.profiles.index(profile.name))
                    yield place, f"sets the limit `{kind}`, as {other} does; say under `limits` which one is meant."
