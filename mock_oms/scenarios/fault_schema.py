"""Faults and limits in words: the schemas that read them, for files and the control API, and how they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any, ClassVar

from marshmallow import ValidationError, post_load
from marshmallow import fields as kinds

from mock_oms.scenarios.derive import RuledSchema, StrictSchema, field_for, schema_for
from mock_oms.scenarios.fields import Brief, Checked, OneNumber, Pair, write_duration
from mock_oms.traffic.faults.fault import (
    DISTRIBUTIONS,
    EFFECTS,
    LIST_SHAPES,
    PARAMETERS,
    STATUSES,
    Delay,
    Effect,
    Fault,
    FaultTarget,
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


def _no_objection(_: Mapping[str, Any]) -> Iterator[Objection]:
    return iter(())


class _Unruled(RuledSchema):
    rule = _no_objection


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalSection(Normal):
    """A normal distribution; what falls below zero is zero. Its `max` may stand here or beside it."""

    max: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalSection(Lognormal):
    """A lognormal distribution: half of the delays are below the median. Its `max` may stand here or beside it."""

    max: Pause | None = None


def _most(said: Mapping[str, Any]) -> timedelta | None:
    """The `max` that stands inside a distribution."""
    inside = (one.max for one in said.values() if isinstance(one, (NormalSection, LognormalSection)))
    return next(inside, None)


def _against_delay(said: Mapping[str, Any]) -> Iterator[Objection]:
    most = _most(said)
    if most and "max" in said:
        yield ("max",), "stands inside the distribution too; accepted: one of them."
    yield from delay_objections({"max": most, **said} if most else said)


class _DelayRules(RuledSchema):
    rule = _against_delay
    also: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": [key]} for key in DISTRIBUTIONS],
        "allOf": [
            {"not": {"required": [key, "max"], "properties": {key: {"required": ["max"]}}}}
            for key in ("normal", "lognormal")
        ],
    }

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Delay:
        """The delay, with its `max` beside the distribution."""
        most = _most(data)
        data |= {"max": most} if most else {}
        for key, kind in (("normal", Normal), ("lognormal", Lognormal)):
            if key in data:
                data[key] = kind(**{one.name: getattr(data[key], one.name) for one in fields(kind)})
        return Delay(**data)


DelaySchema = schema_for(
    Delay,
    base=_DelayRules,
    uniform=Pair(field_for(PauseOrNone), tuple),
    normal=kinds.Nested(schema_for(NormalSection, base=_Unruled)),
    lognormal=kinds.Nested(schema_for(LognormalSection, base=_Unruled)),
)


class DelayField(Checked):
    """A delay: a span that is always the same, or a mapping with a distribution."""

    accepted = (
        f"a duration from 1ms to 1m such as 300ms, or (up to 10m) a mapping with one of {', '.join(DISTRIBUTIONS)}"
    )
    fixed = Brief(timedelta(milliseconds=1), timedelta(minutes=1))
    spelled_out = DelaySchema

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, Mapping):
            return self.spelled_out().load(value)
        try:
            return Delay(fixed=self.fixed.deserialize(value))
        except ValidationError:
            raise self.refused(value) from None


class _EffectRules(RuledSchema):
    rule = effect_objections
    also: ClassVar[Mapping[str, Any]] = {
        "anyOf": [{"required": [key]} for key in (*EFFECTS, "delay")],
        "not": {"anyOf": [{"required": list(pair)} for pair in combinations(EFFECTS, 2)]},
        "dependentSchemas": {
            key: {"required": [effect], "properties": {effect: {"enum": list(values)}}}
            for key, (effect, values) in PARAMETERS.items()
        },
    }


def _only(on: tuple[FaultTarget, ...], given: _Node) -> _Node:
    """JSON Schema for: what is given goes with these values of `on` alone."""
    return {"if": given, "then": {"properties": {"on": {"enum": list(map(str, on))}}}}


def _has(*keys: str, value: _Node | None = None) -> _Node:
    """JSON Schema for: this key is there, inside those before it."""
    first, *rest = keys
    inner = _has(*rest, value=value) if rest else value
    return {"type": "object", "required": [first], **({"properties": {first: inner}} if inner else {})}


class _FaultRules(RuledSchema):
    rule = fault_objections
    also: ClassVar[Mapping[str, Any]] = {
        "allOf": [
            _only((FaultTarget.DETAIL,), _has("plan")),
            _only((FaultTarget.LIST,), _has("when", "page")),
            _only((FaultTarget.DETAIL,), _has("when", "state")),
            _only((FaultTarget.LIST, FaultTarget.DETAIL, FaultTarget.ANY), _has("effect", "shape")),
            _only(
                (FaultTarget.LIST, FaultTarget.ANY),
                _has("effect", "shape", value={"enum": [str(one) for one in Shape if one in LIST_SHAPES]}),
            ),
        ]
    }


class _ExpiryRules(RuledSchema):
    rule = expiry_objections
    also: ClassVar[Mapping[str, Any]] = {"oneOf": [{"required": [key]} for key in EXPIRIES]}


_EFFECT_SCHEMA = schema_for(Effect, base=_EffectRules, status=OneNumber(STATUSES), delay=DelayField())

#: A fault, and the limits of a world, as files and the control API give them.
FAULT_SCHEMA: type[StrictSchema] = schema_for(
    Fault,
    base=_FaultRules,
    when=kinds.Nested(schema_for(When, base=_Unruled)),
    effect=kinds.Nested(_EFFECT_SCHEMA, required=True),
)
LIMITS_SCHEMA: type[StrictSchema] = schema_for(
    Limits, base=_Unruled, token=kinds.Nested(schema_for(Expiry, base=_ExpiryRules))
)


def write_fault(fault: Fault) -> _Node:
    """A fault as JSON, without the keys that have their default; `FAULT_SCHEMA` reads it."""
    return _without_defaults(fault)


def write_limits(limits: Limits) -> _Node:
    """Limits as JSON, without those that there are none of; `LIMITS_SCHEMA` reads it."""
    return _without_defaults(limits)


def _without_defaults(value: Any) -> _Node:
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
    written = _without_defaults(value)
    return written["fixed"] if isinstance(value, Delay) and set(written) == {"fixed"} else written
