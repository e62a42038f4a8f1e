"""Times in scenario files: with their zones, or `now`."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from mock_oms.scenarios.fields import Checked

TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
)
#: Between these, whatever a scenario counts back or ahead from its start is a date that Python knows.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


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
            with suppress(ValueError):
                moment = datetime.fromisoformat(value)
        if not isinstance(moment, datetime) or not moment.tzinfo or not _EARLIEST <= moment < _LATEST:
            raise self.refused(value)
        return moment.astimezone(UTC)

    def near(self, value: Any) -> str:
        """A date, or a time without a zone, as one in UTC."""
        with suppress(ValueError):
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
            if moment and not moment.tzinfo and _EARLIEST <= moment.replace(tzinfo=UTC) < _LATEST:
                return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        return ""


class FixedTime(TimeField):
    """A time with its zone, never `now`."""

    accepted = "a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> datetime:
        found = super()._deserialize(value, *more, **named)
        if found is None:
            raise self.refused(value)
        return found
