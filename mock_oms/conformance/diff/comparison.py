"""Two portraits compared: results for a report, and the patches that would make A like B."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from mock_oms.conformance.diff.body_differences import body_differences, not_compared, surrounding_differences
from mock_oms.conformance.diff.contract_patch import Contract, contract_patch
from mock_oms.conformance.diff.difference import CLAIMS, PAGE, PLAN, Aspect, Difference, is_dated
from mock_oms.conformance.diff.shapes import ObservedShapes, QuestionShapes
from mock_oms.conformance.finding import Result, Severity
from mock_oms.conformance.switch_evidence import with_maximum
from mock_oms.switches import Switches

_B, _C = Severity.BREAKING, Severity.COSMETIC
#: How bad it is for a client that was written after A. Whoever follows `next` does not notice how long pages are.
_SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "list": _B,
        "page_size": _C,
        "max_page_size": _C,
        "page_size_parameter": _B,
        "order": _B,
        "state": _B,
        "commands": _B,
        "dates": _B,
        "auth": _B,
        "not_found": _C,
    }
)
#: Where a switch is seen, if not in the list.
_SEEN_IN = {"auth": "no token", "not_found": "no plan"}
#: Switch, aspect, situation and place of what follows from it.
_FOLLOWS = tuple(
    (switch, aspect, re.compile(situation), re.compile(place))
    for switch, aspect, situation, place in (
        ("list", Aspect.TYPES, ".*", PAGE),
        ("list", Aspect.STATUSES, "no page.*", ".*"),
        ("state", Aspect.TYPES, ".*", rf"{PLAN}\.state"),
        ("commands", Aspect.TYPES, ".*", rf"{PLAN}\.commands"),
        ("dates", Aspect.FORMATS, ".*", ".*"),
        ("auth", Aspect.STATUSES, "(no|wrong) token.*", ".*"),
        ("auth", Aspect.HEADERS, ".*", "header www-authenticate"),
        ("not_found", Aspect.WORDING, "(no plan|huge id).*", ".*"),
    )
)


def switches_that_differ(a: ObservedShapes, b: ObservedShapes) -> Mapping[str, str | int]:
    """The switches that differ, with their value at B; a switch that one side does not show is none of them."""
    both = (name for name in _SEVERITIES if name in a.shown and name in b.shown)
    return {name: b.shown[name] for name in both if a.shown[name] != b.shown[name]}


def proposed(a: ObservedShapes, b: ObservedShapes) -> Mapping[str, str | int]:
    """The switches under which A would answer like B: those that differ, and a maximum that lets the page size in."""
    turned = switches_that_differ(a, b)
    after = {**a.shown, **turned}
    raised = {name: value for name, value in with_maximum(after).items() if after.get(name) != value}
    return {**turned, **raised}


def switch_differences(a: ObservedShapes, b: ObservedShapes) -> Iterator[Difference]:
    """One for each of them."""
    for name, value in switches_that_differ(a, b).items():
        yield Difference(
            aspect=Aspect.SWITCHES,
            severity=_SEVERITIES[name],
            message=f"B answers as under the switch `{name}: {value}`.",
            place=place_of(name),
            a=str(a.shown[name]),
            b=str(value),
        )


def place_of(switch: str) -> str:
    """What stands as the place of a finding about a switch."""
    return f"switch {switch}"


def shows(found: Difference, situation: str) -> bool:
    """Whether this kind of question is where a switch is seen."""
    return situation == _SEEN_IN.get(found.place.removeprefix("switch "), "list")


def not_shown(a: ObservedShapes, b: ObservedShapes) -> Iterator[str]:
    """The switches that at least one side gave no sign of."""
    return (name for name in _SEVERITIES if name not in a.shown or name not in b.shown)


def follows(found: Difference, situation: str, turned: Mapping[str, object]) -> bool:
    """Whether a difference is told already by a switch that differs."""
    return any(
        switch in turned and found.aspect is aspect and kind.fullmatch(situation) and place.fullmatch(found.place)
        for switch, aspect, kind, place in _FOLLOWS
        if aspect is not Aspect.FORMATS or is_dated(found.a)
    )


#: The marks of switches in the words of the contract.
_MARKS = {"a": "documented", "b": "inferred", "c": "assumed"}
#: A difference, and the questions that show it.
ReportedDifferences = tuple[Difference, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What came of it. `answers` are the switches with which a scenario for A answers as B does.

    `contract` holds operations of JSON Patch (RFC 6902) on the contract's document. `notes` say what was not compared.
    """

    results: tuple[Result, ...]
    answers: Mapping[str, str | int]
    contract: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]


