"""The vendor's contract on the page: how sure each claim is, in colours and in words."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Browsing, accessibility_violations

_MARKS = ("documented", "inferred", "assumed", "mock")


def test_the_marks_are_explained_and_counted(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    page.get_by_role("link", name="The vendor's contract").click()
    document = page.evaluate("fetch('/_mock/contract.json').then(answer => answer.text())")
    for mark in _MARKS:
        count = len(re.findall(rf'"x-provenance": ?"{mark}"', document))
        claims = f"{count} claim" if count == 1 else f"{count} claims"
        expect(page.get_by_role("listitem").filter(has_text=re.compile(f"^ *{mark}"))).to_contain_text(f"{claims}: ")
    expect(page.get_by_text("nobody outside knows; it is the choice of this mock")).to_be_visible()


def test_a_field_says_its_mark_and_its_source(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api/contract")
    page.get_by_text("OrderExecutionPlan", exact=True).click()
    plan = page.locator("details").filter(has=page.get_by_text("OrderExecutionPlan", exact=True)).last
    context = plan.locator("summary").filter(has=page.get_by_text("context", exact=True))
    expect(context).to_contain_text("documented")
    expect(context).to_contain_text("plans page: an object, described so; its layout is ours")
    context.click()
    inside = plan.locator("details").filter(has=page.get_by_text("any other name", exact=True)).last
    expect(inside).to_contain_text("One attempt to find a place")
    expect(inside).to_contain_text("assumed")


def test_an_operation_shows_its_parameters_and_its_answers_with_their_headers(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api/contract")
    page.get_by_text("GET /api/v1/oms/orderexecutionplans/", exact=True).click()
    expect(page.get_by_text("limit (query)")).to_be_visible()
    page.get_by_text("429", exact=True).click()
    expect(page.get_by_text("Retry-After", exact=True)).to_be_visible()


def test_a_mark_leaves_its_claims_alone_and_stands_in_the_address(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api/contract")
    page.get_by_role("link", name="mock", exact=True).click()
    rows = page.get_by_role("table", name="Claims that are mock").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("headers › MockOms")
    assert page.url.endswith("/api/contract?mark=mock")
    page.get_by_role("link", name="The whole contract").click()
    expect(page.get_by_role("heading", name="Schemas")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("route", ["api/contract", "api/contract?mark=assumed"])
def test_everybody_can_use_it(browsing: Browsing, route: str, dark: bool) -> None:
    page = browsing.page(browsing.world(), route, dark=dark)
    expect(page.get_by_text("36 claims")).to_be_visible()
    assert accessibility_violations(page) == []
