"""Schemas made by code: of a name and its fields, or of a dataclass that the client reads."""

import types
from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from marshmallow import fields

from mock_oms.api.control.field_types import Moment, Name, Span
from mock_oms.contract.control_bodies import MANY, key_of
from mock_oms.rendering.encoding import AnyField, AnyList
from mock_oms.scenarios.fields import Choice, Rate, StrictSchema, Text, Whole, Word, YesNo

_FIELDS: Mapping[Any, type[AnyField]] = {
    "word": Word,
    "name": Name,
    "duration": Span,
    "rate": Rate,
    str: Text,
    bool: YesNo,
    float: fields.Float,
    datetime: Moment,
}
#: The schemas of the dataclasses that stand inside others, by dataclass.
_DERIVED: dict[Any, type[StrictSchema]] = {}


def schema(
    name: str, doc: str | None, /, base: type[StrictSchema] = StrictSchema, **members: Any
) -> type[StrictSchema]:
    """A schema of a name with these fields and other members; `doc` describes it."""
    return type(name, (base,), {"__doc__": doc, **members})


def derived(
    kind: type[Any], name: str, /, base: type[StrictSchema] = StrictSchema, omit: tuple[str, ...] = (), **special: Any
) -> type[StrictSchema]:
    """The schema of a dataclass: one required field for each of its fields; `special` ones replace or add to them."""
    hints = get_type_hints(kind, include_extras=True)
    members = {
        one.name: special.pop(one.name, None) or _field(hints[one.name], data_key=key_of(one.name))
        for one in fields_of(kind)
        if one.name not in {*omit, *base._declared_fields}  # noqa: SLF001  marshmallow has no public name for it
    }
    made = schema(name, kind.__doc__, base=base, **special, **members)
    return _DERIVED.setdefault(kind, made) if base is StrictSchema and not omit else made


def _field(hint: Any, **more: Any) -> AnyField:
    more = {"required": True, **more}
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _field(inner[0], **more, allow_none=True)
    if origin is tuple:
        return fields.List(_field(inner[0]), **more)
    if is_dataclass(hint):
        return fields.Nested(_DERIVED[hint], **more)
    mark = inner[1] if origin is Annotated else (0, MANY) if hint is int else hint
    if isinstance(mark, tuple):
        return Whole(*mark, **more)
    if origin is Literal or (isinstance(mark, type) and issubclass(mark, StrEnum)):
        return Choice(inner if origin is Literal else mark, **more)
    return _FIELDS[mark](**more)


def many(kind: type[StrictSchema], **more: Any) -> AnyList:
    """A required field with a list of what a schema describes."""
    return fields.List(fields.Nested(kind), required=True, **more)


def one_of(kind: type[StrictSchema]) -> fields.Nested:
    """A required field with what a schema describes."""
    return fields.Nested(kind, required=True)
