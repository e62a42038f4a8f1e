"""Whether requests were made as a test expects, and which came nearest where they were not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation

_NEAREST = 3
_NUMBERS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPattern:
    """What a request must have; at least one thing is said. Names are those of `JournalEntry`.

    :raises ValueError: nothing is said.
    """

    operation: Operation | None = None
    plan: int | None = None
    status: int | None = None
    page: int | None = None
    state: str | None = None
    method: str | None = None

    def __post_init__(self) -> None:
        if not self.criteria:
            names = ", ".join(one.name for one in fields(self))
            raise ValueError(f"A pattern that says nothing matches every request; accepted: at least one of {names}.")

    @property
    def criteria(self) -> dict[str, object]:
        """What is said, by name."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in said.items() if value is not None}

    def matches(self, entry: JournalEntry) -> bool:
        """Whether a request has everything that is said."""
        return not self.differences(entry)

    def differences(self, entry: JournalEntry) -> tuple[str, ...]:
        """A clause for everything that a request has otherwise."""
        found = ((name, getattr(entry, name), value) for name, value in self.criteria.items())
        return tuple(
            f"{name} is {'none' if actual is None else actual}, not {value}"
            for name, actual, value in found
            if actual != value
        )

    def words(self, number: int = 1) -> str:
        """So many of the requests that are meant, as a noun with its attributes."""
        noun = " ".join(filter(None, (self.method, self.operation, "request" if number == 1 else "requests")))
        said = ((_ATTRIBUTES[name], value) for name, value in self.criteria.items() if name in _ATTRIBUTES)
        return noun + "".join(f" {attribute} {value}" for attribute, value in said)


