"""Times in a scenario file."""

import re
from datetime import UTC, datetime
from typing import Any

from mock_oms.scenario.fields import Checked

TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
)
#: Between these, whatever a scenario counts back or ahead from its start is a date that Python knows.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class Instant(Checked):
    """A time with its zone, or `now`."""

    accepted = "`now`, or a time with its zone such as 2024-03-05T09:00:00Z, from 1970 to 2999"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        if value == "now":
            return None
        moment = _parsed(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime) or not moment.tzinfo or not _EARLIEST <= moment < _LATEST:
            raise self.refused(value)
        return moment.astimezone(UTC)


def _parsed(text: str) -> datetime | None:
    if not TIME.fullmatch(text):
        return None  # Python reads more, such as week dates and seconds in a zone
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
