"""Dates as text, moved by an offset and written in the form that they had."""

import re
from datetime import datetime, timedelta

_FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:([T ])((?!24)\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


def moved(text: str, offset: timedelta) -> str | None:
    """The date `offset` later, cut to what the text shows: a day stays a day, milliseconds milliseconds. None: no date.

    Where the offset is whole seconds all spans hold exactly, but for those from a day or a minute to something finer.
    """
    found = _FORM.fullmatch(text)
    if not found:
        return None
    day, between, clock, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock or '00:00'}") + offset
    except (ValueError, OverflowError):
        return None
    shown = f"{moment:%H:%M:%S.%f}"[: len(clock or "")]
    return f"{moment.date().isoformat()}{between or ''}{shown}{zone or ''}"
