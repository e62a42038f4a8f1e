"""What values of this package have against themselves, told by key, so that whoever reads a file can name the place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

#: The keys that lead to what is wrong (none: the value as a whole), and a sentence about it.
Objection = tuple[tuple[str, ...], str]

#: What is wrong with a value of which these keys were said.
Rule = Callable[[Mapping[str, Any]], Iterator[Objection]]


class ImpossibleFaultError(ValueError):
    """A fault or a limit that contradicts itself."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(" ".join(": ".join(filter(None, (".".join(keys), text))) for keys, text in objections))


def refuse_contradictions(value: Any, rule: Rule) -> None:  # noqa: ANN401  any dataclass
    """Hold a rule against a dataclass; what has its default counts as not said.

    :raises ImpossibleFaultError: the rule has objections.
    """
    said = {one.name: getattr(value, one.name) for one in fields(value)}
    said = {one.name: said[one.name] for one in fields(value) if said[one.name] != one.default}
    found = list(rule(said))
    if found:
        raise ImpossibleFaultError(found)


def exactly_one(said: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Objection]:
    """Objections, unless one of the keys was said and no more."""
    found = [key for key in keys if key in said]
    if not found:
        yield (), f"says nothing; accepted: one of {', '.join(keys)}."
    yield from at_most_one(said, keys)


def at_most_one(said: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Objection]:
    """An objection against each of the keys that was said after another."""
    first, *more = [key for key in keys if key in said] or [""]
    for key in more:
        yield (key,), f"stands beside `{first}`; accepted: only one of {', '.join(keys)}."
