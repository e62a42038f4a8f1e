"""The file of an observation, `oms-observed.yaml`: written whole, read strictly, and refused where it is too old."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError
from marshmallow import fields as marshmallow

from mock_oms.contract.observation import Observation, PatchOperation, ago
from mock_oms.scenarios.derive import schema_for
from mock_oms.scenarios.document import Document
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.fields import LONGEST, Json, Several, TimeField, parse_duration, write_duration
from mock_oms.scenarios.schema import sentences
from mock_oms.scenarios.yaml_file import read_yaml
from mock_oms.switches import Switches

_HEAD = """\
# What a visit to an OMS has shown: counts and shapes, and no value of anybody's data. Written by mock-oms contract.
# `mock-oms serve --observed` starts with `answers`, `mock-oms assumptions --observed` shows what it has settled.
"""


_A_SCENARIO = (
    "this is a scenario, not an observation: serve it with `--scenario FILE`; "
    "an observation is what `mock-oms contract URL --observe FILE` writes."
)


class _Moment(TimeField):
    """A time with its zone."""

    accepted = "a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> datetime:
        found = super()._deserialize(value, *more, **named)
        if found is None:
            raise self.refused(value)
        return found


_Change = schema_for(PatchOperation, value=Json(allow_none=True))
_Schema = schema_for(
    Observation,
    date=_Moment(required=True),
    answers=marshmallow.Nested(schema_for(Switches, into=dict), required=True),
    patch=Several(marshmallow.Nested(_Change), tuple),
)


def write_observation(observed: Observation) -> str:
    """An observation as YAML; what has its default is left out."""
    shown = {
        **_plain(observed),
        "version": observed.version,
        "date": f"{observed.date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    named = {one.name: shown[one.name] for one in fields(Observation) if one.name in shown}
    return _HEAD + yaml.safe_dump(named, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)


def _plain(value: Any) -> Any:
    """A value as YAML has it."""
    if is_dataclass(value) and not isinstance(value, type):
        members = {one.name: (getattr(value, one.name), one) for one in fields(value)}
        return {
            name: _plain(said)
            for name, (said, one) in members.items()
            if said not in (one.default, {}, ()) or _must(one)
        }
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, str) else value


def _must(one: Field[Any]) -> bool:
    """Whether a field stands there whatever it says."""
    return one.name in _Schema().fields and bool(_Schema().fields[one.name].required)


def _is_scenario(data: Any) -> bool:
    """Whether it has keys that a scenario alone has, and none that only an observation has."""
    keys = set(data) if isinstance(data, Mapping) else set()
    scenario, own = ({one.name for one in fields(kind)} for kind in (Document, Observation))
    return bool(keys & (scenario - own)) and not keys & (own - scenario)


def read_observation(file: Path) -> Observation:
    """Read and check the file of an observation; a `ScenarioError` names everything that is wrong with it."""
    data, lines = read_yaml(file)
    if _is_scenario(data):
        raise ScenarioError([lines.problem((), _A_SCENARIO)])
    try:
        found: Observation = _Schema().load({} if data is None else data)
    except ValidationError as error:
        said = sentences(error.messages_dict, data)
        raise ScenarioError(lines.problem(place, message) for place, message in said) from None
    if found.switches.page_size > found.switches.max_page_size:
        message = f"is above `max_page_size`, which is {found.switches.max_page_size}."
        raise ScenarioError([lines.problem(("answers", "page_size"), message)])
    return found


def objection(
    observed: Observation | None, now: datetime, limit: timedelta, *, file: Path | str | None = None
) -> str | None:
    """Why our knowledge is not good enough for a `limit`, as a sentence with the way out; None where it is.

    `file` is where it was looked for, `now` the time outside.
    """
    way_out = "Run `mock-oms contract URL --observe FILE` against it, and name that file"
    if observed is None:
        where = "no file of an observation was named" if file is None else f"there is no {file}"
        return f"The contract was never checked against a real OMS: {where}. {way_out}."
    if not observed.is_real:
        return f"The contract was never checked against a real OMS: {file} is an observation of a mock. {way_out}."
    age = now - observed.date
    if age < timedelta():
        return f"{file} is dated {observed.date:%Y-%m-%dT%H:%M:%SZ}, a moment that has not come yet. {way_out}."
    if age <= limit:
        return None
    said = f"The contract was last checked against a real OMS on {observed.date:%Y-%m-%d}, {ago(age)}"
    return f"{said}; accepted: {write_duration(limit)} at most. {way_out}."


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
    """As `objection`, for a file that may not be there, and a limit as people write it, such as `60d`.

    :raises mock_oms.scenarios.errors.ScenarioError: the file is there and cannot be used.
    """
    try:
        span = longest(limit)
    except ValueError as error:
        return str(error)
    found = read_observation(file) if file is not None and file.exists() else None
    return objection(found, now, span, file=file)
