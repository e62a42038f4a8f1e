"""The journal of requests in the page: live, filtered, paged, and each request whole."""

import re
import shlex
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from mock_oms.client import World
from tests.browser.browsing import Browsing, accessibility_violations
from tests.browser.traffic import LIST, ask

_PLAN = 41207


def rows(page: Page) -> Locator:
    """The rows of the journal, hints and all, without the head."""
    return (
        page.get_by_role("table", name="Requests, newest first").get_by_role("row").filter(has=page.get_by_role("cell"))
    )


def numbers(page: Page) -> Locator:
    return rows(page).get_by_role("link")


def test_requests_appear_as_they_come_and_the_newest_is_first(browsing: Browsing) -> None:
    world = browsing.world()
    ask(world)
    page = browsing.page(world, "requests")
    expect(numbers(page)).to_have_text(["1"])
    ask(world, f"{LIST}{_PLAN}/?format=json")
    expect(numbers(page)).to_have_text(["2", "1"])
    first = rows(page).first
    expect(first).to_contain_text(f"GET {LIST}{_PLAN}/?format=json")
    expect(first.get_by_role("cell")).to_contain_text(
        ["2", ":", "200", "GET", "detail", "ms", "", "2024-03-05 09:00:00"]
    )


def test_a_hint_stands_below_its_request(browsing: Browsing) -> None:
    world = browsing.world()
    ask(world, f"{LIST}99/")
    page = browsing.page(world, "requests")
    expect(rows(page).nth(0)).to_contain_text("404")
    expect(rows(page).nth(1)).to_contain_text("Hint: No plan of this world has the id 99")


def test_a_request_that_met_a_fault_names_it(browsing: Browsing) -> None:
    world = browsing.world()
    world.fault(on="list", status=503)
    ask(world)
    page = browsing.page(world, "requests")
    expect(rows(page).first).to_contain_text("status 503")


def test_a_request_that_got_no_answer_says_so(browsing: Browsing) -> None:
    world = browsing.world()
    world.fault(connection="empty")
    with pytest.raises(ConnectionError):
        ask(world)
    page = browsing.page(world, "requests")
    expect(rows(page).first).to_contain_text("no answer")


@pytest.mark.parametrize(
    ("label", "choice", "address", "left"),
    [
        ("operation", "detail", "operation=detail", ["4", "3"]),
        ("status", "404", "status=404", ["4"]),
        ("unmatched", "true", "unmatched=true", ["2"]),
        ("fault", "true", "fault=true", ["5"]),
        ("plan", str(_PLAN), f"plan={_PLAN}", ["3"]),
    ],
)
def test_the_journal_is_filtered_by_the_address_and_stays_live(
    browsing: Browsing, label: str, choice: str, address: str, left: list[str]
) -> None:
    world = browsing.world()
    for target in (LIST, f"{LIST}{_PLAN}", f"{LIST}{_PLAN}/", f"{LIST}99/"):
        ask(world, target)
    world.fault(on="list", status=503, times=1)
    ask(world)
    page = browsing.page(world, "requests")
    expect(numbers(page)).to_have_text(["5", "4", "3", "2", "1"])
    field = page.get_by_role("textbox" if label == "plan" else "combobox", name=label, exact=True)
    field.focus()
    if label == "plan":
        field.fill(choice)
        field.press("Enter")
    else:
        field.select_option(choice)
    expect(page).to_have_url(re.compile(re.escape(address)))
    expect(numbers(page)).to_have_text(left)
    expect(field).to_be_focused()
    expect(field).to_have_value(choice)
    ask(world, f"{LIST}?page=1")  # 6 is one of none of them
    ask(world, f"{LIST}{_PLAN}/")
    shown = ["7", *left] if label in {"operation", "plan"} else left
    expect(numbers(page)).to_have_text(shown)


