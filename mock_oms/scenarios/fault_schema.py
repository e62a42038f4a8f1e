"""Faults and limits as JSON: the schemas that read them, for files and the control API, and how they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any, ClassVar

from marshmallow import ValidationError, post_load
from marshmallow import fields as kinds

from mock_oms.scenarios.derive import RuledSchema, StrictSchema, field_for, schema_for
from mock_oms.scenarios.fields import Brief, Checked, Choice, Pair, write_duration
from mock_oms.traffic.faults.fault import (
    DISTRIBUTIONS,
    EFFECTS,
    LIST_SHAPES,
    PARAMETERS,
    STATUSES,
    Delay,
    Effect,
    Fault,
    Lognormal,
    Normal,
    Objection,
    Pause,
    PauseOrNone,
    Shape,
    When,
    delay_objections,
    effect_objections,
    fault_objections,
)
from mock_oms.traffic.faults.limits import EXPIRIES, Expiry, Limits, expiry_objections

_Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalSection(Normal):
    """A normal distribution; what falls below zero is zero. Its `max` may stand here or beside it."""

    max: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalSection(Lognormal):
    """A lognormal distribution: half of the delays are below the median. Its `max` may stand here or beside it."""

    max: Pause | None = None


#: What may hold the `max` of a delay, and what it is read into.
_WITH_MAX: Mapping[str, tuple[type[Any], type[Any]]] = {
    "normal": (NormalSection, Normal),
    "lognormal": (LognormalSection, Lognormal),
}


def _inner_max(given: Mapping[str, Any]) -> timedelta | None:
    """The `max` inside a distribution."""
    inside = (given[key].max for key, (section, _) in _WITH_MAX.items() if isinstance(given.get(key), section))
    return next(inside, None)


def _delay_rule(given: Mapping[str, Any]) -> Iterator[Objection]:
    most = _inner_max(given)
    if most and "max" in given:
        yield ("max",), "stands inside the distribution too; accepted: one of them."
    yield from delay_objections({"max": most, **given} if most else given)


class _DelayBase(RuledSchema):
    rule = _delay_rule
    also: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": [key]} for key in DISTRIBUTIONS],
        "allOf": [{"not": {"required": [key, "max"], "properties": {key: {"required": ["max"]}}}} for key in _WITH_MAX],
    }

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Delay:
        """The delay, with its `max` beside the distribution."""
        most = _inner_max(data)
        for key, (_section, plain) in _WITH_MAX.items():
            if key in data:
                data[key] = plain(**{one.name: getattr(data[key], one.name) for one in fields(plain)})
        return Delay(**(data | {"max": most} if most else data))


class DelayField(Checked):
    """A delay: a span that is always the same, or a mapping with a distribution."""

    accepted = (
        f"a duration from 1ms to 1m such as 300ms, or (up to 10m) a mapping with one of {', '.join(DISTRIBUTIONS)}"
    )
    fixed = Brief(timedelta(milliseconds=1), timedelta(minutes=1))
    mapping = schema_for(
        Delay,
        base=_DelayBase,
        uniform=Pair(field_for(PauseOrNone), tuple),
        normal=kinds.Nested(schema_for(NormalSection, base=RuledSchema)),
        lognormal=kinds.Nested(schema_for(LognormalSection, base=RuledSchema)),
    )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, Mapping):
            return self.mapping().load(value)
        try:
            return Delay(fixed=self.fixed.deserialize(value))
        except ValidationError:
            raise self.refused(value) from None


def _only_on(on: tuple[str, ...], *keys: str, value: _Node | None = None) -> _Node:
    """JSON Schema for: a fault with this key, inside those before it, is only for these values of `on`."""
    given = value
    for key in reversed(keys):
        given = {"type": "object", "required": [key], **({"properties": {key: given}} if given else {})}
    return {"if": given, "then": {"properties": {"on": {"enum": list(on)}}}}


_EFFECT_SCHEMA = schema_for(
    Effect,
    rule=effect_objections,
    also={
        "anyOf": [{"required": [key]} for key in (*EFFECTS, "delay")],
        "not": {"anyOf": [{"required": list(pair)} for pair in combinations(EFFECTS, 2)]},
        "dependentSchemas": {
            key: {"required": [effect], "properties": {effect: {"enum": list(values)}}}
            for key, (effect, values) in PARAMETERS.items()
        },
    },
    status=Choice(STATUSES),
    delay=DelayField(),
)

#: A fault, and the limits of a world, as files and the control API give them.
FAULT_SCHEMA: type[StrictSchema] = schema_for(
    Fault,
    rule=fault_objections,
    also={
        "allOf": [
            _only_on(("detail",), "plan"),
            _only_on(("list",), "when", "page"),
            _only_on(("detail",), "when", "state"),
            _only_on(("list", "detail", "any"), "effect", "shape"),
            _only_on(
                ("list", "any"), "effect", "shape", value={"enum": [str(one) for one in Shape if one in LIST_SHAPES]}
            ),
        ]
    },
    when=kinds.Nested(schema_for(When, base=RuledSchema)),
    effect=kinds.Nested(_EFFECT_SCHEMA, required=True),
)
LIMITS_SCHEMA: type[StrictSchema] = schema_for(
    Limits,
    base=RuledSchema,
    token=kinds.Nested(
        schema_for(Expiry, rule=expiry_objections, also={"oneOf": [{"required": [key]} for key in EXPIRIES]})
    ),
)


def without_defaults(value: Any) -> _Node:
    """A fault, limits or an event as JSON, without the keys that have their default; its schema reads it again."""
    given = {one.name: getattr(value, one.name) for one in fields(value)}
    defaults = {one.name: one.default for one in fields(value) if one.default is not MISSING}
    return {key: _written(one) for key, one in given.items() if key not in defaults or one != defaults[key]}


def _written(value: Any) -> Any:
    if isinstance(value, timedelta):
        return write_duration(value)
    if isinstance(value, tuple):
        return list(map(_written, value))
    if not is_dataclass(value):
        return str(value) if isinstance(value, str) else value
    written = without_defaults(value)
    return written["fixed"] if isinstance(value, Delay) and set(written) == {"fixed"} else written


def write_fault(fault: Fault) -> _Node:
    """A fault as JSON, without the keys that have their default; `FAULT_SCHEMA` reads it."""
    return without_defaults(fault)


def write_limits(limits: Limits) -> _Node:
    """Limits as JSON, without those that there are none of; `LIMITS_SCHEMA` reads it."""
    return without_defaults(limits)
