"""How a mutant is made: a survey of the mock in which some of the answers say something else."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from mock_oms.conformance.checks import ALL
from mock_oms.conformance.checks.answers import ParsedCrawl, Rules
from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Question
from mock_oms.conformance.finding import Result
from mock_oms.switches import Switches
from tests.surveys import built, survey_of

#: Small pages, so that the few plans of the mutants fill more than one, and more than a page may ever have.
SWITCHES: dict[str, Any] = {"page_size": 3, "max_page_size": 6}
LATER = (Question.REPEATED, Question.AGAIN)
DETAILS = (Question.DETAIL, Question.REPEATED)
LISTS = (Question.WALK, Question.LAST, Question.SIZED, Question.AGAIN)
PLANS = (*LISTS, *DETAILS)

EXPECTED = Switches(**SWITCHES)

Node = dict[str, Any]
Change = Callable[[Crawl], Crawl]
#: Changes a plan in place.
Edit = Callable[[Node], object]


@cache
def right() -> Crawl:
    """A crawl of the mock as it is: what every mutant is made from."""
    return survey_of(built(answers=SWITCHES))


def result_of(name: str, crawl: Crawl, switches: Switches = EXPECTED) -> Result:
    """What one check finds."""
    check = next(one for one in ALL if one.name == name)
    return check.run(ParsedCrawl.of(crawl, Rules.under(switches)))


def turned(**switches: Any) -> Change:
    """The mock itself, under other switches than are expected."""
    return lambda _: survey_of(built(answers={**SWITCHES, **switches}))


def exchanges(change: Callable[[Exchange], Exchange], *questions: Question) -> Change:
    """The answers to some questions, each changed."""

    def changed(survey: Crawl) -> Crawl:
        asked = (
            replace(one, exchange=change(one.exchange)) if one.question in questions else one for one in survey.asked
        )
        return replace(survey, asked=tuple(asked))

    return changed


def contents(edit: Callable[[Any], Any], *questions: Question) -> Change:
    """The bodies of what was answered well, edited in place; what `edit` returns instead replaces them."""

    def changed(exchange: Exchange) -> Exchange:
        if exchange.status != 200:
            return exchange
        content = exchange.content
        other = edit(content)
        return with_body(exchange, content if other is None else other)

    return exchanges(changed, *questions)


def with_body(exchange: Exchange, content: Any) -> Exchange:
    return replace(exchange, body=json.dumps(content, ensure_ascii=False).encode())


def plans(edit: Edit, *questions: Question, only: Callable[[Node], bool] = lambda _: True) -> Change:
    """The plans in the answers to these questions, or in all, edited in place; `only` says which."""

    def edited(content: Any) -> None:
        for plan in plans_in(content):
            if only(plan):
                edit(plan)

    return contents(edited, *(questions or PLANS))


def plans_in(content: Any) -> Iterator[Node]:
    yield from content.get("results", [content])


def in_state(*states: str) -> Callable[[Node], bool]:
    return lambda plan: plan["state"] in states


def with_attempts(plan: Node) -> bool:
    return len(plan["context"]) > 1


def is_plan(number: int) -> Callable[[Node], bool]:
    return lambda plan: bool(plan["id"] == number)


def page(number: int, edit: Callable[[Node], Any]) -> Change:
    """One page of the walk, edited in place."""

    def changed(survey: Crawl) -> Crawl:
        walked = [one for one in survey.asked if one.question is Question.WALK]
        return _exchanged(survey, walked[number], edit)

    return changed


def _exchanged(survey: Crawl, old: AnsweredQuestion, edit: Callable[[Node], Any]) -> Crawl:
    content = old.exchange.content
    edit(content)
    new = replace(old, exchange=with_body(old.exchange, content))
    return replace(survey, asked=tuple(new if one is old else one for one in survey.asked))


def sized(query: str, edit: Callable[[Node], Any]) -> Change:
    """The page that was asked for with this query, edited in place."""

    def changed(survey: Crawl) -> Crawl:
        found = next(one for one in survey.asked if one.question is Question.SIZED and query in one.exchange.target)
        return _exchanged(survey, found, edit)

    return changed


def without_page(number: int) -> Change:
    """A walk in which nobody ever came to one of the pages."""

    def changed(survey: Crawl) -> Crawl:
        lost = [one for one in survey.asked if one.question is Question.WALK][number]
        return replace(survey, asked=tuple(one for one in survey.asked if one is not lost))

    return changed


def answered(status: int, content: Any, *questions: Question) -> Change:
    """Another answer in JSON, under the headers of the right one."""
    return exchanges(lambda exchange: with_body(replace(exchange, status=status), content), *questions)


def failed(*questions: Question) -> Change:
    """A page for people, as Django has it where something broke."""
    page_of_failure = {
        "status": 500,
        "headers": (("content-type", "text/html"),),
        "body": b"<h1>Server Error (500)</h1>",
    }
    return exchanges(lambda exchange: replace(exchange, **page_of_failure), *questions)  # type: ignore[arg-type]


def header(name: str, value: str | None, *questions: Question) -> Change:
    """A header of the answers to these questions, or to all, that says something else, or is not there."""

    def changed(exchange: Exchange) -> Exchange:
        kept = tuple(pair for pair in exchange.headers if pair[0] != name)
        return replace(exchange, headers=kept if value is None else (*kept, (name, value)))

    return exchanges(changed, *(questions or tuple(Question)))


def then(*changes: Change) -> Change:
    """One change after the other."""

    def changed(survey: Crawl) -> Crawl:
        for change in changes:
            survey = change(survey)
        return survey

    return changed
