"""The clock bar: what a person does to see a plan's life go by."""

from playwright.sync_api import Page, expect

from tests.browser.browsing import Browsing, accessibility_violations


def clock_of(page: Page) -> object:
    return page.get_by_role("region", name="Clock of the world")


def test_advancing_says_what_happened_on_the_way_and_shows_the_new_time(browsing: Browsing) -> None:
    page = browsing.page(browsing.world())
    page.get_by_label("Advance by").fill("45m")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_role("time")).to_have_text("2024-03-05 09:45:00")
    happened = page.get_by_role("list", name="What happened, newest first")
    expect(happened).to_contain_text("09:01:00 plan 41207: start → pending (attempt 1)")
    expect(happened.get_by_role("listitem").first).to_contain_text("09:30:00")


def test_advancing_until_a_plan_is_in_a_state_stops_there(browsing: Browsing) -> None:
    page = browsing.page(browsing.world())
    page.get_by_label("until plan").fill("41207")
    page.get_by_role("button", name="Advance until").click()
    expect(page.get_by_role("time")).to_have_text("2024-03-05 10:00:00")
    expect(page.get_by_text("plan 41207: pending → completed (attempt 3)")).to_be_visible()


def test_an_advance_in_which_nothing_happens_says_so(browsing: Browsing) -> None:
    page = browsing.page(browsing.world())
    page.get_by_label("Advance by").fill("10s")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_text("Nothing happened on the way.")).to_be_visible()


def test_the_rate_is_set_by_a_button_and_the_time_runs_in_the_page(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world)
    page.get_by_role("button", name="×60").click()
    expect(page.get_by_role("button", name="×60")).to_have_attribute("aria-pressed", "true")
    assert world.clock.rate == 60
    expect(page.get_by_role("time")).not_to_have_text("2024-03-05 09:00:00")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Freeze")).to_have_attribute("aria-pressed", "true")
    assert world.clock.rate == 0


def test_a_span_that_is_none_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(browsing.world())
    page.get_by_label("Advance by").fill("soon")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("accepted: a duration such as 90s, 30m")
    browsing.expect("422")
    page.get_by_label("Advance by").fill("1m")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_another_client_does_is_seen_without_a_reload(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    world.advance("1m")
    expect(page.get_by_role("time")).to_have_text("2024-03-05 09:01:00")
    expect(page.get_by_text("plan 41207: start → pending (attempt 1)")).to_be_visible()


def test_a_restore_of_the_present_instant_tells_nothing_twice(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    world.advance("31m")
    happened = page.get_by_role("list", name="What happened, newest first").get_by_role("listitem")
    expect(happened).to_have_count(2)
    world.restore(world.snapshot())
    world.advance("30m")
    expect(happened).to_have_count(3)


def test_the_clock_bar_is_accessible_while_it_tells_what_happened(browsing: Browsing) -> None:
    for dark in (False, True):
        world = browsing.world()
        world.advance("45m")
        page = browsing.page(world, width=390, dark=dark)
        expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
        world.advance("1h")
        expect(page.get_by_text("completed (attempt 3)")).to_be_visible()
        assert accessibility_violations(page) == []
