"""Drift: in what a second OMS differs from a first one, by the observations of both, place by place.

What depends on the data alone is no difference: which states, nulls and keys of a map were met. The contract of the
first one decides: what it allows at a place may be there on one side only.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, Self

from mock_oms.conformance.contract_patch import Contract, PlaceInContract, place_patch
from mock_oms.conformance.finding import Finding, Result, Severity
from mock_oms.conformance.shapes import PAGE, PLAN, above, is_member, parent
from mock_oms.conformance.switch_evidence import with_maximum
from mock_oms.contract.ledger import LETTERS
from mock_oms.contract.observation import Observation, PatchOperation, PlaceShape, Situation
from mock_oms.contract.openapi import contract_for
from mock_oms.dataclass import dataclass
from mock_oms.switches import Switches

BREAKING, ADDITIVE, COSMETIC, UNKNOWN = Severity.BREAKING, Severity.ADDITIVE, Severity.COSMETIC, Severity.UNKNOWN


class Aspect(StrEnum):
    """What two answers can differ in, and what the check that is named after it claims; in the order of the report."""

    claim: str

    def __new__(cls, name: str, claim: str) -> Self:
        """A member that is equal to its name."""
        found = str.__new__(cls, name)
        found._value_, found.claim = name, claim
        return found

    SWITCHES = "same-switches", "Both answer alike where the vendor's documents leave it open."
    STATUSES = "same-statuses", "The same question is answered with the same status."
    HEADERS = "same-headers", "The same headers come, and say the same."
    FIELDS = "same-fields", "The same members are there, as regularly."
    TYPES = "same-types", "A member has the same type."
    NULLS = "same-nulls", "What is never null in A is never null in B."
    VALUES = "same-values", "Members that the contract enumerates have values that the other knows."
    FORMATS = "same-formats", "Dates, decimals and addresses are written in the same format."
    WORDING = "same-wording", "Refusals are worded alike."


#: Aspects of what is around a body: compared only where both sides were asked.
_AROUND = frozenset({Aspect.STATUSES, Aspect.HEADERS, Aspect.WORDING})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `a` and `b` are what each side shows, `added` the types that B alone has, by these requests."""

    aspect: Aspect
    severity: Severity
    place: str
    message: str
    a: str
    b: str
    added: tuple[str, ...] = ()
    requests: str = ""


#: How bad a switch is for a client that was written after A. Who follows `next` does not notice how long pages are.
_COSMETIC = {"page_size", "max_page_size", "not_found"}
SWITCH_SEVERITIES = {one.name: COSMETIC if one.name in _COSMETIC else BREAKING for one in fields(Switches)}
#: The situation in which a switch is seen, if not in the list.
_SEEN_IN = {"auth": "no token", "unauthenticated": "no token", "not_found": "no plan"}
#: Switch, aspect, situation and place of what follows from it.
_FOLLOWS = (
    ("list", Aspect.TYPES, ".*", PAGE),
    ("list", Aspect.STATUSES, "no page.*", ".*"),
    ("state", Aspect.TYPES, ".*", rf"{PLAN}\.state"),
    ("commands", Aspect.TYPES, ".*", rf"{PLAN}\.commands"),
    ("dates", Aspect.FORMATS, ".*", ".*"),
    ("auth", Aspect.STATUSES, "(no|wrong) token.*", ".*"),
    ("auth", Aspect.HEADERS, ".*", "header www-authenticate"),
    ("unauthenticated", Aspect.HEADERS, "(no|wrong) token.*", "header content-type"),
    ("not_found", Aspect.WORDING, "(no plan|huge id).*", ".*"),
)


def switches_that_differ(a: Observation, b: Observation) -> Mapping[str, str | int]:
    """The switches that differ, with their value at B; only those that both sides show."""
    here, there = a.shown, b.shown
    both = (name for name in SWITCH_SEVERITIES if name in here and name in there)
    return {name: there[name] for name in both if here[name] != there[name]}


