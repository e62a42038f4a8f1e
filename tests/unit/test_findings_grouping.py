"""Findings that are alike are told by a few of them and a number; none is lost."""

import pytest

from mock_oms.cli.oms_options import show
from mock_oms.conformance.finding import Finding, Outcome, Result, Severity, grouped


def finding(place: str = "results[0].id", *, message: str = "x", **more: str) -> Finding:
    said = {"request": "GET /", "place": place, "expected": "integer", "found": "'1'", **more}
    return Finding(check="types", severity=Severity.BREAKING, message=message, **said)


@pytest.mark.parametrize(
    "other",
    [
        *(finding("results[7].id"), finding("[3].id"), finding("id")),
        *(finding(found="'Ayse'"), finding(expected="integer"), finding(message="y")),
    ],
)
def test_the_same_fault_in_another_row_is_of_one_group(other: Finding) -> None:
    assert [one.findings for one in grouped([finding(), other])] == [(finding(), other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (finding(message="results[0].id is new."), finding("results[0].state", message="results[0].state is new.")),
        (finding(expected=""), finding("results[0].state", expected="")),
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
    assert (said.count("  place: results["), said.count("  place: count")) == (4, 1)
    assert "and 8 more like these; --report FILE.json holds all. All are at: id (12), count." in said
    assert "13 findings." in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("results[0].context.1.date", "context.12.date"),
        ("context.1.stock_locations.WH001.541201001.quantity", "context.2.stock_locations.ankara.7.quantity"),
        ("order.extra.a name of 8 characters", "order.extra.Kapıda"),
        ("results[0].a.B-1[3].c", "results[9].a.B-2[0].c"),
    ],
)
def test_keys_that_are_data_make_no_other_place(one: str, other: str) -> None:
    (group,) = grouped([finding(one, expected=""), finding(other, expected="")])
    assert list(group.places.values()) == [2]


def test_one_cause_in_many_fields_is_one_group_that_names_them() -> None:
    dates = [finding(f"results[{row}].{name}") for row in range(2) for name in ("created_date", "order.date_placed")]
    (group,) = grouped(dates)
    assert group.places == {"created_date": 2, "order.date_placed": 2}
    assert [one.place for one in group.examples[:2]] == ["results[0].created_date", "results[0].order.date_placed"]
