"""What to expect of an OMS whose answers speak for other switches: which they are, and the command line for them."""

import shlex
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from mock_oms.answers import Answers
from mock_oms.survey.reading import contents_of
from mock_oms.survey.showing import counted, shown, with_maximum
from mock_oms.survey.survey import Survey

#: Values that cannot be told from what their answers show.
_ALSO: Mapping[tuple[str, object], frozenset[object]] = MappingProxyType(
    {
        ("auth", "both"): frozenset({"token", "bearer"}),
        ("order", "unstable"): frozenset({"-id", "id", "modified_date"}),
    }
)


def others(survey: Survey, expected: Answers) -> Mapping[str, str | int]:
    """The switches that the answers of a visit speak for and that are not those expected, in their order."""
    seen = shown(counted(contents_of(survey)))
    told = {name: value for name, value in seen.items() if not _meets(value, name, expected)}
    wanted = with_maximum({**_values(expected), **told})
    return {name: value for name, value in wanted.items() if value != getattr(expected, name)}


def advice(survey: Survey, expected: Answers) -> str | None:
    """Which switches these are, with the command line that expects them; None where there are none."""
    found = others(survey, expected)
    if not found:
        return None
    said = ", ".join(f"{name}={value} (expected: {getattr(expected, name)})" for name, value in found.items())
    wanted = {**_values(expected), **found}
    turned = (f"{name}={value}" for name, value in wanted.items() if name in found or value != getattr(Answers(), name))
    words = ["mock-oms", "contract", survey.target, *(word for one in turned for word in ("--switch", one))]
    file = "write them down with --observe FILE, and say --observed FILE"
    return f"The answers speak for other switches: {said}. Expect them: {shlex.join(words)}; or {file}."


def _meets(value: object, name: str, expected: Answers) -> bool:
    wanted = getattr(expected, name)
    return value == wanted or value in _ALSO.get((name, wanted), ())


def _values(answers: Answers) -> Mapping[str, str | int]:
    return {one.name: getattr(answers, one.name) for one in fields(Answers)}
