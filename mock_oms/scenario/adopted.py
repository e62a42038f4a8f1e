"""Switches from elsewhere under those that a scenario's file says itself, as if they stood in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from mock_oms.answers import Answers
from mock_oms.scenario.contradictions import MAX_BACKLOG_TO_SORT
from mock_oms.scenario.problems import Lines

#: What counts before the defaults, by the names of switches.
Adopted = Mapping[str, str | int]

_NOTE = "# Written anew with the switches under `answers` that were observed.\n"
_SIZES = ("page_size", "max_page_size")
#: What needs every plan at once, which a large backlog does not allow.
_EVERY_PLAN = {("list", "array"), ("order", "modified_date")}


def adopting(data: Any, lines: Lines, adopted: Adopted) -> tuple[Any, Lines]:
    """A parsed scenario with these switches where it names no others: its own word counts first, the defaults last.

    What would contradict its own word is left out, and what is the default anyway. The text that goes with it is
    written anew, so that the digest, a world that is kept, and what its file says agree.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("answers", {}), Mapping):
        return data, lines
    said = data.get("answers", {})
    more = {name: value for name, value in _fitting(data, said, adopted).items() if value != _default(name)}
    if not more:
        return data, lines
    whole = {**data, "answers": {**more, **said}}
    return whole, replace(lines, text=_NOTE + yaml.safe_dump(whole, allow_unicode=True, sort_keys=False))


def _default(name: str) -> Any:
    return getattr(Answers(), name)


def _fitting(data: Mapping[str, Any], said: Mapping[str, Any], adopted: Adopted) -> Adopted:
    more = {name: value for name, value in adopted.items() if name not in said}
    if _is_large(data):
        more = {name: value for name, value in more.items() if (name, value) not in _EVERY_PLAN}
    size, most = (said.get(name, more.get(name, _default(name))) for name in _SIZES)
    if isinstance(size, int) and isinstance(most, int) and size > most:
        more = {name: value for name, value in more.items() if name not in _SIZES}
    return more


def _is_large(data: Mapping[str, Any]) -> bool:
    backlog = data.get("backlog")
    count = backlog.get("count") if isinstance(backlog, Mapping) else None
    return isinstance(count, int) and count > MAX_BACKLOG_TO_SORT
