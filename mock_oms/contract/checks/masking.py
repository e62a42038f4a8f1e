"""What a report shows of a value: words of the contract, dates and numbers; of any other text its length alone."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_oms.wording import is_sentence, names_a_model

#: Characters of a value that are shown at most.
_LONGEST = 200
#: Digits of a number from which on it may be somebody's: of an order, a telephone, a person.
_MANY = 9
#: Texts that tell nothing of a person: dates, amounts, short numbers, pages, and addresses of the API.
_PLAIN = re.compile(
    r"|null|page \d+|-?\d{1,8}|-?\d{1,8}\.\d{1,6}"
    r"|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?"
    r"|(https?://[A-Za-z0-9.:\[\]-]+|/api)(/[a-z0-9_-]{1,30})*/?(\?[a-z_]+=\w{0,8}(&[a-z_]+=\w{0,8})*)?"
)
#: Places that hold one word of a program's.
_WORDY = frozenset(
    {"state", "enum_value", "slug", "source_state", "destination_state", "commands", "currency", "price_currency"}
)
_WORD = re.compile("([a-z][a-z_-]{0,29}|[A-Z][A-Z_-]{0,29})(, ?[a-z][a-z_-]{0,29})*")
#: A member's name as the framework makes it of a field's.
_FIELD = re.compile("[a-z][a-z0-9_]{0,59}")
_SAYS = ("const", "enum")


class Rows(list[Any]):
    """What is judged of the rows of a list, those aside that are judged one by one; told as the array that came."""

    def __init__(self, judged: Iterable[Any], total: int) -> None:
        super().__init__(judged)
        self._total = total

    def __repr__(self) -> str:
        what = "value" if len(self) else "object"
        return f"an array of {self._total} {what}{'s'[: self._total != 1]}" if self._total else "[]"


def words_of(node: Any) -> frozenset[str]:
    """Every text that a document of the contract gives as a constant or as a value of an enum."""
    inner = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    found = frozenset[str]().union(*map(words_of, inner))
    return found | _said(node) if isinstance(node, Mapping) else found


def _said(node: Mapping[str, Any]) -> frozenset[str]:
    said = [node.get("const"), *(node["enum"] if isinstance(node.get("enum"), list) else ())]
    return frozenset(one for one in said if isinstance(one, str))


def cut(value: object) -> str:
    """A value as it is, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def legible_to_all(value: object, *, place: str, words: frozenset[str]) -> str:
    """A value as it may be shown to whoever may not see a customer's data; `words` are the contract's."""
    return cut(_masked(value, _last(place), words))


def _last(place: str) -> str:
    """The member's name at the end of a place."""
    return re.sub(r"\[\d+\]$", "", place).rpartition(".")[2]


def _masked(value: Any, name: str, words: frozenset[str]) -> Any:
    if isinstance(value, dict):
        # Built as text, so that a shape has no quotation marks around it as a value has.
        members = (f"{named(str(key))}: {_masked(one, str(key), words)}" for key, one in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, Rows):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(str(_masked(one, name, words)) for one in value)}]"
    return _of_text(value, name, words) if isinstance(value, str) else _of_number(value)


def _of_text(text: str, name: str, words: frozenset[str]) -> str:
    told = text in words or is_sentence(text) or names_a_model(text)
    plain = told or _PLAIN.fullmatch(text) or (name in _WORDY and _WORD.fullmatch(text))
    return text if plain else f"text of {len(text)} character{'s'[: len(text) != 1]}"


def _of_number(value: object) -> str:
    many = sum(one.isdigit() for one in str(value)) >= _MANY
    return f"number of {len(str(value))} characters" if many and isinstance(value, (int, float)) else repr(value)


def named(key: str) -> str:
    """The name of a member, where it is like a field's; any other key may be data."""
    return key if _FIELD.fullmatch(key) or key.isdecimal() else f"a name of {len(key)} characters"
