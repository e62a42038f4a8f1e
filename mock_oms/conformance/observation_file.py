"""The file of an observation: written whole, read strictly, also as earlier versions wrote it; and how old it may be."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError
from marshmallow import fields as marshmallow

from mock_oms.conformance.switch_evidence import with_maximum
from mock_oms.contract.observation import Observation, PatchOperation, PlaceShape, Situation
from mock_oms.scenarios.document import Document
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.fields import LONGEST, Json, MapOf, Several, Text, parse_duration, schema_for, write_duration
from mock_oms.scenarios.schema import sentences
from mock_oms.scenarios.times import FixedTime
from mock_oms.scenarios.yaml_file import read_yaml
from mock_oms.switches import Switches
from mock_oms.text import ago

_HEAD = """\
# What a visit to an OMS has shown: counts and shapes, and no value of anybody's data. Written by mock-oms contract.
# `mock-oms serve --observed` starts with `answers`, `mock-oms assumptions --observed` shows what it has settled.
"""


_Change = schema_for(PatchOperation, value=Json(allow_none=True))
_TEXTS = Several(Text(), tuple)
_Place = schema_for(PlaceShape, values=_TEXTS)
_Situation = schema_for(
    Situation,
    request=Text(required=True),
    headers=MapOf(keys=Text(), values=_TEXTS),
    wording=_TEXTS,
    fields=MapOf(keys=Text(), values=marshmallow.Nested(_Place)),
)
_Schema = schema_for(
    Observation,
    situations=MapOf(keys=Text(), values=marshmallow.Nested(_Situation)),
    notes=_TEXTS,
    date=FixedTime(required=True),
    answers=marshmallow.Nested(schema_for(Switches, into=dict), required=True),
    patch=Several(marshmallow.Nested(_Change), tuple),
)


def write_observation(observed: Observation) -> str:
    """An observation as YAML; what has its default is left out."""
    return _HEAD + yaml.safe_dump(
        observation_members(observed), allow_unicode=True, sort_keys=False, default_flow_style=None, width=120
    )


def observation_members(observed: Observation) -> dict[str, Any]:
    """An observation as a document of JSON or YAML; what has its default is left out, but for the version."""
    return {"version": observed.version, **_plain(observed)}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        usual = {
            one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in fields(value)
        }
        members = {name: getattr(value, name) for name in usual}
        return {name: _plain(said) for name, said in members.items() if said != usual[name]}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(value) if isinstance(value, str) else value


def read_observation(file: Path) -> Observation:
    """Read and check the file of an observation; a `ScenarioError` names everything that is wrong with it."""
    data, lines = read_yaml(file)
    keys = set(data) if isinstance(data, Mapping) else set()
    scenario, own = ({one.name for one in fields(kind)} for kind in (Document, Observation))
    if keys & (scenario - own) and not keys & (own - scenario):
        message = (
            "this is a scenario, not an observation: serve it with `--scenario FILE`; "
            "an observation is what `mock-oms contract URL --observe FILE` writes."
        )
        raise ScenarioError([lines.problem((), message)])
    return _observation_in({} if data is None else data, lines)


def _observation_in(data: Any, lines: Lines) -> Observation:
    try:
        found: Observation = _Schema().load(data)
    except ValidationError as error:
        said = sentences(error.messages_dict, data)
        raise ScenarioError(lines.problem(place, message) for place, message in said) from None
    if found.switches.page_size > found.switches.max_page_size:
        message = f"is above `max_page_size`, which is {found.switches.max_page_size}."
        raise ScenarioError([lines.problem(("answers", "page_size"), message)])
    return found


#: The kind of file that versions before 0.2 saved.
_PORTRAIT = "mock-oms portrait 2"


class SavedFileError(ValueError):
    """A document that `drift` cannot use; the message says what is wrong with it."""


def saved_members(observed: Observation) -> dict[str, Any]:
    """The document that `drift` saves: an observation without the claims and checks, which `drift` does not make."""
    members = observation_members(observed)
    return {name: said for name, said in members.items() if name not in {"checks", "claims"}}


def saved_observation(document: Any) -> Observation | None:
    """The observation in a document that `drift` saved, in this version or an earlier one; None where it is another.

    :raises SavedFileError: it is one, and was changed by hand so that it cannot be read.
    """
    if not isinstance(document, Mapping):
        return None
    if str(document.get("kind", "")).startswith("mock-oms portrait"):
        if document["kind"] != _PORTRAIT:
            raise SavedFileError(
                f"it says kind: {document['kind']!r}; accepted: {_PORTRAIT!r}. Make it anew with --save-a."
            )
        shown: Any = document.get("shown")
        answers = shown
        with suppress(AttributeError, TypeError, ValueError):  # the schema says what is wrong with them
            answers = with_maximum(shown)
        members: dict[str, Any] = {
            "contract": "0.1.0",
            "date": "1970-01-01T00:00:00Z",  # it had none
            "host": document.get("target"),
            "whole": False,
            "plans": 0,
            "answers": answers,
            "evidence": {name: {"seen": {}} for name in shown} if isinstance(shown, Mapping) else {},
            **{name: {} for name in ("requests", "checks", "claims")},
            **{name: document.get(name) for name in ("situations", "notes")},
        }
    elif "situations" in document and "answers" in document:
        members = {"checks": {}, "claims": {}, **document}
    else:
        return None
    try:
        return _observation_in(members, Lines(file=Path("it"), numbers={}))
    except ScenarioError as error:
        said = "; ".join(f"{problem.path}: {problem.message}" for problem in error.problems[:5])
        raise SavedFileError(f"it cannot be read ({said}). Make it anew with --save-a.") from None


def longest(limit: str) -> timedelta:
    """A longest age as people write it, such as `60d`.

    :raises ValueError: it is none.
    """
    span = parse_duration(limit)
    if span is None or span < timedelta():
        raise ValueError(
            f"The longest age {limit!r} is no duration; accepted: 12h, 60d, up to {write_duration(LONGEST)}."
        )
    return span


def objection_to(file: Path | None, now: datetime, limit: str) -> str | None:
    """Why an observation is not good enough for a longest age such as `60d`, and the way out; None where it is.

    The file may not be there; `now` is the time outside.

    :raises mock_oms.scenarios.errors.ScenarioError: the file is there and cannot be used.
    """
    try:
        span = longest(limit)
    except ValueError as error:
        return str(error)
    never = "The contract was never checked against a real OMS"
    if file is None:
        why = f"{never}: no file of an observation was named"
    elif not file.exists():
        why = f"{never}: there is no {file}"
    elif not (observed := read_observation(file)).is_real:
        why = f"{never}: {file} is an observation of a mock"
    elif not observed.plans:
        why = f"{never} that showed a plan: {file} has seen none"
    elif (age := now - observed.date) < timedelta():
        why = f"{file} is dated {observed.date:%Y-%m-%dT%H:%M:%SZ}, a moment that has not come yet"
    elif age > span:
        said = f"The contract was last checked against a real OMS on {observed.date:%Y-%m-%d}, {ago(age)}"
        why = f"{said}; accepted: {write_duration(span)} at most"
    else:
        return None
    return f"{why}. Run `mock-oms contract URL --observe FILE` against it, and name that file."
