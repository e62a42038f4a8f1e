"""The kinds of value that faults and limits need beyond the others: short spans, numbers in a range, pairs."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from mock_oms.domain.errors import nearest
from mock_oms.scenario.fields import BRIEF, LONGEST, Checked, Duration, Several, parse_duration, shown, write_duration


class Brief(Duration):
    """A span of time down to milliseconds, such as `300ms`, `2s`, `1m30s`."""

    def __init__(self, low: timedelta = timedelta(), high: timedelta = LONGEST, **more: Any) -> None:
        super().__init__(low, high, **more)
        bounds = f"from {write_duration(low)} to {write_duration(high)}"
        self.accepted = f"a duration such as 300ms, 2s, 1m30s, {bounds}"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        span = parse_duration(value, BRIEF) if isinstance(value, str) else None
        if span is None or not self.low <= span <= self.high:
            raise self.refused(value)
        return span


class Measure(Checked):
    """A number above `low`, at most `high`."""

    def __init__(self, low: float, high: float, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high = low, high
        self.accepted = f"a number above {low} and up to {high}"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not self.low < value <= self.high:
            raise self.refused(value)
        return float(value)


class OneNumber(Checked):
    """One of a few whole numbers."""

    def __init__(self, choices: Iterable[int], **more: Any) -> None:
        super().__init__(**more)
        self.choices = tuple(choices)
        self.accepted = ", ".join(map(str, self.choices))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value not in self.choices:
            close = nearest(value, self.choices) if isinstance(value, (int, str)) else ""
            raise self.refused(value, close if "nearest" in close else "")
        return value


class Pair(Several):
    """A list of exactly two."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004
            raise ValidationError(f"found {shown(value)}; accepted: a list of two.")
        return super()._deserialize(value, attr, data, **more)
