"""The kinds of value in a scenario file: marshmallow fields whose errors say what was found and what is accepted."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any

from marshmallow import ValidationError, fields

from mock_oms.text import nearest_clause

MAX_WORD = 200
#: What is said of a null where a value must stand.
NULL = "found nothing; give it a value."
#: Errors that are named for one list; a body of a megabyte can hold hundreds of thousands.
MAX_WRONG = 100
DURATION = re.compile(r"(-)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")
#: The same with milliseconds, for spans of real time.
BRIEF = re.compile(f"{DURATION.pattern}(?:([0-9]+)ms)?")
#: No longer, because the context of a plan that waits grows by an entry with every retry.
LONGEST = timedelta(days=366)
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
)
#: Between these, whatever a scenario counts back or ahead from its start is a date that Python knows.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


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


class Checked(fields.Field[Any]):
    """A field whose errors name what was found and what is `accepted`; `shape` is the same as JSON Schema."""

    accepted = "a value"
    shape: Mapping[str, Any] = {}

    def _accepts(self, value: Any) -> bool:
        raise NotImplementedError

    def refused(self, value: Any, hint: str = "") -> ValidationError:
        """The error for this value."""
        return ValidationError(f"found {shown(value)}; accepted: {self.accepted}{hint}.")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not self._accepts(value):
            raise self.refused(value)
        return value


class Word(Checked):
    """A line of text, such as a SKU or a name. Numbers are not guessed to be text: YAML eats their zeros."""

    accepted = f"text of 1 to {MAX_WORD} characters on one line (a number in quotes)"
    # What Python calls printable is more than a pattern can say.
    shape: Mapping[str, Any] = {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_WORD,
        "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= MAX_WORD or not value.isprintable():
            raise self.refused(value)
        return value


class Text(Checked):
    """Any text, of several lines too."""

    accepted = "text"
    shape: Mapping[str, Any] = {"type": "string"}

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, str)


class YesNo(Checked):
    """True or false."""

    accepted = "true, false"
    shape: Mapping[str, Any] = {"type": "boolean"}

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, bool)


def _is_number(value: Any, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


class Whole(Checked):
    """A whole number within a range; `true` is none."""

    def __init__(self, low: int, high: int, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high = low, high
        self.accepted = f"a whole number from {low} to {high}"
        self.shape = {"type": "integer", "minimum": low, "maximum": high}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise self.refused(value)
        return value


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
        if isinstance(value, str) or _is_number(value, int):
            for choice in self.choices:
                if value == choice:
                    return choice
            close = nearest_clause(value, self.choices)
            raise self.refused(value, close if "nearest" in close else "")
        raise self.refused(value)


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


class Brief(Duration):
    """A span of time down to milliseconds, such as `300ms`, `2s`, `1m30s`."""

    form, examples = BRIEF, "300ms, 2s, 1m30s"


class TimeField(Checked):
    """A time with its zone, or `now`."""

    accepted = "`now`, or a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"
    shape: Mapping[str, Any] = {
        "anyOf": [{"const": "now"}, {"type": "string", "pattern": f"^{TIME.pattern}$"}],
        "description": accepted,
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        if value == "now":
            return None
        moment = value
        if isinstance(value, str) and TIME.fullmatch(value):  # Python reads more: week dates, seconds in a zone
            try:
                moment = datetime.fromisoformat(value)
            except ValueError as error:
                raise self.refused(value) from error
        if not isinstance(moment, datetime) or not moment.tzinfo or not _EARLIEST <= moment < _LATEST:
            raise self.refused(value)
        return moment.astimezone(UTC)


class Json(Checked):
    """Whatever JSON can say, of which YAML can say more; errors stand at the value they belong to."""

    accepted = "what JSON has: text, finite numbers, true, false, null, lists, mappings by text"

    def _accepts(self, value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and self._accepts(key) for key in value)
        if isinstance(value, str):
            return not any("\ud800" <= letter <= "\udfff" for letter in value)
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
    """A mapping whose errors stand at the key they belong to."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
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


class Several(fields.List[Any]):
    """A list of up to `most` values, frozen into a collection of the type `into`."""

    def __init__(
        self,
        inner: fields.Field[Any],
        into: type[tuple[Any, ...]] | type[frozenset[Any]],
        *,
        most: int | None = None,
        **more: Any,
    ) -> None:
        super().__init__(inner, **more)
        self.inner.error_messages = {**self.inner.error_messages, "null": NULL}
        self.into, self.most = into, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:  # noqa: ARG002  marshmallow's signature
        if not isinstance(value, list):
            raise ValidationError("Not a valid list.")
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