def compared(a: ObservedShapes, b: ObservedShapes, contract: Contract) -> Comparison:
    """In what B differs from A; `contract` is that of A, which says what may differ with the data."""
    told = tuple(_told(a, b, contract))
    looked = _looked(a, b)
    return Comparison(
        results=tuple(_result(aspect, told, looked[aspect], contract) for aspect in CLAIMS),
        answers=proposed(a, b),
        contract=contract_patch((one for one, _ in told), contract),
        notes=tuple(_notes(a, b)),
    )


def _told(a: ObservedShapes, b: ObservedShapes, contract: Contract) -> Iterator[ReportedDifferences]:
    """Each difference once, though list and detail may both show it; what follows from a switch is told by it."""
    for one in switch_differences(a, b):
        yield one, tuple(situation.request for name, situation in a.situations.items() if shows(one, name))
    turned, shown = switches_that_differ(a, b), defaultdict[tuple[str, ...], list[tuple[Difference, str]]](list)
    for name, here, there in _shared(a, b):
        for one in _between(here, there, contract):
            if not follows(one, name, turned):
                shown[one.aspect, one.place, one.message, *_words_of(one)].append((one, here.request))
    for found in shown.values():
        yield found[0][0], tuple(dict.fromkeys(request for _, request in found))


def _words_of(found: Difference) -> tuple[str, ...]:
    """Of counts there are others in each situation; what surrounds a body is the same finding only if it says so."""
    return (found.a, found.b) if found.aspect in {Aspect.STATUSES, Aspect.HEADERS, Aspect.WORDING} else ()


def _shared(a: ObservedShapes, b: ObservedShapes) -> Iterator[tuple[str, QuestionShapes, QuestionShapes]]:
    return ((name, one, b.situations[name]) for name, one in a.situations.items() if name in b.situations)


def _between(a: QuestionShapes, b: QuestionShapes, contract: Contract) -> Iterator[Difference]:
    yield from surrounding_differences(a, b)
    yield from body_differences(a, b, contract)


def _result(aspect: Aspect, told: tuple[ReportedDifferences, ...], looked: int, contract: Contract) -> Result:
    findings = []
    for one, requests in told:
        if one.aspect is aspect:
            provenance, source = _provenance(one, contract)
            findings.append(one.finding("; ".join(requests), provenance=provenance, source=source))
    unseen = None if looked else "nothing that both sides showed could be compared"
    return Result(check=aspect, claim=CLAIMS[aspect], findings=tuple(findings), looked=looked, unseen=unseen)


def _provenance(found: Difference, contract: Contract) -> tuple[str, str]:
    """The mark of what A's contract says, and where that comes from."""
    if found.aspect is Aspect.SWITCHES:
        switch = next(one for one in fields(Switches) if found.place == place_of(one.name))
        return _MARKS[switch.metadata["mark"]], str(switch.metadata["why"])
    said = contract.at(found.place)
    return said.provenance, said.source


def _looked(a: ObservedShapes, b: ObservedShapes) -> Mapping[Aspect, int]:
    """How many switches, situations or places were there to compare."""
    shared = [(one, other) for _, one, other in _shared(a, b)]
    asked = sum(bool(one.asked and other.asked) for one, other in shared)
    places = sum(len({*one.fields} & {*other.fields}) for one, other in shared)
    counted = dict.fromkeys(CLAIMS, places) | dict.fromkeys((Aspect.STATUSES, Aspect.HEADERS, Aspect.WORDING), asked)
    return counted | {Aspect.SWITCHES: len({*a.shown} & {*b.shown})}


def _notes(a: ObservedShapes, b: ObservedShapes) -> Iterator[str]:
    yield from (f"{side.target}: {note}" for side in (a, b) for note in side.notes)
    for side, other in ((a, b), (b, a)):
        for name in sorted({*side.situations} - {*other.situations}):
            yield f"Not compared: '{name}', of which {other.target} shows nothing."
    if unknown := list(not_shown(a, b)):
        yield f"Switches that were not shown by both sides: {', '.join(unknown)}."
    if inside := not_compared((one, other) for _, one, other in _shared(a, b)):
        yield f"Only one side showed what is in: {', '.join(inside)}."
