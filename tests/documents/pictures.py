"""The pictures of the page in docs/images, and whether the page is still the one that they show."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tests.documents.pages import ROOT

IMAGES = ROOT / "docs/images"
PAGE = ROOT / "mock_oms/api/dashboard"
#: Bytes that one picture may have: it is fetched by everybody who reads the document.
LARGEST = 150_000
_HASH = "sources.sha256"


def hash_of(page: Path = PAGE) -> str:
    """One hash of all files of the page but the vendored ones, with their names."""
    found = sha256()
    for file in sorted(page.rglob("*")):
        name = file.relative_to(page)
        if file.is_file() and name.parts[0] != "vendor":
            found.update(f"{name.as_posix()} {sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def write_hash(images: Path = IMAGES, page: Path = PAGE) -> None:
    (images / _HASH).write_text(f"{hash_of(page)}\n", encoding="utf-8")


def disagreements(names: Iterable[str], images: Path = IMAGES, page: Path = PAGE) -> list[str]:
    """One sentence for each thing that is wrong with the pictures of these names; where none is made yet, nothing is."""
    there = {file.stem: file.stat().st_size for file in images.glob("*.png")}
    if not there:
        return []
    again = "make screenshots makes all anew; look at each before you commit it."
    found = [f"{name}.png is missing: {again}" for name in {*names} - there.keys()]
    found += [f"{name}.png is in no row of tests/browser/screenshots.py." for name in there.keys() - {*names}]
    found += [f"{name}.png has {size} bytes, and may have {LARGEST}." for name, size in there.items() if size > LARGEST]
    hash_file = images / _HASH
    if not hash_file.exists() or hash_file.read_text(encoding="utf-8").strip() != hash_of(page):
        found.append(f"The page has changed since its pictures were made: {again}")
    return sorted(found)
