"""The kinds of value in a scenario file: marshmallow fields that say what they accept, and schemas derived from dataclasses."""

import dataclasses
import re
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from math import isfinite
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validates_schema

from mock_oms.domain.events import Unsaid
from mock_oms.rendering.encoding import AnyField, AnyList
from mock_oms.text import MAX_HINTS, nearest_clause
from mock_oms.traffic.faults.fault import ObjectionRule

MAX_WORD = 200
#: Controls, blanks other than the usual one, and signs without a shape, as far as most people know any.
_NO_CONTROLS = (
    r"^[^\u0000-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff]*$"
)
#: Halves of a letter, which JSON can say and no file can hold.
_HALVES = re.compile("[\ud800-\udfff]")
#: Said of a null where a value must stand.
NULL = "found nothing; give it a value."
#: Errors that are named for one list; a body of a megabyte can hold hundreds of thousands.
MAX_WRONG = 100
DURATION = re.compile(r"(-)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")
#: The same with milliseconds, for spans of real time.
BRIEF = re.compile(f"{DURATION.pattern}(?:([0-9]+)ms)?")
#: No longer, because the context of a plan that waits grows by an entry with every retry.
LONGEST = timedelta(days=366)


def shown(value: Any) -> str:
    """A value as a message shows it: YAML's own words for its types, long ones cut."""
    if isinstance(value, Mapping):
        return f"the keys {', '.join(map(str, value))}"[:80] if value else "an empty mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).lower() if isinstance(value, bool) else "nothing" if value is None else repr(value)
    return text[:80]


def parse_duration(text: str, form: re.Pattern[str] = DURATION) -> timedelta | None:
    """The span that a text such as `1h30m`, `0s` or `-45m` names, or None where it names none up to `LONGEST`."""
    found = form.fullmatch(text)
    if not found or not any(found.groups()[1:]) or len(text) > MAX_WORD:
        return None
    days, hours, minutes, seconds, *rest = (int(part or 0) for part in found.groups()[1:])
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + sum(rest)
    if total > LONGEST / timedelta(milliseconds=1):
        return None
    return timedelta(milliseconds=-total if found[1] else total)


def write_duration(span: timedelta) -> str:
    """A span as `parse_duration` reads it; of a second, its milliseconds are written."""
    rest, parts = abs(span) // timedelta(milliseconds=1), []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if span < timedelta() else "") + ("".join(parts) or "0s")


def near_values() -> types.ModuleType:
    """What knows how people write values by habit; only errors need it."""
    from mock_oms.scenarios import near_values as found  # noqa: PLC0415  a start makes none

    return found


class Checked(AnyField):
    """A field whose errors name what was found and what is `accepted`; `shape` is the same as JSON Schema."""

    accepted = "a value"
    shape: Mapping[str, Any] = {}
    kind: ClassVar[type] = object

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, self.kind)

    def near(self, value: Any) -> str:  # noqa: ARG002  kinds that know habits
        """What was probably meant by a value that is refused."""
        return ""

    def refused(self, value: Any, hint: str = "") -> ValidationError:
        """The error for this value."""
        if not hint and (near := self.near(value)):
            hint = f"; the nearest is {near}"
        return ValidationError(f"found {shown(value)}; accepted: {self.accepted}{hint}.")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not self._accepts(value):
            raise self.refused(value)
        return value


class Word(Checked):
    """A line of text, such as a SKU or a name. Numbers are not guessed to be text: YAML eats their zeros."""

    accepted = f"text of 1 to {MAX_WORD} characters on one line (a number in quotes)"
    # What Python calls printable is more than a pattern can say.
    shape: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": MAX_WORD, "pattern": _NO_CONTROLS}

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, str) and 0 < len(value) <= MAX_WORD and value.isprintable()

    def near(self, value: Any) -> str:
        """A number in quotes."""
        return str(near_values().near_word(value))


class Text(Checked):
    """Any text, of several lines too."""

    accepted, kind = "text", str
    shape: Mapping[str, Any] = {"type": "string"}

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, str) and not _HALVES.search(value)


class YesNo(Checked):
    """True or false."""

    accepted, kind = "true, false", bool
    shape: Mapping[str, Any] = {"type": "boolean"}

    def near(self, value: Any) -> str:
        """The truth that `yes` or `off` stands for."""
        return str(near_values().near_truth(value))


