"""The allow-list of recordings as a table: for each object of a plan, what reaches the disk of each of its fields."""

from collections.abc import Iterator, Mapping

from mock_oms.conformance.recorder.allowed import PLAN_RULES, KnownWord
from mock_oms.conformance.recorder.rules import (
    DateRule,
    FieldRule,
    HashRule,
    KeepRule,
    ListRule,
    MappingRule,
    MoneyRule,
    ObjectRule,
    PseudonymRule,
)
from tests.documents.tables import table

#: The columns, and the rule that puts a field into one; an object that may hold nothing is the last.
_COLUMNS: Mapping[str, tuple[type, ...]] = {
    "kept, in its form": (KeepRule,),
    "kept, if it is a known word": (KnownWord,),
    "a pseudonym": (PseudonymRule, HashRule),
    "times the factor": (MoneyRule,),
    "by the offset earlier": (DateRule,),
}
_EMPTY = "known only empty"


def allowed() -> str:
    """A row for each object, where it is met first; an object that stands in several places is told once."""
    return table(("in", *_COLUMNS, _EMPTY), (_row(path, one) for path, one in _objects(PLAN_RULES).items()))


def _objects(plan: ObjectRule) -> dict[str, ObjectRule]:
    found: dict[str, ObjectRule] = {}
    waiting = [("plan", plan)]
    while waiting:
        path, one = waiting.pop(0)
        if one.fields and one not in found.values():
            found[path] = one
            waiting += [(f"{path.rpartition('.')[2].removesuffix('[]')}.{key}", inner) for key, inner in _inside(one)]
    return found


def _inside(one: ObjectRule) -> Iterator[tuple[str, ObjectRule]]:
    for key, rule in one.fields.items():
        end, inner = _opened(key, rule)
        if isinstance(inner, ObjectRule):
            yield end, inner


def _opened(path: str, rule: FieldRule) -> tuple[str, FieldRule]:
    """The rule within lists and keys, with the path to it."""
    while isinstance(rule, (ListRule, MappingRule)):
        path, rule = (f"{path}[]", rule.rule) if isinstance(rule, ListRule) else (f"{path}{{}}", rule.value)
    return path, rule


def _row(path: str, one: ObjectRule) -> tuple[str, ...]:
    opened = [(key, _opened(key, rule)[1]) for key, rule in one.fields.items()]
    cells = (_listed(key for key, rule in opened if isinstance(rule, kinds)) for kinds in _COLUMNS.values())
    empty = _listed(key for key, rule in opened if isinstance(rule, ObjectRule) and not rule.fields)
    return f"`{path}`", *cells, empty


def _listed(names: Iterator[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
