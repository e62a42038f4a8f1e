"""Mutants of the mock, one wrong thing each, with the check that claims to find it."""

from dataclasses import dataclass

from tests.contract.suite.changes import Change
from tests.contract.suite.mutants_of_answers import OF_ANSWERS
from tests.contract.suite.mutants_of_pages import OF_PAGES
from tests.contract.suite.mutants_of_plans import OF_PLANS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A wrong mock: `wrong` says what is wrong with it, `claimed` is the name of the check that must find it."""

    wrong: str
    claimed: str
    change: Change


MUTANTS: tuple[Mutant, ...] = tuple(
    Mutant(claimed=claimed, wrong=wrong, change=change)
    for claimed, wrong, change in (*OF_ANSWERS, *OF_PAGES, *OF_PLANS)
)
