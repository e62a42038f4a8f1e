"""What a report shows of a value: words of the contract, dates and short numbers; of all else its length alone."""

import re
from collections.abc import Iterable
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


class Rows(list[Any]):
    """What is judged of the rows of a list, those aside that are judged one by one; shown as the array that came."""

    def __init__(self, judged: Iterable[Any], total: int) -> None:
        super().__init__(judged)
        self._total = total

    def __repr__(self) -> str:
        what = "value" if len(self) else "object"
        return f"an array of {self._total} {what}{'s'[: self._total != 1]}" if self._total else "[]"


def cut(value: object) -> str:
    """A value as it is, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def legible_to_all(value: object, *, place: str, words: frozenset[str]) -> str:
    """A value as it may be shown to whoever may not see a customer's data; `words` are the contract's."""
    return cut(_masked(value, re.sub(r"\[\d+\]$", "", place).rpartition(".")[2], words))


def _masked(value: Any, name: str, words: frozenset[str]) -> str:
    """A value without what may be somebody's; `name` is that of its member."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{named(str(key))}: {_masked(one, str(key), words)}' for key, one in value.items())}}}"
    if isinstance(value, (list, tuple)) and not isinstance(value, Rows):
        return f"[{', '.join(_masked(one, name, words) for one in value)}]"
    if not isinstance(value, str):
        is_long = type(value) in {int, float} and not _NUMBER.fullmatch(repr(value))
        return f"number of {len(repr(value))} characters" if is_long else repr(value)
    form = _WORDS.get(name)
    is_word = form is not None and all(one in words or form.fullmatch(one) for one in _BETWEEN.split(value))
    if is_word or value in words or is_sentence(value) or _PLAIN.fullmatch(value):
        return value
    model = model_in(value)
    return f"text of {len(value)} character{'s'[: len(value) != 1]}" if model is None else no_match(_shape(model))


def named(key: str) -> str:
    """The name of a member, where it is like a field's; any other key may be data."""
    return key if _FIELD.fullmatch(key) else _shape(key)


def _shape(name: str) -> str:
    return f"a name of {len(name)} characters"
