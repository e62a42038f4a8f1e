"""The page stays small, so that it opens quickly and can be read."""

import re
from pathlib import Path

import pytest

from mock_oms.api.control.dashboard import FOLDER

#: Bytes of what we wrote, as it is sent: of all that comes with the first view, and of the whole page. Whoever raises the
#: second one says why in `docs/decisions.md`.
FIRST, ALL = 70_000, 105_000
_OURS = sorted(one for one in FOLDER.rglob("*") if one.suffix in {".css", ".html", ".js"} and "vendor" not in one.parts)


def _with_imports(module: Path) -> set[Path]:
    """A module, and those of ours that come with it; what is imported by a call comes later."""
    named = re.findall(r'^import .* from "(.+[.]js)";$', module.read_text(encoding="utf-8"), re.MULTILINE)
    return {module}.union(*(_with_imports(module.parent.joinpath(name).resolve()) for name in named))


def test_what_the_first_view_needs_is_small() -> None:
    first = {FOLDER / "index.html", FOLDER / "style.css"}
    first |= _with_imports(FOLDER / "main.js") | _with_imports(FOLDER / "views/plans.js")
    assert {FOLDER / "parts.js", FOLDER / "views/clock.js", FOLDER / "views/lifecycle.js"} < first
    assert sum(one.stat().st_size for one in first) <= FIRST, first


def test_the_whole_page_is_small() -> None:
    sizes = {one.relative_to(FOLDER).as_posix(): one.stat().st_size for one in _OURS}
    assert sum(sizes.values()) <= ALL, sizes


@pytest.mark.parametrize("path", _OURS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300