def proposed(a: Observation, b: Observation) -> Mapping[str, str | int]:
    """The switches under which A would answer like B: those that differ, and a maximum that lets the page size in."""
    turned = switches_that_differ(a, b)
    after = {**a.shown, **turned}
    return {**turned, **dict(with_maximum(after).items() - after.items())}


#: Headers that a client of this contract reads.
_READ = {"allow", "content-type", "location", "retry-after", "www-authenticate"}
#: Headers whose words have no order.
_LISTS = {"allow", "vary"}


def _around(a: Situation, b: Situation) -> Iterator[Difference]:
    """Statuses, headers, wording; nothing where one side has bodies alone."""
    if not a.asked or not b.asked:
        return
    if {*a.statuses} != {*b.statuses}:  # the rest follows from it
        sides = _listed(a.statuses, " | "), _listed(b.statuses, " | ")
        yield Difference(Aspect.STATUSES, BREAKING, "status", "The status is another one.", *sides)
        return
    for name in sorted({*a.headers, *b.headers}):
        here, there = a.headers.get(name), b.headers.get(name)
        if here is None or there is None or {*here} != {*there}:
            read = BREAKING if name in _READ else COSMETIC
            severity, what = (ADDITIVE, "is new") if here is None else (read, "is gone")
            if here and there:
                same = {_bare(name, one) for one in here} == {_bare(name, one) for one in there}
                severity, what = (COSMETIC, "is written otherwise") if same else (read, "says something else")
            message, sides = f"The header {name} {what}.", (_listed(here or (), " | "), _listed(there or (), " | "))
            yield Difference(Aspect.HEADERS, severity, f"header {name}", message, *sides)
    if a.wording and b.wording and {*a.wording} != {*b.wording}:
        message = "The refusal is worded otherwise."
        yield Difference(Aspect.WORDING, COSMETIC, "", message, _listed(a.wording, " | "), _listed(b.wording, " | "))


def _bare(name: str, value: str) -> str:
    """A value without its case and blanks, a list without its order."""
    plain = "".join(value.lower().split())
    return ",".join(sorted(plain.split(","))) if name in _LISTS else plain


def _bodies(a: Situation, b: Situation, contract: Contract) -> Iterator[Difference]:
    """In the order of the places. Below a place that is gone, new, or of another type nothing more is said."""
    settled: set[str] = set()
    for place in sorted({*a.fields, *b.fields}):
        if settled.isdisjoint(above(place)):
            here, there = a.fields.get(place), b.fields.get(place)
            of = a.objects(parent(place)), b.objects(parent(place))
            found: list[Difference] = []
            if is_member(place) and (all(of) or (here and there)):
                found += _presence(place, here, there, of)
            if here and there:
                said = contract.at(place)
                found += (*_types(place, here, there, said), *_values(place, here, there, said))
                found += _formats(place, here, there)
            settled |= {one.place for one in found if one.aspect in {Aspect.FIELDS, Aspect.TYPES}}
            yield from found


def _presence(place: str, a: PlaceShape | None, b: PlaceShape | None, of: tuple[int, int]) -> Iterator[Difference]:
    """Whether a member is gone, new, or not always there; `of` is in how many objects it could be on each side."""
    here, there = (f"in {one.seen} of {most}" if one else "" for one, most in zip((a, b), of, strict=True))
    if b is None and a is not None:
        severity, what = (BREAKING, "is gone") if a.seen == of[0] else (UNKNOWN, "was not met")
        yield Difference(Aspect.FIELDS, severity, place, f"{place} {what}.", here, f"in none of {of[1]}")
    elif a is None and b is not None:
        added, never = tuple(sorted(b.types)), f"in none of {of[0]}"
        yield Difference(Aspect.FIELDS, ADDITIVE, place, f"{place} is new.", never, there, added)
    elif a is not None and b is not None and a.seen == of[0] and b.seen < of[1]:
        yield Difference(Aspect.FIELDS, BREAKING, place, f"{place} is not always there.", f"in all of {of[0]}", there)


