"""Differences between the bodies of one situation, place by place.

What depends on the data alone is none: which states, nulls and keys of a map were met. The contract tells: what it
allows at a place may be there on one side only.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mock_oms.conformance.diff.contract_patch import Contract, PlaceInContract
from mock_oms.conformance.diff.difference import Aspect, Difference, above, family, is_member, parent
from mock_oms.conformance.diff.shapes import Field, QuestionShapes
from mock_oms.conformance.finding import Severity

#: Headers that a client of this contract reads.
_READ = {"allow", "content-type", "location", "retry-after", "www-authenticate"}
#: Headers whose words have no order.
_LISTS = {"allow", "vary"}


def surrounding_differences(a: QuestionShapes, b: QuestionShapes) -> Iterator[Difference]:
    """Statuses, headers, wording; nothing where one side has bodies alone."""
    if not a.asked or not b.asked:
        return
    if set(a.statuses) != set(b.statuses):
        yield _statuses(a, b)
        return  # the rest follows from it
    yield from _headers(a, b)
    if a.wording and b.wording and a.wording != b.wording:
        yield _of(Aspect.WORDING, Severity.COSMETIC, "", "The refusal is worded otherwise.", a.wording, b.wording)


def _statuses(a: QuestionShapes, b: QuestionShapes) -> Difference:
    said = [frozenset(map(str, one.statuses)) for one in (a, b)]
    return _of(Aspect.STATUSES, Severity.BREAKING, "status", "The status is another one.", *said)


def _headers(a: QuestionShapes, b: QuestionShapes) -> Iterator[Difference]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPlace:
    """One place on both sides, and what the contract says of it."""

    place: str
    a: Field
    b: Field
    said: PlaceInContract


def body_differences(a: QuestionShapes, b: QuestionShapes, contract: Contract) -> Iterator[Difference]:
    """In the order of the places. Below a place that is gone, new, or of another type nothing more is said."""
    settled: set[str] = set()
    for place in sorted({*a.fields, *b.fields}):
        if settled.isdisjoint(above(place)):
            found = list(_at(place, a, b, contract))
            settled |= {place for one in found if one.aspect in {Aspect.FIELDS, Aspect.TYPES}}
            yield from found


def not_compared(pairs: Iterable[tuple[QuestionShapes, QuestionShapes]]) -> tuple[str, ...]:
    """Places whose inside one side alone showed, in whatever situation: the other had nulls or nothing there."""
    compared, alone = set[str](), set[str]()
    for a, b in pairs:
        compared |= {*a.fields} & {*b.fields}
        alone |= {one for one in {*a.fields} ^ {*b.fields} if not _is_told(parent(one), a, b)}
    alone -= compared
    return tuple(sorted({parent(one) for one in alone if alone.isdisjoint(above(one))}))


def _is_told(holder: str, a: QuestionShapes, b: QuestionShapes) -> bool:
    """Whether a difference below is told already: both have objects to look into, or things of another type."""
    if holder not in a.fields or holder not in b.fields:
        return False
    kinds = a.fields[holder].always, b.fields[holder].always
    return bool(a.objects(holder) and b.objects(holder)) or (all(kinds) and kinds[0].isdisjoint(kinds[1]))


def _at(place: str, a: QuestionShapes, b: QuestionShapes, contract: Contract) -> Iterator[Difference]:
    if place in a.fields and place in b.fields:
        pair = ComparedPlace(place=place, a=a.fields[place], b=b.fields[place], said=contract.at(place))
        if is_member(place):
            yield from _irregular(place, a, b)
        for compare in _COMPARISONS:
            yield from compare(pair)
    elif is_member(place) and a.objects(parent(place)) and b.objects(parent(place)):
        yield _gone(place, a, b) if place in a.fields else _new(place, a, b)


def _gone(place: str, a: QuestionShapes, b: QuestionShapes) -> Difference:
    seen, of = a.fields[place].seen, a.objects(parent(place))
    severity, what = (Severity.BREAKING, "is gone") if seen == of else (Severity.UNKNOWN, "was not met")
    never = f"in none of {b.objects(parent(place))}"
    message = f"{place} {what}."
    return Difference(
        aspect=Aspect.FIELDS, severity=severity, message=message, place=place, a=f"in {seen} of {of}", b=never
    )


def _new(place: str, a: QuestionShapes, b: QuestionShapes) -> Difference:
    seen, of = b.fields[place].seen, b.objects(parent(place))
    return Difference(
        aspect=Aspect.FIELDS,
        severity=Severity.ADDITIVE,
        message=f"{place} is new.",
        place=place,
        a=f"in none of {a.objects(parent(place))}",
        b=f"in {seen} of {of}",
        added=tuple(sorted(b.fields[place].types)),
    )


def _irregular(place: str, a: QuestionShapes, b: QuestionShapes) -> Iterator[Difference]:
    always, seen, of = a.objects(parent(place)), b.fields[place].seen, b.objects(parent(place))
    if a.fields[place].seen == always and seen < of:
        yield Difference(
            aspect=Aspect.FIELDS,
            severity=Severity.BREAKING,
            message=f"{place} is not always there.",
            place=place,
            a=f"in all of {always}",
            b=f"in {seen} of {of}",
        )


def _types(pair: ComparedPlace) -> Iterator[Difference]:
    a, b = pair.a.always, pair.b.always
    if a and b and b - a and not (pair.said and a | b <= pair.said.types):
        yield Difference(
            aspect=Aspect.TYPES,
            severity=Severity.BREAKING,
            message=f"{pair.place} has another type.",
            place=pair.place,
            a=_listed(a),
            b=_listed(b),
            added=tuple(sorted(b)),
        )


def _nulls(pair: ComparedPlace) -> Iterator[Difference]:
    was, can_be = "null" in pair.a.types, "null" in pair.b.types
    if can_be and not was and "null" not in pair.said.types:
        yield Difference(
            aspect=Aspect.NULLS,
            severity=Severity.BREAKING if pair.said else Severity.UNKNOWN,
            message=f"{pair.place} can be null.",
            place=pair.place,
            a=f"null in none of {pair.a.seen}",
            b=f"null in {pair.b.types['null']} of {pair.b.seen}",
            added=("null",),
        )


def _values(pair: ComparedPlace) -> Iterator[Difference]:
    known = pair.said.values
    if not known or pair.a.always != pair.b.always:
        return
    only_a, only_b = pair.a.values - pair.b.values - known, pair.b.values - pair.a.values - known
    for severity, values, side in ((Severity.BREAKING, only_b, "A"), (Severity.UNKNOWN, only_a, "B")):
        if values:
            yield Difference(
                aspect=Aspect.VALUES,
                severity=severity,
                message=f"{pair.place} has a value that {side} does not know: {_listed(values)}.",
                place=pair.place,
                a=_listed(pair.a.values),
                b=_listed(pair.b.values),
                added=tuple(sorted(only_b)),
            )


def _formats(pair: ComparedPlace) -> Iterator[Difference]:
    """Texts of all kinds prove nothing; that all on one side are of a kind which the other never has does."""
    a, b = frozenset(pair.a.formats), frozenset(pair.b.formats)
    if not a or not b or a & b:
        return
    families = {family(one) for one in a} & {family(one) for one in b}
    severity, what = (
        (Severity.COSMETIC, "another number of digits") if families else (Severity.BREAKING, "another format")
    )
    message = f"{pair.place} has {what}."
    yield Difference(
        aspect=Aspect.FORMATS, severity=severity, message=message, place=pair.place, a=_listed(a), b=_listed(b)
    )


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))


_COMPARISONS: tuple[Callable[[ComparedPlace], Iterator[Difference]], ...] = (_types, _nulls, _values, _formats)
