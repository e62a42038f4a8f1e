"""The suite finds nothing in the mock, under every switch, nor in the real project with the mock's plans."""

from functools import cache
from typing import Any

import pytest

from mock_oms.conformance.checks import judged
from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from tests.contract.suite.changes import found_in
from tests.contract.test_switches import name_of, turned
from tests.whole_crawls import built, crawled_whole, whole_crawl_of

SCENARIOS = ("default", "restock", "reopened", "store-refuses", "several-plans-one-order", "odd-data", "drifting-pages")
#: Each value of the switches that are settings of the framework.
FRAMEWORK: tuple[dict[str, Any], ...] = (
    *({}, {"auth": "bearer", "not_found": "model", "page_size_parameter": "page_size"}),
    *({"auth": "off"}, {"list": "array"}, {"auth": "both", "page_size": 4, "max_page_size": 7}),
)


@turned
def test_nothing_is_found_in_the_mock_under_a_switch(turn: dict[str, Any]) -> None:
    sizes = {"page_size": 3, "max_page_size": max(8, turn.get("page_size", 3))}
    scenario = built(answers={**sizes, **turn})
    assert found_in(whole_crawl_of(scenario), scenario.answers) == []


@pytest.mark.parametrize(("start", "later"), [("0s", "2h"), pytest.param("45m", "45m", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_found_in_a_shipped_scenario(name: str, start: str, later: str) -> None:
    scenario = Library().load(name)
    assert found_in(whole_crawl_of(scenario, start=start, later=later), scenario.answers) == []


def test_what_is_found_in_captured_plans_is_where_they_are_not_as_the_contract() -> None:
    scenario = Library().load("raw")
    results = judged(whole_crawl_of(scenario), scenario.answers)
    assert {one.check for one in results if one.findings} == {"schema-of-plans", "attempts-numbered"}


def test_a_list_beyond_the_greatest_page_is_looked_at_whole() -> None:
    scenario = built(plans=[{"items": ["A"], "count": 15}], answers={"max_page_size": 12})
    results = {one.check: one for one in judged(whole_crawl_of(scenario), scenario.answers)}
    assert [one.findings for one in results.values() if one.findings] == []
    assert results["greatest-page-size"].looked == 1
    assert results["no-row-lost"].looked == 1


@cache
def _plans() -> tuple[dict[str, Any], ...]:
    """What the mock says of its plans, with ids that the real project does not have yet."""
    plans = [{"id": 41207, "items": ["A", "B"], "created": "-40m"}, {"state": "completed", "count": 4}]
    crawl = whole_crawl_of(built(plans=[*plans, {"state": "cancelled", "count": 2}, {"state": "start", "count": 2}]))
    return tuple({one["id"]: one for one in (each.content for each in crawl.of(Question.REPEATED))}.values())


def real(answers: Switches) -> Crawl:
    """A crawl to the real project, which has these plans in its database."""
    from tests.drf.project import OrderExecutionPlan, django_app  # noqa: I001, PLC0415  it configures Django
    from django.contrib.auth.models import User  # noqa: PLC0415
    from rest_framework.authtoken.models import Token  # noqa: PLC0415

    application = django_app(answers)
    user, new = User.objects.get_or_create(username="crawled")
    if new:
        Token.objects.create(key="crawled", user=user)
        for plan in _plans():
            OrderExecutionPlan.objects.create(id=plan["id"], world="crawled", body=plan)
    return crawled_whole(application, answers, token="crawled")


@pytest.mark.parametrize(
    "turn", [*FRAMEWORK[:2], *(pytest.param(turn, marks=pytest.mark.slow) for turn in FRAMEWORK[2:])], ids=name_of
)
def test_nothing_is_found_in_the_real_project_with_the_plans_of_the_mock(turn: dict[str, Any]) -> None:
    answers = Switches(**{"page_size": 3, "max_page_size": 8, **turn})
    results = judged(real(answers), answers)
    assert [one.findings for one in results if one.findings] == []
    assert next(one.looked for one in results if one.check == "schema-of-plans") == len(_plans())


def test_the_page_size_and_the_words_of_the_real_project_are_found_where_others_are_expected() -> None:
    crawl = real(Switches(page_size=4, not_found="model"))
    results = judged(crawl, Switches(page_size=3))
    assert {one.check for one in results if one.findings} == {"default-page-size", "words-of-refusals"}