def _types(place: str, a: PlaceShape, b: PlaceShape, said: PlaceInContract) -> Iterator[Difference]:
    here, there = a.always, b.always
    if here and there and there - here and not (said and here | there <= said.types):
        message = f"{place} has another type."
        yield Difference(Aspect.TYPES, BREAKING, place, message, _listed(here), _listed(there), tuple(sorted(there)))
    if "null" in b.types and "null" not in a.types and "null" not in said.types:
        never, null = f"null in none of {a.seen}", f"null in {b.types['null']} of {b.seen}"
        severity = BREAKING if said else UNKNOWN
        yield Difference(Aspect.NULLS, severity, place, f"{place} can be null.", never, null, ("null",))


def _values(place: str, a: PlaceShape, b: PlaceShape, said: PlaceInContract) -> Iterator[Difference]:
    if not said.values or a.always != b.always:
        return
    here, there = {*a.values}, {*b.values}
    for severity, values, side in ((BREAKING, there - here, "A"), (UNKNOWN, here - there, "B")):
        if new := values - said.values:
            message = f"{place} has a value that {side} does not know: {_listed(new)}."
            yield Difference(Aspect.VALUES, severity, place, message, _listed(here), _listed(there))


def _formats(place: str, a: PlaceShape, b: PlaceShape) -> Iterator[Difference]:
    """Texts of all kinds prove nothing; that all on one side are of a kind which the other never has does."""
    if not a.formats or not b.formats or {*a.formats} & {*b.formats}:
        return
    same = {one.partition("/")[0] for one in a.formats} & {one.partition("/")[0] for one in b.formats}
    severity, what = (COSMETIC, "another number of digits") if same else (BREAKING, "another format")
    yield Difference(Aspect.FORMATS, severity, place, f"{place} has {what}.", _listed(a.formats), _listed(b.formats))


