"""Make the pictures of docs/images: `make screenshots`. Look at each before you commit it.

A picture is of a world that is opened for it and has the name of its scenario, in a window of 1366 x 850, light.
"""

import io
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mock_oms.client import World
from mock_oms.client.control import Control
from mock_oms.dataclass import dataclass
from tests.browser.browsing import Browsing
from tests.browser.chromium import ARGUMENTS, chromium
from tests.documents.pictures import IMAGES, LARGEST, write_hash
from tests.system.running import serving


@dataclass(frozen=True, slots=True)
class Picture:
    """docs/images/`name`.png: a world of `scenario` at `route`, after `before`, which ends when all is in the page."""

    name: str
    scenario: str
    route: str
    before: Callable[[World, Page], None]


def _plans(_: World, page: Page) -> None:
    page.get_by_label("Advance by").fill("1m")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="pending")).to_be_visible()
    expect(page.get_by_text("just changed")).to_have_count(0)


def _plan(world: World, page: Page) -> None:
    world.advance("32m")
    expect(page.get_by_text("1 of 2 items waits")).to_be_visible()
    expect(page.get_by_role("time")).to_have_text("2024-03-05 09:32:00")
    expect(page.get_by_role("cell").filter(has_text="oversold").first).to_be_visible()


def _stock(_: World, page: Page) -> None:
    expect(page.get_by_role("row", name="TST-002-L")).to_be_visible()


def _requests(world: World, page: Page) -> None:
    """A poller that meets a fault and waits, and one that asks for what is not there."""
    world.advance("1m")
    world.fault(on="detail", status=503, retry_after=1, times=2)
    detail = f"{world.url}{PLANS}41207/"
    for pause in (300, 300, 1200, 300, 300, 300):
        _ask(detail, {**world.headers, "User-Agent": "order-poller/2.1"})
        page.wait_for_timeout(pause)
    for path in ("", "?page=2", "41208/", "41207"):
        _ask(f"{world.url}{PLANS}{path}", {**world.headers, "User-Agent": "nightly-report/0.9"})
    expect(page.get_by_role("link", name="10", exact=True)).to_be_visible()


def _clients(world: World, page: Page) -> None:
    _requests(world, page)
    page.get_by_role("link", name="Clients").click()
    expect(page.get_by_text("order-poller/2.1").first).to_be_visible()


def _ask(address: str, headers: Mapping[str, str]) -> None:
    with suppress(HTTPError), urlopen(Request(address, headers={"Accept": "application/json", **headers})):  # noqa: S310  to our own server
        pass


def _faults(world: World, page: Page) -> None:
    world.fault(on="list", status=503, retry_after=3, times=2)
    world.fault(delay="2s", probability=0.2)
    _ask(f"{world.url}{PLANS}", world.headers)
    expect(page.get_by_text("status 503").first).to_be_visible()


def _contract(_: World, page: Page) -> None:
    expect(page.get_by_text("documented").first).to_be_visible()
    page.get_by_text("OrderExecutionPlan", exact=True).first.click()
    page.evaluate("document.activeElement.blur()")


PLANS = "/api/v1/oms/orderexecutionplans/"
#: The README's scenario throughout.
PICTURES = (
    Picture("plans", "restock", "plans", _plans),
    Picture("plan", "restock", "plans/41207", _plan),
    Picture("stock", "restock", "stock", _stock),
    Picture("requests", "restock", "requests", _requests),
    Picture("clients", "restock", "requests", _clients),
    Picture("faults", "restock", "faults", _faults),
    Picture("contract", "restock", "api/contract", _contract),
)


def small_png(png: bytes) -> bytes:
    """The picture as it is, or with a palette: as many colours as fit into `LARGEST` bytes, at least 32.

    :raises ValueError: even with 32 it is larger.
    """
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (None, 256, 128, 64, 32):
        written = io.BytesIO()
        picture = whole if colours is None else whole.quantize(colours, dither=Image.Dither.NONE)
        picture.save(written, "png", optimize=True)
        if written.tell() <= LARGEST:
            return written.getvalue()
    raise ValueError(f"With 32 colours it has {written.tell()} bytes, and may have {LARGEST}: show less on it.")


def taken(picture: Picture, browser: Browser, control: Control) -> bytes:
    """The picture as a PNG.

    :raises AssertionError: the page did what no page may do.
    """
    with closing(Browsing(browser, control)) as browsing:
        world = browsing.world(picture.scenario, name=picture.scenario)
        page = browsing.page(world, picture.route)
        expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
        picture.before(world, page)
        return small_png(page.screenshot(animations="disabled"))


def make(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with serving() as server, Control(server.address) as control, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for picture in PICTURES:
            (folder / f"{picture.name}.png").write_bytes(taken(picture, browser, control))
    write_hash(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if sys.argv[1:] else IMAGES)
