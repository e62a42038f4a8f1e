"""Reports: what they hold can be read back, and nothing that a server says becomes markup."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.finding import Exit, Finding, Outcome, Result, Severity
from mock_oms.conformance.reports import document, junit, legible, markdown
from tests.profiles import examples

Report = Callable[[Outcome], str]
NASTY = "</failure><b>\"&'|`*_[x](y)\x1b[31m\x00\ud800 İş\u202e"


def finding(message: str = "The state is 'paused'.", **more: str) -> Finding:
    said = {"request": "GET /plans/7/ -> 200", "place": "state", "expected": "pending", "found": "paused", **more}
    return Finding(check="state-is-known", severity=Severity.BREAKING, message=message, **said)


def outcome(*findings: Finding, notes: tuple[str, ...] = (), title: str = "Contract") -> Outcome:
    return Outcome(
        title=title,
        target="http://127.0.0.1:8080",
        results=(
            Result(check="state-is-known", claim="A state is one of four.", findings=findings, looked=12),
            Result(check="terminal-stays", claim="What has ended stays so.", unseen="no cancelled plan met"),
            Result(check="dates-order", claim="Dates are in order.", looked=3),
        ),
        notes=notes,
        facts={"began": "2024-03-05T09:00:00+00:00", "requests": "3 of 200"},
    )


# JUnit: the schema that Jenkins and its kin read, as a table: attributes that must be there, children in their order.

SCHEMA: Mapping[str, tuple[set[str], str]] = {
    "testsuites": (set(), "(testsuite )*"),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
        "properties (testcase )*system-out system-err ",
    ),
    "properties": (set(), "(property )*"),
    "property": ({"name", "value"}, ""),
    "testcase": ({"name", "classname", "time"}, "(failure |skipped |error )?"),
    "failure": ({"type", "message"}, ""),
    "error": ({"type", "message"}, ""),
    "skipped": ({"message"}, ""),
    "system-out": (set(), ""),
    "system-err": (set(), ""),
}


def objections(node: ET.Element) -> list[str]:
    """What the schema has against a document."""
    attributes, children = SCHEMA[node.tag]
    order = "".join(f"{one.tag} " for one in node)
    own = [] if set(node.attrib) == attributes and re.fullmatch(children, order) else [f"{node.tag}: {order}"]
    return own + [said for one in node for said in objections(one)]


def parsed(report: str) -> ET.Element:
    return ET.fromstring(report.encode())  # noqa: S314  it is ours


@pytest.mark.parametrize("told", [outcome(), outcome(finding()), outcome(finding(NASTY), notes=(NASTY,), title=NASTY)])
def test_junit_fits_its_schema(told: Outcome) -> None:
    root = parsed(junit(told))
    assert objections(root) == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", root[0].attrib["timestamp"])
    assert objections(parsed("<testsuites><testsuite name='x'/></testsuites>"))


def test_junit_counts_as_it_lists() -> None:
    (suite,) = parsed(junit(outcome(finding(), finding())))
    assert [suite.attrib[name] for name in ("tests", "failures", "skipped", "errors")] == ["3", "1", "1", "0"]
    assert [len(suite.findall(f"testcase/{kind}")) for kind in ("failure", "skipped")] == [1, 1]


def only(report: Outcome, place: str) -> ET.Element:
    (found,) = parsed(junit(report)).iterfind(f".//{place}")
    return found


def test_junit_says_why_a_check_did_not_run_and_holds_every_finding_of_one_that_did() -> None:
    skipped = only(outcome(), "testcase[@name='terminal-stays']/skipped")
    assert skipped.attrib["message"] == "no cancelled plan met"
    failure = only(outcome(finding("First."), finding("Second.")), "failure")
    assert failure.attrib == {"type": "breaking", "message": "A state is one of four. 2 findings"}
    assert re.findall(r"^\[.*", failure.text or "", re.MULTILINE) == ["[breaking] First.", "[breaking] Second."]


@examples(100)
@given(st.text(max_size=60))
def test_any_text_comes_back_from_junit_but_for_what_cannot_be_printed(text: str) -> None:
    said = only(outcome(finding(text)), "failure").text or ""
    assert said.startswith(f"[breaking] {legible(text, keep=chr(10))}\n")


def test_markdown_has_a_row_for_each_check_the_findings_and_what_was_not_seen() -> None:
    page = markdown(outcome(finding(), notes=("It was cut short.",)))
    assert "## Findings" not in markdown(outcome())
    assert "| state-is-known | A state is one of four. | 12 | 1 finding |" in page
    assert page.count("\n| ") == 4
    for part in (
        "- It was cut short.",
        "## Findings\n\n- **state-is-known** [breaking] The state is 'paused'.",
        "  - request: GET /plans/7/ -> 200",
        "## Not seen\n\n- terminal-stays: no cancelled plan met",
    ):
        assert part in page


@examples(100)
@given(st.text(max_size=60))
def test_no_text_becomes_markup_or_a_line_of_its_own(text: str) -> None:
    plain, told = markdown(outcome(finding("x"))), markdown(outcome(finding(text)))
    assert told.count("\n") == plain.count("\n")
    assert not re.search(r"(?<!\\)(\\\\)*([<`|]|\]\()", told.split("## Findings")[1])


@pytest.mark.parametrize(
    "text",
    ["pip install 'mock-oms[contract]' brings it.", "2026-11-24T16:06:14+00:00", "page_sise (a+b) {c}", "?a=1&b=2"],
)
def test_markdown_leaves_a_sentence_as_it_is_where_nothing_in_it_is_markup(text: str) -> None:
    assert f"- {text}\n" in markdown(outcome(notes=(text,)))


@pytest.mark.parametrize("text", ["# x", "> x", "- x", "+ x", "1. x", "[x]: y", "_x_", "[^x]", "[x](y)", "&lt;", "*x*"])
def test_markdown_escapes_what_would_be_markup(text: str) -> None:
    assert f"- {text}\n" not in markdown(outcome(notes=(text,)))


@pytest.mark.parametrize("report", [markdown, junit])
def test_a_report_tells_one_cause_by_five_of_its_findings_and_names_every_place(report: Report) -> None:
    fields = [f"field_{letter}" for letter in "abcdefgh"]
    text = report(outcome(*(finding(place=f"results[{row}].{one}") for one in fields for row in range(90))))
    assert text.count("The state is 'paused'.") == 5
    assert all(f"{one} (90)" in text for one in fields)


@pytest.mark.parametrize("report", [markdown, junit, lambda told: json.dumps(document(told))])
def test_every_report_holds_the_advice_once(report: Report) -> None:
    assert report(replace(outcome(finding(), finding()), advice="Expect dates=date.")).count("Expect dates=date.") == 1


def test_json_holds_the_outcome_member_for_member() -> None:
    told = json.loads(json.dumps(document(outcome(finding(), notes=("A note.",)))))
    assert (told["exit"], told["findings"], told["notes"]) == (1, {"breaking": 1}, ["A note."])
    assert told["results"][0]["findings"][0]["place"] == "state"
    assert told["results"][1]["unseen"] == "no cancelled plan met"
    assert told["facts"]["requests"] == "3 of 200"


@examples(100)
@given(st.lists(st.text(max_size=20), min_size=3, max_size=3))
def test_findings_come_back_from_json_as_they_were(texts: list[str]) -> None:
    one = finding(texts[0], place=texts[1], found=texts[2])
    (back,) = json.loads(json.dumps(document(outcome(one))))["results"][0]["findings"]
    assert Finding(**{**back, "severity": Severity(back["severity"])}) == one


WHY = "The OMS answered 429 to request 9."


def halted(*findings: Finding, why: str = WHY, **changed: Any) -> Outcome:
    return replace(outcome(*findings), cut_short=why, **changed)


@pytest.mark.parametrize("told", [halted(), halted(finding()), halted(why=NASTY), replace(halted(), results=())])
def test_junit_of_a_run_that_was_cut_short_fits_its_schema_and_counts_one_error(told: Outcome) -> None:
    root = parsed(junit(told))
    assert objections(root) == []
    assert (root[0].attrib["errors"], root[0].attrib["tests"]) == ("1", str(len(told.results) + 1))
    assert len(root[0].findall("testcase")) == len(told.results) + 1


def test_every_report_says_why_a_run_was_cut_short() -> None:
    error = only(halted(), "testcase[@name='run-to-its-end']/error")
    assert error.attrib == {"type": "cut short", "message": f"The run was cut short: {WHY}"}
    assert markdown(halted()).splitlines()[2] == f"**The run was cut short: {WHY}**"
    assert "cut short" not in markdown(outcome())
    assert "|" not in markdown(replace(halted(), results=()))  # no table
    assert (document(halted())["cut_short"], document(outcome())["cut_short"]) == (WHY, None)
    assert document(replace(outcome(), results=()))["cut_short"] == "no check had anything to look at"


@pytest.mark.parametrize(
    ("run", "exit_code"),
    [
        *((outcome(), Exit.CLEAN), (outcome(finding()), Exit.FINDINGS)),
        *((halted(), Exit.COULD_NOT_RUN), (halted(finding()), Exit.FINDINGS)),
        (replace(outcome(), results=outcome().results[1:2]), Exit.COULD_NOT_RUN),  # all of its checks were skipped
        (replace(outcome(), results=()), Exit.COULD_NOT_RUN),
    ],
)
def test_findings_count_more_than_half_a_run_and_half_a_run_alone_shows_nothing(run: Outcome, exit_code: Exit) -> None:
    assert (run.exit, document(run)["exit"]) == (exit_code, int(exit_code))


def test_junit_says_how_long_the_run_and_each_check_took_with_three_decimals() -> None:
    told = outcome()
    slow = replace(told.results[0], seconds=1.23456)
    (suite,) = parsed(junit(replace(told, results=(slow, *told.results[1:]), seconds=61.5)))
    assert [one.attrib["time"] for one in (suite, *suite.findall("testcase"))] == ["61.500", "1.235", "0.000", "0.000"]
