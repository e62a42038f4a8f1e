"""Files that version 0.1.0 wrote stay readable, and what a client sees stays the same.

`tests/earlier` has what that version wrote and answered before the package was reorganised: public surface only. What it
said in the descriptions of both APIs, and tools of others could not read or a server did not answer, is as it is now.
"""

from pathlib import Path

import pytest

from tests.earlier.keeping import as_json, expected
from tests.earlier.seeing import SEEN
from tests.earlier.surfaces import SURFACES

_ALL = {**SEEN, **SURFACES}


@pytest.mark.parametrize("name", _ALL)
def test_what_version_0_1_0_showed_is_shown_now(name: str, tmp_path: Path) -> None:
    assert as_json(_ALL[name](tmp_path)) == expected(name)
