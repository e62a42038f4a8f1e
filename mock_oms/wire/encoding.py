"""JSON and dates as Django REST framework writes them (b)."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

#: Legal in JSON but not in old JavaScript: the framework's renderer escapes these two and no other letter.
_SEPARATORS = {"\u2028": "\\u2028", "\u2029": "\\u2029"}

#: A JSON object, rendered but not yet encoded.
JsonObject = dict[str, object]

#: How a date is written.
Stamp = Callable[[datetime], str]


def encode(value: object) -> bytes:
    """Compact JSON in UTF-8, letters unescaped, without a final newline.

    :raises ValueError: a number is infinite or not a number.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in _SEPARATORS.items():
        text = text.replace(character, escape)
    return text.encode()


def instant(moment: datetime) -> str:
    """UTC with six decimals, even where they are zeros, and Z: the form of every visible sample (b)."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def day(moment: datetime) -> str:
    """The date alone, in UTC: what the documents call `date` (a)."""
    return moment.astimezone(UTC).date().isoformat()


#: The values of the switch `dates`.
STAMPS: Mapping[str, Stamp] = MappingProxyType({"datetime": instant, "date": day})
