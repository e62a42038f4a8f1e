"""Faults: seeing what is active, adding by the form or a profile, and removing."""

import pytest
from playwright.sync_api import Locator, Page, expect

from mock_oms.traffic.faults.fault import INSIDE, STATUSES, Connection
from tests.browser.browsing import Browsing, accessibility_violations
from tests.browser.traffic import LIST, ask


def active(page: Page) -> Locator:
    return page.get_by_role("table", name="Active faults").get_by_role("row").filter(has=page.get_by_role("cell"))


def field(page: Page, key: str) -> Locator:
    named = [page.get_by_role("main").get_by_role(role, name=key, exact=True) for role in ("combobox", "textbox")]
    return named[0].or_(named[1])


def test_an_active_fault_is_shown_in_words_with_its_origin_and_how_often_it_was_met(browsing: Browsing) -> None:
    world = browsing.world()
    world.fault(on="detail", plan=41207, status=429, retry_after=5, times=1, skip=1, probability=0.999_999)
    page = browsing.page(world, "faults")
    row = active(page)
    expect(row).to_contain_text("detail, plan 41207")
    expect(row).to_contain_text("status 429, retry after 5")
    expect(row).to_contain_text("times 1, skip 1, probability 0.999999")
    expect(row).to_contain_text("control API")
    expect(row).to_contain_text("0 of 0 requests")
    for _ in range(2):
        ask(world, f"{LIST}41207/")
    expect(row).to_contain_text("1 of 2 requests")
    expect(row).to_contain_text("used up")


def test_the_life_of_a_fault_runs_down_in_world_time(browsing: Browsing) -> None:
    world = browsing.world()
    world.fault(status=503, ttl="1h30m")
    page = browsing.page(world, "faults")
    expect(active(page)).to_contain_text("1h 30m")
    world.advance("20m")
    expect(active(page)).to_contain_text("1h 10m")
    world.advance("71m")
    expect(page.get_by_text("No fault is active")).to_be_visible()


def test_a_fault_is_added_by_the_form(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "faults")
    field(page, "on").select_option("list")
    field(page, "status").select_option("503")
    field(page, "retry_after").fill("3")
    field(page, "delay").fill('{"uniform": ["1ms", "2ms"]}')
    field(page, "times").fill("2")
    field(page, "ttl").fill("1h")
    page.get_by_role("button", name="Add the fault").click()
    expect(active(page)).to_contain_text("delay uniform 1ms to 2ms")
    expect(field(page, "times")).to_have_value("")
    (fault,) = world.faults()
    effect = {"status": 503, "retry_after": 3, "delay": {"uniform": ["1ms", "2ms"]}}
    assert fault.said == {"on": "list", "effect": effect, "times": 2, "ttl": "1h"}
    assert ask(world) == 503


def test_the_form_has_every_key_of_the_flat_form_and_every_choice(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "faults")
    for key in (*INSIDE["when"], *INSIDE["effect"], "on", "plan", "times", "skip", "probability", "ttl", "ramp"):
        expect(field(page, key)).to_be_visible()
    expect(field(page, "status").get_by_role("option")).to_have_text(["", *map(str, STATUSES)])
    expect(field(page, "connection").get_by_role("option")).to_have_text(["", *map(str, Connection)])


def test_a_fault_that_means_nothing_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "faults")
    field(page, "on").select_option("login")
    field(page, "plan").fill("41207")
    field(page, "status").select_option("404")
    page.get_by_role("button", name="Add the fault").click()
    browsing.expect("422")
    expect(page.get_by_role("alert")).to_contain_text("means nothing with on: login; accepted: on: detail")
    expect(field(page, "plan")).to_have_value("41207")
    assert world.faults() == ()


def test_the_faults_and_limits_of_a_profile_are_added_and_removed_one_by_one_and_all(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "faults")
    expect(page.get_by_text("nothing is limited")).to_be_visible()
    page.get_by_role("radio", name="rate-limited").check()
    page.get_by_role("button", name="Add the profile").click()
    expect(page.get_by_text("Limits: quota: limit")).to_be_visible()
    page.get_by_role("radio", name="flaky").check()
    page.get_by_role("button", name="Add the profile").click()
    expect(active(page).first).to_contain_text("profile flaky")
    before = world.faults()
    page.get_by_role("button", name=f"Remove {before[0].id}", exact=True).click()
    expect(active(page)).to_have_count(len(before) - 1)
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("No fault is active")).to_be_visible()
    assert world.faults() == ()


@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_use_the_faults(browsing: Browsing, dark: bool) -> None:
    world = browsing.world()
    world.fault(status=503, ttl="1h", times=1)
    page = browsing.page(world, "faults", width=390, dark=dark)
    expect(active(page)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert accessibility_violations(page) == []
