"""Whether requests were made as a test expects, and which came nearest where they were not."""

from collections.abc import Iterable, Sequence
from dataclasses import field, fields, replace
from datetime import datetime, timedelta

from mock_oms.dataclass import dataclass
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation

_NEAREST = 3
_NUMBERS_SHOWN = 8
#: What requests of one operation alone have.
ONLY_OF = {"plan": Operation.DETAIL, "state": Operation.DETAIL, "page": Operation.LIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPattern:
    """What a request must have; at least one thing is said. Names are those of `JournalEntry`.

    :raises ValueError: nothing is said, or what no request has at once.
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
        kinds = {self.operation, *(kind for name, kind in ONLY_OF.items() if name in self.criteria)} - {None}
        if len(kinds) > 1:  # of which there are never too many
            raise ValueError("No request is of this kind: plan and state are said of a detail, page of a list.")

    @property
    def criteria(self) -> dict[str, object]:
        """What is said, by name."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in said.items() if value is not None}

    def differences(self, entry: JournalEntry) -> tuple[str, ...]:
        """A clause for everything that a request has otherwise; none where it matches."""
        found = ((name, getattr(entry, name), value) for name, value in self.criteria.items())
        return tuple(
            f"{name} is {'none' if actual is None else actual}, not {value}"
            for name, actual, value in found
            if actual != value
        )

    def may_match(self, entry: JournalEntry) -> bool:
        """Whether a request that is under way may yet match: its status and the state that it shows are not known."""
        known = {name: value for name, value in self.criteria.items() if name not in {"status", "state"}}
        return all(getattr(entry, name) == value for name, value in known.items())

    def words(self, number: int = 1) -> str:
        """So many of the requests that are meant, as a noun with its attributes."""
        noun = " ".join(filter(None, (self.method, self.operation, "request" if number == 1 else "requests")))
        said = ((_ATTRIBUTES[name], value) for name, value in self.criteria.items() if name in _ATTRIBUTES)
        return noun + "".join(f" {attribute} {value}" for attribute, value in said)


_ATTRIBUTES = {"plan": "of plan", "page": "for page", "status": "with status", "state": "in state"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often; `exactly` stands alone.

    :raises ValueError: the numbers contradict each other, one is negative, or any number of times is enough.
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
        if not self.low and self.high is None:
            raise ValueError("A count of any number of requests always holds; accepted: exactly, max, or a min from 1.")

    @property
    def low(self) -> int:
        """The fewest that are enough."""
        return (self.min or 0) if self.exactly is None else self.exactly

    @property
    def high(self) -> int | None:
        """The most that are allowed; None: there is no limit."""
        return self.max if self.exactly is None else self.exactly

    def words(self) -> str:
        """The count as it stands before a noun."""
        if self.high == 0:
            return "no"
        if self.high is None:
            return f"at least {self.low}"
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

    Without a pattern `found` is how many steps of the order occurred. `evicted` is how many requests the journal has lost,
    `under_way` how many that may match have no answer yet.
    """

    ok: bool
    reason: str
    found: int
    nearest: tuple[NearMiss, ...] = ()
    evicted: int = 0
    under_way: int = 0


def verified(
    verification: Verification,
    entries: Sequence[JournalEntry],
    now: datetime,
    evicted: int,
    *,
    evicted_until: datetime | None = None,
    under_way: Sequence[JournalEntry] = (),
) -> VerificationResult:
    """Judge the entries of a journal, oldest first, at this world time.

    It lost `evicted` older ones, none of a time after `evicted_until`; those `under_way` have no answer yet. Either may be
    of what is meant, so an upper bound holds only if it holds with all of them, and no order holds without those lost.
    """
    since = None if verification.within is None else now - verification.within
    considered = [entry for entry in entries if since is None or since <= entry.at]
    lost = evicted if since is None or evicted_until is None or since <= evicted_until else 0
    # What the entries show, and whether it stays so whatever the requests are that they do not show.
    judged: list[tuple[VerificationResult, bool]] = []
    if verification.pattern is not None:
        counted, high = _counted(verification.pattern, verification, considered), verification.count.high
        most = counted.found + lost + sum(map(verification.pattern.may_match, under_way))
        judged.append((counted, high is None or most <= high))
    if verification.order and all(result.ok and stays for result, stays in judged):
        judged.append((_ordered(verification.order, considered), not lost))
    last, stays = judged[-1]
    reasons = [result.reason for result, _ in judged]
    patterns = [*filter(None, [verification.pattern]), *verification.order]
    waits = [entry for entry in under_way if any(one.may_match(entry) for one in patterns)]
    if waits:
        are = "request that may match is" if len(waits) == 1 else "requests that may match are"
        reasons.append(f"{len(waits)} {are} under way, without an answer: {_numbers(waits)}.")
    if evicted:
        noun = "request was" if evicted == 1 else "requests were"
        reasons.append(f"{evicted} older {noun} evicted from the journal and not looked at.")
    if lost and last.ok and not stays:
        reasons.append("Clear the requests before what is verified, or say `within`.")
    return replace(
        last,
        ok=last.ok and stays,
        reason=" ".join(reasons),
        found=judged[0][0].found,
        evicted=evicted,
        under_way=len(waits),
    )


def _counted(
    pattern: RequestPattern, verification: Verification, entries: Sequence[JournalEntry]
) -> VerificationResult:
    low, high = verification.count.low, verification.count.high
    found = [entry for entry in entries if not pattern.differences(entry)]
    too_many = high is not None and len(found) > high
    ok = low <= len(found) and not too_many
    noun = f"{verification.count.words()} {pattern.words(low if high is None else high)}"
    within = "" if verification.within is None else f" within {verification.within.total_seconds():g}s of world time"
    shown = f"{len(found)}: {_numbers(found)}" if found else "none"
    return VerificationResult(
        ok=ok,
        reason=f"expected {noun}{within}, found {shown}.",
        found=len(found),
        nearest=() if ok or too_many else _nearest(pattern, entries),
    )


def _ordered(order: tuple[RequestPattern, ...], entries: Sequence[JournalEntry]) -> VerificationResult:
    steps: list[JournalEntry] = []
    rest = iter(entries)
    for pattern in order:
        found = next((entry for entry in rest if not pattern.differences(entry)), None)
        if found is None:
            after = f" after number {steps[-1].number}" if steps else ""
            step = f"step {len(steps) + 1} of {len(order)} of the order"
            later = [entry for entry in entries if not steps or entry.number > steps[-1].number]
            reason = f"expected one {pattern.words()}{after} ({step}), found none."
            return VerificationResult(ok=False, reason=reason, found=len(steps), nearest=_nearest(pattern, later))
        steps.append(found)
    reason = f"the {len(order)} steps of the order were found: {_numbers(steps)}."
    return VerificationResult(ok=True, reason=reason, found=len(steps))


def _nearest(pattern: RequestPattern, entries: Iterable[JournalEntry]) -> tuple[NearMiss, ...]:
    near = (NearMiss(entry=entry, differs=pattern.differences(entry)) for entry in entries)
    others = sorted((one for one in near if one.differs), key=lambda one: (len(one.differs), -one.entry.number))
    return tuple(others[:_NEAREST])


def _numbers(found: Sequence[JournalEntry]) -> str:
    shown = ", ".join(str(entry.number) for entry in found[:_NUMBERS_SHOWN])
    more = len(found) - _NUMBERS_SHOWN
    return f"{'number' if len(found) == 1 else 'numbers'} {shown}" + (f" and {more} more" if more > 0 else "")
