"""What is wrong with a scenario file: every problem with its place, and all of them at once."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from mock_oms.dataclass import dataclass

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: `line` and `column` count from 1 (no line: the whole file), `path` is the place in the document.

    Where a path says which part of a line is meant, there is no column.
    """

    file: str
    line: int | None
    path: str
    message: str
    column: int | None = None

    def __str__(self) -> str:
        where = ":".join(str(one) for one in (self.file, self.line, self.column) if one)
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ScenarioError(Exception):
    """A scenario that cannot be used; `problems` has at least one entry and is sorted by line.

    `captured` are the files of captured plans that it names: a change of one may mend it.
    """

    def __init__(self, problems: Iterable[Problem], *, captured: tuple[Path, ...] = ()) -> None:
        self.captured = captured
        self.problems = tuple(sorted(problems, key=lambda one: (one.line or 0, one.path)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The text of a file, and where each place of its document stands in it; the files whose plans are in the document."""

    file: Path
    numbers: Mapping[Place, int]
    text: str = field(default="", repr=False)
    captured: tuple[Path, ...] = ()

    def problem(self, place: Place, message: str) -> Problem:
        """A problem at this place, or at the nearest one around it that has a line."""
        known = next((place[:n] for n in range(len(place), -1, -1) if place[:n] in self.numbers), ())
        return Problem(file=str(self.file), line=self.numbers.get(known), path=as_path(place), message=message)


def as_path(place: Place) -> str:
    """A place as people write it: `timeline[0].restock.sku`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")
