"""Findings that are alike are told by a few of them and a number; none is lost."""

import pytest

from mock_oms.cli.outcomes import show
from mock_oms.findings.finding import Finding, Outcome, Result, Severity
from mock_oms.findings.grouping import grouped


def finding(
    place: str = "results[0].id", *, expected: str = "integer", found: str = "'1'", message: str = "x"
) -> Finding:
    return Finding(
        check="types",
        severity=Severity.BREAKING,
        message=message,
        request="GET /",
        place=place,
        expected=expected,
        found=found,
    )


@pytest.mark.parametrize(
    "other",
    [finding("results[7].id"), finding(found="'Ayse'"), finding(expected="integer"), finding(message="y")],
)
def test_the_same_fault_in_another_row_is_of_one_group(other: Finding) -> None:
    assert [one.findings for one in grouped([finding(), other])] == [(finding(), other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (finding(), finding("results[0].state")),
        (finding(), finding(found="null")),
        (finding("", expected="", found="", message="x"), finding("", expected="", found="", message="y")),
    ],
)
def test_another_fault_is_of_another_group(one: Finding, other: Finding) -> None:
    assert len(grouped([one, other])) == 2


def test_people_are_shown_five_of_a_kind_and_the_number_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    findings = (*(finding(f"results[{row}].id") for row in range(12)), finding("count"))
    result = Result(check="types", claim="Types are right.", findings=findings)
    show(Outcome(title="T", target="here", results=(result,), facts={}), (), as_json=False)
    said = capsys.readouterr().out
    assert (said.count("  place: results["), said.count("  place: count")) == (5, 1)
    assert "and 7 more" in said
    assert "13 findings." in said
