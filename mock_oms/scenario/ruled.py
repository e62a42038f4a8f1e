"""A schema whose keys have rules in common, which it tells together with all else that is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from mock_oms.faults.objections import Objection, Rule
from mock_oms.scenario.derive import Strict


class Ruled(Strict):
    """A mapping with a `rule` about which keys were said. None of its values may be nothing: that key is left out."""

    rule: ClassVar[Rule]

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Take no null, whatever the dataclass has where nothing was said."""
        super().on_bind_field(field_name, field_obj)
        field_obj.allow_none = False

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def hold_the_rule(self, data: Mapping[str, Any], original: Any, **_: Any) -> None:
        """Hold the rule against what was said, also against values that could not be read."""
        if isinstance(original, Mapping):
            found = list(type(self).rule({key: data.get(key, value) for key, value in original.items()}))
            if found:
                raise ValidationError(_by_place(found))


def _by_place(objections: Iterable[Objection]) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    for keys, sentence in objections:
        at = errors
        for key in keys:
            at = at.setdefault(key, {})
        at.setdefault("_schema", []).append(sentence)
    return errors
