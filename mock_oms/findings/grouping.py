"""Findings that are alike, together: one fault in each of a hundred plans is read once, and counted."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mock_oms.findings.finding import Finding

#: Findings of a kind that people are shown.
SHOWN = 5
_INDEX = re.compile(r"\[\d+\]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of one check at one place, whichever row, with the same shape of what was expected and found."""

    findings: tuple[Finding, ...]

    @property
    def examples(self) -> tuple[Finding, ...]:
        """The first few, for people."""
        return self.findings[:SHOWN]

    @property
    def more(self) -> int:
        """How many there are beside the examples."""
        return len(self.findings) - len(self.examples)


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Every finding in one group, in the order in which the first of each came."""
    kinds: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for one in findings:
        kinds[_kind(one)].append(one)
    return tuple(Group(findings=tuple(alike)) for alike in kinds.values())


def _kind(finding: Finding) -> tuple[str, ...]:
    where, expected, found = _INDEX.sub("[]", finding.place), _shape(finding.expected), _shape(finding.found)
    said = "" if where or expected or found else _shape(finding.message)
    return finding.check, finding.severity, where, expected, found, said


def _shape(text: str) -> str:
    """A text without the values in it: what is quoted, and numbers."""
    return _NUMBER.sub("0", _QUOTED.sub("''", text))
