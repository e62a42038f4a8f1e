"""One plan: a person sees what it waits for and what attempts saw, acts on it, and takes it elsewhere as a command or a test."""

import re

import pytest
from playwright.sync_api import expect

from mock_oms.client import World
from tests.browser.browsing import Browsing, accessibility_violations

pytest_plugins = ["pytester"]

PLAN = "plans/41207"


def test_the_head_says_the_state_what_is_missing_and_how_long_the_next_attempt_takes(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, PLAN)
    expect(page.get_by_role("heading", name="Plan 41207")).to_be_visible()
    world.advance("40m")
    expect(page.get_by_text("1 of 2 items waits for a place; the next attempt is at")).to_be_visible()
    waits = page.get_by_role("list", name="What it waits for")
    expect(waits).to_have_text("TST-002-L has no place: WH001 has 0, STORE01 has 1 of which 3 are reserved")
    expect(page.get_by_text("The next attempt is in 20m of world time.")).to_be_visible()
    expect(page.get_by_text("order 541207")).to_contain_text(", simulated, 2 attempts")


def test_a_legal_command_is_run_by_its_button(browsing: Browsing) -> None:
    world = browsing.world()
    world.advance("1m")
    page = browsing.page(world, PLAN)
    page.get_by_role("button", name="Run plan-complete").click()
    expect(page.get_by_role("group", name="Commands")).to_have_text("No command is legal now.")
    assert world.plan(41207).state == "completed"


def test_a_command_that_is_no_longer_legal_shows_the_sentence_of_its_refusal(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, PLAN)
    stale = page.request.get(f"{world.url}/_mock/worlds/{world.name}/{PLAN}").text()
    page.route(f"**/{PLAN}", lambda route: route.fulfill(body=stale, content_type="application/json"))
    world.cancel(41207)
    page.get_by_role("button", name="Run plan-cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot run on plan 41207, which is cancelled")
    browsing.expect("409")


@pytest.mark.parametrize(
    ("button", "state"),
    [
        ("Cancel item: TST-001-M", "cancelled"),
        ("Not found: TST-001-M", "not_found"),
        ("Refuse all at WH001: TST-001-M", "refused"),
    ],
)
def test_an_event_happens_to_an_item_by_its_button(browsing: Browsing, button: str, state: str) -> None:
    world = browsing.world()
    world.advance("1m")
    page = browsing.page(world, PLAN)
    page.get_by_role("button", name=button).click()
    row = page.get_by_role("region", name="Items").get_by_role("row", name="TST-001-M")
    expect(row.get_by_role("cell").first).to_have_text(state)
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_plan_that_is_held_is_confirmed_by_its_button(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("default", clock={"rate": 0}), "plans/41210")
    expect(page.get_by_role("list", name="What it waits for")).to_have_text("it is held until it is confirmed")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("the first attempt is at")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)


def test_the_timeline_shows_what_each_item_went_through_and_leaves_out_idle_hours(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, PLAN)
    world.advance("5h")  # completed after one
    words = page.get_by_role("list", name="The timeline in words").get_by_role("listitem")
    expect(words.nth(0)).to_contain_text(
        "Plan 41207: start from 2024-03-05 09:00:00 to 2024-03-05 09:01:00; pending from"
    )
    expect(words.nth(1)).to_have_text(
        "TST-001-M: waiting from 2024-03-05 09:00:00 to 2024-03-05 09:01:00; placed from 2024-03-05 09:01:00 to now."
    )
    expect(words.nth(2)).to_contain_text("to 2024-03-05 10:00:00; placed from 2024-03-05 10:00:00 to now.")
    timeline = page.get_by_role("region", name="Timeline, in UTC")
    expect(timeline.get_by_text("4h", exact=True)).to_be_visible()
    expect(timeline.get_by_text("10:00:00", exact=True)).to_be_visible()


def test_an_attempt_is_chosen_by_its_tick_or_by_the_list_and_shows_what_it_saw(browsing: Browsing) -> None:
    world = browsing.world()
    world.advance("40m")
    page = browsing.page(world, PLAN)
    newest = page.get_by_role("region", name="Stock as attempt 2 saw it")
    expect(newest.get_by_role("row", name="STORE01")).to_contain_text("-2 (oversold) 1 counted, 3 reserved")
    expect(newest.get_by_role("row", name="WH001")).to_contain_text("0 (none free)")
    page.locator("g", has_text="Attempt 1,").last.click()
    first = page.get_by_role("region", name="Stock as attempt 1 saw it")
    expect(first.get_by_role("row", name="WH001").get_by_role("cell").first).to_contain_text("5 free")
    expect(page.get_by_label("by attempt")).to_have_value("1")
    page.get_by_label("by attempt").select_option("2: 2024-03-05 09:30:00")
    expect(newest).to_be_visible()
    expect(page).to_have_url(re.compile("attempt=2$"))


def test_a_plan_that_was_not_tried_yet_shows_the_present_stock(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), PLAN)
    present = page.get_by_role("region", name="Stock at present")
    expect(present.get_by_role("row", name="WH001")).to_contain_text("5 free")
    expect(present.get_by_role("row", name="STORE01")).to_contain_text("-2 (oversold)")


def tried_for_days(browsing: Browsing) -> World:
    """A world in which plan 90001 was tried 241 times, for its six units of a SKU of which there are five."""
    world = browsing.world()
    world.order(["TST-001-M"] * 6, id=90001)
    world.advance("5d")
    return world


