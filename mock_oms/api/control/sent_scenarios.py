"""Scenarios that are sent and not named: their place in a body, and their errors by their paths in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from mock_oms.api.control.errors import MAX_ERRORS, InvalidFieldsError
from mock_oms.api.control.field_types import PatternWord
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.fields import Checked, MapOf, StrictSchema, Text, Word
from mock_oms.scenarios.profiles import FOLDER
from mock_oms.text import shortened

#: Bytes of a name; the longest that file systems take are 255, with what we add.
_MOST_OF_NAME = 200


class PlainName(PatternWord):
    """A name that a file could have, of a scenario or a profile that is sent."""

    accepted = "1 to 100 characters as in the name of a file: no slash or sign such as : * ?, no dot or blank first"
    shape: Mapping[str, Any] = {
        "type": "string",
        "pattern": r'^(?![. ])[^\u0000-\u001f/\\:*?"<>|\u007f-\u009f]{1,100}$',
        "description": accepted,
    }

    def _accepts(self, value: Any) -> bool:
        return super()._accepts(value) and len(value.encode()) <= _MOST_OF_NAME


class ScenarioField(Checked):
    """The name of a scenario, or a scenario itself, which is read where it is known what its names refer to."""

    accepted = "the name of a scenario, or a scenario as a file has it"
    shape: Mapping[str, Any] = {
        "anyOf": [
            dict(Word.shape),
            {
                "type": "object",
                "description": "a scenario as a file has it, as JSON (`mock-oms scenario schema` prints its schema)",
                "properties": {"description": {"type": "string"}},
                "required": ["description"],
                "additionalProperties": {},
            },
        ],
        "description": accepted,
    }

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, Mapping) or Word()._accepts(value)  # noqa: SLF001  of the same kind


#: What stands in a scenario or a profile is not looked at here: it may be nested very deeply.
_WHOLE = MapOf(keys=Text(), values=fields.Raw(allow_none=True))
_PROFILES = MapOf(keys=PlainName(), values=_WHOLE)


class SentScenario(StrictSchema):
    """A scenario, named or sent; one that is sent may have a name (else it is `inline`), and profiles of its own."""

    scenario = ScenarioField()
    scenario_name = PlainName()
    profiles = _PROFILES

    @validates_schema
    def _is_sent(self, data: Mapping[str, Any], **_: Any) -> None:
        alone = [key for key in ("scenario_name", "profiles") if key in data]
        if alone and not isinstance(data.get("scenario"), Mapping):
            raise ValidationError({key: ["goes with a scenario that is sent, not named."] for key in alone})


class WholeOrigin(StrictSchema):
    """A scenario, and the digest of what it says; one that was sent stands here whole, with its profiles."""

    name = Word(required=True)
    digest = Word(required=True)
    document = _WHOLE
    profiles = _PROFILES

    @validates_schema
    def _has_a_plain_name(self, data: Mapping[str, Any], **_: Any) -> None:
        if "document" in data:
            try:
                PlainName().deserialize(data["name"])
            except ValidationError as error:
                raise ValidationError({"name": error.messages}) from None


@contextmanager
def errors_in(place: str, before: str = "") -> Iterator[None]:
    """Name errors of a scenario that was sent by their paths in the body: it stands at `place`, its profiles `before` theirs."""
    try:
        yield
    except ScenarioError as error:
        found: dict[str, list[str]] = {}
        for one in error.problems[:MAX_ERRORS]:
            at_profile = one.file.startswith(f"{FOLDER}/") and one.line is None
            path = before + one.file.replace("/", ".", 1) if at_profile else place
            message = str(one) if one.line else one.message  # of a file that the server has
            found.setdefault(shortened(f"{path}.{one.path}".rstrip(".")), []).append(message)
        if error.problems[MAX_ERRORS:]:
            found.setdefault(place, []).append(f"{len(error.problems) - MAX_ERRORS} more errors are not told.")
        raise InvalidFieldsError(found) from error
