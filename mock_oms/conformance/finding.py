"""Findings that are alike, together: one cause shows in each of a hundred plans, is read once, and counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum, StrEnum
from itertools import count

from mock_oms.dataclass import dataclass


class Severity(StrEnum):
    """How bad a finding is for a client that was written after the contract."""

    BREAKING = "breaking"
    ADDITIVE = "additive"
    COSMETIC = "cosmetic"
    UNKNOWN = "unknown"


class Exit(IntEnum):
    """The exit codes of `contract`, `record` and `drift`."""

    CLEAN = 0
    FINDINGS = 1
    COULD_NOT_RUN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be.

    `place` is a path in the answer (`results[3].state`, or `header retry-after`), empty for the answer as a whole.
    `request` is how it can be asked again, without a token. `provenance` is the contract's mark for what it says
    (documented, inferred, assumed, mock), `source` where that comes from.
    """

    check: str
    severity: Severity
    message: str
    request: str
    place: str = ""
    expected: str = ""
    found: str = ""
    provenance: str = "assumed"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check came to. `unseen` says what it would have needed and nobody met; then it did not run.

    `looked` counts what it looked at: exchanges, plans, items, whatever the check is about; that took `seconds`.
    """

    check: str
    claim: str
    findings: tuple[Finding, ...] = ()
    looked: int = 0
    unseen: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All results of one run against one target, with notes on how it was run.

    `cut_short` says why it could not go on to its end, or not begin; a budget that is spent is no such reason.
    `advice` is what to know before any finding is read: what many of them come from, and the way out. The run took
    `seconds`, most of which it waited for answers.
    """

    title: str
    target: str
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    cut_short: str | None = None
    advice: str | None = None
    seconds: float = 0.0
    facts: Mapping[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the checks."""
        return tuple(one for result in self.results for one in result.findings)

    @property
    def halted(self) -> str | None:
        """Why there is no more in it: it was cut short, or no check had anything to look at."""
        if self.cut_short is None and not any(one.looked for one in self.results):
            return "no check had anything to look at"
        return self.cut_short

    @property
    def exit(self) -> Exit:
        """The exit code that this outcome means: half a run without findings shows nothing."""
        if self.findings:
            return Exit.FINDINGS
        return Exit.CLEAN if self.halted is None else Exit.COULD_NOT_RUN


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
class FindingGroup:
    """Findings of one check with one cause: what was expected and what was found have the same shape, wherever it is.

    Where a finding does not say both, or names its place in its message, the place is part of the cause.
    """

    findings: tuple[Finding, ...]

    @property
    def places(self) -> Mapping[str, int]:
        """Where they are, and how many at each place: `[]` is any row, `{}` any key that is data."""
        return Counter(normalised_place(one) for one in self.findings)

    @property
    def examples(self) -> tuple[Finding, ...]:
        """A few for people: the first at each place before a second at any."""
        rounds: dict[str, Iterator[int]] = defaultdict(count)
        ranked = sorted(self.findings, key=lambda one: next(rounds[normalised_place(one)]))
        return tuple(ranked[:SHOWN])

    @property
    def more(self) -> int:
        """How many there are beside the examples."""
        return len(self.findings) - len(self.examples)


def grouped(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Every finding in one group, in the order in which the first of each came."""
    kinds: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for one in findings:
        where, expected, found = normalised_place(one), _shape(one.expected), _shape(one.found)
        said = "" if where or expected or found else _shape(one.message)
        anywhere = expected and found and one.place not in one.message
        kinds[one.check, one.severity, "" if anywhere else where, expected, found, said].append(one)
    return tuple(FindingGroup(findings=tuple(alike)) for alike in kinds.values())


def normalised_place(finding: Finding) -> str:
    """The place of a finding without what differs from plan to plan: rows, and keys that are data."""
    return _ROW.sub("", _KEY.sub("{}", _INDEX.sub("[]", finding.place)))


def _shape(text: str) -> str:
    """A text without the values in it: what is quoted, and numbers."""
    return _NUMBER.sub("0", _QUOTED.sub("''", text))
