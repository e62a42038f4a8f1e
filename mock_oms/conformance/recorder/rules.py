"""What may happen to a value at its place: kept, moved, scaled, replaced, or looked into."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mock_oms.conformance.recorder.pseudonyms import Pseudonyms, RecordingError

#: What becomes of a field that the allow-list does not have, or that holds what it should not.
Unknown = Literal["stop", "drop", "hash"]
#: Stands where nothing is left of a value.
DROPPED = object()
#: Deeper than any plan; below it JSON is one text.
_DEEPEST = 40
_NAMED = 5


class UnknownFieldError(RecordingError):
    """Fields were met that the allow-list does not have; `paths` are theirs, without the numbers of lists."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        which = "This field is" if len(paths) == 1 else "These fields are"
        hold, them = ("holds what it", "it") if len(paths) == 1 else ("hold what they", "them")
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        super().__init__(
            f"{which} not in the allow-list, or {hold} should not: {', '.join(paths[:_NAMED])}{more}. "
            f"Nothing of {them} was written. "
            "--unknown drop leaves such fields out, --unknown hash keeps them with pseudonyms."
        )


@dataclass(slots=True)
class RuleWalk:
    """One walk through JSON: what becomes of unknown fields, and which texts (`sku`, `erp_code`) stay in their own fields.

    `found` are the paths of what was unknown, without numbers, each once, in their order.
    """

    pseudonyms: Pseudonyms
    unknown: Unknown = "stop"
    keep: frozenset[str] = frozenset()
    found: dict[str, None] = field(default_factory=dict)

    def stop(self) -> None:
        """Refuse what was unknown, if it is to stop the run.

        :raises UnknownFieldError: names all of it.
        """
        if self.found and self.unknown == "stop":
            raise UnknownFieldError(tuple(self.found))


#: What may be written of a value that is not null, found at a path; `DROPPED` for nothing.
Rule = Callable[[Any, RuleWalk, str], Any]


def unknown(value: Any, walk: RuleWalk, path: str) -> Any:
    """A value that is not in the allow-list."""
    walk.found[path] = None
    return free(value, walk, path) if walk.unknown == "hash" else DROPPED


def free(value: Any, walk: RuleWalk, path: str, depth: int = 0) -> Any:
    """Any JSON: its shape stays, with a pseudonym in place of each text, number and key."""
    if isinstance(value, (dict, list)) and depth > _DEEPEST:
        return walk.pseudonyms.text(json.dumps(value, sort_keys=True))
    if isinstance(value, list):
        return [free(one, walk, path, depth + 1) for one in value]
    if isinstance(value, dict):
        return {walk.pseudonyms.text(key): free(one, walk, path, depth + 1) for key, one in value.items()}
    return walk.pseudonyms.of(value)


def left_out(value: Any, walk: RuleWalk, path: str) -> Any:  # noqa: ARG001  the signature of all rules
    """A field that is known, and of which nothing is kept."""
    return DROPPED


def pseudonym(value: Any, walk: RuleWalk, path: str, *, keepable: str | None = None) -> Any:
    """A text or a number that says whom or what: it becomes another one, unless such texts are to be kept."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return unknown(value, walk, path)
    return value if isinstance(value, str) and keepable in walk.keep else walk.pseudonyms.of(value)


def date(value: Any, walk: RuleWalk, path: str) -> Any:
    """When an OMS wrote something, as text: moved by the offset; what is no such date becomes another text."""
    if not isinstance(value, str):
        return unknown(value, walk, path)
    return walk.pseudonyms.moved(value) or walk.pseudonyms.text(value)


def money(value: Any, walk: RuleWalk, path: str) -> Any:
    """Money, as text or as a number: times the factor."""
    is_amount = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    scaled = walk.pseudonyms.scaled(value) if is_amount else None
    return unknown(value, walk, path) if scaled is None else scaled


def keep_if(form: str, value: Any, walk: RuleWalk, path: str) -> Any:
    """A value that stays, if its text has this form as a whole; JSON's text of a number or a truth."""
    if isinstance(value, (str, int, float)):
        text = value if isinstance(value, str) else json.dumps(value)
        if re.fullmatch(form, text, re.ASCII):
            return value
    return unknown(value, walk, path)


def keep_known(words: frozenset[str], value: Any, walk: RuleWalk, path: str) -> Any:
    """A word that stays if it is one of these in small letters, or a short number; any other becomes a pseudonym.

    A form would not do: `ayse_yilmaz` has that of a slug.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return unknown(value, walk, path)
    text = str(value)
    known = {text, text.lower()} & words or re.fullmatch(r"\d{1,3}", text, re.ASCII)
    return value if known else walk.pseudonyms.of(value)


def fields_of(fields: Mapping[str, Rule], value: Any, walk: RuleWalk, path: str, *, instead: Rule = pseudonym) -> Any:
    """An object with these fields, in its own order; `instead` is for what stands in the place of an object."""
    if not isinstance(value, dict):
        return instead(value, walk, path)
    known: dict[str, Any] = {}
    strange: dict[str, Any] = {}  # their names may tell as much as their values
    for key, one in value.items():
        place = f"{path}.{key}" if path else key
        if key in fields:
            known[key] = None if one is None else fields[key](one, walk, place)
        else:
            strange[walk.pseudonyms.text(key)] = unknown(one, walk, place)
    return {key: one for key, one in (known | strange).items() if one is not DROPPED}


def list_of(rule: Rule, value: Any, walk: RuleWalk, path: str, *, instead: Rule = unknown) -> Any:
    """A list of such values; `instead` is for what stands in the place of a list."""
    if not isinstance(value, list):
        return instead(value, walk, path)
    left = [None if one is None else rule(one, walk, f"{path}[]") for one in value]
    return [one for one in left if one is not DROPPED]


def mapping_of(keys: Rule, values: Rule, value: Any, walk: RuleWalk, path: str) -> Any:
    """An object whose keys are values too, such as codes."""
    if not isinstance(value, dict):
        return unknown(value, walk, path)
    left = {}
    for key, one in value.items():
        name = keys(key, walk, f"{path}.{key}" if path else key)
        if name is not DROPPED:
            left[name] = None if one is None else values(one, walk, f"{path}{{}}")
    return {name: one for name, one in left.items() if one is not DROPPED}


def json_text(rule: Rule, value: Any, walk: RuleWalk, path: str, *, instead: Rule) -> Any:
    """JSON inside a text; `instead` is for any other text."""
    try:
        inside = json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"} else None
    except (ValueError, RecursionError):
        inside = None
    if inside is None:
        return instead(value, walk, path)
    left = rule(inside, walk, path)
    return left if left is DROPPED else json.dumps(left, ensure_ascii=False, separators=(",", ":"))


def each(rule: Rule, names: str) -> dict[str, Rule]:
    """The same rule for several fields, with blanks between their names."""
    return dict.fromkeys(names.split(), rule)
