"""The contract as checks: what an OMS, the mock or a real one, must keep to, judged by a survey of its answers."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from mock_oms.answers import Answers
from mock_oms.contract.checks import bodies, context, dates, items, links, moving, pages, refusals, rows, states
from mock_oms.contract.checks.check import Check
from mock_oms.contract.checks.rules import Rules
from mock_oms.contract.checks.seen import Seen
from mock_oms.findings.finding import Result
from mock_oms.survey.survey import Survey

_ROOMS: tuple[Iterable[Check[Any]], ...] = (
    bodies.CHECKS,
    pages.CHECKS,
    links.CHECKS,
    rows.CHECKS,
    states.CHECKS,
    dates.CHECKS,
    items.CHECKS,
    context.CHECKS,
    moving.CHECKS,
    refusals.CHECKS,
)

#: Every check, in the order in which reports tell them.
ALL: tuple[Check[Any], ...] = tuple(chain.from_iterable(_ROOMS))


def judged(survey: Survey, answers: Answers, *, show_values: bool = False) -> tuple[Result, ...]:
    """What every check comes to on a survey, where these switches are expected.

    A finding shows a text only where it is none of a customer's, any other as its length; `show_values` shows all.

    :raises MissingExtraError: jsonschema, which the extra `contract` brings, is not installed.
    """
    seen = Seen.of(survey, Rules.under(answers, show_values=show_values))
    return tuple(check.judge(seen) for check in ALL)
