"""The contract as checks: what an OMS, the mock or a real one, must keep to, shown by a crawl of its answers."""

from typing import Any

from mock_oms.conformance.checks import pages, plan_fields, plan_pairs, refusals, schemas
from mock_oms.conformance.checks.answers import ParsedCrawl
from mock_oms.conformance.checks.check import Check
from mock_oms.conformance.crawl import Crawl
from mock_oms.conformance.finding import Result
from mock_oms.switches import Switches

#: Every check, in the order of the reports.
ALL: tuple[Check[Any], ...] = (
    *schemas.CHECKS,
    *pages.CHECKS,
    *plan_pairs.CHECKS,
    *plan_fields.CHECKS,
    *plan_pairs.MOVES,
    *refusals.CHECKS,
)


def judged(crawl: Crawl, switches: Switches, *, show_values: bool = False) -> tuple[Result, ...]:
    """What every check finds in a crawl, where these switches are expected.

    A finding shows a text only where it is no customer's, any other by its length; `show_values` shows all.

    :raises MissingExtraError: jsonschema, which the extra `contract` brings, is not installed.
    """
    parsed = ParsedCrawl.of(crawl, switches, show_values=show_values)
    return tuple(check.run(parsed) for check in ALL)
