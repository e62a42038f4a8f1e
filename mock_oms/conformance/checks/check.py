"""A check: one claim about an OMS, what it looks at in a crawl, what is wrong with each, and what a report may show of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY
from functools import partial
from typing import Any, Generic, TypeVar

from mock_oms.conformance.checks.answers import ParsedCrawl, Subject
from mock_oms.conformance.finding import Finding, Result, Severity
from mock_oms.contract.wording import is_sentence, model_in, no_match
from mock_oms.dataclass import dataclass
from mock_oms.worlds.host_clock import elapsed

#: Characters of a value that are shown at most.
_LONGEST = 200
#: Amounts and ids. A number of more than seven digits may be a telephone, one of more than three decimals a place.
_FIGURE = r"-?(?!(?:\.?\d){8})\d+(?:\.\d{1,3})?"
#: Texts that tell nothing of a person: dates, amounts, short numbers, pages, and addresses of the API.
_PLAIN = re.compile(
    rf"|null|page \d{{1,7}}|{_FIGURE}"
    r"|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?"
    r"|(https?://[A-Za-z0-9.:\[\]-]+|/api)(/[a-z0-9_-]{1,30})*/?(\?[a-z_]+=\w{0,8}(&[a-z_]+=\w{0,8})*)?",
    re.ASCII,
)
_NUMBER = re.compile(_FIGURE, re.ASCII)
#: Places that hold words of a program's, and what these are like.
_WORDS = dict.fromkeys(
    ("state", "enum_value", "slug", "source_state", "destination_state", "commands"), re.compile("[a-z]{1,20}")
) | dict.fromkeys(("currency", "price_currency"), re.compile("[A-Z]{3}"))
_BETWEEN = re.compile(", ?")
#: A member's name as programs give it to a field, without as many digits as a telephone has; or an attempt's.
_FIELD = re.compile(r"(?!.*\d{4})[a-z][A-Za-z0-9_]{0,59}|\d{1,3}", re.ASCII)


class Rows(list[Any]):
    """What is judged of the rows of a list, those aside that are judged one by one; shown as the array that came."""

    def __init__(self, judged: Iterable[Any], total: int) -> None:
        super().__init__(judged)
        self._total = total

    def __repr__(self) -> str:
        what = "value" if len(self) else "object"
        return f"an array of {self._total} {what}{'s'[: self._total != 1]}" if self._total else "[]"


def cut(value: object) -> str:
    """A value as it is, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def legible_to_all(value: object, *, place: str, words: frozenset[str]) -> str:
    """A value as it may be shown to whoever may not see a customer's data; `words` are the contract's."""
    return cut(_masked(value, re.sub(r"\[\d+\]$", "", place).rpartition(".")[2], words))


def _masked(value: Any, name: str, words: frozenset[str]) -> str:
    """A value without what may be somebody's; `name` is that of its member."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{named(str(key))}: {_masked(one, str(key), words)}' for key, one in value.items())}}}"
    if isinstance(value, (list, tuple)) and not isinstance(value, Rows):
        return f"[{', '.join(_masked(one, name, words) for one in value)}]"
    if not isinstance(value, str):
        is_long = type(value) in {int, float} and not _NUMBER.fullmatch(repr(value))
        return f"number of {len(repr(value))} characters" if is_long else repr(value)
    form = _WORDS.get(name)
    is_word = form is not None and all(one in words or form.fullmatch(one) for one in _BETWEEN.split(value))
    if is_word or value in words or is_sentence(value) or _PLAIN.fullmatch(value):
        return value
    model = model_in(value)
    return f"text of {len(value)} character{'s'[: len(value) != 1]}" if model is None else no_match(_shape(model))


def named(key: str) -> str:
    """The name of a member, where it is like a field's; any other key may be data."""
    return key if _FIELD.fullmatch(key) else _shape(key)


def _shape(name: str) -> str:
    return f"a name of {len(name)} characters"


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
        began = elapsed()
        findings: list[Finding] = []
        looked = unread = 0
        for subject in self._subjects(crawl):
            try:
                findings += [self._finding(subject, one, crawl) for one in self.violations(subject, crawl)]
            except UNREADABLE:
                if self.reads_anything:
                    raise
                unread += 1
            else:
                looked += 1
        unseen = None if looked or findings else self.subjects.lacking
        if unseen and unread:
            unseen = f"not one of {unread} could be read: see the checks of the schema"
        return Result(
            check=self.name,
            claim=self.claim,
            findings=tuple(findings),
            looked=looked,
            unseen=unseen,
            seconds=elapsed() - began,
        )

    def _subjects(self, crawl: ParsedCrawl) -> Iterator[T]:
        """The subjects, up to the first that cannot be made of an answer of another shape."""
        try:
            yield from self.subjects.of(crawl)
        except UNREADABLE:
            return

    def _finding(self, subject: T, found: Violation, crawl: ParsedCrawl) -> Finding:
        outer, inner = subject.place, found.place
        dot = "." if outer and inner and not inner.startswith("[") and not outer.endswith(" ") else ""
        place = f"{outer}{dot}{inner}"
        # A header holds nothing that a customer typed: the framework and our own request make it.
        as_it_is = crawl.show_values or inner.startswith("header ")
        shown = cut if as_it_is else partial(legible_to_all, place=place, words=crawl.words)
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
    """The checks of one module, in the order of the reports."""

    def add(self, subjects: Subjects[T], source: str, **more: Any) -> Callable[[Violations[T]], Violations[T]]:
        """Make a check of a function: its name is the check's, its docstring the claim; `more` are fields of `Check`."""

        def added(violations: Violations[T]) -> Violations[T]:
            name, claim = getattr(violations, "__name__", "").replace("_", "-"), violations.__doc__ or ""
            self.append(Check(name=name, claim=claim, subjects=subjects, violations=violations, source=source, **more))
            return violations

        return added
