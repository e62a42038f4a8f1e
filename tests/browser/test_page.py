"""The page as a whole: who may open it, how it is used by keyboard, and how it looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Browsing, accessibility_violations
from tests.browser.late import Held
from tests.system.running import Running, serving

_TOKEN = "the-control-token-of-this-test"
#: Each view, and a word that it shows when it has loaded, in a world of `restock`.
_VIEWS = {
    "plans": "Plans",
    "plans/41207": "TST-001-M is not tried yet",
    "stock": "İstanbul Depo",
    "requests": "Requests",
    "faults": "Faults",
    "worlds": "restock",
    "api": "/_mock/worlds/{world}/snapshot",
    "api/contract": "OrderExecutionPlan",
}


@contextmanager
def _locked(browsing: Browsing, **more: Any) -> Iterator[Page]:
    """The page of a server that has a control token; `more` is as in `Browsing.page`."""
    browsing.expect("status of 401")
    with serving("--control-token", _TOKEN) as running:
        yield browsing.page(f"{running.address}/_mock/", **more)
        browsing.close()


def _unlock(page: Page, token: str) -> None:
    page.get_by_label("Control token").fill(token)
    page.get_by_role("button", name="Look at the mock").click()


def test_with_a_control_token_the_page_asks_for_it_and_shows_nothing_before(browsing: Browsing) -> None:
    with _locked(browsing) as page:
        expect(page.get_by_role("heading", name="This mock has a control token")).to_be_visible()
        expect(page.get_by_role("region", name="Clock of the world")).to_have_count(0)
        expect(page.get_by_role("banner").get_by_role("status")).to_have_text("locked")
        _unlock(page, _TOKEN)
        expect(page.get_by_role("time")).to_contain_text(":")


def test_a_wrong_control_token_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    with _locked(browsing) as page:
        _unlock(page, "of-another-mock")
        expect(page.get_by_role("alert")).to_contain_text("is not the control token of this mock")
        _unlock(page, _TOKEN)
        expect(page.get_by_role("time")).to_contain_text(":")


def test_the_control_token_is_in_no_address_and_gone_after_a_reload(browsing: Browsing) -> None:
    sent: list[str] = []
    with _locked(browsing) as page:
        page.on("request", lambda request: sent.append(request.url))
        _unlock(page, _TOKEN)
        page.get_by_role("link", name="Stock").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Stock")
        assert sent
        assert [one for one in (*sent, page.url) if _TOKEN in one] == []
        assert (
            page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])") == '[{},{},""]'
        )
        page.reload()
        expect(page.get_by_label("Control token")).to_have_value("")


def test_what_no_control_token_can_be_is_said_before_it_is_sent(browsing: Browsing) -> None:
    with _locked(browsing) as page:
        _unlock(page, "şifre")
        field = page.get_by_label("Control token")
        assert "ASCII" in str(field.evaluate("field => field.validationMessage + field.title"))
        assert field.evaluate("field => field.validity.patternMismatch")


@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_enter_the_control_token(browsing: Browsing, dark: bool) -> None:
    with _locked(browsing, width=390, dark=dark) as page:
        expect(page.get_by_label("Control token")).to_be_focused()
        page.keyboard.type("of-another-mock")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        assert accessibility_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_refusal_that_comes_late_does_not_lock_the_page_again(browsing: Browsing) -> None:
    browsing.expect("status of 401")
    with serving("--control-token", _TOKEN) as running:
        page = browsing.page(f"{running.address}/_mock/")
        held = Held(page, "**/_mock/worlds")
        page.reload()
        expect(page.get_by_label("Control token")).to_be_visible()
        held.hold_no_more()
        _unlock(page, _TOKEN)
        expect(page.get_by_role("time")).to_contain_text(":")
        with page.expect_response(lambda response: response.status == 401):
            held.go_on()
        expect(page.get_by_role("time")).to_contain_text(":")
        expect(page.get_by_label("Control token")).to_have_count(0)
        browsing.close()


def test_the_first_key_leads_to_the_content(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "stock")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_every_view_is_reached_by_keys_alone(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "worlds")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    names = ["To the content", "World", "Plans", "Stock", "Requests", "Faults", "Worlds", "API"]
    reached = []
    for _ in names:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(one => one.ariaLabel || one.textContent)(document.activeElement)"))
    assert reached == names
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("API")
    expect(page.get_by_role("link", name="API", exact=True)).to_be_focused()


def test_whoever_follows_a_link_in_a_view_goes_on_at_the_content_of_the_next(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    page.get_by_role("link", name="The vendor's contract").press("Enter")
    expect(page.get_by_text("Choose a mark")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    assert page.evaluate("scrollY") == 0


def test_light_and_dark_are_as_the_system_has_them(browsing: Browsing) -> None:
    world = browsing.world()
    light, dark = (
        browsing.page(world, dark=dark).evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g)")
        for dark in (False, True)
    )
    assert min(map(int, light)) > 200
    assert max(map(int, dark)) < 60


@pytest.mark.parametrize(("wish", "name"), [("reduce", "none"), ("no-preference", "fresh")])
def test_what_has_just_changed_flashes_only_for_whoever_likes_motion(browsing: Browsing, wish: str, name: str) -> None:
    page = browsing.page(browsing.world(), reduced_motion=wish)
    found = page.get_by_role("main").evaluate(
        "main => { main.classList.add('fresh'); return getComputedStyle(main).animationName; }"
    )
    assert found == name


def test_nothing_moves_for_whoever_wants_less_motion(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, reduced_motion="reduce")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_role("time")).to_contain_text("09:30")
    assert page.evaluate("document.getAnimations().length") == 0
    assert (
        page.evaluate(
            "[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration !== '0s').length"
        )
        == 0
    )


@pytest.mark.parametrize(("view", "word"), _VIEWS.items())
def test_a_narrow_window_never_scrolls_sideways(browsing: Browsing, view: str, word: str) -> None:
    page = browsing.page(browsing.world(), view, width=390)
    expect(page.get_by_role("main")).to_contain_text(word)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_turkish_letters_are_shown_as_they_are(browsing: Browsing) -> None:
    page = browsing.page(browsing.world("restock"), "stock")
    expect(page.get_by_text("İstanbul Depo").first).to_be_visible()


def test_of_an_unknown_world_the_sentence_of_the_control_api_is_said_once(browsing: Browsing, server: Running) -> None:
    browsing.expect("status of 404")
    page = browsing.page(f"{server.address}/_mock/#/no-such-world/stock")
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("no-such-world")


@pytest.mark.parametrize("address", ["#/default/constructor", "#/default/__proto__", "#//"])
def test_a_view_that_is_none_is_the_list_of_plans(browsing: Browsing, server: Running, address: str) -> None:
    page = browsing.page(f"{server.address}/_mock/{address}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Plans")


def test_an_address_that_is_wrongly_encoded_names_a_world_that_is_unknown(browsing: Browsing, server: Running) -> None:
    browsing.expect("status of 404")
    page = browsing.page(f"{server.address}/_mock/#/%E0%A4%A/plans")
    expect(page.get_by_role("alert").first).to_contain_text("There is no world")


@pytest.mark.parametrize(("path", "heading"), [("/_mock", "Plans"), ("/_mock/", "Plans"), ("/_mock/docs", "API")])
def test_the_addresses_of_the_page_lead_to_it(browsing: Browsing, server: Running, path: str, heading: str) -> None:
    page = browsing.page(server.address + path)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_the_pages_of_two_servers_know_nothing_of_each_other(browsing: Browsing) -> None:
    world = browsing.world("restock", name="of-one-server")
    with serving("--scenario", "default") as other:
        one, two = browsing.page(world, "worlds"), browsing.page(f"{other.address}/_mock/#/default/worlds")
        expect(one.get_by_role("cell", name="of-one-server", exact=True)).to_be_visible()
        expect(two.get_by_role("cell", name="default").first).to_be_visible()
        expect(two.get_by_text("of-one-server")).to_have_count(0)
        browsing.close()


def test_a_text_is_copied_where_the_browser_has_no_clipboard(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "worlds")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_focused()


def test_an_address_with_dots_leads_to_no_other_part_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(f"{browsing.control.url}/_mock/#/../requests/..")
    expect(page.get_by_role("link", name="Requests")).to_have_attribute("href", "#/default/requests")
