"""Every page: what it shows happens, its links lead somewhere, and the index names it."""

import re
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.documents.pages import ROOT, anchors, blocks, name_of, outside_blocks, pages, read
from tests.documents.reading import Reader

PAGES = pages()
#: What was, and the two pages that lead to all others.
_NOT_FOR_READERS = {"CHANGELOG.md", "README.md", "docs/README.md"}
#: There Schemathesis asks hundreds of questions, pytest runs five times, and Node.js is needed.
_SLOW = {"docs/contract-suite.md", "docs/tutorial.md", "docs/tutorial-node.md"}


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=name_of(page), marks=pytest.mark.slow if name_of(page) in _SLOW else ())
        for page in PAGES
        if blocks(read(page))
    ],
)
def test_what_a_page_shows_happens(page: Path, tmp_path: Path) -> None:
    with ExitStack() as servers:
        reader = Reader(folder=tmp_path, servers=servers)
        for block in blocks(read(page)):
            reader.follow(block)
        reader.finish()


def test_no_block_of_a_page_is_left_out() -> None:
    texts = {name_of(page): read(page) for page in PAGES}
    assert [name for name, text in texts.items() if 2 * len(blocks(text)) != text.count("```")] == []
    indented = {name: re.findall(r"\n\n(?:    |\t)\S.*", outside_blocks(text)) for name, text in texts.items()}
    assert {name: found for name, found in indented.items() if found} == {}


def test_every_link_of_a_page_leads_somewhere() -> None:
    found = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)\s]+)\)", outside_blocks(read(page)))]
    assert len(found) > 100
    assert [(name_of(page), link) for page, link in found if not _leads_somewhere(page, link)] == []


def _leads_somewhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in _anchors_of(target))


@cache
def _anchors_of(page: Path) -> frozenset[str]:
    return frozenset(anchors(read(page)))


def test_no_two_headings_of_a_page_that_are_linked_have_the_same_link() -> None:
    wrong = []
    for page in PAGES:
        linked = set(re.findall(r"\]\(#([^)\s]+)\)", read(page)))
        wrong += [(name_of(page), one) for one in linked if f"{one}-1" in _anchors_of(page)]
    assert wrong == []


def test_the_index_names_every_page() -> None:
    links = set(re.findall(r"\]\(([^)#\s]+\.md)\)", read("docs/README.md")))
    named = {name_of((ROOT / "docs" / link).resolve()) for link in links}
    assert named == {name_of(page) for page in PAGES} - _NOT_FOR_READERS


def test_the_readme_is_at_most_150_lines() -> None:
    assert len(read("README.md").splitlines()) <= 150