_ATTRIBUTES = {"plan": "of plan", "page": "for page", "status": "with status", "state": "in state"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often; `exactly` stands alone, and nothing said is any number of times, none included.

    :raises ValueError: the numbers contradict each other, or one is negative.
    """

    min: int | None = None
    max: int | None = None
    exactly: int | None = None

    def __post_init__(self) -> None:
        said = [number for number in (self.min, self.max, self.exactly) if number is not None]
        if any(number < 0 for number in said):
            raise ValueError(f"A count of {min(said)} requests cannot be; accepted: 0 or more.")
        if self.exactly is not None and len(said) > 1:
            raise ValueError("A count says exactly beside min or max; accepted: exactly alone, or min and max.")
        if self.low > (self.low if self.high is None else self.high):
            raise ValueError(f"A count of at least {self.min} and at most {self.max} never comes; turn them round.")

    @property
    def low(self) -> int:
        """The fewest that are enough."""
        return (self.min or 0) if self.exactly is None else self.exactly

    @property
    def high(self) -> int | None:
        """The most that are allowed; None: there is no limit."""
        return self.max if self.exactly is None else self.exactly

    def allows(self, found: int) -> bool:
        """Whether so many are right."""
        return self.low <= found and not self.exceeded(found)

    def exceeded(self, found: int) -> bool:
        """Whether so many are too many."""
        return self.high is not None and found > self.high

    def words(self) -> str:
        """The count as it stands before a noun."""
        if self.high == 0:
            return "no"
        if self.high is None:
            return f"at least {self.low}" if self.low else "any number of"
        if self.low == self.high:
            return f"exactly {self.low}"
        return f"{self.low} to {self.high}" if self.low else f"at most {self.high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What is expected: so many requests of a pattern, and patterns in this order, other requests between them or not.

    `within`: only requests of the last so much world time count.
    :raises ValueError: neither a pattern nor an order is said.
    """

    pattern: RequestPattern | None = None
    count: Count = field(default_factory=lambda: Count(min=1))
    order: tuple[RequestPattern, ...] = ()
    within: timedelta | None = None

    def __post_init__(self) -> None:
        if self.pattern is None and not self.order:
            raise ValueError("A verification of nothing always holds; accepted: a pattern, an order, or both.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A request that was nearly meant, and a clause for everything that it has otherwise."""

    entry: JournalEntry
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResult:
    """The result of a verification. `reason` is a sentence, `found` how many requests the pattern matched.

    Without a pattern `found` is how many steps of the order occurred.
    """

    ok: bool
    reason: str
    found: int
    nearest: tuple[NearMiss, ...]
    evicted: int


def verified(
    verification: Verification, entries: Sequence[JournalEntry], now: datetime, evicted: int
) -> VerificationResult:
    """Judge the entries of a journal, oldest first, at this world time; `evicted` is how many older ones it lost."""
    since = None if verification.within is None else now - verification.within
    considered = [entry for entry in entries if since is None or since <= entry.at]
    pattern = verification.pattern
    judged = [_counted(pattern, verification, considered)] if pattern else []
    if verification.order and all(verdict.ok for verdict in judged):
        judged.append(_ordered(verification.order, considered))
    lost = _lost(evicted)
    return VerificationResult(
        ok=judged[-1].ok,
        reason=" ".join([*(verdict.reason for verdict in judged), *lost]),
        found=judged[0].found,
        nearest=judged[-1].nearest,
        evicted=evicted,
    )


def _lost(evicted: int) -> list[str]:
    noun = "request was" if evicted == 1 else "requests were"
    return [f"{evicted} older {noun} evicted from the journal and not looked at."] if evicted else []


def _counted(
    pattern: RequestPattern, verification: Verification, entries: Sequence[JournalEntry]
) -> VerificationResult:
    count = verification.count
    found = [entry for entry in entries if pattern.matches(entry)]
    noun = pattern.words(count.low if count.high is None else count.high)
    within = "" if verification.within is None else f" within {verification.within.total_seconds():g}s of world time"
    ok = count.allows(len(found))
    return VerificationResult(
        ok=ok,
        reason=f"expected {count.words()} {noun}{within}, found {_numbers(found)}.",
        found=len(found),
        nearest=() if ok or count.exceeded(len(found)) else _nearest(pattern, entries),
        evicted=0,
    )


def _ordered(order: tuple[RequestPattern, ...], entries: Sequence[JournalEntry]) -> VerificationResult:
    met: list[JournalEntry] = []
    rest = iter(entries)
    for pattern in order:
        found = next((entry for entry in rest if pattern.matches(entry)), None)
        if found is None:
            return _broken_off(order, met, entries)
        met.append(found)
    reason = f"the {len(order)} steps of the order were found: {_listed(met)}."
    return VerificationResult(ok=True, reason=reason, found=len(met), nearest=(), evicted=0)


def _broken_off(
    order: tuple[RequestPattern, ...], met: Sequence[JournalEntry], entries: Sequence[JournalEntry]
) -> VerificationResult:
    pattern = order[len(met)]
    after = f" after number {met[-1].number}" if met else ""
    step = f"step {len(met) + 1} of {len(order)} of the order"
    later = [entry for entry in entries if not met or entry.number > met[-1].number]
    return VerificationResult(
        ok=False,
        reason=f"expected one {pattern.words()}{after} ({step}), found none.",
        found=len(met),
        nearest=_nearest(pattern, later),
        evicted=0,
    )


def _nearest(pattern: RequestPattern, entries: Iterable[JournalEntry]) -> tuple[NearMiss, ...]:
    near = (NearMiss(entry=entry, differs=pattern.differences(entry)) for entry in entries)
    others = sorted((one for one in near if one.differs), key=lambda one: (len(one.differs), -one.entry.number))
    return tuple(others[:_NEAREST])


def _numbers(found: Sequence[JournalEntry]) -> str:
    return f"{len(found)}: {_listed(found)}" if found else "none"


def _listed(found: Sequence[JournalEntry]) -> str:
    shown = ", ".join(str(entry.number) for entry in found[:_NUMBERS_SHOWN])
    more = len(found) - _NUMBERS_SHOWN
    return f"{'number' if len(found) == 1 else 'numbers'} {shown}" + (f" and {more} more" if more > 0 else "")
