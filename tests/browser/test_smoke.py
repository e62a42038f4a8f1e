"""The page of the mock opens in a browser."""

from playwright.sync_api import expect

from tests.browser.browsing import Browsing


def test_the_page_of_a_world_opens(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("restock"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
