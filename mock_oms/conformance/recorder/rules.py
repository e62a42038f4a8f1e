"""What may happen to a value at its place: kept, moved, scaled, replaced, or looked into."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from mock_oms.conformance.recorder.pseudonyms import Pseudonyms, RecordingError


class Unknown(StrEnum):
    """What becomes of a field that the allow-list does not have, or that holds what it should not."""

    STOP = "stop"
    DROP = "drop"
    HASH = "hash"


class KeptIfListed(StrEnum):
    """What may be left as it is, in the fields that hold it and nowhere else."""

    SKU = "sku"
    ERP_CODE = "erp_code"


class DropRule:
    """What stands where nothing is left."""


DROPPED = DropRule()
#: Deeper than any plan; below it JSON is one text.
_DEEPEST = 40


@dataclass(slots=True)
class RuleWalk:
    """One walk through JSON. `found` are the paths of what was unknown, without numbers, each once, in their order."""

    pseudonyms: Pseudonyms
    unknown: Unknown = Unknown.STOP
    keep: frozenset[KeptIfListed] = frozenset()
    found: dict[str, None] = field(default_factory=dict)

    def unknown_at(self, path: str, value: Any) -> Any:
        """What is left of a value that no rule knows."""
        self.found[path] = None
        return self.hashed(value) if self.unknown is Unknown.HASH else DROPPED

    def hashed(self, value: Any, depth: int = 0) -> Any:
        """Any JSON with a pseudonym in place of each text, number and key."""
        if not isinstance(value, (dict, list)):
            return self.scalar(value)
        if depth > _DEEPEST:
            return self.pseudonyms.text(json.dumps(value, sort_keys=True))
        if isinstance(value, list):
            return [self.hashed(one, depth + 1) for one in value]
        return {self.pseudonyms.text(key): self.hashed(one, depth + 1) for key, one in value.items()}

    def scalar(self, value: Any) -> Any:
        """The pseudonym of a text or a number, the same wherever it stands; truths and null stay."""
        if isinstance(value, str):
            return self.pseudonyms.text(value)
        if isinstance(value, bool) or value is None:
            return value
        return self.pseudonyms.identifier(value) if isinstance(value, int) else self.pseudonyms.real(value)


class FieldRule(Protocol):
    """What happens to a value that is not null."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """What may be written of the value; `DROPPED` for nothing."""


@dataclass(frozen=True, slots=True)
class KeepRule:
    """A value that stays, if it has this form as a whole; numbers, truths and texts are all looked at as text."""

    form: re.Pattern[str]

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The value itself."""
        fits = isinstance(value, (str, int, float)) and self.form.fullmatch(_as_text(value))
        return value if fits else walk.unknown_at(path, value)


def _as_text(value: str | float) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class PseudonymRule:
    """A text or a number that says whom or what: it becomes another one, unless such texts are to be kept."""

    keepable: KeptIfListed | None = None

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The pseudonym."""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return walk.unknown_at(path, value)
        return value if isinstance(value, str) and self.keepable in walk.keep else walk.scalar(value)


@dataclass(frozen=True, slots=True)
class DateRule:
    """When an OMS wrote something, as text; what is no such date becomes another text."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The date by the offset earlier."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        return walk.pseudonyms.moved(value) or walk.pseudonyms.text(value)


@dataclass(frozen=True, slots=True)
class MoneyRule:
    """Money, as text or as a number."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The amount times the factor."""
        scaled: str | float | None = None
        if isinstance(value, str):
            scaled = walk.pseudonyms.money(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            scaled = walk.pseudonyms.amount(value)
        return walk.unknown_at(path, value) if scaled is None else scaled


@dataclass(frozen=True, slots=True)
class HashRule:
    """A room for whatever an installation puts there, of which nothing is kept but its shape."""

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:  # noqa: ARG002  the signature of all rules
        """The value with pseudonyms in it; its shape stays."""
        return walk.hashed(value)


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """An object with these fields. Where a number or a text stands instead of it, that is its id or its `name`."""

    fields: Mapping[str, FieldRule]
    name: FieldRule = PseudonymRule()

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The object with what is left of its fields, in their order."""
        if not isinstance(value, dict):
            return self.name.apply(value, walk, path)
        told = ((key, self._field(key, one, walk, path)) for key, one in value.items())
        return {key: one for key, one in told if one is not DROPPED} | self._strange(value, walk, path)

    def _field(self, key: str, value: Any, walk: RuleWalk, path: str) -> Any:
        if key not in self.fields:
            return DROPPED
        return None if value is None else self.fields[key].apply(value, walk, joined(path, key))

    def _strange(self, value: Mapping[str, Any], walk: RuleWalk, path: str) -> dict[str, Any]:
        """What is left of the fields that are not in the table: their names may tell as much as their values."""
        strange = {key: walk.unknown_at(joined(path, key), one) for key, one in value.items() if key not in self.fields}
        return {walk.pseudonyms.text(key): one for key, one in strange.items() if one is not DROPPED}


@dataclass(frozen=True, slots=True)
class ListRule:
    """A list of such values; where something else stands, `else_` looks at it."""

    rule: FieldRule
    else_: FieldRule | None = None

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The list without what was dropped."""
        if not isinstance(value, list):
            return self.else_.apply(value, walk, path) if self.else_ else walk.unknown_at(path, value)
        told = (None if one is None else self.rule.apply(one, walk, f"{path}[]") for one in value)
        return [one for one in told if one is not DROPPED]


@dataclass(frozen=True, slots=True)
class MappingRule:
    """An object whose keys are values too, such as codes."""

    key: FieldRule
    value: FieldRule

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The object under the pseudonyms of its keys."""
        if not isinstance(value, dict):
            return walk.unknown_at(path, value)
        told = ((self.key.apply(key, walk, joined(path, key)), key) for key in value)
        return {
            key: None if value[old] is None else left
            for key, old in told
            if key is not DROPPED and (left := self._left(value[old], walk, path)) is not DROPPED
        }

    def _left(self, value: Any, walk: RuleWalk, path: str) -> Any:
        return None if value is None else self.value.apply(value, walk, f"{path}{{}}")


@dataclass(frozen=True, slots=True)
class JsonTextRule:
    """JSON inside a text, or else what `else_` makes of the text."""

    rule: FieldRule
    else_: FieldRule

    def apply(self, value: Any, walk: RuleWalk, path: str) -> Any:
        """The text of the JSON that is left."""
        try:
            inside = json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"} else None
        except (ValueError, RecursionError):
            inside = None
        if inside is None:
            return self.else_.apply(value, walk, path)
        left = self.rule.apply(inside, walk, path)
        return left if left is DROPPED else json.dumps(left, ensure_ascii=False, separators=(",", ":"))


def joined(path: str, key: str) -> str:
    """The path of a field."""
    return f"{path}.{key}" if path else key


def named(paths: Sequence[str], most: int = 5) -> str:
    """Paths as a sentence names them, the first few of them."""
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more


class EndedError(Exception):
    """Nothing more may be asked of the OMS; what was seen until then holds."""


class UnknownFieldError(RecordingError):
    """Fields were met that the allow-list does not have; `paths` are theirs, without the numbers of lists."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        which = "This field is" if len(paths) == 1 else "These fields are"
        hold, them = ("holds what it", "it") if len(paths) == 1 else ("hold what they", "them")
        super().__init__(
            f"{which} not in the allow-list, or {hold} should not: {named(paths)}. Nothing of {them} was written. "
            "--unknown drop leaves such fields out, --unknown hash keeps them with pseudonyms."
        )
