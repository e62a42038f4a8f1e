"""The tables of the checks and of the mutants, as they stand in the documents."""

from functools import cache

from mock_oms.conformance.checks import ALL, judged
from mock_oms.conformance.crawl import Crawl
from mock_oms.conformance.finding import Result
from mock_oms.switches import Switches
from tests.contract.suite.changes import SWITCHES
from tests.contract.suite.mutants import MUTANTS, Mutant
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


def row(mutant: Mutant, found: dict[str, Result]) -> str:
    """A mutant's row: what is wrong, which check finds it and as what, and which others notice it too."""
    claimed = found.get(mutant.claimed)
    severity = claimed.findings[0].severity if claimed else "**not found**"
    others = ", ".join(f"`{name}`" for name in found if name != mutant.claimed)
    return f"| {mutant.wrong} | `{mutant.claimed}` | {severity} | {others} |"


@cache
def mutants() -> str:
    """The whole table, under a sentence that counts."""
    rows = [row(one, noticed(one)) for one in MUTANTS]
    missed = sum("**not found**" in one for one in rows)
    return "\n".join([*head(len(rows) - missed), *rows])


def head(found: int) -> list[str]:
    """What stands above the rows."""
    said = f"{found} of {len(MUTANTS)} mutants are found by the check that claims them."
    return [said, "", "| what is wrong | found by | as | noticed by, too |", "|---|---|---|---|"]


def checks() -> str:
    """Every check: its name, what it claims, how bad it is where that is false, and how sure the contract is."""
    rows = [f"| `{one.name}` | {one.claim} | {one.severity} | {one.provenance} |" for one in ALL]
    return "\n".join(["| check | claim | if not, usually | how sure it is |", "|---|---|---|---|", *rows])
