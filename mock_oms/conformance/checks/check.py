"""A check: one claim about an OMS, what it looks at in a crawl, and what is wrong with each of these."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from mock_oms.conformance.checks.answers import ParsedCrawl, Rules, Subject
from mock_oms.conformance.checks.masking import cut, legible_to_all
from mock_oms.conformance.finding import Finding, Result, Severity

#: The errors of code that reads an answer of another shape than the contract's. The checks of the schema report those.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
#: No other answer has such a value; None is one.
NOWHERE: object = object()

T = TypeVar("T", bound=Subject)


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with a subject. `place` is relative to the subject's; a None means what the check itself says.

    `message` and `expected` hold words of ours and of the contract. A value that is expected because another answer
    has it is `elsewhere`: like `found`, it may be a customer's data.
    """

    message: str
    place: str = ""
    expected: str | int = ""
    found: object = ""
    _: KW_ONLY
    elsewhere: object = NOWHERE
    severity: Severity | None = None
    provenance: str | None = None
    source: str | None = None


Violations = Callable[[T, ParsedCrawl], Iterator[Violation]]
#: Why a check does not run on a crawl, None where it does.
Reason = Callable[[ParsedCrawl], str | None]


@dataclass(frozen=True, slots=True)
class Subjects(Generic[T]):
    """What checks look at in a crawl; `lacking` says what was missing where there is none."""

    of: Callable[[ParsedCrawl], Iterable[T]]
    lacking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[T]):
    """One claim. `name` is in kebab-case; `claim` is a sentence that is false where the check finds something.

    `unless` are reasons not to run. A check that `reads_anything` takes answers of every shape; any other passes over
    those that it cannot read.
    """

    name: str
    claim: str
    subjects: Subjects[T]
    violations: Violations[T]
    source: str
    provenance: str = "inferred"
    severity: Severity = Severity.BREAKING
    unless: tuple[Reason, ...] = ()
    reads_anything: bool = False

    def run(self, crawl: ParsedCrawl) -> Result:
        """What the check finds in a crawl."""
        for reason in self.unless:
            if why := reason(crawl):
                return Result(check=self.name, claim=self.claim, unseen=why)
        findings: list[Finding] = []
        looked = unread = 0
        for subject in self._subjects(crawl):
            try:
                findings += [self._finding(subject, one, crawl.rules) for one in self.violations(subject, crawl)]
            except UNREADABLE:
                if self.reads_anything:
                    raise
                unread += 1
            else:
                looked += 1
        unseen = None
        if not (looked or findings):
            cannot = f"not one of {unread} could be read: see the checks of the schema"
            unseen = cannot if unread else self.subjects.lacking
        return Result(check=self.name, claim=self.claim, findings=tuple(findings), looked=looked, unseen=unseen)

    def _subjects(self, crawl: ParsedCrawl) -> Iterator[T]:
        """The subjects, up to the first that cannot be made of an answer of another shape."""
        try:
            yield from self.subjects.of(crawl)
        except UNREADABLE:
            return

    def _finding(self, subject: T, found: Violation, rules: Rules) -> Finding:
        outer, inner = subject.place, found.place
        dot = "." if outer and inner and not inner.startswith("[") and not outer.endswith(" ") else ""
        place = f"{outer}{dot}{inner}"
        # A header holds nothing that a customer typed: the framework and our own request make it.
        as_it_is = rules.show_values or inner.startswith("header ")
        shown = cut if as_it_is else partial(legible_to_all, place=place, words=rules.words)
        return Finding(
            check=self.name,
            severity=found.severity or self.severity,
            message=found.message,
            request=subject.request,
            place=place,
            expected=cut(found.expected) if found.elsewhere is NOWHERE else shown(found.elsewhere),
            found=shown(found.found),
            provenance=found.provenance or self.provenance,
            source=self.source if found.source is None else found.source,
        )


class Checks(list[Check[Any]]):
    """The checks of one module, in the order of the reports.

    The decorator `add` makes a check of a function that yields what is wrong with one subject. The function's name is
    the name of the check, its docstring the claim.
    """

    def add(self, subjects: Subjects[T], source: str, **more: Any) -> Callable[[Violations[T]], Violations[T]]:
        """A decorator; `more` are fields of `Check`."""

        def added(violations: Violations[T]) -> Violations[T]:
            name, claim = getattr(violations, "__name__", "").replace("_", "-"), violations.__doc__ or ""
            self.append(Check(name=name, claim=claim, subjects=subjects, violations=violations, source=source, **more))
            return violations

        return added
