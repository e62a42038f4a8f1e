"""An outcome as a report: JUnit's XML for machines that run tests, Markdown for people, JSON for programs.

What a server says stands in them as text: no markup of its own comes through, and no control character.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from html import escape
from typing import Any

from mock_oms.conformance.finding import Finding, FindingGroup, Outcome, Result, grouped

#: Where a run does not say when it began; JUnit's schema wants a time.
_NO_TIME = "1970-01-01T00:00:00"
#: The test case that a run which was cut short fails.
_WHOLE = "run-to-its-end"
#: JUnit's times have no zone and no parts of a second.
_TIME = len(_NO_TIME)
_ROW = {"check": "Check", "claim": "What it claims", "looked": "Looked at", "came": "Result"}
#: What Markdown takes for markup in the midst of a line: an underscore inside a word is none, nor is a bracket that
#: leads to no address. Then what it takes for some only where a line begins.
_MARKUP = re.compile(r"[\\`*<|~$]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])|\[(?=\^)|\](?=[(\[])")
_BEGINNING = re.compile(r"^(\d+(?=[.)](\s|$))|(?=[#>+=\[-]))")
#: Places that are named of findings that are alike.
_PLACES = 40


def legible(text: str, keep: str = "") -> str:
    """A text with a sign in place of whatever cannot be printed, such as what moves a terminal's cursor."""
    return "".join(one if one.isprintable() or one in keep else "\N{REPLACEMENT CHARACTER}" for one in text)


def came_to(result: Result) -> str:
    """What a check came to, in two or three words."""
    if result.findings:
        return f"{len(result.findings)} finding{'s'[: len(result.findings) != 1]}"
    return "not run" if result.unseen is not None else "clean"


def halted(outcome: Outcome) -> tuple[str, ...]:
    """The line that says why a run was cut short, none where it was not."""
    return () if outcome.cut_short is None else (f"The run was cut short: {outcome.cut_short}",)


def _first(outcome: Outcome) -> tuple[str, ...]:
    """What stands before everything else."""
    return (*halted(outcome), *([outcome.advice] if outcome.advice else []))


def unseen(outcome: Outcome) -> tuple[str, ...]:
    """A line for each check that did not run, and why."""
    return tuple(f"{one.check}: {one.unseen}" for one in outcome.results if one.unseen is not None and not one.findings)


def told(finding: Finding) -> tuple[str, ...]:
    """A finding as lines: what is wrong first, then where and after what."""
    details = (
        ("request", finding.request),
        ("place", finding.place),
        ("expected", finding.expected),
        ("found", finding.found),
        ("the contract", " - ".join(filter(None, (finding.provenance, finding.source)))),
    )
    return (f"[{finding.severity}] {finding.message}", *(f"  {name}: {said}" for name, said in details if said))


def alike(group: FindingGroup, file: str = "FILE.json") -> str:
    """How many findings of a group there are beside its examples, and where all of them are."""
    most = list(group.places.items())
    named = ", ".join(f"{place} ({number:,})" if number > 1 else place for place, number in most[:_PLACES] if place)
    where = f" All are at: {named}" if len(most) > 1 else ""
    others = f", and at {len(most) - _PLACES:,} places more" if len(most) > _PLACES else ""
    said = f"{group.findings[0].check} and {group.more:,} more like these; --report {file} holds all."
    return f"{said}{where}{others}{'.' if where else ''}"


