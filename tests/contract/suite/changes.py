"""How a mutant is made: a crawl of the mock in which some of the answers say something else."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from mock_oms.conformance.checks import ALL, judged
from mock_oms.conformance.checks.answers import ParsedCrawl
from mock_oms.conformance.crawl import Crawl, Exchange, Question
from mock_oms.conformance.finding import Finding, Result
from mock_oms.switches import Switches
from tests.whole_crawls import built, whole_crawl_of

#: Small pages, so that the few plans of the mutants fill more than one, and more than a page may ever have.
SWITCHES: dict[str, Any] = {"page_size": 3, "max_page_size": 6}
EXPECTED = Switches(**SWITCHES)
DETAILS = (Question.DETAIL, Question.REPEATED)
LISTS = (Question.WALK, Question.LAST, Question.SIZED, Question.AGAIN)

Node = dict[str, Any]
Change = Callable[[Crawl], Crawl]
#: Changes a plan in place.
Edit = Callable[[Node], object]


@cache
def right() -> Crawl:
    return whole_crawl_of(built(answers=SWITCHES))


def result_of(name: str, crawl: Crawl, switches: Switches = EXPECTED) -> Result:
    check = next(one for one in ALL if one.name == name)
    return check.run(ParsedCrawl.of(crawl, switches))


def found_in(crawl: Crawl, switches: Switches = EXPECTED) -> list[Finding]:
    """What all checks find where these switches are expected."""
    return [finding for one in judged(crawl, switches) for finding in one.findings]


def turned(**switches: Any) -> Change:
    """The mock itself, under other switches than are expected."""
    return lambda _: whole_crawl_of(built(answers={**SWITCHES, **switches}))


def exchanges(change: Callable[[Exchange], Exchange], *questions: Question) -> Change:
    """The answers to these questions, or to all, each changed."""
    among = questions or tuple(Question)
    return lambda crawl: replace(
        crawl,
        answered=tuple(
            replace(one, exchange=change(one.exchange)) if one.question in among else one for one in crawl.answered
        ),
    )


def with_body(exchange: Exchange, content: Any) -> Exchange:
    return replace(exchange, body=json.dumps(content, ensure_ascii=False).encode())


def contents(edit: Callable[[Any], Any], *questions: Question) -> Change:
    """The bodies of what was answered well, edited in place; what `edit` returns instead replaces them."""

    def changed(exchange: Exchange) -> Exchange:
        if exchange.status != 200:
            return exchange
        content = exchange.content
        other = edit(content)
        return with_body(exchange, content if other is None else other)

    return exchanges(changed, *questions)


def plans(edit: Edit, *questions: Question, only: str | int | None = None) -> Change:
    """The plans in the answers to these questions, or in all, edited in place; `only` those of a state or an id."""

    def edited(content: Any) -> None:
        for plan in content.get("results", [content]):
            if only is None or only in (plan["state"], plan["id"]):
                edit(plan)

    return contents(edited, *(questions or (*LISTS, *DETAILS)))


def page(number: int, edit: Edit) -> Change:
    """One page of the walk, edited in place."""
    return _edited(lambda crawl: list(crawl.of(Question.WALK))[number], edit)


def sized(query: str, edit: Edit) -> Change:
    """The page that was asked for with this query, edited in place."""
    return _edited(lambda crawl: next(one for one in crawl.of(Question.SIZED) if query in one.target), edit)


def _edited(chosen: Callable[[Crawl], Exchange], edit: Edit) -> Change:
    def changed(crawl: Crawl) -> Crawl:
        old = chosen(crawl)
        content = old.content
        edit(content)
        return exchanges(lambda one: with_body(one, content) if one is old else one)(crawl)

    return changed


def answered(status: int, content: Any, *questions: Question) -> Change:
    """Another answer in JSON, under the headers of the right one."""
    return exchanges(lambda exchange: with_body(replace(exchange, status=status), content), *questions)


def header(name: str, value: str | None, *questions: Question) -> Change:
    """A header of the answers to these questions, or to all, that says something else, or is not there."""

    def changed(exchange: Exchange) -> Exchange:
        kept = tuple(pair for pair in exchange.headers if pair[0] != name)
        return replace(exchange, headers=kept if value is None else (*kept, (name, value)))

    return exchanges(changed, *questions)


def then(*changes: Change) -> Change:
    def changed(crawl: Crawl) -> Crawl:
        for change in changes:
            crawl = change(crawl)
        return crawl

    return changed
