"""The contract as checks: what an OMS, the mock or a real one, must keep to, judged by a survey of its answers."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from mock_oms.conformance.checks import pages, plan_fields, refusals, rows, schemas, transitions
from mock_oms.conformance.checks.answers import ParsedCrawl, Rules
from mock_oms.conformance.checks.check import Check
from mock_oms.conformance.crawl import Crawl
from mock_oms.conformance.finding import Result
from mock_oms.switches import Switches

_ROOMS: tuple[Iterable[Check[Any]], ...] = (
    schemas.BODY_CHECKS,
    pages.PAGE_CHECKS,
    pages.LINK_CHECKS,
    rows.ROW_CHECKS,
    transitions.STATE_CHECKS,
    plan_fields.DATE_CHECKS,
    plan_fields.ITEM_CHECKS,
    plan_fields.CONTEXT_CHECKS,
    transitions.MOVE_CHECKS,
    refusals.REFUSAL_CHECKS,
)

#: Every check, in the order in which reports tell them.
ALL: tuple[Check[Any], ...] = tuple(chain.from_iterable(_ROOMS))


def judged(survey: Crawl, answers: Switches, *, show_values: bool = False) -> tuple[Result, ...]:
    """What every check comes to on a survey, where these switches are expected.

    A finding shows a text only where it is none of a customer's, any other as its length; `show_values` shows all.

    :raises MissingExtraError: jsonschema, which the extra `contract` brings, is not installed.
    """
    seen = ParsedCrawl.of(survey, Rules.under(answers, show_values=show_values))
    return tuple(check.judge(seen) for check in ALL)
