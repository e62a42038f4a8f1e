"""Values that are nearly right, as people write them by habit: what was probably meant, for the end of an error."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from mock_oms.text import nearest_clause

#: A key whose colon has no blank behind it, as in `seed:3`; not an address such as `http://...`.
GLUED = re.compile(r"([^\W\d][\w.-]*):(?!//)([^\s:].*)")
_SHOWN, _NAMED = 40, 8
#: Longer texts are no attempt at a number, a span or a time.
_LONGEST = 60
_SPAN = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,3})?)\s?([a-z]+)[.,]?\s?(?:and\s)?")
_UNITS = {
    **dict.fromkeys(("w", "wk", "week", "weeks"), timedelta(weeks=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), timedelta(milliseconds=1)),
}
_TRUTHS = {**dict.fromkeys(("yes", "on", "y", "true"), "true"), **dict.fromkeys(("no", "off", "n", "false"), "false")}


#: What others call a key, and what it may be here.
_HABITS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("events", "steps", "actions", "story"), ("timeline",)),
    **dict.fromkeys(("orders", "records"), ("plans",)),
    **dict.fromkeys(("warehouses", "stores", "shops", "depots"), ("locations",)),
    **dict.fromkeys(("warehouse", "store", "shop", "erp_code"), ("location",)),
    **dict.fromkeys(("inventory", "products", "skus", "quantities"), ("stock", "items")),
    **dict.fromkeys(("sku", "product", "lines", "order_items"), ("items", "sku")),
    **dict.fromkeys(("quantity", "amount", "qty", "number", "stock_count", "available"), ("count",)),
    **dict.fromkeys(("after", "time", "when", "delay", "offset"), ("at", "clock", "start")),
    **dict.fromkeys(("now", "date"), ("clock", "start")),
    **dict.fromkeys(("speed", "factor"), ("rate",)),
    **dict.fromkeys(("assert", "asserts", "checks", "then", "expectations"), ("expect",)),
    **dict.fromkeys(("switches", "settings", "options"), ("answers",)),
    **dict.fromkeys(("title", "name", "about"), ("description",)),
    **dict.fromkeys(("errors", "failures"), ("faults",)),
    **dict.fromkeys(("language", "country"), ("locale",)),
    **dict.fromkeys(("action", "slug", "transition"), ("run",)),
}


def near_truth(value: Any) -> str:
    """`true` or `false` for another word that says so."""
    return _TRUTHS.get(value.lower(), "") if isinstance(value, str) else ""


def near_word(value: Any) -> str:
    """A number in quotes, or the SKU in a mapping."""
    if isinstance(value, Mapping):
        return value["sku"] if isinstance(value.get("sku"), str) and len(value["sku"]) <= _SHOWN else ""
    return f"'{value}'" if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else ""


def near_whole(value: Any) -> int | None:
    """The whole number in a text or in a decimal such as `3.0`."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9][0-9_]{0,18},?", value):
        return int(value.strip(",_").replace("_", ""))
    return int(value) if isinstance(value, float) and value.is_integer() else None


def near_spans(value: Any) -> Iterable[timedelta]:
    """The spans that somebody may have meant: by `5 min`, `1.5h` or `PT5M` one, by a bare number seconds or minutes."""
    whole = near_whole(value) if isinstance(value, str) else value
    if isinstance(whole, int) and not isinstance(whole, bool) and 0 < whole < 10**6:
        return timedelta(seconds=whole), timedelta(minutes=whole)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ()
    if clock := re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", value):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return (timedelta(hours=hours, minutes=minutes, seconds=seconds),)
    rest = re.sub("^p(?:t|(?=[0-9]))|(?<=d)t", "", value.strip().lower().removeprefix("+"))
    total = timedelta()
    while rest:
        found = _SPAN.match(rest)
        if not found or found[2] not in _UNITS:
            return ()
        try:
            total += float(found[1].replace(",", ".")) * _UNITS[found[2]]
        except OverflowError:  # longer than any span that Python has
            return ()
        rest = rest[found.end() :]
    return (total,)


def list_clause(value: Any, *, of_words: bool) -> str:
    """A clause about a list that should stand in the place of a value: `[A, B]` for `A, B`, or for these keys."""
    if not of_words:
        return ", with `- ` before each entry" if isinstance(value, Mapping) else ""
    words = [*value] if isinstance(value, Mapping) else [value]
    short = 0 < len(words) < 6 and all(isinstance(one, str) and 0 < len(one) <= _SHOWN for one in words)  # noqa: PLR2004
    return f", such as [{', '.join(words)}]" if short else ""


def mapping_clause(value: Any, known: Sequence[str]) -> str:
    """A clause about a mapping that should stand in the place of a value: its first keys."""
    named = known if len(known) <= _NAMED else (*known[:_NAMED], "…")
    return f" with {', '.join(named)}{glued_clause(value)}"


def glued_clause(text: Any) -> str:
    """A clause about a colon without a blank behind it, to stand before a full stop; nothing where there is none."""
    glued = GLUED.fullmatch(text) if isinstance(text, str) else None
    return f"; a blank is missing behind the colon: `{glued[1][:_SHOWN]}: {glued[2][:_SHOWN]}`" if glued else ""


def key_clause(key: str, known: Iterable[str]) -> str:
    """A clause about a key that nobody knows: what is wrong with its writing, else the nearest one."""
    strange = next((one for one in key if one != " " and (one.isspace() or not one.isprintable())), None)
    if strange:
        return f"; it has U+{ord(strange):04X} in it, which looks like a blank and is none"
    names = list(known)
    clause = glued_clause(key) or nearest_clause(key, names)
    meant = next((one for one in _HABITS.get(key.casefold(), ()) if one in names), None)
    return f"; the nearest is {meant}" if meant and clause.startswith("; known") else clause
