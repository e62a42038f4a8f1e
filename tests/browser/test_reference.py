"""The control API on the page: every route with its form, and its curl line."""

import shlex

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import Browsing, accessibility_violations
from tests.system.running import serving


def _route(page: Page, name: str) -> Locator:
    """The route whose method and path these are, opened."""
    page.get_by_text(name, exact=True).click()
    return page.locator("details").filter(has=page.get_by_text(name, exact=True)).last


def test_every_route_of_the_control_api_is_listed_with_what_changes_marked(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    expect(page.get_by_text("GET /_mock/worlds/{world}", exact=True)).to_be_visible()
    document = page.evaluate("fetch('/_mock/openapi.json').then(answer => answer.json())")
    routes = [(method, path) for path, item in document["paths"].items() for method in item if method != "parameters"]
    expect(page.get_by_role("main").locator("summary")).to_have_count(len(routes))
    expect(page.get_by_text(f"{len(routes)} routes")).to_be_visible()
    changing = [one for one in routes if one[0] != "get" and not one[1].endswith("/verify")]
    expect(page.get_by_text("changes", exact=True)).to_have_count(len(changing))


def test_a_filter_leaves_the_routes_with_its_words_and_stands_in_the_address(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    page.get_by_label("Filter").fill("POST clock advance")
    expect(page.get_by_role("main").locator("summary")).to_have_count(1)
    expect(page.get_by_role("main").locator("summary")).to_contain_text("/clock/advance")
    assert page.url.endswith("/api?search=POST+clock+advance")
    expect(page.get_by_label("Filter")).to_be_focused()
    page.get_by_label("Filter").fill("no such words")
    expect(page.get_by_text("No route has these words")).to_be_visible()


def test_what_is_typed_into_the_filter_does_not_ask_the_server_again(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    expect(page.get_by_text("openapi.json")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Filter").press_sequentially("faults")
    expect(page.get_by_label("Filter")).to_have_value("faults")
    assert [one for one in asked if "openapi" in one] == []


def test_a_route_is_sent_with_this_world_filled_in_and_shows_its_answer(browsing: Browsing) -> None:
    world = browsing.world()
    route = _route(browsing.page(world, "api"), "POST /_mock/worlds/{world}/clock/advance")
    expect(route.get_by_label("world")).to_have_value(world.name)
    route.get_by_label("Body").fill('{"by": "45m"}')
    route.get_by_role("button", name="Send").click()
    expect(route.get_by_role("status")).to_have_text("Answered 200 OK")
    expect(route.get_by_text('"2024-03-05T09:45:00Z"')).to_be_visible()
    assert world.facts().clock.now.minute == 45


def test_a_refusal_is_shown_with_its_status_and_sentence(browsing: Browsing) -> None:
    browsing.expect("status of 422")
    route = _route(browsing.page(browsing.world(), "api"), "GET /_mock/worlds/{world}/plans")
    route.get_by_label("state").fill("lost")
    route.get_by_role("button", name="Send").click()
    expect(route.get_by_role("status")).to_have_text("Answered 422 UNPROCESSABLE ENTITY", ignore_case=True)
    expect(route.locator("details").filter(has_text="detail").last).to_contain_text("completed")


def test_parameters_bodies_and_answers_are_readable_down_to_their_fields(browsing: Browsing) -> None:
    route = _route(browsing.page(browsing.world(), "api?search=addevent"), "POST /_mock/worlds/{world}/events")
    expect(route.get_by_text("world (path)")).to_be_visible()
    route.get_by_text("application/json", exact=True).first.click()
    route.get_by_text("restock", exact=True).click()
    expect(route.get_by_text("count", exact=True).first).to_be_visible()
    expect(route.get_by_text("503", exact=True)).to_be_visible()


def test_the_curl_line_follows_the_fields_and_is_copied(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "api", permissions=["clipboard-read", "clipboard-write"])
    route = _route(page, "POST /_mock/worlds/{world}/events")
    body = """{"restock": {"sku": "O'REILLY", "count": 2, "location": "WH001"}}"""
    route.get_by_label("Body").fill(body)
    route.get_by_role("button", name="Copy").click()
    expect(route.get_by_role("button", name="Copied")).to_be_visible()
    words = shlex.split(page.evaluate("navigator.clipboard.readText()"))
    address = f"{browsing.control.url}/_mock/worlds/{world.name}/events"
    assert words == ["curl", "-X", "POST", "-H", "Content-Type: application/json", "-d", body, address]


def test_with_a_control_token_the_curl_line_has_a_place_for_it_and_not_the_token(browsing: Browsing) -> None:
    browsing.expect("status of 401")
    with serving("--control-token", "secret-of-this-test") as running:
        page = browsing.page(f"{running.address}/_mock/#/default/api?search=listworlds")
        page.get_by_label("Control token").fill("secret-of-this-test")
        page.get_by_role("button", name="Look at the mock").click()
        route = _route(page, "GET /_mock/worlds")
        expect(route.get_by_text('curl -H "Authorization: Bearer $MOCK_OMS_CONTROL_TOKEN"')).to_be_visible()
        route.get_by_role("button", name="Send").click()
        expect(route.get_by_role("status")).to_have_text("Answered 200 OK")
        expect(page.get_by_text("secret-of-this-test")).to_have_count(0)
        browsing.close()


def test_an_answer_that_never_ends_is_not_waited_for(browsing: Browsing) -> None:
    route = _route(browsing.page(browsing.world(), "api"), "GET /_mock/worlds/{world}/stream")
    expect(route.get_by_text("This answer does not end")).to_be_visible()
    expect(route.get_by_role("button", name="Send")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_use_it(browsing: Browsing, dark: bool) -> None:
    page = browsing.page(browsing.world(), "api", dark=dark)
    route = _route(page, "POST /_mock/worlds/{world}/clock/advance")
    route.get_by_role("button", name="Send").click()
    expect(route.get_by_role("status")).to_have_text("Answered 200 OK")
    assert accessibility_violations(page) == []


def test_a_narrow_window_holds_an_open_route(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api?search=listrequests", width=390)
    _route(page, "GET /_mock/worlds/{world}/requests").get_by_role("button", name="Send").click()
    expect(page.get_by_text("Answered")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
