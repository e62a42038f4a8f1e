"""Values judged by the contract's schemas: what does not fit, how bad that is, and how sure the contract is there."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mock_oms.contract.checks.check import Flaw
from mock_oms.contract.checks.masking import named
from mock_oms.contract.checks.rules import Rules
from mock_oms.contract.document import Node
from mock_oms.findings.finding import Severity

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

#: Judges that are kept; a contract has fewer schemas of bodies.
_KEPT = 32


class MissingExtraError(ImportError):
    """Judging by schemas needs a package that the extra `contract` brings."""

    def __init__(self) -> None:
        super().__init__(
            "The checks of the contract need the package jsonschema, which is not installed: "
            "the extra `contract` brings it. In a checkout of mock-oms: pip install '.[contract]'."
        )


def flaws_by_schema(rules: Rules, schema: Node, value: Any) -> Iterator[Flaw]:
    """What in a value does not fit a schema of the contract.

    A field that the contract does not have is additive; anything else that does not fit is breaking.

    :raises MissingExtraError: jsonschema is not installed.
    """
    judge = _judge(_Hashed(rules), json.dumps(schema))
    for error in judge.iter_errors(value):
        for one in _innermost(error):
            yield from _flaws(rules, schema, one)


class _Hashed:
    """Rules as a key: they are the same where their switches are."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return hash(self.rules.answers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.rules.answers == other.rules.answers


@lru_cache(_KEPT)
def _judge(hashed: _Hashed, schema: str) -> "Draft202012Validator":
    try:
        from jsonschema import Draft202012Validator  # noqa: PLC0415  an extra, and half a second
        from jsonschema.validators import extend  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError from None
    judges: Any = extend(Draft202012Validator, {"contentSchema": _content})  # type: ignore[no-untyped-call]
    judged = {"components": hashed.rules.document["components"], **json.loads(schema)}
    found: Draft202012Validator = judges(judged, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return found


def _content(judge: Any, schema: Node, text: object, _: Node) -> "Iterator[ValidationError]":
    """JSON Schema leaves the content of a text to its readers; here it is judged."""
    if isinstance(text, str):
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        yield from judge.descend(content, schema, schema_path="contentSchema")


def _innermost(error: "ValidationError") -> Iterable["ValidationError"]:
    """Of a choice between shapes, what is wrong with the only one whose type fits; else the error itself."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(_is_of_another_type(one) for one in errors)]
    return fitting[0] if len(fitting) == 1 else (error,)


def _is_of_another_type(error: "ValidationError") -> bool:
    return error.validator == "type" and not error.path


def _flaws(rules: Rules, schema: Node, error: "ValidationError") -> Iterator[Flaw]:
    place = written(error.absolute_path)
    provenance, source = _mark(rules, schema, error)
    extra, (_, instance) = _extra(error), _judged(error)
    for key in extra or ("",):
        yield Flaw(
            message=f"the contract has no field {_named(key, rules)!r} here" if key else _sentence(error, rules),
            place=f"{place}.{_named(key, rules)}".strip(".") if key else place,
            expected="" if key else f"{error.validator}: {json.dumps(error.validator_value)}",
            found=instance[key] if key else instance,
            severity=Severity.ADDITIVE if key else Severity.BREAKING,
            provenance=provenance,
            source=source,
        )


def _extra(error: "ValidationError") -> list[str]:
    """The members that a schema does not name; none, where names follow a pattern or the rule is another one."""
    schema, instance = _judged(error)
    if error.validator != "additionalProperties" or "properties" not in schema:
        return []
    return sorted(set(instance) - set(schema["properties"]))


def _judged(error: "ValidationError") -> tuple[Any, Any]:
    """The schema that is broken, and by what."""
    return error.schema, error.instance


_LONGEST = 300


def _named(key: str, rules: Rules) -> str:
    return key if rules.show_values else named(key)


def _sentence(error: "ValidationError", rules: Rules) -> str:
    """What does not fit; a whole plan is not printed, and a value only where values may be.

    Of what is required the message names the member, which is the contract's.
    """
    if len(error.message) <= _LONGEST and (rules.show_values or error.validator == "required"):
        return error.message
    return f"this does not fit the rule {error.validator!r} of the contract"


def _mark(rules: Rules, schema: Node, error: "ValidationError") -> tuple[str | None, str | None]:
    """The marks nearest to the rule that is broken, on the way to it through the document."""
    # The path to an error does not tell of references: where a step is not here, it is in what is referred to.
    node: Any = schema
    marks = _marks_of(schema, {})
    for step in error.absolute_schema_path:
        if isinstance(node, dict) and step not in node:
            node = rules.resolved(node)
            marks = _marks_of(node, marks)
        node = node[step]
        marks = _marks_of(node, marks)
    return marks.get("x-provenance"), marks.get("x-source")


def _marks_of(node: object, before: Mapping[str, str]) -> Mapping[str, str]:
    """The marks of a node, or those before where it has none."""
    return node if isinstance(node, dict) and "x-provenance" in node else before


def written(path: Iterable[str | int]) -> str:
    """A place as people write it: `results[3].state`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
