"""Differences between two situations in what surrounds their bodies: statuses, headers, and how refusals are worded."""

from collections.abc import Iterator

from mock_oms.comparing.difference import Aspect, Difference
from mock_oms.comparing.portrait import Situation
from mock_oms.findings.finding import Severity

#: Headers that a client of this contract reads.
_READ = {"allow", "content-type", "location", "retry-after", "www-authenticate"}
#: Headers whose words have no order.
_LISTS = {"allow", "vary"}


def surrounding_differences(a: Situation, b: Situation) -> Iterator[Difference]:
    """Statuses, headers, wording; nothing where one side has bodies alone."""
    if not a.asked or not b.asked:
        return
    if set(a.statuses) != set(b.statuses):
        yield _statuses(a, b)
        return  # the rest follows from it
    yield from _headers(a, b)
    if a.wording and b.wording and a.wording != b.wording:
        yield _of(Aspect.WORDING, Severity.COSMETIC, "", "The refusal is worded otherwise.", a.wording, b.wording)


def _statuses(a: Situation, b: Situation) -> Difference:
    said = [frozenset(map(str, one.statuses)) for one in (a, b)]
    return _of(Aspect.STATUSES, Severity.BREAKING, "status", "The status is another one.", *said)


def _headers(a: Situation, b: Situation) -> Iterator[Difference]:
    for name in sorted({*a.headers, *b.headers}):
        here, there = a.headers.get(name), b.headers.get(name)
        if here is None:
            yield _header(name, Severity.ADDITIVE, "is new", frozenset(), there or frozenset())
        elif there is None:
            severity = Severity.BREAKING if name in _READ else Severity.COSMETIC
            yield _header(name, severity, "is gone", here, frozenset())
        elif here != there:
            yield _other_value(name, here, there)


def _other_value(name: str, here: frozenset[str], there: frozenset[str]) -> Difference:
    same = {_bare(name, one) for one in here} == {_bare(name, one) for one in there}
    severity = Severity.BREAKING if name in _READ and not same else Severity.COSMETIC
    return _header(name, severity, "is written otherwise" if same else "says something else", here, there)


def _bare(name: str, value: str) -> str:
    """A value without its case and blanks, a list without its order."""
    plain = "".join(value.lower().split())
    return ",".join(sorted(plain.split(","))) if name in _LISTS else plain


def _header(name: str, severity: Severity, what: str, a: frozenset[str], b: frozenset[str]) -> Difference:
    return _of(Aspect.HEADERS, severity, f"header {name}", f"The header {name} {what}.", a, b)


def _of(
    aspect: Aspect, severity: Severity, place: str, message: str, a: frozenset[str], b: frozenset[str]
) -> Difference:
    said = [" | ".join(sorted(one)) for one in (a, b)]
    return Difference(aspect=aspect, severity=severity, place=place, message=message, a=said[0], b=said[1])