def document(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: its members, the exit code, and the number of findings of each severity."""
    plain = asdict(replace(outcome, facts=dict(outcome.facts)))
    counts: dict[str, int] = {}
    for one in outcome.findings:
        counts[one.severity] = counts.get(one.severity, 0) + 1
    return {"exit": int(outcome.exit), "findings": counts, **plain}


def markdown(outcome: Outcome) -> str:
    """An outcome as Markdown: the facts, a table of the checks, each finding, and what was not seen."""
    return "\n".join(_page(outcome)) + "\n"


def _page(outcome: Outcome) -> Iterator[str]:
    yield from (f"# {_md(outcome.title)}", "")
    yield from (part for line in _first(outcome) for part in (f"**{_md(line)}**", ""))
    yield from (f"Target: {_md(outcome.target)}", "")
    yield from (f"- {_md(name)}: {_md(value)}" for name, value in outcome.facts.items())
    yield from (f"- {_begun(note)}" for note in outcome.notes)
    yield from _table(outcome)
    yield from _section("Findings", [*_groups(outcome.findings)])
    yield from _section("Not seen", [f"- {_md(one)}" for one in unseen(outcome)])


def _table(outcome: Outcome) -> Iterator[str]:
    if outcome.results:
        yield from ("", f"| {' | '.join(_ROW.values())} |", f"|{'---|' * len(_ROW)}")
    for one in outcome.results:
        yield f"| {_md(one.check)} | {_md(one.claim)} | {one.looked} | {came_to(one)} |"


def _section(title: str, parts: list[str]) -> Iterator[str]:
    if parts:
        yield from ("", f"## {title}", "", *parts)


def _groups(findings: Iterable[Finding]) -> Iterator[str]:
    for group in grouped(findings):
        yield from (_finding(one) for one in group.examples)
        if group.more:
            yield f"- {_md(alike(group))}"


def _finding(finding: Finding) -> str:
    first, *others = told(finding)
    lines = (f"- **{_md(finding.check)}** {_md(first)}", *(f"  - {_md(one.strip())}" for one in others))
    return "\n".join(lines)


def _md(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\g<0>", legible(" ".join(text.split())))


def _begun(text: str) -> str:
    """A text that is safe at the beginning of a line of Markdown."""
    return _BEGINNING.sub(r"\1\\", _md(text))


def junit(outcome: Outcome) -> str:
    """An outcome as JUnit XML: a suite with a test case for each check; one that did not run is skipped, with the reason.

    Where the run was cut short, one more test case is an error that says why.
    """
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', *_suites(outcome))) + "\n"


def _suites(outcome: Outcome) -> Iterator[str]:
    failed, halts = sum(bool(one.findings) for one in outcome.results), halted(outcome)
    suite = {
        "name": outcome.title,
        "package": "mock_oms",
        "id": "0",
        "hostname": "localhost",
        "timestamp": outcome.facts.get("began", _NO_TIME)[:_TIME],
        "tests": str(len(outcome.results) + len(halts)),
        "failures": str(failed),
        "errors": str(len(halts)),
        "skipped": str(len(unseen(outcome))),
        "time": "0",
    }
    yield from ("<testsuites>", f"<testsuite {_attributes(suite)}>", "<properties>")
    advice = {"advice": outcome.advice} if outcome.advice else {}
    for name, value in {"target": outcome.target, **advice, **outcome.facts}.items():
        yield f"<property {_attributes({'name': name, 'value': value})}/>"
    yield "</properties>"
    for line in halts:
        yield from (_opened(_WHOLE), f"<error {_attributes({'type': 'cut short', 'message': line})}/>", "</testcase>")
    for one in outcome.results:
        yield from _case(one)
    yield f"<system-out>{_xml(chr(10).join(outcome.notes))}</system-out>"
    yield from ("<system-err></system-err>", "</testsuite>", "</testsuites>")


def _case(result: Result) -> Iterator[str]:
    """One failure with all findings in it, alike ones together: older schemas allow no second."""
    yield _opened(result.check)
    if result.findings:
        worst = {"type": result.findings[0].severity, "message": f"{result.claim} {came_to(result)}"}
        lines = "\n".join(line for group in grouped(result.findings) for line in _lines(group))
        yield f"<failure {_attributes(worst)}>{_xml(lines)}</failure>"
    elif result.unseen is not None:
        yield f"<skipped {_attributes({'message': result.unseen})}/>"
    yield "</testcase>"


def _lines(group: FindingGroup) -> Iterator[str]:
    yield from (line for one in group.examples for line in told(one))
    if group.more:
        yield alike(group)


def _opened(name: str) -> str:
    return f"<testcase {_attributes({'name': name, 'classname': 'mock_oms.contract.openapi', 'time': '0'})}>"


def _attributes(values: Mapping[str, str]) -> str:
    return " ".join(f'{name}="{_xml(" ".join(value.split()))}"' for name, value in values.items())


def _xml(text: str) -> str:
    return escape(legible(text, keep="\n"))
