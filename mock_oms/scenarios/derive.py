"""marshmallow schemas derived from dataclasses: they refuse unknown keys and name every error at once."""

import dataclasses
import types
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validates_schema

from mock_oms.domain.events import Unsaid
from mock_oms.scenarios.fields import (
    NULL,
    Brief,
    Choice,
    Duration,
    MapOf,
    Measure,
    Several,
    Whole,
    Word,
    YesNo,
)
from mock_oms.text import nearest_clause
from mock_oms.traffic.faults.fault import ObjectionRule

#: Unknown keys of one mapping that are named; thousands would take seconds, and nobody would read them.
MAX_UNKNOWN = 20
_PLAIN: Mapping[Any, type[fields.Field[Any]]] = {str: Word, bool: YesNo, timedelta: Duration}
_RANGED: Mapping[Any, type[Any]] = {int: Whole, float: Measure, timedelta: Brief}


class NameOrNumber(Word):
    """A name or a number, such as a command's slug or id."""

    accepted = "a name, or a number"
    shape: Mapping[str, Any] = {"anyOf": [Word.shape, {"type": "integer"}], "description": accepted}

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return super()._deserialize(value, *more, **named)


class StrictSchema(Schema):
    """A schema that refuses unknown keys and loads into the dataclass it was derived from.

    `also` is what its fields cannot say of it in JSON Schema.
    """

    kind: type[Any] = dict
    also: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        """Unknown keys are errors."""

        unknown = RAISE

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_: Any) -> None:  # noqa: ARG002
        """Say of unknown keys, in the order in which they stand, which known one is nearest."""
        known = [field.data_key or name for name, field in self.fields.items()]
        messages, keys = error.messages_dict, data if isinstance(data, Mapping) else ()
        unknown = [key for key in keys if messages.get(key) == [self.error_messages["unknown"]]]
        for key in unknown:
            del messages[key]
        for key in unknown[:MAX_UNKNOWN]:
            messages[str(key)] = [f"unknown key{nearest_clause(str(key), known)}."]
        if unknown[MAX_UNKNOWN:]:
            messages.setdefault("_schema", []).append(f"{len(unknown) - MAX_UNKNOWN} more unknown keys.")

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002  marshmallow's signature
        """Do not advise leaving out what is required."""
        if field_obj.required:
            field_obj.error_messages = {**field_obj.error_messages, "null": NULL}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The loaded value itself."""
        return self.kind(**data)


class RuledSchema(StrictSchema):
    """A mapping with a `rule` about which keys are there. None of its values may be null: that key is left out."""

    rule: ClassVar[ObjectionRule] = staticmethod(lambda _: iter(()))

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Take no null, whatever the default in the dataclass is."""
        super().on_bind_field(field_name, field_obj)
        field_obj.allow_none = False

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_rule(self, data: Mapping[str, Any], original: Any, **_: Any) -> None:
        """Apply the rule to the keys that are there, also to values that could not be read."""
        errors: dict[str, Any] = {}
        given = {key: data.get(key, value) for key, value in original.items()} if isinstance(original, Mapping) else {}
        for keys, sentence in type(self).rule(given) if isinstance(original, Mapping) else ():
            at = errors
            for key in keys:
                at = at.setdefault(key, {})
            at.setdefault("_schema", []).append(sentence)
        if errors:
            raise ValidationError(errors)


def schema_for(
    kind: type[Any],
    *,
    omit: Collection[str] = (),
    into: type[Any] | None = None,
    rule: ObjectionRule | None = None,
    also: Mapping[str, Any] | None = None,
    base: type[StrictSchema] = StrictSchema,
    **special: fields.Field[Any],
) -> type[StrictSchema]:
    """The schema of a dataclass: a field for each of its fields, but `omit`; `special` fields replace derived ones.

    It loads `into` another type where one is given. With a `rule`, and what `also` says of it in JSON Schema, it is a
    `RuledSchema`.
    """
    hints = get_type_hints(kind, include_extras=True)
    members: dict[str, Any] = {}
    for one in dataclasses.fields(kind):
        if one.init and one.name not in omit:
            required = one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
            members[one.name] = special.get(one.name) or field_for(
                hints[one.name], required=required, data_key=one.metadata.get("key")
            )
    if rule is not None:
        base = RuledSchema
        members |= {"rule": staticmethod(rule), "also": also or {}}
    return type(f"{kind.__name__}Schema", (base,), {**members, "kind": into or kind})


_nested = cache(schema_for)


def field_for(hint: Any, **more: Any) -> fields.Field[Any]:
    """The field for a type: a plain one, a range of numbers or spans, a choice, a collection or a dataclass."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint](**more)
    if origin is Annotated:
        return _RANGED[inner[0]](*inner[1], **more)  # type: ignore[no-any-return]
    if origin in {Union, types.UnionType}:
        rest = [one for one in inner if one not in {type(None), Unsaid}]
        if set(rest) == {str, int}:
            return NameOrNumber(**more)
        return field_for(rest[0], allow_none=type(None) in inner, **more)
    if origin is Literal:
        return Choice(inner, **more)
    if origin is None:
        return Choice(hint, **more) if issubclass(hint, StrEnum) else fields.Nested(_nested(hint), **more)
    if issubclass(origin, Mapping):
        return MapOf(keys=field_for(inner[0]), values=field_for(inner[1]), **more)
    return Several(field_for(inner[0]), origin, **more)