def _listed(words: Iterable[str], between: str = ", ") -> str:
    return between.join(sorted(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What came of it. `answers` are the switches with which a scenario for A answers as B does.

    `contract` holds operations of JSON Patch (RFC 6902) on the contract's document. `notes` say what was not compared.
    """

    results: tuple[Result, ...]
    answers: Mapping[str, str | int]
    contract: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]


def compared(a: Observation, b: Observation, names: tuple[str, str] = ("A", "B")) -> Comparison:
    """In what B differs from A, after the contract under the switches that A shows; `names` are for the notes."""
    switches: Any = a.shown
    contract = Contract(contract_for(Switches(**switches)))
    shared = {name: (one, b.situations[name]) for name, one in a.situations.items() if name in b.situations}
    found = tuple(_differences(a, b, shared, contract))
    answered = sum(bool(one.asked and other.asked) for one, other in shared.values())
    places = sum(len({*one.fields} & {*other.fields}) for one, other in shared.values())
    looked = {
        **dict.fromkeys(Aspect, places),
        **dict.fromkeys(_AROUND, answered),
        Aspect.SWITCHES: len({*a.shown} & {*b.shown}),
    }
    patch: list[PatchOperation] = []
    for one in found:
        if one.aspect in {Aspect.FIELDS, Aspect.TYPES, Aspect.NULLS}:
            changes = place_patch(contract, one.place, one.added, of_member=one.aspect is Aspect.FIELDS)
            patch += [change for change in changes if change not in patch]
    return Comparison(
        results=tuple(
            Result(
                check=aspect,
                claim=aspect.claim,
                findings=tuple(_finding(one, contract) for one in found if one.aspect is aspect),
                looked=looked[aspect],
                unseen=None if looked[aspect] else "nothing that both sides showed could be compared",
            )
            for aspect in Aspect
        ),
        answers=proposed(a, b),
        contract=tuple({"op": one.op, "path": one.path, "value": one.value} for one in patch),
        notes=tuple(_notes((a, b), names, shared)),
    )


def _differences(
    a: Observation, b: Observation, shared: Mapping[str, tuple[Situation, Situation]], contract: Contract
) -> Iterator[Difference]:
    """Each difference once; what follows from a switch is part of the switch's."""
    turned = switches_that_differ(a, b)
    for name, value in turned.items():
        seen = a.situations.get(_SEEN_IN.get(name, "list"))
        message = f"B answers as under the switch `{name}: {value}`."
        severity, place, requests = SWITCH_SEVERITIES[name], f"switch {name}", seen.request if seen else ""
        yield Difference(Aspect.SWITCHES, severity, place, message, str(a.shown[name]), str(value), requests=requests)
    kinds = defaultdict[tuple[str, ...], list[Difference]](list)
    for name, (here, there) in shared.items():
        for one in (*_around(here, there), *_bodies(here, there, contract)):
            # A switch that differs explains it; dates explain only formats of dates and times.
            follows = any(
                switch in turned and re.fullmatch(situation, name) and re.fullmatch(place, one.place)
                for switch, aspect, situation, place in _FOLLOWS
                if one.aspect is aspect and (aspect is not Aspect.FORMATS or one.a.startswith("date"))
            )
            if not follows:
                # Counts differ in each situation; what is around a body is the same finding only if it says the same.
                said = (one.a, one.b) if one.aspect in _AROUND else ()
                kinds[one.aspect, one.place, one.message, *said].append(replace(one, requests=here.request))
    for alike in kinds.values():
        yield replace(alike[0], requests="; ".join(dict.fromkeys(one.requests for one in alike)))


def _finding(found: Difference, contract: Contract) -> Finding:
    """A difference with the mark of what A's contract says, and where that comes from."""
    if found.aspect is Aspect.SWITCHES:
        known = next(one.metadata for one in fields(Switches) if found.place == f"switch {one.name}")
        provenance, source = LETTERS[known["mark"]], str(known["why"])
    else:
        said = contract.at(found.place)
        provenance, source = said.mark("x-provenance", "assumed"), said.mark("x-source", "")
    return Finding(
        check=found.aspect,
        severity=found.severity,
        message=found.message,
        request=found.requests,
        place=found.place,
        expected=found.a,
        found=found.b,
        provenance=provenance,
        source=source,
    )


def _notes(
    sides: tuple[Observation, Observation], names: tuple[str, str], shared: Mapping[str, tuple[Situation, Situation]]
) -> Iterator[str]:
    for side, name in zip(sides, names, strict=True):
        yield from (f"{name}: {note}" for note in side.notes)
    for side, other in zip(sides, names[::-1], strict=True):
        for situation in sorted({*side.situations} - {*shared}):
            yield f"Not compared: '{situation}', of which {other} shows nothing."
    a, b = (side.shown for side in sides)
    if unknown := [name for name in SWITCH_SEVERITIES if name not in a or name not in b]:
        yield f"Switches that were not shown by both sides: {', '.join(unknown)}."
    # Places whose inside one side alone showed, in whatever situation: the other had nulls or nothing there.
    compared, alone = set[str](), set[str]()
    for one, two in shared.values():
        compared |= {*one.fields} & {*two.fields}
        alone |= {place for place in {*one.fields} ^ {*two.fields} if not _is_reported(parent(place), one, two)}
    alone -= compared
    if inside := sorted({parent(place) for place in alone if alone.isdisjoint(above(place))}):
        yield f"Only one side showed what is in: {', '.join(inside)}."


def _is_reported(holder: str, a: Situation, b: Situation) -> bool:
    """Whether a difference below is a finding already: both have objects to look into, or values of another type."""
    if holder not in a.fields or holder not in b.fields:
        return False
    here, there = a.fields[holder].always, b.fields[holder].always
    return bool(a.objects(holder) and b.objects(holder)) or bool(here and there and here.isdisjoint(there))
