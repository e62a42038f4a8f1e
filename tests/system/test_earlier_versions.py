"""Files that earlier versions wrote stay readable, and what a client sees stays the same: see tests/earlier/make.py."""

from pathlib import Path

import pytest

from tests.earlier.keeping import as_kept, kept
from tests.earlier.seeing import SEEN
from tests.earlier.surfaces import SURFACES


@pytest.mark.parametrize("name", SEEN)
def test_what_was_seen_then_is_seen_now(name: str, tmp_path: Path) -> None:
    assert as_kept(SEEN[name](tmp_path)) == kept(name)


@pytest.mark.parametrize("name", SURFACES)
def test_what_was_offered_then_is_offered_now(name: str, tmp_path: Path) -> None:
    assert as_kept(SURFACES[name](tmp_path)) == kept(name)
