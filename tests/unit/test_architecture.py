"""ARCHITECTURE.md tells the truth about the files."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
_TABLE = _TEXT.split("## To change X, open Y")[1].split("## ")[0]
_ROWS = [line.split("|")[2] for line in _TABLE.splitlines() if line.startswith("|")][2:]
PATHS = sorted({path for row in _ROWS for path in re.findall(r"`([^`]+)`", row)})


def test_the_table_has_enough_rows() -> None:
    assert len(_ROWS) >= 25
    assert all("`" in row for row in _ROWS)


def test_a_path_to_open_and_a_module_that_is_named_exist() -> None:
    named = sorted(set(re.findall(r"`([a-z_/]+/[a-z_]+\.py)`", _TEXT)))
    assert PATHS
    assert named
    files = {
        path: ROOT / path if path.startswith(("./", "tests/")) else ROOT / "mock_oms" / path
        for path in (*PATHS, *named)
    }
    assert [path for path, file in files.items() if not file.exists()] == []
