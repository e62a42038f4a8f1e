"""The plans and their lifecycle: who looks sees what is where, finds a plan, and sees it change."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from mock_oms.client import World
from tests.browser.browsing import Browsing, accessibility_violations

_NO_PLAN: dict[str, Any] = {
    "description": "A shop before its first order.",
    "locations": {"WH001": {"type": "warehouse"}},
    "stock": {"TST-001-M": {"WH001": 5}},
    "plans": [],
}


def _live(browsing: Browsing, world: World, route: str = "plans", **more: Any) -> Page:
    page = browsing.page(world, route, **more)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    return page


def _state(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="Lifecycle").get_by_role("link", name=name, exact=True)


def _rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Plans", exact=True).locator("tbody").get_by_role("row")


def _search(page: Page, text: str) -> None:
    page.get_by_label("Plan, order number or SKU").fill(text)
    page.get_by_label("Plan, order number or SKU").press("Enter")


def test_the_picture_counts_the_plans_of_each_state_and_the_steps_as_they_happen(browsing: Browsing) -> None:
    world = browsing.world()
    page = _live(browsing, world)
    expect(_state(page, "start 1 plan")).to_be_visible()
    world.advance("31m")
    expect(_state(page, "start 0 plans")).to_be_visible()
    expect(_state(page, "pending 1 plan")).to_be_visible()
    expect(page.get_by_text("Some item has no place ×1", exact=True)).to_be_visible()
    expect(page.get_by_text("Some item still has no place ×1", exact=True)).to_be_visible()
    expect(page.get_by_text("Every item has a place", exact=True).filter(visible=True)).to_have_count(2)
    expect(page.get_by_text("2 of 12 transitions taken, 0 plans created")).to_be_visible()


def test_a_table_says_the_same_as_the_picture(browsing: Browsing) -> None:
    world = browsing.world()
    world.advance("1m")
    page = browsing.page(world)
    page.get_by_text("As a table").click()
    table = page.get_by_role("table", name="Transitions")
    expect(table.get_by_role("row", name="start pending Some item has no place attempt ×1")).to_be_visible()
    expect(table.get_by_role("row", name="completed pending An item came back")).to_contain_text("never")


def test_a_state_that_the_page_does_not_know_is_drawn_too(browsing: Browsing) -> None:
    world = browsing.world()
    transition = {"id": 99, "name": "Park", "trigger": "command", "from": "pending", "to": "parked", "taken": 4}

    def more(route: Route) -> None:
        life = route.fetch().json()
        life["states"].append({"name": "parked", "terminal": False, "plans": 2})
        life["transitions"].append(transition)
        route.fulfill(json=life)

    page = browsing.page(world, "stock")
    page.route("**/lifecycle", more)
    page.get_by_role("link", name="Plans").click()
    expect(_state(page, "parked 2 plans")).to_be_visible()
    expect(page.get_by_text("Park ×4", exact=True)).to_be_visible()


def test_a_click_on_a_state_filters_the_list_and_enter_on_it_ends_that(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("default", clock={"rate": 0}))
    _state(page, "pending 4 plans").click()
    expect(page.get_by_role("status").filter(has_text=re.compile(r"^4 plans$"))).to_be_visible()
    expect(_rows(page)).to_have_count(4)
    expect(page.get_by_label("State")).to_have_value("pending")
    expect(_state(page, "pending 4 plans")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    expect(_rows(page)).to_have_count(25)
    expect(_state(page, "pending 4 plans")).to_be_focused()


def test_a_plan_is_found_by_its_id_its_order_number_and_a_part_of_a_sku(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("default", clock={"rate": 0}))
    _search(page, "41207")
    expect(_rows(page)).to_have_count(1)
    number = _rows(page).get_by_role("cell").nth(2).inner_text()
    _search(page, number)
    expect(page).to_have_url(re.compile(f"search={number}$"))
    expect(_rows(page)).to_have_count(1)
    expect(_rows(page)).to_contain_text("41207")
    _search(page, "71004-40")
    expect(page).to_have_url(re.compile("search=71004-40$"))
    expect(_rows(page)).to_contain_text(["41207"])
    page.go_back()
    expect(page.get_by_label("Plan, order number or SKU")).to_have_value(number)


def test_what_no_plan_matches_says_so_and_leads_back_to_all(browsing: Browsing) -> None:
    page = browsing.page(browsing.world())
    page.get_by_label("State").select_option("cancelled")
    expect(page.get_by_text("No plan matches.")).to_be_visible()
    page.get_by_role("button", name="Show all plans").click()
    expect(_rows(page)).to_have_count(1)
    expect(page.get_by_label("State")).to_have_value("")


def test_a_world_without_plans_says_how_to_make_one(browsing: Browsing) -> None:
    world = browsing.world(_NO_PLAN)
    page = _live(browsing, world)
    expect(page.get_by_text(f"Authorization: Token {world.token}")).to_be_visible()
    expect(page.get_by_text(f"/worlds/{world.name}/events")).to_be_visible()
    plan = world.order(["TST-001-M"]).plan
    expect(_rows(page)).to_contain_text([str(plan)])


def test_the_next_step_counts_down_with_the_clock_of_the_world(browsing: Browsing) -> None:
    world = browsing.world()
    page = _live(browsing, world)
    expect(_rows(page)).to_contain_text("attempt in 1m at 2024-03-05 09:01:00")
    world.advance("20s")
    expect(_rows(page)).to_contain_text("attempt in 40s")
    world.run_at(1)
    expect(_rows(page)).to_contain_text(re.compile(r"attempt in 3\ds"))


def test_a_row_is_marked_when_it_changes_before_the_readers_eyes(browsing: Browsing) -> None:
    world = browsing.world()
    page = _live(browsing, world)
    expect(_rows(page)).to_contain_text("0 of 2")
    expect(_rows(page)).not_to_contain_text("just changed")
    world.advance("1m")
    expect(_rows(page)).to_contain_text("09:01:00, just changed")
    expect(_rows(page)).to_contain_text("1 of 2")
    expect(_rows(page)).not_to_contain_text("just changed")


def test_of_a_million_plans_one_page_is_shown_and_numbers_are_estimates(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("large"))
    expect(page.get_by_text("about 900K")).to_be_visible()
    expect(_rows(page)).to_have_count(50)
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("51–100 of 1,000,002")).to_be_visible()
    expect(_rows(page).first).to_contain_text("999952")
    _state(page, "pending about 60K plans").click()
    expect(page.get_by_text("No plan among the 2,002 newest matches.")).to_be_visible()


def test_a_filter_that_is_none_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "plans?state=waiting")
    expect(page.get_by_role("alert")).to_contain_text("accepted: start, pending, cancelled, completed")
    browsing.expect("422")
    page.get_by_role("link", name="Plans").click()
    expect(_rows(page)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_is_typed_stays_while_the_page_shows_a_running_clock(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(clock={"rate": 1}))
    page.get_by_label("Plan, order number or SKU").fill("TST")
    page.get_by_label("Advance by").fill("5m")
    before = page.get_by_role("time").inner_text()
    expect(page.get_by_role("time")).not_to_have_text(before)
    expect(page.get_by_label("Plan, order number or SKU")).to_have_value("TST")
    expect(page.get_by_label("Advance by")).to_have_value("5m")


def test_the_view_of_plans_is_accessible_and_scrolls_only_within_its_tables(browsing: Browsing) -> None:
    for dark, width in ((False, 1366), (True, 390)):
        world = browsing.world()
        world.advance("31m")
        page = browsing.page(world, width=width, dark=dark)
        page.get_by_text("As a table").click()
        expect(_rows(page)).to_have_count(1)
        assert accessibility_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
