"""Findings that are alike, together: one cause shows in each of a hundred plans, is read once, and counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from mock_oms.findings.finding import Finding

#: Findings of a kind that people are shown.
SHOWN = 5
_INDEX = re.compile(r"\[\d+\]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\d+")
#: Keys of a map that are data: what is called like no field (numbers too), and whatever names a stock location.
_KEY = re.compile(r"(?<=\.)(?![a-z_][a-z0-9_{}]*(?:[.\[]|$))[^.\[]+|(?<=\bstock_locations\.)[^.\[]+")
#: A plan in a list: it is the same plan alone.
_ROW = re.compile(r"^(results)?\[\]\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of one check with one cause: what was expected and what was found have the same shape, wherever it is.

    Where a finding does not say both, or names its place in its message, the place is part of the cause.
    """

    findings: tuple[Finding, ...]

    @property
    def places(self) -> Mapping[str, int]:
        """Where they are, and how many at each place: `[]` is any row, `{}` any key that is data."""
        return Counter(place_of(one) for one in self.findings)

    @property
    def examples(self) -> tuple[Finding, ...]:
        """A few for people: the first at each place before a second at any."""
        met = Counter[str]()
        ranked = []
        for one in self.findings:
            place = place_of(one)
            ranked.append((met[place], one))
            met[place] += 1
        return tuple(one for _, one in sorted(ranked, key=itemgetter(0))[:SHOWN])

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


def place_of(finding: Finding) -> str:
    """The place of a finding without what differs from plan to plan: rows, and keys that are data."""
    return _ROW.sub("", _KEY.sub("{}", _INDEX.sub("[]", finding.place)))


def _kind(finding: Finding) -> tuple[str, ...]:
    where, expected, found = place_of(finding), _shape(finding.expected), _shape(finding.found)
    said = "" if where or expected or found else _shape(finding.message)
    anywhere = expected and found and finding.place not in finding.message
    return finding.check, finding.severity, "" if anywhere else where, expected, found, said


def _shape(text: str) -> str:
    """A text without the values in it: what is quoted, and numbers."""
    return _NUMBER.sub("0", _QUOTED.sub("''", text))