def _is_number(value: Any, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


class Whole(Checked):
    """A whole number within a range; `true` is none."""

    def __init__(self, low: int, high: int, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high = low, high
        self.accepted = f"a whole number from {low} to {high}"
        self.shape = {"type": "integer", "minimum": low, "maximum": high}

    def _accepts(self, value: Any) -> bool:
        return _is_number(value, int) and self.low <= value <= self.high

    def near(self, value: Any) -> str:
        """The number in a text."""
        return str(whole) if self._accepts(whole := near_values().near_whole(value)) else ""


class Measure(Checked):
    """A number above `low`, at most `high`."""

    def __init__(self, low: float, high: float, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high = low, high
        self.accepted = f"a number above {low} and up to {high}"
        self.shape = {"type": "number", "exclusiveMinimum": low, "maximum": high}

    def _accepts(self, value: Any) -> bool:
        return _is_number(value, int, float) and self.low < value <= self.high

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        return float(super()._deserialize(value))


class Rate(Checked):
    """How many seconds of world time pass in one real second."""

    accepted = "a number from 0 (frozen) over 1 (real time) to 86400"
    shape: Mapping[str, Any] = {"type": "number", "minimum": 0, "maximum": 86_400, "description": accepted}

    def _accepts(self, value: Any) -> bool:
        return _is_number(value, int, float) and 0 <= value <= self.shape["maximum"]

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        return abs(float(super()._deserialize(value)))  # a minus before 0 would be shown for ever


class Choice(Checked):
    """One of a few words or whole numbers."""

    def __init__(self, choices: Iterable[str | int], **more: Any) -> None:
        super().__init__(**more)
        self.choices = tuple(choices)
        self.accepted = ", ".join(map(str, self.choices))

    @property
    def shape(self) -> Mapping[str, Any]:  # type: ignore[override]
        """One of the choices, or null where that is allowed."""
        return {"enum": [*self.choices, *([None] if self.allow_none else [])]}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str | int:
        if not isinstance(value, str) and not _is_number(value, int):
            raise self.refused(value)
        if value in self.choices:
            return self.choices[self.choices.index(value)]
        close = nearest_clause(value, self.choices)
        raise self.refused(value, close if "nearest" in close else "")


class Duration(Checked):
    """A span of time such as `90s`, `30m`, `1h30m`, `2d`."""

    form, examples = DURATION, "90s, 30m, 1h30m, 2d"

    def __init__(self, low: timedelta = timedelta(), high: timedelta = LONGEST, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high = low, high
        self.accepted = f"a duration such as {self.examples}, from {write_duration(low)} to {write_duration(high)}"
        # One that must not be in the past has no minus, one that must be has one or is zero; a short one has no hours.
        sign = "(?=[0-9])" if low >= timedelta() else "(?=-[0-9]|0)" if high <= timedelta() else "(?=-?[0-9])"
        short = "(?!.*[dh])" if self.form is BRIEF and high < timedelta(hours=1) else ""
        pattern = f"^{sign}{short}{self.form.pattern}$"
        self.shape = {"type": "string", "pattern": pattern, "description": self.accepted}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        span = parse_duration(value, self.form) if isinstance(value, str) else None
        if span is None or not self.low <= span <= self.high:
            raise self.refused(value)
        return span

    def near(self, value: Any) -> str:
        """The spans that another way of writing stands for."""
        written = (write_duration(one) for one in near_values().near_spans(value) if self.low <= one <= self.high)
        return " or ".join(one for one in written if parse_duration(one, self.form) is not None)


class Brief(Duration):
    """A span of time down to milliseconds, such as `300ms`, `2s`, `1m30s`."""

    form, examples = BRIEF, "300ms, 2s, 1m30s"


class Json(Checked):
    """Whatever JSON can say, of which YAML can say more; errors stand at the value they belong to."""

    accepted = "what JSON has: text, finite numbers, true, false, null, lists, mappings by text"

    def _accepts(self, value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and self._accepts(key) for key in value)
        if isinstance(value, str):
            return not _HALVES.search(value)
        return value is None or isinstance(value, (int, list)) or (isinstance(value, float) and isfinite(value))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        errors: dict[Any, Any] = {}
        for key, one in inner:
            try:
                self._deserialize(one)
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return super()._deserialize(value)


class MapOf(fields.Dict):
    """A mapping whose errors stand at the key they belong to; `such_as` shows one, perhaps with `{}` for what was found."""

    such_as = ""

    def __init__(self, keys: AnyField, values: AnyField, such_as: str = "", **more: Any) -> None:
        super().__init__(keys=keys, values=values, **more)
        self.such_as = such_as
        if isinstance(self.value_field, fields.Nested):
            self.value_field.error_messages |= {"null": "found nothing; write {{}} for one without keys."}

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, Mapping):
            such_as = f", such as {self.such_as}" if self.such_as else ""
            raise ValidationError(f"found {shown(value)}; accepted: a mapping{such_as}.")
        try:
            return super()._deserialize(value, attr, data, **more)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            errors: dict[str, Any] = {}
            for key, found in error.messages.items():  # each says what is wrong with the `key`, the `value`, or both
                of_key, of_value = found.get("key", []), found.get("value", [])
                if isinstance(of_value, dict):
                    errors[str(key)] = {**of_value, "_schema": of_key} if of_key else of_value
                else:
                    errors[str(key)] = [*of_key, *of_value]
            raise ValidationError(errors) from None


class Several(AnyList):
    """A list of up to `most` values, which `into` turns into a frozen collection."""

    def __init__(
        self, inner: AnyField, into: Callable[[list[Any]], Any], *, most: int | None = None, **more: Any
    ) -> None:
        super().__init__(inner, **more)
        self.inner.error_messages = {**self.inner.error_messages, "null": NULL}
        self.into, self.most = into, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:  # noqa: ARG002  marshmallow's signature
        if not isinstance(value, list):
            clause = near_values().list_clause(value, of_words=isinstance(self.inner, (Word, Choice)))
            raise ValidationError(f"found {shown(value)}; accepted: a list{clause}.")
        if self.most is not None and len(value) > self.most:
            raise ValidationError(f"found {shown(value)}; accepted: a list of up to {self.most}.")
        found: list[Any] = []
        errors: dict[Any, Any] = {}
        for place, one in enumerate(value):
            try:
                found.append(self.inner.deserialize(one, **more))
            except ValidationError as error:
                errors[place] = error.messages
            if len(errors) == MAX_WRONG:
                break
        unseen = len(value) - len(found) - len(errors)
        if unseen:
            errors = {"_schema": [f"the last {unseen} of {len(value)} entries were not looked at."], **errors}
        if errors:
            raise ValidationError(errors)
        return self.into(found)


class Pair(Several):
    """A list of exactly two."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004
            raise ValidationError(f"found {shown(value)}; accepted: a list of two.")
        return super()._deserialize(value, attr, data, **more)


_PLAIN: Mapping[Any, type[AnyField]] = {str: Word, bool: YesNo, timedelta: Duration}
_RANGED: Mapping[Any, type[Any]] = {int: Whole, float: Measure, timedelta: Brief}


class NameOrNumber(Word):
    """A name or a number, such as a command's slug or id."""

    accepted = "a name, or a number"
    shape: Mapping[str, Any] = {"anyOf": [Word.shape, {"type": "integer"}], "description": accepted}

    def _accepts(self, value: Any) -> bool:
        return _is_number(value, int) or super()._accepts(value)


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
        if messages.get("_schema") == [self.error_messages["type"]] and known:
            accepted = f"a mapping{near_values().mapping_clause(data, known)}"
            messages["_schema"] = [f"found {shown(data)}; accepted: {accepted}."]
        unknown = [key for key in keys if messages.get(key) == [self.error_messages["unknown"]]]
        for key in unknown:
            del messages[key]
        for key in unknown[:MAX_HINTS]:
            messages[str(key)] = [f"unknown key{near_values().key_clause(str(key), known)}."]
        if unknown[MAX_HINTS:]:
            messages.setdefault("_schema", []).append(f"{len(unknown) - MAX_HINTS} more unknown keys.")

    def on_bind_field(self, field_name: str, field_obj: AnyField) -> None:  # noqa: ARG002  marshmallow's signature
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

    def on_bind_field(self, field_name: str, field_obj: AnyField) -> None:
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
    **special: AnyField,
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
            if "such_as" in one.metadata:
                members[one.name].such_as = one.metadata["such_as"]
    if rule is not None:
        base = RuledSchema
        members |= {"rule": staticmethod(rule), "also": also or {}}
    return type(f"{kind.__name__}Schema", (base,), {**members, "kind": into or kind})


_nested = cache(schema_for)


@cache
def instance_of(schema: type[StrictSchema]) -> StrictSchema:
    """The one instance of a schema that loads every entry of a file: to make one copies all its fields."""
    return schema()


def field_for(hint: Any, **more: Any) -> AnyField:
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
        return MapOf(field_for(inner[0]), field_for(inner[1]), **more)
    return Several(field_for(inner[0]), origin, **more)
