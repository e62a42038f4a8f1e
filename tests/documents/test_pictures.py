"""The pictures of the page show the page as it is."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.screenshots import PICTURES, small_png
from tests.documents.pictures import LARGEST, disagreements, hash_of, write_hash

_AGAIN = "make screenshots makes all anew; look at each before you commit it."


def test_each_picture_is_there_and_shows_the_page_as_it_is() -> None:
    names = [picture.name for picture in PICTURES]
    assert len({*names}) == len(names) > 0
    assert disagreements(names) == []


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Pictures of a small page, which lies in `page` beside them."""
    for file in ("page/index.html", "page/views/plan.js", "page/vendor/preact.mjs", "images/plan.png"):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    write_hash(tmp_path / "images", tmp_path / "page")
    return tmp_path / "images"


@pytest.mark.parametrize("file", ["index.html", "views/plan.js", "views/new.js"])
def test_a_change_of_the_page_asks_for_new_pictures(images: Path, file: str) -> None:
    page = images.parent / "page"
    assert disagreements(["plan"], images, page) == []
    (page / file).write_text("another")
    assert disagreements(["plan"], images, page) == [f"The page has changed since its pictures were made: {_AGAIN}"]


def test_a_renamed_file_is_a_change_and_a_vendored_one_is_none(images: Path) -> None:
    page = images.parent / "page"
    before = hash_of(page)
    (page / "vendor/preact.mjs").write_text("another")
    assert hash_of(page) == before
    (page / "views/plan.js").rename(page / "views/plans.js")
    assert hash_of(page) != before


def test_a_missing_an_unnamed_and_a_large_picture_are_found(images: Path) -> None:
    (images / "stock.png").write_bytes(bytes(LARGEST + 1))
    assert disagreements(["plan", "plans"], images, images.parent / "page") == [
        f"plans.png is missing: {_AGAIN}",
        "stock.png has 150001 bytes, and may have 150000.",
        "stock.png is in no row of tests/browser/screenshots.py.",
    ]


def test_pictures_without_a_hash_are_old(images: Path) -> None:
    (images / "sources.sha256").unlink()
    assert len(disagreements(["plan"], images, images.parent / "page")) == 1


def png_of(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "png")
    return written.getvalue()


def test_a_picture_with_many_colours_is_made_small() -> None:
    whole = png_of(Image.merge("RGB", [Image.effect_noise((400, 400), 100) for _ in range(3)]))
    small = small_png(whole)
    assert len(small) <= LARGEST < len(whole)
    assert Image.open(io.BytesIO(small)).size == (400, 400)


def test_a_picture_that_cannot_be_made_small_is_refused() -> None:
    noise = png_of(Image.effect_noise((600, 600), 100))
    with pytest.raises(ValueError, match=r"With 32 colours it has \d+ bytes, and may have 150000: show less on it\."):
        small_png(noise)
