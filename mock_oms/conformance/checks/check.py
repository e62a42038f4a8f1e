"""A check: one claim about an OMS, which things of a survey it looks at, and what is wrong with each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from mock_oms.conformance.checks.answers import ParsedCrawl, Rules
from mock_oms.conformance.checks.masking import cut, legible_to_all
from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.finding import Finding, Result, Severity

#: What reading an answer of another shape than the contract's comes to; that shape is the business of other checks.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Subject(Protocol):
    """A thing that a check looks at: where it stands, and how to ask for it again."""

    @property
    def request(self) -> str:
        """The request, without a token."""

    @property
    def place(self) -> str:
        """The place in the answer, empty for the answer as a whole."""


T = TypeVar("T", bound=Subject)


#: No other answer has such a value; None is one.
NOWHERE: object = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What is wrong with a subject; `place` is counted from it. What is None is as the check says of itself.

    `expected` and `message` are words of ours and the contract's. A value that should be here because another answer
    has it is `elsewhere`: it may be anybody's data, as `found` may.
    """

    message: str
    place: str = ""
    expected: str | int = ""
    elsewhere: object = NOWHERE
    found: object = ""
    severity: Severity | None = None
    provenance: str | None = None
    source: str | None = None


def nothing(_: ParsedCrawl) -> None:
    """No reason not to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[T]):
    """One claim. `name` is in kebab-case; `claim` is a sentence that is false where the check finds something.

    `over` are its subjects in a survey, `flaws` what is wrong with one of them. `lacking` says what was not met where
    there is none, `unless` why the check does not run at all. `needs` are the questions that it is about. One that
    `reads_anything` takes answers of every shape; any other passes over those that it cannot read.
    """

    name: str
    claim: str
    over: Callable[[ParsedCrawl], Iterable[T]]
    flaws: Callable[[T, ParsedCrawl], Iterable[Violation]]
    lacking: str
    needs: frozenset[Question]
    provenance: str = "inferred"
    source: str = ""
    severity: Severity = Severity.BREAKING
    unless: Callable[[ParsedCrawl], str | None] = nothing
    reads_anything: bool = False

    def run(self, survey: Crawl, rules: Rules) -> Result:
        """What the check comes to on one survey."""
        return self.judge(ParsedCrawl.of(survey, rules))

    def judge(self, seen: ParsedCrawl) -> Result:
        """The result of this check for a crawl that was parsed already."""
        why = self.unless(seen)
        if why:
            return Result(check=self.name, claim=self.claim, unseen=why)
        findings: list[Finding] = []
        looked = unread = 0
        for subject in _subjects(self.over, seen):
            try:
                findings += [self._finding(subject, flaw, seen.rules) for flaw in self.flaws(subject, seen)]
            except UNREADABLE:
                if self.reads_anything:
                    raise
                unread += 1
            else:
                looked += 1
        # What was found before an answer could no longer be read is told all the same.
        unseen = None if looked or findings else self._unseen(unread)
        return Result(check=self.name, claim=self.claim, findings=tuple(findings), looked=looked, unseen=unseen)

    def _unseen(self, unread: int) -> str:
        return f"not one of {unread} could be read: see the checks of the schema" if unread else self.lacking

    def _finding(self, subject: T, flaw: Violation, rules: Rules) -> Finding:
        place = joined(subject.place, flaw.place)
        # What is in a header no customer typed: the framework and our own request make it.
        open_to_all = rules.show_values or flaw.place.startswith("header ")
        shown = cut if open_to_all else partial(legible_to_all, place=place, words=rules.words)
        return Finding(
            check=self.name,
            severity=flaw.severity or self.severity,
            message=flaw.message,
            request=subject.request,
            place=place,
            expected=cut(flaw.expected) if flaw.elsewhere is NOWHERE else shown(flaw.elsewhere),
            found=shown(flaw.found),
            provenance=flaw.provenance or self.provenance,
            source=self.source if flaw.source is None else flaw.source,
        )


def _subjects(over: Callable[[ParsedCrawl], Iterable[T]], seen: ParsedCrawl) -> Iterator[T]:
    """The subjects, up to the first that cannot be made of an answer of another shape."""
    try:
        yield from over(seen)
    except UNREADABLE:
        return


def joined(place: str, inner: str) -> str:
    """A place inside a place."""
    separated = place and inner and not inner.startswith("[") and not place.endswith(" ")
    return f"{place}.{inner}" if separated else place + inner
