"""How clients behave, as the page shows it."""

import re

from playwright.sync_api import expect

from tests.browser.browsing import Browsing
from tests.browser.traffic import LIST, ask


def test_a_client_has_a_strip_of_its_polling_intervals_and_a_verdict_for_each_check(browsing: Browsing) -> None:
    world = browsing.world()
    for _ in range(4):
        ask(world, headers={"User-Agent": "hasty/1.0"})
    ask(world, f"{LIST}41207/", {"User-Agent": "other/2.0"})
    page = browsing.page(world, "requests")
    page.get_by_role("link", name="Clients").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        [re.compile("hasty/1.0 at 127"), re.compile("other/2.0 at 127")]
    )
    expect(page.get_by_role("img")).to_have_count(1)  # who has not polled has no strip
    expect(page.get_by_role("img", name="Wall time between its last 4 polls of the list, oldest first")).to_be_visible()
    verdict = page.get_by_role("table", name="Verdicts on hasty/1.0").get_by_role(
        "row", name=re.compile("^poll interval")
    )
    expect(verdict.get_by_role("cell").first).to_have_text("bad")
    expect(verdict).to_contain_text("It polls the list every")
    expect(verdict.get_by_role("link")).to_have_text(["1", "2", "3", "4"])
    verdict.get_by_role("link", name="3").click()
    expect(page).to_have_url(re.compile("/requests/3$"))


def test_the_strip_of_a_client_that_reads_no_list_shows_its_reads_of_plans(browsing: Browsing) -> None:
    world = browsing.world()
    for _ in range(3):
        ask(world, f"{LIST}41207/", {"User-Agent": "watcher/1.0"})
    page = browsing.page(world, "requests/clients")
    expect(page.get_by_role("img", name="Wall time between its last 3 reads of plans, oldest first")).to_be_visible()


def test_what_a_client_does_meanwhile_is_judged_without_a_reload(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "requests/clients")
    expect(page.get_by_text("No client has asked for anything yet")).to_be_visible()
    ask(world, headers={"User-Agent": "late/1.0"})
    expect(page.get_by_role("heading", name="late/1.0")).to_be_visible()
