"""What comes from outside: who looks sees what the scenario will bring, what people did, and what became of both."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from mock_oms.domain.events import WORDS
from tests.browser.browsing import Browsing


def _lines(page: Page) -> Locator:
    return page.get_by_role("list", name="From outside").get_by_role("listitem")


def test_what_the_scenario_brings_is_counted_down_to_and_stays_when_it_has_happened(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world)
    restock = "2024-03-05 09:45:00: restock TST-002-L at WH001 by 10 (the scenario)"
    expect(_lines(page)).to_have_text([f"in 45m at {restock}"])
    world.advance("44m")
    expect(_lines(page)).to_have_text([f"in 1m at {restock}"])
    world.run_at(60)  # no plan moves at that time
    expect(_lines(page)).to_have_text([restock])
    world.freeze()
    world.block("STORE01")
    expect(_lines(page)).to_have_text([re.compile(r": block STORE01 \(event 1\)$"), restock])


def test_next_come_five_lines_and_below_them_the_ten_newest_things_that_happened(browsing: Browsing) -> None:
    world = browsing.world("default", clock={"rate": 0})
    page = browsing.page(world)
    expect(_lines(page)).to_have_count(5)
    expect(_lines(page).last).to_contain_text("in 5m at 2024-03-05 09:05:00: order 24Y-40117-M, 24Y-40233-S, city Eski")
    world.event(confirm={"plan": 41210})
    world.advance("3h")
    expect(_lines(page)).to_have_count(15)
    expect(_lines(page).nth(4)).to_contain_text("in 1h 10m at 2024-03-05 13:10:00: restock 24Y-61010 at D100 by 5")
    refused = _lines(page).filter(has_text="refused")
    expect(refused).to_have_text(
        re.compile("confirm plan 41210 .the scenario. refused Plan 41210 is completed and not held")
    )


def test_a_plan_shows_what_may_matter_to_it_alone(browsing: Browsing) -> None:
    world = browsing.world("default", clock={"rate": 0})
    world.block("M007")
    page = browsing.page(world, "plans/41205", width=390, dark=True)  # its item is at no location
    coming = "in {} at 2024-03-05 1{}:00:00: {} (the scenario)"
    expect(_lines(page)).to_have_text([
        re.compile("the stock service goes up"),
        coming.format("5h", 4, "the stock service goes down"),
        coming.format("3h", 2, "run plan-cancel on plan 41205"),
        coming.format("2h", 1, "open M061"),
        re.compile("cancel one 24K-71004-41 of plan 41206"),  # the same SKU
        re.compile(r"block M007 \(event 1\)$"),
    ])  # fmt: skip
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_where_nothing_comes_and_nothing_was_one_line_says_so(browsing: Browsing) -> None:
    world = browsing.world({"description": "Quiet.", "plans": [{"id": 7, "items": ["A"]}]})
    page = browsing.page(world)
    expect(page.get_by_text("Nothing: no line of a timeline, and no event.")).to_be_visible()
    page.get_by_role("link", name="7", exact=True).click()
    expect(page.get_by_text("Nothing concerns this plan.")).to_be_visible()


def test_every_event_is_a_sentence_with_all_that_is_said(browsing: Browsing) -> None:
    place = {"sku": "A", "location": "WH001"}
    said: list[dict[str, Any]] = [
        {"restock": {**place, "count": 2}},
        {"sell": {**place, "count": 3}},
        {"block": {"location": "WH001"}},
        {"open": {"location": "WH001"}},
        {"quota": {"location": "WH001", "quota": 4, "max_quota": None}},
        {"stock_service": {"state": "down"}},
        {"order": {"items": ["A", "A"], "id": 9, "hold": True}},
        {"confirm": {"plan": 7}},
        {"command": {"plan": 7, "run": "plan-cancel"}},
        {"cancel_item": {"plan": 7, "sku": "A"}},
        {"assign": {"plan": 7, **place}},
        {"refuse": {"plan": 7, "location": "WH001"}},
        {"not_found": {"plan": 7, "sku": "A"}},
    ]
    assert {word for one in said for word in one} == WORDS.keys()
    page = browsing.page(browsing.world())
    sentences = page.evaluate(
        "async (events) => { const { sentenceOf } = await import('./page/views/events.js'); return events.map(sentenceOf); }",
        [{"at": "", "origin": "", "refused": None, **one} for one in said],
    )
    assert sentences == [
        "restock A at WH001 by 2",
        "sell 3 of A at WH001",
        "block WH001",
        "open WH001",
        "set the quota of WH001, quota 4, max_quota null",
        "the stock service goes down",
        "order A, A, id 9, hold true",
        "confirm plan 7",
        "run plan-cancel on plan 7",
        "cancel one A of plan 7",
        "assign one A of plan 7 to WH001",
        "WH001 refuses plan 7",
        "one A of plan 7 is not found",
    ]
