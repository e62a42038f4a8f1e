"""The documents as data: the pages, their fenced blocks, and the comments that say what a block is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FOLDERS = ("", "docs", "examples", "bench", "requirements", "scenarios")
_FENCE = re.compile(r"^```([\w-]*)$")
_MARK = re.compile(r"^<!-- ([a-z ]+): (.*) -->$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block; `line` is that of its fence, counted from 1.

    `marks` are the comments right above it: `file` (it shows this file), `as` (it becomes this file of the reader's),
    `not run` (why, and after `see` the file that checks it instead).
    """

    language: str
    text: str
    line: int
    marks: Mapping[str, str] = field(default_factory=dict)


def pages() -> list[Path]:
    """Every document of the project, those of examples included; what tools leave in folders of theirs is none."""
    found = chain.from_iterable(
        (ROOT / folder).glob("*.md" if folder in {"", "docs"} else "**/*.md") for folder in _FOLDERS
    )
    return sorted(page for page in found if not any(map(_is_of_a_tool, page.relative_to(ROOT).parts)))


def _is_of_a_tool(folder: str) -> bool:
    return folder.startswith(".") or folder == "node_modules"


def name_of(page: Path) -> str:
    """A page as it is named from the top of the project."""
    return page.relative_to(ROOT).as_posix()


def read(page: Path | str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in its order.

    :raises AssertionError: a fence is never closed.
    """
    return list(_blocks(text.splitlines()))


def _blocks(lines: list[str]) -> Iterator[Block]:
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        if opened is None:
            number += 1
            continue
        assert "```" in lines[number + 1 :], f"line {number + 1}: this fence is never closed"
        end = lines.index("```", number + 1)
        text = "".join(f"{line}\n" for line in lines[number + 1 : end])
        yield Block(language=opened[1], text=text, line=number + 1, marks=_marks_above(lines, number))
        number = end + 1


def _marks_above(lines: list[str], number: int) -> dict[str, str]:
    marks = {}
    while number and (mark := _MARK.match(lines[number - 1])):
        marks[mark[1]] = mark[2]
        number -= 1
    return marks


def outside_blocks(text: str) -> str:
    """The prose of a page."""
    return re.sub(r"^```[\w-]*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> list[str]:
    """What links to the headings of a page end with, as GitHub makes it; and anchors that a table sets itself."""
    found = re.findall(r'<a id="([\w-]+)"></a>', text)
    for title in re.findall(r"^#+ (.+)$", outside_blocks(text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        before = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", one) is not None for one in found)
        found.append(f"{slug}-{before}" if before else slug)
    return found