def test_a_filter_that_is_none_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "requests?plan=soon")
    browsing.expect("422")
    expect(page.get_by_role("alert")).to_contain_text("accepted: a whole number")
    field = page.get_by_label("plan", exact=True)
    field.fill("")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_older_requests_are_on_further_pages(browsing: Browsing) -> None:
    world = browsing.world()
    for _ in range(103):
        ask(world)
    page = browsing.page(world, "requests")
    expect(numbers(page).first).to_have_text("103")
    page.get_by_role("link", name="Older").click()
    expect(numbers(page)).to_have_text(["3", "2", "1"])
    page.get_by_role("link", name="Newest").click()
    expect(numbers(page)).to_have_count(100)


def test_who_reads_can_hold_the_journal_still(browsing: Browsing) -> None:
    world = browsing.world()
    ask(world)
    page = browsing.page(world, "requests")
    expect(numbers(page)).to_have_text(["1"])
    page.get_by_role("button", name="Hold still").click()
    ask(world)
    world.advance("1h")  # of which the page hears after the request
    expect(page.get_by_text("plan 41207: pending → completed")).to_be_visible()
    assert numbers(page).all_inner_texts() == ["1"]
    page.get_by_role("button", name="Hold still").click()
    expect(numbers(page)).to_have_text(["2", "1"])


def test_a_request_is_shown_whole_and_its_curl_line_sends_it_again(browsing: Browsing) -> None:
    world = browsing.world()
    ask(world, f"{LIST}{_PLAN}/?format=json", {"X-Its": "it's"})
    page = browsing.page(world, "requests")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page).to_have_url(re.compile("/requests/1$"))
    sent = page.get_by_role("table", name="Headers of the request")
    expect(sent.get_by_role("row", name="x-its")).to_contain_text("it's")
    expect(
        page.get_by_role("table", name="Headers of the answer").get_by_role("row", name="content-type application/json")
    ).to_be_visible()
    expect(page.get_by_role("table", name="Request and answer").get_by_role("row", name="request_id")).to_be_visible()
    words = shlex.split(page.get_by_text("curl -g --path-as-is -i").inner_text().replace("\\\n", ""))
    headers = dict(one.split(": ", 1) for option, one in pairwise(words) if option == "-H")
    assert words[-1] == f"{world.url}{LIST}{_PLAN}/?format=json"
    assert headers["x-its"] == "it's"
    assert headers["authorization"] == world.headers["Authorization"]


def test_a_request_that_is_gone_is_refused_in_the_words_of_the_control_api(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "requests/7")
    browsing.expect("404")
    expect(page.get_by_role("alert")).to_contain_text("There is no request 7 of world")


def test_an_empty_journal_says_how_a_request_is_made_and_that_a_wrong_token_made_one(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "requests")
    expect(page.get_by_text(f"Authorization: {world.headers['Authorization']}")).to_be_visible()
    ask(world, LIST, {"Authorization": "Token wrong"})
    page.get_by_role("link", name="see why").click()
    expect(rows(page).nth(1)).to_contain_text("Hint: No world has this token")
    numbers(page).first.click()
    expect(page.get_by_text("write your own in its place")).to_be_visible()


def test_the_journal_is_cleared(browsing: Browsing) -> None:
    world = browsing.world()
    ask(world)
    page = browsing.page(world, "requests")
    expect(numbers(page)).to_have_text(["1"])
    page.get_by_role("button", name="Clear all").click()
    expect(numbers(page)).to_have_count(0)
    assert world.requests().total == 0


def with_traffic(world: World) -> None:
    world.fault(on="detail", status=503, times=1)
    for target in (LIST, LIST, LIST, f"{LIST}{_PLAN}/", f"{LIST}99/"):
        ask(world, target)


@pytest.mark.parametrize("route", ["requests", "requests/5", "requests/clients", "requests?status=500"])
def test_everybody_can_use_the_requests(browsing: Browsing, route: str) -> None:
    world = browsing.world()
    with_traffic(world)
    page = browsing.page(world, route, width=390)
    expect(
        page.get_by_role("main").get_by_role("table").or_(page.get_by_text("There is no such request")).first
    ).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert accessibility_violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert accessibility_violations(page) == []
