"""Each check is proved on mutants of the mock's answers: the check that claims a mutant finds it."""

import pytest

from mock_oms.conformance.checks import ALL, judged
from tests.contract.suite.changes import EXPECTED, Change, result_of, right
from tests.contract.suite.mutants_of_answers import OF_ANSWERS
from tests.contract.suite.mutants_of_pages import OF_PAGES
from tests.contract.suite.mutants_of_plans import OF_PLANS

#: The check that claims a mutant, what is wrong with it, and how it is made.
MUTANTS: dict[str, tuple[str, Change]] = {
    f"{check}: {wrong}": (check, change) for check, wrong, change in (*OF_ANSWERS, *OF_PAGES, *OF_PLANS)
}


def test_nothing_is_found_in_what_the_mutants_are_made_from_and_every_check_looks_at_something() -> None:
    results = judged(right(), EXPECTED)
    assert [(one.check, one.findings, one.unseen) for one in results if one.findings or one.unseen] == []


@pytest.mark.parametrize(("check", "change"), MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_is_found_by_the_check_that_claims_it(check: str, change: Change) -> None:
    assert result_of(check, change(right())).findings


def test_every_check_claims_a_mutant_and_has_a_name_of_its_own() -> None:
    assert {check for check, _ in MUTANTS.values()} == {check.name for check in ALL}
    assert len({check.name for check in ALL}) == len(ALL)
    assert len(MUTANTS) == len(OF_ANSWERS) + len(OF_PAGES) + len(OF_PLANS)
