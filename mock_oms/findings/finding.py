"""A finding: what is not as it should be, where, and how bad that is for whoever reads such answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


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

    `looked` counts what it looked at: exchanges, plans, items, whatever the check is about.
    """

    check: str
    claim: str
    findings: tuple[Finding, ...] = ()
    looked: int = 0
    unseen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All results of one run against one target, with notes on how it was run.

    `cut_short` says why it could not go on to its end, or not begin; a budget that is spent is no such reason.
    `advice` is what to know before any finding is read: what many of them come from, and the way out.
    """

    title: str
    target: str
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    cut_short: str | None = None
    advice: str | None = None
    facts: Mapping[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the checks."""
        return tuple(one for result in self.results for one in result.findings)

    @property
    def exit(self) -> Exit:
        """The exit code that this outcome means: half a run without findings shows nothing."""
        if self.findings:
            return Exit.FINDINGS
        return Exit.CLEAN if self.cut_short is None else Exit.COULD_NOT_RUN
