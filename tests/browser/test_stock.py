"""Stock: who looks sees what is oversold, and changes it in place."""

from playwright.sync_api import expect

from tests.browser.browsing import Browsing, accessibility_violations


def test_each_sku_has_its_figures_at_each_location_in_words(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "stock")
    row = page.get_by_role("row", name="TST-002-L")
    expect(row.get_by_role("cell").nth(0)).to_contain_text("0 (none free)")
    expect(row.get_by_role("cell").nth(1)).to_contain_text("-2 (oversold)")
    expect(row.get_by_role("cell").nth(1)).to_contain_text("1 counted, 3 reserved")
    expect(page.get_by_role("columnheader").nth(1)).to_contain_text("İstanbul Depo")


def test_a_restock_lets_the_waiting_plan_complete(browsing: Browsing) -> None:
    world = browsing.world("never-in-stock")
    world.advance("1m")
    stock = world.stock().stock[0]
    page = browsing.page(world, "stock")
    field = page.get_by_label(f"Restock {stock.sku} at {stock.location} by")
    field.fill("7")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text=": done.")).to_be_visible()
    assert world.stock(stock.sku, stock.location).stock[0].stock_count == stock.stock_count + 7
    assert world.advance("31m")[-1].to == "completed"


def test_a_location_is_blocked_and_opened_again(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "stock")
    page.get_by_role("button", name="Block WH001").click()
    expect(page.get_by_text("blocked")).to_be_visible()
    assert not world.stock(location="WH001").locations[0].active
    page.get_by_role("button", name="Open WH001").click()
    expect(page.get_by_role("button", name="Block WH001")).to_be_visible()
    assert world.stock(location="WH001").locations[0].active


def test_a_quota_is_set_and_lifted(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "stock")
    field = page.get_by_label("Most packages of WH001")
    field.fill("3")
    field.press("Enter")
    expect(page.get_by_text("quota: 0 of 3 taken")).to_be_visible()
    field.fill("")
    field.press("Enter")
    expect(page.get_by_role("columnheader", name="WH001").get_by_text("no quota")).to_be_visible()


def test_an_unknown_sku_is_refused_with_the_nearest(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "stock")
    page.get_by_label("SKU", exact=True).fill("TST-002-K")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("TST-002-L")
    browsing.expect("422")
    page.get_by_label("SKU", exact=True).fill("TST-002-L")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("row", name="TST-001-M")).to_have_count(0)
    expect(page.get_by_role("row", name="TST-002-L")).to_be_visible()


def test_a_scenario_without_stock_of_its_own_says_where_it_is(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("default"), "stock")
    expect(page.get_by_text("have stock of their own")).to_be_visible()


def test_the_view_of_stock_is_accessible_and_scrolls_only_within_its_table(browsing: Browsing) -> None:
    for dark, width in ((False, 1366), (True, 390)):
        page = browsing.page(browsing.world(), "stock", width=width, dark=dark)
        expect(page.get_by_role("row", name="TST-001-M")).to_be_visible()
        assert accessibility_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
