"""The documents as data: the pages, their fenced blocks, and the comments that say what a block is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]
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
    patterns = ("*.md", "docs/*.md", *(f"{it}/**/*.md" for it in ("examples", "bench", "requirements", "scenarios")))
    found = chain.from_iterable(map(ROOT.glob, patterns))
    return sorted(page for page in found if not re.search(r"(^|/)(\.|node_modules/)", name_of(page)))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def read(page: Path | str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in its order.

    :raises AssertionError: a fence is never closed.
    """
    lines, number, found = text.splitlines(), 0, []
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        if opened is None:
            number += 1
            continue
        assert "```" in lines[number + 1 :], f"line {number + 1}: this fence is never closed"
        end = lines.index("```", number + 1)
        inside = "".join(f"{line}\n" for line in lines[number + 1 : end])
        found.append(Block(language=opened[1], text=inside, line=number + 1, marks=_marks_above(lines, number)))
        number = end + 1
    return found


def _marks_above(lines: list[str], number: int) -> dict[str, str]:
    marks = {}
    while number and (mark := _MARK.match(lines[number - 1])):
        marks[mark[1]] = mark[2]
        number -= 1
    return marks


def outside_blocks(text: str) -> str:
    return re.sub(r"(?ms)^```[\w-]*\n.*?^```$", "", text)


def anchors(text: str) -> list[str]:
    """What links to the headings of a page end with, as GitHub makes it; and anchors that a table sets itself."""
    found = re.findall(r'<a id="([\w-]+)"></a>', text)
    for title in re.findall(r"^#+ (.+)$", outside_blocks(text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        before = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", one) is not None for one in found)
        found.append(f"{slug}-{before}" if before else slug)
    return found
