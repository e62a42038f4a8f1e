"""Profiles: named faults and limits that any scenario can have, each in a file of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from mock_oms.scenarios.consistency import Found
from mock_oms.scenarios.document import DeclaredFault, Document, ProfileDocument
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.schema import ProfileSchema, sentences
from mock_oms.scenarios.yaml_file import read_yaml
from mock_oms.settings import shipped
from mock_oms.text import nearest_clause
from mock_oms.traffic.faults.limits import Limits

FOLDER = "profiles"
_SUFFIXES = (".yaml", ".yml")
_LIMITS = tuple(one.name for one in fields(Limits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile as its file says it: `data` is what stands there, `text` how it is written."""

    name: str
    document: ProfileDocument
    data: Any
    text: str = field(repr=False)

    @property
    def faults(self) -> tuple[DeclaredFault, ...]:
        """Its faults, which know where they are from."""
        return tuple(replace(one, profile=self.name) for one in self.document.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """Where profiles are found: these folders, the first one first, and then those that we ship."""

    folders: tuple[Path, ...] = ()

    def beside(self, file: Path) -> "Profiles":
        """With those that stand beside a scenario's file, which win."""
        return Profiles(folders=(file.parent / FOLDER, *self.folders))

    def files(self) -> dict[str, Path]:
        """Every profile's file by its name, sorted."""
        folders = [one for one in (shipped("scenarios") / FOLDER, *reversed(self.folders)) if one.is_dir()]
        found = {file.stem: file for one in folders for file in sorted(one.iterdir()) if file.suffix in _SUFFIXES}
        return dict(sorted(found.items()))

    def seen(self) -> tuple[tuple[Path, int, int], ...]:
        """What tells that a file has changed, for every profile."""
        stats = ((file, file.stat()) for file in self.files().values())
        return tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in stats)


def load_profile(file: Path) -> Profile:
    """Read and check a profile's file; a `ScenarioError` names everything that is wrong with it."""
    data, lines = read_yaml(file)
    try:
        document: ProfileDocument = ProfileSchema().load(data)
    except ValidationError as error:
        found = sentences(error.messages_dict, data)
        raise ScenarioError(lines.problem(place, message) for place, message in found) from None
    _refuse_empty(document, lines)
    return Profile(name=file.stem, document=document, data=data, text=lines.text)


def _refuse_empty(document: ProfileDocument, lines: Lines) -> None:
    if not document.faults and document.limits == Limits():
        raise ScenarioError([lines.problem((), "a profile needs `faults` or `limits`.")])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilesAndFaults:
    """A scenario's document with what its profiles say, the profiles `used`, and what was wrong with their names."""

    document: Document
    used: tuple[Profile, ...]
    found: tuple[Found, ...]


def joined(document: Document, profiles: Profiles) -> ProfilesAndFaults:
    """The document with the faults and limits of its profiles after its own.

    :raises ScenarioError: a profile's own file cannot be used.
    """
    files = profiles.files() if document.profiles else {}
    used = [load_profile(files[name]) for name in dict.fromkeys(document.profiles) if name in files]
    return ProfilesAndFaults(
        document=replace(
            document,
            faults=(*document.faults, *(fault for one in used for fault in one.faults)),
            limits=_first_of_each(document.limits, *(one.document.limits for one in used)),
        ),
        used=tuple(used),
        found=(*_unknown(document, files), *_twice(document, used)),
    )


def _first_of_each(*limits: Limits) -> Limits:
    """Of each limit the first one that is set: the scenario's own word counts before that of a profile."""
    return Limits(**{kind: next(filter(None, (getattr(one, kind) for one in limits)), None) for kind in _LIMITS})


def _unknown(document: Document, files: Mapping[str, Path]) -> Iterator[Found]:
    for number, name in enumerate(document.profiles):
        if name not in files:
            yield ("profiles", number), f"found {name}, which is no profile{nearest_clause(name, files)}."
        elif name in document.profiles[:number]:
            yield ("profiles", number), f"found {name} a second time; name each profile once."


def _twice(document: Document, used: list[Profile]) -> Iterator[Found]:
    """Limits that two profiles set, and the scenario itself does not: nobody says which one counts."""
    first: dict[str, str] = {}
    for profile in used:
        for kind in _LIMITS:
            if getattr(profile.document.limits, kind) and not getattr(document.limits, kind):
                other = first.setdefault(kind, profile.name)
                if other != profile.name:
                    place = ("profiles", document.profiles.index(profile.name))
                    yield place, f"sets the limit `{kind}`, as {other} does; say under `limits` which one is meant."
