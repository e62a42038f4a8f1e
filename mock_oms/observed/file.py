"""The file of an observation, `oms-observed.yaml`: written whole, read strictly."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError
from marshmallow import fields as marshmallow

from mock_oms.answers import Answers
from mock_oms.observed.document import Change, Observed
from mock_oms.scenario.derive import schema_for
from mock_oms.scenario.document import Document
from mock_oms.scenario.fields import Json, Several
from mock_oms.scenario.problems import ScenarioError
from mock_oms.scenario.sentences import sentences
from mock_oms.scenario.times import Instant
from mock_oms.scenario.yaml_file import read_yaml

_HEAD = """\
# What a visit to an OMS has shown: counts and shapes, and no value of anybody's data. Written by mock-oms contract.
# `mock-oms serve --observed` starts with `answers`, `mock-oms assumptions --observed` shows what it has settled.
"""


_A_SCENARIO = (
    "this is a scenario, not an observation: serve it with `--scenario FILE`; "
    "an observation is what `mock-oms contract URL --observe FILE` writes."
)


class _Moment(Instant):
    """A time with its zone."""

    accepted = "a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> datetime:  # noqa: ANN401  marshmallow's signature
        found = super()._deserialize(value, *more, **named)
        if found is None:
            raise self.refused(value)
        return found


_Change = schema_for(Change, value=Json(allow_none=True))
_Schema = schema_for(
    Observed,
    date=_Moment(required=True),
    answers=marshmallow.Nested(schema_for(Answers, into=dict), required=True),
    patch=Several(marshmallow.Nested(_Change), tuple),
)


def write_observed(observed: Observed) -> str:
    """An observation as YAML; what has its default is left out."""
    shown = {
        **_plain(observed),
        "version": observed.version,
        "date": f"{observed.date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    named = {one.name: shown[one.name] for one in fields(Observed) if one.name in shown}
    return _HEAD + yaml.safe_dump(named, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever a field holds
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


def _is_scenario(data: Any) -> bool:  # noqa: ANN401  where YAML enters
    """Whether it has keys that a scenario alone has, and none that only an observation has."""
    keys = set(data) if isinstance(data, Mapping) else set()
    scenario, own = ({one.name for one in fields(kind)} for kind in (Document, Observed))
    return bool(keys & (scenario - own)) and not keys & (own - scenario)


def read_observed(file: Path) -> Observed:
    """Read and check the file of an observation; a `ScenarioError` names everything that is wrong with it."""
    data, lines = read_yaml(file)
    if _is_scenario(data):
        raise ScenarioError([lines.problem((), _A_SCENARIO)])
    try:
        found: Observed = _Schema().load({} if data is None else data)
    except ValidationError as error:
        said = sentences(error.messages_dict, data)
        raise ScenarioError(lines.problem(place, message) for place, message in said) from None
    if found.switches.page_size > found.switches.max_page_size:
        message = f"is above `max_page_size`, which is {found.switches.max_page_size}."
        raise ScenarioError([lines.problem(("answers", "page_size"), message)])
    return found
