"""What marshmallow found wrong, as sentences of ours, each with its place in the document."""

from collections.abc import Iterator, Mapping
from typing import Any

from mock_oms.scenario.fields import shown
from mock_oms.scenario.problems import Place

#: marshmallow's own sentences, and ours in front of what was found.
_SENTENCES = {
    "Not a valid list.": "found {}; accepted: a list.",
    "Not a valid mapping type.": "found {}; accepted: a mapping.",
    "Invalid input type.": "found {}; accepted: a mapping.",
    "Field may not be null.": "found nothing; leave the key out or give it a value.",
    "Missing data for required field.": "is missing.",
}


def sentences(messages: Mapping[str, Any], data: Any) -> Iterator[tuple[Place, str]]:
    """Every message of a `ValidationError` about `data`, in its order."""
    for place, message in _leaves(messages, ()):
        sentence = _SENTENCES.get(message)
        yield place, sentence.format(shown(_value_at(data, place))) if sentence else message


def _leaves(messages: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _leaves(inner, place if key == "_schema" else (*place, key))
    else:
        yield from ((place, str(message)) for message in messages)


def _value_at(data: Any, place: Place) -> Any:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return data
    return data
