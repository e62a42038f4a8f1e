"""What others wrote lies here unchanged, and nothing lies beside it."""

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
#: Of the page, and of its tests.
TABLES = ("mock_oms/api/dashboard/vendor/vendored.toml", "tests/browser/vendor/vendored.toml")


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = spec_from_file_location("vendor", ROOT / "tools/vendor.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("table", TABLES)
def test_each_file_is_the_one_of_the_table(vendor: ModuleType, table: str) -> None:
    assert vendor.rows(ROOT / table)
    assert vendor.disagreements(ROOT / table) == []


def test_these_are_the_tables_that_make_vendor_reads(vendor: ModuleType) -> None:
    assert {path.relative_to(ROOT).as_posix() for path in vendor.TABLES} == {*TABLES}


@pytest.mark.parametrize("table", TABLES)
def test_each_package_comes_with_its_licence(vendor: ModuleType, table: str) -> None:
    rows = vendor.rows(ROOT / table)
    assert all(row["licence"] for row in rows)
    assert {row["package"] for row in rows if row["member"] == "LICENSE"} == {row["package"] for row in rows}


def test_a_changed_a_missing_and_an_unnamed_file_are_found(vendor: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    shutil.copytree((ROOT / TABLES[0]).parent, folder)
    (folder / "htm.mjs").write_bytes((folder / "htm.mjs").read_bytes() + b"\n")
    (folder / "preact.mjs").unlink()
    (folder / "other.mjs").touch()
    assert vendor.disagreements(folder / "vendored.toml") == [
        f"{folder / 'htm.mjs'} has another sha256 than the table beside it: make vendor fetches it anew.",
        f"other.mjs is in {folder} and not in its table.",
        f"preact.mjs is in the table of {folder} and not in the folder.",
    ]


def test_a_package_with_another_content_is_refused(
    vendor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "vendored.toml"
    table.write_text(
        '[[vendored]]\nfile = "a.mjs"\npackage = "a"\nversion = "1"\nlicence = "MIT"\nmember = "a.js"\nsha256 = "0"\n'
    )
    monkeypatch.setattr(vendor, "fetched", lambda *_: {("a@1", "a.js"): b"new"})
    with pytest.raises(SystemExit, match=r"a\.js of a 1 has the sha256 11507a0e.*make vendor ARGS=--renew"):
        vendor.renew(table, hashes_too=False)
    assert [path.name for path in tmp_path.iterdir()] == ["vendored.toml"]
    vendor.renew(table, hashes_too=True)
    assert vendor.disagreements(table) == []
