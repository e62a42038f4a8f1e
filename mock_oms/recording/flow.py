"""JSON written as YAML's flow style, so that it reads back as it was: JSON's own text is not always YAML."""

import json
import re
from typing import Any

#: What YAML reads in no file, or as the end of a line; JSON escapes what is below a blank itself.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def flow(value: Any) -> str:
    """A value that JSON has, on one line.

    :raises ValueError: a number is infinite or not a number.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    return _real(value) if isinstance(value, float) else json.dumps(value)


def _text(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _real(number: float) -> str:
    """YAML takes `1e+16` for a text: there must be a dot before the e."""
    written = json.dumps(number, allow_nan=False)
    whole, mark, power = written.partition("e")
    return f"{whole}{'' if '.' in whole else '.0'}{mark}{power}"
