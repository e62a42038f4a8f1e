"""An outcome as a report: JUnit's XML for machines that run tests, Markdown for people, JSON for programs.

What a server says stands in them as text: no markup of its own comes through, and no control character.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import chain
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mock_oms.conformance.finding import Finding, FindingGroup, Outcome, Result, grouped

#: Where a run does not say when it began; JUnit's schema wants a time.
_NO_TIME = "1970-01-01T00:00:00"
_CLASS = "mock_oms.contract.openapi"
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
    """The line that says why a run was cut short, or showed nothing; none where neither is so."""
    return () if outcome.halted is None else (f"The run was cut short: {outcome.halted}",)


def unseen(outcome: Outcome) -> tuple[str, ...]:
    """A line for each check that did not run, and why."""
    return tuple(f"{one.check}: {one.unseen}" for one in outcome.results if one.unseen is not None and not one.findings)


def finding_lines(finding: Finding) -> tuple[str, ...]:
    """A finding as lines: what is wrong first, then where and after what."""
    details = (
        ("request", finding.request),
        ("place", finding.place),
        ("expected", finding.expected),
        ("found", finding.found),
        ("the contract", " - ".join(filter(None, (finding.provenance, finding.source)))),
    )
    return (f"[{finding.severity}] {finding.message}", *(f"  {name}: {said}" for name, said in details if said))


def alike(group: FindingGroup) -> str:
    """How many findings of a group there are beside its examples, and where all of them are."""
    most = list(group.places.items())
    named = ", ".join(f"{place} ({number:,})" if number > 1 else place for place, number in most[:_PLACES] if place)
    where = f" All are at: {named}" if len(most) > 1 else ""
    others = f", and at {len(most) - _PLACES:,} places more" if len(most) > _PLACES else ""
    said = f"{group.findings[0].check} and {group.more:,} more like these; --report FILE.json holds all."
    return f"{said}{where}{others}{'.' if where else ''}"


def document(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: its members, the exit code, and the number of findings of each severity."""
    plain = asdict(replace(outcome, facts=dict(outcome.facts), cut_short=outcome.halted))
    return {"exit": int(outcome.exit), "findings": Counter(str(one.severity) for one in outcome.findings), **plain}


def markdown(outcome: Outcome) -> str:
    """An outcome as Markdown: the facts, a table of the checks, each finding, and what was not seen."""
    lines = [f"# {_md(outcome.title)}", ""]
    for line in (*halted(outcome), *([outcome.advice] if outcome.advice else [])):
        lines += (f"**{_md(line)}**", "")
    lines += (f"Target: {_md(outcome.target)}", "")
    lines += (f"- {_md(name)}: {_md(value)}" for name, value in outcome.facts.items())
    lines += ("- " + _BEGINNING.sub(r"\1\\", _md(note)) for note in outcome.notes)
    if outcome.results:
        lines += ("", "| Check | What it claims | Looked at | Result |", "|---|---|---|---|")
    lines += (f"| {_md(one.check)} | {_md(one.claim)} | {one.looked} | {came_to(one)} |" for one in outcome.results)
    if outcome.findings:
        lines += ("", "## Findings", "")
    for group in grouped(outcome.findings):
        for finding in group.examples:
            first, *others = finding_lines(finding)
            lines.append(f"- **{_md(finding.check)}** {_md(first)}")
            lines += (f"  - {_md(one.strip())}" for one in others)
        lines += [f"- {_md(alike(group))}"] if group.more else []
    if missed := unseen(outcome):
        lines += ("", "## Not seen", "", *(f"- {_md(one)}" for one in missed))
    return "\n".join(lines) + "\n"


def _md(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\g<0>", legible(" ".join(text.split())))


def junit(outcome: Outcome) -> str:
    """An outcome as JUnit XML: a suite with a test case for each check; one that did not run is skipped, with the reason.

    Where the run was cut short, one more test case is an error that says why.
    """
    halts = halted(outcome)
    root = Element("testsuites")
    suite = _add(
        root,
        "testsuite",
        name=outcome.title,
        package="mock_oms",
        id="0",
        hostname="localhost",
        timestamp=outcome.facts.get("began", _NO_TIME)[: len(_NO_TIME)],
        tests=str(len(outcome.results) + len(halts)),
        failures=str(sum(bool(one.findings) for one in outcome.results)),
        errors=str(len(halts)),
        skipped=str(len(unseen(outcome))),
        time=_seconds(outcome.seconds),
    )
    properties = _add(suite, "properties")
    for name, value in {"target": outcome.target, "advice": outcome.advice, **outcome.facts}.items():
        if value is not None:
            _add(properties, "property", name=name, value=value)
    for line in halts:  # a test case that a run which was cut short fails
        _add(
            _add(suite, "testcase", name="run-to-its-end", classname=_CLASS, time="0.000"),
            "error",
            type="cut short",
            message=line,
        )
    for one in outcome.results:
        case = _add(suite, "testcase", name=one.check, classname=_CLASS, time=_seconds(one.seconds))
        if one.findings:  # one failure with all findings in it, alike ones together: older schemas allow no second
            texts: list[str] = []
            for group in grouped(one.findings):
                texts += chain.from_iterable(map(finding_lines, group.examples))
                texts += [alike(group)] if group.more else []
            worst, message = one.findings[0].severity, f"{one.claim} {came_to(one)}"
            _add(case, "failure", "\n".join(texts), type=worst, message=message)
        elif one.unseen is not None:
            _add(case, "skipped", message=one.unseen)
    _add(suite, "system-out", "\n".join(outcome.notes))
    _add(suite, "system-err")
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _seconds(seconds: float) -> str:
    """Seconds with the three decimals that schemas of JUnit allow."""
    return f"{seconds:.3f}"


def _add(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    added = SubElement(parent, tag, {name: legible(" ".join(value.split())) for name, value in attributes.items()})
    added.text = legible(text, keep="\n")
    return added


#: How an outcome is written, by the suffix of the file.
RENDERERS: Mapping[str, Callable[[Outcome], str]] = {
    ".xml": junit,
    ".md": markdown,
    ".json": lambda outcome: json.dumps(document(outcome), ensure_ascii=False, indent=2) + "\n",
}
