"""The allow-list of recordings as a table: for each object of a plan, what reaches the disk of each of its fields."""

from collections.abc import Iterator, Mapping

from mock_oms.conformance.recorder.allowed import PLAN_RULES, Known
from mock_oms.conformance.recorder.rules import Dated, Each, Hashed, KeptValue, Keyed, Named, Object, Rule, Scaled
from tests.documents.tables import table

#: The columns, and the rule that puts a field into one; an object that may hold nothing is the last.
_COLUMNS: Mapping[str, tuple[type, ...]] = {
    "kept, in its form": (KeptValue,),
    "kept, if it is a known word": (Known,),
    "a pseudonym": (Named, Hashed),
    "times the factor": (Scaled,),
    "by the offset earlier": (Dated,),
}
_EMPTY = "known only empty"


def allowed() -> str:
    """A row for each object, where it is met first; an object that stands in several places is told once."""
    return table(("in", *_COLUMNS, _EMPTY), (_row(path, one) for path, one in _objects(PLAN_RULES).items()))


def _objects(plan: Object) -> dict[str, Object]:
    found: dict[str, Object] = {}
    waiting = [("plan", plan)]
    while waiting:
        path, one = waiting.pop(0)
        if one.fields and one not in found.values():
            found[path] = one
            waiting += [(f"{path.rpartition('.')[2].removesuffix('[]')}.{key}", inner) for key, inner in _inside(one)]
    return found


def _inside(one: Object) -> Iterator[tuple[str, Object]]:
    for key, rule in one.fields.items():
        end, inner = _opened(key, rule)
        if isinstance(inner, Object):
            yield end, inner


def _opened(path: str, rule: Rule) -> tuple[str, Rule]:
    """The rule within lists and keys, with the path to it."""
    while isinstance(rule, (Each, Keyed)):
        path, rule = (f"{path}[]", rule.rule) if isinstance(rule, Each) else (f"{path}{{}}", rule.value)
    return path, rule


def _row(path: str, one: Object) -> tuple[str, ...]:
    opened = [(key, _opened(key, rule)[1]) for key, rule in one.fields.items()]
    cells = (_listed(key for key, rule in opened if isinstance(rule, kinds)) for kinds in _COLUMNS.values())
    empty = _listed(key for key, rule in opened if isinstance(rule, Object) and not rule.fields)
    return f"`{path}`", *cells, empty


def _listed(names: Iterator[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
