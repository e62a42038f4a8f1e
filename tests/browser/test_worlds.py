"""Worlds: opening, resetting, closing, and moving one through a file."""

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.browsing import Browsing, accessibility_violations


def test_a_world_is_opened_from_a_scenario_that_was_searched_for(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "worlds")
    page.get_by_label("Search scenarios").fill("SPLIT")
    page.get_by_role("radio", name="split", exact=False).first.check()
    page.get_by_label("Name (or one is made)").fill("opened-by-hand")
    page.get_by_label("Seed (or the scenario's)").fill("77")
    page.get_by_label("Closes when unused for").first.fill("10m")
    page.get_by_role("button", name="Open split").click()
    expect(page).to_have_url(f"{browsing.control.url}/_mock/#/opened-by-hand/plans")
    opened = browsing.control.world("opened-by-hand")
    facts = opened.facts()
    page.close()  # else it may ask for what is gone
    opened.close()
    assert (facts.scenario, facts.seed, facts.ttl) == ("split", 77, "10m")


def test_a_name_that_is_none_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "worlds")
    page.get_by_role("radio", name=re.compile("^restock ")).check()
    page.get_by_label("Name (or one is made)").fill("Not A Name")
    page.get_by_role("button", name="Open restock").click()
    expect(page.get_by_role("alert")).to_contain_text("lower-case letters")
    browsing.expect("422")


def test_a_search_that_finds_no_scenario_says_so(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "worlds")
    page.get_by_label("Search scenarios").fill("no such thing")
    expect(page.get_by_text("No scenario has these words.")).to_be_visible()


def test_token_and_line_of_the_world_are_copied_by_a_button(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "worlds", permissions=["clipboard-read", "clipboard-write"])
    for number, text in enumerate((f"Authorization: Token {world.token}", f"X-Mock-Oms: {world.facts().line}")):
        expect(page.get_by_text(text)).to_be_visible()
        page.get_by_role("button", name="Copy").nth(number).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == text
        expect(page.get_by_role("button", name="Copied")).to_have_count(0)


def test_a_reset_brings_the_beginning_back(browsing: Browsing) -> None:
    world = browsing.world()
    world.advance("1h")
    page = browsing.page(world, "worlds")
    expect(page.get_by_role("time")).to_have_text("2024-03-05 10:00:00")
    page.get_by_role("button", name="Reset to the beginning").click()
    expect(page.get_by_role("time")).to_have_text("2024-03-05 09:00:00")


def test_a_world_goes_through_a_file_into_itself_and_into_another(browsing: Browsing, tmp_path: Path) -> None:
    world = browsing.world()
    world.advance("30m")
    page = browsing.page(world, "worlds")
    with page.expect_download() as download:
        page.get_by_role("button", name="Snapshot to a file").click()
    file = tmp_path / "saved.json"
    download.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["clock"]["now"] == "2024-03-05T09:30:00Z"
    world.advance("30m")
    page.get_by_label("Restore from a snapshot").set_input_files(file)
    expect(page.get_by_role("time")).to_have_text("2024-03-05 09:30:00")
    page.get_by_label("Or from a snapshot").set_input_files(file)
    expect(page).not_to_have_url(f"{browsing.control.url}/_mock/#/{world.name}/worlds")
    opened = browsing.control.world(page.url.split("/")[-2])
    assert opened.facts().clock.now == world.facts().clock.now
    page.close()
    opened.close()


def test_the_largest_seed_goes_unchanged_through_the_form_and_a_file(browsing: Browsing, tmp_path: Path) -> None:
    seed = 2**63 - 1
    page = browsing.page(browsing.world(), "worlds")
    page.get_by_role("radio", name=re.compile("^restock ")).check()
    page.get_by_label("Name (or one is made)").fill("large-seed")
    page.get_by_label("Seed (or the scenario's)").fill(str(seed))
    page.get_by_role("button", name="Open restock").click()
    expect(page).to_have_url(re.compile("#/large-seed/plans"))
    assert browsing.control.world("large-seed").seed == seed
    page.get_by_role("link", name="Worlds").click()
    expect(page.get_by_text(str(seed)).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Snapshot to a file").click()
    download.value.save_as(tmp_path / "large.json")
    page.get_by_label("Restore from a snapshot").set_input_files(tmp_path / "large.json")
    expect(page.get_by_text("The world is what large.json says.")).to_be_visible()
    page.close()
    browsing.control.world("large-seed").close()


def test_a_file_that_is_no_snapshot_changes_nothing_and_says_so(browsing: Browsing, tmp_path: Path) -> None:
    world = browsing.world()
    page = browsing.page(world, "worlds")
    file = tmp_path / "notes.json"
    file.write_text("not JSON", encoding="utf-8")
    page.get_by_label("Restore from a snapshot").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("notes.json is not JSON")
    file.write_text("{}", encoding="utf-8")
    page.get_by_label("Restore from a snapshot").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("version")
    browsing.expect("422")


def test_closing_the_world_that_is_shown_leads_to_the_default_one(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "worlds")
    page.get_by_role("button", name=f"Close {world.name}").click()
    expect(page).to_have_url(f"{browsing.control.url}/_mock/#/default/plans")
    assert world.name not in {one.name for one in browsing.control.worlds()}


def test_worlds_are_chosen_in_the_head(browsing: Browsing) -> None:
    first, second = browsing.world(), browsing.world("split")
    page = browsing.page(first, "worlds")
    page.get_by_label("World", exact=True).select_option(second.name)
    expect(page.get_by_role("heading", name=f"World {second.name}")).to_be_visible()


def test_the_view_of_worlds_is_accessible(browsing: Browsing) -> None:
    for dark, width in ((False, 1366), (True, 390)):
        page = browsing.page(browsing.world(), "worlds", width=width, dark=dark)
        expect(page.get_by_role("table", name="Worlds")).to_be_visible()
        assert accessibility_violations(page) == []