def test_of_many_attempts_the_newest_are_shown(browsing: Browsing) -> None:
    page = browsing.page(tried_for_days(browsing), "plans/90001")
    expect(page.get_by_text("The newest 200 of 241 attempts are shown.")).to_be_visible()
    expect(page.get_by_label("by attempt").get_by_role("option")).to_have_count(200)
    expect(page.locator("g", has_text=re.compile(r"^Attempt \d"))).to_have_count(200)


def test_the_json_of_the_vendor_is_read_when_it_is_opened(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), PLAN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.get_by_text("orderexecutionplanitem_set")).to_have_count(0)
    assert not any(one.endswith("/vendor") for one in asked)
    page.get_by_text("The vendor's JSON").click()
    expect(page.get_by_text("orderexecutionplanitem_set")).to_be_visible()
    expect(page.get_by_text("shipping_address")).to_have_count(0)
    page.get_by_text("order:", exact=False).last.click()
    expect(page.get_by_text("shipping_address")).to_be_visible()


def test_of_the_json_of_a_plan_with_many_attempts_no_more_is_shown_than_can_be_read(browsing: Browsing) -> None:
    world = tried_for_days(browsing)
    page = browsing.page(world, "plans/90001")
    page.get_by_text("The vendor's JSON").click()
    page.get_by_text("context: {241}").click()
    expect(page.get_by_text("and 41 more")).to_be_visible()


def test_the_history_says_what_caused_each_step(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), PLAN)
    page.get_by_text("History").click()
    expect(page.get_by_text("plan 41207 was created (ordered by the scenario)")).to_be_visible()


def copied(browsing: Browsing, world: World, route: str, name: str) -> str:
    page = browsing.page(world, route, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("As curl and as pytest").click()
    page.get_by_role("button", name=f"Copy as {name}").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_copied_command_asks_for_the_plan(browsing: Browsing) -> None:
    world = browsing.world()
    address = f"{world.url}/api/v1/oms/orderexecutionplans/41207/"
    assert copied(browsing, world, PLAN, "curl") == f"curl -s -H 'Authorization: Token {world.token}' '{address}'"


SENT = """
description: No file of the mock holds this one.
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
locations: {WH001: {}}
stock: {TST-001-M: {WH001: 0}}
plans: [{id: 7, items: [TST-001-M]}]
"""


def test_the_copied_tests_pass(browsing: Browsing, pytester: pytest.Pytester) -> None:
    """That of a world in which much has happened, and that of a scenario that was sent."""
    world = browsing.world(seed=3)
    world.advance("10m")
    world.event(quota={"location": "STORE01", "max_quota": None})
    world.order(["TST-001-M"], city='Iğdır, "true": null', hold=True)
    world.advance("20m")
    world.run(41207, "plan-reschedule")
    world.advance("5m")
    file = pytester.path / "sent.yaml"
    file.write_text(SENT, encoding="utf-8")
    sent = browsing.world(str(file))
    sent.advance("2h")
    events, whole = copied(browsing, world, PLAN, "pytest"), copied(browsing, sent, "plans/7", "pytest")
    assert ('scenario="restock", seed=3' in events, events.count("oms.advance_to("), events.count("oms.event(")) == (
        True,
        3,
        3,
    )
    pytester.makepyfile(test_events=events, test_whole=whole)
    result = pytester.runpytest_inprocess("--oms-url", world.url, "-p", "no:cacheprovider", "-p", "no:randomly")
    result.assert_outcomes(passed=2)


def test_a_captured_plan_shows_what_is_known_of_it(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("raw"), "plans/53301")
    expect(page.get_by_text("it is served as it was captured, and only commands move it")).to_be_visible()
    expect(page.get_by_text("There was no attempt, and no item waits.")).to_be_visible()
    row = page.get_by_role("region", name="Items").get_by_role("row", name="TST-001-M")
    expect(row.get_by_role("cell")).to_have_text(["–", "–", "–", ""])
    expect(page.get_by_role("list", name="The timeline in words")).to_contain_text("TST-001-M: unknown from")
    page.get_by_role("button", name="Run plan-cancel").click()
    expect(page.get_by_text("No command is legal now.")).to_be_visible()


def test_a_plan_that_does_not_exist_shows_the_sentence_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "plans/9")
    expect(page.get_by_role("alert")).to_contain_text("There is no plan 9 in world")
    browsing.expect("404")


@pytest.mark.parametrize(("dark", "width"), [(False, 1366), (True, 390)])
def test_the_view_of_a_plan_is_accessible_and_scrolls_only_within_its_regions(
    browsing: Browsing, dark: bool, width: int
) -> None:
    world = browsing.world("default", clock={"rate": 0})
    world.advance("5h")
    page = browsing.page(world, "plans/41206", width=width, dark=dark)
    for title in ("History", "The vendor's JSON", "As curl and as pytest"):
        page.get_by_text(title).click()
    expect(page.get_by_role("region", name="pytest")).to_be_visible()
    expect(page.get_by_text("orderexecutionplanitem_set")).to_be_visible()
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_of_many_skus_and_locations_some_are_shown_and_the_rest_is_said(browsing: Browsing) -> None:
    skus = [f"SKU-{number:02}" for number in range(30)]
    codes = {f"WH{number:03}": {"type": "warehouse"} for number in range(210)}
    scenario = {
        "description": "A wide plan.",
        "locations": codes,
        "stock": {sku: dict.fromkeys(codes, 0) for sku in skus},
        "plans": [{"id": 7, "items": skus}],
    }
    world = browsing.world(scenario)
    world.advance("1m")
    page = browsing.page(world, "plans/7")
    expect(page.get_by_text("The first 10 of 30 SKUs, and at most 200 of 210 locations, are shown.")).to_be_visible()
    assert page.get_by_role("table").first.get_by_role("row").count() == 201
