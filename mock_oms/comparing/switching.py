"""Differences that a switch of the mock can make good, and which other differences follow from them."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mock_oms.comparing.difference import Aspect, Difference
from mock_oms.comparing.formats import is_dated
from mock_oms.comparing.places import PAGE, PLAN
from mock_oms.comparing.portrait import Portrait
from mock_oms.findings.finding import Severity
from mock_oms.survey.showing import with_maximum

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


def switched(a: Portrait, b: Portrait) -> Mapping[str, str | int]:
    """The switches that differ, with their value at B; a switch that one side does not show is none of them."""
    both = (name for name in _SEVERITIES if name in a.shown and name in b.shown)
    return {name: b.shown[name] for name in both if a.shown[name] != b.shown[name]}


def proposed(a: Portrait, b: Portrait) -> Mapping[str, str | int]:
    """The switches under which A would answer like B: those that differ, and a maximum that lets the page size in."""
    turned = switched(a, b)
    after = {**a.shown, **turned}
    raised = {name: value for name, value in with_maximum(after).items() if after.get(name) != value}
    return {**turned, **raised}


def switch_differences(a: Portrait, b: Portrait) -> Iterator[Difference]:
    """One for each of them."""
    for name, value in switched(a, b).items():
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


def not_shown(a: Portrait, b: Portrait) -> Iterator[str]:
    """The switches that at least one side gave no sign of."""
    return (name for name in _SEVERITIES if name not in a.shown or name not in b.shown)


def follows(found: Difference, situation: str, turned: Mapping[str, object]) -> bool:
    """Whether a difference is told already by a switch that differs."""
    return any(
        switch in turned and found.aspect is aspect and kind.fullmatch(situation) and place.fullmatch(found.place)
        for switch, aspect, kind, place in _FOLLOWS
        if aspect is not Aspect.FORMATS or is_dated(found.a)
    )
