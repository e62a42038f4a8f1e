"""What a report shows of a value: words of the contract, dates and short numbers; of all else its length alone."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_oms.contract.wording import is_sentence, model_in, no_match

#: Characters of a value that are shown at most.
_LONGEST = 200
#: Amounts and ids. A number of more than seven digits may be a telephone, one of more than three decimals a place.
_FIGURE = r"-?(?!(?:\.?\d){8})\d+(?:\.\d{1,3})?"
#: Texts that tell nothing of a person: dates, amounts, short numbers, pages, and addresses of the API.
_PLAIN = re.compile(
    rf"|null|page \d{{1,7}}|{_FIGURE}"
    r"|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?"
    r"|(https?://[A-Za-z0-9.:\[\]-]+|/api)(/[a-z0-9_-]{1,30})*/?(\?[a-z_]+=\w{0,8}(&[a-z_]+=\w{0,8})*)?",
    re.ASCII,
)
_NUMBER = re.compile(_FIGURE, re.ASCII)
#: Places that hold words of a program's, and what these are like.
_WORDS = dict.fromkeys(
    ("state", "enum_value", "slug", "source_state", "destination_state", "commands"), re.compile("[a-z]{1,20}")
) | dict.fromkeys(("currency", "price_currency"), re.compile("[A-Z]{3}"))
_BETWEEN = re.compile(", ?")
#: A member's name as the framework makes it of a field's, without as many digits as a telephone has; or an attempt's.
_FIELD = re.compile(r"(?!.*\d{4})[a-z][a-z0-9_]{0,59}|\d{1,3}", re.ASCII)
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
    if text in words or is_sentence(text) or _PLAIN.fullmatch(text) or _is_wordy(text, name, words):
        return text
    model = model_in(text)
    return f"text of {len(text)} character{'s'[: len(text) != 1]}" if model is None else no_match(_shape(model))


def _is_wordy(text: str, name: str, words: frozenset[str]) -> bool:
    form = _WORDS.get(name)
    return form is not None and all(one in words or form.fullmatch(one) for one in _BETWEEN.split(text))


def _of_number(value: object) -> str:
    many = type(value) in {int, float} and not _NUMBER.fullmatch(repr(value))
    return f"number of {len(repr(value))} characters" if many else repr(value)


def named(key: str) -> str:
    """The name of a member, where it is like a field's; any other key may be data."""
    return key if _FIELD.fullmatch(key) else _shape(key)


def _shape(name: str) -> str:
    return f"a name of {len(name)} characters"
