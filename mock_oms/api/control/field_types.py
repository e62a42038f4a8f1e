"""The kinds of value that the control API has beyond those of a scenario file."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError

from mock_oms.scenarios.fields import Checked, Duration, Word, shown, write_duration
from mock_oms.scenarios.schema import event_needs, load_event
from mock_oms.scenarios.times import TimeField
from mock_oms.text import time_text
from mock_oms.worlds.event_stream import NOW, POSITION
from mock_oms.worlds.world_header import WORLD, WORLD_ACCEPTED

_TIME = (
    r"-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)
#: The years that clocks show; their first and last day only where no zone makes another year of it.
CLOCK_TIME = rf"(?!1970-01-01T.*\+(?!00:00$))(?!2999-12-31T.*-[0-9:]{{5}}$)(19[7-9][0-9]|2[0-9]{{3}}){_TIME}"


class Moment(TimeField):
    """A time with its zone, which may be that of an order before a clock began; written in UTC."""

    accepted = "a time with its zone such as 2024-03-05T09:00:00Z"
    shape: Mapping[str, Any] = {
        "type": "string",
        "format": "date-time",
        "pattern": f"^(19[6-9][0-9]|2[0-9]{{3}}|300[01]){_TIME}$",
        "description": accepted,
    }

    def _serialize(self, value: datetime | str | None, *_: Any, **__: Any) -> str | None:
        return time_text(value) if isinstance(value, datetime) else value


class ClockTime(Moment):
    """A time that a clock may show."""

    accepted = "a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"
    shape: Mapping[str, Any] = {**Moment.shape, "pattern": f"^{CLOCK_TIME}$", "description": accepted}

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> datetime | None:
        if not isinstance(value, str) or not re.fullmatch(CLOCK_TIME, value):
            raise self.refused(value)
        return super()._deserialize(value, *more, **named)


class Span(Duration):
    """A duration, written as it is read."""

    def _serialize(self, value: timedelta | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else write_duration(value)


class PatternWord(Word):
    """A word of one pattern, that of its `shape`."""

    def _accepts(self, value: Any) -> bool:
        return super()._accepts(value) and re.fullmatch(self.shape["pattern"], value) is not None


class Name(PatternWord):
    """The name of a world."""

    accepted = WORLD_ACCEPTED
    shape: Mapping[str, Any] = {"type": "string", "pattern": f"^{WORLD}$", "description": accepted}


class Since(PatternWord):
    """A place in the stream of a world."""

    accepted = f"the id of an event of the stream, or {NOW}"
    shape: Mapping[str, Any] = {"type": "string", "pattern": f"^({POSITION}|{NOW})$", "description": accepted}


class FaultWord(Word):
    """The name of an effect in a query, such as `status 503`; `true` and `false` mean any, or none."""

    accepted = "true (any fault), false (none), or the name of one such as status 503"

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, bool) or super()._accepts(value)


class EventField(Checked):
    """What stands under one word of an event, in the short form too; it is written as the log has it.

    `most_items`: an order from outside has 1 to so many items. What a scenario says, and a log in a snapshot, may have none.
    """

    def __init__(self, word: str, most_items: int | None = None) -> None:
        super().__init__()
        self.word, self.most_items = word, most_items
        self.error_messages["null"] = f"found nothing; {event_needs(word)}.".replace("{", "{{").replace("}", "}}")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        items = value.get("items") if isinstance(value, Mapping) else None
        if self.most_items and isinstance(items, list) and not 1 <= len(items) <= self.most_items:
            raise ValidationError({"items": [f"found {shown(items)}; accepted: a list of 1 to {self.most_items}."]})
        return load_event(self.word, value)
