"""The page stays true and quick whatever happens around it: other tabs, a server that comes back, much traffic."""

from statistics import quantiles
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from mock_oms.client.control import Control
from tests.browser.browsing import Browsing
from tests.browser.traffic import ask, traffic
from tests.system.running import serving

#: Milliseconds within which another tab must show what happened in one: where time is no matter, and where it is.
_AGREE = (30_000, pytest.param(1_000, marks=pytest.mark.slow))
#: Requests a second, and for how many seconds.
_RATE, _LASTING = 500, 20
#: What a click may take in milliseconds: three of four clicks, and each; one may find the machine busy with another test.
_CLICK, _ONE_CLICK = 200, 2_000
#: Milliseconds between two clicks, so that they fall into all parts of what the page does four times a second.
_PACES = (150, 230, 310, 390, 470)
#: Bytes by which the memory of the page may grow.
_GROWTH = 20_000_000
#: From the moment at which the browser was told of a click until it has painted what the click did.
_TIME_CLICKS = """() => {
    window.took = [];
    addEventListener('click', click => requestAnimationFrame(() => setTimeout(() =>
        window.took.push(performance.now() - click.timeStamp))), true);
}"""


@pytest.mark.parametrize("within", _AGREE)
def test_two_tabs_on_one_world_agree_within_a_second(browsing: Browsing, within: int) -> None:
    world = browsing.world()
    one = browsing.page(world, "requests")
    other = one.context.new_page()
    other.goto(one.url)
    for tab in (one, other):
        expect(tab.get_by_role("banner").get_by_role("status")).to_have_text("live")
    one.bring_to_front()
    one.get_by_label("Advance by").fill("45m")
    one.get_by_role("button", name="Advance", exact=True).click()
    expect(one.get_by_text("2024-03-05 09:45:00").first).to_be_visible()
    expect(other.get_by_text("2024-03-05 09:45:00").first).to_be_visible(timeout=within)
    expect(other.get_by_text("plan 41207: start → pending")).to_be_visible(timeout=within)
    ask(world)
    for tab in (one, other):
        expect(tab.get_by_role("link", name="1", exact=True)).to_be_visible(timeout=within)


def test_a_restart_of_the_server_under_an_open_page_is_survived(browser: Browser) -> None:
    with serving("--scenario", "restock") as first, Control(first.address) as control:
        browsing, world = Browsing(browser, control), control.world("default")
        page = browsing.page(world, "requests")
        status = page.get_by_role("banner").get_by_role("status")
        ask(world)
        ask(world)
        expect(page.get_by_role("link", name="2", exact=True)).to_be_visible()
        world.advance("1h")
        expect(page.get_by_text("2024-03-05 10:00:00").first).to_be_visible()
        first.stopped()
        expect(status).to_have_text("reconnecting")
        with serving("--scenario", "restock", "--port", str(urlsplit(first.address).port)):
            expect(status).to_have_text("live")
            expect(page.get_by_text("2024-03-05 09:00:00").first).to_be_visible()
            expect(page.get_by_role("link", name="2", exact=True)).to_have_count(0)
            ask(world)
            expect(page.get_by_role("link", name="1", exact=True)).to_be_visible()
            expect(page.get_by_role("alert")).to_have_count(0)
            # A server that is back at once was missed by nothing but the stream, whose end need not be an error.
            assert [one for one in browsing.offences() if "net::ERR_" not in one] == []
            browsing.close()


@pytest.mark.slow
def test_500_requests_a_second_neither_freeze_the_page_nor_fill_its_memory(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "requests")
    devtools = page.context.new_cdp_session(page)

    def memory() -> int:
        devtools.send("HeapProfiler.collectGarbage")
        return int(devtools.send("Runtime.getHeapUsage")["usedSize"])

    page.evaluate(_TIME_CLICKS)
    hold = page.get_by_role("button", name="Hold still")
    where = hold.bounding_box()
    assert where is not None
    clicks = 0
    with traffic(world, _RATE) as made:
        page.wait_for_timeout(max(_PACES))
        before = memory()
        while made[0] < _RATE * _LASTING:
            clicks += 1
            # Not `hold.click()`, which waits for a page that has nothing else to do.
            page.mouse.click(where["x"] + 5, where["y"] + 5)
            expect(hold).to_have_attribute("aria-pressed", "true" if clicks % 2 else "false")
            page.wait_for_timeout(_PACES[clicks % len(_PACES)])
        after = memory()
    if clicks % 2:
        hold.click()
    # All that has happened has also been told.
    expect(page.get_by_role("link", name=str(made[0]), exact=True)).to_be_visible()
    took = page.evaluate("window.took")
    assert len(took) >= clicks
    assert quantiles(took, n=4)[-1] <= _CLICK
    assert max(took) <= _ONE_CLICK
    assert after - before <= _GROWTH
