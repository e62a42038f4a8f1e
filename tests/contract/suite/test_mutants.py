"""Each check is proved on mutants of the mock's answers: the check that claims a mutant finds it."""

from collections import Counter

import pytest

from mock_oms.conformance.checks import ALL, judged
from tests.contract.suite.mutants import MUTANTS, Mutant
from tests.contract.suite.table import EXPECTED, noticed, right


def test_nothing_is_found_in_what_the_mutants_are_made_from() -> None:
    results = judged(right(), EXPECTED)
    assert [(one.check, one.findings, one.unseen) for one in results if one.findings or one.unseen] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.claimed}: {mutant.wrong}")
def test_a_mutant_is_found_by_the_check_that_claims_it(mutant: Mutant) -> None:
    assert mutant.claimed in noticed(mutant)


def test_every_check_claims_a_mutant() -> None:
    assert {one.claimed for one in MUTANTS} == {check.name for check in ALL}


def test_no_two_mutants_are_wrong_in_the_same_words() -> None:
    assert [words for words, times in Counter(one.wrong for one in MUTANTS).items() if times > 1] == []
