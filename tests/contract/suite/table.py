"""The table of the checks as the documents show it, and what the checks find in a mutant."""

from functools import cache

from mock_oms.conformance.checks import ALL, judged
from mock_oms.conformance.crawl import Crawl
from mock_oms.conformance.finding import Result
from mock_oms.switches import Switches
from tests.contract.suite.changes import SWITCHES
from tests.contract.suite.mutants import Mutant
from tests.surveys import built, survey_of

EXPECTED = Switches(**SWITCHES)


@cache
def right() -> Crawl:
    """A visit to the mock as it is: what every mutant is made from."""
    return survey_of(built(answers=SWITCHES))


def noticed(mutant: Mutant) -> dict[str, Result]:
    """The checks that find something in a mutant, by their names."""
    results = judged(mutant.change(right()), EXPECTED)
    return {one.check: one for one in results if one.findings}


def checks() -> str:
    """Every check: its name, what it claims, how bad it is where that is false, and how sure the contract is."""
    rows = [f"| `{one.name}` | {one.claim} | {one.severity} | {one.provenance} |" for one in ALL]
    return "\n".join(["| check | claim | if not, usually | how sure it is |", "|---|---|---|---|", *rows])
