"""The suite is proved on mutants of the mock: each is found by the check that claims it."""

from collections import Counter

import pytest

from mock_oms.conformance.checks import ALL, judged
from tests.contract.suite.mutants import MUTANTS, Mutant
from tests.contract.suite.table import EXPECTED, head, noticed, right, row
from tests.documents.making import sections_of
from tests.documents.pages import read

PAGE = "docs/contract-suite.md"


def test_nothing_is_found_in_what_the_mutants_are_made_from() -> None:
    results = judged(right(), EXPECTED)
    assert [(one.check, one.findings, one.unseen) for one in results if one.findings or one.unseen] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.claimed}: {mutant.wrong}")
def test_a_mutant_is_found_by_the_check_that_claims_it_and_the_page_says_so(mutant: Mutant) -> None:
    found = noticed(mutant)
    assert mutant.claimed in found
    assert row(mutant, found) in read(PAGE).splitlines()


def test_the_page_has_a_row_for_each_mutant_and_no_other() -> None:
    (section,) = [found for found in sections_of(read(PAGE)) if found.startswith(head(len(MUTANTS))[0])]
    lines, above = section.splitlines(), head(len(MUTANTS))
    assert lines[: len(above)] == above
    assert [one.split(" | ")[0].removeprefix("| ") for one in lines[len(above) :]] == [one.wrong for one in MUTANTS]


def test_every_check_claims_a_mutant() -> None:
    assert {one.claimed for one in MUTANTS} == {check.name for check in ALL}


def test_no_two_mutants_are_wrong_in_the_same_words() -> None:
    assert [words for words, times in Counter(one.wrong for one in MUTANTS).items() if times > 1] == []
