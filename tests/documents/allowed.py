"""The allow-list of recordings as a table: for each object of a plan, what reaches the disk of each of its fields."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from mock_oms.conformance.recorder import allowed as rules
from mock_oms.conformance.recorder.allowed import PLAN_RULE, Rule
from tests.documents.tables import listed, table

#: The columns, and the functions that put a field into one; an object that may hold nothing is the last.
_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "kept, in its form": (rules.keep_if,),
    "kept, if it is a known word": (rules.keep_known,),
    "a pseudonym": (rules.pseudonym, rules.free),
    "times the factor": (rules.money,),
    "by the offset earlier": (rules.date,),
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
    return rule.args[0] if _function(rule) is rules.fields_of else None


def _opened(path: str, rule: Any) -> tuple[str, Rule]:
    """The rule within lists and keys, with the path to it."""
    while _function(rule) in {rules.list_of, rules.mapping_of}:
        path, rule = f"{path}{'[]' if rule.func is rules.list_of else '{}'}", rule.args[-1]
    return path, rule


def _row(path: str, fields: Mapping[str, Rule]) -> tuple[str, ...]:
    opened = [(key, _opened(key, rule)[1]) for key, rule in fields.items()]
    cells = (listed(key for key, rule in opened if _function(rule) in functions) for functions in _COLUMNS.values())
    return f"`{path}`", *cells, listed(key for key, rule in opened if _fields(rule) == {})
