"""The allow-list of recordings as a table: for each object of a plan, what reaches the disk of each of its fields."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from mock_oms.conformance.recorder.allowed import PLAN_RULE
from mock_oms.conformance.recorder.rules import (
    Rule,
    date,
    fields_of,
    free,
    keep_if,
    keep_known,
    list_of,
    mapping_of,
    money,
    pseudonym,
)
from tests.documents.tables import table

#: The columns, and the functions that put a field into one; an object that may hold nothing is the last.
_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "kept, in its form": (keep_if,),
    "kept, if it is a known word": (keep_known,),
    "a pseudonym": (pseudonym, free),
    "times the factor": (money,),
    "by the offset earlier": (date,),
}
_EMPTY = "known only empty"


def allowed() -> str:
    """A row for each object, where it is met first; an object that stands in several places is told once."""
    found: dict[str, Mapping[str, Rule]] = {}
    waiting = [("plan", PLAN_RULE)]
    while waiting:
        path, one = waiting.pop(0)
        fields = _fields(one)
        if fields and not any(fields is seen for seen in found.values()):
            found[path] = fields
            short = path.rpartition(".")[2].removesuffix("[]")
            waiting += [_opened(f"{short}.{key}", rule) for key, rule in fields.items()]
    return table(("in", *_COLUMNS, _EMPTY), (_row(path, fields) for path, fields in found.items()))


def _function(rule: Any) -> Any:
    return rule.func if isinstance(rule, partial) else rule


def _fields(rule: Any) -> Mapping[str, Rule] | None:
    """The fields of an object; None for any other rule."""
    return rule.args[0] if _function(rule) is fields_of else None


def _opened(path: str, rule: Any) -> tuple[str, Rule]:
    """The rule within lists and keys, with the path to it."""
    while _function(rule) in {list_of, mapping_of}:
        path, rule = f"{path}{'[]' if rule.func is list_of else '{}'}", rule.args[-1]
    return path, rule


def _row(path: str, fields: Mapping[str, Rule]) -> tuple[str, ...]:
    opened = [(key, _opened(key, rule)[1]) for key, rule in fields.items()]
    cells = (_listed(key for key, rule in opened if _function(rule) in functions) for functions in _COLUMNS.values())
    return f"`{path}`", *cells, _listed(key for key, rule in opened if _fields(rule) == {})


def _listed(names: Iterator[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
