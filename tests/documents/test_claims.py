"""What the documents say of the code is so: sections made from it, commands, flags, numbers of scenarios."""

import inspect
import re
import tomllib
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

from mock_oms import pytest_plugin
from mock_oms.api import guard
from mock_oms.cli.main import main
from mock_oms.server.asgi import application, event_streams, request
from mock_oms.server.asgi.http_limits import Bounds
from mock_oms.traffic.journal import journal
from mock_oms.worlds import leases
from tests.documents.commands import console
from tests.documents.life import diagram
from tests.documents.making import SECTIONS, remade, sections_in
from tests.documents.pages import ROOT, blocks, name_of, outside_blocks, pages, read
from tests.documents.tables import leaves

PAGES = pages()
#: These tell what was, or what was measured, and may name what is gone.
_HISTORY = {"CHANGELOG.md", "docs/benchmarks.md", "docs/decisions.md"}
#: Where a limit stands, as the table of limits says it, and how much it is.
LIMITS = [
    *((f"Bounds.{one.name}", one.default) for one in fields(Bounds)),
    ("asgi/request.py", request.MAX_BODY),
    ("api/guard.py", guard.MAX_BODY),
    ("api/guard.py", guard.MAX_WORLD),
    ("asgi/application.py", application.PATIENCE),
    ("worlds/leases.py", leases.MAX_WORLDS),
    ("journal/journal.py", journal.JOURNAL_SIZE),
    ("asgi/event_streams.py", event_streams.MAX_STREAMS),
]
_OF_TODAY = [page for page in PAGES if name_of(page) not in _HISTORY]


def test_every_section_that_is_made_from_the_code_is_up_to_date() -> None:
    assert [name_of(page) for page in PAGES if remade(read(page)) != read(page)] == [], "run `make docs`"


def test_every_section_that_can_be_made_stands_in_one_page() -> None:
    assert sorted(chain.from_iterable(sections_in(read(page)) for page in PAGES)) == sorted(SECTIONS)


def test_the_architecture_shows_the_diagram() -> None:
    drawn = [block.text.strip() for block in blocks(read("ARCHITECTURE.md")) if block.language == "mermaid"]
    assert drawn == [diagram()]


def test_the_architecture_draws_the_floors_that_are_held() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    (picture,) = [block.text for block in blocks(read("ARCHITECTURE.md")) if block.language == "text"]
    floors = [line for line in picture.splitlines() if not line.startswith(" ")]
    drawn = [{name.removesuffix("/").removesuffix(".py") for name in floor.split(" · ")} for floor in floors]
    assert drawn == [set(layer.split(" | ")) for layer in layers]


def test_every_limit_is_told_as_it_is_in_the_code() -> None:
    rows = [line for line in read("docs/operations.md").splitlines() if line.startswith("|")]
    told = {place: [row for row in rows if f"`{place}`" in row] for place, _ in LIMITS}
    wrong = [place for place, figure in LIMITS if len(told[place]) != 1 or not _tells(told[place][0], figure)]
    assert wrong == []


def _tells(row: str, figure: Any) -> bool:
    return re.search(rf" {figure:,.0f}(?= |, |;)", row) is not None


def spoken(page: Path) -> list[str]:
    """The code between backticks, and the commands of the blocks, as far as they are about us."""
    text = read(page)
    spans = re.findall(r"`([^`\n]+)`", outside_blocks(text))
    for one in blocks(text):
        spans += [it for it, _ in console(one.text)] if one.language == "console" else one.text.splitlines()
    return [one for one in spans if one.startswith(("mock-oms ", "--", "make serve "))]


def test_every_flag_that_a_page_names_exists() -> None:
    plugins = inspect.getsource(pytest_plugin)
    params = (param for _, command in leaves(main) for param in command.params)
    known = {one for param in params for one in (*param.opts, *param.secondary_opts)}
    known |= set(re.findall(r'"(--oms-[a-z-]+)"', plugins)) | {"--version", "--help"}
    said = [(name_of(page), re.split(r" [|>] ?", one)[0]) for page in _OF_TODAY for one in spoken(page)]
    named = {(page, flag) for page, ours in said for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", ours)}
    assert len(named) > 40
    assert sorted(one for one in named if one[1] not in known) == []


def test_every_command_that_a_page_names_exists() -> None:
    known = {name for name, _ in leaves(main)}
    named = {_command(one, known): name_of(page) for page in _OF_TODAY for one in spoken(page)}
    assert known <= set(named)
    assert {command: page for command, page in named.items() if command not in known | {""}} == {}


def _command(said: str, known: set[str]) -> str:
    """The command in what is said, by its one or two names; nothing for a group alone, or for a flag."""
    words = re.findall(r"^mock-oms ([a-z]+)(?: ([a-z]+))?", said)
    if not words:
        return ""
    group, name = words[0]
    if not any(one.startswith(f"{group} ") for one in known):
        return str(group)
    return f"{group} {name}" if name else ""


def test_the_number_of_scenarios_that_are_shipped_is_right() -> None:
    said = [number for page in PAGES for number in re.findall(r"(\d+) files to copy from", read(page))]
    assert said == [str(len(list((ROOT / "scenarios").glob("*.yaml"))))]
